"""The replay of a recording in a notebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.recording import Recording
from cartoonx_widgets.widgets.replay.content import Film
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.base import Widget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def replay(recording: Recording | str | os.PathLike[str], *, language: str = ENGLISH) -> Replay:
    """Play a recording in the explorer's panels, without its classifier.

    Args:
        recording: a recording, or the path of one that was saved.
        language: of the labels, "en" or "de".

    Raises:
        RecordingError: the file is no recording, damaged, or of a newer version.
        OSError: it cannot be opened.
        ValueError: there is no such language.
    """
    return Replay(recording, language=language)


class Replay(Widget):
    """A recording that plays, which `replay` makes. All its frames lie in the page, so it plays while cells run."""

    _esm = assets.script("replay")
    _css = assets.style("replay")

    def __init__(self, recording: Recording | str | os.PathLike[str], *, language: str = ENGLISH) -> None:
        said = texts(language)
        self.recording = _read(recording)
        film = Film(self.recording, progress=False)
        self._film = film.content(film.frames)
        super().__init__(said)

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {"ready": lambda: self.send({"type": "film", "film": self._film})}

    def _in_words(self) -> str:
        return f"A replay of {self.recording!r}: run this cell to see it."


def _read(recording: Recording | str | os.PathLike[str]) -> Recording:
    if isinstance(recording, Recording):
        return recording
    if isinstance(recording, str | os.PathLike):
        return Recording.load(Path(recording))
    raise TypeError(f"recording={recording!r} must be a Recording, or the path of one")
