"""What a run has left, below the files, pictures and pages that are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cartoonx_widgets.classifiers import Prediction
from cartoonx_widgets.explanations.outcome import Outcome
from cartoonx_widgets.recording.frame import newest_classified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.classifiers.activations import ActivationName
    from cartoonx_widgets.recording.frame import Frame
    from cartoonx_widgets.representations import Representation, Transform


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordedRun:
    """What a run has left: all that a recording holds, but for its files, pictures and pages, which are made of it.

    Its attributes are those that `Recording` describes.
    """

    image: Tensor
    representation: Representation
    transform: Transform
    coefficients: Tensor
    labels: Sequence[str]
    probabilities: np.ndarray
    target: int
    frames: tuple[Frame, ...]
    curves: Mapping[str, np.ndarray]
    steps: int
    photograph: str
    method: str
    settings: Mapping[str, Any]
    classifier: str
    seed: int
    warning: str
    activation: ActivationName = "softmax"

    def summary(self, frame: int = -1) -> str:
        """Return one sentence on whether a frame's cartoon keeps the class, and whether its rest does.

        Raises:
            ValueError: there is no such frame.
        """
        return self.outcome(frame).sentence

    def outcome(self, frame: int = -1) -> Outcome:
        """Return a frame's probabilities, share kept and most probable classes, of which `summary` makes a sentence.

        Raises:
            ValueError: there is no such frame.
        """
        shown = self.frame(frame)
        return Outcome(
            self._prediction(self.target, self.probabilities),
            float(shown.probabilities[self.target]),
            shown.share_kept,
            self._prediction(int(shown.probabilities.argmax()), shown.probabilities),
            self.activation,
            *self._outcome_of_rest(shown),
        )

    def frame(self, index: int) -> Frame:
        """Return a frame by its index, which counts from the end where it is negative.

        Raises:
            ValueError: there is no such frame.
        """
        if not -len(self.frames) <= index < len(self.frames):
            raise ValueError(f"frame={index!r} must be one of the {len(self.frames)} frames, from 0 on")
        return self.frames[index]

    def classified(self, frame: Frame) -> Frame | None:
        """Return the newest frame up to this one whose rest was classified; None where none was."""
        return newest_classified([one for one in self.frames if one.step <= frame.step])

    def pictures(self, frame: Frame) -> tuple[Tensor, Tensor]:
        """Return cartoon and rest of one of its frames, (C, H, W) in [0, 1] each, by one synthesis."""
        return frame.pictures(self.image, self.coefficients, self.transform)

    def cartoon(self, frame: int = -1) -> Tensor:
        """Return the cartoon (C, H, W) in [0, 1] of a frame.

        Raises:
            ValueError: there is no such frame.
        """
        return self.frame(frame).cartoon(self.coefficients, self.transform)

    def rest(self, frame: int = -1) -> Tensor:
        """Return the photograph without what a frame keeps, (C, H, W) in [0, 1].

        Raises:
            ValueError: there is no such frame.
        """
        return self.frame(frame).rest(self.coefficients, self.transform)

    def _outcome_of_rest(self, shown: Frame) -> tuple[float | None, Prediction | None]:
        rest = shown.probabilities_rest
        return (None, None) if rest is None else (float(rest[self.target]), self._prediction(int(rest.argmax()), rest))

    def _prediction(self, index: int, probabilities: np.ndarray) -> Prediction:
        return Prediction(index, self.labels[index], float(probabilities[index]))
