"""What every representation offers: a linear pair over one flat tensor of coefficients.

Shapes are said in the same letters everywhere: B images, C colours, H x W pixels, N coefficients of one
colour. A coefficient tensor is (B, C, N) whatever the transform; a `Band` says where a subband lies in it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

Orientation = Literal["lowpass", "horizontal", "vertical", "diagonal"]


@dataclass(frozen=True, kw_only=True)
class Band:
    """One subband and its place in the flat coefficients.

    Attributes:
        scale: 1 is the finest; the lowpass has the coarsest scale of the transform.
        orientation: "lowpass", or the direction of the edges that the band responds to: "horizontal"
            (PyWavelets' cH), "vertical" (cV), "diagonal" (cD).
        shape: rows and columns of the band.
        start: index of its first coefficient in the flat tensor; coefficients follow row by row.
    """

    scale: int
    orientation: Orientation
    shape: tuple[int, int]
    start: int

    @property
    def name(self) -> str:
        """Short name: "lowpass", or orientation and scale, such as "d1" for the finest diagonal band."""
        return self.orientation if self.orientation == "lowpass" else f"{self.orientation[0]}{self.scale}"

    @property
    def stop(self) -> int:
        """Index one past its last coefficient in the flat tensor."""
        return self.start + self.shape[0] * self.shape[1]

    @property
    def slice(self) -> slice:
        """Where the band lies along the last axis of the flat tensor."""
        return slice(self.start, self.stop)

    def of(self, coefficients: Tensor) -> Tensor:
        """The band's own coefficients (..., rows, columns), a view of the flat (..., N)."""
        return coefficients[..., self.slice].view(*coefficients.shape[:-1], *self.shape)


class Transform(ABC):
    """A representation fixed to one image size: the linear pair `analyse` and `synthesise`.

    Attributes:
        size: (H, W) of the images.
        bands: the subbands; together they tile the N coefficients in order, the lowpass first.
        device: where its tensors live.
        dtype: float32 or float64.
    """

    size: tuple[int, int]
    bands: tuple[Band, ...]
    device: torch.device
    dtype: torch.dtype

    @property
    def n_coefficients(self) -> int:
        """N, the number of coefficients of one colour."""
        return self.bands[-1].stop

    @abstractmethod
    def analyse(self, image: Tensor) -> Tensor:
        """Coefficients (B, C, N) of images (B, C, H, W)."""

    @abstractmethod
    def synthesise(self, coefficients: Tensor) -> Tensor:
        """Images (B, C, H, W) of coefficients (B, C, N); differentiable, with the exact adjoint as gradient."""

    @abstractmethod
    def adjoint(self, image: Tensor) -> Tensor:
        """The adjoint A* of synthesis A, (B, C, H, W) to (B, C, N): <A c, x> = <c, A* x> for all c and x."""

    def band(self, scale: int, orientation: Orientation) -> Band:
        """The band of this scale and orientation.

        Raises:
            ValueError: there is no such band; the message lists those that exist.
        """
        for band in self.bands:
            if band.scale == scale and band.orientation == orientation:
                return band
        names = ", ".join(f"{band.name} (scale {band.scale}, {band.orientation})" for band in self.bands)
        raise ValueError(f"no band has scale={scale!r} and orientation={orientation!r}; choose one of {names}")

    def split(self, coefficients: Tensor) -> dict[str, Tensor]:
        """Views of the bands by name: (..., N) to {name: (..., rows, columns)}."""
        return {band.name: band.of(coefficients) for band in self.bands}

    def join(self, bands: dict[str, Tensor]) -> Tensor:
        """The inverse of `split`: {name: (..., rows, columns)} to the flat (..., N)."""
        return torch.cat([bands[band.name].flatten(-2) for band in self.bands], dim=-1)

    def groups(self) -> Sequence[slice]:
        """Slices of bands that share their noise statistics: the lowpass, then all orientations of a scale."""
        keys: dict[tuple[bool, int], list[Band]] = {}
        for band in self.bands:
            keys.setdefault((band.orientation == "lowpass", band.scale), []).append(band)
        return [slice(group[0].start, group[-1].stop) for group in keys.values()]


class Representation(Protocol):
    """Settings of a transform; `transform` fixes them to an image size."""

    def transform(
        self, size: tuple[int, int], *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> Transform:
        """The linear pair for images of `size` = (H, W).

        Raises:
            ValueError: the settings do not fit the size.
        """
        ...
