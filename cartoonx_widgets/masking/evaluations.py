"""What the classifier returns for a step's samples: made by sampling, read by the two ways to a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers.activations import Activation


class Chunk(NamedTuple):
    """Samples of a step that the classifier sees at once.

    Attributes:
        noisy: Which of the step's noisy samples.
        clean: Whether the clean cartoon is put before them.
        weights: Of all of them in the objective, (s,).
    """

    noisy: slice
    clean: bool
    weights: Tensor


class Evaluation(NamedTuple):
    """What the classifier returns for one chunk: s images for each of B photographs, the clean cartoon first if there.

    Attributes:
        chunk: Which samples.
        noise: What was put where the mask deletes, (B, noisy samples, C or 1, N).
        logits: Of the obfuscated images, (B, s, K).
        measured: What was differentiated, (B, s).
        gradient: Of the sum of `measured` to the images before their clamp, (B, s, C, H, W).
    """

    chunk: Chunk
    noise: Tensor
    logits: Tensor
    measured: Tensor
    gradient: Tensor

    @property
    def of_noisy(self) -> Tensor:
        """Return the gradient to the noisy images alone."""
        return self.gradient[:, int(self.chunk.clean) :]


class CleanCartoon:
    """The last masks whose clean cartoons a step showed to the classifier, and their probabilities.

    Args:
        mask: The first masks, (B, 1, N).
        probabilities: Of the photographs, (B, K).
        activation: Makes probabilities of logits.

    Attributes:
        step: After how many steps these masks stood; None before the first.
        mask: (B, 1, N), written in place.
        probabilities: (B, K), written in place.
    """

    def __init__(self, mask: Tensor, probabilities: Tensor, activation: Activation) -> None:
        self.step: int | None = None
        self.mask, self.probabilities, self._activation = mask, probabilities.clone(), activation

    def keep(self, mask: Tensor, evaluation: Evaluation) -> None:
        """Keep the clean cartoon's probabilities of an evaluation at masks (B, 1, N), if it has one."""
        if evaluation.chunk.clean:
            self.mask.copy_(mask)
            self.probabilities.copy_(self._activation.probabilities(evaluation.logits[:, 0]))
