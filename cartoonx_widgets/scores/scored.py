"""What scores need to know of an explanation, or of a frame of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction


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
