"""An explanation shown to its classifier again, with fresh noise where a mask deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets._checks import whole
from cartoonx_widgets._deprecated import formerly_positional
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers.activations import ACTIVATIONS

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.masking.distortions import Distortion

_MOST_SAMPLES = 1_000_000
_AT_ONCE = 8  # samples that are synthesised and classified together


@formerly_positional("classifier")
def expected_distortion(explanation: Explanation, *, classifier: Classifier, samples: int = 64, seed: int = 0) -> float:
    """Measure the method's distortion E[d(x, z)] of the explanation's mask, with fresh noise.

    Args:
        explanation: of one image.
        classifier: that was explained.
        samples: how many noisy images the mean is taken over; more are more exact.
        seed: of the noise.

    Raises:
        ValueError: an argument out of range, or another classifier.
    """
    return Obfuscator(explanation, classifier, samples=samples, seed=seed).distortion(explanation.mask)


class Obfuscator:
    """Shows the classifier an explanation's photograph with any mask, with the noise of the explanation's method.

    Each mask meets the same noise, so that masks can be compared.

    Args:
        explanation: of one image.
        classifier: that was explained.
        samples: how many noisy images are shown for each mask.
        seed: of the noise.

    Raises:
        ValueError: an argument out of range, or another classifier.
    """

    def __init__(self, explanation: Explanation, classifier: Classifier, *, samples: int = 1, seed: int = 0) -> None:
        check_classifier(explanation, classifier)
        self._samples = whole("samples", samples, least=1, most=_MOST_SAMPLES)
        self._seed = whole("seed", seed, least=0, most=2**63 - 1)
        self._classifier, self._method = classifier, explanation.method
        self._image = explanation.image[None].to(classifier.device, classifier.dtype)
        self._targets = torch.tensor([explanation.target.index], device=classifier.device)
        height, width = self._image.shape[-2:]
        self._transform = explanation.transform
        if (self._transform.device, self._transform.dtype) != (classifier.device, classifier.dtype):
            self._transform = self._method.representation.transform(
                (height, width), device=classifier.device, dtype=classifier.dtype
            )
        self._coefficients = explanation.coefficients[None].to(self._image)
        with torch.no_grad():
            self._original = classifier(self._image)
            adapted = self._method.obfuscation.adapt(self._image, self._coefficients, self._transform)
        self._location, self._scale = (value[:, None] for value in adapted)

    @neutral()
    @torch.no_grad()
    def distortion(self, mask: Tensor, measure: Distortion | None = None) -> float:
        """Return the mean distortion with this mask (N,) over all samples; by the method's own measure by default."""
        measure, activation = measure or self._method.distortion, ACTIVATIONS[self._classifier.activation]
        random = self._method.obfuscation.random
        samples = self._samples if random else 1
        generator = torch.Generator(self._classifier.device).manual_seed(self._seed)
        colours = 1 if self._method.obfuscation.colours == "shared" else self._image.shape[1]
        mask = mask.to(self._image)
        kept = mask * self._coefficients
        total = 0.0
        for start in range(0, samples, _AT_ONCE):
            count = min(_AT_ONCE, samples - start)
            draws = self._method.obfuscation.draw((1, count, colours, len(mask)), generator).to(self._image)
            mixed = kept[:, None] + (1 - mask) * (draws * self._scale + self._location)
            logits = self._classifier(self._shown(mixed[0]))
            total += float(measure(self._original, logits[None], self._targets, activation).sum())
        return total / samples

    @neutral()
    @torch.no_grad()
    def probabilities(self, masks: Tensor) -> Tensor:
        """Return the explained class's probabilities (M,) for the cartoons of masks (M, N), without noise."""
        found = []
        for part in torch.split(masks.to(self._image), _AT_ONCE):
            shown = self._shown(part[:, None] * self._coefficients).clamp(0, 1)
            found.append(self._classifier.probabilities(shown)[:, self._targets[0]])
        return torch.cat(found).cpu()

    def _shown(self, coefficients: Tensor) -> Tensor:
        images = self._transform.synthesise(coefficients)
        return images.clamp(0, 1) if self._method.clamp else images


def check_classifier(explanation: Explanation, classifier: Classifier) -> None:
    """Raise where this cannot be the classifier that was explained."""
    target = explanation.target
    if target.index >= classifier.n_classes or classifier.labels[target.index] != target.label:
        raise ValueError(
            f"classifier={classifier!r} has no class {target.index} called {target.label!r}, which was explained: give "
            f"the one that was explained, {explanation.classifier}"
        )
