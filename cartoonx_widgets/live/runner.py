"""The thread that runs an optimisation: play, pause, step, and a recording of its frames."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cartoonx_widgets.live.pacing import Pacer
from cartoonx_widgets.recording.frame import Frame, frame_of

if TYPE_CHECKING:
    from cartoonx_widgets.masking import Optimization

_RATE_WINDOW = 20
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where a run stands.

    Attributes:
        playing: whether steps are being taken.
        step: steps taken.
        steps: steps of the whole run.
        rate: steps a second of late, 0 where unknown.
        seconds_left: until the last step at that rate, None where unknown.
    """

    playing: bool
    step: int
    steps: int
    rate: float
    seconds_left: float | None

    @property
    def finished(self) -> bool:
        """Whether the run has taken all its steps."""
        return self.step >= self.steps


class Listener(Protocol):
    """Who watches a run. Called from the worker thread, and may take its time."""

    def on_frame(self, optimization: Optimization, index: int, frame: Frame) -> None:
        """A frame of this optimisation was recorded, at this place of the recording."""

    def on_status(self, *, still: bool) -> None:
        """The run began or is to pause; `still` when it stands, its last frame shown."""

    def on_error(self, error: BaseException) -> None:
        """A step failed; the run is paused, and what was recorded is still there."""


class Runner:
    """Runs one optimisation at a time in a worker thread, which starts with the first step.

    Every method may be called from any thread and returns at once; a pause takes hold after the step under way.
    """

    def __init__(self, optimization: Optimization, listener: Listener) -> None:
        self.pacer = Pacer()
        self.error: BaseException | None = None
        self._listener = listener
        self._optimization = optimization
        self._frames: list[Frame] = []
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._playing = False
        self._single_steps = 0
        self._busy = False
        self._closed = False
        self._telling_cost = 0.0
        self._stamps: deque[float] = deque(maxlen=_RATE_WINDOW + 1)

    @property
    def optimization(self) -> Optimization:
        """The optimisation that is run."""
        return self._optimization

    @property
    def recording(self) -> tuple[Optimization, tuple[Frame, ...]]:
        """The optimisation that is run, and the frames recorded of it, the oldest first."""
        with self._condition:
            return self._optimization, tuple(self._frames)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frames recorded so far, the oldest first."""
        return self.recording[1]

    @property
    def status(self) -> Status:
        """Where the run stands."""
        with self._condition:
            step, steps = self._optimization.steps_done, self._optimization.method.steps
            span = self._stamps[-1] - self._stamps[0] if len(self._stamps) > 1 else 0.0
            rate = (len(self._stamps) - 1) / span if span > 0 else 0.0
            left = max(steps - step, 0) / rate if rate else None
            return Status(playing=self._playing, step=step, steps=steps, rate=rate, seconds_left=left)

    def load(self, optimization: Optimization, *, play: bool = False) -> None:
        """Run this optimisation instead, from its present step, with a new recording.

        Raises:
            ClassifierError: the classifier's output is not finite; the present run stays.
        """
        frame = frame_of(optimization)
        with self._condition:
            self._optimization = optimization
            self._frames = [frame]
            self._single_steps = 0
            self._playing = False
            self.error = None
            self._stamps.clear()
        self.pacer.sent(0, 0.0)
        self._listener.on_frame(optimization, 0, frame)
        if play:
            self.play()
        else:
            self._listener.on_status(still=True)

    def record(self) -> None:
        """Record and publish the present moment; for a run that stands still."""
        self._publish(self._optimization)

    def play(self) -> None:
        """Take steps until the run's last one, or until paused."""
        with self._condition:
            self._wake()
            self._playing = not self._optimization.finished
        self._listener.on_status(still=False)

    def pause(self) -> None:
        """Stand still after the step under way."""
        with self._condition:
            self._playing = False
            self._single_steps = 0
        self._listener.on_status(still=False)

    def step(self) -> None:
        """Take one step, also beyond the run's last one."""
        with self._condition:
            self._wake()
            self._playing = False
            self._single_steps += 1

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run stands still; False if it does not within `timeout` seconds.

        Raises:
            Exception: what stopped the run, if a step failed.
        """
        with self._condition:
            still = self._condition.wait_for(lambda: not (self._due() or self._busy), timeout)
        if self.error is not None:
            raise self.error
        return still

    def close(self) -> None:
        """End the thread after the step under way; a second call does nothing."""
        with self._condition:
            self._closed = True
            self._playing = False
            self._condition.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _wake(self) -> None:
        if self._closed:
            raise RuntimeError("this run is closed: make a new one")
        self._stamps.clear()
        self.error = None
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="cartoonx-run", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _due(self) -> bool:
        return not self._closed and (self._playing or self._single_steps > 0)

    def _work(self) -> None:
        moved = False
        while not self._closed:
            with self._condition:
                optimization = self._optimization
                stepping = self._due()
                self._busy = stepping or moved
                if not self._busy:
                    self._condition.notify_all()
                    self._condition.wait_for(lambda: self._closed or self._due())
                    continue
            try:
                if stepping:
                    self._advance(optimization)
                    moved = True
                else:
                    moved = False
                    self._stand_still(optimization)
            except BaseException as error:  # noqa: BLE001 - whatever a classifier raises is shown, and raised by wait()
                self._fail(optimization, error)
        with self._condition:
            self._busy = False
            self._condition.notify_all()

    def _stand_still(self, optimization: Optimization) -> None:
        frames = self.frames
        if self.error is None and not (frames and frames[-1].step == optimization.steps_done):
            self._publish(optimization)
        self._listener.on_status(still=True)

    def _advance(self, optimization: Optimization) -> None:
        optimization.step()
        with self._condition:
            if optimization is not self._optimization:
                return
            self._stamps.append(time.monotonic())
            self._single_steps = max(0, self._single_steps - 1)
            if self._playing and optimization.finished:
                self._playing = False
            goes_on = self._due()
            # What the step measured is the mask that it began with, which may have been shown already.
            news = not self._frames or self._frames[-1].step < optimization.steps_done - 1
        if goes_on and self.pacer.due():
            self._publish(optimization, measured=news)

    def _publish(self, optimization: Optimization, *, measured: bool = False) -> None:
        started = time.thread_time()  # the frame's own work; the wall clock would count what other processes do
        frame = frame_of(optimization, measured=measured)
        with self._condition:
            if optimization is not self._optimization:
                return
            if self._frames and self._frames[-1].step == frame.step:
                return
            self._frames.append(frame)
            index = len(self._frames) - 1
        self.pacer.sent(index, self._telling_cost + time.thread_time() - started)
        started = time.thread_time()
        self._listener.on_frame(optimization, index, frame)
        self._telling_cost = time.thread_time() - started

    def _fail(self, optimization: Optimization, error: BaseException) -> None:
        with self._condition:
            if optimization is not self._optimization:
                return
            self._playing = False
            self._single_steps = 0
            self.error = error
        try:
            self._listener.on_error(error)
        except Exception:  # noqa: BLE001 - the thread must live on
            _LOG.exception("The failure of a run could not be told")
