"""Masks of consecutive frames, compressed together: the first as it is, of each other what has changed since.

A group is one zlib stream of F x N bytes: the first frame's levels, then for each other frame its levels minus those
of the frame before, modulo 256. Python reads groups from files, a browser from pages.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EFFORT = 6


def packed(levels: Sequence[np.ndarray]) -> bytes:
    """Pack a group of masks (N,) in levels of 0 to 255.

    >>> first, second = np.array([7, 7], np.uint8), np.array([7, 5], np.uint8)
    >>> [mask.tolist() for mask in unpacked(packed([first, second]), frames=2, n=2)]
    [[7, 7], [7, 5]]
    """
    masks = np.stack(levels)
    return zlib.compress(np.diff(masks, axis=0, prepend=np.zeros_like(masks[:1])).tobytes(), _EFFORT)


def unpacked(group: bytes, *, frames: int, n: int) -> Iterator[np.ndarray]:
    """Yield the masks (N,) of a group, one after the other; one that has not changed is the same array again.

    Raises:
        ValueError: the group is damaged, or holds more or less than `frames` masks of `n` entries; no more than these
            are ever unpacked.
    """
    stream = zlib.decompressobj()
    rest, mask = group, np.zeros(n, np.uint8)
    try:
        for _ in range(frames):
            change = np.frombuffer(stream.decompress(rest, n), np.uint8)
            rest = stream.unconsumed_tail
            if len(change) != n:
                break
            if change.any():
                mask = mask + change
            yield mask
        else:
            if stream.decompress(rest, 1) == b"" and stream.eof and not stream.unused_data:
                return
    except zlib.error as error:
        raise ValueError(f"the masks cannot be unpacked: {error}") from error
    raise ValueError(f"the masks are not {frames} of {n:,} entries")
