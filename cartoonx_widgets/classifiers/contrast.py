"""Questions to a classifier beyond its classes: why this one and not that one, or a score of the logits."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

import torch
from torch import nn

from cartoonx_widgets.classifiers.errors import ClassifierError
from cartoonx_widgets.classifiers.probing import logits_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from torch import Tensor

    from cartoonx_widgets.classifiers.activations import ActivationName

    Score = Callable[[Tensor], Tensor]
    Target: TypeAlias = int | str | tuple[int | str, int | str] | Score | None


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


class Questions(ABC):
    """What can be asked of a classifier beyond its classes; each is answered by a classifier of two classes."""

    name: str
    labels: tuple[str, ...]
    n_classes: int
    activation: ActivationName
    channels: int
    size: tuple[int, int] | None
    device: torch.device
    dtype: torch.dtype
    _module: nn.Module

    @abstractmethod
    def __call__(self, image: Tensor) -> Tensor:
        """Compute logits (B, K)."""

    @abstractmethod
    def class_index(self, target: int | str) -> int:
        """Return the index of a class."""

    def contrast(self, first: int | str, second: int | str) -> Self:
        """Return the classifier of "why the first class, and not the second?".

        It has two classes, "A and not B" and "B and not A"; the probability of the first is that of A among both, the
        sigmoid of the difference of their logits. `explain(target=(A, B))` explains it.

        Args:
            first: index or label of the first class.
            second: index or label of the second.

        Raises:
            ValueError: there is no such class, or both are the same.
        """
        indices = self.class_index(first), self.class_index(second)
        if indices[0] == indices[1]:
            raise ValueError(
                f"target=({first!r}, {second!r}) names one class twice: name what it could have been instead"
            )
        one, other = (self.labels[index] for index in indices)
        return self._of_two(Difference(*indices), (f"{one} and not {other}", f"{other} and not {one}"))

    def of_score(self, score: Score, name: str) -> Self:
        """Return the classifier of a question of one's own, such as a group of classes or a similarity to a text.

        It has two classes, `name` and its opposite, and the sigmoid of the score as the probability of the first: a
        score of 0 is undecided. `explain(target=score)` explains it by the function's name.

        Args:
            score: differentiable function from logits (B, K) to one number for each image, (B,).
            name: label for a score above 0.

        Raises:
            TypeError: `score` cannot be called.
            ClassifierError: `score` raises, does not return one number for each image, or has no gradient to the
                logits.

        >>> from cartoonx_widgets import Classifier
        >>> net = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, 4))
        >>> classifier = Classifier(net, labels=["cat", "dog", "cup", "car"], size=32, device="cpu")
        >>> def animal(logits):
        ...     return logits[:, :2].logsumexp(1) - logits[:, 2:].logsumexp(1)
        >>> classifier.of_score(animal, "an animal").labels
        ('an animal', 'not an animal')
        """
        if not callable(score):
            raise TypeError(f"score={score!r} must be a function from logits (B, K) to one number for each image, (B,)")
        made = self._of_two(score, (name, f"not {name}"))
        made._check_score(name)  # noqa: SLF001 - our own
        return made

    def resolve(self, target: Target) -> tuple[Self, int]:
        """Return the classifier that answers what is asked, and the index of its class.

        Args:
            target: index or label; two of them, for "why the first and not the second?"; or a score.

        Raises:
            ValueError: there is no such class, there are not two, or both are the same.
            TypeError: `target` is none of these.
            ClassifierError: the score is not one number for each image, or passes no gradient.
        """
        if isinstance(target, tuple):
            if len(target) != 2:  # noqa: PLR2004
                raise ValueError(f"target={target!r} has {len(target)} classes: give two, the class and what it is not")
            return self.contrast(*target), 0
        if callable(target):
            return self.of_score(target, name_of_score(target)), 0
        return self, self.class_index(target)  # type: ignore[arg-type] # which refuses None

    def _of_two(self, score: Score, labels: tuple[str, str]) -> Self:
        """Return the classifier of a score, whose module shares this one's."""
        made = copy.copy(self)
        made._module = ScoreModule(self._module, score, labels[0])  # noqa: SLF001 - our own
        made.name, made.labels = f"{self.name}: {labels[0]}", labels
        made.n_classes, made.activation = 2, "softmax"
        return made

    def _check_score(self, name: str) -> None:
        """Try a score on two pictures: whether it is one number for each, and depends on the logits."""
        side = self.size or (64, 64)
        generator = torch.Generator().manual_seed(0)
        picture = torch.rand(2, self.channels, *side, generator=generator, dtype=self.dtype)
        picture = picture.to(self.device).requires_grad_()
        try:
            with torch.enable_grad():
                score = self(picture)[:, 0].sum()
                gradient = torch.autograd.grad(score, picture)[0] if score.requires_grad else None
        except ClassifierError:
            raise
        except Exception as error:
            raise ClassifierError(
                f"{name} cannot be explained: it raised {error!r} on the logits of two images"
            ) from error
        if gradient is None or not gradient.isfinite().all() or not gradient.any():
            raise ClassifierError(
                f"{name} passes no gradient to the logits, or none that is finite: compute it by PyTorch's own "
                "functions of the logits, without detach(), item() or numpy()"
            )


def name_of_score(score: Score) -> str:
    """Return what a score is called where nobody says it."""
    return str(getattr(score, "__name__", type(score).__name__))
