"""The exercises of lesson 2: sparsity, and the approximation of cartoon-like images."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import cartoonx_widgets as cx
import numpy as np
import torch
from cartoonx_widgets import sparsity
from cartoonx_widgets.representations import Shearlet, Wavelet

from checks import Exercise
from checks.answers import letter, near, unanswered


@cache
def _colour() -> torch.Tensor:
    return cx.images.fit(cx.images.read("coffee"), 256)


@cache
def _wavelets() -> sparsity.Expansion:
    return sparsity.expand(_colour(), Wavelet("db3", levels=5, mode="periodization"))


def _keeps_the_largest(answer: Any) -> bool | None:
    random = np.random.default_rng(2)
    for n, k in ((10, 3), (100, 1), (100, 99), (50, 50), (20, 0)):
        coefficients = random.normal(size=n)
        before = coefficients.copy()
        found = answer(coefficients, k)
        if unanswered(found):
            return None
        wanted = before.copy()
        wanted[np.argsort(-np.abs(before))[k:]] = 0
        if not near(found, wanted, 1e-12):
            return False
        if not near(coefficients, before, 0):
            raise ValueError("the coefficients that were given have been changed; work on a copy")
    return True


def _psnr_of_1000() -> float:
    return sparsity.psnr(_colour(), _wavelets().keep(1000))


@cache
def _most_similar() -> str:
    """The letter of the picture with the highest SSIM, of those in the lesson."""
    colour = _colour()
    noise = 0.1 * torch.randn(colour.shape, generator=torch.Generator().manual_seed(0))
    pictures = {"A": colour + 0.1, "B": colour + noise, "C": _wavelets().keep(181)}
    return max(pictures, key=lambda name: sparsity.ssim(colour, pictures[name]))


def _decibels(rate: float, times: float) -> float:
    """By how much PSNR rises when k grows by a factor and magnitudes decay like m^-rate."""
    return 10 * math.log10(times ** (2 * rate - 1))


def _psnr_of_the_mean() -> float:
    """Of numbers that are evenly spread over [0, 1]: their variance is 1 / 12."""
    return -10 * math.log10(1 / 12)


def _growth() -> float:
    """By how much the coefficients that an edge touches grow in number, from a scale to the next finer one."""
    haar = Wavelet("haar", levels=6, mode="periodization")
    edge = sparsity.expand(cx.drawings.draw("edge", 512), haar)
    counts = [
        sum(
            np.count_nonzero(edge.importance[band.slice] > 0.05)
            for band in edge.transform.bands[1:]
            if band.scale == scale
        )
        for scale in (6, 2)
    ]
    return round((counts[1] / counts[0]) ** (1 / 4))


def _shearlets_per_pixel() -> float:
    return 0.01 * Shearlet().n_bands


EXERCISES = {
    "2.1": Exercise(
        _keeps_the_largest,
        "np.argsort(-np.abs(c)) gives the places from the largest to the smallest. Keep the first k of them in an "
        "array of zeros. Signs stay, and k = 0 keeps nothing.",
        "It keeps the k largest of random rows, signs and all.",
    ),
    "2.2": Exercise(
        lambda answer: near(answer, _psnr_of_1000(), 0.05),
        "By Parseval the squared error is the sum of the squares that are dropped: those of magnitudes[1000:]. The mean "
        "is over all numbers of the picture, 3 · 65,536 of them. PSNR is -10 log10 of it.",
        "No picture had to be made. `sparsity.psnr(colour, expansions['wavelets'].keep(1000))` says the same.",
    ),
    "2.3": Exercise(
        lambda answer: letter(answer) == _most_similar(),
        "SSIM compares small windows: their mean, their contrast, and whether they go up and down together. Which of "
        "the three changes leaves two of these as they are? `sparsity.ssim(colour, pictures['A'])` computes it.",
        "In each window it only moves the mean; contrast and structure stay. Noise and a coarse approximation change "
        "the structure.",
    ),
    "2.4": Exercise(
        lambda answer: near(answer, _decibels(1.5, 2), 0.05),
        "The squared error goes like k^(1 - 2a), with a = 3/2. By what does it fall when k doubles? PSNR rises by 10 "
        "log10 of that factor.",
        "k^(-2): a quarter of the error, 6 dB for each doubling. With a = 1 it would be 3 dB.",
    ),
    "2.5": Exercise(
        lambda answer: near(answer, _psnr_of_the_mean(), 0.02),
        "The mean squared error of the mean is the variance. That of numbers spread evenly over an interval of length 1 "
        "is the integral of (x - 1/2)² from 0 to 1.",
        "1/12. That is where the three bases begin, with the one coefficient that holds the mean; and the next 3,000 "
        "hardly help.",
    ),
    "2.6": Exercise(
        lambda answer: near(answer, _growth(), 0.1),
        "Halve the grid's spacing: how many more squares does a curve pass through? Think of how long it is, measured "
        "in sides of a square.",
        "The edge is a curve: its length counts, not an area. So an ever smaller part of the coefficients is touched.",
    ),
    "2.7": Exercise(
        lambda answer: near(answer, _shearlets_per_pixel(), 0.005),
        "There are 49 coefficients for each pixel. So 1 % of them are how many for each pixel?",
        "Half as many numbers as pixels. A share of coefficients says nothing until one knows how many there are.",
    ),
}

WRONG = {
    "2.1": (lambda c, k: c[:k], lambda c, k: np.where(c >= np.sort(c)[::-1][max(k - 1, 0)], c, 0), 5),
    "2.2": (10.0, lambda: 0, "many", _psnr_of_1000() + 10 * math.log10(3), _psnr_of_1000() / 2),
    "2.3": ("B", "C", "c)", 1),
    "2.4": (3.01, 2, 4, 0.25),
    "2.5": (1 / 12, 6.02, 11.5),
    "2.6": (1, 4, 3),
    "2.7": (0.01, 49, 1),
}
"""Answers that somebody might give; the tests look that each is told as not right."""
