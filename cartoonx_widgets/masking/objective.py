"""The objective: E[d(x, z)] + penalties on the mask and its cartoon (ECCV 2022, equation 5), and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.classifiers.activations import ACTIVATIONS
from cartoonx_widgets.masking.distortions import OfLogOdds
from cartoonx_widgets.masking.penalties import AreaConstraint, MaskL1, Penalty, SpatialL1, SpatialL2, TotalVariation

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Transform


class Objective:
    """The terms of the objective at a mask: distortions of logits, and the penalties with their exact gradient.

    How the distortion's gradient is estimated from samples is the business of `gradients`.

    Args:
        image: The photographs x, (B, C, H, W) in [0, 1].
        coefficients: Theirs, h, (B, C, N).
        targets: The explained classes, (B,).
        classifier: The frozen classifier.
        method: The settings.
        transform: The representation at this size, with its synthesis A.

    Attributes:
        penalties: Those that fit the representation.
        original: Logits of the photographs, (B, K).
        activation: Makes probabilities of logits.
        of_log_odds: The distortion where it is a function of the explained class's log-odds alone, else None.
        aim: The probability at which such a distortion is least, (B, 1) or a number.

    Raises:
        ValueError: If a penalty that has a weight does not fit the representation.
    """

    def __init__(
        self,
        image: Tensor,
        coefficients: Tensor,
        targets: Tensor,
        *,
        classifier: Classifier,
        method: Method,
        transform: Transform,
    ) -> None:
        self.activation = ACTIVATIONS[classifier.activation]
        self.penalties = fitting_penalties(method, transform)
        with torch.no_grad():
            self.original = classifier(image)
        self.targets = targets
        self.coefficients, self._grey_coefficients = coefficients, coefficients.mean(1, keepdim=True)
        self._distortion, self._transform = method.distortion, transform
        self.of_log_odds = method.distortion if isinstance(method.distortion, OfLogOdds) else None
        self.aim = self.of_log_odds.aim(self.original, targets, self.activation) if self.of_log_odds else 1.0
        self._weighted = self._which_are_weighted(method)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its terms, distortion, each penalty that fits the representation, and loss, their sum."""
        return ("distortion", *(penalty.name for penalty in self.penalties), "loss")

    def update(self, method: Method) -> bool:
        """Take over the penalty weights of a method that fits; True where another set of penalties has one."""
        before, self._weighted = self._weighted, self._which_are_weighted(method)
        return before != self._weighted

    def cartoon(self, mask: Tensor) -> Tensor:
        """Synthesise the cartoons A(s h) of masks (B, 1, N): (B, C, H, W), not clamped."""
        return self._transform.synthesise_masked(mask, self.coefficients)

    def grey_cartoon(self, mask: Tensor) -> Tensor:
        """Synthesise the means over the colours of the cartoons, (B, 1, H, W), where a weighted penalty reads them."""
        return self._transform.synthesise_masked(mask, self._grey_coefficients)

    @property
    def needs_cartoon(self) -> bool:
        """Return whether a penalty that has a weight reads the cartoon."""
        return any(on and penalty.reads_cartoon for on, penalty in zip(self._weighted, self.penalties, strict=True))

    def distortion(self, logits: Tensor) -> Tensor:
        """Measure distortions (B, s) of the logits (B, s, K) of obfuscated images."""
        return self._distortion(self.original, logits, self.targets, self.activation)

    def penalise(self, mask: Tensor, grey: Tensor) -> Tensor:
        """Measure the penalties (P, B) of masks (B, 1, N) and their cartoons' means over the colours (B, 1, H, W)."""
        return torch.stack([penalty(mask, grey, self._transform) for penalty in self.penalties])

    def penalty_gradient(self, mask: Tensor, grey: Tensor, weights: Tensor) -> Tensor:
        """Differentiate the weighted sum of the penalties that have a weight.

        Args:
            mask: (B, 1, N).
            grey: Its cartoons' means over the colours, (B, 1, H, W).
            weights: Of the penalties, (P,).

        Returns:
            The gradient to the masks, (B, 1, N).
        """
        to_mask, to_grey = torch.zeros_like(mask), torch.zeros_like(grey)
        for penalty, weight, weighted in zip(self.penalties, weights.unbind(), self._weighted, strict=True):
            if weighted:
                total = to_grey if penalty.reads_cartoon else to_mask
                total.addcmul_(weight, penalty.gradient(mask, grey, self._transform))
        if self.needs_cartoon:
            to_mask += self._transform.mask_gradient(to_grey, self._grey_coefficients)
        return to_mask

    def terms(self, distortion: Tensor, penalties: Tensor, weights: Tensor) -> Tensor:
        """Put the terms together in the order of `names`, (2 + P, B), the loss last."""
        return torch.cat([distortion[None], penalties, (distortion + weights @ penalties)[None]])

    def _which_are_weighted(self, method: Method) -> tuple[bool, ...]:
        return tuple(getattr(method, f"lambda_{penalty.name}") > 0 for penalty in self.penalties)


def fitting_penalties(method: Method, transform: Transform) -> tuple[Penalty, ...]:
    """Choose the penalties that fit a representation.

    Raises:
        ValueError: If one that has a weight does not fit.
    """
    penalties: list[Penalty] = [MaskL1(), SpatialL1(), SpatialL2(), TotalVariation()]
    if method.area is not None:
        penalties.append(AreaConstraint(method.area))
    for penalty in penalties:
        setting = f"lambda_{penalty.name}"
        if (weight := getattr(method, setting)) and (misfit := penalty.misfit(transform)):
            raise ValueError(f"{setting}={weight!r} does not fit the representation: it {misfit}. Set {setting}=0")
    return tuple(penalty for penalty in penalties if not penalty.misfit(transform))
