"""An image in a basis or frame, with its coefficients by size: what the k largest give.

The three colours share the choice, as they share a mask elsewhere in the package: a position counts by the root of
the sum of squares over the colours. N positions, of which each is one real number in each colour.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cartoonx_widgets.images import ImageError
from cartoonx_widgets.sparsity.atoms import norms
from cartoonx_widgets.sparsity.thresholds import gains, threshold

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt
    from torch import Tensor

    from cartoonx_widgets.representations import Band, Transform
    from cartoonx_widgets.sparsity.thresholds import Kind

    Floats = npt.NDArray[np.floating[Any]]
    Booleans = npt.NDArray[np.bool_]

_MOST_AT_ONCE = 2**20  # positions of which all colours are masked and synthesised together


class Expansion(ABC):
    """An image's coefficients, to be kept by size.

    Attributes:
        name: of the basis or frame.
        image: (3, H, W).
        importance: (N,), of each position: the root of the sum over colours of the squared coefficients, times the norm
            of the coefficient's atom. Numbers that belong together, such as the parts of a complex coefficient, have
            the root of the mean of their squares in common.
    """

    name: str
    image: Tensor
    importance: Floats

    @property
    def n(self) -> int:
        """Return N, how many real numbers there are for each colour."""
        return self.importance.size

    @cached_property
    def magnitudes(self) -> Floats:
        """Return the importance of all positions, (N,), descending."""
        return np.sort(self.importance)[::-1]

    def kept(self, k: int, allowed: Booleans | None = None) -> Booleans:
        """Return which positions are kept, (N,): the k largest, and of those the ones that are allowed.

        Among equals the first are taken. Numbers that belong together are kept together or not at all, so one number
        less than k may be kept.

        Args:
            k: how many, from 0 to N.
            allowed: (N,), which positions may be kept at all; every one by default.

        Raises:
            ValueError: a k that is out of range.
        """
        k = self.checked(k)
        if k in (0, self.n):
            mask = np.full(self.n, k > 0)
        else:
            threshold = self.magnitudes[k - 1]
            tied = threshold == self.magnitudes[k]
            mask = self.importance > threshold if tied else self.importance >= threshold
            if tied:
                equal = np.flatnonzero(self.importance == threshold)
                mask[self._first(equal, k - int(np.count_nonzero(mask)))] = True
        return mask if allowed is None else mask & allowed

    def keep(self, k: int, allowed: Booleans | None = None) -> Tensor:
        """Return the approximation (3, H, W) by what `kept` keeps; it may leave [0, 1].

        In an orthonormal basis it is the best approximation by k positions that the colours share. In a redundant frame
        it is not: atoms overlap, and other coefficients than the k largest may come nearer.

        Raises:
            ValueError: a k that is out of range.
        """
        return self.synthesise(self.kept(k, allowed))

    @abstractmethod
    def synthesise(self, mask: Booleans) -> Tensor:
        """Return the image (3, H, W) of the coefficients that a mask (N,) keeps."""

    @abstractmethod
    def thresholded(self, size: float | Tensor, kind: Kind) -> Tensor:
        """Return the image (3, H, W) of the coefficients after a threshold, "hard" or "soft", in each colour.

        Args:
            size: the threshold, at least 0; in a frame one for each position, (N,), does as well.
            kind: "hard" or "soft".

        Raises:
            ValueError: a threshold below 0, or another kind.
        """

    def _first(self, equal: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.intp]:
        """Return the first `count` of these positions; fewer where numbers belong together."""
        return equal[:count]

    def checked(self, k: object) -> int:
        """Check a number of coefficients, and return it.

        Raises:
            ValueError: it is not a whole number from 0 to N.
        """
        if isinstance(k, int | np.integer) and not isinstance(k, bool) and 0 <= k <= self.n:
            return int(k)
        raise ValueError(f"k={k!r} must be a whole number from 0 (none) to {self.n} (all coefficients)")


def first_groups(leaders: npt.NDArray[np.intp], count: int) -> Booleans:
    """Return which of some positions, given by the leader of their group, are the first whole `count`."""
    groups, group_of, sizes = np.unique(leaders, return_inverse=True, return_counts=True)
    whole: Booleans = np.cumsum(sizes) <= count
    assert groups.size == whole.size
    return whole[group_of]


class Frame(Expansion):
    """The coefficients of an image in one of the package's representations.

    Attributes:
        transform: the representation, fixed to the image's size.
        coefficients: (1, 3, N).
    """

    def __init__(self, image: Tensor, transform: Transform, name: str = "") -> None:
        check_image(image)
        if image.shape[1:] != transform.size:
            raise ImageError(
                f"image has {image.shape[1:]} pixels; allowed are those of the transform, {transform.size}"
            )
        self.name = name or "coefficients"
        self.transform = transform
        self.image = image
        self.coefficients = transform.analyse(image[None])
        self.importance = _importance(self.coefficients, transform).cpu().numpy()

    def allowed(self, bands_off: Collection[str]) -> Booleans | None:
        """Return which positions may be kept where some bands, given by name, are off; None where none is."""
        if not bands_off:
            return None
        mask = np.ones(self.n, dtype=np.bool_)
        for band in self.transform.bands:
            if band.name in bands_off:
                mask[band.slice] = False
        return mask

    def energies(self, mask: Booleans | None = None) -> dict[str, float]:
        """Return the sum of squared importances of each band, by its name; of what a mask (N,) keeps, if given.

        In an orthonormal basis it is the band's share of the image's sum of squares.
        """
        values = self.importance if mask is None else self.importance * mask
        return {band.name: float(np.dot(values[band.slice], values[band.slice])) for band in self._bands}

    @property
    def _bands(self) -> tuple[Band, ...]:
        return self.transform.bands

    def synthesise(self, mask: Booleans) -> Tensor:
        """Return the image (3, H, W) of the coefficients that a mask (N,) keeps."""
        kept = torch.from_numpy(mask).to(self.coefficients.device)
        if self.n <= _MOST_AT_ONCE:
            return self.transform.synthesise(self.coefficients * kept)[0]
        # Colour by colour: what is masked then stays small enough to be written over rather than allocated anew.
        return torch.cat([self.transform.synthesise(self.coefficients[:, i : i + 1] * kept)[0] for i in range(3)])

    def thresholded(self, size: float | Tensor, kind: Kind) -> Tensor:
        """Return the image (3, H, W) of the coefficients after a threshold, or one for each position (N,).

        Both parts of a complex coefficient are compared by the root of the mean of their squares.
        """
        size = torch.as_tensor(size, device=self.coefficients.device)
        return torch.cat([self._thresholded(self.coefficients[:, i : i + 1], size, kind) for i in range(3)])

    def _thresholded(self, coefficients: Tensor, size: Tensor, kind: Kind) -> Tensor:
        """Do it for one colour (1, 1, N)."""
        if all(band.parts == 1 for band in self._bands):
            return self.transform.synthesise(threshold(coefficients, size, kind))[0]
        magnitudes = coefficients.abs()
        for band in self._bands:
            if band.parts > 1:
                own = band.of(magnitudes)
                own.copy_(own.square().mean(-3, keepdim=True).sqrt().expand_as(own))
        return self.transform.synthesise(coefficients * gains(magnitudes, size, kind))[0]

    def _first(self, equal: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.intp]:
        leaders = equal.copy()
        for band in self._bands:
            if band.parts > 1:
                inside = (equal >= band.start) & (equal < band.stop)
                leaders[inside] = band.start + (equal[inside] - band.start) % (band.shape[0] * band.shape[1])
        return equal[first_groups(leaders, count)]


def check_image(image: object) -> None:
    """Refuse what is no float tensor (3, H, W)."""
    if not isinstance(image, torch.Tensor) or not image.is_floating_point() or image.shape[:-2] != (3,):
        found = f"of type {type(image).__name__}"
        if isinstance(image, torch.Tensor):
            found = f"{image.dtype} of shape {tuple(image.shape)}"
        raise ImageError(f"image is {found}; allowed is a float tensor (3, H, W); make one with images.read")


def _importance(coefficients: Tensor, transform: Transform) -> Tensor:
    """Return the importance (N,) of coefficients (1, 3, N)."""
    first, *others = coefficients[0]
    squares: Tensor = first.square()
    for colour in others:
        squares.addcmul_(colour, colour)
    for band, norm in zip(transform.bands, norms(transform), strict=True):
        own = band.of(squares)
        if band.parts > 1:
            own[:] = own.mean(0, keepdim=True)
        if norm != 1:
            own *= norm**2
    return squares.sqrt_()
