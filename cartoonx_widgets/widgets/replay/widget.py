"""The replay of a recording in a notebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.recording import Recording
from cartoonx_widgets.widgets.replay.content import Film
from cartoonx_widgets.widgets.shared import assets


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


class Replay(anywidget.AnyWidget):
    """A recording that plays, which `replay` makes. All its frames lie in the page, so it plays while cells run."""

    _esm = assets.script("replay")
    _css = assets.style("replay")
    _plotly = traitlets.Unicode(assets.library()).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, recording: Recording | str | os.PathLike[str], *, language: str = ENGLISH) -> None:
        self.recording = _read(recording)
        film = Film(self.recording, progress=False)
        self._film = film.content(film.frames)
        super().__init__(texts=texts(language))
        self.on_msg(self._on_message)

    def _on_message(self, _widget: object, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        if content.get("type") == "ready":
            self.send({"type": "film", "film": self._film})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:  # noqa: ANN401
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            # What a saved notebook shows where no kernel runs.
            bundle[0]["text/plain"] = f"A replay of {self.recording!r}: run this cell to see it."
        return bundle


def _read(recording: Recording | str | os.PathLike[str]) -> Recording:
    if isinstance(recording, Recording):
        return recording
    if isinstance(recording, str | os.PathLike):
        return Recording.load(Path(recording))
    raise TypeError(f"recording={recording!r} must be a Recording, or the path of one")
