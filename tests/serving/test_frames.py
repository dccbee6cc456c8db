"""What a page sends to its kernel: which frames are read, and what becomes of the sender of any other."""

import asyncio
import contextlib
import json
import random
import struct

import pytest

pytest.importorskip("voila", reason="serving needs the [serve] extra")
pytest.importorskip("playwright", reason="the helpers of the browser tests need it")

from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_binary_message
from pages import HEADER, Page, happens, message, older, v1
from served import serve_class
from tornado.httpclient import HTTPClientError

from cartoonx_widgets.serving.frames import FrameError, check_frame


def with_offsets(*offsets, count=None, rest=b""):
    count = len(offsets) if count is None else count
    return b"".join(number.to_bytes(8, "little") for number in (count, *offsets)) + rest


def older_bytes(*buffers, **parts):
    return serialize_binary_message({"channel": "shell", "buffers": buffers, **message(**parts)})


def without(mapping, name):
    return {key: value for key, value in mapping.items() if key != name}


HEADERS = (
    None,
    [],
    "header",
    5,
    {},
    without(HEADER, "msg_type"),
    without(HEADER, "msg_id"),
    {**HEADER, "msg_type": ["comm_msg"]},
    {**HEADER, "msg_type": {"comm_msg": 1}},
    {**HEADER, "msg_type": None},
    {**HEADER, "msg_id": 1},
    {**HEADER, "session": ["s"]},
    {**HEADER, "subshell_id": {}},
    {**HEADER, "date": "2026-13-41T25:61:61.000Z"},
    {**HEADER, "username": "\ud800"},
)
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
NO_OBJECTS = (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a": NaN}', '{"a": 1}'.encode("utf-16"), DEEP, b"1" * 5000)


def junk_v1():
    """Frames that are none of v1, of every kind."""
    chance = random.Random(0)
    whole = v1(buffers=[b"data"])
    yield from (b"", b"\xff" * 8, b"\xff" * 4000, b"\0" * 8, b"\0" * 4000, b"junk", b"\x01")
    yield from (whole[:length] for length in range(1, len(whole) - 4, 16))
    yield from (chance.randbytes(chance.randrange(1, 300)) for _ in range(30))
    for count in (1, 5, 1000, 10**6, 2**31, 2**40, 2**63, 2**64 - 1):
        yield count.to_bytes(8, "little") + whole[8:]
    yield with_offsets(56, 61, 62, 63, 64, 2**63, rest=b"shell{}{}{}{}")
    yield with_offsets(2**64 - 1, 0, 2**64 - 1, 0, 2**64 - 1, 0)
    yield with_offsets(*[0, 10**6] * 400, rest=bytes(10**6))  # each part the whole frame: 400 times as much
    yield with_offsets(*range(8 * 1202, 8 * 1202 + 1201), rest=bytes(2000))
    yield from (v1(channel) for channel in ("", "iopub", "nowhere", "Shell", "shell\0"))
    yield whole.replace(b"shell", b"\xff\xfe\xfd\xfc\xfb")
    yield from (v1(header=header) for header in HEADERS)
    yield from (v1(parent_header=header) for header in HEADERS[:4] + HEADERS[-3:])
    for name in ("header", "parent_header", "metadata", "content"):
        yield from (v1(**{name: data}) for data in NO_OBJECTS)
    yield from ("", "{}", "text", older(), "[" * 100_000)


def junk_older():
    """Frames that are none of the older form, of every kind."""
    chance = random.Random(0)
    whole = older_bytes(b"data")
    yield from ("", "{", "{}", "[]", "null", "5", '"shell"', "NaN", "[" * 100_000, "\0", older()[:-1])
    yield from (older(channel) for channel in (None, "", "iopub", "nowhere", ["shell"], {}, 5))
    yield json.dumps(message())  # no channel
    yield from (older(header=header) for header in HEADERS)
    yield from (json.dumps({"channel": "shell", **without(message(), name)}) for name in message())
    yield older(content=[])
    yield older(content={"a": float("nan")})
    yield from (b"", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80" + bytes(3), b"\xff" * 400, bytes(400), b"junk")
    yield from (whole[:length] for length in range(1, len(whole) - 4, 40))
    yield from (chance.randbytes(chance.randrange(1, 300)) for _ in range(10))
    for count in (0, 3, 10**6, 2**31, 2**32 - 1):
        yield struct.pack("!I", count) + whole[4:]
    yield whole.replace(b"kernel_info_request", b"\xff" * 19)
    yield v1()


@pytest.mark.parametrize("frame", [v1(), v1("control", [b"", b"data"]), v1("stdin", parent_header=HEADER)])
def test_messages_of_v1_are_read(frame):
    check_frame(frame, v1=True)


@pytest.mark.parametrize("frame", [older(), older_bytes(), older_bytes(b"", b"data", parent_header=HEADER)])
def test_messages_of_the_older_form_are_read(frame):
    check_frame(frame, v1=False)


@pytest.mark.parametrize(("form", "junk"), [(True, [*junk_v1()]), (False, [*junk_older()])], ids=["v1", "older"])
def test_junk_is_refused(form, junk):
    for frame in junk:
        with pytest.raises(FrameError) as caught:
            check_frame(frame, v1=form)
        assert str(caught.value).isascii()
        assert len(str(caught.value)) < 100  # it fits a frame that closes


numbers = st.integers(0, 40) | st.integers(0, 2**64 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@given(
    st.binary()
    | st.text()
    | st.builds(lambda offsets, rest: with_offsets(*offsets, rest=rest), st.lists(numbers, max_size=8), st.binary())
    | st.builds(lambda at, new: v1()[:at] + new + v1()[at + len(new) :], st.integers(0, 300), st.binary(max_size=4))
    | st.builds(lambda name, value: v1(**{name: value}), st.sampled_from([*message()]), JSON)
)
def test_what_is_let_through_jupyter_reads_as_it_was_checked(frame):
    try:
        check_frame(frame, v1=True)
    except FrameError:
        return
    channel, parts = deserialize_msg_from_ws_v1(frame)
    assert channel in {"shell", "control", "stdin"}
    assert all(isinstance(json.loads(part), dict) for part in parts[:4])
    assert isinstance(json.loads(parts[0])["msg_type"], str)
    assert sum(map(len, parts)) <= len(frame)


@given(
    st.binary()
    | st.text()
    | st.builds(lambda at, new: older_bytes(b"data")[:at] + new, st.integers(0, 400), st.binary(max_size=8))
    | JSON.map(json.dumps)
    | st.builds(lambda name, value: older(**{name: value}), st.sampled_from([*message()]), JSON)
)
def test_nothing_of_the_older_form_is_raised_but_a_frame_error(frame):
    with contextlib.suppress(FrameError):
        check_frame(frame, v1=False)


async def see_the_end(socket):
    async with asyncio.timeout(60):
        while await socket.read_message() is not None:
            pass
    return socket.close_code


@pytest.fixture(scope="module")
def served():
    with serve_class("--visitors", "4") as served:
        yield served


@pytest.mark.browser  # as slow as those, and shared out with them
@pytest.mark.timeout(300)
def test_junk_costs_its_sender_the_connection_and_nobody_else_anything(served):
    async def story():
        neighbour, hostile = await asyncio.gather(Page.open(served), Page.open(served))
        junk = [(frame, True) for frame in junk_v1()] + [(frame, False) for frame in junk_older()]
        assert len(junk) > 200
        for number, (frame, form) in enumerate(junk):
            socket = await hostile.connect(form=form)
            await socket.write_message(frame, binary=isinstance(frame, bytes))
            assert await see_the_end(socket) == (1003 if form and isinstance(frame, str) else 1007), frame[:100]
            if number % 20 == 0:
                assert (await neighbour.ask())["status"] == "ok"
        log = served.log.read_text("utf-8").splitlines()
        assert len(log) == len(junk), "\n".join(line for line in log if "cannot be read" not in line)
        assert all(f"kernel {hostile.kernel} what cannot be read" in line for line in log)

        # Many at once from who does not wait for an answer are one line.
        socket = await hostile.connect()
        for frame in junk_v1():
            socket.write_message(frame, binary=isinstance(frame, bytes))
        await see_the_end(socket)
        assert (await neighbour.ask())["status"] == "ok"
        assert len(served.log.read_text("utf-8").splitlines()) == len(junk) + 1

        # Nor is a connection made that could not be one.
        for kernel, session in ((hostile.kernel, "s" * 300), ("00000000-0000-0000-0000-000000000000", None)):
            with pytest.raises(HTTPClientError, match="HTTP 40"):
                await hostile.connect(kernel=kernel, session=session)
        assert len(served.log.read_text("utf-8").splitlines()) <= len(junk) + 3
        for form in (True, False):  # and who sent all that may still ask
            assert (await hostile.ask(form=form))["status"] == "ok"

    happens(story())


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_pictures_reach_who_speaks_the_older_form_or_has_been_closed_without_harm(served):
    """A page that is closed by the server is sent what comes meanwhile as if it spoke the older form."""

    async def story():
        page = await Page.open(served, "explorer")
        comms = (await page.ask("comm_info_request"))["comms"]
        ready = [
            v1(
                header={**HEADER, "msg_id": comm, "msg_type": "comm_msg"},
                content={"comm_id": comm, "data": {"method": "custom", "content": {"type": "ready"}}},
            )
            for comm in comms
        ]
        listening = await page.connect(form=False)
        deaf = await page.connect_deaf()
        for frame in (*ready, b"junk"):
            deaf.write(b"\x82\xfe" + struct.pack("!H", len(frame)) + bytes(4) + frame)
        async with asyncio.timeout(60):
            while not isinstance(await listening.read_message(), bytes):
                pass
        assert (await page.ask())["status"] == "ok"
        assert "Traceback" not in served.log.read_text("utf-8")
        deaf.close()

    happens(story())
