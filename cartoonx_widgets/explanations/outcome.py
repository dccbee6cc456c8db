"""Whether a cartoon keeps its class, and whether its mask collapsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartoonx_widgets.masking.distortions import SquaredDifference
from cartoonx_widgets.masking.method import PENALTY_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.classifiers.activations import ActivationName
    from cartoonx_widgets.masking.method import Method

_COLLAPSED_SHARE = 0.01
_COLLAPSED_RETENTION = 0.5
_TRUE = 0.5


class Outcome(NamedTuple):
    """Whether a cartoon keeps its class.

    Attributes:
        target: the explained class, with its probability for the photograph.
        probability: its probability for the cartoon.
        share_kept: mean mask entry.
        first: the cartoon's most probable class.
        activation: of the classifier, "softmax" or "sigmoid".
    """

    target: Prediction
    probability: float
    share_kept: float
    first: Prediction
    activation: ActivationName = "softmax"

    @property
    def kept(self) -> bool:
        """Return whether the cartoon's most probable class is the explained one; with sigmoids, if it is over 0.5."""
        if self.activation == "sigmoid":
            return self.probability >= _TRUE
        return self.first.index == self.target.index

    @property
    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        label, before = self.target.label, self.target.probability
        figures = f"{before:.2f} → {self.probability:.2f} with {self.share_kept:.1%} of the coefficients"
        if self.kept:
            return f"{label} is kept: {figures}"
        if self.activation == "sigmoid":
            return f"{label} is not kept: {figures}"
        return f"{label} is not kept: {figures}; the cartoon is {self.first.label} ({self.first.probability:.2f})"


def has_collapsed(outcome: Outcome, curves: Mapping[str, np.ndarray], method: Method) -> bool:
    """Return whether a run with these curves that came to this outcome has collapsed to an empty mask."""
    fell = outcome.share_kept < _COLLAPSED_SHARE <= max(curves["l1"], default=0.0)
    lost = outcome.probability < _COLLAPSED_RETENTION * outcome.target.probability
    return bool(fell and lost and method.area is None)


def warning_of(outcome: Outcome, curves: Mapping[str, np.ndarray], method: Method) -> str:
    """Return what went wrong and its remedy where the mask collapsed, else an empty string."""
    if not has_collapsed(outcome, curves, method):
        return ""
    weights = ((name, getattr(method, name)) for name in PENALTY_WEIGHTS)
    lower = " or ".join(f"{name} (now {weight:g})" for name, weight in weights if weight)
    remedy = f"Lower {lower}" if lower else "Take a lower learning rate"
    if method.distortion == SquaredDifference("original"):
        free = outcome.target.probability**2
        return (
            f"The mask collapsed to nearly nothing. Measured against the class's own probability, an empty mask costs "
            f"a distortion of at most {free:.2g}, less than the penalties on keeping more. {remedy}, or measure "
            "against probability 1 (reference='one')"
        )
    return f"The mask collapsed to nearly nothing: the penalty on coefficients outweighs the class. {remedy}"
