"""The settings of each step of a run: its learning rate, its penalty weights, and how much of the run remains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from cartoonx_widgets.masking.budget import budgets
from cartoonx_widgets.masking.method import LARGEST_WEIGHT
from cartoonx_widgets.masking.penalties import AreaConstraint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.masking.penalties import Penalty

_LARGEST_EXPONENT = 60.0  # of a growing weight, which is cut off long before


class StepSettings(NamedTuple):
    """What holds in one step.

    Attributes:
        learning_rate: Of Adam: a number on a CPU, a tensor on the device elsewhere.
        remaining: The part of the run that remains, from 1 towards 0, on the device.
        penalty_weights: One for each penalty, (P,), on the device.
        budget: The largest mean that the mask may have, on the device; None without one.
    """

    learning_rate: Tensor | float
    remaining: Tensor
    penalty_weights: Tensor
    budget: Tensor | None


class Schedule:
    """A table of the settings of each step, which lies on the device, so that a captured step finds its own row.

    Args:
        method: The settings of the run.
        penalties: Whose weights the table holds.
        like: A tensor of the run, for its device and its type.
    """

    def __init__(self, method: Method, penalties: Sequence[Penalty], like: Tensor) -> None:
        self._penalties = tuple(penalties)
        self._on_cpu = like.device.type == "cpu"
        self._has_budget = method.keep is not None
        columns = self._columns(method)
        self._learning_rates = columns[:, 0]
        self._table = torch.from_numpy(columns).to(like)

    def update(self, method: Method) -> None:
        """Write the table anew, in place, for a method with as many steps."""
        columns = self._columns(method)
        self._learning_rates = columns[:, 0]
        self._table.copy_(torch.from_numpy(columns))

    def at(self, step: int, step_on_device: Tensor) -> StepSettings:
        """Look up the settings of a step; those beyond the method's number are as the last one.

        Args:
            step: Steps done before it, from 0.
            step_on_device: The same on the device, (1,).
        """
        last = len(self._table) - 1
        row = self._table.index_select(0, step_on_device.clamp(max=last))[0]
        learning_rate = float(self._learning_rates[min(step, last)]) if self._on_cpu else row[0]
        return StepSettings(learning_rate, row[1], row[3:], row[2] if self._has_budget else None)

    def _columns(self, method: Method) -> np.ndarray:
        """Compute the table, (steps, 3 + P): learning rate, what remains, the budget, and the penalty weights."""
        steps = np.arange(method.steps)
        done = steps / method.steps
        rates = np.full(len(steps), method.learning_rate)
        if method.schedule == "cosine":
            rates *= (1 + np.cos(np.pi * done)) / 2
        if method.acceleration:
            rates *= method.acceleration.rise(done)
        columns = [rates, 1 - done, budgets(1.0 if method.keep is None else method.keep, done)]
        for penalty in self._penalties:
            weight = np.full(len(steps), getattr(method, f"lambda_{penalty.name}"))
            if isinstance(penalty, AreaConstraint):
                growth = np.exp(np.minimum(steps * math.log(method.area_growth), _LARGEST_EXPONENT))
                weight = np.minimum(LARGEST_WEIGHT, weight * growth)
            columns.append(weight)
        return np.stack(columns, axis=1)
