"""What is compared: a photograph, a class, and methods, each with the task that runs it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers.default import default_or_checked
from cartoonx_widgets.explanations.case import Case
from cartoonx_widgets.live import HeatMapTask, MaskTask
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.recording.recording import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier, Prediction
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.explanations.method_specs import MethodSpec
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.live import Task


class Asked(NamedTuple):
    """A question as it was asked: the classifier, and the target as `compare` takes it."""

    classifier: Classifier
    target: Target


class Scene(NamedTuple):
    """What stays as it is in a comparison.

    Attributes:
        source: the photograph as it was given.
        case: the same as the classifier takes it, and the class in question.
        specs: the methods.
        seed: of the noise.
        asked: the question.
    """

    source: ImageSource
    case: Case
    specs: Sequence[MethodSpec]
    seed: int
    asked: Asked

    @classmethod
    def of(
        cls,
        image: ImageSource,
        specs: Sequence[MethodSpec],
        *,
        classifier: Classifier | None,
        target: Target,
        seed: int,
    ) -> Scene:
        """Return what is compared, of arguments as `compare` takes them, with methods as its device takes them.

        Raises:
            ImageError: the image cannot be read, or is too small or too large.
            ValueError: there is no such class.
            TypeError: the classifier is none, or the target is none.
            ClassifierError: the classifier's output for the image is not finite.
        """
        asked = Asked(default_or_checked(classifier), target)
        case = Case.of(image, *asked)
        return cls(image, case, [spec.on(case.classifier.device) for spec in specs], seed, asked)

    @property
    def photograph(self) -> str:
        """Return the photograph's name."""
        return name_of(self.source)

    @property
    def image(self) -> Tensor:
        """Return the photograph, (3, H, W) in [0, 1]."""
        return self.case.image[0].cpu()

    @property
    def target(self) -> Prediction:
        """Return the explained class, with its probability for the photograph."""
        return self.case.target

    @property
    def classifier(self) -> str:
        """Return the classifier's name."""
        return self.case.classifier.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the methods, in their order."""
        return tuple(spec.label for spec in self.specs)

    @neutral()
    def tasks(self) -> list[Task]:
        """Return a task for each method, before its first step.

        Raises:
            ValueError: a method does not fit the photograph; a note names it.
        """
        return [self._task(spec) for spec in self.specs]

    def _task(self, spec: MethodSpec) -> Task:
        image, classifier, target = self.case.image, self.case.classifier, self.target.index
        if spec.method is None:
            return HeatMapTask(partial(spec.explain, self.source, classifier=classifier, target=target))
        try:
            return MaskTask(Optimization(image, classifier, [target], spec.method, seed=self.seed), self.seed)
        except ValueError as error:
            error.add_note(f"(in {spec.label})")
            raise
