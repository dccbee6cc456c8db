"""Grad-CAM, by captum."""

from __future__ import annotations

import copy
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import feature_maps
from cartoonx_widgets.classifiers.gradients import require_gradient
from cartoonx_widgets.explanations.baselines.relevance import heat_map, scaled
from cartoonx_widgets.explanations.case import Case

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.images import ImageSource


def grad_cam(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    layer: str | None = None,
) -> Explanation:
    """Explain by Grad-CAM, by captum: the last feature maps, weighted by how much the class's logit depends on each.

    ReLU(sum_k a_k A^k) with a_k the mean gradient over feature map A^k (Selvaraju et al., ICCV 2017, equations 1 and
    2), enlarged to the photograph and divided by its maximum. It has the resolution of the feature maps,
    often 7 x 7. Where nothing speaks for the class, the mask is zero.

    By default, the maps are the last output of a submodule through which all paths from the image to the logits lead,
    leaving out those of which only a class token reaches the logits. Channels may come first or last; tokens, with
    class or register tokens before them, are put back on the grid of the image's patches. Where it is not certain which
    output that is, the error names submodules to choose from.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: as `explain` takes it; the most probable class by default.
        layer: the name of another submodule, as `classifier.module.named_modules()` lists it, whose last output is
            feature maps of more than one pixel, or tokens.

    Raises:
        ModuleNotFoundError: captum is not installed.
        ValueError: there is no such submodule, its output is no maps, or it is not certain which the last maps are.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite, or it has no gradient.
    """
    attr = _captum()
    case = Case.of(image, classifier, target)
    require_gradient(case.classifier, "Grad-CAM")
    with neutral(), torch.enable_grad():
        own = copy.deepcopy(case.classifier)  # hooks would also see what other threads ask the classifier
        seat = nn.Identity()  # where captum meets the maps, however they lie in the network's tensors
        feature_maps.find(own, case.image, layer).through(own, seat)
        found: Tensor = attr.LayerGradCam(own, seat).attribute(
            case.image.clone().requires_grad_(), target=case.target.index, relu_attributions=True
        )
    size = (case.image.shape[-2], case.image.shape[-1])
    enlarged = functional.interpolate(found.detach().float(), size=size, mode="bilinear", align_corners=False)
    return heat_map(case, "Grad-CAM", scaled(enlarged[0, 0]))


def installed() -> bool:
    """Return whether captum, which computes Grad-CAM, is there."""
    return importlib.util.find_spec("captum") is not None


def _captum() -> Any:  # noqa: ANN401 - captum is not typed
    """Import captum.attr, which takes a second."""
    if not installed():
        raise ModuleNotFoundError("'grad_cam' is computed by captum, which is not installed: pip install captum")
    return importlib.import_module("captum.attr")
