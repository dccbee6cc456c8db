"""Gradients of a class's logit at photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.classifiers.errors import ClassifierError

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers.classifier import Classifier

_AT_ONCE = 8  # images that the classifier sees together


def class_gradients(classifier: Classifier, images: Tensor, targets: Tensor, purpose: str) -> Tensor:
    """Return the gradient (B, C, H, W) of each image's class's logit to that image.

    Args:
        classifier: that is explained.
        images: (B, C, H, W); they may leave [0, 1].
        targets: the class of each, (B,).
        purpose: what needs the gradient, for the error.

    Raises:
        ClassifierError: the classifier has no gradient.
    """
    require_gradient(classifier, purpose)
    gradients = []
    for start in range(0, len(images), _AT_ONCE):
        pictures = images[start : start + _AT_ONCE].detach().clone().requires_grad_()
        with torch.enable_grad():
            of_class = classifier(pictures).gather(1, targets[start : start + _AT_ONCE, None])
            gradients.append(torch.autograd.grad(of_class.sum(), pictures)[0])
    return torch.cat(gradients)


def require_gradient(classifier: Classifier, purpose: str) -> None:
    """Refuse a classifier without a gradient.

    Raises:
        ClassifierError: it has none; the message begins with `purpose`.
    """
    if not classifier.differentiable:
        raise ClassifierError(
            f"{purpose} needs the classifier's gradient, and {classifier.name} is a function without one: take "
            "baselines.rise, baselines.sobol_indices or baselines.occlusion, or make the Classifier of its module"
        )
