"""A message and its buffers as one run of bytes, which `page/frames.js` reads and writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = 4
"""Bytes that hold the length of the JSON, the lowest first."""


def framed(
    message: Mapping[str, object], buffers: Sequence[bytes | memoryview], *, allow_nan: bool = True
) -> list[bytes | memoryview]:
    r"""Return the pieces of a frame: the length of its JSON, the JSON, and the buffers.

    The JSON is the message, and `lengths`: how many bytes each buffer has.

    Raises:
        ValueError: a number is NaN or infinite, and not allowed.

    >>> framed({"method": "custom"}, [b"data"])
    [b'$\x00\x00\x00', b'{"method": "custom", "lengths": [4]}', b'data']
    """
    text = json.dumps({**message, "lengths": list(map(len, buffers))}, allow_nan=allow_nan).encode()
    return [len(text).to_bytes(PREFIX, "little"), text, *buffers]
