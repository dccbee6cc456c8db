"""The separable discrete wavelet transform (DWT).

Analysis is that of pytorch_wavelets. Synthesis and its adjoint run in every step of the optimisation and are
products with banded matrices, taken once from PyWavelets' one-dimensional inverse; the gradient of synthesis is
therefore its exact adjoint for every padding mode (the backward pass of pytorch_wavelets is not, for "symmetric"
and "reflect").
"""

from __future__ import annotations

import difflib
import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
import pywt
import torch

from cartoonx_widgets._checks import one_of
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets
from cartoonx_widgets.representations.banded import Separable
from cartoonx_widgets.representations.base import Band, Transform
from cartoonx_widgets.representations.levels import MOST_LEVELS, borne, checked_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

Mode = Literal["zero", "symmetric", "reflect", "periodization"]
_ANGLES = {"horizontal": 0.0, "vertical": 90.0, "diagonal": None}
# Where bands stand in a level whose rows and columns alternate between low and high: a horizontal edge is high across
# the rows and low along the columns.
_LOWPASS, _DETAILS = ((0, 0),), ((1, 0), (0, 1), (1, 1))
_COARSE = 64  # pixels a side up to which all levels are one product


@dataclass(frozen=True)
class Wavelet:
    """Settings of a DWT; the defaults are those of the CartoonX paper (ECCV 2022, section 5).

    Attributes:
        wavelet: any discrete wavelet of PyWavelets, such as "haar", "db3", "sym4", "bior2.2".
        levels: J, how often the lowpass is split; at most 1 + log2 of the shorter side. None, the default, takes as
            many as PyWavelets' `dwt_max_level` gives for the shorter side and the wavelet, from 1 to 5: with "db3",
            5 from 160 pixels on, 4 from 80, 3 from 40, 2 from 20. `transform` warns of more.
        mode: how the image is continued beyond its border: "zero", "symmetric", "reflect" or "periodization".

    Every wavelet reconstructs up to rounding except "dmey", whose published filters are an approximation.

    Raises:
        ValueError: an unknown wavelet or mode, or `levels` below 1.
    """

    redundant: ClassVar[bool] = False
    wavelet: str = "db3"
    _: KW_ONLY
    levels: int | None = None
    mode: Mode = "zero"

    def __post_init__(self) -> None:
        known = pywt.wavelist(kind="discrete")
        if self.wavelet not in known:
            near = difflib.get_close_matches(str(self.wavelet), known, n=3)
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "see pywt.wavelist(kind='discrete')"
            raise ValueError(f"wavelet={self.wavelet!r} is not a discrete wavelet of PyWavelets; {hint}")
        checked_levels(self.levels)
        one_of("mode", self.mode, get_args(Mode))

    @neutral()
    def transform(
        self, size: tuple[int, int], *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> WaveletTransform:
        """Return the transform for images of `size` = (H, W), odd sizes included.

        Raises:
            ValueError: more levels than the size allows.

        Warns:
            UserWarning: more levels than PyWavelets' `dwt_max_level` allows.
        """
        settings = self.resolved(size)
        if text := self.advice(size):
            warn_user(text)
        return WaveletTransform(settings, size, torch.device(device), dtype)

    def resolved(self, size: tuple[int, int]) -> Wavelet:
        """Return the same settings with the number of levels that they take at `size` = (H, W).

        Raises:
            ValueError: more levels than the size allows.
        """
        levels = max(1, min(MOST_LEVELS, self._borne(size))) if self.levels is None else self.levels
        most = int(np.log2(min(size))) + 1
        if levels > most:
            raise ValueError(
                f"levels={levels} is too many for an image of {size[0]} x {size[1]} pixels: "
                f"use at most {most}, or a larger image"
            )
        if least := _side_too_short(self, levels, size):
            fewer = f"fewer levels than {levels}, " if levels > 1 else ""
            raise ValueError(
                f"mode={self.mode!r} cannot continue a lowpass of {least} pixels by {self.wavelet!r}'s filter: "
                f"use {fewer}a shorter wavelet, or mode='symmetric'"
            )
        return replace(self, levels=levels)

    def advice(self, size: tuple[int, int]) -> str:
        """Return the warning of `transform` where `levels` is too many for `size` = (H, W); else ""."""
        bears = self._borne(size)
        if self.levels is None or self.levels <= max(1, bears):
            return ""
        return (
            f"levels={self.levels} is more than images of {size[0]} x {size[1]} pixels bear with {self.wavelet!r}: "
            f"PyWavelets' dwt_max_level says {bears}, and beyond it every coefficient reaches over the border. "
            f"Use at most {max(1, bears)}, or leave levels out"
        )

    def _borne(self, size: tuple[int, int]) -> int:
        return borne(size, pywt.Wavelet(self.wavelet).dec_len)


class WaveletTransform(Transform):
    """A DWT fixed to one image size: bands coarse to fine, horizontal, vertical, diagonal within a scale.

    Attributes:
        settings: with the number of levels that there are.
    """

    def __init__(self, settings: Wavelet, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> None:
        self.settings, self.size, self.device, self.dtype = settings, size, device, dtype
        assert settings.levels is not None
        taps = pywt.Wavelet(settings.wavelet).dec_len
        sizes = [size]  # of the lowpass after 0, 1, ... J splits
        for _ in range(settings.levels):
            rows, columns = (pywt.dwt_coeff_len(n, taps, settings.mode) for n in sizes[-1])
            sizes.append((rows, columns))
        self.bands = _bands(sizes)
        rows, columns = (
            [_synthesis_matrix(settings, size[axis]).to(dtype).to(device) for size in sizes[:-1]] for axis in (0, 1)
        )
        fine = sum(max(level) > _COARSE for level in sizes[:-1])
        self._levels = [_Level(*matrices) for matrices in zip(rows[:fine], columns[:fine], strict=True)]
        self._coarse = _CoarseLevels(rows[fine:], columns[fine:]) if fine < len(rows) else None
        details = [level.size for level in reversed(self._levels)]
        self._parts = [self.n_coefficients - sum(details), *details]
        self._forward = _analysis(settings).to(device, dtype)
        _set_exact_filters(self._forward, settings.wavelet)

    @neutral()
    def analyse(self, image: Tensor) -> Tensor:
        """Return coefficients (B, C, N) of images (B, C, H, W)."""
        lowpass, details = self._forward(image.to(self.device, self.dtype))
        flat = [lowpass.flatten(2), *(detail.flatten(2) for detail in reversed(details))]
        return torch.cat(flat, dim=-1)

    @neutral()
    def adjoint(self, image: Tensor) -> Tensor:
        """Apply the adjoint of synthesis, (B, C, H, W) to (B, C, N)."""
        parts = []
        planes = image.flatten(0, 1)
        for level in self._levels:
            planes, details = level.adjoint(planes)
            parts.append(details)
        parts.append(self._coarse.adjoint(planes) if self._coarse else planes.flatten(1))
        return torch.cat(parts[::-1], dim=-1).view(*image.shape[:2], -1)

    def _synthesise(self, coefficients: Tensor) -> Tensor:
        coarse, *details = torch.split(coefficients.flatten(0, 1), self._parts, dim=1)
        planes = self._coarse.synthesise(coarse) if self._coarse else coarse.view(-1, *self.bands[0].shape)
        for level, some in zip(reversed(self._levels), details, strict=True):
            planes = level.synthesise(planes, some)
        return planes.view(*coefficients.shape[:2], *self.size)


class _Level:
    """One level of synthesis, and its adjoint: X = M Y N^T, where low and high alternate in Y's rows and columns."""

    def __init__(self, rows: Tensor, columns: Tensor) -> None:
        self._product = Separable(rows, columns)
        self._shape = (rows.shape[1] // 2, columns.shape[1] // 2)

    @property
    def size(self) -> int:
        """Return how many coefficients its details have."""
        return len(_ANGLES) * math.prod(self._shape)

    def synthesise(self, lowpass: Tensor, details: Tensor) -> Tensor:
        """Return images (P, H, W) of their lowpass (P, h, w) and their details (P, 3 h w)."""
        # Low and details in this order are high, or not, along the columns (first 2) and the rows (second 2).
        bands = torch.cat([lowpass.flatten(1), details], dim=1).view(-1, 2, 2, *self._shape)
        return self._product(bands.permute(3, 2, 0, 4, 1).flatten(3).flatten(0, 1))

    def adjoint(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return lowpass (P, h, w) and details (P, 3 h w) of images (P, H, W), by the adjoint."""
        rows, columns = self._shape
        interleaved = self._product.adjoint(images)
        bands = interleaved.view(rows, 2, -1, columns, 2).permute(2, 4, 1, 0, 3).flatten(1)
        lowpass, details = torch.split(bands, [rows * columns, self.size], dim=1)
        return lowpass.view(-1, rows, columns), details


class _CoarseLevels:
    """The coarse levels of synthesis as one product X = M Y N^T, and its adjoint.

    M has the columns of all levels side by side, coarse to fine, as what they give in X; the bands of each level are a
    block on the diagonal of Y.

    Args:
        rows: The matrices of the levels, fine to coarse, for the rows.
        columns: Those for the columns.
    """

    def __init__(self, rows: Sequence[Tensor], columns: Sequence[Tensor]) -> None:
        self._rows, self._columns = _composed(rows), _composed(columns)
        self._shape = (self._rows.shape[1], self._columns.shape[1])
        numbers = torch.arange(math.prod(self._shape), device=rows[0].device).view(self._shape)
        places: list[Tensor] = []
        for of_rows, of_columns in zip(reversed(rows), reversed(columns), strict=True):
            height, width = of_rows.shape[1], of_columns.shape[1]
            block, numbers = numbers[:height, :width], numbers[height:, width:]
            places += [block[row::2, column::2] for row, column in (*(() if places else _LOWPASS), *_DETAILS)]
        self._places = torch.cat([place.flatten() for place in places])

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """Return images (P, H, W) of their coefficients in all these levels (P, n)."""
        blocks = coefficients.new_zeros(len(coefficients), math.prod(self._shape))
        blocks.index_copy_(1, self._places, coefficients)
        return self._rows @ blocks.view(-1, *self._shape) @ self._columns.T

    def adjoint(self, images: Tensor) -> Tensor:
        """Return coefficients (P, n) of images (P, H, W), by the adjoint."""
        return (self._rows.T @ images @ self._columns).flatten(1).index_select(1, self._places)


def _composed(matrices: Sequence[Tensor]) -> Tensor:
    """Return the synthesis matrices of levels, fine to coarse, as what they give in the finest, side by side."""
    finest, *coarser = matrices
    return torch.cat([finest[:, 0::2] @ _composed(coarser), finest], dim=1) if coarser else finest


def _side_too_short(settings: Wavelet, levels: int, size: tuple[int, int]) -> int:
    """Return the first side of a lowpass that pytorch_wavelets cannot continue by the filter; 0 if there is none.

    It reflects once, and wraps round once.
    """
    if settings.mode not in ("reflect", "periodization"):
        return 0
    taps = pywt.Wavelet(settings.wavelet).dec_len
    for n in size:
        for _ in range(levels):
            m = pywt.dwt_coeff_len(n, taps, settings.mode)
            reflects = (2 * (m - 1) - n + taps + 1) // 2 < n
            wraps = n + n % 2 >= taps
            if not (reflects if settings.mode == "reflect" else wraps):
                return n
            n = m  # noqa: PLW2901
    return 0


def _bands(sizes: list[tuple[int, int]]) -> tuple[Band, ...]:
    levels = len(sizes) - 1
    bands = [Band(scale=levels, orientation="lowpass", shape=sizes[-1], start=0)]
    for scale in range(levels, 0, -1):
        for orientation, angle in _ANGLES.items():
            start = bands[-1].stop
            bands.append(Band(scale=scale, orientation=orientation, angle=angle, shape=sizes[scale], start=start))
    return tuple(bands)


def _synthesis_matrix(settings: Wavelet, n: int) -> Tensor:
    """Return (n, 2m) of one level: column 2k responds to lowpass coefficient k, column 2k + 1 to detail k."""
    m = pywt.dwt_coeff_len(n, pywt.Wavelet(settings.wavelet).dec_len, settings.mode)
    units = np.eye(m)
    matrix = np.empty((n, 2 * m))
    # The inverse is up to one sample longer than an odd signal was.
    matrix[:, 0::2] = pywt.idwt(units, None, settings.wavelet, settings.mode, axis=0)[:n]
    matrix[:, 1::2] = pywt.idwt(None, units, settings.wavelet, settings.mode, axis=0)[:n]
    return torch.from_numpy(matrix)


def _analysis(settings: Wavelet) -> torch.nn.Module:
    pytorch_wavelets = import_pytorch_wavelets()
    module: torch.nn.Module = pytorch_wavelets.DWTForward(J=settings.levels, wave=settings.wavelet, mode=settings.mode)
    return module


def _set_exact_filters(forward: torch.nn.Module, wavelet: str) -> None:
    """Give pytorch_wavelets' filters the precision of their dtype: it builds them in the default one."""
    taps = pywt.Wavelet(wavelet)
    for name, values in (("h0", taps.dec_lo), ("h1", taps.dec_hi)):
        for axis in ("col", "row"):
            filters = forward.get_buffer(f"{name}_{axis}")
            exact = torch.tensor(values[::-1], dtype=torch.float64).reshape(filters.shape)
            filters.copy_(exact.to(filters.dtype))
