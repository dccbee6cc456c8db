"""What the comparison's page is told: JSON for small things, bytes for pictures and curves."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cartoonx_widgets import images, mosaic
from cartoonx_widgets.widgets.compare.styles import LOOKS
from cartoonx_widgets.widgets.compare.table import COLUMNS, finite
from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.shared.messages import error as error_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.live.lanes import Glance, Lane, LaneStatus
    from cartoonx_widgets.masking.explanation import Explanation
    from cartoonx_widgets.representations import Band

_LEVELS = 255


class Scene(NamedTuple):
    """What stays as it is in a comparison.

    Attributes:
        image: the photograph, (3, H, W) in [0, 1].
        photograph: what it is called.
        target: the explained class, with its probability for the photograph.
        classifier: its name.
        seed: of the noise.
        labels: of what is compared.
        optimised: which of these are optimised, and have a curve.
        steps: of each.
    """

    image: Tensor
    photograph: str
    target: Prediction
    classifier: str
    seed: int
    labels: Sequence[str]
    optimised: Sequence[bool]
    steps: Sequence[int]


def setup(scene: Scene, *, run: int, live: bool = True) -> Message:
    """What is compared. Buffer: the photograph (PNG).

    Args:
        scene: what stays as it is.
        run: counts the resets, so that what belongs to an earlier one can be dropped.
        live: whether a kernel runs what is compared; without one there is nothing to play or to export.
    """
    content = {
        "type": "setup",
        "run": run,
        "live": live,
        "photograph": scene.photograph,
        "size": list(scene.image.shape[-2:]),
        "target": dataclasses.asdict(scene.target),
        "classifier": scene.classifier,
        "seed": scene.seed,
        "methods": [
            {"label": label, "optimised": optimised, "steps": steps, **look._asdict()}
            for label, optimised, steps, look in zip(scene.labels, scene.optimised, scene.steps, LOOKS, strict=False)
        ],
        "columns": [column._asdict() for column in COLUMNS],
        "colours": mosaic.COLOURS,
    }
    return Message(content, [images.to_png(scene.image)])


def glances(found: Mapping[int, Glance], *, run: int, serial: int) -> Message:
    """What some methods have come to while they play. Buffers: three for each, as `_pictures` has them."""
    shown = [
        {"place": place, "step": one.step, "share": one.share_kept, "probability": one.probability}
        for place, one in found.items()
    ]
    buffers = [data for one in found.values() for data in _pictures(one.cartoon, one.bands, one.mask, one.distortion)]
    content = {"type": "glances", "run": run, "serial": serial, "shown": shown, "sent": time.time()}
    return Message(content, buffers)


def result(explanation: Explanation, row: Mapping[str, Any], *, place: int, run: int) -> Message:
    """What a method that stands still has come to, with its scores. Buffers: as of one of `glances`."""
    content = {
        "type": "result",
        "run": run,
        "place": place,
        "step": explanation.steps,
        "share": explanation.share_kept,
        "probability": explanation.probability,
        "summary": run_messages.summary(explanation.outcome),
        "warning": explanation.warning,
        "row": finite([row])[0],
    }
    levels = (explanation.mask * _LEVELS).round().numpy().astype(np.uint8)
    curve = explanation.curves["distortion"]
    return Message(content, _pictures(explanation.cartoon, explanation.transform.bands, levels, curve))


def stands(statuses: Sequence[LaneStatus], *, run: int, playing: bool, seconds_left: float | None) -> Message:
    """Where everything stands."""
    content = {
        "type": "status",
        "run": run,
        "playing": playing,
        "seconds_left": seconds_left,
        "lanes": [dataclasses.asdict(one) for one in statuses],
    }
    return Message(content, [])


def failure(error: BaseException, lane: Lane, *, place: int, run: int) -> Message:
    """What stopped one method, in words and as a traceback."""
    step = lane.task.steps_done + 1 if lane.task.steps > 1 else None
    told = error_message(error, step=step)
    return Message(told.content | {"place": place, "run": run}, [])


def mask_picture(bands: Sequence[Band], levels: np.ndarray) -> np.ndarray:
    """A mask (N,) in levels of 0 to 255 as a picture (H', W', 3) uint8: on pixels, or as the mosaic of its bands."""
    return mosaic.draw(bands, levels.astype(np.float32) / _LEVELS)


def _pictures(cartoon: Tensor, bands: Sequence[Band], levels: np.ndarray, distortion: np.ndarray) -> list[bytes]:
    """The cartoon (JPEG), the mask (PNG), and steps and distortion as rows of float32."""
    return [
        images.to_jpeg(cartoon),
        images.to_png(mask_picture(bands, levels)),
        run_messages.thinned({"distortion": distortion}).tobytes(),
    ]
