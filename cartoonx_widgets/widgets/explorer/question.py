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
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.recording.recorded_run import RecordedRun


class Question(NamedTuple):
    """What is asked of a classifier, and which classifier answers it.

    Attributes:
        classifier: that is asked.
        asked: the target as `explain` takes it: an index, a pair of them, or a score of the logits.
        answering: the classifier itself, or one of two classes where a pair or a score is asked for.
        answer: index of the class in question among its own.
    """

    classifier: Classifier
    asked: Target
    answering: Classifier
    answer: int

    @classmethod
    def of(cls, classifier: Classifier, target: Target, image: Tensor | None = None) -> Question:
        """Return the question of a target; None is the most probable class of an image, (1, C, H, W), if one is given.

        Raises:
            ValueError: there is no such class, or there are not two.
            TypeError: the target is neither a class, nor a pair, nor a function.
            ClassifierError: a score is not one number for each image, or passes no gradient.
        """
        if target is None and image is not None:
            target = int(classifier.probabilities(image)[0].argmax())
        answering, answer = classifier.resolve(target)
        if isinstance(target, tuple):
            target = classifier.class_index(target[0]), classifier.class_index(target[1])
        elif not callable(target):
            target = answer
        return cls(classifier, target, answering, answer)

    @property
    def target(self) -> int | None:
        """Return the index of the class; None where a score is asked for."""
        first = self.asked[0] if isinstance(self.asked, tuple) else self.asked
        return first if isinstance(first, int) else None

    @property
    def versus(self) -> int | None:
        """Return the index of the class that it is not; None without one."""
        return self.classifier.class_index(self.asked[1]) if isinstance(self.asked, tuple) else None

    @property
    def name(self) -> str:
        """Return what a score is called; "" where classes are asked for."""
        return name_of_score(self.asked) if callable(self.asked) else ""

    def optimization(self, image: Tensor, method: Method, seed: int) -> Optimization:
        """Return the run that answers it for an image, (1, C, H, W)."""
        return Optimization(image, self.answering, [self.answer], method, seed=seed)

    def top(self, recording: RecordedRun) -> Sequence[Prediction]:
        """Return the photograph's most probable classes, of all that the classifier has."""
        if self.answering is self.classifier:
            return self.classifier.top(torch.from_numpy(recording.probabilities))
        return self.classifier.top(self.classifier.probabilities(recording.image[None])[0])
