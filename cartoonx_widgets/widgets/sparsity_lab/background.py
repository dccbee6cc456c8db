"""A thread for what may come later than an answer, such as figures that take long."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Job: TypeAlias = "Iterator[Callable[[], None] | None]"
_PATIENCE = 0.15  # seconds in which a newer job may come before this one begins: a slider moves on


class Background:
    """Does the newest job part by part, and drops it between two parts when a newer one comes.

    After each part a job yields None, or a function that tells what was found: it is called if the job is still wanted.

    Args:
        fail: gets what a job raises, or such a function.
        name: of the thread.
    """

    def __init__(self, fail: Callable[[BaseException], None], *, name: str) -> None:
        self._fail, self._name = fail, name
        self._changed = threading.Condition()
        self._job: Job | None = None
        self._begins = 0.0
        self._thread: threading.Thread | None = None
        self._closed = False

    def do(self, job: Job) -> None:
        """Begin this job soon, in place of any other."""
        with self._changed:
            if self._closed:
                return
            self._job, self._begins = job, time.monotonic() + _PATIENCE
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until nothing is left to do; False if something is after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._job is None, timeout)

    def close(self) -> None:
        """End the thread after the part under way; a second call does nothing."""
        with self._changed:
            self._closed, self._job = True, None
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                tell = next(job)
                if tell is not None and self._is_wanted(job):
                    tell()
            except StopIteration:
                self._finish(job)
            except Exception as error:  # noqa: BLE001 - `fail` gets it
                self._finish(job)
                self._fail(error)

    def _next(self) -> Job | None:
        """Wait until a job may begin, and return it; None when closed."""
        with self._changed:
            while not self._closed:
                rest = self._begins - time.monotonic()
                if self._job is not None and rest <= 0:
                    return self._job
                self._changed.wait(None if self._job is None else rest)
        return None

    def _is_wanted(self, job: Job) -> bool:
        with self._changed:
            return self._job is job

    def _finish(self, job: Job) -> None:
        with self._changed:
            if self._job is job:
                self._job = None
                self._changed.notify_all()
