"""Explanations by what happens when a block of coefficients is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets._checks import whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.explanations.baselines.blocks import windows
from cartoonx_widgets.explanations.baselines.relevance import Attribution, Setting, scaled
from cartoonx_widgets.representations import Pixel

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.representations import Representation

_GREY = 0.5
_WINDOWS_ACROSS = 7  # of the shorter side: 32 pixels of 224


@neutral()
def occlusion(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    representation: Representation | None = None,
    window: int | None = None,
    stride: int | None = None,
) -> Attribution:
    """Explain by occlusion: how far the class's probability falls when a region of a band is covered.

    After Zeiler and Fergus (ECCV 2014, section 4.2), who cover pixels with a grey square. Here, the coefficients in a
    square of one band of any representation are replaced by those of a grey picture: details vanish, and the lowpass
    turns grey. A coefficient's relevance is the mean fall over all squares that cover it. The mask is the positive part
    of the relevance, divided by its maximum. A window as large as the photograph covers whole bands.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default.
        target: as `explain` takes it; the most probable class by default.
        representation: `Pixel()` by default, as published.
        window: the square's side in pixels of the photograph, in every band; a seventh of the shorter side by default,
            32 of 224.
        stride: how far it moves, in pixels; by default half its side on pixels, and its side elsewhere, since each band
            has squares of its own.

    Raises:
        TypeError: no representation.
        ValueError: an argument out of range.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    setting = Setting.of(image, classifier, target, Pixel() if representation is None else representation)
    shorter, longer = sorted(setting.transform.size)
    most = shorter if setting.transform.on_pixels else longer
    window = whole("window", max(1, shorter // _WINDOWS_ACROSS) if window is None else window, most=most)
    by_itself = max(1, window // 2) if setting.transform.on_pixels else window
    stride = whole("stride", by_itself if stride is None else stride, most=window)
    falls, evaluations = _falls(setting, window, stride)
    return setting.attribution("Occlusion", falls[None], scaled(falls), evaluations=evaluations)


def _falls(setting: Setting, window: int, stride: int) -> tuple[Tensor, int]:
    """Return the mean fall (N,) of the probability over the windows that cover a coefficient, and their number."""
    before = setting.case.probabilities[setting.case.target.index]
    grey = setting.transform.analyse(torch.full_like(setting.case.image, _GREY))
    total, count, evaluations = torch.zeros_like(grey[0, 0]), torch.zeros_like(grey[0, 0]), 1
    places = list(windows(setting.transform, window, stride))
    for start in range(0, len(places), setting.at_once):
        some = places[start : start + setting.at_once]
        covered = setting.coefficients.repeat(len(some), 1, 1)
        for one, (band, rows, columns) in zip(covered, some, strict=True):
            band.of(one)[..., rows, columns] = band.of(grey[0])[..., rows, columns]
        falls = before - setting.probabilities(covered)
        evaluations += len(some)
        for fall, (band, rows, columns) in zip(falls, some, strict=True):
            band.of(total)[..., rows, columns] += fall
            band.of(count)[..., rows, columns] += 1
    return total / count.clamp(min=1), evaluations
