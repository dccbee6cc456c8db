"""What a page and the server send each other: JSON, as text, or in a frame with buffers behind it."""

from __future__ import annotations

import json
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from cartoonx_widgets.widgets.shared.frames import PREFIX, framed
from cartoonx_widgets.widgets.shared.parts import PART, pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_BUFFERS = 16


class FrameError(ValueError):
    """A frame that cannot be read; the reason repeats nothing of it."""


def pack(message: Mapping[str, object], buffers: Sequence[bytes | memoryview] = ()) -> str | bytes:
    """Return a frame, text where there are no buffers.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    if not buffers:
        return json.dumps(message, allow_nan=False)
    return b"".join(framed(message, buffers, allow_nan=False))


def in_pieces(frame: str | bytes) -> list[str | bytes]:
    """Return a frame, or frames of parts of one that is large, which a proxy on the way may cut off."""
    if len(frame) <= PART:
        return [frame]
    if isinstance(frame, str):
        text = frame.encode()
        frame = len(text).to_bytes(PREFIX, "little") + text
    return [pack({"method": "part", **part}, [piece]) for part, piece in pieces(frame)]


def unpack(frame: str | bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """Return what a page sent: an object, and the buffers that belong to it.

    Raises:
        FrameError: it cannot be read.
    """
    if isinstance(frame, str):
        return _parse(frame), []
    start = PREFIX + int.from_bytes(frame[:PREFIX], "little")
    if not PREFIX <= start <= len(frame):
        raise FrameError("a length beyond the frame")
    message = _parse(frame[PREFIX:start])
    lengths = message.pop("lengths", [])
    if not isinstance(lengths, list) or len(lengths) > _MOST_BUFFERS:
        raise FrameError("no list of lengths")
    if any(type(length) is not int or length < 0 for length in lengths) or start + sum(lengths) != len(frame):
        raise FrameError("lengths that are not those of its buffers")
    view = memoryview(frame)
    return message, [view[begin:end] for begin, end in pairwise(accumulate(lengths, initial=start))]


def _parse(data: str | bytes) -> dict[str, Any]:
    try:
        text = data if isinstance(data, str) else data.decode()  # json itself would also take UTF-16
        message = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise FrameError("JSON that is nested too deeply") from None
    except ValueError:  # of an encoding, too
        raise FrameError("no JSON") from None
    if not isinstance(message, dict):
        raise FrameError("no object")
    return message


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and infinities, which Python alone takes for JSON
