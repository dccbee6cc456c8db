"""The frames between pages and the server: what is packed is unpacked, and anything else is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartoonx_widgets.serving.frames import FrameError, pack, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)
MESSAGES = st.dictionaries(st.text().filter(lambda name: name != "lengths"), JSON, max_size=4)
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
WHOLE = pack({"method": "custom", "content": {"type": "ready"}}, [b"data", b"", b"more"])


def framed(head, rest=b"", length=None):
    head = head if isinstance(head, bytes) else json.dumps(head).encode()
    return (len(head) if length is None else length).to_bytes(4, "little") + head + rest


@given(MESSAGES, st.lists(st.binary(max_size=40), max_size=3))
def test_what_is_packed_is_unpacked(message, buffers):
    frame = pack(message, buffers)
    assert isinstance(frame, bytes) == bool(buffers)
    assert unpack(frame) == (message, buffers)


@pytest.mark.parametrize(
    "frame",
    [
        *("", "{", "[]", "null", "5", "text", '{"a": NaN}', "[" * 100_000, "\0"),
        *(b"", b"\x01", b"\xff" * 4, b"\xff" * 4000, bytes(4), bytes(4000), DEEP),
        *(WHOLE[:length] for length in range(1, len(WHOLE), 7)),
        *(framed(head) for head in (b"", b"{", b"[]", b"null", b"\xff\xfe", '{"a": 1}'.encode("utf-16"), DEEP)),
        framed({"lengths": [5]}, b"four"),
        framed({"lengths": [-1, 5]}, b"four"),
        framed({"lengths": [2.0, 2]}, b"four"),
        framed({"lengths": [True, 3]}, b"four"),
        framed({"lengths": "4"}, b"four"),
        framed({"lengths": [1] * 1000}, bytes(1000)),
        framed({"lengths": [10**300]}, b"four"),
        framed({}, b"more than it says"),
        WHOLE + b"more",
    ],
)
def test_junk_is_refused_without_being_repeated(frame):
    with pytest.raises(FrameError) as caught:
        unpack(frame)
    assert str(caught.value).isascii()
    assert len(str(caught.value)) < 100  # it fits a frame that closes


@given(
    st.binary()
    | st.text()
    | st.builds(lambda at, new: WHOLE[:at] + new + WHOLE[at + len(new) :], st.integers(0, 90), st.binary(max_size=4))
    | st.builds(framed, JSON, st.binary(max_size=20), st.none() | st.integers(0, 2**32 - 1))
)
def test_nothing_else_is_raised(frame):
    with contextlib.suppress(FrameError):
        message, buffers = unpack(frame)
        assert isinstance(message, dict)
        assert sum(map(len, buffers)) <= len(frame)


def test_numbers_that_are_no_json_are_not_sent():
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"value": float("nan")})
