"""Adam for one tensor (Kingma and Ba, 2015, Algorithm 1).

The operations are those of `torch.optim.Adam`, in its order, so that both round alike. Making any optimiser of
`torch.optim` imports `torch._dynamo`, which takes more than a second and 70 MB and serves nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

_EPSILON = 1e-8


class Adam:
    """Moves a tensor against its gradient, scaled by running averages of the gradient and of its square.

    On another device than the CPU nothing is read back, and a step can be captured in a CUDA graph.

    Args:
        parameters: To move, in place.
        betas: Decay of the two averages, in [0, 1).
    """

    def __init__(self, parameters: Tensor, *, betas: tuple[float, float]) -> None:
        self._parameters, self._betas = parameters.detach(), betas
        self._average = torch.zeros_like(self._parameters)
        self._average_of_squares = torch.zeros_like(self._parameters)
        device = parameters.device
        self._count: Tensor | float = 0.0 if device.type == "cpu" else torch.zeros((), device=device)

    def step(self, gradient: Tensor, learning_rate: Tensor | float) -> None:
        """Move the parameters once.

        Args:
            gradient: In the shape of the parameters.
            learning_rate: A number on the CPU, a tensor on the device elsewhere.
        """
        first, second = self._betas
        self._count += 1.0
        self._average.lerp_(gradient, 1 - first)
        self._average_of_squares.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        step_size = learning_rate / (1 - first**self._count)
        scale = self._average_of_squares.sqrt().div_((1 - second**self._count) ** 0.5).add_(_EPSILON)
        self._parameters.sub_((self._average * step_size).div_(scale))
