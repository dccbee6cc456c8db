"""What figures need of an explanation, and the share that it keeps of each band."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Band, Transform

_MOST_NAMED = 16


class Explained(Protocol):
    """An explanation, as far as figures need it: its own module calls them, so they do not import it."""

    @property
    def image(self) -> Tensor:
        """Return the photograph, (C, H, W) in [0, 1]."""
        ...

    @property
    def cartoon(self) -> Tensor:
        """Return the cartoon, (C, H, W) in [0, 1]."""
        ...

    @property
    def rest(self) -> Tensor:
        """Return the photograph without what is kept, (C, H, W) in [0, 1]."""
        ...

    @property
    def mask(self) -> Tensor:
        """Return the mask, (N,) in [0, 1]."""
        ...

    @property
    def transform(self) -> Transform:
        """Return the representation at this size, with its bands."""
        ...

    @property
    def target(self) -> Prediction:
        """Return the explained class, with its probability for the photograph."""
        ...

    @property
    def probability(self) -> float:
        """Return the explained class's probability for the cartoon, in [0, 1]."""
        ...

    @property
    def probability_rest(self) -> float:
        """Return the explained class's probability for the rest, in [0, 1]."""
        ...

    @property
    def photograph_top(self) -> Sequence[Prediction]:
        """Return the photograph's most probable classes."""
        ...

    @property
    def cartoon_top(self) -> Sequence[Prediction]:
        """Return the cartoon's most probable classes."""
        ...

    @property
    def rest_top(self) -> Sequence[Prediction]:
        """Return the rest's most probable classes."""
        ...

    @property
    def curves(self) -> Mapping[str, np.ndarray]:
        """Return the curves by name, (steps,) each."""
        ...

    @property
    def summary(self) -> str:
        """Return the outcome in one sentence."""
        ...

    @property
    def warning(self) -> str:
        """Return what went wrong and its remedy, or ""."""
        ...

    @property
    def method(self) -> Method:
        """Return the method that was run."""
        ...

    @property
    def classifier(self) -> str:
        """Return the classifier's name."""
        ...

    @property
    def steps_done(self) -> int:
        """Return how many steps were taken."""
        ...

    @property
    def seed(self) -> int:
        """Return the seed of the noise."""
        ...


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
