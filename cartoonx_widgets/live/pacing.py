"""When to make a frame: when the last one has been seen, and never so often that watching costs much."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_INTERVAL = 0.1
_SHARE_OF_TIME = 0.05
_PATIENCE = 1.0


class Pacer:
    """Paces frames by answers.

    A frame is due when the viewer has answered the last one, or has been silent for a second (a closed tab, a busy
    browser), but at most ten times a second, and only as often as making frames takes 5 % of the time. A slow viewer
    so gets fewer frames, never a queue of old ones, and nobody is waited for.

    >>> pacer = Pacer(clock=iter([0.0, 0.2, 0.2, 0.3, 0.3]).__next__)
    >>> pacer.sent(cost=0.001), pacer.due()  # not answered yet
    (None, False)
    >>> pacer.answered(), pacer.due()
    (None, True)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent_at = float("-inf")
        self._interval = _LEAST_INTERVAL
        self._answered = True

    def due(self) -> bool:
        """Whether a frame should be made now."""
        since = self._clock() - self._sent_at
        return since >= _PATIENCE or (self._answered and since >= self._interval)

    def sent(self, cost: float) -> None:
        """A frame was made and sent, which took `cost` seconds."""
        self._sent_at = self._clock()
        self._interval = max(_LEAST_INTERVAL, min(cost / _SHARE_OF_TIME, _PATIENCE))
        self._answered = False

    def answered(self) -> None:
        """The viewer has drawn the newest frame."""
        self._answered = True
