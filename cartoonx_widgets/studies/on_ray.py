"""The workers of Ray: on this machine, or on all machines of a cluster."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from cartoonx_widgets.studies.workers import LocalWorkers

try:
    import ray
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'ray=True needs Ray, which is not installed: pip install ".[ray]" in a clone of the package (once it is '
        'published: pip install "cartoonx-widgets[ray]")'
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.studies.plan import Batch
    from cartoonx_widgets.studies.work import Finished
    from cartoonx_widgets.studies.workers import Job

_AT_ONCE = 2  # jobs that a worker has, so that it need not wait for the next
_RETRIES = 3  # of a batch whose worker was lost


class _Worker:
    """Holds the classifier, and explains one batch after the other, as one thread of `LocalWorkers`."""

    _workers: LocalWorkers | None = None

    def work(self, job: Job, shared: Sequence[Any]) -> Finished:
        """What becomes of a batch; `shared` is a list with a reference to the classifier, which is read once."""
        if self._workers is None:
            (reference,) = shared
            self._workers = LocalWorkers(ray.get(reference), 1).__enter__()
        ((_, finished),) = self._workers.work([job])
        return finished


class RayWorkers:
    """Workers of Ray with one core each, or one GPU where the classifier is on one; those that are lost are replaced.

    Args:
        classifier: that is explained; every worker gets a copy.
        count: how many; as many as the cluster has cores, or GPUs.
        address: of a cluster; by itself Ray is started on this machine, unless it runs here already.
    """

    def __init__(self, classifier: Classifier, count: int | None = None, *, address: str | None = None) -> None:
        self._classifier, self._count, self._address = classifier, count, address

    def __enter__(self) -> Self:
        self._started = not ray.is_initialized()
        if self._started:
            ray.init(address=self._address, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
        on_gpu = self._classifier.device.type == "cuda"
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        there = int(resources.get("GPU" if on_gpu else "CPU", 0))
        count = self._count or there
        if not 0 < count <= there:
            raise ValueError(f"workers={count} are more than the {there} {'GPUs' if on_gpu else 'cores'} that Ray has")
        self._shared = ray.put(self._classifier)  # a worker that replaces a lost one reads it again
        kind: Any = ray.remote(_Worker)
        kind = kind.options(
            num_cpus=0 if on_gpu else 1, num_gpus=int(on_gpu), max_restarts=-1, max_task_retries=_RETRIES
        )
        self._workers = [kind.remote() for _ in range(count)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            ray.kill(worker)
        if self._started:
            ray.shutdown()

    def work(self, jobs: Iterable[Job]) -> Iterator[tuple[Batch, Finished]]:
        """Each batch with what has become of it, as they are finished."""
        running: dict[Any, tuple[Batch, Any]] = {}
        free = [worker for _ in range(_AT_ONCE) for worker in self._workers]
        for job in jobs:
            if not free:
                yield from self._finished(running, free)
            worker = free.pop(0)
            running[worker.work.remote(job, [self._shared])] = (job.batch, worker)
        while running:
            yield from self._finished(running, free)

    @staticmethod
    def _finished(running: dict[Any, tuple[Batch, Any]], free: list[Any]) -> Iterator[tuple[Batch, Finished]]:
        ready, _ = ray.wait(list(running))
        for reference in ready:
            batch, worker = running.pop(reference)
            free.append(worker)
            yield batch, ray.get(reference)
