"""Fourier transforms of the digital shearlets of ShearLab 3D (arXiv:1402.5670).

Every filter is finite, so its Fourier transform is a trigonometric polynomial, and is real because the filter is
symmetric. It is evaluated here at the very frequencies asked for, which suits any image size: on the frequencies of
an H x W image that is the filter zero-padded to H x W, or wrapped round where it is longer than the image.
Frequencies are in radians per sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pywt

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

Fan = Literal["maxflat", "9-7"]
FAN_TAPS = 17
"""Of the maximally flat fan filter, in each direction."""

_ROOT = np.sqrt(2)
# h(0), h(1), ... h(4) of the symmetric 9-tap quadrature mirror filter; the published decimals are these numbers.
_TAPS = np.array([9 + 20 * _ROOT, 29 - 8 * _ROOT, 8 - 8 * _ROOT, 8 * _ROOT - 13, 3.5 - 2 * _ROOT]) / 64
_HALF_BAND = np.polynomial.chebyshev.cheb2poly(_TAPS * [1, 2, 2, 2, 2])
# cos(row a) cos(column b) of the maximally flat half-band filter with a diamond-shaped passband, in units of 1/4096.
_DIAMOND = {(0, 1): 1454, (1, 2): -276, (0, 3): 34, (2, 3): 52, (1, 4): -3, (3, 4): -5}
# At least the taps of a fan filter in each direction, so that its inverse transform on this grid is the filter.
_FAN_GRID = 32


def taps(scales: int) -> int:
    """Return length of the longest one-dimensional filter, which is that of the lowpass."""
    return 1 + 2 * (_TAPS.size - 1) * ((1 << scales) - 1)


def lowpass(frequency: Array, levels: int) -> Array:
    """Return h(f) h(2f) ... h(2^(levels - 1) f): the scaling filter iterated without decimation."""
    product = np.ones_like(frequency)
    cosine = np.cos(frequency)
    for _ in range(levels):
        product *= np.polynomial.polynomial.polyval(cosine, _HALF_BAND)
        cosine = 2 * cosine**2 - 1
    return product


def bandpass(frequency: Array, level: int) -> Array:
    """Return the wavelet filter that goes with `lowpass`; `level` 0 is the finest."""
    return lowpass(frequency, level) * lowpass(2**level * frequency + np.pi, 1)


def wedge(shearing: int, level: int, across: Array, along: Array, fan: Fan) -> Array:
    """Return a fan filter, scaled by 2^(level + 1) along the edge and sheared by shearing / 2^level.

    The digital shear interpolates the grid 2^level times across the edge, shears it by a whole number of samples, and
    takes every 2^level-th sample again, each time with a lowpass; that is the paper's digital shear operator. Taking
    samples adds up the aliases.

    Args:
        shearing: from -2^level to 2^level; the edge leaves its cone's axis by this over 2^level.
        level: the shear level.
        across: frequencies across the edges of the unsheared filter.
        along: frequencies along those edges; broadcasts with `across`.
        fan: the fan filter.
    """
    aliases = np.zeros(np.broadcast_shapes(across.shape, along.shape))
    for alias in range(2**level):
        fine = (across + 2 * np.pi * alias) / 2**level
        aliases += lowpass(along - shearing * fine, level + 1) * lowpass(fine, level) ** 2
    directional = _FANS[fan](2 ** (level + 1) * along - 2 * shearing * across, across) / _NORMS[fan]
    return directional * aliases


def _maximally_flat(along: Array, across: Array) -> Array:
    """Return fan filter "dmaxflat4" of the nonsubsampled contourlet transform: a quadratic in a half-band diamond."""
    diamond = np.zeros(np.broadcast_shapes(along.shape, across.shape))
    # Half a period across turns the diamond into a fan.
    cosines = [[np.ones_like(f), *(np.cos(n * f) for n in range(1, 5))] for f in (along, across + np.pi)]
    for (a, b), weight in _DIAMOND.items():
        term = cosines[0][a] * cosines[1][b] + cosines[0][b] * cosines[1][a]
        diamond += weight / 4096 * (4 if a else 2) * term
    value: Array = (1 + diamond / _ROOT - (1 - 1 / _ROOT) * diamond**2) / _ROOT
    return value


def _nine_seven(along: Array, across: Array) -> Array:
    """Return the Cohen-Daubechies 9-tap filter by McClellan's transformation: cos f becomes (cos f1 + cos f2) / 2."""
    right_half = np.trim_zeros(pywt.Wavelet("bior4.4").dec_lo)[4:]
    polynomial = np.polynomial.chebyshev.cheb2poly(right_half * np.array([1, 2, 2, 2, 2]))
    value: Array = np.polynomial.polynomial.polyval((np.cos(along) + np.cos(across + np.pi)) / 2, polynomial)
    return value


def _norm(fan: Callable[[Array, Array], Array]) -> float:
    """Return the sum of the filter's absolute values, which the directional filter is divided by."""
    frequency = 2 * np.pi * np.arange(_FAN_GRID) / _FAN_GRID
    return float(np.abs(np.fft.ifft2(fan(frequency[:, None], frequency))).sum())


_FANS: dict[Fan, Callable[[Array, Array], Array]] = {"maxflat": _maximally_flat, "9-7": _nine_seven}
_NORMS = {name: _norm(fan) for name, fan in _FANS.items()}
