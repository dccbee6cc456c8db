"""What the comparison and its page tell each other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.figures.styles import STYLES
from cartoonx_widgets.live.task_state import Status  # noqa: TC001 - read when a TypedDict is
from cartoonx_widgets.scores.info import Better, Form  # noqa: TC001 - read when a TypedDict is
from cartoonx_widgets.widgets.compare.table import COLUMNS, finite
from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared.messages import ErrorMessage, Library, LibraryRequest, Message, Ready, described

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live import Snapshot, TaskState
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


# What the page is told.


class ComparedMethod(TypedDict):
    """A method, and how its line looks.

    Attributes:
        label: what it is called.
        optimised: whether it takes steps, and has a curve.
        steps: in all.
        color: of its line.
        dash: of its line as SVG has it; "" for a whole line.
    """

    label: str
    optimised: bool
    steps: int
    color: str
    dash: str


class TableColumn(TypedDict):
    """A column of the table.

    Attributes:
        key: in a row.
        label: its heading.
        about: what it is, in one sentence.
        better: whether more or less is; "" where neither.
        form: how its values are written.
    """

    key: str
    label: str
    about: str
    better: Better
    form: Form


class Setup(TypedDict):
    """What is compared.

    Buffer: the photograph (PNG).

    Attributes:
        run: counts the resets.
        live: whether a kernel runs what is compared.
        photograph: what it is called.
        size: its rows and columns.
        target: the explained class, with its probability for the photograph.
        classifier: its name.
        seed: of the noise.
        methods: that are compared.
        columns: of the table.
        colours: of the mosaic, from 0 to 1.
    """

    type: Literal["setup"]
    run: int
    live: bool
    photograph: str
    size: tuple[int, int]
    target: run_messages.Prediction
    classifier: str
    seed: int
    methods: list[ComparedMethod]
    columns: list[TableColumn]
    colours: tuple[str, ...]


class ShownSnapshot(TypedDict):
    """What one method has come to: its index, steps taken, mean mask entry, and the class's probability."""

    index: int
    step: int
    share: float
    probability: float


class Snapshots(TypedDict):
    """What some methods have come to while they play.

    Buffers: for each in turn the cartoon (JPEG), the mask (PNG), and steps and distortion, (2, points) float32.

    Attributes:
        run: which setup they belong to.
        serial: their number, which the page answers.
        shown: a method each.
        sent: seconds since 1970.
    """

    type: Literal["snapshots"]
    run: int
    serial: int
    shown: list[ShownSnapshot]
    sent: float


class Result(TypedDict):
    """What a method at rest has come to.

    Buffers: the cartoon (JPEG), the mask (PNG), and steps and distortion, (2, points) float32.

    Attributes:
        run: which setup it belongs to.
        index: of the method.
        step: steps taken.
        share: mean mask entry, in [0, 1].
        probability: of the explained class for the cartoon.
        summary: the same as a sentence's parts.
        warning: what went wrong and its remedy, or "".
        row: of the table, by the columns' keys; null where a score is not finite.
    """

    type: Literal["result"]
    run: int
    index: int
    step: int
    share: float
    probability: float
    summary: run_messages.Summary
    warning: str
    row: dict[str, str | bool | float | None]


class MethodStatus(TypedDict):
    """Where one method is.

    Attributes:
        state: "ready" before its first step, "done" after its last one.
        step: steps taken.
        steps: in all.
        seconds: that its steps have taken.
        seconds_left: that those which are left will take; null where unknown.
    """

    state: Status
    step: int
    steps: int
    seconds: float
    seconds_left: float | None


class StatusMessage(TypedDict):
    """The status of all methods.

    Attributes:
        run: which setup it belongs to.
        playing: whether some method takes steps.
        seconds_left: until all are done; null where unknown.
        methods: the status of each.
    """

    type: Literal["status"]
    run: int
    playing: bool
    seconds_left: float | None
    methods: list[MethodStatus]


class MethodError(ErrorMessage):
    """What stopped one method: an error with the method's index, and the run that it belongs to."""

    index: int
    run: int


class ExplorerMessage(TypedDict):
    """Which explorer is open.

    Attributes:
        model: id of its model; null where none is open.
        label: of the method that it shows; "" where none is open.
    """

    type: Literal["explorer"]
    model: str | None
    label: str


class FileMessage(TypedDict):
    """What was exported, to be saved by the browser under a name. Buffer: the file."""

    type: Literal["file"]
    name: str
    mime: str


ToPage = (
    Setup | Snapshots | Result | StatusMessage | MethodError | ErrorMessage | ExplorerMessage | FileMessage | Library
)


# What the page says.


class Seen(TypedDict):
    """Snapshots have been drawn; `index` is their serial."""

    type: Literal["seen"]
    index: int


class Play(TypedDict):
    """Let a method take steps, by its index; null for all."""

    type: Literal["play"]
    index: int | None


class Pause(TypedDict):
    """Let a method rest, by its index; null for all."""

    type: Literal["pause"]
    index: int | None


class Reset(TypedDict):
    """Begin all again."""

    type: Literal["reset"]


class Open(TypedDict):
    """Open a method in the explorer, by its index."""

    type: Literal["open"]
    index: int


class CloseExplorer(TypedDict):
    """Close the explorer."""

    type: Literal["close_explorer"]


class Export(TypedDict):
    """Write the comparison as a file and send it."""

    type: Literal["export"]
    form: Literal["png", "svg", "csv", "html"]


FromPage = Ready | Seen | Play | Pause | Reset | Open | CloseExplorer | Export | LibraryRequest


# How messages are made.


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
            {"label": label, "optimised": optimised, "steps": steps, "color": style.color, "dash": style.dash}
            for label, optimised, steps, style in zip(scene.labels, scene.optimised, scene.steps, STYLES, strict=False)
        ],
        "columns": [
            {
                "key": column.name,
                "label": column.label,
                "about": column.about,
                "better": column.better,
                "form": column.form,
            }
            for column in COLUMNS
        ],
        "colours": mosaic.COLOURS,
    }
    return Message(content, [images.to_png(scene.image)])


def snapshots(found: Mapping[int, Snapshot], *, run: int, serial: int) -> Message:
    """Return what some methods have come to while they play."""
    buffers: list[bytes] = []
    for optimization, _, frame in found.values():
        transform, curve = optimization.transform, optimization.curves()["distortion"][:, 0]
        cartoon = frame.cartoon(optimization.coefficients[0], transform).cpu()
        buffers += _pictures(cartoon, transform.bands, frame.levels(), curve)
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
        "summary": run_messages.summary(explanation.outcome),
        "warning": explanation.warning,
        "row": finite([row])[0],
    }
    levels = (explanation.mask * _LEVELS).round().numpy().astype(np.uint8)
    curve = explanation.curves["distortion"]
    return Message(content, _pictures(explanation.cartoon, explanation.transform.bands, levels, curve))


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
