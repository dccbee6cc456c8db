"""One study at a time in a folder."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from cartoonx_widgets.studies.plan import StudyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder until the end of the block; the system lets go of it when its process dies.

    Where the system has no such locks, two studies in one folder are not told apart; they would write the same.

    Raises:
        StudyError: another process holds it.
    """
    with (folder / "lock").open("a") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StudyError(f"out={str(folder)!r}: another process works in this folder; let it end") from error
        yield
