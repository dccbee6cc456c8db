"""What a replay is made of: everything its page shows, as one JSON value, so that it needs no kernel.

Pictures are base64 text, as the page's image elements want them; masks are groups as in a file (see
`recording.deltas`), unpacked when they are looked at.
"""

from __future__ import annotations

import base64
import io
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PIL import Image, features

from cartoonx_widgets import images
from cartoonx_widgets._spacing import evenly_spaced
from cartoonx_widgets._terminal import progress_bar
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.recording.deltas import packed
from cartoonx_widgets.widgets.run_view import messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.recording.frame import Frame
    from cartoonx_widgets.recording.recorded_run import RecordedRun
    from cartoonx_widgets.widgets.replay.messages import Moment, PenaltyWeight, Pictures, ReplayContent
    from cartoonx_widgets.widgets.run_view.messages import ScoresOverSteps

_GROUP = 8  # masks that are unpacked together
_PARTS = 128  # pictures of single bands, of all bands and moments together
_MOST_FRAMES = 400  # more than a slider has places
_MOST_PIXELS = _MOST_FRAMES * 512 * 512  # of all cartoons together, which take as long as they have pixels
_ENCODING = {"quality": 80, "method": 2}  # WebP's slower methods save few bytes
_FORMAT = "WEBP" if features.check("webp") else "JPEG"


class ContentBuilder:
    """Makes the content of a recording's replay, with all of its frames or with some.

    A picture is encoded once, however often it is asked for.
    """

    def __init__(self, recording: RecordedRun, *, progress: bool) -> None:
        self._recording = recording
        self._progress = progress

    def content(self, frames: Sequence[Frame]) -> ReplayContent:
        """Return the content with these of the recording's frames."""
        recording, bands = self._recording, self._recording.transform.bands
        masks = [mosaic.cells(bands, frame.levels()) for frame in frames]
        return {
            "scene": messages.scene(recording),
            "photograph": f"data:image/png;base64,{_text(images.to_png(recording.image))}",
            "coefficients": _text(zlib.compress(_upper_halves(messages.in_cells(recording)))),
            "curves": [[float(f"{value:.5g}") for value in row] for row in messages.thinned(recording.curves)],
            "frames": [{**messages.figures(recording, frame), **self._pictures[frame.step]} for frame in frames],
            "group": _GROUP,
            "groups": [_text(packed(masks[i : i + _GROUP])) for i in range(0, len(masks), _GROUP)],
            "parts": self._parts,
            "scores": self._scores,
            "outcome": messages.summary(recording.outcome()),
            "warning": recording.warning,
            "penalty_weights": _penalty_weights(recording.settings),
            "details": f"{recording.method} · {recording.classifier}",
        }

    @cached_property
    def _pictures(self) -> dict[int, Pictures]:
        """Return cartoon and rest of each frame, by its step."""
        shown = progress_bar(self.frames, shown=self._progress, desc="frames", unit="frame")
        found: dict[int, Pictures] = {}
        for frame in shown:
            cartoon, rest = map(_picture, self._recording.pictures(frame))
            found[frame.step] = {"cartoon": cartoon, "rest": rest}
        return found

    @cached_property
    def _parts(self) -> list[Moment]:
        """Return what each band contributes at some of the frames, as many as have room, first and last included."""
        recording, bands = self._recording, self._recording.transform.bands
        if len(bands) == 1:
            return []
        count = max(2, _PARTS // len(bands))
        frames = [self.frames[index] for index in evenly_spaced(len(self.frames), count)]
        shown = progress_bar(frames, shown=self._progress, desc="bands", unit="frame")
        return [
            {
                "step": frame.step,
                "bands": [_picture(messages.contribution(recording, frame, i)) for i in range(len(bands))],
            }
            for frame in shown
        ]

    @cached_property
    def _scores(self) -> ScoresOverSteps:
        return messages.scores_over_steps(self._recording)

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """Return those of the recording's frames that a page can have."""
        frames, (height, width) = self._recording.frames, self._recording.transform.size
        most = min(_MOST_FRAMES, max(2, _MOST_PIXELS // (height * width)))
        return tuple(frames[index] for index in evenly_spaced(len(frames), most))


def _penalty_weights(settings: Mapping[str, Any]) -> list[PenaltyWeight]:
    """Return the weights of the method's penalties, and its budget, in the form that the explorer's settings have."""
    found = {name: value for name, value in settings.items() if name.startswith("lambda_") or name == "keep"}
    return [{"path": name, "value": value} for name, value in found.items() if isinstance(value, int | float)]


def _picture(image: Tensor) -> str:
    """Encode a picture in [0, 1], (3, H, W), as a data URL."""
    buffer = io.BytesIO()
    Image.fromarray(images.to_uint8(image)).save(buffer, _FORMAT, **_ENCODING)
    return f"data:image/{_FORMAT.lower()};base64,{_text(buffer.getvalue())}"


def _upper_halves(values: np.ndarray) -> bytes:
    """Return the upper two bytes of each float32: two to three digits, as many as a tooltip shows."""
    bits = values.astype("<f4").view("<u4")
    return ((bits + 0x8000) >> 16).astype("<u2").tobytes()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
