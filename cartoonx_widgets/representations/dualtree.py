"""The dual-tree complex wavelet transform (DTCWT): nearly invariant to shifts, six directions a scale.

I. W. Selesnick, R. G. Baraniuk and N. G. Kingsbury, "The Dual-Tree Complex Wavelet Transform", IEEE Signal Processing
Magazine 22(6), 2005. Analysis is that of pytorch_wavelets. Synthesis and its adjoint run in every step of the
optimisation and are products with banded matrices, taken once from the one-dimensional filters of pytorch_wavelets:
they give what its inverse and that one's backward pass give, in a quarter to a sixth of the time on a CPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, get_args

import torch

from cartoonx_widgets._checks import one_of
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets
from cartoonx_widgets.representations.banded import Separable
from cartoonx_widgets.representations.base import Band, Transform
from cartoonx_widgets.representations.levels import MOST_LEVELS, borne, checked_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from torch import Tensor

Biort = Literal["antonini", "legall", "near_sym_a", "near_sym_b"]
Qshift = Literal["qshift_06", "qshift_a", "qshift_b", "qshift_c", "qshift_d"]
_ANGLES = (-75, -45, -15, 15, 45, 75)  # pytorch_wavelets has +15, +45, +75, -75, -45, -15
_MAIN_TAPS = 6  # in which every quarter-shift filter has 99 % of its energy or more: as long as db3
_CHUNK = 2**18  # pixels synthesised at once on a CPU: they stay in its cache, and the allocator recycles their memory


@dataclass(frozen=True, kw_only=True)
class DualTree:
    """Settings of a DTCWT.

    It has four real numbers for each pixel, and a few more where a side is not a multiple of 2^levels.

    Attributes:
        levels: J, how often the lowpass is split; at most log2 of the shorter side, rounded up. None, the default,
            takes as many as `Wavelet` does, so that the lowpass of both leaves out the same details: 5 from 160 pixels
            on, 4 from 80, 3 from 40, 2 from 20, else 1. At 224 x 224 the lowpass then has 7 x 7 numbers in each of the
            four trees, stored together as 14 x 14, and no level needs padding.
        biort: the biorthogonal filters of the first level.
        qshift: the quarter-shift filters of all other levels. With the defaults, the energy of a vertical edge in its
            band changes by 2 % at scales 2 to 4 as the edge moves; with the defaults of pytorch_wavelets, "near_sym_a"
            and "qshift_a", by up to 29 %, while synthesis takes about an eighth less time.

    Raises:
        ValueError: an unknown filter, or `levels` below 1.
    """

    redundant: ClassVar[bool] = True
    levels: int | None = None
    biort: Biort = "near_sym_b"
    qshift: Qshift = "qshift_c"

    def __post_init__(self) -> None:
        checked_levels(self.levels)
        one_of("biort", self.biort, get_args(Biort))
        one_of("qshift", self.qshift, get_args(Qshift))

    @neutral()
    def transform(
        self, size: tuple[int, int], *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> DualTreeTransform:
        """Return the transform for images of `size` = (H, W), odd sizes included.

        Raises:
            ValueError: more levels than the size allows.

        Warns:
            UserWarning: so many levels that every coefficient reaches over the border (see `advice`).
        """
        settings = self.resolved(size)
        if text := self.advice(size):
            warn_user(text)
        return DualTreeTransform(settings, size, torch.device(device), dtype)

    def resolved(self, size: tuple[int, int]) -> DualTree:
        """Return the same settings with the number of levels that they take at `size` = (H, W).

        Raises:
            ValueError: more levels than the size allows.
        """
        levels = max(1, min(MOST_LEVELS, borne(size, _MAIN_TAPS))) if self.levels is None else self.levels
        # From there on, a split lowpass would be continued to what it was.
        most = max(1, (min(size) - 1).bit_length())
        if levels > most:
            raise ValueError(
                f"levels={levels} is too many for an image of {size[0]} x {size[1]} pixels: "
                f"use at most {most}, or a larger image"
            )
        return replace(self, levels=levels)

    def advice(self, size: tuple[int, int]) -> str:
        """Return the warning of `transform` where `levels` is too many for `size` = (H, W); else ""."""
        bears = max(1, borne(size, _MAIN_TAPS))
        if self.levels is None or self.levels <= bears:
            return ""
        return (
            f"levels={self.levels} is more than images of {size[0]} x {size[1]} pixels bear: beyond {bears}, by "
            "PyWavelets' dwt_max_level for the 6 taps that matter, every coefficient reaches over the border. "
            f"Use at most {bears}, or leave levels out"
        )


class DualTreeTransform(Transform):
    """A DTCWT fixed to one image size: bands coarse to fine, by angle within a scale, from -75 to 75 degrees.

    Each directional band is complex. A level holds four real trees at once: its lowpass alternates between them, in
    rows and in columns.

    Attributes:
        settings: with the number of levels that there are.
    """

    def __init__(self, settings: DualTree, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> None:
        self.settings, self.size, self.device, self.dtype = settings, size, device, dtype
        assert settings.levels is not None
        sides = [_lowpass_sides(n, settings.levels) for n in size]
        sizes = list(zip(*sides, strict=True))  # of the lowpass after 1, ... J splits
        self.bands = _bands(sizes)
        self._levels = []
        for scale, above in enumerate([size, *sizes[:-1]], start=1):
            rows, columns = (_synthesis_matrix(settings, scale, n).to(dtype).to(device) for n in above)
            self._levels.append(_Level(rows, columns, self._details(scale)))
        self._forward = _analysis(settings, dtype).to(device)

    @neutral()
    def analyse(self, image: Tensor) -> Tensor:
        """Return coefficients (B, C, N) of images (B, C, H, W)."""
        lowpass, details = self._forward(image.to(self.device, self.dtype))
        ordered = [part.flatten(2) for detail in reversed(details) for part in (detail[:, :, 3:], detail[:, :, :3])]
        return torch.cat([lowpass.flatten(2), *ordered], dim=-1)

    @neutral()
    def adjoint(self, image: Tensor) -> Tensor:
        """Apply the adjoint of synthesis, (B, C, H, W) to (B, C, N)."""
        coefficients = image.new_empty(*image.shape[:2], self.n_coefficients)
        images, flat = image.flatten(0, 1), coefficients.flatten(0, 1)
        for chunk in self._chunks(len(images)):
            lowpass, numbers = images[chunk], flat[chunk]
            for level in self._levels:
                lowpass = level.adjoint(lowpass, numbers)
            self.bands[0].of(numbers).copy_(lowpass)
        return coefficients

    def _synthesise(self, coefficients: Tensor) -> Tensor:
        image = coefficients.new_empty(*coefficients.shape[:2], *self.size)
        images, flat = image.flatten(0, 1), coefficients.flatten(0, 1)
        for chunk in self._chunks(len(images)):
            numbers = flat[chunk]
            lowpass = self.bands[0].of(numbers)
            for level in reversed(self._levels):
                lowpass = level.synthesise(lowpass, numbers)
            images[chunk] = lowpass
        return image

    def _details(self, scale: int) -> tuple[Band, ...]:
        """Return the six directional bands of a scale; band 0 is the lowpass, the coarsest scale follows."""
        first = len(self.bands) - len(_ANGLES) * scale
        return self.bands[first : first + len(_ANGLES)]

    def _chunks(self, images: int) -> Iterator[slice]:
        """Return images to treat at a time: a few on a CPU, everything on an accelerator."""
        step = max(1, _CHUNK // math.prod(self.size)) if self.device.type == "cpu" else max(1, images)
        for first in range(0, images, step):
            yield slice(first, first + step)


class _Subband(NamedTuple):
    """A real subband of all four trees: where it stands in a level, and the bands that it is combined into."""

    row: int
    column: int
    rising: int
    falling: int


# A level's rows and columns alternate between low and high, and each of those between the two trees: details of the
# first tree stand at 1, 5, ..., of the second at 3, 7, .... An edge near the horizontal is high across the rows and
# low along the columns; the sums and differences of its trees separate rising from falling ones ("2-D Dual-Tree CWT").
_SUBBANDS = (
    _Subband(1, 0, _ANGLES.index(15), _ANGLES.index(-15)),
    _Subband(0, 1, _ANGLES.index(75), _ANGLES.index(-75)),
    _Subband(1, 1, _ANGLES.index(45), _ANGLES.index(-45)),
)


class _Level:
    """One level of synthesis, from its lowpass and its bands to an image or the next lowpass, and its adjoint."""

    def __init__(self, rows: Tensor, columns: Tensor, bands: tuple[Band, ...]) -> None:
        self._product = Separable(rows, columns)
        self._bands = bands

    def synthesise(self, lowpass: Tensor, coefficients: Tensor) -> Tensor:
        """Return the image (B, H, W) of a lowpass (B, rows, columns) and the flat coefficients (B, N)."""
        rows, columns = self._bands[0].shape
        side_by_side = lowpass.new_empty(4 * rows, len(lowpass), 4 * columns)
        level = side_by_side.transpose(0, 1)
        torch.mul(lowpass, math.sqrt(2), out=level[:, 0::2, 0::2])
        for subband in _SUBBANDS:
            (real, imaginary), (real_falling, imaginary_falling) = self._pair(coefficients, subband)
            a, b, c, d = _trees(level, subband)
            torch.add(real_falling, real, out=a)
            torch.add(imaginary, imaginary_falling, out=b)
            torch.sub(imaginary, imaginary_falling, out=c)
            torch.sub(real_falling, real, out=d)
        return self._product(side_by_side)

    def adjoint(self, image: Tensor, coefficients: Tensor) -> Tensor:
        """Return the lowpass (B, rows, columns) of images (B, H, W) by the adjoint; bands are written to (B, N)."""
        level = self._product.adjoint(image).transpose(0, 1)
        for subband in _SUBBANDS:
            (real, imaginary), (real_falling, imaginary_falling) = self._pair(coefficients, subband)
            a, b, c, d = _trees(level, subband)
            torch.sub(a, d, out=real)
            torch.add(a, d, out=real_falling)
            torch.add(b, c, out=imaginary)
            torch.sub(b, c, out=imaginary_falling)
        return math.sqrt(2) * level[:, 0::2, 0::2]

    def _pair(self, coefficients: Tensor, subband: _Subband) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Return views (B, rows, columns): real and imaginary part of the rising band, then of the falling one."""
        rising, falling = self._bands[subband.rising], self._bands[subband.falling]
        return rising.of(coefficients).unbind(1), falling.of(coefficients).unbind(1)


def _trees(level: Tensor, subband: _Subband) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return views (B, rows, columns) of a subband's numbers in each of the four trees."""
    first, second = slice(subband.row, None, 4), slice(subband.row + 2, None, 4)
    left, right = slice(subband.column, None, 4), slice(subband.column + 2, None, 4)
    return level[:, first, left], level[:, first, right], level[:, second, left], level[:, second, right]


def _lowpass_sides(n: int, levels: int) -> list[int]:
    """Return the lowpass's side after 1, 2, ... splits: images are continued to even sides, it to multiples of 4."""
    sides = [n + n % 2]
    while len(sides) < levels:
        sides.append((sides[-1] + sides[-1] % 4) // 2)
    return sides


def _bands(sizes: list[tuple[int, ...]]) -> tuple[Band, ...]:
    rows, columns = sizes[-1]
    bands = [Band(scale=len(sizes), orientation="lowpass", shape=(rows, columns), start=0)]
    for scale, (rows, columns) in reversed(list(enumerate(sizes, start=1))):
        for angle in _ANGLES:
            bands.append(
                Band(
                    scale=scale,
                    orientation=f"{angle:+d}°",
                    angle=float(angle),
                    shape=(rows // 2, columns // 2),
                    parts=2,
                    start=bands[-1].stop,
                )
            )
    return tuple(bands)


@lru_cache(maxsize=64)
def _synthesis_matrix(settings: DualTree, scale: int, n: int) -> Tensor:
    """Return (n, 2m) of one level, over 2^(1/4): column 2k responds to lowpass number k, column 2k + 1 to detail k."""
    lowlevel = import_pytorch_wavelets().dtcwt.lowlevel
    taps = {name: _as_filter(values) for name, values in _taps(settings).items()}
    if scale == 1:
        units = torch.eye(n + n % 2, dtype=torch.float64)[None, None]
        low, high = lowlevel.colfilter(units, taps["g0o"]), lowlevel.colfilter(units, taps["g1o"])
        responses = slice(0, n)
    else:
        units = torch.eye((n + n % 4) // 2, dtype=torch.float64)[None, None]
        low = lowlevel.colifilt(units, taps["g0b"], taps["g0a"])
        high = lowlevel.colifilt(units, taps["g1b"], taps["g1a"], highpass=True)
        responses = slice(n % 4 // 2, n + n % 4 // 2)
    # Rows and columns together thus divide by sqrt(2), as the sums and differences of the trees have to be; the
    # lowpass, which has none, is multiplied by it: so no pass over the numbers is needed for it.
    return torch.stack([low[0, 0], high[0, 0]], dim=-1).flatten(1)[responses] / 2**0.25


def _analysis(settings: DualTree, dtype: torch.dtype) -> torch.nn.Module:
    """Return pytorch_wavelets' analysis with filters of the precision of `dtype`; it builds them in the default one."""
    module: torch.nn.Module = import_pytorch_wavelets().DTCWTForward(
        J=settings.levels, biort=settings.biort, qshift=settings.qshift, o_dim=2, ri_dim=3
    )
    module.to(dtype)
    taps = _taps(settings)
    for name, filters in module.named_buffers():
        filters.copy_(_as_filter(taps[name]))
    return module


def _taps(settings: DualTree) -> dict[str, np.ndarray]:
    """Return filters by the names that pytorch_wavelets gives them."""
    coeffs = import_pytorch_wavelets().dtcwt.coeffs
    names = ("h0o", "g0o", "h1o", "g1o", "h0a", "h0b", "g0a", "g0b", "h1a", "h1b", "g1a", "g1b")
    return dict(zip(names, (*coeffs.biort(settings.biort), *coeffs.qshift(settings.qshift)), strict=True))


def _as_filter(taps: np.ndarray) -> Tensor:
    """Return taps as pytorch_wavelets keeps them, (1, 1, taps, 1), reversed, in float64."""
    return torch.tensor(taps.ravel()[::-1].tolist(), dtype=torch.float64).reshape(1, 1, -1, 1)
