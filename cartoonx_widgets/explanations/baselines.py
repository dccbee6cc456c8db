"""Heat maps of other packages' attribution methods, as explanations, to stand beside ours.

Each gives a mask on pixels: how much each pixel of the photograph matters to the classifier's answer. Such a mask was
not optimised, so it promises nothing: the scores measure whether the photograph times the mask keeps its class.
captum computes them; it is loaded when it is needed, and installed with ``pip install captum``.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cartoonx_widgets._checks import whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import feature_maps
from cartoonx_widgets.explanations.case import Case
from cartoonx_widgets.explanations.explanation import Explanation
from cartoonx_widgets.masking.methods import pixel_mask

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.images import ImageSource

_AT_ONCE = 8  # images that the classifier sees together
_MOST_STEPS = 10_000
_TOLERANCE = 1e-6  # what rounding may move a heat map beyond [0, 1]
_GREY = 0.5
_PERCENTILE = 0.99
_WINDOWS_ACROSS = 7  # of the shorter side: 32 pixels of 224


def integrated_gradients(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: int | str | None = None,
    steps: int = 50,
) -> Explanation:
    """Explain by integrated gradients, by captum: gradients of the class's logit, summed up from a black picture on.

    (x - 0) times the mean gradient on the straight line from black to the photograph (Sundararajan, Taly and Yan,
    ICML 2017, equation 1). The mask is the sum of the absolute values over the colours, divided by its 99th percentile
    and cut off at 1, as Smilkov et al. show gradients (SmoothGrad, 2017, section 3.1, and their code): so it shows how
    much a pixel matters, not whether it speaks for the class or against it.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: the most probable class by default.
        steps: at how many places of the line the gradient is taken, from 1 to 10,000.

    Raises:
        ModuleNotFoundError: captum is not installed.
        ValueError: an argument out of range.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    attr = _captum("integrated_gradients")
    steps = whole("steps", steps, most=_MOST_STEPS)
    case = Case.of(image, classifier, target)
    with neutral():
        found: Tensor = attr.IntegratedGradients(case.classifier).attribute(
            case.image, baselines=0.0, target=case.target.index, n_steps=steps, internal_batch_size=_AT_ONCE
        )
    return _explanation(case, "Integrated gradients", _capped(found[0].detach().abs().sum(0)))


def grad_cam(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: int | str | None = None,
    layer: str | None = None,
) -> Explanation:
    """Explain by Grad-CAM, by captum: the last feature maps, weighted by how much the class's logit depends on each.

    ReLU(sum_k a_k A^k) with a_k the mean gradient over feature map A^k (Selvaraju et al., ICCV 2017, equations 1 and
    2), enlarged to the photograph and divided by its maximum. It has the resolution of the feature maps,
    often 7 x 7. Where nothing speaks for the class, the mask is zero.

    The maps are found without names. They are the last output of a part that every path from the picture to the logits
    leads through, and in which the logits depend on more than a class token. Their channels may come first or last, or
    they are tokens, with class or register tokens before them, which are laid back on the grid of the picture's
    patches. Where no part's output is beyond doubt, none is taken.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: the most probable class by default.
        layer: the name of another part, as `classifier.module.named_modules()` lists it, whose last output is feature
            maps of more than one pixel, or tokens.

    Raises:
        ModuleNotFoundError: captum is not installed.
        ValueError: there is no such part, its output is no maps, or it is not certain which the last maps are; the
            message names parts to choose from.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    attr = _captum("grad_cam")
    case = Case.of(image, classifier, target)
    with neutral(), torch.enable_grad():
        own = copy.deepcopy(case.classifier)  # hooks would also see what other threads ask the classifier
        seat = nn.Identity()  # where captum meets the maps, however they lie in the network's tensors
        feature_maps.find(own, case.image, layer).through(own, seat)
        found: Tensor = attr.LayerGradCam(own, seat).attribute(
            case.image.clone().requires_grad_(), target=case.target.index, relu_attributions=True
        )
    size = (case.image.shape[-2], case.image.shape[-1])
    enlarged = functional.interpolate(found.detach().float(), size=size, mode="bilinear", align_corners=False)
    return _explanation(case, "Grad-CAM", _scaled(enlarged[0, 0]))


def occlusion(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: int | str | None = None,
    window: int | None = None,
    stride: int | None = None,
) -> Explanation:
    """Explain by occlusion, by captum: how far the class's probability falls when a grey square covers a region.

    After Zeiler and Fergus (ECCV 2014, section 4.2). A pixel has the mean over all squares that cover it; where the
    probability rises instead the mask is zero, and it is divided by its maximum.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: the most probable class by default.
        window: the square's side in pixels; a seventh of the shorter side by default, 32 of 224.
        stride: how far it moves; half its side by default.

    Raises:
        ModuleNotFoundError: captum is not installed.
        ValueError: an argument out of range.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    attr = _captum("occlusion")
    case = Case.of(image, classifier, target)
    side = min(case.image.shape[-2:])
    window = whole("window", max(1, side // _WINDOWS_ACROSS) if window is None else window, most=side)
    stride = whole("stride", max(1, window // 2) if stride is None else stride, most=window)
    colours = case.image.shape[1]
    with neutral(), torch.no_grad():
        found: Tensor = attr.Occlusion(case.classifier.probabilities).attribute(
            case.image,
            sliding_window_shapes=(colours, window, window),
            strides=(colours, stride, stride),
            baselines=_GREY,
            target=case.target.index,
            perturbations_per_eval=_AT_ONCE,
        )
    return _explanation(case, "Occlusion", _scaled(found[0].mean(0).clamp(min=0)))


BASELINES = {make.__name__: make for make in (integrated_gradients, grad_cam, occlusion)}
"""The functions that make a baseline's explanation, by name."""


def installed() -> bool:
    """Return whether captum, which computes the baselines, is there."""
    return importlib.util.find_spec("captum") is not None


def from_heat_map(
    heat: Tensor,
    name: str,
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: int | str | None = None,
) -> Explanation:
    """Return an explanation whose mask is a heat map of your own, such as that of another package.

    Its method is that of `methods.pixel_mask` without penalties, so its noise and its distortion are those of a mask on
    pixels, and `scores` can judge it; there was no run, so its curves are empty.

    Args:
        heat: (H, W), numbers in [0, 1], of the photograph as the classifier sees it.
        name: what a reader should know it by.
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: the most probable class by default.

    Raises:
        ValueError: `heat` has another shape, or values that are not in [0, 1].
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    return _explanation(Case.of(image, classifier, target), name, heat)


@neutral()
def _explanation(case: Case, name: str, heat: Tensor) -> Explanation:
    """Return what a mask (H, W) keeps of the photograph, as an explanation of a method of this name."""
    classifier, size = case.classifier, (case.image.shape[-2], case.image.shape[-1])
    values = torch.as_tensor(heat).detach().to("cpu", classifier.dtype)
    if tuple(values.shape) != size or not ((values >= -_TOLERANCE) & (values <= 1 + _TOLERANCE)).all():
        found = f"values from {float(values.min()):.9g} to {float(values.max()):.9g}" if values.numel() else "none"
        raise ValueError(
            f"heat of {name} has shape {tuple(values.shape)} and {found}; one in [0, 1] for each of {size} pixels "
            "is needed"
        )
    values = values.clamp(0, 1)
    method = pixel_mask(lambda_l1=0.0, lambda_tv=0.0, steps=1).replace(name=name)
    transform = method.representation.transform(size, dtype=classifier.dtype)
    cartoon = case.image * values.to(case.image.device)
    after, rest = classifier.probabilities(torch.cat([cartoon, case.image - cartoon]))
    nothing = np.empty(0, dtype=np.float32)
    return Explanation(
        image=case.image[0].cpu(),
        cartoon=cartoon[0].cpu(),
        mask=values.flatten(),
        coefficients=transform.analyse(case.image.cpu())[0],
        transform=transform,
        target=case.target,
        probability=float(after[case.target.index]),
        probability_rest=float(rest[case.target.index]),
        photograph_top=classifier.top(case.probabilities),
        cartoon_top=classifier.top(after),
        rest_top=classifier.top(rest),
        curves=dict.fromkeys(("distortion", "l1", "spatial_l1", "spatial_l2", "tv", "loss"), nothing),
        method=method,
        seed=0,
        classifier=classifier.name,
        activation=classifier.activation,
    )


def _captum(asked: str) -> Any:  # noqa: ANN401 - captum is not typed
    """Import captum.attr, which takes a second."""
    if not installed():
        raise ModuleNotFoundError(f"{asked!r} is computed by captum, which is not installed: pip install captum")
    return importlib.import_module("captum.attr")


def _capped(heat: Tensor) -> Tensor:
    """Divide by the 99th percentile and cut off at 1; divide by the maximum where that percentile is 0."""
    top = float(np.quantile(heat.cpu().numpy(), _PERCENTILE))
    return (heat / top).clamp(0, 1) if top > 0 else _scaled(heat)


def _scaled(heat: Tensor) -> Tensor:
    """Divide by the maximum, so that the values are in [0, 1]; zero stays zero."""
    top = float(heat.max())
    return (heat / top).clamp(0, 1) if top > 0 else torch.zeros_like(heat)
