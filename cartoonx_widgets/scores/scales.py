"""On which scales lies what is kept: the shares of mask and energy by scale, or by scale and orientation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch

from cartoonx_widgets._checks import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.representations import Band

By = Literal["scale", "band"]


class ScaleShare(NamedTuple):
    """How much of what is kept lies on one scale, or in one band.

    Attributes:
        name: "lowpass", "scale 2", "pixels", or the band's name, such as "d2".
        scale: 1 is the finest.
        period: the shortest and the longest period of what the scale resolves, in pixels: 2^j and 2^(j + 1) on scale j,
            from 2^(J + 1) on for the lowpass of J scales, from 2 on for pixels.
        mask: share of the mask's sum, in [0, 1]; 0 of an empty mask.
        energy: share of the energy that is kept, the sum of (s h)² over the colours, in [0, 1].
    """

    name: str
    scale: int
    period: tuple[float, float]
    mask: float
    energy: float


def scale_profile(explanation: Explanation, *, by: By = "scale") -> list[ScaleShare]:
    """Return how what an explanation keeps is shared among the scales, the coarsest first; shares add up to 1.

    The share of the mask counts the coefficients that are kept, the share of the energy weighs them by their squares.
    For an explanation of `baselines` the mask is the relevance of the coefficients.

    Args:
        explanation: of one image.
        by: "scale", or "band" for each orientation of a scale apart.

    Raises:
        ValueError: `by` is neither.

    >>> from cartoonx_widgets import explain, methods
    >>> profile = scale_profile(explain("coffee", method=methods.waveletx(steps=1, samples=2), progress=False))
    >>> [(share.name, share.period) for share in profile][:2]
    [('lowpass', (64, inf)), ('scale 5', (32, 64))]
    """
    one_of("by", by, ("scale", "band"))
    return profile_of(explanation.transform.bands, explanation.mask, explanation.coefficients, by=by)


def profile_of(bands: Sequence[Band], mask: Tensor, coefficients: Tensor, *, by: By = "scale") -> list[ScaleShare]:
    """Return the profile of a mask (N,) over a photograph's coefficients (C, N)."""
    energy = (mask * coefficients).square().sum(0)
    both = torch.stack([mask, energy]).cpu().double()
    sums = torch.stack([both[:, band.slice].sum(1) for band in bands])
    periods = scales(bands)
    shares = sums / sums.sum(0).clamp(min=torch.finfo(sums.dtype).tiny)
    found: dict[str, ScaleShare] = {}
    for band, (of_mask, of_energy) in zip(bands, shares.tolist(), strict=True):
        label = name(band) if by == "scale" else band.name
        before = found.get(label) or ScaleShare(label, band.scale, periods[name(band)], 0.0, 0.0)
        found[label] = before._replace(mask=before.mask + of_mask, energy=before.energy + of_energy)
    return list(found.values())


def scales(bands: Sequence[Band]) -> dict[str, tuple[float, float]]:
    """Return the shortest and the longest period of each scale by its name, the coarsest first (see `ScaleShare`)."""
    coarsest = max(band.scale for band in bands)
    return {name(band): _period(band, coarsest) for band in bands}


def name(band: Band) -> str:
    """Return what the scale of a band is called."""
    return band.orientation if band.orientation in ("lowpass", "pixels") else f"scale {band.scale}"


def _period(band: Band, coarsest: int) -> tuple[float, float]:
    if band.orientation == "lowpass":
        return 2 ** (coarsest + 1), math.inf
    return (2, math.inf) if band.orientation == "pixels" else (2**band.scale, 2 ** (band.scale + 1))
