"""What every representation offers: a linear pair over one flat tensor of coefficients.

Shapes have the same letters everywhere: B images, C colours, H x W pixels, N coefficients of one colour. A coefficient
tensor is (B, C, N) and real whatever the transform; a `Band` describes where a subband lies in it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch

from cartoonx_widgets._neutral import neutral

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Band:
    """One subband and its place in the flat coefficients.

    Attributes:
        scale: 1 is the finest; the lowpass has the coarsest scale of the transform.
        orientation: "lowpass"; the direction of the edges that the band responds to, which is "horizontal" (PyWavelets'
            cH), "vertical" (cV) or "diagonal" (cD) for separable wavelets, and an angle such as "+45°" for directional
            transforms; or "pixels".
        angle: the direction of those edges in degrees, counter-clockwise from the horizontal, above -90 and at most 90;
            None where a band has no single direction.
        shape: rows and columns of the band.
        parts: how many real numbers make one coefficient: 2 for a complex transform (real part, then imaginary part).
        start: index of its first number in the flat tensor; the numbers of a part follow row by row.
    """

    scale: int
    orientation: str
    angle: float | None = None
    shape: tuple[int, int]
    parts: int = 1
    start: int

    @property
    def name(self) -> str:
        """Return a short name, unique in its transform, such as "lowpass", "pixels", "d1" or "2 +45°"."""
        if self.orientation in ("lowpass", "pixels"):
            return self.orientation
        if self.orientation[0].isalpha():
            return f"{self.orientation[0]}{self.scale}"
        return f"{self.scale} {self.orientation}"

    @property
    def stop(self) -> int:
        """Return the index one past its last number in the flat tensor."""
        return self.start + self.parts * self.shape[0] * self.shape[1]

    @property
    def slice(self) -> slice:
        """Return where the band lies along the last axis of the flat tensor."""
        return slice(self.start, self.stop)

    def of(self, coefficients: Tensor) -> Tensor:
        """Return the band's numbers, (..., rows, columns) or (..., 2, rows, columns) if complex, a view of (..., N)."""
        parts = () if self.parts == 1 else (self.parts,)
        return coefficients[..., self.slice].view(*coefficients.shape[:-1], *parts, *self.shape)

    def of_mask(self, mask: Tensor) -> Tensor:
        """Return the band's entries (..., rows, columns) of a mask (..., N), in which all parts are alike."""
        return self.of(mask) if self.parts == 1 else self.of(mask)[..., 0, :, :]

    def magnitude(self, coefficients: Tensor) -> Tensor:
        """Return the absolute values of the band's coefficients, (..., rows, columns)."""
        values = self.of(coefficients)
        return values.abs() if self.parts == 1 else values.square().sum(-3).sqrt()


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
        """Return N, how many real numbers represent one colour."""
        return self.bands[-1].stop

    @property
    def on_pixels(self) -> bool:
        """Return whether there is one coefficient for each pixel, at its position."""
        return [band.orientation for band in self.bands] == ["pixels"]

    @abstractmethod
    def analyse(self, image: Tensor) -> Tensor:
        """Analyse images (B, C, H, W): their coefficients (B, C, N)."""

    @abstractmethod
    def adjoint(self, image: Tensor) -> Tensor:
        """Apply the adjoint A* of synthesis A, (B, C, H, W) to (B, C, N): <A c, x> = <c, A* x> for all c and x."""

    @abstractmethod
    def _synthesise(self, coefficients: Tensor) -> Tensor:
        """Compute what `synthesise` returns, without its gradient."""

    @neutral()
    def synthesise(self, coefficients: Tensor) -> Tensor:
        """Synthesise images (B, C, H, W) of coefficients (B, C, N); differentiable, by the exact adjoint."""
        image: Tensor = _Synthesis.apply(coefficients, self)  # type: ignore[no-untyped-call]
        return image

    @neutral()
    def synthesise_masked(self, mask: Tensor, coefficients: Tensor) -> Tensor:
        """Synthesise A(s h), (B, C, H, W), of masks s (B, 1, N) and coefficients h (B, C, N), without a gradient."""
        return self._synthesise(mask * coefficients)

    @neutral()
    def mask_gradient(self, gradient: Tensor, coefficients: Tensor, noise: Tensor | None = None) -> Tensor:
        """Carry a gradient g (B, C, H, W) of images A(s h + (1 - s) v) back to the masks s (B, 1, N).

        It is the sum over the colours of (h - v) A* g.

        Args:
            gradient: g, (B, C, H, W).
            coefficients: h, (B, C, N).
            noise: v, (B, C or 1, N); None where it is 0.
        """
        kept = coefficients if noise is None else coefficients - noise
        return (self.adjoint(gradient) * kept).sum(1, keepdim=True)

    def part(self, coefficients: Tensor, band: Band) -> Tensor:
        """Return what one band alone contributes to the image, (B, C, H, W)."""
        alone = torch.zeros_like(coefficients)
        alone[..., band.slice] = coefficients[..., band.slice]
        return self.synthesise(alone)

    def tie(self, gradient: Tensor) -> Tensor:
        """Turn a gradient (B, 1, N) for independent mask entries into one for entries that parts share.

        The real and the imaginary part of a coefficient have the same entry; each gets the sum of both gradients.
        """
        if all(band.parts == 1 for band in self.bands):
            return gradient
        tied = gradient.clone()
        for band in self.bands:
            if band.parts > 1:
                values = band.of(gradient)
                band.of(tied).copy_(values.sum(-3, keepdim=True).expand_as(values))
        return tied

    def band(self, scale: int, orientation: str) -> Band:
        """Return the band of this scale and orientation.

        Raises:
            ValueError: there is no such band; the message lists those that exist.
        """
        for band in self.bands:
            if band.scale == scale and band.orientation == orientation:
                return band
        names = ", ".join(f"{band.name} (scale {band.scale}, {band.orientation})" for band in self.bands)
        raise ValueError(f"no band has scale={scale!r} and orientation={orientation!r}; choose one of {names}")

    def split(self, coefficients: Tensor) -> dict[str, Tensor]:
        """Return views of the bands by name: (..., N) to {name: (..., rows, columns)}."""
        return {band.name: band.of(coefficients) for band in self.bands}

    def join(self, bands: dict[str, Tensor]) -> Tensor:
        """Undo `split`: {name: (..., rows, columns)} to the flat (..., N)."""
        return torch.cat([bands[band.name].flatten(-2 if band.parts == 1 else -3) for band in self.bands], dim=-1)

    def scales(self) -> Sequence[slice]:
        """Return the slices of the flat coefficients for the lowpass, and for each scale with all its orientations."""
        keys: dict[tuple[bool, int], list[Band]] = {}
        for band in self.bands:
            keys.setdefault((band.orientation == "lowpass", band.scale), []).append(band)
        return [slice(group[0].start, group[-1].stop) for group in keys.values()]


class _Synthesis(torch.autograd.Function):
    """Synthesis with its adjoint as gradient."""

    @staticmethod
    def forward(ctx: Any, coefficients: Tensor, transform: Transform) -> Tensor:  # noqa: ANN401
        ctx.transform = transform
        return transform._synthesise(coefficients)  # noqa: SLF001

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        transform: Transform = ctx.transform
        return transform.adjoint(gradient), None


class Representation(Protocol):
    """Settings of a transform; `transform` fixes them to an image size.

    Attributes:
        redundant: whether it has several times more coefficients than pixels.
    """

    @property
    def redundant(self) -> bool: ...  # noqa: D102 - see Attributes

    def transform(
        self, size: tuple[int, int], *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> Transform:
        """Return the linear pair for images of `size` = (H, W).

        Raises:
            ValueError: the settings do not fit the size.
        """
        ...
