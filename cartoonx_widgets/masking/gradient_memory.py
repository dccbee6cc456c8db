"""Gradients of the last steps' samples, from which the distortion at later masks is known to first order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.masking.smoothing import Smoothing

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.masking.acceleration import Acceleration
    from cartoonx_widgets.masking.evaluations import Evaluation
    from cartoonx_widgets.masking.objective import Objective
    from cartoonx_widgets.representations import Transform

_LEAST_PRESSURE = 0.05
_LOST = 0.3
_MANY_SAMPLES = 16


class GradientMemory:
    """Keeps the gradients of the last steps' samples: the distortion of later masks to first order.

    Args:
        settings: Of the acceleration.
        objective: Its distortion is remembered as a function of the log-odds, or itself to first order.
        transform: Of the masks.
        samples: S, of a step.

    Attributes:
        updates: How often a step updates the masks.
    """

    def __init__(self, settings: Acceleration, objective: Objective, transform: Transform, *, samples: int) -> None:
        self._settings, self._objective = settings, objective
        self.updates = settings.updates or (2 if samples < _MANY_SAMPLES else 4)
        self._smooth = Smoothing(transform)
        self._samples = samples
        size, original = samples * settings.memory, objective.original
        self._gradients = original.new_zeros(len(original), size, transform.n_coefficients)
        self._offsets = original.new_zeros(len(original), size)
        self._distortions = original.new_zeros(len(original), size)
        self._weights = original.new_zeros(size)
        self._shares = original.new_zeros(size)

    def measure(self, logits: Tensor, _weights: Tensor) -> Tensor:
        """Measure what is remembered to first order, (B, s), of logits (B, s, K): log-odds, or distortions."""
        if self._objective.of_log_odds is None:
            return self._objective.distortion(logits)
        return self._objective.activation.log_odds(logits, self._objective.targets)

    def add(self, step: Tensor, first: int, mask: Tensor, evaluation: Evaluation, gradients: Tensor) -> None:
        """Remember samples in place of the oldest.

        Args:
            step: how many steps are done, (1,), on the device.
            first: index of the first of these samples in their step.
            mask: (B, 1, N) at which they were evaluated.
            evaluation: What the classifier returned for them.
            gradients: Of `evaluation.measured` to the mask, (B, s, N).
        """
        count = len(evaluation.chunk.weights)
        slots = torch.arange(first, first + count, device=step.device)
        slots = (step * self._samples + slots) % len(self._weights)
        self._gradients.index_copy_(1, slots, gradients)
        self._offsets.index_copy_(1, slots, _product(evaluation.measured, gradients, mask, sign=-1))
        self._distortions.index_copy_(1, slots, self._objective.distortion(evaluation.logits))
        self._weights.index_copy_(0, slots, evaluation.chunk.weights)
        torch.div(self._weights, self._weights.sum(), out=self._shares)

    def distortion(self) -> Tensor:
        """Return the mean distortion (B,) of the samples that are remembered, as it was measured."""
        return self._distortions @ self._shares

    def gradient(self, mask: Tensor, penalty_gradient: Tensor, remaining: Tensor) -> Tensor:
        """Return the gradient (B, 1, N) to descend at masks (B, 1, N).

        Args:
            mask: the current masks.
            penalty_gradient: of the weighted penalties, (B, 1, N).
            remaining: The part of the run that remains, from 1 towards 0, on the device.
        """
        settings, of_log_odds = self._settings, self._objective.of_log_odds
        linear = _product(self._offsets, self._gradients, mask)
        weights = self._shares.expand_as(linear)
        pressure = 1 + (settings.pressure - 1) * remaining
        if of_log_odds is not None:
            probability = linear.sigmoid()
            kept = probability @ self._shares
            pressure = pressure * torch.lerp(
                torch.ones_like(kept), (kept / settings.yielding).clamp(_LEAST_PRESSURE, 1), remaining
            )
            aim = self._objective.aim
            slope = of_log_odds.slope(linear, aim)
            rescue = (probability < _LOST * aim) * (settings.rescue * aim**2 * (1 - probability))
            weights = weights * (slope - rescue * remaining)
        gradient = torch.baddbmm(pressure.reshape(-1, 1, 1) * penalty_gradient, weights[:, None], self._gradients)
        return torch.lerp(gradient, self._smooth(gradient), settings.smoothing * remaining)


def _product(offsets: Tensor, gradients: Tensor, mask: Tensor, *, sign: int = 1) -> Tensor:
    """Return offsets (B, S), plus or minus what gradients (B, S, N) give at masks (B, 1, N)."""
    return torch.baddbmm(offsets[..., None], gradients, mask.mT, alpha=sign)[..., 0]
