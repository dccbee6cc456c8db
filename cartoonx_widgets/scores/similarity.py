"""How alike explanations of one photograph are."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from cartoonx_widgets.sparsity import ssim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.explanations.explanation import Explanation


class Similarity(NamedTuple):
    """How alike two explanations are, or on average several.

    Attributes:
        mask: Pearson's correlation of the masks' entries, in [-1, 1]; NaN where a mask is constant.
        cartoon: SSIM of the cartoons, at most 1.
    """

    mask: float
    cartoon: float


def similarity(one: Explanation, other: Explanation) -> Similarity:
    """Return how alike two explanations of the same photograph by the same representation are.

    Raises:
        ValueError: their masks or cartoons are of different sizes.
    """
    if one.mask.shape != other.mask.shape or one.cartoon.shape != other.cartoon.shape:
        raise ValueError(
            f"explanations with masks of {one.mask.numel()} and {other.mask.numel()} entries cannot be compared: take "
            "two of one photograph and one representation"
        )
    masks = torch.stack([one.mask, other.mask]).double()
    constant = bool((masks.std(1, correction=0) == 0).any())
    correlation = math.nan if constant else float(torch.corrcoef(masks)[0, 1])
    return Similarity(correlation, ssim(one.cartoon, other.cartoon))


def stability(explanations: Sequence[Explanation]) -> Similarity:
    """Return how alike explanations that differ in their seed alone are: the mean over all pairs; 1 is stable.

    Args:
        explanations: two or more, such as `[explain(image, seed=seed) for seed in range(5)]`.

    Raises:
        ValueError: fewer than two, or some that cannot be compared.
    """
    if len(explanations) < 2:  # noqa: PLR2004
        raise ValueError(f"explanations has {len(explanations)} entries; two or more are needed to compare")
    pairs = [similarity(one, other) for one, other in itertools.combinations(explanations, 2)]
    return Similarity(*(float(np.mean(values)) for values in zip(*pairs, strict=True)))
