"""What is in a folder or an archive beside the photographs of a study, and is left out of it."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from cartoonx_widgets.images import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_NAMES = 5
_KINDS = {  # one and several
    "hidden file": "hidden files",
    "file with another ending": "files with other endings",
    "linked folder": "linked folders",
    "link": "links",
    "device": "devices",
    "folder that cannot be read": "folders that cannot be read",
}
# What systems and programs put into folders, beside what begins with a dot: Synology, QNAP, macOS, Windows, Linux.
_STRAY = frozenset(
    ("@eadir", "#recycle", "@recycle", "__macosx", "$recycle.bin", "system volume information", "lost+found")
)


class LeftOut:
    """Counts what is in a folder or an archive and is not studied, by kind and name."""

    def __init__(self) -> None:
        self._names: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}

    def takes(self, name: str) -> bool:
        """Return whether a file is a picture to be studied, by its name; else it is counted."""
        path = PurePosixPath(name)
        ending = path.suffix.lower()
        stray = next((part for part in path.parts if _is_stray(part)), None)
        if stray is not None:
            self.count("hidden file", stray)
        elif ending not in ENDINGS:
            self.count("file with another ending", ending or path.name)
        return stray is None and ending in ENDINGS

    def count(self, kind: str, name: str) -> None:
        """Count what is left out, by one of `_KINDS`."""
        self._names[kind][name] += 1

    def __str__(self) -> str:
        counts = {kind: names.total() for kind, names in self._names.items() if names}
        parts = [
            f"{count} {kind if count == 1 else _KINDS[kind]} ({some_names(self._names[kind])})"
            for kind, count in counts.items()
        ]
        return f"left out: {', '.join(parts)}"

    def __bool__(self) -> bool:
        return any(self._names.values())


def some_names(names: Mapping[Any, Any]) -> str:
    """Return some of these names, the most frequent first where they are counted."""
    most = sorted(names, key=lambda name: (-names[name], name)) if isinstance(names, Counter) else list(names)
    more = ", ..." if len(names) > _MOST_NAMES else ""
    return ", ".join(spelled_out(str(name)) for name in most[:_MOST_NAMES]) + more


def _is_stray(part: str) -> bool:
    return (part.startswith(".") and part != "..") or part.lower() in _STRAY


def spelled_out(name: str) -> str:
    """Return a file's name; what is not text in it is spelled out, so that it can be written down."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
