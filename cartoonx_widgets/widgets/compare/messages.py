"""What the comparison and its page send each other."""

from __future__ import annotations

from typing import Literal, TypedDict

from cartoonx_widgets.live.task_state import Status  # noqa: TC001 - read when a TypedDict is
from cartoonx_widgets.widgets.run_view import messages as run_messages  # noqa: TC001 - read when a TypedDict is
from cartoonx_widgets.widgets.shared.messages import (
    CodeMessage,
    CodeRequest,
    ErrorMessage,
    Library,
    LibraryRequest,
    Ready,
    ShownScore,
)

# To the page.


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
    columns: list[ShownScore]
    colours: tuple[str, ...]


class ShownSnapshot(TypedDict):
    """What one method has come to.

    Attributes:
        index: of the method.
        step: steps taken.
        share: mean mask entry, in [0, 1].
        probability: of the explained class for the cartoon.
        probability_rest: of the explained class for the newest rest that was classified.
    """

    index: int
    step: int
    share: float
    probability: float
    probability_rest: float


class Snapshots(TypedDict):
    """What some methods have come to while they play.

    Buffers: for each in turn the cartoon and the rest (JPEG), the mask (PNG), and steps and distortion, (2, points)
    float32.

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

    Buffers: the cartoon and the rest (JPEG), the mask (PNG), and steps and distortion, (2, points) float32.

    Attributes:
        run: which setup it belongs to.
        index: of the method.
        step: steps taken.
        share: mean mask entry, in [0, 1].
        probability: of the explained class for the cartoon.
        probability_rest: of the explained class for the rest.
        summary: the same as a sentence's parts.
        warning: what went wrong and its remedy, or "".
        profile: on which scales lies what is kept, the coarsest first.
        row: of the table, by the columns' keys; null where a score is not finite.
    """

    type: Literal["result"]
    run: int
    index: int
    step: int
    share: float
    probability: float
    probability_rest: float
    summary: run_messages.Summary
    warning: str
    profile: run_messages.Profile
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
    Setup
    | Snapshots
    | Result
    | StatusMessage
    | MethodError
    | ErrorMessage
    | ExplorerMessage
    | FileMessage
    | CodeMessage
    | Library
)


# From the page.


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


FromPage = Ready | Seen | Play | Pause | Reset | Open | CloseExplorer | Export | LibraryRequest | CodeRequest
