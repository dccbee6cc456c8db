"""Where a task is: its status, its steps and their time, its result or its error."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live.tasks import Task

Status = Literal["ready", "playing", "paused", "done", "failed"]
_RATE_WINDOW = 20


class TaskState:
    """A task of an engine and its state.

    Args:
        task: to run; it may have taken steps.

    Attributes:
        playing: whether it takes steps until its last one.
        single_steps: how many steps were asked for by `Engine.step` and are still to be taken.
        error: what stopped it; None where nothing did.
        result: its explanation once it is paused or done; None before the first step and while steps are taken.
        seconds: spent on its steps so far.

    Raises:
        ClassifierError: the classifier's output is NaN or infinite, for a task that has already taken steps.
    """

    def __init__(self, task: Task) -> None:
        self._task: Task | None = task
        self.playing = False
        self.single_steps = 0
        self.error: BaseException | None = None
        self._traceback: TracebackType | None = None
        self.result: Explanation | None = task.explanation() if task.steps_done else None
        self.seconds = 0.0
        self._released_after = 0
        self._stepping = threading.Lock()
        self._newest: deque[float] = deque(maxlen=_RATE_WINDOW)

    @property
    def task(self) -> Task:
        """Return the task.

        Raises:
            RuntimeError: it was released.
        """
        if self._task is None:
            raise RuntimeError("this run was released: reset to begin another")
        return self._task

    @property
    def released(self) -> bool:
        """Return whether the task was handed over; its result and its numbers stay."""
        return self._task is None

    @property
    def steps(self) -> int:
        """Return how many steps are planned."""
        return self._released_after if self._task is None else self._task.steps

    @property
    def steps_done(self) -> int:
        """Return how many steps have been taken."""
        return self._released_after if self._task is None else self._task.steps_done

    @property
    def finished(self) -> bool:
        """Return whether all planned steps have been taken."""
        return self.steps_done >= self.steps

    @property
    def due(self) -> bool:
        """Return whether another step is to be taken."""
        return self.playing or self.single_steps > 0

    @property
    def settled(self) -> bool:
        """Return whether no step is due and the result or the error is known."""
        return not self.due and (self.error is not None or self.result is not None or self.steps_done == 0)

    @property
    def status(self) -> Status:
        """Return "ready" before the first step, "playing", "paused", "done" once the result is known, or "failed"."""
        if self.error is not None:
            return "failed"
        if self.playing or (self.finished and not self.settled):
            return "playing"
        if self.finished:
            return "done"
        return "paused" if self.steps_done else "ready"

    @property
    def rate(self) -> float:
        """Return the steps a second over the last 20, time that they waited for a turn included; 0 where unknown."""
        newest = tuple(self._newest)
        return len(newest) / max(sum(newest), 1e-9) if newest else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds that the remaining steps will take at that rate; None where unknown."""
        left, rate = max(self.steps - self.steps_done, 0), self.rate
        return 0.0 if not left else left / rate if rate else None

    def explanation(self) -> Explanation:
        """Return the explanation reached so far, waiting for a step under way.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        result = self.result
        if result is not None:
            return result
        with self._stepping:
            return self.task.explanation()

    def between_steps(self) -> threading.Lock:
        """Return a lock that is held while a step is taken."""
        return self._stepping

    def advance(self, left: Callable[[], bool], *, waited: float = 0.0) -> bool:
        """Take a step, and return whether it was taken, rather than abandoned; for the engine's thread.

        Args:
            left: called between the chunks of the step; True abandons it.
            waited: seconds that it waited for a turn, which count for the rate.
        """
        started = time.perf_counter()
        with self._stepping:
            if not self.task.step(left):
                return False
        taken = time.perf_counter() - started
        self.seconds += taken
        self._newest.append(waited + taken)
        self.result = None
        return True

    def fail(self, error: BaseException) -> None:
        """Stop with this error."""
        self.rest()
        self.error, self._traceback = error, error.__traceback__

    def raise_error(self) -> None:
        """Raise what stopped the task, if something did, with the traceback that it had then, however often."""
        if self.error is not None:
            raise self.error.with_traceback(self._traceback)

    def rest(self) -> None:
        """Ask for no more steps."""
        self.playing, self.single_steps = False, 0

    def release(self) -> Task:
        """Hand the task over.

        Raises:
            RuntimeError: it is not done, or was released before.
        """
        task = self.task
        if self.due or self.result is None or not self.finished:
            raise RuntimeError("this run is not done: play it to its end first")
        self._released_after, self._task = self.steps_done, None
        return task
