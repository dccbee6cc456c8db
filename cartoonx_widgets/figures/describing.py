"""What figures say of an explanation: how it was made, its classes, and the share that it keeps of each band."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.explanations.explained import Explained
    from cartoonx_widgets.representations import Band

_MOST_NAMED = 16


def details(explanation: Explained) -> str:
    """Return what the explanation was made with, in a line."""
    return (
        f"{explanation.method.name}, {explanation.classifier}, {explanation.steps_done} steps, seed {explanation.seed}"
    )


def with_probability(prediction: Prediction) -> str:
    """Return a class with its probability, such as "espresso 0.95"."""
    return f"{prediction.label} {prediction.probability:.2f}"


def shares(bands: Sequence[Band], mask: Tensor) -> dict[str, float]:
    """Return the mean of a mask (N,), for each band or, where there are more than 16, for each scale."""
    parts: dict[str, list[Tensor]] = defaultdict(list)
    for band in bands:
        by_scale = len(bands) > _MOST_NAMED and band.orientation != "lowpass"
        parts[f"scale {band.scale}" if by_scale else band.name].append(mask[band.slice])
    return {name: float(torch.cat(values).mean()) for name, values in parts.items()}
