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

_LEAST_ROWS, _MOST_ROWS = 16, 64  # of a block: smaller ones are slower than the zeros that they save


class Separable:
    """The linear map X = M Y N^T of many planes at once, with banded M (H, h) and N (W, w), and its adjoint.

    X has its planes one after the other, Y side by side, so that both products need no copy of their own.
    """

    def __init__(self, rows: Tensor, columns: Tensor) -> None:
        self._rows, self._columns = _Banded(rows), _Banded(columns)
        self._rows_adjoint, self._columns_adjoint = _Banded(rows.T), _Banded(columns.T)

    def __call__(self, planes: Tensor) -> Tensor:
        """Return X (P, H, W) of Y (h, P, w)."""
        return self._columns.joined(self._columns.right(self._rows.left(planes)).transpose(0, 1))

    def adjoint(self, planes: Tensor) -> Tensor:
        """Return Y (h, P, w) of X (P, H, W)."""
        return self._columns_adjoint.joined(
            self._rows_adjoint.left(self._columns_adjoint.right(planes).transpose(0, 1))
        )


class _Banded:
    """A matrix (m, n) kept as dense blocks of rows, over windows of columns that start at equal distances."""

    def __init__(self, matrix: Tensor) -> None:
        self._rows, columns = matrix.shape
        self._cut = cut = _cut(matrix)
        padded = matrix.new_zeros(cut.blocks * cut.rows, max(cut.length, cut.before + columns))
        padded[: self._rows, cut.before : cut.before + columns] = matrix
        starts = range(0, cut.blocks * cut.rows, cut.rows)
        self._blocks = torch.stack([padded[i : i + cut.rows, i : i + cut.width] for i in starts])
        self._transposed = self._blocks.mT.contiguous()

    def left(self, x: Tensor) -> Tensor:
        """Return M x of x (n, ...), (m, ...)."""
        cut, columns = self._cut, self._extended(x, 0).flatten(1)
        k = columns.shape[1]
        windows = columns.as_strided((cut.blocks, cut.width, k), (cut.rows * k, k, 1))
        return torch.bmm(self._blocks, windows).view(-1, *x.shape[1:])[: self._rows]

    def right(self, x: Tensor) -> Tensor:
        """Return x M^T of x (a, b, n), as a view in blocks (a, b, blocks, rows) that `joined` puts together."""
        cut, rows = self._cut, self._extended(x, 2).flatten(0, 1)
        windows = rows.as_strided((cut.blocks, len(rows), cut.width), (cut.rows, rows.shape[1], 1))
        return torch.bmm(windows, self._transposed).view(cut.blocks, *x.shape[:2], cut.rows).permute(1, 2, 0, 3)

    def joined(self, blocks: Tensor) -> Tensor:
        """Return (a, b, m) of blocks (a, b, blocks, rows)."""
        return blocks.flatten(2)[..., : self._rows]

    def _extended(self, x: Tensor, dim: int) -> Tensor:
        """Return x with zeros around it along an axis, as far as windows reach, contiguous."""
        cut, size = self._cut, list(x.shape)
        if not cut.before and cut.length <= size[dim]:
            return x.contiguous()
        size[dim] = max(cut.length, cut.before + size[dim])
        extended = x.new_zeros(size)
        extended.narrow(dim, cut.before, x.shape[dim]).copy_(x)
        return extended


class _Cut(NamedTuple):
    """Blocks of `rows` rows, the i-th over `width` columns from i * `rows` - `before` on."""

    blocks: int
    rows: int
    before: int
    width: int

    @property
    def length(self) -> int:
        """Return how many columns there are, from the start of the first window to the end of the last."""
        return (self.blocks - 1) * self.rows + self.width


def _cut(matrix: Tensor) -> _Cut:
    """Return the cut with the fewest multiplications, of those that need no zeros around if it is nearly as good."""
    count, most = matrix.shape
    used = (matrix != 0).cpu().numpy()
    first, last = used.argmax(1), most - 1 - used[:, ::-1].argmax(1)
    cuts = [_Cut(1, count, 0, most)]
    for rows in range(_LEAST_ROWS, min(_MOST_ROWS, count)):
        starts = np.arange(0, count, rows)
        before = max(0, int((starts - np.minimum.reduceat(first, starts)).max()))
        width = before + int((np.maximum.reduceat(last, starts) + 1 - starts).max())
        cuts.append(_Cut(len(starts), rows, before, width))
    return min(cuts, key=lambda cut: cut.blocks * cut.rows * cut.width * (1 + 0.1 * (cut.before + most < cut.length)))
