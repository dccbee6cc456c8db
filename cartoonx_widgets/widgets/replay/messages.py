"""What a replay and its page send each other, and what a page of a replay holds."""

from __future__ import annotations

from typing import Literal, TypedDict

from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared.messages import ErrorMessage, Library, LibraryRequest, Message, Ready


class Pictures(TypedDict):
    """A frame's cartoon and the rest, as data URLs."""

    cartoon: str
    rest: str


class RecordedFrame(run_messages.Figures, Pictures):
    """A frame's figures and its pictures."""


class Moment(TypedDict):
    """What each band alone contributes after a step, as data URLs."""

    step: int
    bands: list[str]


class PenaltyWeight(TypedDict):
    """The weight of one of the method's penalties, or its budget, by the path of its setting."""

    path: str
    value: float


class ReplayContent(TypedDict):
    """A recorded run.

    Attributes:
        scene: what stays as it is.
        photograph: a data URL.
        coefficients: the upper halves of float32, (C, cells) uint16, compressed by zlib, in base64.
        curves: steps and curves, rows of numbers.
        frames: in their order.
        group: how many masks are packed together.
        groups: of masks in the mosaic's cells, as `recording.deltas` packs them, in base64.
        parts: what single bands contribute, at some of the frames; empty where there is one band.
        scores: of some frames, over the steps.
        outcome: what the run has come to.
        warning: what went wrong and its remedy, or "".
        penalty_weights: of the penalties, and the budget where there is one.
        details: method and classifier.
    """

    scene: run_messages.Scene
    photograph: str
    coefficients: str
    curves: list[list[float]]
    frames: list[RecordedFrame]
    group: int
    groups: list[str]
    parts: list[Moment]
    scores: run_messages.ScoresOverSteps
    outcome: run_messages.Summary
    warning: str
    penalty_weights: list[PenaltyWeight]
    details: str


class ContentMessage(TypedDict):
    """The whole run: the page asks no kernel for anything else."""

    type: Literal["content"]
    content: ReplayContent


ToPage = ContentMessage | ErrorMessage | Library
FromPage = Ready | LibraryRequest


def whole_run(content: ReplayContent) -> Message:
    """Return the message that holds the whole run."""
    message: ContentMessage = {"type": "content", "content": content}
    return Message(message, [])
