"""What the sparsity lab looks at: a picture in a representation, and in the bases that it is compared with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cartoonx_widgets import sparsity
from cartoonx_widgets._spacing import log_spaced
from cartoonx_widgets.widgets.sparsity_lab.choices import name_of, transform_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from cartoonx_widgets.representations import Representation
    from cartoonx_widgets.sparsity.expansion import Booleans

COMPARED = ("pixels", "fourier", "cosine")
OWN = "representation"
_CURVE_POINTS = 25


class Quality(NamedTuple):
    """How near an approximation is to the picture: PSNR in dB, infinite where it is the picture itself, and SSIM."""

    psnr: float
    ssim: float


class Curve:
    """PSNR and SSIM over k, found point by point.

    Attributes:
        points: what is known by now, by k.
    """

    def __init__(self, expansion: sparsity.Expansion, allowed: Booleans | None = None) -> None:
        self.points: dict[int, Quality] = {}
        self._expansion, self._allowed = expansion, allowed
        every = log_spaced(1, expansion.n, _CURVE_POINTS).tolist()
        # Each fourth point first, so that the whole curve is soon to be seen.
        self._left = [k for first in (0, 2, 1, 3) for k in every[first::4]]

    @property
    def complete(self) -> bool:
        """Return whether nothing is left to be found."""
        return not self._left

    def grow(self) -> None:
        """Find one point more."""
        k = self._left[0]
        approximation = self._expansion.keep(k, self._allowed)
        self.points[k] = quality(self._expansion.image, approximation)
        self._left = [other for other in self._left if other != k]


class Decomposition:
    """A picture in one representation and in three bases; it never changes.

    Attributes:
        photograph: what the picture is called.
        image: (3, H, W).
        representation: how it is taken apart; pixels where it is not split.
        expansions: the picture's coefficients: its own, by the key "representation", and "pixels", "fourier", "cosine".
        curves: PSNR and SSIM over k for each; those grow.
    """

    def __init__(
        self, image: Tensor, photograph: str, representation: Representation, other: Decomposition | None = None
    ) -> None:
        self.photograph, self.image, self.representation = photograph, image, representation
        side = image.shape[1]
        frame = sparsity.Frame(image, transform_of(representation, side), name_of(representation))
        if other is not None and other.image is image:
            compared: Mapping[str, sparsity.Expansion] = {name: other.expansions[name] for name in COMPARED}
            curves = {name: other.curves[name] for name in COMPARED}
        else:
            compared = {name: sparsity.expand(image, name) for name in COMPARED}
            curves = {name: Curve(expansion) for name, expansion in compared.items()}
        self.frame = frame
        self.expansions: dict[str, sparsity.Expansion] = {OWN: frame, **compared}
        self.curves: dict[str, Curve] = {OWN: Curve(frame), **curves}

    def approximations(self, k: int, mask: Booleans) -> dict[str, Tensor]:
        """Return what the k largest of each give, and of the representation what a mask (N,) keeps."""
        found = {OWN: self.frame.synthesise(mask)}
        return found | {key: self.expansions[key].keep(min(k, self.expansions[key].n)) for key in COMPARED}

    def switch(self, allowed: Booleans | None) -> None:
        """Begin the representation's curves anew, with these positions alone."""
        self.curves[OWN] = Curve(self.frame, allowed)

    def grow_curves(self) -> Iterator[bool]:
        """Find the points of all curves, one of each at a time; yields after each point whether all are complete."""
        while growing := [curve for curve in list(self.curves.values()) if not curve.complete]:
            for curve in growing:
                curve.grow()
                yield False
        yield True


def quality(image: Tensor, approximation: Tensor) -> Quality:
    """Return PSNR and SSIM of an approximation."""
    return Quality(sparsity.psnr(image, approximation), sparsity.ssim(image, approximation))


def finite(value: float) -> float | None:
    """Return a number that JSON has; None where it is infinite or NaN."""
    return value if math.isfinite(value) else None
