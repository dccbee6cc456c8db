"""The exercises of lesson 4: where it fails."""

from __future__ import annotations

from functools import cache
from typing import Any

import cartoonx_widgets as cx
import numpy as np
from scipy.ndimage import distance_transform_edt

from checks import Exercise
from checks.answers import letter, near, unanswered


@cache
def _empty_mask_costs() -> float:
    """The square of Chelsea's largest probability."""
    classifier = cx.efficientnet_lite0("cpu")
    return float(classifier.probabilities(classifier.prepare("chelsea")).max()) ** 2


def _share(explained: np.ndarray, photographed: np.ndarray, reach: float) -> float:
    if not explained.any():
        return 0.0
    return float((distance_transform_edt(~photographed)[explained] > reach).mean())


def _measures(answer: Any) -> bool | None:
    random = np.random.default_rng(4)
    for share, reach in ((0.1, 2), (0.02, 2), (0.02, 3), (0.3, 0)):
        explained, photographed = random.random((2, 40, 50)) < share
        found = answer(explained, photographed, reach)
        if unanswered(found):
            return None
        if not near(found, _share(explained, photographed, reach), 1e-6):
            return False
    return near(answer(np.zeros((40, 50), dtype=bool), photographed), 0, 0)


@cache
def _lowpass_share() -> float:
    transform = cx.representations.Wavelet().transform((224, 224))
    return transform.bands[0].stop / transform.n_coefficients


def _grey_mean(answer: Any) -> bool | None:
    random = np.random.default_rng(6)
    for spread in (0.1, 2.0):
        cartoon = random.normal(0.3, spread, size=(3, 16, 20))
        found = answer(cartoon.copy())
        if unanswered(found):
            return None
        if not near(found, np.clip(cartoon.mean(0), 0, 1).mean(), 1e-6):
            return False
    return True


EXERCISES = {
    "4.1": Exercise(
        lambda answer: near(answer, _empty_mask_costs(), 0.008),
        "The second term is 0. In the first, p(z) is about 0 under noise alone.",
        "p(x) squared and no price. The less sure the classifier was, the cheaper it is to lose the class.",
    ),
    "4.2": Exercise(
        lambda answer: near(answer, _empty_mask_costs() / 20, 0.0006),
        "Keeping a share costs 20 times that share, even if it does not distort at all. When is that as much as the "
        "answer of 4.1?",
        "Below one percent. A mask that keeps more loses against one that keeps nothing, however good it is.",
    ),
    "4.3": Exercise(
        _measures,
        "Take the distance of every pixel to the photograph's edges, look at it only where the explanation has an edge, "
        "and take the mean of (distance > reach). Without any edge, return 0.",
        "It measures random edge maps as it should, empty ones too.",
    ),
    "4.4": Exercise(
        lambda answer: near(answer, _lowpass_share(), 0.0001),
        "The mean of a mask with 11 x 11 ones and zeros elsewhere. Both numbers stand above the pictures.",
        "A quarter of a percent of the coefficients, and nearly all of the photograph's light.",
    ),
    "4.5": Exercise(
        _grey_mean,
        "In this order: the mean over the three colours, then the clamp to [0, 1], then the mean over all pixels. "
        "Clamping each colour first gives another number.",
        "What is bright has a price now, wherever it comes from.",
    ),
    "4.6": Exercise(
        lambda answer: letter(answer) == "B",
        "6 % and 1 % of what? And would both methods stop at the same point?",
        "And 1 % of the shearlets, 49 for each pixel at this size, are half as many numbers as there are pixels.",
    ),
}

WRONG = {
    "4.1": (0, 0.41, 20, 1),
    "4.2": (0.05, 0.41, 0.0205, 0.84),
    "4.3": (
        lambda explained, photographed, reach=2: float((explained & ~photographed).sum() / max(explained.sum(), 1)),
        lambda explained, photographed, reach=2: 1 - _share(explained, photographed, reach),
        lambda explained, photographed, reach=2: _share(photographed, explained, reach),
        0.5,
    ),
    "4.4": (121, 0.045, 1 / 32, 0.01),
    "4.5": (
        lambda cartoon: cartoon.mean(),
        lambda cartoon: np.clip(cartoon, 0, 1).mean(),
        lambda cartoon: np.clip(cartoon.mean(0), 0, 1).sum(),
        0,
    ),
    "4.6": ("A", "C", "d"),
}
"""Answers that somebody might give; the tests look that each is told as not right."""
