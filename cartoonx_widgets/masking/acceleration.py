"""Settings of the accelerated descent, which needs a tenth of the classifier's evaluations or less.

Published settings take a noisy gradient, one step of Adam, and forget it. Here the gradients of the last samples are
kept; they give the distortion at later masks to first order, without another evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets._checks import number, share, true_or_false, whole

if TYPE_CHECKING:
    import numpy.typing as npt

_MOST = 100  # steps remembered, and updates a step


@dataclass(frozen=True, kw_only=True)
class Acceleration:
    """Settings of the accelerated descent; all may be left as they are.

    A sample k, evaluated at the mask s_k, gives the log-odds m of the explained class to first order in the mask s:
    m(s) = m_k + <g_k, s - s_k>. The distortion of the sample is then d(m(s)). A step updates the mask several times, by
    the gradient of the mean of d(m(s)) over the samples of the last steps, and the exact gradient of the penalties. A
    distortion that is not a function of m is itself taken to first order.

    `smoothing`, `pressure`, `yielding` and `rescue` change the objective, and fade in proportion to the part of the run
    that is left, so that the run ends with the method's own objective.

    Attributes:
        memory: number of last steps whose samples are used, at least 1.
        updates: updates of the mask in a step, at least 1. None takes 2, or 4 where a step has 16 samples or more.
        smoothing: share of the gradient that is averaged over 5 x 5 neighbours of its band, in [0, 1].
        pressure: factor of all penalty weights at the start of the run, at least 1.
        yielding: mean probability of the class, above 0 and at most 1, below which the penalty weights fall in
            proportion to it: a mask that is about to lose its class is then not pushed further.
        rescue: weight, at least 0, of -r^2 log p, which is added to the distortion of a sample whose probability p is
            below 0.3 r, with r the probability that is aimed at: the squared difference has hardly a gradient there.
        warm_up: share of the run, in [0, 1), in which the learning rate rises from near 0: a mask that falls fast loses
            its class before it is known which coefficients carry it.
        antithetic: whether every second sample of a step has the opposite noise of the one before it, where the noise
            has opposites; what is linear in the noise cancels in such a pair.

    Raises:
        ValueError: a setting out of range.
        TypeError: an `antithetic` that is neither True nor False.
    """

    memory: int = 4
    updates: int | None = None
    smoothing: float = 0.9
    pressure: float = 2.0
    yielding: float = 1.0
    rescue: float = 0.2
    warm_up: float = 0.3
    antithetic: bool = field(default=True, metadata={"added": "0.6", "before": False})

    def __post_init__(self) -> None:
        whole("memory", self.memory, most=_MOST)
        if self.updates is not None:
            whole("updates", self.updates, most=_MOST)
        share("smoothing", self.smoothing)
        number("pressure", self.pressure, least=1)
        number("yielding", self.yielding, above=0, most=1)
        number("rescue", self.rescue, least=0)
        number("warm_up", self.warm_up, least=0, below=1)
        true_or_false("antithetic", self.antithetic)

    def rise(self, done: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the factor of the learning rate, in (0, 1], where a part `done`, in [0, 1), of the run is done."""
        return np.minimum(1, (done + 0.5 / len(done)) / self.warm_up) if self.warm_up else np.ones_like(done)
