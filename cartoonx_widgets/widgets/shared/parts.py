"""Messages in parts, where they are too large for one: proxies and front ends cut off long frames."""

from __future__ import annotations

import itertools
import json
import struct

from cartoonx_widgets.widgets.shared.messages import Message

PART = 3_000_000  # bytes: below 5 MB, also where bytes travel as base64
_ids = itertools.count()


def in_parts(message: Message) -> list[Message]:
    """Return the message itself, or parts of it, which `page/parts.js` puts together again.

    A part says `id` of its message, `index` and `count`. Its buffer is a piece of these bytes: the length of the JSON
    that follows (32 bits), `{"content": ..., "lengths": [...]}` in UTF-8, and the buffers, one after the other.

    >>> [part.content for part in in_parts(Message({"type": "error"}, []))]
    [{'type': 'error'}]
    >>> len(in_parts(Message({"type": "error"}, [bytes(2 * PART)])))
    3
    """
    size = sum(map(len, message.buffers))
    text = json.dumps({"content": message.content, "lengths": list(map(len, message.buffers))}).encode()
    if size + len(text) <= PART:
        return [message]
    whole = b"".join([struct.pack("<I", len(text)), text, *message.buffers])
    pieces = [whole[start : start + PART] for start in range(0, len(whole), PART)]
    number = next(_ids)
    return [
        Message({"type": "part", "id": number, "index": index, "count": len(pieces)}, [piece])
        for index, piece in enumerate(pieces)
    ]
