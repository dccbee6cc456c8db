"""The replay of a recording in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from cartoonx_widgets._checks import one_of, true_or_false, whole
from cartoonx_widgets.figures import strip
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.recording.pictures import of_frame
from cartoonx_widgets.recording.recorded_run import RecordedRun
from cartoonx_widgets.widgets.replay import messages
from cartoonx_widgets.widgets.replay.content import ContentBuilder
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.snapshots import snapshot
from cartoonx_widgets.widgets.shared.traits import Settable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Replay(Widget):
    """A widget that plays a recording, which `replay` makes. The page has all its frames, so it plays while cells run.

    Its traits can be observed and linked: they follow what the page shows.

    Attributes:
        recording: the recording.
    """

    _esm = assets.script("replay")
    _css = assets.style("replay")
    _from_page = messages.FromPage

    frame = Settable(help="Index of the frame that is shown, from 0; set it, and the page shows another.")
    playing = Settable(False, help="Whether the page plays; set it to play or to pause.")
    band = Settable(help="Name of the band that is seen alone, such as 'd1'; None for the whole photograph.")
    photograph = shown(traitlets.Unicode, help="Name of the photograph.")
    target = shown(traitlets.Unicode, help="Label of the explained class.")
    steps = shown(traitlets.Int, help="Planned steps of the run.")
    steps_done = shown(traitlets.Int, help="Steps taken until the frame.")
    probability_before = shown(traitlets.Float, help="Of the explained class for the photograph, in [0, 1].")
    probability = shown(traitlets.Float, help="Of the explained class for the frame's cartoon, in [0, 1].")
    share_kept = shown(traitlets.Float, help="Mean mask entry of the frame, in [0, 1].")
    class_kept = shown(traitlets.Bool, help="Whether the frame's cartoon keeps the class.")

    def __init__(self, recording: RecordedRun, *, language: str = ENGLISH) -> None:
        translations = texts(language)
        if not isinstance(recording, RecordedRun):
            raise TypeError(f"recording={recording!r} must be a Recording; `replay` opens one that was saved")
        self.recording = recording
        builder = ContentBuilder(self.recording, progress=False)
        self._frames = builder.frames
        self._content = builder.content(builder.frames)
        super().__init__(translations)
        self._show(photograph=self.recording.photograph, steps=self.recording.steps)
        self._set_frame(len(self._frames) - 1)
        self._take_snapshot()

    def _set_frame(self, value: int) -> None:
        value = whole("frame", value, least=0, most=len(self._frames) - 1)
        shown = self._frames[value]
        outcome = self.recording.outcome(self.recording.frames.index(shown))
        self._show(
            frame=value,
            target=outcome.target.label,
            steps_done=shown.step,
            probability_before=outcome.target.probability,
            probability=outcome.probability,
            share_kept=outcome.share_kept,
            class_kept=outcome.kept,
        )

    def _set_playing(self, value: object) -> None:
        self._show(playing=true_or_false("playing", value))

    def _set_band(self, value: str | None) -> None:
        self._show(band=one_of("band", value, [None, *(band.name for band in self.recording.transform.bands)]))

    def _take_snapshot(self) -> None:
        recording, summary = self.recording, self.recording.summary()
        picture = strip.in_a_row(
            of_frame(recording, -1),
            strip.captions(recording.transform.bands),
            title=summary,
            details=f"{recording.method}, {recording.classifier}, {recording.frames[-1].step} steps",
        )
        self._show(snapshot=snapshot(picture, summary))

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {"ready": lambda: self._send_message(messages.whole_run(self._content))}

    def _in_words(self) -> str:
        return f"A replay of {self.recording!r}: run this cell to see it."
