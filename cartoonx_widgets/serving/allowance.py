"""What one visitor may cost the server beside its run, so that others' runs go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 1.0  # seconds of a core


class Allowance:
    """Lets a visitor spend a second of a core at once, and over time the share of one that each run has.

    >>> moments = iter([0.0, 0.0, 0.0, 6.0])
    >>> allowance = Allowance(clock=lambda: next(moments))
    >>> [allowance.wait(seconds, others=9) for seconds in (0.8, 0.8, 0.0)]
    [0.0, 6.0, 0.0]
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent, self._at = 0.0, clock()

    def wait(self, spent: float, *, others: int) -> float:
        """Note what was spent, and return how long to wait before more is, both in seconds.

        Args:
            spent: seconds of a core.
            others: how many runs take steps beside.
        """
        now = self._clock()
        share = 1 / (1 + others)
        self._spent = max(0.0, self._spent - share * (now - self._at)) + spent
        self._at = now
        return round(max(0.0, self._spent - _AT_ONCE) / share, 3)
