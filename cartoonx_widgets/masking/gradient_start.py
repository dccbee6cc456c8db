"""A start of the mask at the quantiles of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.classifiers.gradients import class_gradients

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.masks import MaskModel
    from cartoonx_widgets.representations import Transform

_ROUNDING = 1e-6  # of the largest gradient


def gradient_start(
    mask: MaskModel, transform: Transform, *, classifier: Classifier, image: Tensor, targets: Tensor
) -> Tensor:
    """Return parameters (B, 1, P) in [0, 1] that say how many others have a smaller gradient.

    StartGrad (Uendes, Yu and Hoogendoorn, ICLR 2025, algorithm 1): an entry starts at the share of all entries whose
    gradient is smaller in absolute value, so that the mask begins with a mean of about one half, and keeps most what
    the class's logit depends on most. The gradient is that to the coefficients, the root of the sum of squares over
    the colours; that of a smooth mask's parameter is the sum of those under its bump.

    Args:
        mask: how the mask is parametrised.
        transform: the representation at this size.
        classifier: that is explained.
        image: the photographs, (B, C, H, W).
        targets: the class of each, (B,).

    Raises:
        ClassifierError: the classifier has no gradient.
    """
    gradient = transform.adjoint(class_gradients(classifier, image, targets, "A start by the gradient"))
    size = transform.tie(gradient.square().sum(1, keepdim=True)).sqrt()
    parameters = mask.start(transform, len(image)).requires_grad_()
    with torch.enable_grad():
        (of_parameters,) = torch.autograd.grad(mask.mask(parameters, transform), parameters, size)
    # What is only rounding has no order.
    of_parameters = of_parameters.where(of_parameters > _ROUNDING * of_parameters.amax(-1, keepdim=True), 0.0)
    ordered = of_parameters.sort(-1).values
    smaller = torch.searchsorted(ordered, of_parameters.contiguous())
    return smaller.to(size) / max(1, of_parameters.shape[-1] - 1)
