"""Signals to take apart: each shows one thing that a wavelet basis is good or bad at. They are computed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets._checks import one_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SampleSignal:
    """A signal that is computed.

    Attributes:
        name: The name by which `sample_signal` computes it.
        title: The name that widgets show.
        about: What it demonstrates.
    """

    name: str
    title: str
    about: str


_SIGNALS = (
    SampleSignal("steps", "Steps", "Constant but for jumps: with Haar wavelets, few coefficients are not 0."),
    SampleSignal("ramp", "Ramp", "Linear: two vanishing moments suffice, but for the border, where it jumps."),
    SampleSignal("bumps", "Bumps", "Smooth, of three widths: a longer filter needs fewer coefficients."),
    SampleSignal("sine", "Sine", "One frequency: its energy is in one or two scales, at all places."),
    SampleSignal("chirp", "Chirp", "A frequency that rises: its energy moves from scale to scale."),
    SampleSignal("noise", "Noise", "Every sample by itself: no basis makes it sparse."),
    SampleSignal("flat", "Flat", "0 everywhere: to draw on, and to see single wavelets."),
)
SIGNALS: Mapping[str, SampleSignal] = MappingProxyType({item.name: item for item in _SIGNALS})
"""The signals by name."""

_PLATEAUS = (-0.4, 0.6, 0.2, -0.8, 0.3, 0.9, -0.4)
_JUMPS = (0.13, 0.27, 0.42, 0.55, 0.71, 0.88)  # away from halves, quarters and eighths
_BUMPS = ((0.18, 0.02, 0.7), (0.42, 0.05, 0.9), (0.76, 0.09, -0.8))  # place, width, height


def sample_signal(name: str, n: int) -> Floats:
    """Compute a signal of n samples, the same each time.

    Args:
        name: one of `SIGNALS`.
        n: how many samples.

    Returns:
        (n,), float64; in [-1, 1] but for "noise", which is normal, of standard deviation 0.35.

    Raises:
        ValueError: there is no such signal, or n is no whole number from 1 on.

    >>> sample_signal("ramp", 4).tolist()
    [-0.75, -0.25, 0.25, 0.75]
    """
    make = _MAKERS[one_of("name", name, SIGNALS)]
    return make((np.arange(whole("n", n)) + 0.5) / n)


def _bumps(t: Floats) -> Floats:
    values = np.zeros_like(t)
    for place, width, height in _BUMPS:
        values += height * np.exp(-(((t - place) / width) ** 2))
    return values


def _chirp(t: Floats) -> Floats:
    """Return a wave whose frequency rises from 2 to n / 8 periods a signal."""
    rise = max(2.0, t.size / 8) - 2
    return np.sin(2 * np.pi * (2 * t + rise * t**2 / 2))


_MAKERS: Mapping[str, Callable[[Floats], Floats]] = {
    "steps": lambda t: np.asarray(_PLATEAUS)[np.searchsorted(_JUMPS, t)],
    "ramp": lambda t: 2 * t - 1,
    "bumps": _bumps,
    "sine": lambda t: np.sin(2 * np.pi * 4 * t),
    "chirp": _chirp,
    "noise": lambda t: 0.35 * np.random.default_rng(0).standard_normal(t.size),
    "flat": np.zeros_like,
}
