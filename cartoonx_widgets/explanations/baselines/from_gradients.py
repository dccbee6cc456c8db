"""Explanations by gradients to coefficients: the wavelet attribution method, and integrated gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import torch

from cartoonx_widgets._checks import number, one_of, whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.explanations.baselines import gradients
from cartoonx_widgets.explanations.baselines.relevance import Attribution, Completeness, Setting, capped
from cartoonx_widgets.masking.optimization import checked_seed
from cartoonx_widgets.representations import Pixel, Wavelet

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.representations import Representation

Form = Literal["gradient", "smooth", "integrated"]
Colours = Literal["norm", "mean"]
_MOST_STEPS = 10_000
_TITLES = {"gradient": "WAM", "smooth": "WAM, smooth", "integrated": "WAM, integrated"}


@neutral()
def wam(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    representation: Representation | None = None,
    form: Form = "gradient",
    colours: Colours = "norm",
    samples: int = 25,
    spread: float = 0.25,
    seed: int = 0,
) -> Attribution:
    """Explain by the wavelet attribution method: the gradient of the class's logit to each wavelet coefficient.

    After Kasmi et al., "One Wave To Explain Them All" (ICML 2025). Three forms of it, with coefficients h and the
    gradient g of the logit to them:

    - "gradient": g at the photograph;
    - "smooth": the mean of g over noisy photographs, which are not clamped, as in SmoothGrad (Smilkov et al., 2017);
    - "integrated": h times the mean of g on the line from a black picture to the photograph.

    The mask is the relevance's absolute value, divided by its 99th percentile over all bands and clamped to 1. The
    authors' code divides each band by its own maximum over the batch instead, so that its bands cannot be compared, and
    images influence each other.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: as `explain` takes it; the most probable class by default.
        representation: `Wavelet()` by default; the authors' default is `Wavelet("haar", levels=3)`.
        form: "gradient", "smooth" or "integrated".
        colours: how the mask combines colours: "norm", the root of the sum of squares, or "mean", the absolute value of
            the mean as in the authors' code, in which colours can cancel.
        samples: how many gradients the mean is taken over, in the forms "smooth" and "integrated"; from 1 to 10,000.
        spread: standard deviation of the noise in the form "smooth", over the photograph's range of values; at least 0.
        seed: of that noise.

    Raises:
        TypeError: no representation.
        ValueError: an argument out of range.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite, or it has no gradient.
    """
    one_of("form", form, get_args(Form))
    one_of("colours", colours, get_args(Colours))
    samples = whole("samples", samples, most=_MOST_STEPS)
    spread, seed = number("spread", spread, least=0), checked_seed(seed)
    setting = Setting.of(image, classifier, target, Wavelet() if representation is None else representation)
    if form == "integrated":
        relevance, completeness = _integrated(setting, samples)
    else:
        relevance, completeness = _sensitivity(setting, form, samples, spread, seed), None
    together = relevance.mean(0).square() if colours == "mean" else relevance.square().sum(0)
    return setting.attribution(
        _TITLES[form],
        relevance,
        capped(_tied(setting, together).sqrt()),
        evaluations=1 if form == "gradient" else samples,
        completeness=completeness,
    )


@neutral()
def integrated_gradients(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    representation: Representation | None = None,
    steps: int = 50,
) -> Attribution:
    """Explain by integrated gradients of the class's logit, from a black picture to the photograph.

    The relevance is h times the mean gradient to the coefficients h on the straight line from a black picture to the
    photograph (Sundararajan, Taly and Yan, ICML 2017, equation 1), by a quadrature whose nodes are densest near black.
    Relevances add up to the difference of the logit between both, up to the quadrature's error: see `completeness`.

    The mask is the sum of their absolute values over the colours, divided by its 99th percentile and clamped to 1, as
    Smilkov et al. show gradients (SmoothGrad, 2017, section 3.1, and their code). It shows how much a coefficient
    matters, not whether it is evidence for the class or against it; `relevance` has the sign.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: as `explain` takes it; the most probable class by default.
        representation: `Pixel()` by default, as published.
        steps: at how many points of the line the gradient is taken, from 1 to 10,000.

    Raises:
        TypeError: no representation.
        ValueError: an argument out of range.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite, or it has no gradient.
    """
    steps = whole("steps", steps, most=_MOST_STEPS)
    setting = Setting.of(image, classifier, target, Pixel() if representation is None else representation)
    relevance, completeness = _integrated(setting, steps)
    return setting.attribution(
        "Integrated gradients",
        relevance,
        capped(_tied(setting, relevance.abs().sum(0))),
        evaluations=steps,
        completeness=completeness,
    )


def _sensitivity(setting: Setting, form: Form, samples: int, spread: float, seed: int) -> Tensor:
    """Return the gradient (C, N) to the coefficients, at the photograph or averaged over noisy ones."""
    case = setting.case
    if form == "gradient":
        targets = torch.tensor([case.target.index], device=case.image.device)
        return gradients.to_coefficients(case.classifier, case.image, targets, setting.transform)[0]
    deviation = spread * float(case.image.max() - case.image.min())
    mean = gradients.mean_with_noise(
        case.classifier, case.image, case.target.index, samples=samples, deviation=deviation, seed=seed
    )
    return setting.transform.adjoint(mean[None])[0]


def _integrated(setting: Setting, steps: int) -> tuple[Tensor, Completeness]:
    """Return integrated gradients (C, N) from a black picture on, and whether they add up."""
    classifier, image, target = setting.case.classifier, setting.case.image, setting.case.target.index
    mean = gradients.mean_from_black(classifier, image, target, steps)
    relevance = setting.coefficients[0] * setting.transform.adjoint(mean[None])[0]
    with torch.no_grad():
        logits = classifier(torch.cat([image, torch.zeros_like(image)]))[:, target].cpu().double()
    return relevance, Completeness(float(relevance.cpu().double().sum()), float(logits[0] - logits[1]))


def _tied(setting: Setting, values: Tensor) -> Tensor:
    """Return values (N,) with the sum over the parts of each complex coefficient in place of each part."""
    return setting.transform.tie(values[None, None])[0, 0]
