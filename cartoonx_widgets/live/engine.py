"""One thread that runs one task or several, a step of each in turn, and notifies a listener."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from cartoonx_widgets._memory import give_back_memory
from cartoonx_widgets.live.pacing import Pacer
from cartoonx_widgets.live.task_state import TaskState
from cartoonx_widgets.live.turns import TURNS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live.tasks import Snapshot, Task

_LOG = logging.getLogger(__name__)


class Listener(Protocol):
    """Is notified of what happens to an engine's tasks, by their indices.

    It is called from the engine's thread, which waits for it; `on_status` also from threads that call the engine. What
    it raises stops the task concerned, as a failed step does.
    """

    def on_frames(self, snapshots: Mapping[int, Snapshot], serial: int) -> None:
        """Handle a frame of each of these tasks; once it is displayed, call `pacer.answered(serial)`."""

    def on_status(self) -> None:
        """Handle that the status of a task may have changed: see `Engine.states`."""

    def on_result(self, index: int, explanation: Explanation) -> None:
        """Handle that a task is paused or done after a step, with this explanation."""

    def on_error(self, index: int, error: BaseException) -> None:
        """Handle that a task failed; the others go on, and its frames are kept."""


class Engine:
    """Runs one task, or several in round robin, in one worker thread, which lives while there is something to do.

    All methods may be called from any thread, and from a listener; all but `wait` and `close` return at once. A pause
    takes effect after the step under way or, where the classifier sees the samples in several chunks, between two of
    them; then that step is dropped. The engine never waits for a viewer. The thread is a daemon.

    Args:
        tasks: to run.
        listener: is notified of what happens.

    Attributes:
        pacer: decides when a frame is recorded while tasks play; its `answered` is to be called when one is displayed.

    Raises:
        ClassifierError: the classifier's output is NaN or infinite, for a task that has already taken steps.
    """

    def __init__(self, tasks: Sequence[Task], listener: Listener) -> None:
        self.pacer = Pacer()
        self._listener = listener
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._alive = False
        self._busy = False
        self._closed = False
        self._sending_cost = 0.0
        self._states = tuple(map(TaskState, tasks))
        self._serial = _count_frames(tasks) - 1

    @property
    def states(self) -> tuple[TaskState, ...]:
        """Return the state of each task."""
        return self._states

    @property
    def playing(self) -> bool:
        """Return whether some task is taking its planned steps, or its result is still being computed."""
        return any(state.status == "playing" for state in self._states)

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds until all playing tasks are done, at the rate of their last steps; None where unknown."""
        left = [state.seconds_left for state in self._states if state.playing]
        known = [seconds for seconds in left if seconds is not None]
        return sum(known) if len(known) == len(left) else None

    def load(self, tasks: Sequence[Task]) -> None:
        """Replace the tasks by these, which wait for `play`; the listener is not notified of the old ones any more.

        Raises:
            ClassifierError: the classifier's output is NaN or infinite, for a task that has already taken steps; the
                old tasks stay.
            RuntimeError: the engine is closed.
        """
        self._check_open()
        states = tuple(map(TaskState, tasks))
        with self._condition:
            self._states, self._serial = states, _count_frames(tasks) - 1
            self._condition.notify_all()
        self._listener.on_status()

    def play(self, indices: Collection[int] | None = None) -> None:
        """Let these tasks, or all, take steps until their last one, or until paused; a failed one tries again.

        Raises:
            RuntimeError: the engine is closed.
        """
        self._check_open()
        with self._condition:
            for state in self._states_at(indices):
                state.error = None
                state.playing = not state.finished
        self._start()

    def pause(self, indices: Collection[int] | None = None) -> None:
        """Pause these tasks, or all, after the step under way, or within it where it has several chunks."""
        with self._condition:
            for state in self._states_at(indices):
                state.rest()
            self._condition.notify_all()
        if not self._closed:
            self._listener.on_status()

    def step(self, indices: Collection[int] | None = None) -> None:
        """Let each of these tasks, or of all, take one step and pause; also beyond the planned steps.

        Raises:
            RuntimeError: the engine is closed, or a task was released.
        """
        self._check_open()
        with self._condition:
            states = [state for state in self._states_at(indices) if state.task]
            for state in states:
                state.error, state.playing = None, False
                state.single_steps += 1
        self._start()

    def release(self, index: int) -> Task:
        """Hand over a task that is done, for another engine to go on with; its result stays here.

        Raises:
            RuntimeError: it is not done, or was released before.
        """
        with self._condition:
            return self._states[index].release()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until no task takes steps and the listener was notified; return False after `timeout` seconds.

        Raises:
            Exception: what stopped a task, the first if several failed.
        """
        with self._condition:
            if not self._condition.wait_for(self._at_rest, timeout):
                return False
        for state in self._states:
            state.raise_error()
        return True

    def close(self) -> None:
        """End the thread as soon as a pause would take effect; a second call does nothing.

        The listener is not called any more.
        """
        with self._condition:
            self._closed = True
            for state in self._states:
                state.rest()
            self._condition.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _states_at(self, indices: Collection[int] | None) -> list[TaskState]:
        states = self._states
        return list(states) if indices is None else [states[index] for index in indices]

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this run is closed: make a new one")

    def _start(self) -> None:
        """Notify the listener of a request, then have it done: in this order, so that the result comes last."""
        try:
            self._listener.on_status()
        finally:
            with self._condition:
                if not (self._alive or self._closed or self._settled()):
                    if self._thread is not None:
                        self._thread.join()  # which has nothing left to do
                    self._alive = True
                    self._thread = threading.Thread(target=self._work, name="cartoonx-engine", daemon=True)
                    self._thread.start()
                self._condition.notify_all()

    def _settled(self) -> bool:
        return all(state.settled for state in self._states)

    def _at_rest(self) -> bool:
        return not self._busy and (self._closed or self._settled())

    def _is_current(self, states: tuple[TaskState, ...]) -> bool:
        return states is self._states and not self._closed

    # In the worker thread.

    def _work(self) -> None:
        resting = False
        while True:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
                if self._closed or (resting and self._settled()):
                    self._alive = False
                    return
                resting = self._settled()
                self._busy = not resting
            if resting:
                give_back_memory()
            else:
                self._take_turns(self._states)

    def _take_turns(self, states: tuple[TaskState, ...]) -> None:
        """Take one step of each task that is due, and settle those that come to rest."""
        for index, state in enumerate(states):
            if not self._is_current(states):
                return
            with self._failing(states, index):
                if state.due:
                    self._advance(states, state)
                if not self._is_current(states):
                    return
                if not (state.due or state.settled):
                    self._settle(states, index)
                elif state.due:
                    self._record_due(states)

    def _advance(self, states: tuple[TaskState, ...], state: TaskState) -> None:
        def left() -> bool:
            return not (state.due and self._is_current(states))

        asked = time.perf_counter()
        with TURNS.turn(self):
            if left() or not state.advance(left, waited=time.perf_counter() - asked):
                return
        with self._condition:
            state.single_steps = max(0, state.single_steps - 1)
            state.playing = state.playing and not state.finished

    def _settle(self, states: tuple[TaskState, ...], index: int) -> None:
        """Record the last frame of a task that rests, and find its explanation."""
        state = states[index]
        self._record(states, [index], final=True, ready=False)
        if state.error is not None:
            return
        explanation = state.task.explanation()
        if self._is_current(states):
            self._listener.on_result(index, explanation)
        state.result = explanation
        if self._is_current(states):
            self._listener.on_status()

    def _record_due(self, states: tuple[TaskState, ...]) -> None:
        """Record a frame of each task that takes steps, if the pacer says so."""
        due = [index for index, one in enumerate(states) if one.due]
        ready = all(states[index].task.frame_ready for index in due)
        if self.pacer.due(ready=ready):
            self._record(states, due, final=False, ready=ready)

    def _record(self, states: tuple[TaskState, ...], indices: Sequence[int], *, final: bool, ready: bool) -> None:
        started = time.thread_time()  # the frames' own work; the wall clock would count what other processes do
        with_rest = final or self.pacer.rests_due()
        snapshots, added = {}, 0
        for index in indices:
            with self._failing(states, index):
                task = states[index].task
                frames = len(task.frames)
                snapshot = task.record(final=final, rest=with_rest)
                if snapshot is not None:
                    snapshots[index] = snapshot
                    added += len(task.frames) - frames
        if not (snapshots and self._is_current(states)):
            return
        self._serial += added
        cost = self._sending_cost + time.thread_time() - started
        self.pacer.sent(self._serial, cost, runs_a_core=TURNS.runs_a_core, ready=ready, with_rest=with_rest)
        started = time.thread_time()
        self._listener.on_frames(snapshots, self._serial)
        self._sending_cost = time.thread_time() - started

    @contextmanager
    def _failing(self, states: tuple[TaskState, ...], index: int) -> Iterator[None]:
        """Pause a task that fails within, and notify the listener; whatever a classifier raises is raised by `wait`."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - the thread lives on
            with self._condition:
                states[index].fail(error)
            self._report_failure(states, index, error)

    def _report_failure(self, states: tuple[TaskState, ...], index: int, error: BaseException) -> None:
        try:
            if self._is_current(states):
                self._listener.on_error(index, error)
            if self._is_current(states):
                self._listener.on_status()
        except BaseException:  # noqa: BLE001 - the thread lives on
            _LOG.exception("The listener failed to take the failure of a run")


def _count_frames(tasks: Sequence[Task]) -> int:
    return sum(len(task.frames) for task in tasks)
