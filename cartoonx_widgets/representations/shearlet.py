"""The digital shearlet transform of ShearLab 3D.

G. Kutyniok, W.-Q. Lim and R. Reisenhofer, "ShearLab 3D: Faithful Digital Shearlet Transforms based on Compactly
Supported Shearlets", arXiv:1402.5670; used by ShearletX (CVPR 2023). Built from the filters' closed forms, and checked
against figures of the published package; none of its code is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, get_args

import numpy as np
import torch

from cartoonx_widgets._checks import one_of
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.representations.base import Band, Transform
from cartoonx_widgets.representations.shearlet_filters import FAN_TAPS, Fan, bandpass, lowpass, taps, wedge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

_MOST_SCALES = 4  # where no number is given, as published
_MOST_SHEARING = 4  # beyond it, orientations rounded to a degree are no longer unique
_CHUNK = 2**19  # numbers filtered at once on a CPU: they stay in its cache, and the allocator recycles their memory


@dataclass(frozen=True, kw_only=True)
class Shearlet:
    """Settings of a compactly supported, cone-adapted shearlet system of ShearLab 3D, without decimation.

    Every band has the image's size; the defaults give 49 bands from 121 pixels a side on. The image is continued
    periodically. Any size will do, odd ones included: the filters' Fourier transforms are known in closed form and
    taken at the image's own frequencies. The published code gives the same systems at 64, 128 and 256 pixels a side.
    At other sizes, such as 224 x 224, that code replaces filters that it finds too long; here only `fan` is replaced,
    by the rule below.

    Attributes:
        scales: J, the number of scales beside the lowpass; at most as many as keep the lowpass filter of
            8 (2^J - 1) + 1 taps within the shorter side. None, the default, takes as many as there are shear levels or,
            without them, as fit, at most 4: 4 from 121 pixels on, 3 from 57, 2 from 25, 1 from 9.
        shear_levels: for each scale from coarse to fine, how finely it resolves directions: level d gives 2^(d + 2)
            bands, d from 0 to 4. By default ceil(j / 2) for j = 1 ... J, which is (1, 1, 2, 2) for four scales.
        fan: the directional filter: "maxflat", maximally flat, the published default; Cohen and Daubechies' shorter
            "9-7"; or "auto", the first where its longest upsampled version fits the shorter side (129 pixels with the
            defaults), else the second.

    Raises:
        ValueError: a number of scales below 1, shear levels that do not fit, or an unknown fan.
    """

    redundant: ClassVar[bool] = True
    scales: int | None = None
    shear_levels: tuple[int, ...] | None = None
    fan: Fan | Literal["auto"] = "auto"

    def __post_init__(self) -> None:
        if self.scales is not None and (not _is_whole(self.scales) or self.scales < 1):
            raise ValueError(
                f"scales={self.scales!r} must be a whole number of at least 1, or None for as many as fit the image "
                f"size, at most {_MOST_SCALES}"
            )
        if self.shear_levels is not None:
            levels = self.shear_levels
            if not isinstance(levels, tuple) or not levels or len(levels) != (self.scales or len(levels)):
                each = "each scale" if self.scales is None else f"each of the {self.scales} scales"
                raise ValueError(
                    f"shear_levels={levels!r} must be a tuple with one number for {each}, coarse to fine; "
                    "None chooses them"
                )
            if not all(_is_whole(level) and 0 <= level <= _MOST_SHEARING for level in levels):
                raise ValueError(f"shear_levels={levels!r} must be whole numbers from 0 to {_MOST_SHEARING}")
            object.__setattr__(self, "scales", len(levels))
        elif self.scales is not None and self.scales > 2 * _MOST_SHEARING:
            raise ValueError(
                f"scales={self.scales} is too many for the default shear levels: "
                f"use at most {2 * _MOST_SHEARING}, or give shear_levels"
            )
        one_of("fan", self.fan, ("auto", *get_args(Fan)))

    @property
    def n_bands(self) -> int:
        """Return how many bands the system has, lowpass included; for `scales=None`, that on large images."""
        return 1 + sum(1 << (level + 2) for level in _shear_levels(self))

    @neutral()
    def transform(
        self, size: tuple[int, int], *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> ShearletTransform:
        """Return the transform for images of `size` = (H, W), odd sizes included.

        Raises:
            ValueError: more scales than the size allows.
        """
        return ShearletTransform(self.resolved(size), size, torch.device(device), dtype)

    def resolved(self, size: tuple[int, int]) -> Shearlet:
        """Return the same settings with the number of scales that they take at `size` = (H, W).

        Raises:
            ValueError: more scales than the size allows.
        """
        most = max((j for j in range(1, min(size).bit_length()) if taps(j) <= min(size)), default=0)
        scales = max(1, min(_MOST_SCALES, most)) if self.scales is None else self.scales
        if scales > most:
            raise ValueError(
                f"scales={scales} is too many for an image of {size[0]} x {size[1]} pixels: "
                + (f"use at most {most}, or a larger image" if most else f"use one of at least {taps(1)} a side")
            )
        return replace(self, scales=scales)


class ShearletTransform(Transform):
    """A shearlet system fixed to one image size: bands coarse to fine, by angle within a scale.

    Analysis correlates the image with each shearlet; synthesis is by the dual frame, which divides the sum of all
    bands by the weights w = sum of |spectrum|^2 in frequency, so that synthesis inverts analysis.

    Attributes:
        settings: with the number of scales that there are.
        frame_bounds: the least and the greatest of the dual weights.
        dual_weights: w at the frequencies of `torch.fft.rfft2`, (H, W // 2 + 1).
    """

    frame_bounds: tuple[float, float]
    dual_weights: Tensor

    def __init__(self, settings: Shearlet, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> None:
        self.settings, self.size, self.device, self.dtype = settings, size, device, dtype
        system = _system(settings, size)
        self.bands, self.frame_bounds = system.bands, (float(system.weights.min()), float(system.weights.max()))
        self.dual_weights = torch.tensor(system.weights, dtype=dtype, device=device)
        # Once for the real and once for the imaginary part: products of contiguous real numbers are the fastest.
        pairs = np.repeat(system.spectra[..., None], 2, axis=-1)
        self._spectra = torch.from_numpy(pairs).to(dtype).to(device)

    @property
    def spectra(self) -> Tensor:
        """Return the real spectra of the shearlets, (bands, H, W // 2 + 1), frequencies as in `torch.fft.rfft2`."""
        return self._spectra[..., 0]

    @neutral()
    def analyse(self, image: Tensor) -> Tensor:
        """Return coefficients (B, C, N) of images (B, C, H, W); differentiable."""
        return self._filter(torch.fft.rfft2(image.to(self.device, self.dtype)))

    @neutral()
    def adjoint(self, image: Tensor) -> Tensor:
        """Apply the adjoint of synthesis, (B, C, H, W) to (B, C, N)."""
        return self._filter(torch.fft.rfft2(image) / self.dual_weights)

    @neutral()
    def synthesise_masked(self, mask: Tensor, coefficients: Tensor) -> Tensor:
        """Synthesise A(s h), (B, C, H, W), of masks s (B, 1, N) and coefficients h (B, C, N), without a gradient."""
        return self._sum(coefficients, mask)

    @neutral()
    def mask_gradient(self, gradient: Tensor, coefficients: Tensor, noise: Tensor | None = None) -> Tensor:
        """Carry a gradient g (B, C, H, W) of images A(s h + (1 - s) v) back to the masks s (B, 1, N)."""
        total = torch.empty_like(coefficients[:, :1])
        to_mask, kept = self._planes(total), self._planes(coefficients)
        replaced = None if noise is None else self._planes(noise)
        for one, some, bands in self._filtered(torch.fft.rfft2(gradient) / self.dual_weights):
            h = kept[one, :, some]
            bands.mul_(h if replaced is None else h - replaced[one, :, some])
            torch.sum(bands, 1, keepdim=True, out=to_mask[one, :, some])
        return total

    def _synthesise(self, coefficients: Tensor) -> Tensor:
        return self._sum(coefficients)

    def _sum(self, coefficients: Tensor, mask: Tensor | None = None) -> Tensor:
        """Synthesise coefficients (B, C, N), times a mask (B, 1, N) where there is one."""
        bands, kept = self._planes(coefficients), None if mask is None else self._planes(mask)
        total = bands.new_zeros(*bands.shape[:2], *self._spectra.shape[1:])
        for colour in range(bands.shape[1]):
            for one, some in self._chunks(len(bands), 1):
                values = bands[one, colour, some]
                if kept is not None:
                    values = values * kept[one, 0, some]
                parts = torch.view_as_real(torch.fft.rfft2(values))
                total[one, colour] += parts.mul_(self._spectra[some]).sum(1)
        image: Tensor = torch.fft.irfft2(torch.view_as_complex(total) / self.dual_weights, s=self.size)
        return image

    def _filter(self, spectrum: Tensor) -> Tensor:
        """Return all bands (B, C, N) of images given by their spectrum (B, C, H, W // 2 + 1)."""
        coefficients = self.dual_weights.new_empty(*spectrum.shape[:2], self.n_coefficients)
        planes = self._planes(coefficients)
        for one, some, bands in self._filtered(spectrum):
            planes[one, :, some] = bands
        return coefficients

    def _filtered(self, spectrum: Tensor) -> Iterator[tuple[slice, slice, Tensor]]:
        """Return the bands (b, C, k, H, W) of some images at a time, and which they are."""
        pairs = torch.view_as_real(spectrum).unsqueeze(2)
        for one, some in self._chunks(*spectrum.shape[:2]):
            parts = torch.view_as_complex(pairs[one] * self._spectra[some])
            yield one, some, torch.fft.irfft2(parts, s=self.size)

    def _planes(self, coefficients: Tensor) -> Tensor:
        """Return a view of coefficients (B, C, N) by bands, (B, C, bands, H, W)."""
        return coefficients.view(*coefficients.shape[:2], len(self.bands), *self.size)

    def _chunks(self, images: int, colours: int) -> Iterator[tuple[slice, slice]]:
        """Return images and bands to filter at a time: a few bands on a CPU, everything on an accelerator."""
        if self.device.type != "cpu":
            yield slice(None), slice(None)
            return
        step = _CHUNK // (colours * math.prod(self.size))
        step = max(1, step - step % 2)  # threads share even numbers of FFTs, and wait for each other within odd ones
        for image in range(images):
            for band in range(0, len(self.bands), step):
                yield slice(image, image + 1), slice(band, band + step)


class _System(NamedTuple):
    """A shearlet system in float64: spectra (bands, H, W // 2 + 1) and dual weights (H, W // 2 + 1)."""

    bands: tuple[Band, ...]
    spectra: np.ndarray
    weights: np.ndarray


@lru_cache(maxsize=2)
def _system(settings: Shearlet, size: tuple[int, int]) -> _System:
    height, width = size
    shear_levels = _shear_levels(settings)
    scales = len(shear_levels)
    rows, columns = 2 * np.pi * np.fft.fftfreq(height)[:, None], 2 * np.pi * np.fft.rfftfreq(width)[None]
    bands = [Band(scale=scales, orientation="lowpass", shape=size, start=0)]
    spectra = np.empty((settings.n_bands, height, columns.size))
    spectra[0] = lowpass(rows, scales) * lowpass(columns, scales)
    wedges: dict[tuple[int, float], np.ndarray] = {}
    fan = _fan(settings, size)
    for scale, level in zip(range(scales, 0, -1), shear_levels, strict=True):
        first = len(bands)
        for angle, shearing, steep in _directions(level):
            across, along = (columns, rows) if steep else (rows, columns)
            if (level, angle) not in wedges:
                wedges[level, angle] = wedge(shearing, level, across, along, fan)
            spectra[len(bands)] = wedges[level, angle] * bandpass(across, scale - 1)
            name, start = f"{angle:+.0f}°", bands[-1].stop
            bands.append(Band(scale=scale, orientation=name, angle=angle, shape=size, start=start))
        assert len({band.orientation for band in bands[first:]}) == len(bands) - first
    return _System(tuple(bands), spectra, np.einsum("khw,khw->hw", spectra, spectra))


def _shear_levels(settings: Shearlet) -> tuple[int, ...]:
    if settings.shear_levels is not None:
        return settings.shear_levels
    return tuple((scale + 1) // 2 for scale in range(1, (settings.scales or _MOST_SCALES) + 1))


def _fan(settings: Shearlet, size: tuple[int, int]) -> Fan:
    if settings.fan != "auto":
        return settings.fan
    longest = 1 + (FAN_TAPS - 1) * 2 ** (max(_shear_levels(settings)) + 1)
    return "maxflat" if longest <= min(size) else "9-7"


def _directions(level: int) -> list[tuple[float, int, bool]]:
    """Return angle of the edges, shearing, and whether the edges are steep (the first cone), ordered by angle.

    The cones meet at 45 degrees, where only the first one's shearlets are kept.
    """
    most = 2**level
    steep = [(math.degrees(math.atan2(most, k)), k, True) for k in range(-most, most + 1)]
    flat = [(math.degrees(math.atan2(k, most)), k, False) for k in range(1 - most, most)]
    return sorted((angle - 180 if angle > 90 else angle, k, cone) for angle, k, cone in steep + flat)  # noqa: PLR2004


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
