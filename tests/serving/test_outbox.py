"""What waits for a page whose network stalls: little, and nothing old."""

import asyncio

import pytest
from pages import happens

from cartoonx_widgets.serving.frames import in_pieces, pack, unpack
from cartoonx_widgets.serving.outbox import Outbox
from cartoonx_widgets.widgets.shared.frames import framed


class Network:
    """Frames that were handed on; each goes out when it is let."""

    def __init__(self):
        self.frames, self.on_its_way = [], []

    def write(self, frame):
        self.frames.append(frame)
        self.on_its_way.append(asyncio.get_running_loop().create_future())
        return self.on_its_way[-1]

    async def flow(self):
        """Let all go out, and what follows it."""
        while self.on_its_way:
            self.on_its_way.pop(0).set_result(None)
            await asyncio.sleep(0)
            await asyncio.sleep(0)


def test_a_stalled_page_is_sent_the_newest_of_each_kind_and_all_that_must_not_be_left_out():
    async def story():
        network = Network()
        outbox = Outbox(network.write)
        outbox.send("opened")
        for step in range(100):
            outbox.send(f"status {step}", "status")
            outbox.send(f"frame {step}", "frame")
            if step == 40:
                outbox.send("an answer")
        assert network.frames == ["opened"]
        await network.flow()
        assert network.frames == ["opened", "an answer", "status 99", "frame 99"]

    happens(story())


def test_a_page_that_does_not_read_answers_gets_no_more_of_them():
    async def story():
        network = Network()
        outbox = Outbox(network.write)
        await outbox.room()
        for _ in range(5):
            outbox.send(bytes(400_000))
        waits = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        assert not waits.done()
        await network.flow()
        await waits
        assert len(network.frames) == 5
        assert outbox.unsent == 0

    happens(story())


def test_a_connection_that_breaks_keeps_nothing_and_nobody_waiting():
    async def story():
        network = Network()
        outbox = Outbox(network.write)
        for _ in range(9):
            outbox.send(bytes(400_000))
        waits = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        network.on_its_way[0].set_exception(OSError("reset"))
        await waits
        assert outbox.unsent == 0
        assert len(network.frames) == 1

    happens(story())


@pytest.mark.parametrize("buffers", [[bytes(11_000_000), b"end"], []])
def test_no_frame_is_above_five_megabytes(buffers):
    message = {"method": "custom", "content": {"type": "setup", "text": "é" * 4_000_000}}
    frames = in_pieces(pack(message, buffers))
    assert len(frames) > 1
    assert all(len(frame) < 5_000_000 for frame in frames)
    parts = [unpack(frame) for frame in frames]
    assert [part["index"] for part, _ in parts] == list(range(len(frames)))
    assert {(part["method"], part["id"], part["count"]) for part, _ in parts} == {
        ("part", parts[0][0]["id"], len(frames))
    }
    whole = b"".join(piece for _, [piece] in parts)
    if buffers:
        assert whole == b"".join(framed(message, buffers))
    else:
        assert unpack(whole) == (message, [])
    assert in_pieces("small") == ["small"]
