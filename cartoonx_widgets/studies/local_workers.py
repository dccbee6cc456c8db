"""Who explains the batches of a study: threads of this process, or workers of Ray (see `on_ray`)."""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol, Self

import torch

from cartoonx_widgets.studies.batch import explain_batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.studies.jobs import Finished, Job
    from cartoonx_widgets.studies.plan import Batch


class Workers(Protocol):
    """Explains batches, several at once."""

    def work(self, jobs: Iterable[Job]) -> Iterator[tuple[Batch, Finished]]:
        """Yield each batch with what has become of it, as they are finished; jobs are taken as workers are free."""
        ...


class LocalWorkers:
    """Threads of this process, which share the classifier; on a CPU each computes with one core.

    So a step of few samples keeps all cores busy, which it cannot do alone, and results do not depend on the number of
    threads.

    Args:
        classifier: that is explained.
        count: how many; as many as there are cores on a CPU, else one.
    """

    def __init__(self, classifier: Classifier, count: int | None = None) -> None:
        self._classifier = classifier
        self._on_cpu = classifier.device.type == "cpu"
        self._count = count or (_cores() if self._on_cpu else 1)
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self._threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="study", initializer=self._begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)
        if self._on_cpu:
            torch.set_num_threads(self._threads)

    def work(self, jobs: Iterable[Job]) -> Iterator[tuple[Batch, Finished]]:
        """Yield each batch with what has become of it, as they are finished."""
        running: dict[Future[Finished | None], Batch] = {}
        for job in jobs:
            running[self._pool.submit(self._do, job)] = job.batch
            if len(running) > self._count:  # one is ready for whoever is free next
                yield from self._finished(running)
        while running:
            yield from self._finished(running)

    def _begin(self) -> None:
        if self._on_cpu:
            torch.set_num_threads(1)

    def _do(self, job: Job) -> Finished | None:
        return explain_batch(
            self._classifier,
            job.method,
            job.photographs,
            seed=job.batch.seed,
            save_masks=job.save_masks,
            stopped=self._stopped.is_set,
        )

    @staticmethod
    def _finished(running: dict[Future[Finished | None], Batch]) -> Iterator[tuple[Batch, Finished]]:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            batch, finished = running.pop(future), future.result()
            if finished is not None:
                yield batch, finished


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
