"""The workers of Ray: on this machine, or on all machines of a cluster."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from cartoonx_widgets.studies.batch import lost
from cartoonx_widgets.studies.jobs import Finished, Job
from cartoonx_widgets.studies.local_workers import LocalWorkers
from cartoonx_widgets.studies.plan import StudyError

try:
    import ray
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'ray=True needs Ray, which is not installed: pip install ".[ray]" in a clone of the package (once it is '
        'published: pip install "cartoonx-widgets[ray]")'
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.studies.plan import Batch

_AT_ONCE = 2  # jobs that a worker has, so that it need not wait for the next
_TRIES = 3  # of a job whose worker was lost, each with a worker to itself
_LOST = (ray.exceptions.RayActorError, ray.exceptions.OutOfMemoryError, ray.exceptions.WorkerCrashedError)


class _Worker:
    """Holds the classifier, and explains one batch after the other, as one thread of `LocalWorkers`."""

    def __init__(self, classifier: Classifier) -> None:
        self._workers = LocalWorkers(classifier, 1).__enter__()

    def work(self, job: Job) -> Finished:
        ((_, finished),) = self._workers.work([job])
        return finished


class _Task(NamedTuple):
    """A job, and the worker that has it.

    Attributes:
        job: to do.
        tries: how many workers were lost that it had to itself.
        alone: whether it has the worker to itself.
        place: of the worker.
        worker: that has it.
    """

    job: Job
    tries: int
    alone: bool
    place: int
    worker: Any


class RayWorkers:
    """Workers of Ray with one core each, or one GPU where the classifier is on one.

    A worker that is lost is replaced, and what it had is done again. That has a worker to itself then, so that it
    is known which job it was; after some tries its photographs are tried one by one, and one that costs its
    workers even then is recorded with that as its error.

    Args:
        classifier: that is explained; every worker gets a copy.
        count: how many; as many as the cluster has cores, or GPUs.
        address: of a cluster; by itself Ray is started on this machine, unless it runs here already.

    Raises:
        ValueError: more workers than Ray has cores or GPUs, or an address where Ray was started already.
    """

    def __init__(self, classifier: Classifier, count: int | None = None, *, address: str | None = None) -> None:
        self._classifier, self._count, self._address = classifier, count, address

    def __enter__(self) -> Self:
        self._started = not ray.is_initialized()
        if self._started:
            ray.init(address=self._address, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
        elif self._address not in (None, "auto"):
            raise ValueError(
                f"ray={self._address!r} names a cluster, and this process is in one already: give ray=True to use it, "
                "or call ray.shutdown() first"
            )
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def _begin(self) -> None:
        on_gpu = self._classifier.device.type == "cuda"
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        there = int(resources.get("GPU" if on_gpu else "CPU", 0))
        count = self._count or there
        if not 0 < count <= there:
            raise ValueError(
                f"num_workers={count} are more than the {there} {'GPUs' if on_gpu else 'cores'} that Ray has"
            )
        self._shared = ray.put(self._classifier)
        kind: Any = ray.remote(_Worker)
        self._kind = kind.options(num_cpus=0 if on_gpu else 1, num_gpus=int(on_gpu))
        self._workers = [self._kind.remote(self._shared) for _ in range(count)]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            ray.kill(worker)
        self._end()

    def _end(self) -> None:
        if self._started:
            ray.shutdown()

    def work(self, jobs: Iterable[Job]) -> Iterator[tuple[Batch, Finished]]:
        """Yield each batch with what has become of it, as they are finished; jobs are taken as workers are free.

        Raises:
            StudyError: a worker cannot even begin.
        """
        fresh, again = iter(jobs), deque[tuple[Job, int]]()
        running: dict[Any, _Task] = {}
        while self._hand_out(fresh, again, running):
            ready, _ = ray.wait(list(running))
            for reference in ready:
                task = running.pop(reference)
                try:
                    finished = ray.get(reference)
                except _LOST as error:
                    self._replace(task, error)
                    tries = task.tries + task.alone
                    if tries < _TRIES:
                        again.append((task.job, tries))
                    elif len(task.job.photographs) > 1:
                        again.extend((single, 0) for single in task.job.singles())
                    else:
                        yield task.job.batch, lost(self._classifier, task.job, f"its worker of Ray was lost: {error}")
                else:
                    yield task.job.batch, finished

    def _hand_out(
        self, fresh: Iterator[Job], again: deque[tuple[Job, int]], running: dict[Any, _Task]
    ) -> dict[Any, _Task]:
        """Give the workers what they have room for, evenly; what is done again goes first, with one to itself."""
        room = [_AT_ONCE] * len(self._workers)
        for task in running.values():
            room[task.place] -= _AT_ONCE if task.alone else 1
        while (most := max(room)) >= (_AT_ONCE if again else 1):
            place, alone = room.index(most), bool(again)
            job, tries = again.popleft() if again else (next(fresh, None), 0)
            if job is None:
                break
            room[place] -= _AT_ONCE if alone else 1
            worker = self._workers[place]
            running[worker.work.remote(job)] = _Task(job, tries, alone, place, worker)
        return running

    def _replace(self, task: _Task, error: ray.exceptions.RayError) -> None:
        """Start another worker in place of a lost one, unless that was done for another of its jobs."""
        if isinstance(error, ray.exceptions.RayActorError) and error.actor_init_failed:
            raise StudyError(
                f"ray: a worker cannot begin; cartoonx_widgets and the classifier's module must be installed on every "
                f"machine: {error}"
            ) from error
        if self._workers[task.place] is task.worker:
            self._workers[task.place] = self._kind.remote(self._shared)
