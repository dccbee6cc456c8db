"""Blocks of coefficients, which are covered or varied together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from cartoonx_widgets.representations import Band, Transform


def cells(transform: Transform, grid: int) -> Tensor:
    """Return to which cell each coefficient belongs, (N,) from 0 on: a grid of `grid` x `grid` cells in each band.

    A band with fewer rows or columns has as many cells; parts of a complex coefficient are in the same one.
    """
    numbers, count = [], 0
    for band in transform.bands:
        rows, columns = (torch.arange(side) * min(grid, side) // side for side in band.shape)
        across = int(columns.max()) + 1
        numbers.append((count + rows[:, None] * across + columns).flatten().repeat(band.parts))
        count += (int(rows.max()) + 1) * across
    return torch.cat(numbers).to(transform.device)


def flat(transform: Transform, maps: Sequence[Tensor]) -> Tensor:
    """Return masks (B, 1, N) of a map (B, rows, columns) for each band."""
    return torch.cat(
        [values.flatten(1).repeat(1, band.parts) for band, values in zip(transform.bands, maps, strict=True)], dim=1
    )[:, None]


def windows(transform: Transform, window: int, stride: int) -> Iterator[tuple[Band, slice, slice]]:
    """Go through each band with a window: the band, and the rows and columns that are covered.

    Args:
        transform: with its bands.
        window: the window's side in pixels of the image; in a band it has the same share of the rows and columns.
        stride: how far it moves, in pixels; what would leave the band is cut off.
    """
    for band in transform.bands:
        down, across = (
            _places(side, pixels, window, stride) for side, pixels in zip(band.shape, transform.size, strict=True)
        )
        for rows in down:
            for columns in across:
                yield band, rows, columns


def _places(side: int, pixels: int, window: int, stride: int) -> list[slice]:
    size, step = (min(side, max(1, round(length * side / pixels))) for length in (window, stride))
    last = -(-max(0, side - size) // step)
    return [slice(place * step, min(side, place * step + size)) for place in range(last + 1)]
