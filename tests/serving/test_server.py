"""A served class as a process of its own: tokens, junk, strangers and visitors, without a browser."""

import asyncio
import contextlib
import io
import random
import socket
from urllib.parse import urlsplit

import pytest

pytest.importorskip("tornado", reason="serving needs the [serve] extra")
pytest.importorskip("playwright", reason="the helpers of the browser tests need it")

from pages import Page, happens
from PIL import Image
from served import serve_class
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.websocket import WebSocketClosedError

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]  # as slow as those, and shared out with them

TOYS = """
import toys

def make():
    return toys.classifier()

def large():
    return toys.classifier(size=224)
"""
CLOSED_FOR_JUNK, CLOSED_FOR_TOO_MUCH = 1007, 1013


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "small_nets.py").write_text(TOYS, "utf-8")
    with serve_class("--visitors", "40", "--classifier", "small_nets:make", folder=folder) as served:
        yield served


@pytest.fixture(scope="module")
def with_large_frames(tmp_path_factory):
    """One whose frames have 70 kB, as those of most classifiers."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "small_nets.py").write_text(TOYS, "utf-8")
    with serve_class("--classifier", "small_nets:large", folder=folder) as served:
        yield served


def junk():
    """Frames that are no messages to a widget."""
    chance = random.Random(0)
    yield from ("", "{", "[]", "5", "NaN", "[" * 100_000, "{}", '{"method": "custom"}')
    yield from ('{"method": "open", "state": {}}', '{"method": "custom", "content": []}', '{"method": ["update"]}')
    yield from (b"\xff" * 8, b"\xff" * 4000, bytes(8), b"junk")
    yield from (chance.randbytes(chance.randrange(1, 300)) for _ in range(150))


def test_junk_costs_its_sender_the_connection_and_nobody_else_anything(served):
    async def story():
        neighbour, hostile = await asyncio.gather(Page.open(served), Page.open(served))
        frames = [*junk()]
        for number, frame in enumerate(frames):
            await hostile.connect()
            await hostile.socket.write_message(frame, binary=isinstance(frame, bytes))
            assert await hostile.ended() == CLOSED_FOR_JUNK, frame[:100]
            if number % 40 == 0:
                assert await neighbour.answers()
        log = served.log.read_text("utf-8").splitlines()
        assert len(log) == len(frames), log
        assert all("what is not taken" in line for line in log)
        await hostile.connect()
        with contextlib.suppress(WebSocketClosedError):
            await hostile.socket.write_message(bytes(9_000_000), binary=True)
        await hostile.ended()
        await hostile.connect()
        assert await hostile.answers()  # who sent all that may still ask
        assert await neighbour.answers()

    happens(story())


def test_who_asks_without_end_and_never_reads_costs_one_line_and_little_memory(served):
    async def story():
        neighbour, hostile = await asyncio.gather(Page.open(served), Page.open(served))
        before = served.process.memory_info().rss
        lines = len(served.log.read_text("utf-8").splitlines())
        with contextlib.suppress(WebSocketClosedError):
            for _ in range(3000):  # each is answered with half a megabyte
                await hostile.say({"type": "library"})
        assert await hostile.ended() == CLOSED_FOR_TOO_MUCH
        assert await neighbour.answers()
        assert len(served.log.read_text("utf-8").splitlines()) == lines + 1
        assert served.process.memory_info().rss - before < 100_000_000

    happens(story())


def test_without_a_token_there_is_nothing_and_with_one_no_more_than_the_pages(served):
    async def story():
        client = AsyncHTTPClient()
        address = served.address.partition("?")[0]

        async def status(path, **options):
            try:
                return (await client.fetch(f"{address}{path}", follow_redirects=False, **options)).code
            except HTTPClientError as error:
                return error.code

        for path in ("", "explorer", "lab", "follow", "explorer.js", "explorer/socket", "nowhere", "login/../lab"):
            assert await status(path) == 403
            assert await status(f"{path}?token=guessed") == 403
        assert await status("host.js") == 200  # the page that asks for the token needs its style; these tell nothing
        known = {"headers": {"Authorization": f"token {served.token}"}}
        assert await status("lab", **known) == 200
        for path in (
            "nowhere",
            "api/kernels",
            "voila/files/x",
            "..%2f..%2fetc/passwd",
            "host.py",
            "templates/base.html",
        ):
            assert await status(path, **known) == 404
        assert await status("login", method="POST", body="token=guessed") == 403
        assert await status("login", method="POST", body="x" * 100_000) in (400, 599)
        response = await client.fetch(f"{address}lab", **known)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]

    happens(story())


def test_strangers_who_hold_connections_shut_nobody_out(served):
    """Of connections without a token, the oldest ends for a new one; those with one stay."""

    async def story():
        visitor = await Page.open(served)
        place = urlsplit(served.address)
        held = [socket.create_connection((place.hostname, place.port)) for _ in range(400)]
        for one in held:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ")
        assert await visitor.answers()
        another = await Page.open(served)
        assert await another.answers()
        held[0].settimeout(30)
        assert held[0].recv(1) == b""  # it was closed
        for one in held:
            one.close()
        assert "Traceback" not in served.log.read_text("utf-8")

    happens(story())


def test_many_visitors_play_at_once_in_one_process(served):
    async def story():
        pages = await asyncio.gather(*(Page.open(served, "explorer") for _ in range(25)))

        async def plays(page):
            await page.say({"type": "ready"})
            await page.told("frame")
            await page.say({"type": "setting", "path": "steps", "value": 12})
            await page.told("setup")
            await page.say({"type": "play"})
            await page.told("status", until=lambda content: content["status"]["step"] == 12)

        await asyncio.gather(*map(plays, pages))
        assert served.process.children() == []
        for page in pages:
            page.socket.close(1001)

    happens(story())


async def begins(page, steps):
    """Play a run of so many steps."""
    await page.say({"type": "ready"})
    await page.told("frame")
    await page.say({"type": "setting", "path": "steps", "value": steps})
    await page.told("setup")
    await page.say({"type": "play"})


async def watches(page, last):
    """See a run to this step, as a page does; the steps of its frames."""
    shown = [0]
    while shown[-1] < last:
        frame, _ = await page.told("frame")
        shown.append(frame["step"])
        if page.page != "follow":
            await page.say({"type": "seen", "index": frame["index"]})
    return shown


def test_whose_network_stalls_disturbs_nobody_and_then_sees_the_newest_frame(with_large_frames):
    """Who reads nothing stands for it: what is sent to it fills the system's room for it, and then waits."""

    async def story():
        steps = 400
        teacher = await Page.open(with_large_frames, "explorer", teaches=True)
        visitor = await Page.open(with_large_frames, "explorer")
        followers = [Page(with_large_frames, "follow") for _ in range(2)]
        for follower in followers:
            await follower.connect()
        await begins(visitor, steps)  # and then neither reads nor answers
        await begins(teacher, steps)
        reading, stalled = followers
        seen, followed = await asyncio.gather(watches(teacher, steps), watches(reading, steps))
        assert len(followed) > 0.9 * len(seen)
        assert len(await watches(stalled, steps)) < len(followed) / 2
        assert len(await watches(visitor, steps)) < len(seen) / 2

    happens(story())


def test_photographs_arrive_while_all_play_and_others_go_on(with_large_frames):
    async def story():
        pages = await asyncio.gather(*(Page.open(with_large_frames, "explorer") for _ in range(8)))
        for page in pages:
            await begins(page, 1000)
        sending, others = pages[:2], pages[2:]

        async def uploads(page):
            buffer = io.BytesIO()
            Image.effect_noise((2400, 2900), 80).save(buffer, "BMP")
            parts = [buffer.getvalue()[start : start + 3_000_000] for start in range(0, 7_000_000, 3_000_000)]
            for index, part in enumerate(parts):
                upload = {"name": "ours.bmp", "key": 1, "index": index, "count": len(parts)}
                await page.say({"type": "upload", **upload}, part)
            setup, _ = await page.told("setup")
            assert setup["photograph"] == "ours.bmp"
            await watches(page, 5)  # it goes on by itself

        await asyncio.gather(*map(uploads, sending), *(watches(page, 10) for page in others))
        for page in others:
            now, _ = await page.told("status")
            await watches(page, now["status"]["step"] + 5)
        for page in pages:
            page.socket.close(1001)

    happens(story())


def test_who_reloads_ten_times_has_one_widget_and_who_leaves_in_a_run_frees_the_place(served):
    async def story():
        page = await Page.open(served, "explorer")
        await page.say({"type": "step"})
        await page.told("status", until=lambda content: content["status"]["step"] == 1)
        for _ in range(10):
            await page.connect()
        content, _ = await page.told("open")
        assert content["state"]["steps_done"] == 1
        await page.say({"type": "play"})
        page.socket.close(1001)

    happens(story())


def test_a_follower_sees_the_run_and_goes_on_from_it(served):
    async def story():
        follower = Page(served, "follow")
        await follower.connect()
        await follower.told("nothing")
        teacher = await Page.open(served, "explorer", teaches=True)
        await teacher.say({"type": "ready"})
        for _ in range(3):
            await teacher.say({"type": "step"})
        await follower.told("frame", until=lambda content: content["step"] == 3)
        own = await Page.open(served, "explorer", query="&from=teacher")
        assert own.state["steps_done"] == 3
        await own.say({"type": "step"})
        await own.told("status", until=lambda content: content["status"]["step"] == 4)
        assert (await Page.open(served, "explorer", visit=teacher.visit, teaches=True)).state["steps_done"] == 3

    happens(story())
