"""The picture of all bands of a mask: where each stands in it, and its colours."""

from __future__ import annotations

import math
from collections import Counter
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
_GAP, _SMALL_GAP = 2, 1
_SMALL = 100  # cells a side, below which a gap is narrower
MOST_CELLS = 600_000


class Tile(NamedTuple):
    """Where a band stands: its top left corner, and its size, in cells; and the index of its first cell."""

    row: int
    column: int
    rows: int
    columns: int
    start: int

    @property
    def stop(self) -> int:
        """Return index one past its last cell."""
        return self.start + self.rows * self.columns


class Tick(NamedTuple):
    """A scale's name on the margin, beside the cell where it stands."""

    position: float
    text: str


class Mosaic(NamedTuple):
    """The whole picture.

    Attributes:
        shape: its rows and columns.
        tiles: one for each band, in the bands' order.
        factor: a cell is the mean of `factor` x `factor` entries; 1 unless there are very many of them.
        row_ticks: the scales, beside the rows.
        column_ticks: the scales, above the columns.
    """

    shape: tuple[int, int]
    tiles: tuple[Tile, ...]
    factor: int
    row_ticks: tuple[Tick, ...]
    column_ticks: tuple[Tick, ...]


def layout(bands: Sequence[Band], *, most_cells: int = MOST_CELLS) -> Mosaic:
    """Return where each band stands.

    Separable wavelets: the lowpass top left and the finer scales around it, horizontal right, vertical below, diagonal
    across, as PyWavelets' `coeffs_to_array` has it. Directional transforms: the lowpass, then each scale from coarse
    to fine in rows of their own, ordered by angle. There is a gap between the bands.
    """
    entries = sum(band.shape[0] * band.shape[1] for band in bands)
    factor = math.ceil(math.sqrt(entries / most_cells))
    sizes = [(math.ceil(band.shape[0] / factor), math.ceil(band.shape[1] / factor)) for band in bands]
    gap = _SMALL_GAP if sum(rows * columns for rows, columns in sizes) < _SMALL**2 else _GAP
    nested = {band.orientation for band in bands[1:]} == {"horizontal", "vertical", "diagonal"}
    corners = _nested(bands, sizes, gap) if nested else _in_rows(bands, sizes, gap)
    tiles, start = [], 0
    for corner, size in zip(corners, sizes, strict=True):
        tiles.append(Tile(*corner, *size, start))
        start = tiles[-1].stop
    shape = max(tile.row + tile.rows for tile in tiles), max(tile.column + tile.columns for tile in tiles)
    rows, columns = _ticks(bands, tiles, nested=nested)
    return Mosaic(shape, tuple(tiles), factor, rows, columns)


def is_directional(bands: Sequence[Band]) -> bool:
    """Return whether the bands of a scale are ordered by angle, rather than horizontal, vertical and diagonal."""
    return any(band.angle is not None and band.orientation.endswith("°") for band in bands)


def has_a_cell_for_each(bands: Sequence[Band], *, most_cells: int = MOST_CELLS) -> bool:
    """Return whether the cells are the entries of a mask, one by one and in their order."""
    return layout(bands, most_cells=most_cells).factor == 1 and all(band.parts == 1 for band in bands)


def cells(bands: Sequence[Band], values: np.ndarray, *, most_cells: int = MOST_CELLS) -> np.ndarray:
    """Return the cells' values of a mask (N,), as many as the tiles have: means where a cell has several entries."""
    if has_a_cell_for_each(bands, most_cells=most_cells):
        return values
    mosaic = layout(bands, most_cells=most_cells)
    found = [_reduced(values[band.slice], band, mosaic.factor) for band in bands]
    return np.concatenate(found).astype(values.dtype, copy=False)


def draw(bands: Sequence[Band], values: np.ndarray, *, most_cells: int = MOST_CELLS) -> np.ndarray:
    """Return the mosaic of values (N,) in [0, 1] as an (H', W', 3) uint8 picture; gaps are light grey."""
    mosaic = layout(bands, most_cells=most_cells)
    picture = np.full((*mosaic.shape, 3), 200, dtype=np.uint8)
    colours = _colour_table()[
        np.rint(np.clip(cells(bands, values, most_cells=most_cells), 0, 1) * 255).astype(np.uint8)
    ]
    for tile in mosaic.tiles:
        region = np.s_[tile.row : tile.row + tile.rows, tile.column : tile.column + tile.columns]
        picture[region] = colours[tile.start : tile.stop].reshape(tile.rows, tile.columns, 3)
    return picture


def scale() -> np.ndarray:
    """Return the colours of a mask's entries from 0 to 1, as a picture (1, 256, 3) uint8."""
    return _colour_table()[None]


def _nested(bands: Sequence[Band], sizes: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    (rows, columns), corners = sizes[0], [(0, 0)]
    corner = (0, 0)
    for band, size in zip(bands[1:], sizes[1:], strict=True):
        if band.orientation == "horizontal":  # the first of a scale
            corner = rows + gap, columns + gap
            rows, columns = corner[0] + size[0], corner[1] + size[1]
        corners.append(
            (
                0 if band.orientation == "horizontal" else corner[0],
                0 if band.orientation == "vertical" else corner[1],
            )
        )
    return corners


def _in_rows(bands: Sequence[Band], sizes: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return the corners of bands in full rows, each as long as brings the whole nearest to a square."""
    most = max(Counter((band.scale, band.orientation == "lowpass") for band in bands).values())

    def arranged(across: int) -> tuple[list[tuple[int, int]], float]:
        corners: list[tuple[int, int]] = []
        row, column, in_row, width = 0, 0, 0, 0
        for i, band in enumerate(bands):
            new_scale = i > 0 and (band.scale, band.orientation == "lowpass") != (
                bands[i - 1].scale,
                bands[i - 1].orientation == "lowpass",
            )
            if new_scale or in_row == across:
                row, column, in_row = row + sizes[i - 1][0] + gap, 0, 0
            corners.append((row, column))
            column, in_row = column + sizes[i][1] + gap, in_row + 1
            width = max(width, column)
        return corners, abs(math.log((row + sizes[-1][0]) / width))

    full = [across for across in range(1, most + 1) if most % across == 0]  # which leave no row half empty
    return min((arranged(across) for across in full), key=lambda found: found[1])[0]


def _ticks(bands: Sequence[Band], tiles: Sequence[Tile], *, nested: bool) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
    if nested:
        diagonal = [(tile, str(band.scale)) for band, tile in zip(bands, tiles, strict=True) if band.name[0] == "d"]
        rows = tuple(Tick(tile.row + tile.rows / 2, text) for tile, text in diagonal)
        return rows, tuple(Tick(tile.column + tile.columns / 2, text) for tile, text in diagonal)
    of_scale: dict[int, list[Tile]] = {}
    for band, tile in zip(bands, tiles, strict=True):
        if band.angle is not None:
            of_scale.setdefault(band.scale, []).append(tile)
    middle = {scale: (own[0].row + own[-1].row + own[-1].rows) / 2 for scale, own in of_scale.items()}
    return tuple(Tick(position, str(scale)) for scale, position in middle.items()), ()


def _reduced(values: np.ndarray, band: Band, factor: int) -> np.ndarray:
    """Return means of a band's mask over blocks, row by row; of its first part, which is like the second."""
    rows, columns = band.shape
    picture = values[: rows * columns].reshape(rows, columns).astype(np.float32)
    starts = [np.arange(0, side, factor) for side in band.shape]
    sums = np.add.reduceat(np.add.reduceat(picture, starts[0], axis=0), starts[1], axis=1)
    counts = [np.diff(np.append(start, side)) for start, side in zip(starts, band.shape, strict=True)]
    means: np.ndarray = sums / np.outer(*counts)
    return (means.round() if values.dtype == np.uint8 else means).ravel()


def _colour_table() -> np.ndarray:
    anchors = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in COLOURS])
    positions = np.linspace(0, 255, len(COLOURS))
    table = np.stack([np.interp(np.arange(256), positions, channel) for channel in anchors.T], axis=1)
    levels: np.ndarray = np.rint(table).astype(np.uint8)
    return levels
