"""Files that are written whole or not at all, and digests."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of `path` when the block ends; where it fails, `path` stays as it was.

    Raises:
        FileNotFoundError: the folder does not exist.
        OSError: it cannot be written, such as on a full disk.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{target}: the folder {target.parent} does not exist; make it first")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_usual_mode(target))
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def left_behind(folder: Path) -> list[Path]:
    """The files in a folder that may be of writers who were killed: `replacing` gives them names of this kind."""
    return [path for path in folder.glob(".*") if re.fullmatch(r"\..+\.[a-z0-9_]{8}", path.name) and path.is_file()]


def _usual_mode(target: Path) -> int:
    """The rights of the file that is replaced, or those that a new one gets: a temporary file is its owner's alone."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def digest_of(numbers: Any) -> str:  # noqa: ANN401
    """The SHA-256, in hexadecimal digits, of whatever NumPy or PyTorch takes for an array: shape, kind and values.

    What holds objects in place of numbers is told by its shape and kind alone.
    """
    array = np.asarray(numbers.detach().cpu().float() if isinstance(numbers, torch.Tensor) else numbers)
    values = b"" if array.dtype.hasobject else array.tobytes()
    return hashlib.sha256(f"{array.shape} {array.dtype}".encode() + values).hexdigest()
