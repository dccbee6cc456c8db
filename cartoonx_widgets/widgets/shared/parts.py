"""Messages in parts, where they are too large for one: proxies and front ends cut off long frames."""

from __future__ import annotations

import itertools

from cartoonx_widgets.widgets.shared.frames import framed
from cartoonx_widgets.widgets.shared.messages import Message

PART = 3_000_000  # bytes: below 5 MB, also where bytes travel as base64
_ids = itertools.count()


def in_parts(message: Message) -> list[Message]:
    """Return the message itself, or parts of it, which `page/parts.js` puts together again.

    A part says `id` of its message, `index` and `count`. Its buffer is a piece of the message's frame (see `frames`),
    whose JSON has the message as `content`.

    >>> [part.content for part in in_parts(Message({"type": "error"}, []))]
    [{'type': 'error'}]
    >>> len(in_parts(Message({"type": "error"}, [bytes(2 * PART)])))
    3
    """
    frame = framed({"content": message.content}, message.buffers)
    if sum(map(len, frame[1:])) <= PART:
        return [message]
    return [Message({"type": "part", **part}, [piece]) for part, piece in pieces(b"".join(frame))]


def pieces(frame: bytes) -> list[tuple[dict[str, int], bytes]]:
    """Cut a frame into pieces of at most `PART` bytes, each with the `id`, `index` and `count` of a part."""
    found = [frame[start : start + PART] for start in range(0, len(frame), PART)]
    number = next(_ids)
    return [({"id": number, "index": index, "count": len(found)}, piece) for index, piece in enumerate(found)]
