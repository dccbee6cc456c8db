"""The separable discrete wavelet transform (DWT).

Analysis is that of pytorch_wavelets. Synthesis and its adjoint run in every step of the optimisation and are
products with banded matrices, taken once from PyWavelets' one-dimensional inverse; the gradient of synthesis is
therefore its exact adjoint for every padding mode (the backward pass of pytorch_wavelets is not, for "symmetric"
and "reflect").
"""

from __future__ import annotations

import difflib
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
import pywt
import torch

from cartoonx_widgets._checks import one_of
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets
from cartoonx_widgets.representations.banded import Banded
from cartoonx_widgets.representations.base import Band, Transform
from cartoonx_widgets.representations.levels import MOST_LEVELS, borne, checked_levels

if TYPE_CHECKING:
    from torch import Tensor

Mode = Literal["zero", "symmetric", "reflect", "periodization"]
_ANGLES = {"horizontal": 0.0, "vertical": 90.0, "diagonal": None}


@dataclass(frozen=True)
class Wavelet:
    """Settings of a DWT; the defaults are those of the CartoonX paper (ECCV 2022, section 5).

    Attributes:
        wavelet: any discrete wavelet of PyWavelets, such as "haar", "db3", "sym4", "bior2.2".
        levels: J, how often the lowpass is split; at most 1 + log2 of the shorter side. None, the default, takes as
            many as PyWavelets' `dwt_max_level` gives for the shorter side and the wavelet, from 1 to 5: with "db3",
            5 from 160 pixels on, 4 from 80, 3 from 40, 2 from 20. `transform` warns of more.
        mode: how the image is continued beyond its border.

    Every wavelet reconstructs to rounding but "dmey", whose published filters are an approximation themselves.

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
        """Return what `transform` warns of at `size` = (H, W): more levels by hand than it bears; else ""."""
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
        self._levels = [
            _Level(*(_synthesis_matrix(settings, n).to(dtype).to(device) for n in level)) for level in sizes[:-1]
        ]
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
        coefficients = image.new_empty(*image.shape[:2], self.n_coefficients)
        for scale, level in enumerate(self._levels, start=1):
            split = level.adjoint(image)
            image = split[..., 0::2, 0::2]
            for band, (row, column) in zip(self._details(scale), _PHASES, strict=True):
                band.of(coefficients).copy_(split[..., row::2, column::2])
        self.bands[0].of(coefficients).copy_(image)
        return coefficients

    def _synthesise(self, coefficients: Tensor) -> Tensor:
        image = self.bands[0].of(coefficients)
        for scale, level in reversed(list(enumerate(self._levels, start=1))):
            rows, columns = self._details(scale)[0].shape
            interleaved = image.new_empty(*image.shape[:2], 2 * rows, 2 * columns)
            interleaved[..., 0::2, 0::2] = image
            for band, (row, column) in zip(self._details(scale), _PHASES, strict=True):
                interleaved[..., row::2, column::2] = band.of(coefficients)
            image = level.synthesise(interleaved)
        return image

    def _details(self, scale: int) -> tuple[Band, ...]:
        """Return horizontal, vertical and diagonal band of a scale; band 0 is the lowpass, the coarsest follows."""
        first = 1 + len(_ANGLES) * (len(self._levels) - scale)
        return self.bands[first : first + len(_ANGLES)]


# Where the details stand in a level whose rows and columns alternate between low and high:
# a horizontal edge is high across the rows and low along the columns.
_PHASES = ((1, 0), (0, 1), (1, 1))


class _Level:
    """One level of synthesis, from interleaved bands (..., 2h, 2w) to an image (..., H, W), and its adjoint."""

    def __init__(self, rows: Tensor, columns: Tensor) -> None:
        self._rows, self._columns = Banded(rows), Banded(columns)
        self._rows_adjoint, self._columns_adjoint = Banded(rows.T), Banded(columns.T)

    def synthesise(self, interleaved: Tensor) -> Tensor:
        return self._columns.right(self._rows.left(interleaved))

    def adjoint(self, image: Tensor) -> Tensor:
        return self._columns_adjoint.right(self._rows_adjoint.left(image))


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
