"""The descent of a mask: Adam on its parameters, which are clamped to [0, 1] after each update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.masking.adam import Adam
from cartoonx_widgets.masking.budget import project

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Transform

_BETAS = (0.9, 0.999)
_ACCELERATED_BETAS = (0.9, 0.99)


class Descent:
    """Moves a mask against a gradient.

    Args:
        method: The settings, which say how the mask is parametrised and where it starts.
        transform: The representation at this size.
        count: B, how many masks.

    Attributes:
        parameters: Of the masks, (B, 1, P) in [0, 1].

    Raises:
        ValueError: If the mask does not fit the representation.
    """

    def __init__(self, method: Method, transform: Transform, count: int) -> None:
        self._model, self._transform = method.mask, transform
        self.parameters = method.mask.start(transform, count).requires_grad_()
        self._adam = Adam(self.parameters, betas=_ACCELERATED_BETAS if method.acceleration else _BETAS)

    @property
    def mask(self) -> Tensor:
        """Return a copy of the masks, (B, 1, N) in [0, 1]."""
        with torch.no_grad():
            # A parametrisation may round beyond 1.
            return self._model.mask(self.parameters.detach(), self._transform).clamp(0, 1)

    def step(self, gradient: Tensor, learning_rate: Tensor | float, budget: Tensor | None = None) -> None:
        """Take one step of Adam.

        Args:
            gradient: Of the objective to the masks, (B, 1, N); it is carried back to their parameters.
            learning_rate: Of this step: a number on the CPU, a tensor on the device elsewhere.
            budget: The largest mean that the masks may have; None without one.
        """
        gradient = self._transform.tie(gradient)
        with torch.enable_grad():
            mask = self._model.mask(self.parameters, self._transform)
            if mask is not self.parameters:
                (gradient,) = torch.autograd.grad(mask, self.parameters, gradient)
        self.parameters.grad = gradient
        with torch.no_grad():
            self._adam.step(gradient, learning_rate)
            if budget is None:
                self.parameters.clamp_(0, 1)
            else:
                self.parameters.copy_(project(self.parameters, budget))
