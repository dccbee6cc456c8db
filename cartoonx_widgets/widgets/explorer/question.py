"""What an explorer asks of its classifier: a class, a class and not another one, or a score of the logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from cartoonx_widgets.classifiers.contrast import name_of_score
from cartoonx_widgets.masking.optimization import Optimization

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier, Prediction
    from cartoonx_widgets.classifiers.contrast import Score, Target
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.recording.recorded_run import RecordedRun


class Question(NamedTuple):
    """What is asked of a classifier.

    Attributes:
        classifier: that is asked.
        target: index of the class; None where a score is asked for.
        versus: index of the class that it is not; None without one.
        score: of the logits; None without one.
    """

    classifier: Classifier
    target: int | None = None
    versus: int | None = None
    score: Score | None = None

    @classmethod
    def of(cls, classifier: Classifier, target: Target, image: Tensor | None = None) -> Question:
        """Return the question of a target; None is the most probable class of an image, (1, C, H, W), if one is given.

        Raises:
            ValueError: there is no such class, or there are not two.
            TypeError: the target is neither a class, nor a pair, nor a function.
        """
        if target is None and image is not None:
            return cls(classifier, int(classifier.probabilities(image)[0].argmax()))
        if isinstance(target, tuple):
            classifier.resolve(target)  # which checks it
            first, second = map(classifier.class_index, target)
            return cls(classifier, first, second)
        if callable(target):
            return cls(classifier, score=target)
        return cls(classifier, classifier.resolve(target)[1])

    @property
    def asked(self) -> Target:
        """Return the target as `explain` takes it."""
        if self.score is not None or self.target is None:
            return self.score
        return self.target if self.versus is None else (self.target, self.versus)

    @property
    def name(self) -> str:
        """Return what a score is called; "" where classes are asked for."""
        return "" if self.score is None else name_of_score(self.score)

    def optimization(self, image: Tensor, method: Method, seed: int) -> Optimization:
        """Return the run that answers it for an image, (1, C, H, W).

        Raises:
            ClassifierError: the score is not one number for each image, or passes no gradient.
        """
        classifier, index = self.classifier.resolve(self.asked)
        return Optimization(image, classifier, [index], method, seed=seed)

    def top(self, recording: RecordedRun) -> Sequence[Prediction]:
        """Return the photograph's most probable classes, of all that the classifier has."""
        if self.versus is None and self.score is None:
            return self.classifier.top(torch.from_numpy(recording.probabilities))
        return self.classifier.top(self.classifier.probabilities(recording.image[None])[0])
