"""What a check finds, and how it is said."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

REPORT = "report it, with all of this text: no figure computed here can be trusted until it is understood"


class Finding(NamedTuple):
    """Something that is not as it should be.

    Attributes:
        problem: what it is, a clause without a full stop.
        remedy: what to do about it, likewise.
        serious: whether something fails or is wrong because of it, and not only slow.
    """

    problem: str
    remedy: str
    serious: bool = True


def in_words(error: BaseException) -> str:
    """Say an error in one line, without the folders of this machine.

    >>> in_words(ValueError("steps=0"))
    'ValueError: steps=0'
    """
    line = next(iter(str(error).splitlines()), "")
    for folder, name in ((sys.prefix, "<python>"), (str(Path.cwd()), "."), (str(Path.home()), "~")):
        if folder != "/":
            line = line.replace(folder, name)
    return f"{type(error).__name__}: {line}"
