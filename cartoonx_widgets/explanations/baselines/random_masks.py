"""Explanations by random masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from cartoonx_widgets._checks import number, whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.explanations.baselines.blocks import flat
from cartoonx_widgets.explanations.baselines.relevance import Attribution, Setting, scaled
from cartoonx_widgets.masking.optimization import checked_seed
from cartoonx_widgets.representations import Pixel

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.representations import Representation

_MOST_SAMPLES, _MOST_CELLS = 1_000_000, 1024


@neutral()
def rise(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    representation: Representation | None = None,
    samples: int = 1000,
    grid: int = 7,
    keep: float = 0.5,
    seed: int = 0,
) -> Attribution:
    """Explain by RISE: the class's mean probability over the random masks that keep a coefficient, without a gradient.

    After Petsiuk, Das and Saenko (BMVC 2018, equations 4 to 6). A mask is a coarse grid of zeros and ones, enlarged
    bilinearly and shifted by less than a cell; on any representation, each band has a grid of its own. What a mask
    deletes is zero. A relevance is the mean of the probability weighted by the coefficient's entries in the masks,
    minus the mean over all masks; above 0, keeping the coefficient helps the class. The paper divides by the expected
    sum of the entries and does not subtract the mean; dividing by the sum that was drawn has less noise.

    The mask is the positive part of the relevance, divided by its maximum.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default; it may be a function (see `Classifier.of_function`).
        target: as `explain` takes it; the most probable class by default.
        representation: `Pixel()` by default, as published.
        samples: how many masks are drawn, from 2 to 1,000,000. The paper takes 4,000 to 8,000 on pixels; the noise
            falls with the square root of their number.
        grid: cells of a mask along each side of a band, from 1 to 1024; a small band has fewer.
        keep: probability that a cell is kept, above 0 and below 1.
        seed: of the masks.

    Raises:
        TypeError: no representation.
        ValueError: an argument out of range.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    samples = whole("samples", samples, least=2, most=_MOST_SAMPLES)
    grid, seed = whole("grid", grid, most=_MOST_CELLS), checked_seed(seed)
    keep = number("keep", keep, above=0, below=1)
    setting = Setting.of(image, classifier, target, Pixel() if representation is None else representation)
    relevance = _relevance(setting, samples, grid, keep, seed)
    return setting.attribution("RISE", relevance[None], scaled(relevance), evaluations=samples)


def _relevance(setting: Setting, samples: int, grid: int, keep: float, seed: int) -> Tensor:
    """Return the weighted mean (N,) of the probability, minus its mean."""
    generator = torch.Generator().manual_seed(seed)
    weighted, weights = torch.zeros_like(setting.coefficients[0, 0]), torch.zeros_like(setting.coefficients[0, 0])
    total = 0.0
    for start in range(0, samples, setting.at_once):
        count = min(setting.at_once, samples - start)
        maps = [_enlarged(band.shape, grid, keep, count, generator) for band in setting.transform.bands]
        masks = flat(setting.transform, maps).to(setting.coefficients)
        probabilities = setting.probabilities(masks * setting.coefficients)
        weighted += probabilities @ masks[:, 0]
        weights += masks[:, 0].sum(0)
        total += float(probabilities.sum())
    mean = total / samples
    return torch.where(weights > 0, weighted / weights.clamp(min=torch.finfo(weights.dtype).tiny) - mean, 0.0)


def _enlarged(shape: tuple[int, int], grid: int, keep: float, count: int, generator: torch.Generator) -> Tensor:
    """Draw grids of zeros and ones, enlarge them, shift each by less than a cell: (count, rows, columns)."""
    counts = [min(grid, side) for side in shape]
    sizes = [-(-side // cells) for side, cells in zip(shape, counts, strict=True)]
    coarse = (torch.rand(count, 1, *counts, generator=generator) < keep).float()
    larger = [(cells + 1) * size for cells, size in zip(counts, sizes, strict=True)]
    enlarged = functional.interpolate(coarse, size=larger, mode="bilinear", align_corners=False)[:, 0]
    shifts = [torch.randint(size, (count,), generator=generator).tolist() for size in sizes]
    return torch.stack(
        [
            one[down : down + shape[0], across : across + shape[1]]
            for one, down, across in zip(enlarged, *shifts, strict=True)
        ]
    )
