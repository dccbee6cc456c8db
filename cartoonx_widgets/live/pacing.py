"""When to make a frame: when the last one has been seen, and never so often that watching costs much."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_INTERVAL = 0.1
_SHARE_OF_TIME = 0.07
_SHARE_WITH_RESTS = 0.02
_PATIENCE = 1.0
_MOST_PATIENCE = 4.0
_LONGEST_INTERVAL = 2.5  # seconds, where many runs share the cores


class Pacer:
    """Decides when the next frame is due, by the viewer's answers and by what a frame costs.

    A frame is due when the viewer has answered the last one, at most ten times a second, and so rarely that making
    frames takes at most 7 % of the run's time, but at least once a second. Where several runs share each core the
    interval is that many times as long, up to 2.5 seconds. A viewer that does not answer (a closed tab, a busy browser)
    is sent the next frame after a second, and further ones at growing intervals of up to four seconds. So a slow viewer
    gets fewer frames and never a queue of old ones, and the run does not wait.

    A frame is ready where a step has classified its cartoon already. One that is not costs a pass of the classifier,
    and is due when the frames of the last second have left enough of the 7 % for it. To classify the rest costs another
    pass: frames with their rests take at most 2 %.

    >>> pacer = Pacer(clock=iter([0.0, 0.2, 0.2, 0.3, 0.3]).__next__)
    >>> pacer.sent(0, cost=0.001), pacer.due()  # not answered yet
    (None, False)
    >>> pacer.answered(0), pacer.due()
    (None, True)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent_at = self._due_at = self._rests_due_at = float("-inf")
        self._newest = -1
        self._answered = True
        self._longest = self._patience = _PATIENCE
        self._extra = 0.0  # seconds that a frame waits which is not ready

    def due(self, *, ready: bool = True) -> bool:
        """Return whether a frame should be made now.

        Args:
            ready: whether a step has classified its cartoon.
        """
        now = self._clock()
        since = now - self._sent_at
        if not self._answered:
            return since >= self._patience
        due_at = self._due_at + (0 if ready else self._extra)
        return since >= self._longest or (since >= _LEAST_INTERVAL and now >= due_at)

    def rests_due(self) -> bool:
        """Return whether the rest of a frame that is made now should be classified."""
        return self._clock() >= self._rests_due_at

    def sent(
        self, index: int, cost: float, *, runs_a_core: float = 1, ready: bool = True, with_rest: bool = False
    ) -> None:
        """Note that the frame of this index was sent.

        Args:
            index: serial number of the frame.
            cost: seconds that it took to make.
            runs_a_core: how many runs share each core, at least 1.
            ready: whether a step had classified its cartoon.
            with_rest: whether its rest was classified.
        """
        now = self._clock()
        # Time that frames have not taken in the last second is left for those to come, but none of a pause.
        saved = _PATIENCE if now - self._sent_at < _PATIENCE else 0.0
        self._sent_at = now
        self._longest = min(_PATIENCE * runs_a_core, _LONGEST_INTERVAL)
        self._patience = self._longest if self._answered else min(2 * self._patience, _MOST_PATIENCE)
        interval = min(cost * runs_a_core / _SHARE_OF_TIME, self._longest)
        self._due_at = max(self._due_at, now - saved) + interval
        if not ready:
            self._extra = interval
        if with_rest:
            self._rests_due_at = now + cost * runs_a_core / _SHARE_WITH_RESTS
        self._newest, self._answered = index, False

    def answered(self, index: int) -> None:
        """Note that the viewer has drawn the frame of this index; only the newest one counts."""
        self._answered = self._answered or index == self._newest
