"""Who takes the next step, where several runs share a machine."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

_RECENT = 1.0  # seconds in which a run that has taken a step counts as one that will take another


class Turns:
    """Lets the runs of a process take their steps in turn, so that each has the same share of time.

    Of those that wait, the one goes on that has computed least: a run of long steps so waits longer, and one that
    begins does not make up for what others have had. By itself one run computes at a time, with all cores;
    `share_cores` lets as many as there are cores compute at once, with one each, while there are several.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._computed: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._last: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._waiting: dict[object, float] = {}
        self._computing: set[object] = set()
        self._floor = 0.0
        self._cores = 1
        self._free = 1

    def share_cores(self) -> None:
        """Let as many runs compute at once as PyTorch has threads; call it before any of them begins."""
        with self._condition:
            self._cores = self._free = torch.get_num_threads()

    @property
    def others(self) -> int:
        """Return how many runs take steps now, beside one that asks."""
        with self._condition:
            return max(0, len(self._active()) - 1)

    @property
    def runs_a_core(self) -> float:
        """Return how many runs share each core now, at least 1."""
        with self._condition:
            return max(1.0, len(self._active()) / self._cores)

    @contextmanager
    def turn(self, run: object) -> Iterator[None]:
        """Wait for a turn, and have it until the end of the block."""
        cores = self._take(run)
        if self._cores > 1:
            torch.set_num_threads(cores)  # of this thread
        started = time.perf_counter()
        try:
            yield
        finally:
            self._give_back(run, cores, time.perf_counter() - started)

    def _take(self, run: object) -> int:
        with self._condition:
            self._last[run] = time.monotonic()
            self._waiting[run] = max(self._computed.get(run, 0.0), self._floor)
            self._condition.notify_all()  # one that waits for all cores may now have one
            self._condition.wait_for(lambda: self._free >= self._wanted() and self._is_next(run))
            self._computed[run] = self._floor = self._waiting.pop(run)
            cores = self._wanted()
            self._computing.add(run)
            self._free -= cores
            self._condition.notify_all()
            return cores

    def _give_back(self, run: object, cores: int, seconds: float) -> None:
        with self._condition:
            self._computing.discard(run)
            self._free += cores
            self._computed[run] += seconds * cores
            self._last[run] = time.monotonic()
            self._condition.notify_all()

    def _is_next(self, run: object) -> bool:
        return min(self._waiting, key=self._waiting.__getitem__) is run

    def _wanted(self) -> int:
        """Return how many cores a turn takes now."""
        return 1 if len(self._active()) > 1 else self._cores

    def _active(self) -> list[object]:
        now = time.monotonic()
        busy = self._computing | self._waiting.keys()
        return [run for run, last in self._last.items() if now - last < _RECENT or run in busy]


TURNS = Turns()
"""Those of this process."""
