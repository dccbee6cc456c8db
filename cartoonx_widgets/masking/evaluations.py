"""What the classifier says of some samples: what sampling makes, and the accelerated descent remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Part(NamedTuple):
    """Samples that the classifier sees at once.

    Attributes:
        noisy: which of the step's noisy samples.
        bare: whether the bare cartoon is put before them.
        weights: of all of them in the objective, (s,).
    """

    noisy: slice
    bare: bool
    weights: Tensor


class Seen(NamedTuple):
    """What the classifier says of one part: s images for each of B photographs, the bare cartoon first if it is there.

    Attributes:
        part: which samples.
        noise: what was put where the mask deletes, (B, noisy samples, C or 1, N).
        logits: of the obfuscated images, (B, s, K).
        measured: what was differentiated, (B, s).
        gradient: of the sum of `measured` to the images before their clamp, (B, s, C, H, W).
    """

    part: Part
    noise: Tensor
    logits: Tensor
    measured: Tensor
    gradient: Tensor

    @property
    def of_noisy(self) -> Tensor:
        """The gradient to the noisy images alone."""
        return self.gradient[:, int(self.part.bare) :]
