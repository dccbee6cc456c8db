"""Medians of calls that are measured in turn, so that whatever else the machine does meets all of them."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

WARM_UP = 2


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
