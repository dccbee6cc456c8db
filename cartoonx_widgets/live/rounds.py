"""The thread that lets several tasks run together: a step of each in turn, so that all grow side by side."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Protocol

from cartoonx_widgets.live.pacing import Pacer
from cartoonx_widgets.live.tasks import Lane

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live.tasks import Glance, Task

_LOG = logging.getLogger(__name__)


class Watcher(Protocol):
    """Who watches the tasks. Called from the worker thread, and may take its time."""

    def on_glances(self, glances: Mapping[int, Glance], serial: int) -> None:
        """These tasks, by their places, have something new to be seen; `serial` counts the times."""

    def on_status(self) -> None:
        """Some task began, or is to pause."""

    def on_result(self, place: int, explanation: Explanation) -> None:
        """A task stands still, with this explanation."""

    def on_error(self, place: int, error: BaseException) -> None:
        """A task failed, and stands; the others go on."""


class Rounds:
    """Runs several tasks in one worker thread, which starts with the first step.

    Every method may be called from any thread and returns at once; a pause takes hold after the step under way.

    Args:
        tasks: to run, each before its first step.
        watcher: is told what happens.
    """

    def __init__(self, tasks: Sequence[Task], watcher: Watcher) -> None:
        self.pacer = Pacer()
        self._watcher = watcher
        self._lanes = tuple(map(Lane, tasks))
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._serial = 0
        self._telling_cost = 0.0

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The tasks, with what is known of their ways."""
        return self._lanes

    @property
    def playing(self) -> bool:
        """Whether some task takes steps."""
        return any(lane.playing for lane in self._lanes)

    @property
    def seconds_left(self) -> float | None:
        """Until all that play are done, at the pace of late; None where unknown."""
        left = [lane.status.seconds_left for lane in self._lanes if lane.playing]
        known = [seconds for seconds in left if seconds is not None]
        return sum(known) if len(known) == len(left) else None

    def load(self, tasks: Sequence[Task]) -> None:
        """Run these tasks instead; those that were playing at their places play again."""
        with self._condition:
            playing = [place for place, lane in enumerate(self._lanes) if lane.playing and place < len(tasks)]
            self._lanes = tuple(map(Lane, tasks))
            self._condition.notify_all()
        if playing:
            self.play(playing)

    def play(self, places: Collection[int]) -> None:
        """Let the tasks at these places take steps until their last one, or until paused.

        One that failed tries again.
        """
        with self._condition:
            if self._closed:
                raise RuntimeError("this comparison is closed: make a new one")
            for place in places:
                lane = self._lanes[place]
                lane.error = None
                lane.playing = not lane.finished
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="cartoonx-rounds", daemon=True)
                self._thread.start()
            self._condition.notify_all()
        self._watcher.on_status()

    def pause(self, places: Collection[int]) -> None:
        """Let the tasks at these places stand still after the step under way."""
        with self._condition:
            for place in places:
                self._lanes[place].playing = False
            self._condition.notify_all()
        self._watcher.on_status()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until all stand still; False if they do not within `timeout` seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: self._closed or all(lane.settled for lane in self._lanes), timeout)

    def close(self) -> None:
        """End the thread after the step under way; a second call does nothing."""
        with self._condition:
            self._closed = True
            for lane in self._lanes:
                lane.playing = False
            self._condition.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        while not self._closed:
            with self._condition:
                lanes = self._lanes
                if all(lane.settled for lane in lanes):
                    self._condition.notify_all()
                    self._condition.wait_for(lambda: self._closed or not all(lane.settled for lane in self._lanes))
                    continue
            for place, lane in enumerate(lanes):
                if self._closed or lanes is not self._lanes:
                    break
                try:
                    if lane.playing:
                        self._advance(lane)
                    if not (lane.playing or lane.settled):
                        self._settle(place, lane)
                    self._show(lanes)
                except BaseException as error:  # noqa: BLE001 - whatever a classifier raises is shown, and raised by wait()
                    self._fail(place, lane, error)

    def _advance(self, lane: Lane) -> None:
        lane.advance()
        with self._condition:
            lane.playing = lane.playing and not lane.finished

    def _settle(self, place: int, lane: Lane) -> None:
        """Find the explanation of a task that stands."""
        explanation = lane.explanation()
        if lane is not self._lanes[place]:
            return
        self._watcher.on_result(place, explanation)
        with self._condition:
            # What was told stands before whoever waits goes on; another step may have been wished for meanwhile.
            if not lane.playing:
                lane.result = explanation
        self._watcher.on_status()

    def _show(self, lanes: Sequence[Lane]) -> None:
        """Make and send a frame of all that moved, when one is due."""
        news = [place for place, lane in enumerate(lanes) if lane.playing and lane.shown < lane.task.steps_done]
        if not news or not self.pacer.due():
            return
        started = time.thread_time()  # the frame's own work; the wall clock would count what other processes do
        glances = {}
        for place in news:
            try:
                glances[place] = lanes[place].task.glance()
            except BaseException as error:  # noqa: BLE001 - as a step's
                self._fail(place, lanes[place], error)
            else:
                lanes[place].shown = lanes[place].task.steps_done
        if lanes is not self._lanes or not glances:
            return
        self._serial += 1
        self.pacer.sent(self._serial, self._telling_cost + time.thread_time() - started)
        started = time.thread_time()
        self._watcher.on_glances(glances, self._serial)
        self._telling_cost = time.thread_time() - started

    def _fail(self, place: int, lane: Lane, error: BaseException) -> None:
        with self._condition:
            lane.playing = False
            lane.error = error
            current = lane is self._lanes[place]
        if not current:
            return
        try:
            self._watcher.on_error(place, error)
            self._watcher.on_status()
        except Exception:  # noqa: BLE001 - the thread must live on
            _LOG.exception("The failure of a run could not be told")
