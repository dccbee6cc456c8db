"""The image itself, as a representation: one coefficient for each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.representations.base import Band, Transform

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Pixel:
    """No transform: a mask on pixels, as in Pixel RDE (ECCV 2022, section 3) and in smooth masks (ICCV 2019)."""

    redundant: ClassVar[bool] = False

    def transform(
        self, size: tuple[int, int], *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> PixelTransform:
        """Return the identity for images of `size` = (H, W)."""
        return PixelTransform(size, torch.device(device), dtype)


class PixelTransform(Transform):
    """The identity, with pixels row by row as coefficients."""

    def __init__(self, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> None:
        self.size, self.device, self.dtype = size, device, dtype
        self.bands = (Band(scale=1, orientation="pixels", shape=size, start=0),)

    @neutral()
    def analyse(self, image: Tensor) -> Tensor:
        """Return pixels (B, C, N) of images (B, C, H, W)."""
        return image.to(self.device, self.dtype).flatten(2)

    @neutral()
    def adjoint(self, image: Tensor) -> Tensor:
        """Apply the adjoint of synthesis, (B, C, H, W) to (B, C, N)."""
        return image.flatten(2)

    def _synthesise(self, coefficients: Tensor) -> Tensor:
        return coefficients.reshape(*coefficients.shape[:2], *self.size)
