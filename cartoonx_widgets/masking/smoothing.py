"""Averages over neighbours within each band, as products with matrices, which are faster than pooling."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.representations.banded import Separable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.representations import Band, Transform

_NEIGHBOURHOOD = 5
_SMALL = 64  # pixels a side up to which bands are averaged together, whatever their shapes


class Smoothing:
    """Averages over 5 x 5 neighbours within each band, fewer at its border: along its rows and then its columns."""

    def __init__(self, transform: Transform) -> None:
        # Bands that follow each other are averaged together, where they are small or alike.
        groups = itertools.groupby(transform.bands, key=lambda band: max(band.shape) > _SMALL and band.shape)
        runs = [list(run) for _, run in groups]
        self._lengths = [run[-1].stop - run[0].start for run in runs]
        self._averages = [
            (_Alike if len({band.shape for band in run}) == 1 else _Small)(run, transform) for run in runs
        ]

    def __call__(self, values: Tensor) -> Tensor:
        """Return averages (B, 1, N) of values (B, 1, N)."""
        runs = zip(self._averages, torch.split(values[:, 0], self._lengths, dim=1), strict=True)
        return torch.cat([average(run) for average, run in runs], dim=1)[:, None]


class _Alike:
    """Averages of bands of one shape, (B, n)."""

    def __init__(self, bands: Sequence[Band], transform: Transform) -> None:
        self._shape = bands[0].shape
        rows, columns = (_averaging(side).to(transform.dtype).to(transform.device) for side in self._shape)
        self._average = Separable(rows, columns)

    def __call__(self, values: Tensor) -> Tensor:
        planes = values.reshape(-1, *self._shape)
        return self._average(planes.transpose(0, 1)).reshape(values.shape)


class _Small:
    """Averages of bands of several shapes, (B, n), each in the corner of a plane."""

    def __init__(self, bands: Sequence[Band], transform: Transform) -> None:
        shapes = [band.shape for band in bands for _ in range(band.parts)]
        height, width = (max(sides) for sides in zip(*shapes, strict=True))
        of_rows, of_columns = (torch.zeros(len(shapes), side, side, dtype=torch.float64) for side in (height, width))
        for i, (rows, columns) in enumerate(shapes):
            of_rows[i, :rows, :rows] = _averaging(rows)
            of_columns[i, :columns, :columns] = _averaging(columns).T
        self._rows, self._columns = (each.to(transform.dtype).to(transform.device) for each in (of_rows, of_columns))
        numbers = torch.arange(len(shapes) * height * width, device=transform.device).view(-1, height, width)
        places = [plane[:rows, :columns] for plane, (rows, columns) in zip(numbers, shapes, strict=True)]
        self._planes, self._places = numbers.shape, torch.cat([place.flatten() for place in places])

    def __call__(self, values: Tensor) -> Tensor:
        planes = values.new_zeros(len(values), self._planes.numel()).index_copy_(1, self._places, values)
        averages = self._rows @ planes.view(-1, *self._planes) @ self._columns
        return averages.flatten(1).index_select(1, self._places)


def _averaging(side: int) -> Tensor:
    """Return (side, side) that averages each entry of a line with its neighbours."""
    positions = torch.arange(side)
    near = ((positions[:, None] - positions).abs() <= _NEIGHBOURHOOD // 2).double()
    return near / near.sum(1, keepdim=True)
