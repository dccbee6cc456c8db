"""A served class: many visitors at once, and many who follow one run: `python benchmarks/visitors.py`.

Server and clients share the machine. Ten visitors have a Chromium each, which draws without a GPU and takes its share
of the cores; thirty more are clients that read and answer frames, and draw nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright
from report import SMALL, Figure, report

import cartoonx_widgets as cx

sys.path += [str(Path(__file__).parents[1] / "tests" / name) for name in ("", "browser")]
from harness import CHROMIUM_ARGUMENTS, CHROMIUM_NAMES, ExplorerPage, Notebook, open_chromium, serve_lab
from pages import Page as Client
from served import Served, serve_class

if TYPE_CHECKING:
    from playwright.async_api import Browser

VISITORS, CLIENTS, FOLLOWERS = (1, 2, 2) if SMALL else (10, 30, 30)
PAIRS = 0 if SMALL else 3  # of runs of one visitor alone, and in JupyterLab
STEPS = 4 if SMALL else 135  # of a visitor's run; 135 are the preset's
CLIENT_STEPS = 4 if SMALL else 60
PATIENCE = 900_000  # ms
# In a page: play a run of so many steps to its end, and tell when frames were shown.
PLAY = """
async (steps) => {
  const root = document.querySelector('.cx-explorer');
  const shown = [performance.now()];
  const note = () => shown.push(performance.now());
  new MutationObserver(note).observe(root, { attributeFilter: ['data-shown'] });
  document.querySelector('.cx-play').click();
  while (Number(root.dataset.step) < steps || root.dataset.shown !== root.dataset.step) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return shown;
}
"""
THERE = "() => document.querySelector('.cx-explorer')?.dataset.shown !== undefined"


@dataclass(frozen=True)
class Visit:
    """What one visitor met, in seconds."""

    there: float
    run: float
    gap: float
    frames: int


def main() -> None:
    """Measure all, and write the table."""
    load = os.getloadavg()[0]
    headless = _headless()
    pairs = [_alone() for _ in range(PAIRS)]
    print(f"headless {headless:.1f} s", *pairs, sep="\n", file=sys.stderr)
    with serve_class("--visitors", str(VISITORS)) as served:
        visits = _visits(served, VISITORS)
    alone = pairs[0][0] if pairs else visits[0]
    print(*visits, sep="\n", file=sys.stderr)
    with serve_class("--visitors", str(CLIENTS)) as served:
        first, all_of_them, clients = asyncio.run(_clients(served))
        followed = [asyncio.run(_followed(served, count)) for count in (0, FOLLOWERS)]
    there, gaps = [visit.there for visit in visits], [visit.gap for visit in visits]
    report(
        "visitors",
        [
            Figure(
                f"{VISITORS} visitors at once: until the last explorer is there (s)",
                max(there),
                20,
                detail=f"the first {min(there):.1f} s, one alone {alone.there:.1f} s; load before: {load:.1f}",
            ),
            Figure(
                "the same: longest time between two frames (s)",
                max(gaps),
                5,
                detail=f"median of the longest {statistics.median(gaps):.1f} s; "
                f"{min(visit.frames for visit in visits)} to {max(visit.frames for visit in visits)} frames",
            ),
            Figure(
                "the same: until all runs are done, over as many headless one after another (ratio)",
                max(visit.run for visit in visits) / (VISITORS * headless),
                1.0,
                detail=f"{max(visit.run for visit in visits):.0f} s over {VISITORS} x {headless:.1f} s",
            ),
            Figure(
                "memory for each further visitor who has run (GB)",
                (all_of_them - first) / max(1, CLIENTS - 1),
                0.1,
                detail=f"{first:.2f} GB with one, {all_of_them:.2f} GB with {CLIENTS}",
            ),
            Figure(
                f"{CLIENTS} visitors without a browser: until the last is there (s)",
                max(client.there for client in clients),
                40,
            ),
            Figure(
                "the same: longest time between two frames while all play (s)",
                max(client.gap for client in clients),
                15,
                detail=f"{CLIENT_STEPS} steps each in {max(client.run for client in clients):.0f} s",
            ),
            Figure(
                f"the server's CPU time for a run with {FOLLOWERS} followers over none (ratio)",
                followed[1] / followed[0],
                1.3,
                detail=f"{followed[1]:.1f} s over {followed[0]:.1f} s",
            ),
            Figure(
                "one visitor alone, play to done, over JupyterLab (ratio)",
                statistics.median(served.run / in_lab.run for served, in_lab in pairs) if pairs else None,
                1.1,
                detail="; ".join(
                    f"{served.run:.1f} s and {served.frames} frames over {in_lab.run:.1f} s and {in_lab.frames}"
                    for served, in_lab in pairs
                ),
            ),
        ],
    )


def _headless() -> float:
    """Seconds of a visitor's run without anybody who watches."""
    started = time.perf_counter()
    cx.explain("coffee", method=cx.methods.cartoonx_interactive(steps=STEPS), progress=False)
    return time.perf_counter() - started


def _alone() -> tuple[Visit, Visit]:
    """What one visitor alone meets, and the same run in a notebook right after it."""
    with serve_class() as served:
        [visit] = _visits(served, 1)
    with tempfile.TemporaryDirectory() as folder, serve_lab(Path(folder)) as lab, open_chromium() as browser:
        book = Notebook(browser, lab)
        book.run(1)
        page = ExplorerPage(book)
        shown: list[float] = page.page.evaluate(PLAY, STEPS)
        book.close()
    return visit, _seen(0.0, shown)


def _visits(served: Served, count: int) -> list[Visit]:
    async def all_at_once() -> list[Visit]:
        path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
        async with async_playwright() as engine:
            browser = await engine.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
            barrier = asyncio.Barrier(count)
            visits = await asyncio.gather(*(_visit(browser, served, barrier) for _ in range(count)))
            await browser.close()
        return visits

    return asyncio.run(all_at_once())


async def _visit(browser: Browser, served: Served, everybody_is_there: asyncio.Barrier) -> Visit:
    """Come, wait for the others, play a run to its end."""
    page = await (await browser.new_context(viewport={"width": 1200, "height": 1000})).new_page()
    page.set_default_timeout(PATIENCE)
    came = time.monotonic()
    await page.goto(served.url("explorer"), wait_until="commit")
    await page.wait_for_function(THERE)
    there = time.monotonic() - came
    await everybody_is_there.wait()
    return _seen(there, await page.evaluate(PLAY, STEPS))


async def _clients(served: Served) -> tuple[float, float, list[Visit]]:
    """GB of the server after one run and after all, and what each of the clients met."""
    [_] = await asyncio.gather(_client(served, asyncio.Barrier(1)))
    first = served.process.memory_full_info().uss / 1e9
    barrier = asyncio.Barrier(CLIENTS)
    clients = await asyncio.gather(*(_client(served, barrier) for _ in range(CLIENTS)))
    return first, served.process.memory_full_info().uss / 1e9, clients


async def _client(served: Served, everybody_is_there: asyncio.Barrier) -> Visit:
    came = time.monotonic()
    page = Client(served, "explorer")
    await page.connect()
    await page.told("open")
    await page.say({"type": "ready"})
    await page.told("frame")
    there = time.monotonic() - came
    await page.say({"type": "setting", "path": "steps", "value": CLIENT_STEPS})
    await page.told("setup")
    await everybody_is_there.wait()
    await page.say({"type": "play"})
    shown = [time.monotonic()]
    step = 0
    while step < CLIENT_STEPS:
        frame, _ = await page.told("frame")
        shown.append(time.monotonic())
        step = frame["step"]
        await page.say({"type": "seen", "index": frame["index"]})
    page.socket.close(1001)
    return Visit(there, shown[-1] - shown[0], _longest(shown[1:]), len(shown) - 1)


def _seen(there: float, milliseconds: list[float]) -> Visit:
    """What a page met that was there after so many seconds, and that showed frames at these moments."""
    shown = [at / 1000 for at in milliseconds]
    return Visit(there, shown[-1] - shown[0], _longest(shown), len(shown) - 1)


def _longest(moments: list[float]) -> float:
    return max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)


async def _followed(served: Served, count: int) -> float:
    """CPU seconds of the server for a run that so many follow."""
    teacher = await Client.open(served, "explorer", teaches=True)
    await teacher.say({"type": "ready"})
    await teacher.told("frame")
    followers = [Client(served, "follow") for _ in range(count)]
    await asyncio.gather(*(follower.connect() for follower in followers))
    reading = [asyncio.create_task(_read_on(follower)) for follower in followers]
    before = sum(served.process.cpu_times()[:2])
    await teacher.say({"type": "play"})
    step = 0
    while step < STEPS:
        frame, _ = await teacher.told("frame")
        step = frame["step"]
        await teacher.say({"type": "seen", "index": frame["index"]})
    spent = sum(served.process.cpu_times()[:2]) - before
    for task in reading:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return float(spent)


async def _read_on(follower: Client) -> None:
    while True:
        await follower.told("frame")


if __name__ == "__main__":
    main()
