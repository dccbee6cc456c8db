"""What makes an explanation of a relevance of each coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.explanations.case import Case
from cartoonx_widgets.explanations.explanation import Explanation
from cartoonx_widgets.masking.distortions import SquaredDifference
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.obfuscation import UniformNoise
from cartoonx_widgets.masking.objective import fitting_penalties
from cartoonx_widgets.representations import Pixel, Representation

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.representations import Transform

_TOLERANCE = 1e-6  # what rounding may move a heat map beyond [0, 1]
_PERCENTILE = 0.99
_AT_ONCE = 8  # images that the classifier sees together
_MOST_NUMBERS = 2**24  # coefficients that are held for them


class Completeness(NamedTuple):
    """Whether relevances add up to what they explain (Sundararajan, Taly and Yan, ICML 2017, proposition 1).

    Attributes:
        total: sum of the relevances.
        difference: the class's logit for the photograph, minus that for a black picture.
    """

    total: float
    difference: float

    @property
    def error(self) -> float:
        """Return the relative error abs(total - difference) / abs(difference); infinite where that divides by 0."""
        missed = abs(self.total - self.difference)
        return missed / abs(self.difference) if self.difference else float("inf") if missed else 0.0


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Attribution(Explanation):
    """An explanation whose mask is made of the relevance of each coefficient; nothing was optimised.

    Attributes:
        relevance: flat (C, N), or (1, N) for all colours; above 0 it is evidence for the class and below 0 evidence
            against it, for `occlusion`, `rise` and integrated gradients. `transform.split` gives it by band.
        evaluations: how many images the classifier was given, each with its gradient where the method needs one.
        completeness: whether the relevances add up, for integrated gradients; None elsewhere.
    """

    relevance: Tensor
    evaluations: int
    completeness: Completeness | None = None


class Setting(NamedTuple):
    """What a baseline is computed on.

    Attributes:
        case: the photograph and the class in question.
        representation: as it was asked for.
        transform: the representation at the photograph's size, on the classifier's device.
        coefficients: of the photograph, (1, C, N).
    """

    case: Case
    representation: Representation
    transform: Transform
    coefficients: Tensor

    @classmethod
    @neutral()
    def of(
        cls,
        image: ImageSource,
        classifier: Classifier | None,
        target: Target,
        representation: Representation,
    ) -> Setting:
        """Fit and classify the photograph, and analyse it.

        Raises:
            TypeError: no representation, and what `Case.of` raises.
            ValueError: the representation does not fit the photograph.
        """
        if isinstance(representation, type) or not hasattr(representation, "transform"):
            raise TypeError(f"representation={representation!r} must be one such as representations.Wavelet()")
        case = Case.of(image, classifier, target)
        transform = _transform(representation, case, case.image.device)
        return cls(case, representation, transform, transform.analyse(case.image))

    @property
    def at_once(self) -> int:
        """Return how many sets of coefficients, and their images, are held at once."""
        return max(1, min(_AT_ONCE, _MOST_NUMBERS // self.coefficients.numel()))

    def probabilities(self, coefficients: Tensor) -> Tensor:
        """Return the class's probability (B,) for the images of coefficients (B, C, N), clamped to [0, 1]."""
        with torch.no_grad():
            images = self.transform.synthesise(coefficients).clamp(0, 1)
            return self.case.classifier.probabilities(images)[:, self.case.target.index]

    def attribution(
        self,
        name: str,
        relevance: Tensor,
        weights: Tensor,
        *,
        evaluations: int,
        completeness: Completeness | None = None,
    ) -> Attribution:
        """Return the explanation.

        Args:
            name: of the method.
            relevance: (C, N) or (1, N).
            weights: (N,) in [0, 1], the mask.
            evaluations: how many images the classifier saw.
            completeness: whether the relevances add up.

        Raises:
            ClassifierError: the relevance is not finite.
        """
        if not relevance.isfinite().all():
            raise ClassifierError(
                f"{self.case.classifier.name} returned NaN or infinite logits or gradients while {name} was computed: "
                "check it on black and on noisy pictures"
            )
        return Attribution(
            **_shown(self.case, name, self.representation, weights),
            relevance=relevance.detach().cpu(),
            evaluations=evaluations,
            completeness=completeness,
        )


def from_heat_map(
    heat: Tensor,
    name: str,
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
) -> Explanation:
    """Return an explanation whose mask is a heat map of your own, such as that of another package.

    Its method is that of `methods.pixel_mask` without penalties, so its noise and its distortion are those of a mask on
    pixels, and `scores` can judge it; there was no run, so its curves are empty.

    Args:
        heat: (H, W), numbers in [0, 1], at the size at which the classifier sees the photograph.
        name: shown in widgets, figures and tables.
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: as `explain` takes it; the most probable class by default.

    Raises:
        ValueError: `heat` has another shape, or values that are not in [0, 1].
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    return heat_map(Case.of(image, classifier, target), name, heat)


def heat_map(case: Case, name: str, heat: Tensor) -> Explanation:
    """Return what a mask (H, W) keeps of the photograph, as an explanation of a method of this name."""
    size = (case.image.shape[-2], case.image.shape[-1])
    values = torch.as_tensor(heat).detach().to("cpu", case.classifier.dtype)
    if tuple(values.shape) != size or not ((values >= -_TOLERANCE) & (values <= 1 + _TOLERANCE)).all():
        found = f"values from {float(values.min()):.9g} to {float(values.max()):.9g}" if values.numel() else "none"
        raise ValueError(
            f"heat of {name} has shape {tuple(values.shape)} and {found}; one in [0, 1] for each of {size} pixels "
            "is needed"
        )
    return Explanation(**_shown(case, name, Pixel(), values.flatten()))


def capped(heat: Tensor) -> Tensor:
    """Divide by the 99th percentile and cut off at 1; divide by the maximum where that percentile is 0."""
    top = float(np.quantile(heat.cpu().numpy(), _PERCENTILE))
    return (heat / top).clamp(0, 1) if top > 0 else scaled(heat)


def scaled(heat: Tensor) -> Tensor:
    """Set what is below 0 to 0 and divide by the maximum, so that the values are in [0, 1]; zero stays zero."""
    top = float(heat.max())
    return (heat / top).clamp(0, 1) if top > 0 else torch.zeros_like(heat)


def _transform(representation: Representation, case: Case, device: torch.device | str) -> Transform:
    size = (case.image.shape[-2], case.image.shape[-1])
    return representation.transform(size, device=device, dtype=case.classifier.dtype)


@neutral()
def _shown(case: Case, name: str, representation: Representation, weights: Tensor) -> dict[str, Any]:
    """Return the fields of an explanation whose mask is `weights` (N,)."""
    method, transform = _judged_by(name, representation), _transform(representation, case, "cpu")
    image = case.image[0].cpu()
    mask, coefficients = weights.detach().cpu().clamp(0, 1), transform.analyse(image[None])[0]
    shown = transform.synthesise(torch.stack([mask * coefficients, (1 - mask) * coefficients])).clamp(0, 1)
    after, rest = case.classifier.probabilities(shown.to(case.image.device))
    penalties = fitting_penalties(method, transform)
    return {
        "image": image,
        "cartoon": shown[0],
        "mask": mask,
        "coefficients": coefficients,
        "transform": transform,
        "target": case.target,
        "probability": float(after[case.target.index]),
        "probability_rest": float(rest[case.target.index]),
        "photograph_top": case.classifier.top(case.probabilities),
        "cartoon_top": case.classifier.top(after),
        "rest_top": case.classifier.top(rest),
        "curves": {
            term: np.empty(0, dtype=np.float32)
            for term in ("distortion", *(penalty.name for penalty in penalties), "loss")
        },
        "method": method,
        "seed": 0,
        "classifier": case.classifier.name,
        "activation": case.classifier.activation,
    }


def _judged_by(name: str, representation: Representation) -> Method:
    """Return a method of this name whose noise and distortion judge a mask on the representation, without penalties."""
    noise = UniformNoise(per="band", colours="shared") if representation.redundant else UniformNoise()
    return Method(
        name=name,
        representation=representation,
        obfuscation=noise,
        distortion=SquaredDifference("one"),
        learning_rate=0.1,
        steps=1,
        samples=16,
    )
