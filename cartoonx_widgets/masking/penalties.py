"""Penalties on what is kept: of the masks (B, 1, N), or of the cartoons (B, C, H, W)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import torch
from torch.nn import functional

from cartoonx_widgets._checks import number

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.representations import Transform

_ROUNDING = 1e-6  # of a synthesis in float32


class Penalty(Protocol):
    """A penalty on what is kept; the method's `lambda_<name>` multiplies it.

    Attributes:
        name: of its curve, and of its lambda.
        reads_cartoon: whether it depends on the cartoon, and not on the mask alone.
    """

    name: ClassVar[str]
    reads_cartoon: ClassVar[bool]

    def misfit(self, transform: Transform) -> str:
        """Return why it does not fit the representation, as a clause for an error message; empty where it fits."""
        ...

    def __call__(self, mask: Tensor, cartoon: Tensor, transform: Transform) -> Tensor:
        """Return penalties (B,), at least 0, of masks (B, 1, N) and their cartoons (B, C, H, W), not clamped.

        The cartoons may be grey, C = 1: their mean over the colours is what counts.
        """
        ...

    def gradient(self, mask: Tensor, grey: Tensor, transform: Transform) -> Tensor:
        """Return the gradient of the penalties to what they read: masks (B, 1, N), or grey cartoons (B, 1, H, W)."""
        ...


class _Differentiable:
    """A penalty whose gradient is found by autograd."""

    def gradient(self: Penalty, mask: Tensor, grey: Tensor, transform: Transform) -> Tensor:
        """Return the gradient of the penalties to what they read: masks (B, 1, N), or grey cartoons (B, 1, H, W)."""
        with torch.enable_grad():
            mask, grey = mask.detach().requires_grad_(), grey.detach().requires_grad_()
            read = grey if self.reads_cartoon else mask
            (gradient,) = torch.autograd.grad(self(mask, grey, transform).sum(), read)
        return gradient


class _FitsAll:
    def misfit(self, transform: Transform) -> str:  # noqa: ARG002
        """Return "": it fits every representation."""
        return ""


@dataclass(frozen=True)
class MaskL1(_FitsAll):
    """Mean absolute mask entry, (1/N) sum_i abs(s_i): the share of the coefficients that is kept, in [0, 1].

    The l1 norm of ECCV 2022, equation 5, divided by the number N of mask entries, as in the authors' code.
    """

    name: ClassVar[str] = "l1"
    reads_cartoon: ClassVar[bool] = False

    def __call__(self, mask: Tensor, cartoon: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return penalties (B,) in [0, 1]."""
        return mask.abs().mean((1, 2))

    def gradient(self, mask: Tensor, grey: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return 1/N where a mask (B, 1, N) is above 0."""
        return mask.sign().div_(mask.shape[-1])


@dataclass(frozen=True)
class SpatialL1(_FitsAll):
    """Mean of the grey cartoon, (1/HW) sum abs(g), with g = clamp(mean over the colours of A(s h), 0, 1).

    The spatial penalty of WaveletX and ShearletX (CVPR 2023, section 4).
    """

    name: ClassVar[str] = "spatial_l1"
    reads_cartoon: ClassVar[bool] = True

    def __call__(self, mask: Tensor, cartoon: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return penalties (B,) in [0, 1]."""
        return _grey(cartoon).abs().mean((1, 2))

    def gradient(self, mask: Tensor, grey: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return 1/HW where a grey cartoon (B, 1, H, W) is above 0 and at most 1."""
        return through_clamp(torch.full_like(grey, 1 / grey[0].numel()), grey, least=0.0)


@dataclass(frozen=True)
class SpatialL2(_Differentiable, _FitsAll):
    """Root mean square of the grey cartoon, (1/sqrt(HW)) ||g||_2, with g as in `SpatialL1`."""

    name: ClassVar[str] = "spatial_l2"
    reads_cartoon: ClassVar[bool] = True

    def __call__(self, mask: Tensor, cartoon: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return penalties (B,) in [0, 1]."""
        grey = _grey(cartoon)
        norm: Tensor = torch.linalg.vector_norm(grey, dim=(1, 2))  # whose gradient at 0 is 0
        return norm / math.sqrt(grey[0].numel())


@dataclass(frozen=True)
class TotalVariation(_Differentiable):
    """Squared differences of neighbours in a mask on pixels, (1/N) sum (s_u - s_v)^2 over neighbours u, v.

    The smoothness penalty of the pixel mask in the authors' code of CVPR 2023.
    """

    name: ClassVar[str] = "tv"
    reads_cartoon: ClassVar[bool] = False

    def misfit(self, transform: Transform) -> str:
        """Return "" where the mask has one entry for each pixel, else why that is needed."""
        if transform.on_pixels:
            return ""
        return "compares neighbouring pixels of a mask, and this mask is not on pixels"

    def __call__(self, mask: Tensor, cartoon: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return penalties (B,), at least 0."""
        pixels = transform.bands[0].of(mask)
        rows, columns = pixels.diff(dim=-2).square().sum((1, 2, 3)), pixels.diff(dim=-1).square().sum((1, 2, 3))
        return (rows + columns) / mask.shape[-1]


@dataclass(frozen=True)
class AreaConstraint(_Differentiable, _FitsAll):
    """Distance to a mask that is 1 on a share `area` of its entries and 0 elsewhere, (1/N) ||sort(s) - r_a||^2.

    The area constraint of Fong, Patrick and Vedaldi, "Understanding Deep Networks via Extremal Perturbations and
    Smooth Masks", ICCV 2019, divided by the number of entries N.

    Raises:
        ValueError: `area` is not a share above 0 and below 1.
    """

    area: float
    name: ClassVar[str] = "area"
    reads_cartoon: ClassVar[bool] = False

    def __post_init__(self) -> None:
        number("area", self.area, above=0, below=1)

    def __call__(self, mask: Tensor, cartoon: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return penalties (B,) in [0, 1]."""
        n = mask.shape[-1]
        most = mask[:, 0].topk(max(1, round(self.area * n)), sorted=False).values
        # (s - 1)^2 = s^2 + 1 - 2 s for those that are to be 1: no need to sort the others.
        return (mask[:, 0].square().sum(-1) + (1 - 2 * most).sum(-1)) / n


def through_clamp(gradient: Tensor, images: Tensor, *, least: float = -_ROUNDING) -> Tensor:
    """Let a gradient through where a clamp to [0, 1] leaves images as they are, but for rounding; 0 elsewhere.

    At a mask of ones the cartoon is the photograph, and a rounding of its black and white pixels would decide. The
    backward pass of hardtanh does this in one pass over the numbers, a tenth of the time of comparisons.
    """
    with torch.enable_grad():
        images = images.detach().requires_grad_()
        inside = functional.hardtanh(images, least, 1 + _ROUNDING)
        (through,) = torch.autograd.grad(inside, images, gradient)
    return through


def _grey(cartoon: Tensor) -> Tensor:
    """Return the means over the colours, (B, H, W), clamped to [0, 1]; a gradient passes as by `through_clamp`."""
    grey = cartoon.mean(1)
    inside = functional.hardtanh(grey, -_ROUNDING, 1 + _ROUNDING)
    return inside + (grey.clamp(0, 1) - inside).detach()
