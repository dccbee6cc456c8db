"""All scores at once that need neither the classifier nor another run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets import tables
from cartoonx_widgets.scores.edges import hallucination
from cartoonx_widgets.scores.information import conciseness_preciseness, retained_probability, sparsity
from cartoonx_widgets.scores.table import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cartoonx_widgets.explanations.explained import Scored
    from cartoonx_widgets.scores.edges import EdgeDetector


def compute(explanation: Scored, *, detector: EdgeDetector | None = None) -> dict[str, float]:
    """Compute all scores that need neither the classifier nor another run, by name.

    Args:
        explanation: of one image.
        detector: of the hallucination score; `Canny()` by default.

    Returns:
        A number for each of `NAMES`.
    """
    found = (
        retained_probability(explanation),
        explanation.probability_rest,
        conciseness_preciseness(explanation, measure="entropy"),
        conciseness_preciseness(explanation, measure="l1"),
        conciseness_preciseness(explanation, measure="l1_pixel"),
        hallucination(explanation, detector=detector),
        sparsity(explanation),
        explanation.share_kept,
    )
    return dict(zip(NAMES, found, strict=True))


def to_dataframe(explanations: Mapping[str, Scored], *, detector: EdgeDetector | None = None) -> pd.DataFrame:
    """Return the scores of several explanations as a data frame of pandas.

    Args:
        explanations: by label.
        detector: of the hallucination score; `Canny()` by default.

    Returns:
        A row for each explanation, with its "label" and a column for each of `NAMES`.

    Raises:
        ModuleNotFoundError: pandas is not installed.
    """
    rows = [{"label": label, **compute(explanation, detector=detector)} for label, explanation in explanations.items()]
    return tables.to_dataframe(rows, ["label", *NAMES])
