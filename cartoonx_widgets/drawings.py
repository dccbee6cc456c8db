"""Drawings to take apart: each shows one thing that a representation is good or bad at.

They are computed, so they are the same everywhere, and of any size. An image is a float32 tensor (3, H, W) in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets._checks import whole
from cartoonx_widgets.images import MIN_SIDE, ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

_MOST_SIDE = 2048
_SUPERSAMPLED = 3  # points a pixel along each side, whose mean it is: edges are as a camera has them


@dataclass(frozen=True)
class Drawing:
    """A drawing that is computed.

    Attributes:
        name: The name by which `draw` computes it.
        title: The name that widgets show.
        about: What it demonstrates.
    """

    name: str
    title: str
    about: str


_DRAWINGS = (
    Drawing("figures", "Figures", "Smooth shading between curved edges: what is called a cartoon-like image."),
    Drawing("edge", "Step edge", "One straight edge, a little oblique, and nothing else."),
    Drawing("texture", "Texture", "Waves in two directions: few Fourier coefficients, many wavelets."),
    Drawing("noise", "Noise", "Every pixel by itself: no basis makes it sparse."),
)
DRAWINGS: Mapping[str, Drawing] = MappingProxyType({item.name: item for item in _DRAWINGS})
"""The drawings by name."""


def draw(name: str, size: int) -> Tensor:
    """Draw a picture of `size` x `size` pixels, the same each time.

    Args:
        name: one of `DRAWINGS`.
        size: its side in pixels, from 16 to 2048.

    Returns:
        (3, size, size), float32 in [0, 1].

    Raises:
        ImageError: there is no such drawing.
        ValueError: the size is out of range.

    >>> draw("edge", 32).shape
    torch.Size([3, 32, 32])
    """
    if name not in DRAWINGS:
        raise ImageError(f"name {name!r} is no drawing; allowed are {', '.join(DRAWINGS)}")
    size = whole("size", size, least=MIN_SIDE, most=_MOST_SIDE)
    if name == "noise":
        return torch.rand(3, size, size, generator=torch.Generator().manual_seed(0))
    fine = (torch.arange(_SUPERSAMPLED * size, dtype=torch.float64) + 0.5) / (_SUPERSAMPLED * size)
    picture = _PAINTERS[name](*torch.meshgrid(fine, fine, indexing="ij"))
    return torch.nn.functional.avg_pool2d(picture, _SUPERSAMPLED).float().clamp(0, 1)


def _figures(y: Tensor, x: Tensor) -> Tensor:
    """Return a shaded ground with a disc, an ellipse with a hole, and a clover leaf, at (y, x) in the unit square."""
    picture = torch.stack([0.78 - 0.25 * y, 0.82 - 0.12 * x * y, 0.86 - 0.1 * y + 0 * x])
    disc = (x - 0.33) ** 2 + (y - 0.36) ** 2 < 0.22**2
    picture = _paint(picture, disc, 0.9 - 1.1 * (x - 0.2) ** 2, 0.45 - 0.5 * (y - 0.3), 0.25 - 0.2 * (x - 0.3))
    turned = 0.8 * (x - 0.63) + 0.6 * (y - 0.62), -0.6 * (x - 0.63) + 0.8 * (y - 0.62)
    ellipse = (turned[0] / 0.3) ** 2 + (turned[1] / 0.17) ** 2 < 1
    hole = (x - 0.66) ** 2 + (y - 0.64) ** 2 < 0.07**2
    picture = _paint(picture, ellipse & ~hole, 0.12 + 0.25 * x, 0.28 + 0.3 * y, 0.5 + 0.35 * x)
    angle, radius = torch.atan2(y - 0.2, x - 0.8), torch.hypot(y - 0.2, x - 0.8)
    clover = radius < 0.11 * (1 + 0.3 * torch.cos(3 * angle))
    return _paint(picture, clover, 0.95 - 0.3 * (y - 0.1), 0.8 - 0.5 * (x - 0.7), 0.2 + 0.6 * (y - 0.1))


def _edge(y: Tensor, x: Tensor) -> Tensor:
    dark, bright = 0.2, 0.8
    side = x + 0.15 * y - 0.56
    return _grey(torch.where(side < 0, dark, bright))


def _texture(y: Tensor, x: Tensor) -> Tensor:
    """Return waves whose length is a fixed share of the side; neither frequency is a whole number."""
    first = torch.sin(2 * torch.pi * (17.3 * x + 9.7 * y))
    second = torch.sin(2 * torch.pi * (11.6 * x - 20.4 * y))
    swell = torch.exp(-((x - 0.45) ** 2 + (y - 0.55) ** 2) / 0.18)
    return _grey(0.5 + swell * (0.27 * first + 0.16 * second))


_PAINTERS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "figures": _figures,
    "edge": _edge,
    "texture": _texture,
}


def _paint(picture: Tensor, where: Tensor, *colours: Tensor) -> Tensor:
    return torch.where(where, torch.stack(colours), picture)


def _grey(values: Tensor) -> Tensor:
    return values.expand(3, *values.shape)
