"""Gradients of a class's logit to the coefficients of photographs.

With synthesis A, the gradient to the coefficients is A* of the gradient at the picture. So what is averaged over many
pictures is averaged at the picture, and carried over to the coefficients once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cartoonx_widgets.classifiers.gradients import class_gradients

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.representations import Transform

_AT_ONCE = 8  # images that are made together
_PURPOSE = "This explanation"


def to_coefficients(classifier: Classifier, images: Tensor, targets: Tensor, transform: Transform) -> Tensor:
    """Return the gradients (B, C, N) of each image's class's logit to its coefficients (ICML 2025, section 3).

    The images of a batch do not influence each other.

    Args:
        classifier: that is explained.
        images: (B, C, H, W).
        targets: the class of each, (B,).
        transform: the representation at this size, on the images' device.

    Raises:
        ClassifierError: the classifier has no gradient.
    """
    return transform.adjoint(class_gradients(classifier, images, targets, _PURPOSE))


def mean_from_black(classifier: Classifier, image: Tensor, target: int, steps: int) -> Tensor:
    """Return the mean gradient (C, H, W) on the straight line from a black picture to `image` (1, C, H, W).

    By Gauss and Legendre's rule with `steps` nodes in the root of the place on the line: near black, where the picture
    gets its contrast, the logits of networks change most, and the nodes are densest.
    """
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    roots = (1 + nodes) / 2
    mean = torch.zeros_like(image[0])
    for places, shares in zip(_chunks(roots**2), _chunks(weights * roots), strict=True):
        images = image * torch.as_tensor(places, device=image.device, dtype=image.dtype)[:, None, None, None]
        gradients = class_gradients(classifier, images, _classes(target, images), _PURPOSE)
        mean += torch.einsum("s,schw->chw", torch.as_tensor(shares).to(gradients), gradients)
    return mean


def mean_with_noise(
    classifier: Classifier, image: Tensor, target: int, *, samples: int, deviation: float, seed: int
) -> Tensor:
    """Return the mean gradient (C, H, W) at `image` (1, C, H, W) with Gaussian noise of this deviation, not clamped."""
    generator = torch.Generator(image.device).manual_seed(seed)
    mean = torch.zeros_like(image[0])
    for start in range(0, samples, _AT_ONCE):
        shape = (min(_AT_ONCE, samples - start), *image.shape[1:])
        noise = torch.randn(shape, generator=generator, device=image.device, dtype=image.dtype)
        images = image + deviation * noise
        gradients = class_gradients(classifier, images, _classes(target, images), _PURPOSE)
        mean += gradients.sum(0) / samples
    return mean


def _classes(target: int, images: Tensor) -> Tensor:
    return torch.full((len(images),), target, device=images.device)


def _chunks(values: np.ndarray) -> list[np.ndarray]:
    return [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]
