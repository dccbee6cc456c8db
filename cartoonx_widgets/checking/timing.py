"""Medians of calls that are measured in turn, so that whatever else the machine does meets all of them."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets._terminal import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cartoonx_widgets.classifiers import Classifier

WARM_UP = 4
"""Calls before the first that counts: also what a step takes before it is captured in a CUDA graph."""


def in_turn(
    calls: Sequence[Callable[[], object]],
    rounds: int,
    *,
    warm_up: int = WARM_UP,
    most_seconds: float = float("inf"),
    progress: bool = False,
) -> list[float]:
    """Return the median seconds of each call, called in turn.

    Args:
        calls: what is measured.
        rounds: how often at most, after those that do not count.
        warm_up: how many rounds do not count.
        most_seconds: after which no round begins; one is measured at least.
        progress: whether to show a progress bar.
    """
    times: list[list[float]] = [[] for _ in calls]
    started = time.monotonic()
    with progress_bar(total=rounds + warm_up, desc="timing", unit="round", leave=False, shown=progress) as shown:
        for number in range(rounds + warm_up):
            if number > warm_up and time.monotonic() - started > most_seconds:
                break
            for call, taken in zip(calls, times, strict=True):
                taken.append(seconds(call))
            shown.update()
    return [statistics.median(taken[warm_up:]) for taken in times]


def seconds(call: Callable[[], object]) -> float:
    """Return the wall time of one call, the device's work included."""
    started = time.perf_counter()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    elif torch.backends.mps.is_available():
        torch.mps.synchronize()
    return time.perf_counter() - started


def classifier_pass(classifier: Classifier, count: int, size: tuple[int, int]) -> Callable[[], object]:
    """Return the classifier's own forward and backward pass, to the images alone; on CUDA replayed as a graph.

    Where it cannot be captured in a graph it runs as it is.

    Args:
        classifier: what is measured.
        count: images at once.
        size: theirs, (H, W).
    """
    shape = (count, classifier.channels, *size)
    images = torch.rand(shape, device=classifier.device, dtype=classifier.dtype).requires_grad_()

    def passed() -> None:
        torch.autograd.grad(classifier(images).softmax(-1)[:, 0].sum(), images)

    return passed if classifier.device.type != "cuda" else _captured(passed, classifier.device)


def _captured(work: Callable[[], None], device: torch.device) -> Callable[[], None]:
    with torch.cuda.device(device):
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                work()
        except Exception:  # noqa: BLE001 - a classifier may do anything that a capture does not allow
            torch.cuda.synchronize()
            return work
    return graph.replay
