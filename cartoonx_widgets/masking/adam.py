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
_CHUNK = 2**18  # numbers updated at once on a CPU, which stay in its cache


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
        self._chunk = _CHUNK if device.type == "cpu" else max(1, parameters.numel())
        self._count: Tensor | float = 0.0 if device.type == "cpu" else torch.zeros((), device=device)

    def step(self, gradient: Tensor, learning_rate: Tensor | float) -> None:
        """Move the parameters once.

        Args:
            gradient: In the shape of the parameters.
            learning_rate: A number on the CPU, a tensor on the device elsewhere.
        """
        first, second = self._betas
        self._count += 1.0
        step_size, correction = learning_rate / (1 - first**self._count), (1 - second**self._count) ** 0.5
        tensors = (self._parameters, self._average, self._average_of_squares, gradient)
        chunks = [torch.split(tensor.view(-1), self._chunk) for tensor in tensors]
        for parameters, average, squares, some in zip(*chunks, strict=True):
            average.lerp_(some, 1 - first)
            squares.mul_(second).addcmul_(some, some, value=1 - second)
            parameters.sub_((average * step_size).div_(squares.sqrt().div_(correction).add_(_EPSILON)))
