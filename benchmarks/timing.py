"""Medians of calls that are measured in turn, so that whatever else the machine does meets all of them."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import torch
from report import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

    import cartoonx_widgets as cx

WARM_UP = 1 if SMALL else 4  # also what a step takes before it is captured in a CUDA graph


def in_turn(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each call, called in turn."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + WARM_UP):
        for call, taken in zip(calls, times, strict=True):
            taken.append(seconds(call))
    return [statistics.median(taken[WARM_UP:]) for taken in times]


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call, the device's work included."""
    started = time.perf_counter()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def classifier_pass(classifier: cx.Classifier, count: int, side: int) -> Callable[[], object]:
    """The classifier's own forward and backward pass, to the images alone; on a GPU replayed as a CUDA graph."""
    images = torch.rand(count, 3, side, side, device=classifier.device, requires_grad=True)

    def passed() -> None:
        torch.autograd.grad(classifier(images).softmax(-1)[:, 0].sum(), images)

    if classifier.device.type != "cuda":
        return passed
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            passed()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        passed()
    return graph.replay
