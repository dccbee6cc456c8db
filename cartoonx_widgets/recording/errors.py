"""The error of a file that is no recording."""

from __future__ import annotations


class RecordingError(ValueError):
    """A recording cannot be read or written; the message says why, and what to do."""


def require(fine: bool, fault: str) -> None:
    """Refuse what a recording cannot have been when it was saved.

    Raises:
        RecordingError: it is not `fine`.
    """
    if not fine:
        raise RecordingError(f"{fault}; it may be damaged: save or fetch it again")
