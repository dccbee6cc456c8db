"""Masks of consecutive frames, compressed together: the first as it is, of each other what has changed since.

A group is one zlib stream of F x N bytes: the first frame's levels, then for each other frame its levels minus those
of the frame before, modulo 256. Python reads groups from files, a browser from pages.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_EFFORT = 6


def packed(levels: Sequence[np.ndarray]) -> bytes:
    """The group of masks (N,) in levels of 0 to 255.

    >>> first, second = np.array([7, 7], np.uint8), np.array([7, 5], np.uint8)
    >>> [mask.tolist() for mask in unpacked(packed([first, second]), frames=2, n=2)]
    [[7, 7], [7, 5]]
    """
    masks = np.stack(levels)
    return zlib.compress(np.diff(masks, axis=0, prepend=np.zeros_like(masks[:1])).tobytes(), _EFFORT)


def unpacked(group: bytes, *, frames: int, n: int) -> np.ndarray:
    """The masks (F, N) of a group.

    Raises:
        ValueError: the group is damaged, or holds more or less than `frames` masks of `n` entries; no more than these
            are ever unpacked.
    """
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(group, frames * n + 1)
    except zlib.error as error:
        raise ValueError(f"the masks cannot be unpacked: {error}") from error
    if len(data) != frames * n or not stream.eof:
        raise ValueError(f"the masks are not {frames} of {n:,} entries")
    changes = np.frombuffer(data, np.uint8).reshape(frames, n)
    return np.add.accumulate(changes, axis=0, dtype=np.uint8)
