"""A decision to explain: a photograph, its classifier, and the class in question."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import Classifier, Prediction
from cartoonx_widgets.classifiers.default import default_or_checked

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource


class Case(NamedTuple):
    """A photograph as its classifier takes it, and the class in question.

    Attributes:
        classifier: that is explained; of two classes where the target is a contrast or a score.
        image: the fitted photograph, (1, 3, H, W) in [0, 1], on the classifier's device.
        probabilities: (K,), of the photograph.
        target: the class with its probability.
    """

    classifier: Classifier
    image: Tensor
    probabilities: Tensor
    target: Prediction

    @classmethod
    @neutral()
    def of(cls, image: ImageSource, classifier: Classifier | None, target: Target) -> Case:
        """Fit a photograph to a classifier, the default for None, and classify it.

        Args:
            image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
            classifier: EfficientNet-Lite0 for None.
            target: index or label of a class; two of them, or a score of the logits (see `Classifier.contrast` and
                `Classifier.of_score`); the most probable class for None.

        Raises:
            TypeError: the classifier is none, or the target is none of these.
            ImageError: the image cannot be read, or is too small or too large.
            ValueError: there is no such class, there are not two, or both are the same.
            ClassifierError: the classifier's output is not finite, or the score is none.
        """
        classifier = default_or_checked(classifier)
        tensor = classifier.prepare(image)
        if target is None:
            probabilities = classifier.probabilities(tensor)[0]
            index = int(probabilities.argmax())
        else:
            classifier, index = classifier.resolve(target)
            probabilities = classifier.probabilities(tensor)[0]
        return cls(
            classifier,
            tensor,
            probabilities,
            Prediction(index, classifier.labels[index], float(probabilities[index])),
        )
