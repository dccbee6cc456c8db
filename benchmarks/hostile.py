"""A served class under attack, by clients without a browser: `python benchmarks/hostile.py`.

Nine visitors play, and beside them one who has the token does harm in one page, in a process of its own on the same
machine: in turn it sends junk, uploads the largest photographs that are allowed, reloads, and asks without reading.
Frames are counted in turn with the hostile visitor and without. Then strangers hold 2,000 connections without a token
while pages are opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import os
import secrets
import socket
import statistics
import sys
import time
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PIL import Image
from report import SMALL, Figure, report
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClosedError

sys.path += [str(Path(__file__).parents[1] / "tests" / name) for name in ("", "browser")]
from pages import Page as Client
from served import Served, serve_class

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from multiprocessing.synchronize import Event

    import psutil

PLAYERS, PAIRS, SECONDS = (2, 1, 2) if SMALL else (9, 3, 20)
STRANGERS, OPENINGS = (50, 1) if SMALL else (2_000, 5)
SIDES = (600, 500) if SMALL else (4_600, 3_400)  # of a photograph just below the limit of 16 million pixels
PART = 3_000_000  # bytes of an upload's part
STEPS = 1_000  # more than are taken
EACH = 2  # seconds of each attack before the next


def main() -> None:
    """Measure all, and write the table."""
    with serve_class("--visitors", str(PLAYERS + 4)) as served:
        rates, memory = asyncio.run(_beside_hostile(served))
        complaints = len(served.log.read_text("utf-8").splitlines())
    with serve_class() as served:
        before, after = asyncio.run(_beside_strangers(served))
    over = [with_hostile / without for without, with_hostile in rates]
    report(
        "hostile",
        [
            Figure(
                f"{PLAYERS} visitors who play beside a hostile one: their frames a second, over without (ratio)",
                statistics.median(over),
                0.9,
                at_least=True,
                detail=f"{min(over):.2f} to {max(over):.2f} in {PAIRS} pairs of {SECONDS} s; "
                + ", ".join(f"{with_hostile:.1f} over {without:.1f}" for without, with_hostile in rates)
                + f" frames a second; {complaints} lines in the log",
            ),
            Figure("the server's memory meanwhile, above that when it came (GB)", memory, 0.5),
            Figure(
                f"a page opens while strangers hold {STRANGERS} connections (s)",
                max(after),
                2,
                detail=f"the longest of {OPENINGS}; {max(before):.2f} s without them",
            ),
        ],
    )


async def _beside_hostile(served: Served) -> tuple[list[tuple[float, float]], float]:
    """Frames a second without and with a hostile visitor, in pairs, and GB that the server needs with it."""
    players = await asyncio.gather(*(Client.open(served, "explorer") for _ in range(PLAYERS)))
    frames = itertools.count()
    playing = [asyncio.create_task(_play(player, frames)) for player in players]
    rates, needed, context = [], 0, get_context("spawn")
    for _ in range(PAIRS):
        without = await _rate(frames)
        begun = context.Event()
        attack = context.Process(target=_attack, args=(served.address, begun), daemon=True)
        attack.start()
        await asyncio.get_running_loop().run_in_executor(None, begun.wait)
        before = served.process.memory_info().rss
        watching = asyncio.create_task(_most_memory(served.process))
        rates.append((without, await _rate(frames)))
        attack.terminate()
        attack.join()
        watching.cancel()
        needed = max(needed, await watching - before)
        await asyncio.sleep(5)  # its place is left, and its last message answered
    for task in playing:
        task.cancel()
    await asyncio.gather(*playing, return_exceptions=True)
    return rates, needed / 1e9


async def _play(player: Client, frames: itertools.count[int]) -> None:
    """Play, see all that comes, and count it."""
    await player.say({"type": "ready"})
    await player.told("frame")
    await player.say({"type": "setting", "path": "steps", "value": STEPS})
    await player.told("setup")
    while True:
        await player.say({"type": "play"})
        step = 0
        while step < STEPS:
            frame, _ = await player.told("frame")
            step = frame["step"]
            next(frames)
            await player.say({"type": "seen", "index": frame["index"]})
        await player.say({"type": "reset"})


async def _rate(frames: itertools.count[int]) -> float:
    """Frames a second that have come within so many seconds."""
    started, first = time.monotonic(), next(frames)
    await asyncio.sleep(SECONDS)
    return (next(frames) - first - 1) / (time.monotonic() - started)


async def _most_memory(process: psutil.Process) -> int:
    most = 0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.1)
    return most


def _attack(address: str, begun: Event) -> None:
    """Do harm until the process is ended."""
    begun.set()
    asyncio.run(_attacks(Client(Served(address, "", None, Path()), "explorer")))


async def _attacks(page: Client) -> None:
    """Repeat one attack after the other; the connection is made again whenever it is closed."""
    for attack in itertools.cycle((_junk, _uploads, _reloads, _asks_and_never_reads)):
        with contextlib.suppress(WebSocketClosedError, AssertionError, OSError, TimeoutError):
            async with asyncio.timeout(EACH):
                await page.connect()
                await attack(page)


async def _junk(page: Client) -> None:
    await page.socket.write_message(secrets.token_bytes(200_000), binary=True)
    await page.ended()


@cache
def _large_photograph() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(SIDES, 20).save(buffer, "JPEG", quality=50)
    return buffer.getvalue()


async def _uploads(page: Client) -> None:
    data = _large_photograph()
    parts = [data[start : start + PART] for start in range(0, len(data), PART)]
    for key in itertools.count():
        for index, part in enumerate(parts):
            upload = {"type": "upload", "name": "large.jpeg", "key": key, "index": index, "count": len(parts)}
            await page.say(upload, part)
        await page.told("setup")


async def _reloads(page: Client) -> None:
    await page.say({"type": "ready"})
    await page.told("open")


async def _asks_and_never_reads(page: Client) -> None:
    while True:
        await page.say({"type": "library"})


async def _beside_strangers(served: Served) -> tuple[list[float], list[float]]:
    """Seconds in which pages open, without strangers and beside them."""
    _allow_connections(STRANGERS + 200)
    before = [await _opens(served) for _ in range(OPENINGS)]
    async with _strangers(served):
        after = [await _opens(served) for _ in range(OPENINGS)]
    return before, after


async def _opens(served: Served) -> float:
    """Seconds from asking for the page to its first frame."""
    started = time.monotonic()
    client = AsyncHTTPClient()
    for path in ("explorer", "host.js", "explorer.js"):
        await client.fetch(served.url(path), headers={"Authorization": f"token {served.token}"})
    page = await Client.open(served, "explorer")
    await page.say({"type": "ready"})
    await page.told("frame")
    took = time.monotonic() - started
    page.socket.close(1001)
    return took


@contextlib.asynccontextmanager
async def _strangers(served: Served) -> AsyncIterator[None]:
    """Connections that never end their first request; most are closed by the server, for others."""
    place = urlsplit(served.address)
    held = []
    for number in range(STRANGERS):
        held.append(socket.create_connection((place.hostname or "", place.port or 0), timeout=30))
        with contextlib.suppress(OSError):
            held[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ")
        if number % 50 == 0:
            await asyncio.sleep(0)
    try:
        yield
    finally:
        for one in held:
            one.close()


def _allow_connections(count: int) -> None:
    """Let this process hold so many, where the system has such limits."""
    if os.name == "posix":
        import resource  # noqa: PLC0415

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(count, hard)), hard))


if __name__ == "__main__":
    main()
