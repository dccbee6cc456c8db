"""Distortions: how far the classifier's output for obfuscated images is from where it should be.

A distortion compares logits: those of the photographs (B, K) with those of the obfuscated images (B, S, K). The
activation determines how they become probabilities, p_k, by a softmax or by sigmoids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args, runtime_checkable

from cartoonx_widgets._checks import one_of
from cartoonx_widgets.classifiers.activations import SOFTMAX, Activation, of_class

if TYPE_CHECKING:
    from torch import Tensor

Reference = Literal["original", "one"]


class Distortion(Protocol):
    """How far the classifier's output for obfuscated images is from where it should be."""

    def __call__(
        self, original: Tensor, obfuscated: Tensor, targets: Tensor, activation: Activation = SOFTMAX
    ) -> Tensor:
        """Measure distortions (B, S), at least 0.

        Args:
            original: logits of the photographs, (B, K).
            obfuscated: logits of the obfuscated images, (B, S, K).
            targets: the explained classes, (B,).
            activation: makes probabilities of logits.
        """
        ...


@runtime_checkable
class OfLogOdds(Distortion, Protocol):
    """A distortion that is a function of the explained class's log-odds m = log p_c - log(1 - p_c) alone."""

    def slope(self, log_odds: Tensor, aim: Tensor | float) -> Tensor:
        """Compute its derivative (B, S) at log-odds (B, S), for the probability that is aimed at."""
        ...

    def aim(self, original: Tensor, targets: Tensor, activation: Activation = SOFTMAX) -> Tensor | float:
        """Compute the probability at which it is least, (B, 1) or a number; the photographs' logits are (B, K)."""
        ...


@dataclass(frozen=True)
class SquaredDifference:
    """Squared difference in the explained class's probability, (r - p_c(z))^2.

    z is the obfuscated image (CartoonX, ECCV 2022, section 4.1, "d_1"). With `reference` "original", r is the
    probability p_c(x) that the classifier gives to the photograph: the published default. With "one", r = 1
    ("maximize target" in the authors' code): the mask may raise the probability, and it does not collapse where
    p_c(x) is small, since an empty mask is then not nearly free.

    Raises:
        ValueError: `reference` is neither "original" nor "one".
    """

    reference: Reference = "original"

    def __post_init__(self) -> None:
        one_of("reference", self.reference, get_args(Reference))

    def __call__(
        self, original: Tensor, obfuscated: Tensor, targets: Tensor, activation: Activation = SOFTMAX
    ) -> Tensor:
        """Measure distortions (B, S) in [0, 1] of logits (B, S, K)."""
        aim = self.aim(original, targets, activation)
        return (aim - of_class(activation.probabilities(obfuscated), targets)) ** 2

    def slope(self, log_odds: Tensor, aim: Tensor | float) -> Tensor:
        """Compute derivatives -2 (r - p) p (1 - p), (B, S), at log-odds (B, S)."""
        p = log_odds.sigmoid()
        return -2 * (aim - p) * p * (1 - p)

    def aim(self, original: Tensor, targets: Tensor, activation: Activation = SOFTMAX) -> Tensor | float:
        """Compute the reference r, (B, 1) or 1."""
        if self.reference == "one":
            return 1.0
        return of_class(activation.probabilities(original)[:, None], targets)


@dataclass(frozen=True)
class SquaredL2:
    """Squared l2 distance of all probabilities, sum_k (p_k(x) - p_k(z))^2 (ECCV 2022, section 4.1, "d_2")."""

    def __call__(
        self,
        original: Tensor,
        obfuscated: Tensor,
        targets: Tensor,  # noqa: ARG002
        activation: Activation = SOFTMAX,
    ) -> Tensor:
        """Measure distortions (B, S), at least 0, and with a softmax at most 2, of logits (B, S, K)."""
        before, after = activation.probabilities(original)[:, None], activation.probabilities(obfuscated)
        return (before - after).square().sum(-1)


@dataclass(frozen=True)
class KLDivergence:
    """Kullback-Leibler divergence of the class probabilities, sum_k p_k(x) (log p_k(x) - log p_k(z)).

    With sigmoids, the sum over the labels of their own divergences.
    """

    def __call__(
        self,
        original: Tensor,
        obfuscated: Tensor,
        targets: Tensor,  # noqa: ARG002
        activation: Activation = SOFTMAX,
    ) -> Tensor:
        """Measure distortions (B, S), at least 0, of logits (B, S, K)."""
        return activation.divergence(original, obfuscated)


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy of the explained class, -log p_c(z), from logits: the activation is taken once."""

    def __call__(
        self,
        original: Tensor,  # noqa: ARG002
        obfuscated: Tensor,
        targets: Tensor,
        activation: Activation = SOFTMAX,
    ) -> Tensor:
        """Measure distortions (B, S), at least 0, of logits (B, S, K)."""
        return -of_class(activation.log_probabilities(obfuscated), targets)

    def slope(self, log_odds: Tensor, aim: Tensor | float) -> Tensor:  # noqa: ARG002
        """Compute derivatives p - 1, (B, S), at log-odds (B, S)."""
        return -(-log_odds).sigmoid()

    def aim(self, original: Tensor, targets: Tensor, activation: Activation = SOFTMAX) -> float:  # noqa: ARG002
        """Return the probability 1."""
        return 1.0
