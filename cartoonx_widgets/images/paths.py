"""Paths of images."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|data:")  # a Path has one slash of two; C: is a drive


def is_address(text: str | os.PathLike[str]) -> bool:
    """Return whether a text is a URL rather than a path.

    >>> is_address("https://example.org/cat.jpg"), is_address("C:/cat.jpg")
    (True, False)
    """
    return _ADDRESS.match(os.fsdecode(text)) is not None


def path_of(image: str | os.PathLike[str]) -> Path:
    """Return the path that a text names, with `~` for the home folder unless there is a file of that very name.

    >>> path_of("photo.png").name
    'photo.png'
    """
    path = Path(os.fsdecode(image))
    with contextlib.suppress(RuntimeError):  # no such user, or none that has a home: a name like another
        return path if path.exists() else path.expanduser()
    return path
