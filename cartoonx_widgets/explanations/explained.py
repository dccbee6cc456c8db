"""What scores and figures need to know of an explanation: its own module calls them, so they do not import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Transform


class Scored(Protocol):
    """An explanation or a frame, as far as scores need it that need neither classifier nor another run."""

    @property
    def image(self) -> Tensor:
        """Return the photograph, (C, H, W) in [0, 1]."""
        ...

    @property
    def cartoon(self) -> Tensor:
        """Return the cartoon, (C, H, W) in [0, 1]."""
        ...

    @property
    def coefficients(self) -> Tensor:
        """Return the photograph's coefficients, (C, N)."""
        ...

    @property
    def mask(self) -> Tensor:
        """Return the mask, (N,) in [0, 1]."""
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
    def share_kept(self) -> float:
        """Return the mean mask entry, in [0, 1]."""
        ...


class Explained(Scored, Protocol):
    """An explanation, as far as figures need it."""

    @property
    def rest(self) -> Tensor:
        """Return the photograph without what is kept, (C, H, W) in [0, 1]."""
        ...

    @property
    def transform(self) -> Transform:
        """Return the representation at this size, with its bands."""
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
