"""The same objective with a tenth of the classifier's evaluations: how our presets descend.

Published settings take a noisy gradient, one step of Adam, and forget it. Here the last few samples are remembered as
what they said of the mask to first order, which costs no evaluation to ask again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class Acceleration:
    """Settings of the accelerated descent; all may be left as they are.

    A sample k, seen at the mask s_k, says how the log-odds m of the explained class depend on the mask:
    m(s) = m_k + <g_k, s - s_k>. The distortion is then d(m(s)), with its own curvature; the mean of it over the samples
    of the last steps is what is descended, by several updates of the mask a step, each with the exact gradient of the
    prices. A distortion of all classes is remembered to first order itself.

    All else that helps fades with the part of the run that is left, 1 - t, so that what the run ends in is the
    objective's own:

    Attributes:
        memory: steps whose samples are remembered, at least 1.
        updates: updates of the mask a step, at least 1; by itself 2, and 4 where a step has 16 samples or more.
        smoothing: share of the gradient that is averaged over 5 x 5 neighbours of its band, in [0, 1].
        pressure: factor of all prices, at least 1.
        yielding: mean probability of the class below which the prices recede in proportion, above 0 and at most 1; a
            mask that has lost its class would otherwise lose the rest.
        rescue: at least 0; weight of -r^2 log p, which is added to the distortion of a sample whose class has fallen
            below 0.3 r, r being the probability that is aimed at: the squared difference is flat there, and would let
            go of what is lost.
        warm_up: share of the run in which the learning rate rises to its value, in [0, 1); noise that comes in slowly
            tells what matters while the class is still there.

    Raises:
        ValueError: a setting out of range.
    """

    memory: int = 4
    updates: int | None = None
    smoothing: float = 0.9
    pressure: float = 2.0
    yielding: float = 1.0
    rescue: float = 0.2
    warm_up: float = 0.3

    def __post_init__(self) -> None:
        for name in ("memory", "updates"):
            value = getattr(self, name)
            if name == "updates" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:  # noqa: PLR2004
                raise ValueError(f"{name}={value!r} must be a whole number of at least 1 and at most 100")
        ranges: dict[str, tuple[Callable[[float], bool], str]] = {
            "smoothing": (lambda x: 0 <= x <= 1, "in [0, 1]"),
            "pressure": (lambda x: 1 <= x < math.inf, "of at least 1"),
            "rescue": (lambda x: 0 <= x < math.inf, "of at least 0"),
            "yielding": (lambda x: 0 < x <= 1, "above 0 and at most 1"),
            "warm_up": (lambda x: 0 <= x < 1, "of at least 0 and below 1"),
        }
        for name, (allowed, words) in ranges.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Real) or not allowed(float(value)):
                raise ValueError(f"{name}={value!r} must be a number {words}")

    def rise(self, done: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Factor of the learning rate, for the part t of the run that is done."""
        return np.minimum(1, (done + 0.5 / len(done)) / self.warm_up) if self.warm_up else np.ones_like(done)
