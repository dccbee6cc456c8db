"""The familiar picture of a wavelet decomposition: where each band stands in it, and its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.representations import Band

# Anchors of matplotlib's "inferno" (CC0), from 0 to 1: perceptually uniform, safe for colour-blind readers, and
# dark where the mask deletes.
COLOURS = (
    "#000004",
    "#1b0c41",
    "#4a0c6b",
    "#781c6d",
    "#a52c60",
    "#cf4446",
    "#ed6925",
    "#fb9b06",
    "#f7d13d",
    "#fcffa4",
)
_GAP = 2


class Tile(NamedTuple):
    """Where a band stands: its top left corner, in cells of the mosaic."""

    row: int
    column: int


class Mosaic(NamedTuple):
    """Rows and columns of the whole picture, and one tile for each band, in the bands' order."""

    shape: tuple[int, int]
    tiles: tuple[Tile, ...]


def layout(bands: Sequence[Band]) -> Mosaic:
    """Put the lowpass top left and the finer scales around it: horizontal right, vertical below, diagonal across.

    That is the arrangement of PyWavelets' `coeffs_to_array`, with a gap between the bands.
    """
    rows, columns = bands[0].shape
    tiles = [Tile(0, 0)]
    for band in bands[1:]:
        if band.orientation == "horizontal":  # the first of a scale
            corner = Tile(rows + _GAP, columns + _GAP)
            rows, columns = corner.row + band.shape[0], corner.column + band.shape[1]
        tiles.append(
            Tile(
                0 if band.orientation == "horizontal" else corner.row,
                0 if band.orientation == "vertical" else corner.column,
            )
        )
    return Mosaic((rows, columns), tuple(tiles))


def draw(bands: Sequence[Band], values: np.ndarray) -> np.ndarray:
    """The mosaic of values (N,) in [0, 1] as an (H', W', 3) uint8 picture; gaps are light grey."""
    mosaic = layout(bands)
    picture = np.full((*mosaic.shape, 3), 200, dtype=np.uint8)
    colours = _colour_table()[np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)]
    for band, tile in zip(bands, mosaic.tiles, strict=True):
        rows, columns = band.shape
        place = np.s_[tile.row : tile.row + rows, tile.column : tile.column + columns]
        picture[place] = colours[band.slice].reshape(rows, columns, 3)
    return picture


def _colour_table() -> np.ndarray:
    anchors = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in COLOURS])
    positions = np.linspace(0, 255, len(COLOURS))
    table = np.stack([np.interp(np.arange(256), positions, channel) for channel in anchors.T], axis=1)
    levels: np.ndarray = np.rint(table).astype(np.uint8)
    return levels
