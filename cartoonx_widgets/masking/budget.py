"""A budget in place of a penalty weight: at most a share of the coefficients is kept, by projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from torch import Tensor

_HALVINGS = 24
_REACHED = 0.5  # part of the run after which the whole budget holds


def budgets(keep: float, done: np.ndarray) -> np.ndarray:
    """Return the budget of each step: it falls from 1 to `keep` over the first half of the run, by powers.

    Args:
        keep: the share that may be kept in the end.
        done: the part of the run that is done before each step, in [0, 1].
    """
    found: np.ndarray = keep ** np.minimum(1.0, done / _REACHED)
    return found


def project(parameters: Tensor, keep: Tensor) -> Tensor:
    """Return the nearest masks in [0, 1] whose mean is at most `keep`.

    They are the masks less one number, clamped to [0, 1]; it is found by halving, so that nothing is read back from
    the device.

    Args:
        parameters: (B, 1, N), of any size.
        keep: in (0, 1], on the same device.

    >>> project(torch.tensor([[[0.9, 0.5, 0.1, 1.5]]]), torch.tensor(0.25))
    tensor([[[0.2000, 0.0000, 0.0000, 0.8000]]])
    """
    low = torch.zeros_like(parameters[..., :1])
    high = parameters.amax(-1, keepdim=True).clamp(min=0)
    fits = parameters.clamp(0, 1).mean(-1, keepdim=True) <= keep
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = (parameters - middle).clamp(0, 1).mean(-1, keepdim=True) <= keep
        low, high = torch.where(enough, low, middle), torch.where(enough, middle, high)
    return (parameters - torch.where(fits, 0.0, high)).clamp(0, 1)
