"""A classifier of two classes, a question of one's own and its opposite: why this class and not that one?"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import nn

from cartoonx_widgets.classifiers.errors import ClassifierError
from cartoonx_widgets.classifiers.probing import logits_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from cartoonx_widgets.classifiers.classifier import Classifier

    Score = Callable[[Tensor], Tensor]


class ScoreModule(nn.Module):
    """Returns a score of a module's logits and 0, as the logits of two classes.

    Args:
        module: from normalised images to logits (B, K).
        score: from logits (B, K) to (B,), differentiable.
        name: for errors.
    """

    def __init__(self, module: nn.Module, score: Score, name: str) -> None:
        super().__init__()
        self.module, self.score, self.original_name = module, score, name

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, 2).

        Raises:
            ClassifierError: the score is not one number for each image.
        """
        logits = logits_of(self.module(images), self.original_name)
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))  # a difference in bfloat16 is coarse
        score = self.score(logits)
        if not isinstance(score, torch.Tensor) or score.shape != logits.shape[:1]:
            returned = f"shape {tuple(score.shape)}" if isinstance(score, torch.Tensor) else type(score).__name__
            raise ClassifierError(
                f"{self.original_name} returned {returned} for logits of shape {tuple(logits.shape)}: return one "
                f"number for each image, a tensor of shape ({len(logits)},)"
            )
        return torch.stack([score, torch.zeros_like(score)], dim=1)


class Difference(nn.Module):
    """The logit of one class minus that of another."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__()
        self._first, self._second = first, second

    def forward(self, logits: Tensor) -> Tensor:
        """Return the difference (B,) of logits (B, K)."""
        return logits[:, self._first] - logits[:, self._second]


def of_score(classifier: Classifier, score: Score, name: str) -> Classifier:
    """Return what `Classifier.of_score` describes."""
    if not callable(score):
        raise TypeError(f"score={score!r} must be a function from logits (B, K) to one number for each image, (B,)")
    made = _of_two(classifier, score, (name, f"not {name}"))
    _check_score(made, name)
    return made


def contrast(classifier: Classifier, first: int | str, second: int | str) -> Classifier:
    """Return what `Classifier.contrast` describes."""
    indices = classifier.class_index(first), classifier.class_index(second)
    if indices[0] == indices[1]:
        raise ValueError(f"target=({first!r}, {second!r}) names one class twice: name what it could have been instead")
    one, other = (classifier.labels[index] for index in indices)
    return _of_two(classifier, Difference(*indices), (f"{one} and not {other}", f"{other} and not {one}"))


def name_of_score(score: Score) -> str:
    """Return what a score is called where nobody says it."""
    return str(getattr(score, "__name__", type(score).__name__))


def resolve(classifier: Classifier, target: object) -> tuple[Classifier, int]:
    """Return the classifier that answers what is asked, and the index of its class.

    Args:
        classifier: that is explained.
        target: index or label; two of them, for "why the first and not the second?"; or a score.

    Raises:
        ValueError: there is no such class, there are not two, or both are the same.
        TypeError: none of them.
        ClassifierError: the score is not one number for each image, or passes no gradient.
    """
    if isinstance(target, tuple):
        if len(target) != 2:  # noqa: PLR2004
            raise ValueError(f"target={target!r} has {len(target)} classes: give two, the class and what it is not")
        return contrast(classifier, *target), 0
    if callable(target):
        return of_score(classifier, target, name_of_score(target)), 0
    return classifier, classifier.class_index(target)  # type: ignore[arg-type]


def _of_two(classifier: Classifier, score: Score, labels: tuple[str, str]) -> Classifier:
    """Return the classifier of a score, whose module shares the other's."""
    made = copy.copy(classifier)
    made._module = ScoreModule(classifier.module, score, labels[0])  # noqa: SLF001 - our own
    made.name, made.labels = f"{classifier.name}: {labels[0]}", labels
    made.n_classes, made.activation = 2, "softmax"
    return made


def _check_score(classifier: Classifier, name: str) -> None:
    """Try a score on a picture: whether it is one number for each image, and depends on the logits."""
    side = classifier.size or (64, 64)
    picture = torch.rand(
        2, classifier.channels, *side, generator=torch.Generator().manual_seed(0), dtype=classifier.dtype
    )
    picture = picture.to(classifier.device).requires_grad_()
    try:
        with torch.enable_grad():
            score = classifier(picture)[:, 0].sum()
            gradient = torch.autograd.grad(score, picture)[0] if score.requires_grad else None
    except ClassifierError:
        raise
    except Exception as error:
        raise ClassifierError(f"{name} cannot be explained: it raised {error!r} on the logits of two images") from error
    if gradient is None or not gradient.isfinite().all() or not gradient.any():
        raise ClassifierError(
            f"{name} passes no gradient to the logits, or none that is finite: compute it by PyTorch's own "
            "functions of the logits, without detach(), item() or numpy()"
        )
