"""Build the messages that the comparison's page is sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.figures.styles import STYLES
from cartoonx_widgets.scores import scale_profile
from cartoonx_widgets.widgets.compare.table import COLUMNS, finite
from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared.messages import Message, described, shown_score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live import Snapshot, TaskState
    from cartoonx_widgets.representations import Band
    from cartoonx_widgets.widgets.compare.messages import (
        ExplorerMessage,
        FileMessage,
        MethodError,
        Result,
        Setup,
        Snapshots,
        StatusMessage,
    )
    from cartoonx_widgets.widgets.compare.scene import Scene

_LEVELS = 255


def setup(scene: Scene, *, run: int, live: bool = True) -> Message:
    """Return what is compared.

    Args:
        scene: what stays as it is.
        run: counts the resets, so that what belongs to an earlier one can be dropped.
        live: whether a kernel runs what is compared; without one there is nothing to play or to export.
    """
    _, height, width = scene.image.shape
    content: Setup = {
        "type": "setup",
        "run": run,
        "live": live,
        "photograph": scene.photograph,
        "size": (height, width),
        "target": run_messages.prediction(scene.target),
        "classifier": scene.classifier,
        "seed": scene.seed,
        "methods": [
            {
                "label": spec.label,
                "optimised": spec.method is not None,
                "steps": 1 if spec.method is None else spec.method.steps,
                "color": style.color,
                "dash": style.dash,
            }
            for spec, style in zip(scene.specs, STYLES, strict=False)
        ],
        "columns": [shown_score(column.name) for column in COLUMNS],
        "colours": mosaic.COLOURS,
    }
    return Message(content, [images.to_png(scene.image)])


def snapshots(found: Mapping[int, Snapshot], *, run: int, serial: int) -> Message:
    """Return what some methods have come to while they play."""
    buffers: list[bytes] = []
    for optimization, _, frame, _ in found.values():
        transform, curve = optimization.transform, optimization.curves()["distortion"][:, 0]
        shown = [one.cpu() for one in frame.pictures(optimization.image[0], optimization.coefficients[0], transform)]
        buffers += _pictures(shown, transform.bands, frame.levels(), curve)
    content: Snapshots = {
        "type": "snapshots",
        "run": run,
        "serial": serial,
        "shown": [
            {
                "index": index,
                "step": one.frame.step,
                "share": one.frame.share_kept,
                "probability": one.probability,
                "probability_rest": one.probability_rest,
            }
            for index, one in found.items()
        ],
        "sent": time.time(),
    }
    return Message(content, buffers)


def result(explanation: Explanation, row: Mapping[str, Any], *, index: int, run: int) -> Message:
    """Return what a method at rest has come to, with its scores."""
    content: Result = {
        "type": "result",
        "run": run,
        "index": index,
        "step": explanation.steps_done,
        "share": explanation.share_kept,
        "probability": explanation.probability,
        "probability_rest": explanation.probability_rest,
        "summary": run_messages.summary(explanation.outcome),
        "warning": explanation.warning,
        "profile": run_messages.profile(scale_profile(explanation)),
        "row": finite([row])[0],
    }
    levels = (explanation.mask * _LEVELS).round().numpy().astype(np.uint8)
    curve = explanation.curves["distortion"]
    shown = [explanation.cartoon, explanation.rest]
    return Message(content, _pictures(shown, explanation.transform.bands, levels, curve))


def status(states: Sequence[TaskState], *, run: int, playing: bool, seconds_left: float | None) -> Message:
    """Return the status of all methods."""
    content: StatusMessage = {
        "type": "status",
        "run": run,
        "playing": playing,
        "seconds_left": seconds_left,
        "methods": [
            {
                "state": one.status,
                "step": one.steps_done,
                "steps": one.steps,
                "seconds": one.seconds,
                "seconds_left": one.seconds_left,
            }
            for one in states
        ],
    }
    return Message(content, [])


def failure(error: BaseException, state: TaskState, *, index: int, run: int) -> Message:
    """Return what stopped one method, in words and as a traceback."""
    step = state.steps_done + 1 if state.steps > 1 else None
    content: MethodError = {**described(error, step=step), "index": index, "run": run}
    return Message(content, [])


def explorer(model: str | None, *, label: str) -> Message:
    """Return which explorer is open."""
    content: ExplorerMessage = {"type": "explorer", "model": model, "label": label}
    return Message(content, [])


def file(data: bytes, *, name: str, mime: str) -> Message:
    """Return what was exported."""
    content: FileMessage = {"type": "file", "name": name, "mime": mime}
    return Message(content, [data])


def _pictures(
    shown: Sequence[Tensor], bands: Sequence[Band], levels: np.ndarray, distortion: np.ndarray
) -> list[bytes]:
    """Return cartoon and rest (JPEG), the mask (PNG), and steps and distortion as rows of float32."""
    return [
        *map(images.to_jpeg, shown),
        images.to_png(mosaic.draw(bands, levels.astype(np.float32) / _LEVELS)),
        run_messages.thinned({"distortion": distortion}).tobytes(),
    ]
