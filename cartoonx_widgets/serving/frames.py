"""What a page may send to its kernel. Each frame is checked before Jupyter reads it, which trusts every number in it.

Jupyter's websocket protocol has two forms. In "v1" a frame is bytes: a number of offsets, the offsets, and between them
the channel, four objects in JSON and any buffers. The older one is one object in JSON, as text, or as bytes with a
number of offsets before it and buffers behind it.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from jupyter_client.jsonutil import extract_dates

if TYPE_CHECKING:
    from collections.abc import Iterable

V1 = "v1.kernel.websocket.jupyter.org"

_CHANNELS = ("shell", "control", "stdin")  # a page only listens on the fourth
_OBJECTS = ("header", "parent_header", "metadata", "content")
_MOST_OFFSETS = 1000  # a widget of ours sends one buffer at a time


class FrameError(ValueError):
    """A frame cannot be read as a message from a page to its kernel."""


def check_frame(frame: str | bytes, *, v1: bool) -> None:
    """Check that a frame is a message that Jupyter and a kernel can read, whatever is in its content.

    Args:
        frame: as it came, text or bytes.
        v1: whether the page and the server have agreed on that form of the protocol.

    Raises:
        FrameError: it is none; the reason repeats nothing of the frame.
    """
    try:
        channel, objects = _read_v1(frame) if v1 else _read_older(frame)
        if channel not in _CHANNELS:
            raise FrameError("no channel that a page sends on")
        for name, value in objects.items():
            if not isinstance(value, dict):
                raise FrameError(f"no object as its {name}")
        _check_header(objects["header"], required=("msg_id", "msg_type"))
        _check_header(objects["parent_header"])
    except UnicodeError:
        raise FrameError("text that is not UTF-8") from None
    except RecursionError:
        raise FrameError("JSON that is nested too deeply") from None


def _read_v1(frame: str | bytes) -> tuple[object, dict[str, Any]]:
    """Channel and objects of a frame in the form of v1."""
    if isinstance(frame, str):
        raise FrameError("text where the protocol has bytes")
    offsets = _offsets(frame, 8, "little")
    parts = [frame[start:stop] for start, stop in pairwise(offsets)]
    if len(parts) < 1 + len(_OBJECTS):
        raise FrameError("too few parts")
    return parts[0].decode(), {name: _parse(part) for name, part in zip(_OBJECTS, parts[1:], strict=False)}


def _read_older(frame: str | bytes) -> tuple[object, dict[str, Any]]:
    """Channel and objects of a frame in the older form."""
    if isinstance(frame, bytes):
        start, stop, *_ = *_offsets(frame, 4, "big"), len(frame)
        frame = frame[start:stop]
    message = _parse(frame)
    if not isinstance(message, dict):
        raise FrameError("no object")
    return message.get("channel"), {name: message.get(name) for name in _OBJECTS}


def _offsets(frame: bytes, size: int, order: Literal["little", "big"]) -> list[int]:
    """The offsets at the beginning of a frame, their number before them, each of `size` bytes."""
    count = int.from_bytes(frame[:size], order)
    end = size * (1 + count)
    if not 0 < count <= _MOST_OFFSETS or end > len(frame):
        raise FrameError("a number of offsets that cannot be")
    offsets = [int.from_bytes(frame[at : at + size], order) for at in range(size, end, size)]
    if any(after < before for before, after in pairwise((end, *offsets, len(frame)))):
        raise FrameError("offsets out of order or outside the frame")
    return offsets


def _parse(data: str | bytes) -> Any:  # noqa: ANN401
    text = data if isinstance(data, str) else data.decode()  # json itself would also take UTF-16
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        raise FrameError("no JSON") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and infinities, which Python alone takes for JSON


def _check_header(header: dict[str, object], required: Iterable[str] = ()) -> None:
    """Check what the server and the kernel compare, look up and send back."""
    for name in required:
        if not isinstance(header.get(name), str):
            raise FrameError(f"no text as its {name}")
    for name, value in header.items():
        if not isinstance(value, str | None):
            raise FrameError("a header of more than texts")
        f"{name}{value}".encode()
    try:
        extract_dates(header)  # as both do
    except (ValueError, OverflowError):
        raise FrameError("a date in its header that is none") from None
