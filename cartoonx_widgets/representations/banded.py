"""Products with banded matrices, by small dense blocks.

One level of a separable wavelet synthesis is X = M Y N^T with banded M and N. A convolution moves little data
through many short loops, a dense product wastes most of its multiplications on zeros. Cut into blocks of as many
rows, each over a window of as many columns, it is one batched product, whose factors are views: the windows overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_ROWS, _MOST_ROWS = 24, 96  # of a block: smaller ones are slower than the zeros that they save


class Banded:
    """A matrix (m, n) kept as dense blocks of rows, over windows of columns that start at equal distances."""

    def __init__(self, matrix: Tensor) -> None:
        self._rows = len(matrix)
        self._cut = cut = _cut(matrix)
        blocks = matrix.new_zeros(cut.blocks, cut.rows, cut.width)
        for i, rows in enumerate(matrix.split(cut.rows)):
            blocks[i, : len(rows)] = rows[:, i * cut.step : i * cut.step + cut.width]
        self._blocks, self._transposed = blocks, blocks.mT.contiguous()

    def left(self, x: Tensor) -> Tensor:
        """Return M x of x (n, k), (m, k)."""
        _, _, step, width = self._cut
        count = x.shape[1]
        windows = x.contiguous().as_strided((len(self._blocks), width, count), (step * count, count, 1))
        return torch.bmm(self._blocks, windows).flatten(0, 1)[: self._rows]

    def right(self, x: Tensor) -> Tensor:
        """Return Y M^T of planes side by side, (k, P, n), as planes one after the other, (P, k, m)."""
        _, _, step, width = self._cut
        rows, planes, columns = x.shape
        windows = x.contiguous().as_strided((len(self._blocks), rows * planes, width), (step, columns, 1))
        blocks = torch.bmm(windows, self._transposed).view(len(self._blocks), rows, planes, -1)
        return blocks.permute(2, 1, 0, 3).flatten(2)[..., : self._rows]


def separable(rows: Banded, x: Tensor, columns: Banded) -> Tensor:
    """Return M Y N^T of planes side by side, (k, P, n), as planes one after the other."""
    return columns.right(rows.left(x.flatten(1)).unflatten(1, x.shape[1:]))


class _Cut(NamedTuple):
    """Blocks of `rows` rows, the i-th over `width` columns from i * `step` on."""

    blocks: int
    rows: int
    step: int
    width: int

    @property
    def size(self) -> int:
        """Return how many numbers the blocks have."""
        return self.blocks * self.rows * self.width


def _cut(matrix: Tensor) -> _Cut:
    """Return the cut with the fewest multiplications."""
    count, most = matrix.shape
    used = (matrix != 0).cpu().numpy()
    first, last = used.argmax(1), most - 1 - used[:, ::-1].argmax(1)
    best = _Cut(1, count, most, most)
    for rows in range(_LEAST_ROWS, min(_MOST_ROWS, count)):
        starts = np.minimum.reduceat(first, range(0, count, rows))
        stops = np.maximum.reduceat(last, range(0, count, rows)) + 1
        places = np.arange(len(starts))
        steps = np.arange(1, 1 + min(starts[1:] // places[1:]))
        widths = (stops - steps[:, None] * places).max(1, initial=0)
        fitting = np.flatnonzero(places[-1] * steps + widths <= most)
        if len(fitting):
            i = fitting[widths[fitting].argmin()]
            best = min(best, _Cut(len(starts), rows, int(steps[i]), int(widths[i])), key=lambda cut: cut.size)
    return best
