"""Indices that are spread over a range, where not all can be shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def evenly_spaced(count: int, most: int) -> npt.NDArray[np.intp]:
    """Return at most `most` indices of `count` items in even steps, first and last among them; of one, the last.

    >>> evenly_spaced(10, 4).tolist(), evenly_spaced(2, 4).tolist(), evenly_spaced(10, 1).tolist()
    ([0, 3, 6, 9], [0, 1], [9])
    """
    return np.unique(np.linspace(max(count - 1, 0), 0, min(count, most)).round().astype(np.intp))


def log_spaced(first: int, last: int, most: int) -> npt.NDArray[np.intp]:
    """Return at most `most` whole numbers from `first` >= 1 to `last`, evenly spaced on a logarithmic axis.

    >>> log_spaced(1, 100, 5).tolist()
    [1, 3, 10, 32, 100]
    """
    return np.unique(np.geomspace(first, last, most).round().astype(np.intp))
