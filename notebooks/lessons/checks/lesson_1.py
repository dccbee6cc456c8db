"""The exercises of lesson 1: wavelets and multiresolution."""

from __future__ import annotations

from functools import cache
from typing import Any

import cartoonx_widgets as cx
import numpy as np
import pywt
import torch
from cartoonx_widgets.representations import Wavelet

from checks import Exercise
from checks.answers import near, unanswered


def _haar(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = pywt.dwt(x, "haar", mode="periodization")
    return low, high


def _by_hand(answer: Any) -> bool:
    return near(answer, np.concatenate(pywt.wavedec([6.0, 2.0, 5.0, 7.0], "haar", mode="periodization")), 0.01)


def _undoes_haar(answer: Any) -> bool | None:
    random = np.random.default_rng(1)
    for length in (2, 8, 64):
        x = random.normal(size=length)
        found = answer(*_haar(x))
        if unanswered(found):
            return None
        if not near(found, x, 1e-9):
            return False
    return True


def _patterns() -> list[torch.Tensor]:
    """The exercise's pictures: stripes that lie, stripes that stand, a chessboard."""
    rows, columns = np.indices((16, 16))
    return [torch.from_numpy(values % 2.0) for values in (rows, columns, rows + columns)]


def _names_the_bands(answer: Any) -> bool:
    transform = Wavelet("haar", levels=1, mode="periodization").transform((16, 16), dtype=torch.float64)
    right = []
    for picture in _patterns():
        bands = transform.split(transform.analyse(picture[None, None]))
        right.append(max(("h1", "v1", "d1"), key=lambda name, bands=bands: float(bands[name].square().sum())))
    given = [str(name).strip().lower() for name in answer]
    return len(given) == len(right) and all(
        name in (band, band[0], {"h": "horizontal", "v": "vertical", "d": "diagonal"}[band[0]])
        for name, band in zip(given, right, strict=True)
    )


def _first_scale(edge: int) -> int:
    """The finest scale at which Haar wavelets see a horizontal edge before a row."""
    picture = torch.zeros(1, 1, 256, 256, dtype=torch.float64)
    picture[..., edge:, :] = 1
    transform = Wavelet("haar", levels=8, mode="periodization").transform((256, 256), dtype=torch.float64)
    bands = transform.split(transform.analyse(picture))
    return next(scale for scale in range(1, 9) if float(bands[f"h{scale}"].abs().max()) > 1e-9)


@cache
def _error_without_d1() -> float:
    """By synthesis, so that it is no matter of belief."""
    photo = cx.sparsity.luminance(cx.images.fit(cx.images.read("coffee"), 256)).double()[None, None]
    transform = Wavelet("haar", levels=5, mode="periodization").transform((256, 256), dtype=torch.float64)
    coefficients = transform.analyse(photo)
    coefficients[..., transform.band(1, "diagonal").slice] = 0
    return float((transform.synthesise(coefficients) - photo).square().sum())


def _vanishing_moments(name: str) -> int:
    taps = np.array(pywt.Wavelet(name).dec_hi)
    n, count = np.arange(len(taps)) - len(taps) / 2, 0
    while abs(float((n**count * taps).sum())) < 1e-6:
        count += 1
    return count


def _covering() -> int:
    haar = Wavelet("haar", levels=5, mode="periodization").transform((256, 256))
    return int(cx.sparsity.covering(haar, 100, 120).count_nonzero())


EXERCISES = {
    "1.1": Exercise(
        _by_hand,
        "Two sums and two differences first, each over √2; then the sum and the difference of the two sums, over √2 "
        "once more. Coarse to fine: the last two numbers are the differences of the first step. "
        "A difference is left minus right.",
        "The squares of the row add up to 114, and the first of the four numbers alone has 100 of it. That is the whole idea.",
    ),
    "1.2": Exercise(
        _undoes_haar,
        "From s = (a + b) / √2 and d = (a - b) / √2 find a and b, and write them to x[0::2] and x[1::2] of an array "
        "that is twice as long.",
        "It undoes the step on random rows of 2, 8 and 64 numbers. Nothing was lost.",
    ),
    "1.3": Exercise(
        _names_the_bands,
        "Look at one square of 2 × 2 pixels of each picture. Does it change from left to right, from above to below, "
        "or both? A list of three names is wanted, such as ['h1', 'h1', 'h1'].",
        "A band is called after the edges it answers to, so lying stripes are in h1: there, brightness changes from "
        "row to row.",
    ),
    "1.4": Exercise(
        lambda answer: near(answer, _first_scale(24), 0),
        "After each split the edge stands before row 24 / 2, 24 / 4, ... The first scale that sees it is the one whose "
        "pairs it cuts in two: where it stands before an odd row.",
        "24 = 2 · 2 · 2 · 3: three splits leave it between two pairs, the fourth cuts one.",
    ),
    "1.5": Exercise(
        lambda answer: near(answer, _error_without_d1(), 0.01 * _error_without_d1()),
        "The difference of the two pictures has the coefficients of d1 and no others. What does Parseval say of its "
        "sum of squares?",
        "The sum of the squares in d1: no picture had to be made to know it.",
    ),
    "1.6": Exercise(
        lambda answer: near(answer, _vanishing_moments("coif1"), 0),
        "g = np.array(pywt.Wavelet('coif1').dec_hi) has six numbers. Take sum(n**p * g) over n = 0 ... 5 for p = 0, 1, "
        "2, ...: how many are 0, but for rounding, before the first that is not?",
        "Two, with six numbers, where db3 has three. Coiflets spend the rest on a lowpass that is nearly symmetric and "
        "has vanishing moments of its own.",
    ),
    "1.7": Exercise(
        lambda answer: near(answer, _covering(), 0),
        "In each band the Haar wavelets lie side by side without overlap. So how many of one band cover the pixel? And "
        "how many bands are there after five splits, the lowpass among them?",
        "One of each of the 3 · 5 bands, and one of the lowpass.",
    ),
}

WRONG = {
    "1.1": ([10, 2, 2.83, -1.41], [20, -4, 4, -2], [5, -1, 2, -1], 10, "10"),
    "1.2": (lambda s, d: np.concatenate([s, d]), lambda s, d: s + d, 3),
    "1.3": (["v1", "h1", "d1"], ["h1", "v1"], "d1", ["h1", "v1", "v1"]),
    "1.4": (1, 3, 5, "four"),
    "1.5": (0, 1.0, 65536),
    "1.6": (1, 3, 6),
    "1.7": (1, 5, 15, 65536),
}
"""Answers that somebody might give; the tests look that each is told as not right."""
