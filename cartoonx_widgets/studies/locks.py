"""One study at a time in a folder."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from cartoonx_widgets.studies.plan import StudyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder until the end of the block; the system lets go of it when its process dies.

    Where the system, or the file system, has no such locks, two studies in one folder are not told apart; they would
    write the same.

    Raises:
        StudyError: another process holds it.
    """
    with (folder / "lock").open("a") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StudyError(f"out={str(folder)!r}: another process works in this folder; let it end") from error
            except OSError:
                _LOG.debug("%s is on a file system without locks", folder)
        yield
