"""The exercises of lesson 3: from rate-distortion to CartoonX."""

from __future__ import annotations

from typing import Any

import cartoonx_widgets as cx
import numpy as np

from checks import Exercise
from checks.answers import letter, near, unanswered


def _mixes(answer: Any) -> bool | None:
    random = np.random.default_rng(3)
    for shape in ((7,), (2, 3, 50)):
        h, v = random.normal(size=shape), random.normal(size=shape)
        for s in (random.uniform(size=shape[-1]), np.ones(shape[-1]), np.zeros(shape[-1])):
            found = answer(h, s, v)
            if unanswered(found):
                return None
            if not near(found, s * h + (1 - s) * v, 1e-9):
                return False
    return True


def _empty_mask_costs(answer: Any) -> bool:
    """By the classifier: under noise alone the class is as good as gone."""
    classifier = cx.efficientnet_lite0("cpu")
    before = classifier.probabilities(classifier.prepare("coffee"))[0, classifier.class_index("espresso")]
    return near(answer, float(before) ** 2, 0.015)


def _steps(answer: Any) -> bool | None:
    random = np.random.default_rng(5)
    for eta in (0.3, 0.001):
        s = np.concatenate([random.uniform(size=60), [0, 1, 0, 1]])
        g = np.concatenate([random.normal(size=60) * 10.0 ** random.integers(-4, 2, size=60), [3, -3, -3, 3]])
        found = answer(s.copy(), g.copy(), eta)
        if unanswered(found):
            return None
        if not near(found, np.clip(s - eta * g / (np.abs(g) + 1e-8), 0, 1), 0.01 * eta):
            return False
    return True


_LAMBDA = cx.methods.cartoonx().lambda_l1

EXERCISES = {
    "3.1": Exercise(
        lambda answer: letter(answer) == "B",
        "Sufficient is not necessary: ask what happens when these coefficients are there, not when they are missing. "
        "And it is the classifier that has to be convinced.",
        "With them, the decision stands. There may be another set that suffices just as well.",
    ),
    "3.2": Exercise(
        _mixes,
        "An entry with s = 1 gives h, one with s = 0 gives v, one with s = 1/2 the mean of both. It is one line.",
        "A blend, entry by entry.",
    ),
    "3.3": Exercise(
        _empty_mask_costs,
        "Where nothing is kept, what is the probability of espresso, about? Put that for p(z) in the formula, and p(x) "
        "for r.",
        "p(z) is about 0, so what is left is p(x) squared. With another photograph that can be a small number; lesson 4 "
        "begins there.",
    ),
    "3.4": Exercise(
        lambda answer: near(answer, 1 / _LAMBDA, 0.0005),
        "Keeping nothing costs no price, and a distortion of at most 1. At which share does the price λ · share alone "
        "come to that?",
        "20 times 0.05 is 1. So the best mask keeps at most 5 %, for every photograph and every class.",
    ),
    "3.5": Exercise(
        _steps,
        "The root of g² is the size of g, so the fraction is the sign of g. Mind the minus, η, and the clamp at both "
        "ends.",
        "Every entry moves by η, down where the gradient is positive and up where it is negative, and none leaves "
        "[0, 1].",
    ),
    "3.6": Exercise(
        lambda answer: letter(answer) == "B",
        "At a mask of ones there is no noise in z at all. How large is p(z) then, and what is the derivative of "
        "(p(x) - p(z))² there? What is left of the gradient?",
        "z is the photograph, so the distortion is 0 and at its least: its gradient is 0 too. Only the price speaks, and "
        "says the same to all.",
    ),
}

WRONG = {
    "3.1": ("A", "c", "(D)", 2),
    "3.2": (lambda h, s, v: s * h + v, lambda h, s, v: s * h, lambda h, s, v: (1 - s) * h + s * v, "s * h"),
    "3.3": (0, 1, 0.952, 0.09),
    "3.4": (20, 0.5, 5, 0.045),
    "3.5": (
        lambda s, g, eta: np.clip(s - eta * g, 0, 1),
        lambda s, g, eta: s - eta * np.sign(g),
        lambda s, g, eta: np.clip(s + eta * np.sign(g), 0, 1),
        0.1,
    ),
    "3.6": ("A", "C", "D"),
}
"""Answers that somebody might give; the tests look that each is told as not right."""
