"""Ten visitors of a served class at once, each in a Chromium of their own: `python benchmarks/visitors.py`.

Server, kernels and browsers share the machine, so that the browsers, which draw without a GPU, take their share of the
cores. In a class they would be elsewhere: the figures are a lower bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.async_api import Browser, Page, async_playwright
from report import SMALL, Figure, report

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
from harness import CHROMIUM_ARGUMENTS, CHROMIUM_NAMES
from served import Served, serve_class

VISITORS = 1 if SMALL else 10
STEPS = 3 if SMALL else 180  # which the preset has
PATIENCE = 900_000  # ms
OBSERVE = """
() => {
  const { dataset } = document.querySelector('.cx-explorer');
  window.shown = [performance.now()];
  const note = () => window.shown.push(performance.now());
  new MutationObserver(note).observe(document.querySelector('.cx-explorer'), { attributeFilter: ['data-shown'] });
  document.querySelector('.cx-play').click();
}
"""
ALIVE = "() => document.querySelector('.cx-explorer')?.dataset.shown !== undefined"
ENDED = f"() => Number(document.querySelector('.cx-explorer').dataset.step) >= {STEPS}"
PROBLEM = "() => document.querySelector('.cx-problem:not([hidden])')?.innerText"


@dataclass(frozen=True)
class Visit:
    """What one visitor met."""

    alive: float
    steps: int
    seconds: float
    frames: int
    gap: float
    problems: list[str]


async def visit(browser: Browser, served: Served, everybody_is_there: asyncio.Barrier) -> Visit:
    """Come, wait for the others, play a run to its end."""
    page: Page = await (await browser.new_context(viewport={"width": 1200, "height": 1000})).new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    came = time.monotonic()
    await page.goto(served.url("explorer"), wait_until="commit")
    await page.wait_for_function(ALIVE)
    alive = time.monotonic() - came
    await everybody_is_there.wait()
    played = time.monotonic()
    await page.evaluate(OBSERVE)
    await page.wait_for_function(ENDED)
    seconds = time.monotonic() - played
    shown = await page.evaluate("() => window.shown")
    steps = int(await page.locator(".cx-explorer").get_attribute("data-step") or 0)
    if problem := await page.evaluate(PROBLEM):
        problems.append(problem)
    gap = max(later - earlier for earlier, later in itertools.pairwise(shown)) / 1000
    return Visit(alive, steps, seconds, len(shown) - 1, gap, problems)


async def memory(served: Served, most: list[float]) -> None:
    """Note the most memory that the kernels have taken together, in GB; what they share is counted in shares."""
    while True:
        taken = 0
        for kernel in served.kernels():
            with contextlib.suppress(psutil.Error):
                taken += kernel.memory_full_info().pss
        most.append(taken / 1e9)
        await asyncio.sleep(5)


async def measure(served: Served, count: int) -> tuple[list[Visit], float]:
    """The visits of so many at once, and the memory of their kernels."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    async with async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        barrier, most = asyncio.Barrier(count), [0.0]
        watching = asyncio.create_task(memory(served, most))
        visits = await asyncio.gather(*(visit(browser, served, barrier) for _ in range(count)))
        watching.cancel()
        await browser.close()
    return visits, max(most)


def main() -> None:
    """One visitor alone, then all at once."""
    load = os.getloadavg()[0]
    with serve_class("--visitors", str(VISITORS)) as served:
        visits, gigabytes = asyncio.run(measure(served, 1))
    [alone] = visits
    if VISITORS > 1:
        with serve_class("--visitors", str(VISITORS)) as served:
            visits, gigabytes = asyncio.run(measure(served, VISITORS))
    for number, each in enumerate(visits, 1):
        print(
            f"visitor {number}: alive after {each.alive:.0f} s, {each.steps} steps in {each.seconds:.0f} s, "
            f"{each.frames} frames, longest gap {each.gap:.1f} s, problems: {each.problems or 'none'}"
        )
    alive, seconds = [each.alive for each in visits], [each.seconds for each in visits]
    report(
        "visitors",
        [
            Figure(
                f"visitors of {VISITORS} whose run of {STEPS} steps ended without any error",
                sum(each.steps >= STEPS and not each.problems for each in visits),
                VISITORS,
                at_least=True,
                detail=f"load of the machine before: {load:.1f}",
            ),
            Figure(
                "until the last explorer is alive, all opened at once (s)",
                max(alive),
                120,
                detail=f"the first: {min(alive):.0f} s; one visitor alone: {alone.alive:.0f} s",
            ),
            Figure(
                "a whole run, all playing at once, the slowest (s)",
                max(seconds),
                600,
                detail=f"median {statistics.median(seconds):.0f} s; one visitor alone: {alone.seconds:.0f} s",
            ),
            Figure(
                "frames shown of a run, the fewest",
                min(each.frames for each in visits),
                20,
                at_least=True,
                detail=f"the most: {max(each.frames for each in visits)}; one visitor alone: {alone.frames}",
            ),
            Figure(
                "longest time between two frames, of all visitors (s)",
                max(each.gap for each in visits),
                10,
                detail=f"median of their longest {statistics.median(each.gap for each in visits):.1f} s; "
                f"one visitor alone: {alone.gap:.1f} s",
            ),
            Figure(
                "memory of all kernels together (GB)",
                gigabytes,
                20,
                detail=f"{gigabytes / VISITORS:.2f} GB a visitor",
            ),
        ],
    )


if __name__ == "__main__":
    main()
