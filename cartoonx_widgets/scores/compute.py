"""The scores that an explanation has by itself, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.scores.edges import hallucination
from cartoonx_widgets.scores.info import NAMES
from cartoonx_widgets.scores.information import conciseness_preciseness, retained_probability, sparsity

if TYPE_CHECKING:
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.scores.edges import EdgeDetector


def compute(explanation: Explanation, *, detector: EdgeDetector | None = None) -> dict[str, float]:
    """Compute all scores that need neither the classifier nor another run, by name.

    Args:
        explanation: of one image.
        detector: of the hallucination score; `Canny()` by default.

    Returns:
        A number for each of `NAMES`.
    """
    found = (
        retained_probability(explanation),
        conciseness_preciseness(explanation, measure="entropy"),
        conciseness_preciseness(explanation, measure="l1"),
        conciseness_preciseness(explanation, measure="l1_pixel"),
        hallucination(explanation, detector=detector),
        sparsity(explanation),
        explanation.share_kept,
    )
    return dict(zip(NAMES, found, strict=True))
