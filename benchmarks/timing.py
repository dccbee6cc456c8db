"""Medians of calls that are measured in turn, as `cartoonx-widgets check` measures them; few of them with `--small`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import SMALL

from cartoonx_widgets.checking import timing

if TYPE_CHECKING:
    from collections.abc import Callable

seconds = timing.seconds
WARM_UP = 1 if SMALL else timing.WARM_UP


def in_turn(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each call, called in turn."""
    return timing.in_turn(calls, rounds, warm_up=WARM_UP)
