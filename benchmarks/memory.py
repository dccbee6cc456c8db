"""The memory of 20 runs of 300 steps in one explorer, over after the first: `python benchmarks/memory.py`."""

from __future__ import annotations

import gc
import statistics

import psutil
from network import network
from report import SMALL, Figure, report

import cartoonx_widgets as cx

RUNS, STEPS = (2, 3) if SMALL else (20, 300)


def main() -> None:
    """Play, wait, note the resident memory, reset, and again."""
    explorer = cx.explore(
        "coffee", classifier=network(), method=cx.methods.cartoonx_interactive(steps=STEPS, samples=2)
    )
    resident = []
    for _ in range(RUNS):
        explorer.play()
        explorer.wait()
        gc.collect()
        resident.append(psutil.Process().memory_info().rss / 1e6)
        explorer.reset()
    explorer.close()
    last = statistics.median(resident[-3:])
    detail = f"{resident[0]:.0f} MB after the first run, {last:.0f} MB after the last"
    report(
        "memory",
        [Figure(f"memory after {RUNS} runs over after the first (ratio)", last / resident[0], 1.1, detail=detail)],
    )


if __name__ == "__main__":
    main()
