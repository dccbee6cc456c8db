"""Signals in orthonormal wavelet bases: their coefficients level by level, and what the k largest give.

PyWavelets computes them, with signals continued periodically. A level halves an even number of samples, so that
there are as many coefficients as samples and squares are kept: N = n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pywt

from cartoonx_widgets._checks import whole

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Booleans = npt.NDArray[np.bool_]

_FIRST_LEVELS = 5
_LARGEST = 1e100  # so that no sum of squares overflows
_ROUNDING = 1e-12  # of the largest coefficient: what is smaller is taken for 0


class SignalBand(NamedTuple):
    """The place of a scale's coefficients among all.

    Attributes:
        name: "lowpass", or "d" and the scale, as "d3".
        scale: 1 is the finest; the lowpass has that of the coarsest details.
        start: index of its first coefficient.
        size: how many it has.
    """

    name: str
    scale: int
    start: int
    size: int


class SignalQuality(NamedTuple):
    """How near an approximation y is to its signal x; all NaN where x is 0.

    Attributes:
        energy_kept: its share of the sum of squares, from 0 to 1.
        relative_error: ||x - y|| / ||x||, from 0 to 1.
        snr: -20 log10 of the relative error, in decibels; infinite where nothing is lost.
    """

    energy_kept: float
    relative_error: float
    snr: float


@dataclass(frozen=True, eq=False)
class SignalExpansion:
    """A signal and its coefficients in an orthonormal wavelet basis, which `expand_signal` finds.

    Attributes:
        signal: (n,), float64, read-only.
        coefficients: (n,), float64, read-only: the lowpass, then the details from coarse to fine.
        wavelet: the name of the wavelet.
        levels: how often the signal is split.
    """

    signal: Floats
    coefficients: Floats
    wavelet: str
    levels: int

    @property
    def n(self) -> int:
        """Return n, how many samples and coefficients there are."""
        return self.signal.size

    @property
    def bands(self) -> tuple[SignalBand, ...]:
        """Return where the coefficients of each scale lie, coarse to fine."""
        size = self.n >> self.levels
        found = [SignalBand("lowpass", self.levels, 0, size)]
        for scale in range(self.levels, 0, -1):
            start = found[-1].start + found[-1].size
            found.append(SignalBand(f"d{scale}", scale, start, self.n >> scale))
        return tuple(found)

    @property
    def nonzero(self) -> int:
        """Return how many coefficients are not 0; those below 1e-12 of the largest count as 0."""
        sizes = np.abs(self.coefficients)
        return int(np.count_nonzero(sizes > _ROUNDING * sizes.max()))

    def kept(self, k: int) -> Booleans:
        """Return which coefficients are kept, (n,): the k largest in absolute value, the first among equals.

        Raises:
            ValueError: a k that is no whole number from 0 to n.
        """
        mask = np.zeros(self.n, dtype=np.bool_)
        mask[np.argsort(-np.abs(self.coefficients), kind="stable")[: checked_count(k, self.n)]] = True
        return mask

    def keep(self, k: int) -> Floats:
        """Return the approximation (n,) by the k largest coefficients: the best there is with k numbers in this basis.

        Raises:
            ValueError: a k that is no whole number from 0 to n.
        """
        return self.synthesise(np.where(self.kept(k), self.coefficients, 0.0))

    def quality(self, k: int) -> SignalQuality:
        """Return how near the approximation by the k largest coefficients is to the signal.

        Raises:
            ValueError: a k that is no whole number from 0 to n.
        """
        kept, largest = self.kept(k), float(np.abs(self.coefficients).max())
        if largest == 0:
            return SignalQuality(math.nan, math.nan, math.nan)
        squares = (self.coefficients / largest) ** 2
        lost = float(squares[~kept].sum() / squares.sum())
        return SignalQuality(1 - lost, math.sqrt(lost), -10 * math.log10(lost) if lost > 0 else math.inf)

    def synthesise(self, coefficients: Floats) -> Floats:
        """Return the signal (n,) that coefficients (n,) synthesise."""
        low, *details = (coefficients[band.start : band.start + band.size] for band in self.bands)
        for detail in details:
            low = pywt.idwt(low, detail, self.wavelet, mode="periodization")
        return low

    def atom(self, index: int) -> Floats:
        """Return the wavelet (n,), of norm 1, that the coefficient with this index multiplies.

        Raises:
            ValueError: an index that is no whole number from 0 to n - 1.
        """
        one = np.zeros(self.n)
        one[whole("index", index, least=0, most=self.n - 1)] = 1
        return self.synthesise(one)

    def with_coefficients(self, coefficients: npt.ArrayLike) -> SignalExpansion:
        """Return the expansion of the signal that other coefficients (n,) synthesise.

        Raises:
            TypeError: they are no numbers.
            ValueError: they are not n finite numbers in one row.
        """
        values = checked_row("coefficients", coefficients)
        if values.size != self.n:
            raise ValueError(f"coefficients has {values.size} numbers; allowed are as many as samples, {self.n}")
        return replace(self, signal=_locked(self.synthesise(values)), coefficients=_locked(values))


def expand_signal(signal: npt.ArrayLike, wavelet: str = "db3", levels: int | None = None) -> SignalExpansion:
    """Expand a signal in an orthonormal wavelet basis, continued periodically.

    A signal with an odd number of samples cannot be split: its coefficients are its samples.

    Args:
        signal: (n,), finite numbers; n from 1.
        wavelet: the name of an orthogonal wavelet of PyWavelets, such as "haar", "db3" or "sym4".
        levels: how often it is split, from 0 to `most_levels(n)`; by default as often as the filter fits, at most 5.

    Raises:
        TypeError: a signal that holds something else than numbers.
        ValueError: a signal that is not one row of finite numbers; an unknown wavelet, or one that is not
            orthogonal; too many levels.

    >>> expansion = expand_signal([9, 7, 3, 5], "haar", levels=2)
    >>> expansion.coefficients.round(3).tolist()
    [12.0, 4.0, 1.414, -1.414]
    >>> expansion.keep(2).round(3).tolist()
    [8.0, 8.0, 4.0, 4.0]
    """
    values = checked_row("signal", signal)
    name = orthogonal("wavelet", wavelet)
    times = first_levels(values.size, name) if levels is None else checked_levels(levels, values.size)
    low, details = values, []
    for _ in range(times):
        low, detail = pywt.dwt(low, name, mode="periodization")
        details.append(detail)
    return SignalExpansion(_locked(values), _locked(np.concatenate([low, *reversed(details)])), name, times)


def most_levels(n: int) -> int:
    """Return how often a signal of n samples can be split: each level halves an even number.

    >>> most_levels(256), most_levels(100), most_levels(1)
    (8, 2, 0)
    """
    return (n & -n).bit_length() - 1


def first_levels(n: int, wavelet: str) -> int:
    """Return how often a signal of n samples is split where nothing is said: at most 5 times."""
    fitting = max(1, int(pywt.dwt_max_level(n, pywt.Wavelet(wavelet).dec_len)))
    return min(most_levels(n), fitting, _FIRST_LEVELS)


def orthogonal(argument: str, name: object) -> str:
    """Check the name of an orthogonal wavelet, and return it.

    Raises:
        ValueError: it is none; the sentence names the argument.
    """
    example = "choose one such as 'haar', 'db2' to 'db38', 'sym4' to 'sym20' or 'coif1' to 'coif17'"
    if not isinstance(name, str) or name not in pywt.wavelist(kind="discrete"):
        raise ValueError(f"{argument}={name!r} is no wavelet's name; {example}")
    if not pywt.Wavelet(name).orthogonal or name == "dmey":  # which is cut off, and so only nearly orthogonal
        raise ValueError(f"{argument}={name!r} is not orthogonal, so squares would not be kept; {example}")
    return name


def checked_levels(levels: object, n: int) -> int:
    """Check how often a signal of n samples is split, and return it.

    Raises:
        ValueError: it is no whole number from 0 to `most_levels(n)`.
    """
    most = most_levels(n)
    why = f": each level halves an even number of samples, which n={n} allows {most} times, and a power of 2 most often"
    return whole("levels", levels, least=0, most=most, more=why)


def checked_count(k: object, n: int) -> int:
    """Check a number of coefficients, and return it.

    Raises:
        ValueError: it is no whole number from 0 to n.
    """
    return whole("k", k, least=0, most=n, more=" (all coefficients)")


def checked_row(name: str, values: Any, *, most: int | None = None) -> Floats:  # noqa: ANN401 - what users give
    """Check a row of finite numbers, and return a copy (n,), float64.

    Args:
        name: of the argument.
        values: what was given for it.
        most: how many there may be; any number without one.

    Raises:
        TypeError: something that holds no numbers.
        ValueError: no row, none or too many, or a number that is not finite or larger than 1e100.
    """
    allowed = "allowed is a row of finite numbers, such as [0, 1, 0.5, 0] or a NumPy array (n,)"
    try:
        found = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} cannot be read as numbers ({error}); {allowed}") from error
    if found.ndim != 1:
        shape = f"is no row ({type(values).__name__})" if found.ndim == 0 else f"has shape {found.shape}"
        raise (ValueError if found.dtype.kind in "fiu" else TypeError)(f"{name} {shape}; {allowed}")
    if not found.size or (most is not None and found.size > most):
        limits = "at least 1" if most is None else f"1 to {most}"
        part = "" if most is None or not found.size else f"; take a part, or every {-(-found.size // most)}th number"
        raise ValueError(f"{name} has {found.size} numbers; allowed are {limits}{part}")
    if found.dtype.kind not in "fiu":
        raise TypeError(f"{name} holds something else than real numbers (as {found.dtype}); {allowed}")
    row = found.astype(np.float64)
    if not (bad := ~(np.abs(row) <= _LARGEST)).any():
        return row
    first = int(bad.argmax())
    raise ValueError(f"{name} has {row[first]:g} at index {first}; allowed are finite numbers up to {_LARGEST:g}")


def _locked(values: Floats) -> Floats:
    values.setflags(write=False)
    return values
