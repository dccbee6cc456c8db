"""Two ways from a step's samples to the gradient that the masks descend: the published one, and the accelerated one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch

from cartoonx_widgets.masking.gradient_memory import GradientMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from cartoonx_widgets.masking.acceleration import Acceleration
    from cartoonx_widgets.masking.evaluations import CleanCartoon, Evaluation
    from cartoonx_widgets.masking.objective import Objective
    from cartoonx_widgets.masking.sampling import Draws, Sampler
    from cartoonx_widgets.representations import Transform


class Gradient(Protocol):
    """A way to the gradient of the objective.

    Attributes:
        updates: How often the masks are updated in a step.
    """

    updates: int

    def evaluate(self, mask: Tensor, cartoon: Tensor, draws: Draws) -> Tensor:
        """Show a step's samples to the classifier; return their mean distortion, (B,).

        Args:
            mask: (B, 1, N).
            cartoon: Its cartoons A(s h), (B, C, H, W), not clamped.
            draws: What the step draws.
        """
        ...

    def at(self, mask: Tensor, penalty_gradient: Tensor, remaining: Tensor) -> Tensor:
        """Compute the gradient (B, 1, N) at masks (B, 1, N), which the step's updates move.

        Args:
            mask: The current masks.
            penalty_gradient: Of the weighted penalties, (B, 1, N).
            remaining: The part of the run that remains, from 1 towards 0, on the device.
        """
        ...


class PublishedGradient:
    """The gradient of a step's own samples, which is forgotten after one update of the masks.

    Args:
        sampler: Makes the samples.
        objective: Measures them.
        clean: Keeps the probabilities of clean cartoons.
    """

    updates = 1

    def __init__(self, sampler: Sampler, objective: Objective, clean: CleanCartoon) -> None:
        self._sampler, self._objective, self._clean = sampler, objective, clean
        self._gradient = torch.zeros_like(objective.coefficients[:, :1])

    def evaluate(self, mask: Tensor, cartoon: Tensor, draws: Draws) -> Tensor:
        """Show a step's samples to the classifier; return their mean distortion, (B,)."""
        distortion = torch.zeros_like(self._objective.original[:, 0])

        def weighted(logits: Tensor, weights: Tensor) -> Tensor:
            return weights * self._objective.distortion(logits)

        def measured() -> Iterator[Evaluation]:
            for evaluation in self._sampler.evaluate(mask, cartoon, draws, weighted):
                distortion.add_(evaluation.measured.sum(1))
                self._clean.keep(mask, evaluation)
                yield evaluation

        self._gradient = self._sampler.gradient(measured())
        return distortion

    def at(self, mask: Tensor, penalty_gradient: Tensor, remaining: Tensor) -> Tensor:  # noqa: ARG002
        """Add the samples' gradient to that of the penalties, (B, 1, N)."""
        return self._gradient + penalty_gradient


class AcceleratedGradient:
    """The gradient of the last steps' samples, to first order, at each of a step's updates of the masks.

    Args:
        sampler: Makes the samples.
        objective: Measures them.
        clean: Keeps the probabilities of clean cartoons.
        settings: Of the acceleration.
        transform: The representation at this size.
        steps_done: How many steps are done, (1,), on the device; counted there by the optimisation.
    """

    def __init__(
        self,
        sampler: Sampler,
        objective: Objective,
        clean: CleanCartoon,
        *,
        settings: Acceleration,
        transform: Transform,
        steps_done: Tensor,
    ) -> None:
        self._sampler, self._clean, self._steps_done = sampler, clean, steps_done
        self.memory = GradientMemory(settings, objective, transform, samples=sampler.samples)
        self.updates = self.memory.updates

    def evaluate(self, mask: Tensor, cartoon: Tensor, draws: Draws) -> Tensor:
        """Remember a step's samples; return the mean distortion (B,) of all that are remembered, as measured."""
        first = 0
        for evaluation in self._sampler.evaluate(mask, cartoon, draws, self.memory.measure):
            self.memory.add(self._steps_done, first, mask, evaluation, self._sampler.gradients(evaluation))
            self._clean.keep(mask, evaluation)
            first += len(evaluation.chunk.weights)
        return self.memory.distortion()

    def at(self, mask: Tensor, penalty_gradient: Tensor, remaining: Tensor) -> Tensor:
        """Compute the gradient of what is remembered, and of the penalties, at the current masks, (B, 1, N)."""
        return self.memory.gradient(mask, penalty_gradient, remaining)
