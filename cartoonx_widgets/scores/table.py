"""One table of all scores that an explanation is compared by: what each is called, and when it is better."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Better = Literal["more", "less", ""]
Form = Literal["number", "share", "seconds"]


class ScoreInfo(NamedTuple):
    """What a score is called, what it means, and when it is better.

    Attributes:
        name: Of its column in tables and records.
        label: Its heading.
        symbol: Its formula or symbol; x is the photograph, x̂ the cartoon, s the mask.
        about: What it measures, in one sentence.
        better: Whether "more" or "less" is better; "" where neither is.
        form: How its values are written: as a number, as a share in percent, or as seconds.
        log: Whether it is drawn on a logarithmic axis.
    """

    name: str
    label: str
    symbol: str
    about: str
    better: Better
    form: Form = "number"
    log: bool = False


_SCORES = (
    ScoreInfo(
        "probability", "Probability", "p(x̂)", "What the classifier gives the explained class for the cartoon.", "more"
    ),
    ScoreInfo(
        "retained_probability",
        "Retained",
        "p(x̂) / p(x)",
        "The class's probability for the cartoon over that for the photograph; above 1 the cartoon is a clearer case.",
        "more",
    ),
    ScoreInfo(
        "probability_rest",
        "Rest",
        "p(A((1 - s) h))",
        "What the classifier gives the explained class for the photograph without what is kept: low where that is "
        "needed.",
        "",
    ),
    ScoreInfo(
        "cp_entropy",
        "CP-entropy",
        "CP-H",
        "Conciseness and preciseness: retained probability over the retained share of the coefficients' entropy.",
        "more",
        log=True,
    ),
    ScoreInfo(
        "cp_l1",
        "CP-l1",
        "CP-ℓ₁",
        "Conciseness and preciseness: retained probability over the retained share of the coefficients' l1 norm.",
        "more",
        log=True,
    ),
    ScoreInfo(
        "cp_l1_pixel",
        "CP-l1 pixel",
        "CP-ℓ₁ pixel",
        "Conciseness and preciseness: retained probability over the retained share of the pixels' l1 norm.",
        "more",
        log=True,
    ),
    ScoreInfo(
        "hallucination",
        "Hallucination",
        "HS",
        "The share of the cartoon's edges that the photograph does not have.",
        "less",
        "share",
    ),
    ScoreInfo(
        "distortion",
        "Distortion",
        "d(x, z)",
        "How far the classifier's output is from its aim where what is not kept is noise: mean of the last steps.",
        "less",
        log=True,
    ),
    ScoreInfo(
        "sparsity",
        "Sparsity",
        "#{s ≤ 0.01} / N",
        "The share of the mask's entries that are 0.01 or less.",
        "more",
        "share",
    ),
    ScoreInfo("share_kept", "Kept", "‖s‖₁ / N", "The mean of the mask's entries.", "less", "share"),
    ScoreInfo("seconds", "Seconds", "t", "How long the explanation's own steps took.", "less", "seconds", log=True),
)
SCORES: Mapping[str, ScoreInfo] = MappingProxyType({one.name: one for one in _SCORES})
"""All scores by name."""
NAMES = (
    "retained_probability",
    "probability_rest",
    "cp_entropy",
    "cp_l1",
    "cp_l1_pixel",
    "hallucination",
    "sparsity",
    "share_kept",
)
"""Those that `compute` gives."""
