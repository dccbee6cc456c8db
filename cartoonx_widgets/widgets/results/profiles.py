"""On which scales lies what each method keeps: the mean scale profiles of a study's records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cartoonx_widgets.widgets.results.messages import MeanProfile, MethodProfiles

COLUMNS = ("profile_mask", "profile_energy")
"""The columns of records that hold profiles."""


def mean_profiles(
    profiles: Mapping[str, Sequence[Sequence[float]]], method: np.ndarray, right: np.ndarray, *, methods: int
) -> list[MethodProfiles]:
    """Return the mean profiles of each method, of right decisions and of wrong ones.

    A method has as many scales as most of its records have; the others do not count. Nor do those without a profile:
    of errors, of an empty mask, and of version 0.5.

    Args:
        profiles: of each record, by column; empty where it is not known.
        method: index of each record's method.
        right: 1 where a record's photograph was decided rightly, -1 where wrongly, 0 where that is not known.
        methods: how many there are.
    """
    masks, energies = (profiles[name] for name in COLUMNS)
    found: list[MethodProfiles] = []
    for index in range(methods):
        rows = [row for row in np.flatnonzero(method == index).tolist() if sum(masks[row]) > 0]
        [(scales, _)] = Counter(len(masks[row]) for row in rows).most_common(1) or [(0, 0)]
        same = np.array([row for row in rows if len(masks[row]) == scales], dtype=int)
        parts = [same, same[right[same] > 0], same[right[same] < 0]]
        of_all, of_right, of_wrong = (_mean([masks[i] for i in part], [energies[i] for i in part]) for part in parts)
        found.append({"scales": scales, "all": of_all, "right": of_right, "wrong": of_wrong})
    return found


def _mean(masks: Sequence[Sequence[float]], energies: Sequence[Sequence[float]]) -> MeanProfile:
    mask, energy = (np.mean(values, axis=0).tolist() if values else [] for values in (masks, energies))
    return {"count": len(masks), "mask": _short(mask), "energy": _short(energy)}


def _short(values: Sequence[float]) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
