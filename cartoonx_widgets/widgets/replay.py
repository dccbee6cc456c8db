"""The replay of a recording: in a notebook, or as a page that needs neither kernel nor network."""

from __future__ import annotations

import html
import json
import os
from pathlib import Path
from string import Template
from typing import Any

import anywidget
import traitlets

from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.recording import Recording
from cartoonx_widgets.recording.atomic import replacing
from cartoonx_widgets.recording.file import thinned
from cartoonx_widgets.widgets import page
from cartoonx_widgets.widgets.film import Film

_ENTRY = "replay.js"


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

    _esm = page.script(_ENTRY)
    _css = page.style(_ENTRY)
    _plotly = traitlets.Unicode(page.library()).tag(sync=True)
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


def write_page(
    recording: Recording, path: str | os.PathLike[str], *, megabytes: float, language: str, progress: bool
) -> None:
    """What `Recording.to_html` says."""
    said = texts(language)
    film = Film(recording, progress=progress)
    for frames in thinned(film.frames):
        text = _page(film.content(frames), said, language=language, summary=recording.summary())
        if len(text) <= megabytes * 1e6:
            break
    else:
        raise ValueError(
            f"megabytes={megabytes!r} is too small for first and last frame, which need {len(text) / 1e6:.1f} MB"
        )
    with replacing(path) as file:
        file.write(text)


def _page(film: dict[str, Any], said: dict[str, str], *, language: str, summary: str) -> bytes:
    scene, last = film["scene"], film["frames"][-1]
    label = scene["target"]["label"]
    told = {
        "title": f"{label} · {scene['photograph']}",
        "photograph_alt": f"{label}: {scene['target']['probability']:.2f}",
        "cartoon_alt": f"{label}: {last['probability']:.2f}",
        "summary": summary,
        "language": language,
    }
    template = page.STATIC.joinpath("replay.html").read_text("utf-8")
    filled = Template(template).substitute(
        **{name: html.escape(text) for name, text in told.items()},
        photograph=film["photograph"],
        cartoon=last["cartoon"],
        style=page.style(_ENTRY),
        script=page.script(_ENTRY),
        library=page.library(),
        texts=_in_script(said),
        film=_in_script(film),
    )
    return filled.encode()


def _in_script(value: object) -> str:
    """JSON that cannot end the script element which it stands in."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _read(recording: Recording | str | os.PathLike[str]) -> Recording:
    if isinstance(recording, Recording):
        return recording
    if isinstance(recording, str | os.PathLike):
        return Recording.load(Path(recording))
    raise TypeError(f"recording={recording!r} must be a Recording, or the path of one")
