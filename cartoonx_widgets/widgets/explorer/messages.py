"""What the explorer's page is told.

Each message names its `run`, so that the page can drop a frame that was under way when another run began.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from cartoonx_widgets import images, mosaic
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.widgets.run_view.messages import contribution, figures, scene, thinned
from cartoonx_widgets.widgets.shared.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.masking import Method
    from cartoonx_widgets.recording import Frame, Recording


def setup(recording: Recording, *, run: int, top: Sequence[Prediction], methods: Sequence[Method]) -> Message:
    """Everything about a live run that stays as it is: what `scene` says, and what can be chosen.

    Args:
        recording: the run, so far.
        run: its number.
        top: the photograph's most probable classes.
        methods: that can be chosen; those beyond the presets are the user's own.
    """
    common = scene(recording)
    content = {
        **common.content,
        "type": "setup",
        "run": run,
        "labels": recording.labels,
        "photographs": [dataclasses.asdict(sample) for sample in images.SAMPLES.values()],
        "top": [dataclasses.asdict(prediction) for prediction in top],
        "methods": [
            method.name if place < len(PRESETS) else f"{method.name} (yours)" for place, method in enumerate(methods)
        ],
    }
    return Message(content, common.buffers)


def frame(recording: Recording, shown: Frame, *, run: int, index: int, live: bool, band: int | None) -> Message:
    """One frame of the recording.

    Args:
        recording: of the run that it belongs to.
        shown: the frame.
        run: the run's number.
        index: its place in the recording.
        live: whether it is the newest, sent unasked.
        band: the band that is picked, if one is.

    Returns:
        Content, and as buffers the cartoon (JPEG), the mask in the mosaic's cells in 256 levels, steps and curves
        (1 + curves, points) float32, and what the picked band alone contributes (JPEG).
    """
    buffers = [
        images.to_jpeg(shown.cartoon(recording.coefficients, recording.transform)),
        mosaic.cells(recording.transform.bands, shown.levels()).tobytes(),
        thinned(recording.curves).tobytes(),
    ]
    if band is not None:
        buffers.append(images.to_jpeg(contribution(recording, shown, band)))
    content = {
        "type": "frame",
        "run": run,
        "index": index,
        "live": live,
        "band": band,
        **figures(recording, shown),
        "sent": time.time(),
    }
    return Message(content, buffers)
