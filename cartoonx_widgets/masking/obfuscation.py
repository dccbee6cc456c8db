"""The noise put where the mask deletes.

Every obfuscation is a raw draw, shifted and scaled to each coefficient: location + scale * draw. The raw draws
alone are random, so that a recorded run can be replayed with its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from cartoonx_widgets.representations import Transform


class Obfuscation(Protocol):
    """A family of noise, adapted to the coefficients of each image."""

    def adapt(self, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:
        """Location and scale, each (B, 1, N), for coefficients (B, C, N)."""
        ...

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Raw noise of this shape, on the generator's device."""
        ...


@dataclass(frozen=True)
class GaussianNoise:
    """Gaussian noise with the mean and standard deviation of the coefficients that it replaces.

    Both are taken for each image over the lowpass, and over each scale with its three orientations, all colours
    together (CartoonX, ECCV 2022, section 4.2: "adaptive Gaussian noise").
    """

    def adapt(self, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:
        """Location and scale, each (B, 1, N), for coefficients (B, C, N)."""
        location = coefficients.new_empty(len(coefficients), 1, transform.n_coefficients)
        scale = torch.empty_like(location)
        for group in transform.groups():
            values = coefficients[..., group].flatten(1)
            location[..., group] = values.mean(1)[:, None, None]
            scale[..., group] = values.std(1)[:, None, None]
        return location, scale

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Raw N(0, 1) noise of this shape, on the generator's device."""
        return torch.randn(shape, generator=generator, device=generator.device, dtype=torch.float32)
