"""Checks of the exercises: `check("2.1", answer)` says whether an answer is right, and gives a hint where it is not.

The exercises of each lesson stand in a module of their own. What is right is computed where it can be, so that it
stays right when the package changes. Reading on here spoils the fun.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Exercise(NamedTuple):
    """One exercise.

    Attributes:
        right: whether an answer is right, or None where it is none yet, as of a function without a body; what it
            raises counts as not right.
        hint: said where it is not.
        why: said where it is.
    """

    right: Callable[[object], bool | None]
    hint: str
    why: str


class Verdict(NamedTuple):
    """What a check has found, which a notebook shows as one sentence."""

    number: str
    right: bool | None
    text: str

    def __repr__(self) -> str:
        mark = {True: "✓ right", False: "✗ not yet", None: "… no answer yet"}[self.right]
        return f"{self.number} {mark}. {self.text}"


def check(number: str, answer: object) -> Verdict:
    """Check the answer to an exercise such as "2.1"; None is no answer yet.

    Raises:
        ValueError: there is no such exercise.
    """
    exercises = _exercises(number.partition(".")[0])
    if number not in exercises:
        raise ValueError(f"number={number!r} must be one of {', '.join(exercises) or 'the exercises of a lesson'}")
    exercise = exercises[number]
    if answer is None:
        return Verdict(number, None, "Replace None by your answer and run the cell again.")
    try:
        right = exercise.right(answer)
    except Exception as error:
        return Verdict(number, right=False, text=f"{exercise.hint} ({type(error).__name__}: {error})")
    if right is None:
        return Verdict(number, None, "Write the function, and run the cell again.")
    return Verdict(number, bool(right), exercise.why if right else exercise.hint)


def _exercises(lesson: str) -> dict[str, Exercise]:
    try:
        module = import_module(f"{__name__}.lesson_{lesson}")
    except ModuleNotFoundError:
        return {}
    exercises: dict[str, Exercise] = module.EXERCISES
    return exercises
