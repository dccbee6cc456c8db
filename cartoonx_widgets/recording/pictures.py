"""Pictures of a recording for slides: one frame, or an animation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL.Image import Dither

from cartoonx_widgets import images
from cartoonx_widgets._checks import number
from cartoonx_widgets._files import replacing
from cartoonx_widgets._spacing import evenly_spaced
from cartoonx_widgets._terminal import progress_bar
from cartoonx_widgets.figures import mosaic, strip

if TYPE_CHECKING:
    import os

    from PIL.Image import Image

    from cartoonx_widgets.recording.recorded_run import RecordedRun

_FRAMES_PER_SECOND = 10
_MOST_SECONDS = 600
_REST = 2.0  # seconds that the last frame stays
_COLOURS = 128


def write_png(recording: RecordedRun, path: str | os.PathLike[str], *, frame: int) -> None:
    """Do what `Recording.to_png` says."""
    picture = _picture(recording, frame)
    with replacing(path) as file:
        picture.save(file, "PNG")


def write_gif(recording: RecordedRun, path: str | os.PathLike[str], *, seconds: float, progress: bool) -> None:
    """Do what `Recording.to_gif` says."""
    number("seconds", seconds, above=0, most=_MOST_SECONDS)
    last = len(recording.frames) - 1
    count = max(1, min(last + 1, round(seconds * _FRAMES_PER_SECOND)))
    shown = evenly_spaced(last + 1, count).tolist()
    pictures: list[Image] = []
    width = 0
    for index in progress_bar(shown, shown=progress, desc="frames", unit="frame"):
        pictures.append(_picture(recording, index, least_width=width))
        width = max(width, pictures[-1].width)
    # Frames whose title was short are made as wide as the widest: an animation has one size.
    pictures = [
        picture if picture.width == width else _picture(recording, index, least_width=width)
        for picture, index in zip(pictures, shown, strict=True)
    ]
    palette = pictures[-1].quantize(_COLOURS)  # one for all, so that colours do not flicker
    frames = [picture.quantize(palette=palette, dither=Dither.NONE) for picture in pictures]
    each = round(1000 * seconds / len(frames))
    durations = [each] * (len(frames) - 1) + [each + round(1000 * _REST)]
    with replacing(path) as file:
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)


def of_frame(recording: RecordedRun, index: int) -> list[np.ndarray]:
    """Return photograph, cartoon, rest and mask of a frame, (H, W, 3) uint8 each."""
    frame = recording.frame(index)
    return [
        *map(images.to_uint8, (recording.image, *recording.pictures(frame))),
        mosaic.draw(recording.transform.bands, frame.levels().astype(np.float32) / 255),
    ]


def _picture(recording: RecordedRun, index: int, *, least_width: int = 0) -> Image:
    step = recording.frame(index).step
    return strip.in_a_row(
        of_frame(recording, index),
        strip.captions(recording.transform.bands),
        title=recording.summary(index),
        details=f"step {step} of {recording.steps}, {recording.method}, {recording.classifier}",
        least_width=least_width,
    )
