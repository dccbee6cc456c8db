"""The exercises of lesson 6: sufficient, necessary, and why not the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from cartoonx_widgets.representations import Wavelet

from checks import Exercise
from checks.answers import letter, near, unanswered


def _is_the_rest(answer: Any) -> bool | None:
    transform = Wavelet("haar", levels=2, mode="periodization").transform((16, 16))

    def synthesise(coefficients: torch.Tensor) -> torch.Tensor:
        return transform.synthesise(coefficients[None])[0]

    generator = torch.Generator().manual_seed(6)
    coefficients = transform.analyse(torch.rand(1, 3, 16, 16, generator=generator))[0]
    for mask in (torch.rand(256, generator=generator).round(), torch.rand(256, generator=generator), torch.ones(256)):
        found = answer(mask.clone(), coefficients.clone(), synthesise)
        if unanswered(found):
            return None
        if not near(found, synthesise((1 - mask) * coefficients).clamp(0, 1), 1e-6):
            return False
    return True


def _is_among_both(answer: Any) -> bool | None:
    logits = torch.tensor([2.0, -1.0, 0.5, 1000.0, 1001.0])
    for a, b in ((0, 1), (1, 0), (2, 2), (4, 3), (0, 4)):
        found = answer(logits.clone(), a, b)
        if unanswered(found):
            return None
        if not near(found, torch.sigmoid(logits[a] - logits[b]), 1e-6):
            return False
    return True


def _is_the_mean(answer: Any) -> bool | None:
    profiles = np.random.default_rng(6).dirichlet(np.ones(6), size=4).tolist()
    found = answer([list(profile) for profile in profiles])
    return None if unanswered(found) else np.shape(found) == (6,) and near(found, np.mean(profiles, axis=0), 1e-9)


EXERCISES = {
    "6.1": Exercise(
        lambda answer: letter(answer) == "B",
        "Two facts: alone the part is enough, and without it the class stays. Which word goes with which?",
        "Sufficient is what the cartoon shows, not necessary is what the rest shows.",
    ),
    "6.2": Exercise(
        _is_the_rest,
        "What the mask does not keep is 1 - mask. Multiply the coefficients by it, synthesise, and clamp to [0, 1] last.",
        "Up to the clamp, cartoon and rest add up to the photograph, since the synthesis is linear.",
    ),
    "6.3": Exercise(
        _is_among_both,
        "Divide numerator and denominator by the exponential of the first logit: a sigmoid is left, of which difference?",
        "It is the sigmoid of the difference of two logits, so all other classes have dropped out of the question.",
    ),
    "6.4": Exercise(
        lambda answer: letter(answer) == "B",
        "The cartoon is another picture than the photograph. What may have been deleted, beside what is irrelevant?",
        "What a cartoon deletes can have spoken against its class.",
    ),
    "6.5": Exercise(
        _is_the_mean,
        "The mean over the profiles, for each scale by itself: as many numbers as there are scales.",
        "It adds up to 1 again, as each profile does.",
    ),
    "6.6": Exercise(
        lambda answer: letter(answer) == "B",
        "How many photographs are in each column? What would another seed, or another three, change?",
        "A difference between two small groups is a question, and a study of many photographs is the way to an answer.",
    ),
}


WRONG = {
    "6.1": ("A", "C", 1),
    "6.2": (
        lambda mask, coefficients, synthesise: synthesise(mask * coefficients).clamp(0, 1),
        lambda mask, coefficients, synthesise: synthesise(coefficients).clamp(0, 1),
        lambda mask, coefficients, synthesise: synthesise((1 - mask) * coefficients) + 2,
        "rest",
    ),
    "6.3": (
        lambda logits, a, b: torch.softmax(logits, 0)[a],
        lambda logits, a, b: torch.sigmoid(logits[b] - logits[a]),
        lambda logits, a, b: logits[a].exp() / (logits[a].exp() + logits[b].exp()),
        0.5,
    ),
    "6.4": ("A", "C"),
    "6.5": (
        lambda profiles: np.mean(profiles),
        lambda profiles: np.mean(profiles, axis=1),
        lambda profiles: np.sum(profiles, axis=0),
    ),
    "6.6": ("A", "C"),
}
"""Answers that somebody might give; the tests look that each is told as not right."""
