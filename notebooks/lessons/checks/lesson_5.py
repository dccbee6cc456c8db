"""The exercises of lesson 5: investigate a misclassification."""

from __future__ import annotations

from typing import Any

import cartoonx_widgets as cx
import numpy as np
import torch

from checks import Exercise
from checks.answers import letter, near, unanswered

_MOST_CHANGED = 0.03
_VISIBLE = 1 / 255


def _overlaps(answer: Any) -> bool | None:
    random = np.random.default_rng(2)
    a, b = random.uniform(size=(2, 200)) * (random.random((2, 200)) < 0.4)  # noqa: PLR2004 - mostly zeros, as masks are
    found = answer(a.copy(), b.copy())
    if unanswered(found):
        return None
    pairs = [(a, b), (a, a), (a, np.zeros(200)), (a > 0, b > 0)]
    right = all(
        near(answer(1.0 * first, 1.0 * second), np.minimum(first, second).sum() / np.maximum(first, second).sum(), 1e-6)
        for first, second in pairs
    )
    with np.errstate(invalid="ignore"):
        return right and near(answer(np.zeros(9), np.zeros(9)), 1, 0)


def _paints(answer: Any) -> bool | None:
    random = np.random.default_rng(8)
    for top, left, height, width in ((2, 3, 4, 5), (0, 0, 1, 20), (10, 12, 6, 8)):
        picture = random.uniform(size=(3, 16, 20))
        before = picture.copy()
        found = answer(picture, top, left, height, width, 0.25)
        if unanswered(found):
            return None
        wanted = before.copy()
        wanted[:, top : top + height, left : left + width] = 0.25
        if not (np.array_equal(picture, before) and np.shape(found) == wanted.shape and near(found, wanted, 1e-6)):
            return False
    return True


def _is_a_clock_again(answer: Any) -> bool:
    classifier = cx.efficientnet_lite0("cpu")
    picture = classifier.prepare("clock")
    painted = torch.as_tensor(np.asarray(answer, dtype=np.float32))[None].clamp(0, 1)
    changed = float(((painted - picture).abs().amax(1) > _VISIBLE).float().mean())
    first = int(classifier.probabilities(painted)[0].argmax())
    return painted.shape == picture.shape and changed <= _MOST_CHANGED and first == classifier.class_index("wall clock")


EXERCISES = {
    "5.1": Exercise(
        lambda answer: letter(answer) == "B",
        "What does an empty mask cost with each of the two? Lesson 4 had a cat with the same problem.",
        "0.03 squared is 0.0009: with the original as reference nothing is cheaper than to delete everything. So what "
        "we ask is: what of this photograph would make a wall clock?",
    ),
    "5.2": Exercise(
        _overlaps,
        "np.minimum and np.maximum work entry by entry; sum each, and divide. Where both masks are empty that is 0 / 0: "
        "return 1 there.",
        "For masks of zeros and ones it is the share of what is in both among what is in either.",
    ),
    "5.3": Exercise(
        _paints,
        "Begin with a copy: picture.copy(). Rows from top to top + height and columns from left to left + width, in all "
        "three colours. The picture that was given must be the same afterwards.",
        "Painted, and the original is untouched, so that you can go back to it.",
    ),
    "5.4": Exercise(
        _is_a_clock_again,
        "Two dark bars, about four pixels wide, that meet in the middle: one up, one to the right, within the pale face. "
        "The shape must remain (3, 224, 224), at most 3 % of the pixels may change, and wall clock has to be first.",
        "So what was missing could be brought back by a few strokes. H2 has passed a test that it could have failed.",
    ),
    "5.5": Exercise(
        lambda answer: letter(answer) == "B",
        "Which sentence says no more than the two experiments: what suffices after everything else is deleted, and what "
        "happened to the photograph when its ground was blurred? One photograph shows little of all bubbles.",
        "Two questions, two answers, and neither is more than what was done.",
    ),
}


def _painted(*rectangles: tuple[int, int, int, int], value: float = 0.1) -> np.ndarray:
    picture = cx.efficientnet_lite0("cpu").prepare("clock")[0].numpy().copy()
    for top, left, height, width in rectangles:
        picture[:, top : top + height, left : left + width] = value
    return picture


def _paint_over(picture: np.ndarray, top: int, left: int, height: int, width: int, value: float) -> np.ndarray:
    picture[:, top : top + height, left : left + width] = value
    return picture


WRONG = {
    "5.1": ("A", "C", 1),
    "5.2": (
        lambda a, b: np.minimum(a, b).sum(),
        lambda a, b: (a * b).sum() / (a + b).sum(),
        lambda a, b: np.minimum(a, b).mean() / max(a.mean(), 1e-12),
        0.5,
    ),
    "5.3": (
        _paint_over,
        lambda picture, top, left, height, width, value: _paint_over(picture.copy(), left, top, height, width, value),
        lambda picture, top, left, height, width, value: picture.copy(),  # noqa: ARG005
        "paint",
    ),
    "5.4": (_painted(), _painted((0, 0, 20, 20)), _painted((60, 60, 110, 130)), np.zeros((3, 32, 32)), "wall clock"),
    "5.5": ("A", "C", "D"),
}
"""Answers that somebody might give; the tests look that each is told as not right."""
