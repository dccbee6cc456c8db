"""The same objective with a tenth of the classifier's evaluations: how our presets descend.

Published settings take a noisy gradient, one step of Adam, and forget it. Here the last few samples are remembered as
their gradients, from which the distortion at a later mask is known to first order without another evaluation.
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

    A sample k, evaluated at the mask s_k, gives how the log-odds m of the explained class depend on the mask:
    m(s) = m_k + <g_k, s - s_k>. The distortion is then d(m(s)), with its own curvature; the mean of it over the samples
    of the last steps is what is descended, by several updates of the mask a step, each with the exact gradient of the
    penalties. A distortion of all classes is remembered to first order itself.

    All else that helps fades with the part of the run that is left, 1 - t, so that what the run ends in is the
    objective's own. What is linear in the noise cancels in pairs of samples with opposite noise.

    Attributes:
        memory: steps whose samples are remembered, at least 1.
        updates: updates of the mask a step, at least 1; by itself 2, and 4 where a step has 16 samples or more.
        smoothing: share of the gradient that is averaged over 5 x 5 neighbours of its band, in [0, 1].
        pressure: factor of all penalty weights, at least 1.
        yielding: mean probability of the class below which the penalty weights recede in proportion, above 0 and at
            most 1; a mask that has lost its class would otherwise lose the rest.
        rescue: at least 0; weight of -r^2 log p, which is added to the distortion of a sample whose class has fallen
            below 0.3 r, r being the probability that is aimed at: the squared difference is flat there, and would let
            go of what is lost.
        warm_up: share of the run in which the learning rate rises to its value, in [0, 1); noise that comes in slowly
            shows what matters while the class is still there.
        antithetic: whether each second sample of a step has the opposite noise of the one before it, where the noise
            has opposites.

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
        """Return factor of the learning rate, for the part t of the run that is done."""
        return np.minimum(1, (done + 0.5 / len(done)) / self.warm_up) if self.warm_up else np.ones_like(done)
