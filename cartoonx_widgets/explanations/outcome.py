"""Whether a cartoon keeps its class, whether the rest keeps it too, and whether the mask collapsed."""

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
    """Whether a cartoon keeps its class, so that what is kept suffices, and whether the rest loses it.

    The rest is A((1 - s) h), the photograph without what is kept.

    Attributes:
        target: the explained class, with its probability for the photograph.
        probability: its probability for the cartoon.
        share_kept: mean mask entry.
        first: the cartoon's most probable class.
        activation: of the classifier, "softmax" or "sigmoid".
        probability_rest: the class's probability for the rest; None where it was not classified.
        first_rest: the rest's most probable class; None where it was not classified.
    """

    target: Prediction
    probability: float
    share_kept: float
    first: Prediction
    activation: ActivationName = "softmax"
    probability_rest: float | None = None
    first_rest: Prediction | None = None

    @property
    def kept(self) -> bool:
        """Return whether the cartoon's most probable class is the explained one; with sigmoids, if it is over 0.5."""
        return self._is_class(self.probability, self.first)

    @property
    def needed(self) -> bool | None:
        """Return whether the rest's most probable class is another; with sigmoids, if it is under 0.5; None: unknown.

        What is kept can suffice and yet not be needed, since an image often shows its class in several places.
        """
        if self.probability_rest is None or self.first_rest is None:
            return None
        return not self._is_class(self.probability_rest, self.first_rest)

    @property
    def sentence(self) -> str:
        """Return the outcome in one sentence, such as "tripod is kept: 0.94 → 0.97 with 0.5% of the coefficients".

        Where the rest was classified it goes on with "; without them: still tripod, 0.90".
        """
        return f"{self._of_cartoon}{self._of_rest}"

    def _is_class(self, probability: float, first: Prediction) -> bool:
        return probability >= _TRUE if self.activation == "sigmoid" else first.index == self.target.index

    @property
    def _of_cartoon(self) -> str:
        label, before = self.target.label, self.target.probability
        figures = f"{before:.2f} → {self.probability:.2f} with {self.share_kept:.1%} of the coefficients"
        if self.kept:
            return f"{label} is kept: {figures}"
        if self.activation == "sigmoid":
            return f"{label} is not kept: {figures}"
        return f"{label} is not kept: {figures}; the cartoon is {self.first.label} ({self.first.probability:.2f})"

    @property
    def _of_rest(self) -> str:
        if self.probability_rest is None or self.first_rest is None:
            return ""
        label, probability, first = self.target.label, self.probability_rest, self.first_rest
        if not self.needed:
            return f"; without them: still {label}, {probability:.2f}"
        if self.activation == "sigmoid":
            return f"; without them: {label} {probability:.2f}"
        return f"; without them: {first.label}, {first.probability:.2f} ({label} {probability:.2f})"


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
