"""Files that are written whole or not at all, and digests."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAITS = (0.01, 0.03, 0.1, 0.3, 1.0)  # seconds; programs that read a file, and virus scanners, are soon done with it


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file to write that takes the place of `path` when the block ends; if it fails, `path` stays as it was.

    Raises:
        FileNotFoundError: the folder does not exist.
        PermissionError: the file cannot be replaced, such as on Windows while another program has it open.
        OSError: it cannot be written, such as on a full disk.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{target}: the folder {target.parent} does not exist; make it first")
    unfinished = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        with unfinished.open("xb") as file:
            with contextlib.suppress(OSError):  # before anything is written that only some may read
                unfinished.chmod(target.stat().st_mode & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        _replace(unfinished, target)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file, or leave the one that was there as it is; what is raised is as of `replacing`."""
    with replacing(path) as file:
        file.write(data)


def left_behind(folder: Path) -> list[Path]:
    """Return the files in a folder that may be of writers who were killed, by the names that `replacing` gives."""
    return [path for path in folder.glob(".*") if re.fullmatch(r"\..+\.[a-z0-9_]{8}", path.name) and path.is_file()]


def _replace(unfinished: Path, target: Path) -> None:
    """Move a file to the place of another; Windows refuses it while a program has that one open."""
    for wait in (*_WAITS, None):
        try:
            unfinished.replace(target)
        except PermissionError as error:
            if wait is None:
                raise PermissionError(
                    f"{target} cannot be replaced: close it in the program that has it open, or write to another file"
                ) from error
            time.sleep(wait)
        else:
            return


def digest_of(numbers: Any) -> str:  # noqa: ANN401
    """Return the SHA-256, in hexadecimal digits, of what NumPy or PyTorch takes for an array: shape, kind and values.

    An array of objects is identified by its shape and kind alone.
    """
    array = np.asarray(numbers.detach().cpu().float() if isinstance(numbers, torch.Tensor) else numbers)
    values = b"" if array.dtype.hasobject else array.tobytes()
    return hashlib.sha256(f"{array.shape} {array.dtype}".encode() + values).hexdigest()
