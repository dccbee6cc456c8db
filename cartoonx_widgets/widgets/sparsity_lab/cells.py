"""Coefficients in the cells of the lab's mosaic, where a cell may stand for several."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets import sparsity
from cartoonx_widgets.figures import mosaic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.representations import Band
    from cartoonx_widgets.sparsity.expansion import Floats
    from cartoonx_widgets.widgets.sparsity_lab.decomposition import Decomposition

_DECADES = 4  # how far below the largest coefficient the mosaic's colours reach


def levels(shown: Decomposition) -> np.ndarray:
    """Return the mosaic's cells as uint8: details by the logarithm of their size, lowpass and pixels as a picture."""
    bands = shown.frame.transform.bands
    sizes = reduced(bands, shown.frame.importance)
    placed = mosaic.layout(bands)
    details = [tile for band, tile in zip(bands, placed.tiles, strict=True) if not _is_picture(band)]
    most = max((float(sizes[tile.start : tile.stop].max()) for tile in details), default=1.0)
    with np.errstate(divide="ignore"):
        logarithmic = 255 * (1 + np.log10(sizes / max(most, 1e-12)) / _DECADES)
    cells: np.ndarray = np.rint(np.clip(logarithmic, 0, 255)).astype(np.uint8)
    for band, tile in zip(bands, placed.tiles, strict=True):
        if _is_picture(band):
            grey = sparsity.luminance(band.of(shown.frame.coefficients[0])).numpy()
            picture = _largest_of(grey, placed.factor).ravel()
            low, high = (0.0, 1.0) if band.orientation == "pixels" else (float(picture.min()), float(picture.max()))
            span = max(high - low, 1e-12)
            cells[tile.start : tile.stop] = np.rint(255 * np.clip((picture - low) / span, 0, 1)).astype(np.uint8)
    return cells


def reduced(bands: Sequence[Band], values: np.ndarray) -> np.ndarray:
    """Return values (N,) in the mosaic's cells; the largest, where a cell stands for several."""
    if mosaic.has_a_cell_for_each(bands):
        return values
    factor = mosaic.layout(bands).factor
    sizes = [band.shape[0] * band.shape[1] for band in bands]
    pictures = [values[band.start :][:size].reshape(band.shape) for band, size in zip(bands, sizes, strict=True)]
    return np.concatenate([_largest_of(picture, factor).ravel() for picture in pictures])


def largest(band: Band, importance: Floats, cell: tuple[int, int], factor: int) -> tuple[int, int]:
    """Return row and column of the largest coefficient of a cell."""
    rows, columns = band.shape
    picture = importance[band.start : band.start + rows * columns].reshape(rows, columns)
    top, left = (factor * index for index in cell)
    block = picture[top : top + factor, left : left + factor]
    row, column = np.unravel_index(int(block.argmax()), block.shape)
    return top + int(row), left + int(column)


def _is_picture(band: Band) -> bool:
    return band.orientation in ("lowpass", "pixels")


def _largest_of(picture: np.ndarray, factor: int) -> np.ndarray:
    """Return the largest value of each block of factor x factor, of which the last ones may be smaller."""
    if factor == 1:
        return picture
    rows, columns = (-side % factor for side in picture.shape)
    if rows or columns:
        picture = np.pad(picture, ((0, rows), (0, columns)), mode="edge")
    # Whole rows first: that is by far the faster way to take the largest of many small blocks.
    rows_taken = functools.reduce(np.maximum, [picture[i::factor] for i in range(factor)])
    return functools.reduce(np.maximum, [rows_taken[:, i::factor] for i in range(factor)])
