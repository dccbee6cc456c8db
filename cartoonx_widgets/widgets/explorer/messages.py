"""What the explorer and its page send each other.

Each message names its `run`, so that the page can drop a frame that was under way when another run began.
"""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.live.turns import TURNS
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.widgets.explorer.settings import ShownSetting  # noqa: TC001 - read when a TypedDict is
from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared.messages import (
    CodeMessage,
    CodeRequest,
    ErrorMessage,
    Library,
    LibraryRequest,
    Message,
    Photograph,
    Ready,
    Upload,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.live import TaskState
    from cartoonx_widgets.masking import Method
    from cartoonx_widgets.recording import Frame, Recording
    from cartoonx_widgets.widgets.explorer.question import Question


# To the page.


class Setup(run_messages.Scene):
    """Everything about a live run that stays as it is.

    Buffer: the photograph (PNG).

    Attributes:
        run: its number.
        labels: of all classes.
        photographs: that can be chosen.
        top: the photograph's most probable classes.
        methods: the names of those that can be chosen.
    """

    type: Literal["setup"]
    run: int
    labels: list[str]
    photographs: list[Photograph]
    top: list[run_messages.Prediction]
    methods: list[str]


class Coefficients(TypedDict):
    """The photograph's coefficients in the mosaic's cells. Buffer: (C, cells) float32.

    Attributes:
        run: that they belong to.
    """

    type: Literal["coefficients"]
    run: int


class Scores(run_messages.ScoresOverSteps):
    """The scores of the frames that a run has come to have by now.

    Attributes:
        run: that they belong to.
    """

    type: Literal["scores"]
    run: int


class Settings(TypedDict):
    """What the controls show.

    Attributes:
        photograph: what it is called.
        target: index of the explained class among the setup's labels; null where a score is explained.
        versus: index of the class that it is not; null without one.
        asked: what the score is called; "" where classes are explained.
        method: index of the method that was chosen.
        settings: those that apply.
    """

    type: Literal["settings"]
    photograph: str
    target: int | None
    versus: int | None
    asked: str
    method: int
    settings: list[ShownSetting]


class RunStatus(TypedDict):
    """Where a run is.

    Attributes:
        playing: whether steps are being taken.
        others: how many other runs take steps, with which this one takes turns.
        step: steps taken.
        steps: of the whole run.
        rate: steps a second, 0 where unknown.
        seconds_left: until the last step; null where unknown.
        notes: on how the run is executed, a sentence each.
        summary: what the run has come to; only where it rests.
        warning: with the summary, what went wrong and its remedy, or "".
    """

    playing: bool
    others: int
    step: int
    steps: int
    rate: float
    seconds_left: float | None
    notes: tuple[str, ...]
    summary: NotRequired[run_messages.Summary]
    warning: NotRequired[str]


class StatusMessage(TypedDict):
    """Where the run is."""

    type: Literal["status"]
    status: RunStatus


class FrameMessage(run_messages.Figures):
    """One frame of the recording.

    Buffers: the cartoon and the rest (JPEG); the mask in the mosaic's cells, uint8 packed by zlib; steps and curves,
    (1 + curves, points) float32; and, where a band is picked, what it alone contributes (JPEG).

    Attributes:
        run: which run it belongs to.
        index: in the recording.
        live: whether it is the newest.
        band: index of the band that is picked; null without one.
        sent: seconds since 1970.
    """

    type: Literal["frame"]
    run: int
    index: int
    live: bool
    band: int | None
    sent: float


ToPage = Setup | Coefficients | Scores | Settings | StatusMessage | FrameMessage | ErrorMessage | CodeMessage | Library


# From the page.


class Seen(TypedDict):
    """A live frame has been drawn; `index` is its index in the recording."""

    type: Literal["seen"]
    index: int


class Play(TypedDict):
    """Take steps."""

    type: Literal["play"]


class Pause(TypedDict):
    """Rest after the step under way."""

    type: Literal["pause"]


class Step(TypedDict):
    """Take one step."""

    type: Literal["step"]


class Reset(TypedDict):
    """Begin again from the first mask."""

    type: Literal["reset"]


class FrameRequest(TypedDict):
    """Show a frame again by its index in the recording; null for the newest."""

    type: Literal["frame"]
    index: int | None


class ChoosePhotograph(TypedDict):
    """Explain another photograph, by its name."""

    type: Literal["photograph"]
    name: str


class ChooseTarget(TypedDict):
    """Explain another class, by its index, and not a second one; null without that."""

    type: Literal["target"]
    index: int
    versus: int | None


class ChooseMethod(TypedDict):
    """Take another method, by its index in the setup's list."""

    type: Literal["method"]
    index: int


class ChangeSetting(TypedDict):
    """Set a setting, by its path in the method."""

    type: Literal["setting"]
    path: str
    value: float | str | bool


class CoefficientsRequest(TypedDict):
    """Send the photograph's coefficients, which only a pointer on the mosaic asks for."""

    type: Literal["coefficients"]


class ScoresRequest(TypedDict):
    """Send the scores of the run's frames."""

    type: Literal["scores"]


class PickBand(TypedDict):
    """Show what a band alone contributes, or none; and the frame again that is looked at, null for the newest."""

    type: Literal["band"]
    index: int | None
    frame: int | None


FromPage = (
    Ready
    | Seen
    | Play
    | Pause
    | Step
    | Reset
    | FrameRequest
    | ChoosePhotograph
    | Upload
    | ChooseTarget
    | ChooseMethod
    | ChangeSetting
    | PickBand
    | CoefficientsRequest
    | CodeRequest
    | ScoresRequest
    | LibraryRequest
)


def setup(recording: Recording, *, run: int, question: Question, methods: Sequence[Method]) -> Message:
    """Return everything about a live run that stays as it is.

    Args:
        recording: the run, so far.
        run: its number.
        question: what is asked.
        methods: that can be chosen; those beyond the presets are the user's own.
    """
    content: Setup = {
        **run_messages.scene(recording),
        "type": "setup",
        "run": run,
        "labels": list(question.classifier.labels),
        "photographs": [{"name": sample.name, "title": sample.title} for sample in images.SAMPLES.values()],
        "top": [run_messages.prediction(one) for one in question.top(recording)],
        "methods": [
            method.name if index < len(PRESETS) else f"{method.name} (yours)" for index, method in enumerate(methods)
        ],
    }
    return Message(content, [images.to_png(recording.image)])


def coefficients(recording: Recording, *, run: int) -> Message:
    """Return the photograph's coefficients."""
    content: Coefficients = {"type": "coefficients", "run": run}
    return Message(content, [run_messages.in_cells(recording).tobytes()])


def scores(recording: Recording, *, run: int) -> Message:
    """Return the scores of the frames so far."""
    content: Scores = {**run_messages.scores_over_steps(recording), "type": "scores", "run": run}
    return Message(content, [])


def settings(photograph: str, *, question: Question, method: int, shown: list[ShownSetting]) -> Message:
    """Return what the controls show."""
    content: Settings = {
        "type": "settings",
        "photograph": photograph,
        "target": question.target,
        "versus": question.versus,
        "asked": question.name,
        "method": method,
        "settings": shown,
    }
    return Message(content, [])


def status(state: TaskState, notes: tuple[str, ...]) -> Message:
    """Return where the run is, and once it rests what it has come to."""
    status: RunStatus = {
        "playing": state.playing,
        "others": TURNS.others,
        "step": state.steps_done,
        "steps": state.steps,
        "rate": state.rate,
        "seconds_left": state.seconds_left,
        "notes": notes,
    }
    result = state.result
    if result is not None and state.settled and state.error is None:
        status["summary"] = run_messages.summary(result.outcome)
        status["warning"] = result.warning
    content: StatusMessage = {"type": "status", "status": status}
    return Message(content, [])


def frame(recording: Recording, shown: Frame, *, run: int, index: int, live: bool, band: int | None) -> Message:
    """Return one frame of the recording.

    Args:
        recording: of the run that it belongs to.
        shown: the frame.
        run: the run's number.
        index: of the frame in the recording.
        live: whether it is the newest, sent unasked.
        band: the band that is picked, if one is.
    """
    buffers = [
        *map(images.to_jpeg, recording.pictures(shown)),
        _packed_mask(recording, shown),
        run_messages.thinned(recording.curves).tobytes(),
    ]
    if band is not None:
        buffers.append(images.to_jpeg(run_messages.contribution(recording, shown, band)))
    content: FrameMessage = {
        **run_messages.figures(recording, shown),
        "type": "frame",
        "run": run,
        "index": index,
        "live": live,
        "band": band,
        "sent": time.time(),
    }
    return Message(content, buffers)


def _packed_mask(recording: Recording, shown: Frame) -> bytes:
    """Return the mask in the mosaic's cells; of most representations a frame has it packed already."""
    bands = recording.transform.bands
    if mosaic.has_a_cell_for_each(bands):
        return shown.packed_mask
    return zlib.compress(mosaic.cells(bands, shown.levels()).tobytes(), 1)
