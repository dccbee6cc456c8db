"""Explanations by how much of the answer's variance is due to each block of coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.quasirandom import SobolEngine

from cartoonx_widgets._checks import whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.explanations.baselines.blocks import cells
from cartoonx_widgets.explanations.baselines.relevance import Attribution, Setting, scaled
from cartoonx_widgets.masking.optimization import checked_seed
from cartoonx_widgets.representations import Wavelet

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.representations import Representation

_MOST_SAMPLES = 2**20
_MOST_VARIABLES = SobolEngine.MAXDIM // 2
_CELLS, _CELLS_OF_ONE_BAND = 4, 8  # along each side


@neutral()
def sobol_indices(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    representation: Representation | None = None,
    samples: int = 8,
    grid: int | None = None,
    seed: int = 0,
) -> Attribution:
    """Explain by total Sobol indices: the share of the probability's variance that a block of coefficients is part of.

    Each band is divided into a grid of cells, and each cell's coefficients are multiplied by a number of its own,
    uniform in [0, 1]. The total index of cell i is E[Var(p | all but i)] / Var(p), with p the class's probability: all
    of the variance that i takes part in, alone or with others. It is estimated by Jansen's formula on a scrambled Sobol
    sequence, with `samples` times (number of cells + 2) evaluations and no gradient. On wavelets that is the scale
    attribution of Kasmi et al. ("Assessment of the reliability of a model's decision by generalizing attribution to the
    wavelet domain", 2023), here with a grid in each band; on pixels it is the method of Fel et al. ("Look at the
    Variance!", NeurIPS 2021, section 3), with black where they deleted.

    Indices tell how much a cell matters, not whether it is evidence for the class or against it. The mask is the index,
    divided by the largest one.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 by default; it may be a function (see `Classifier.of_function`).
        target: as `explain` takes it; the most probable class by default.
        representation: `Wavelet()` by default.
        samples: how many points of the sequence are taken, from 2 to 1,048,576; powers of 2 fill the cube evenly.
        grid: cells along each side of a band; 8 by default where there is one band, else 4. A small band has fewer.
        seed: of the scrambling.

    Raises:
        TypeError: no representation.
        ValueError: an argument out of range, or more cells than the sequence has dimensions for.
        ImageError: the image cannot be read, or is too small or too large.
        ClassifierError: the classifier's output is not finite.
    """
    samples, seed = whole("samples", samples, least=2, most=_MOST_SAMPLES), checked_seed(seed)
    if grid is not None:
        whole("grid", grid)
    setting = Setting.of(image, classifier, target, Wavelet() if representation is None else representation)
    by_itself = _CELLS_OF_ONE_BAND if len(setting.transform.bands) == 1 else _CELLS
    number = cells(setting.transform, by_itself if grid is None else grid)
    count = int(number.max()) + 1
    if count > _MOST_VARIABLES:
        raise ValueError(f"grid={grid!r} makes {count} cells in all bands; at most {_MOST_VARIABLES} can be varied")
    relevance = _total_indices(setting, number, count, samples, seed)[number]
    return setting.attribution(
        "Total Sobol indices", relevance[None], scaled(relevance), evaluations=samples * (count + 2)
    )


def _total_indices(setting: Setting, number: Tensor, count: int, samples: int, seed: int) -> Tensor:
    """Return the total index of each cell, (count,); zero where nothing changes the probability.

    Args:
        setting: the photograph and the class.
        number: of each coefficient's cell, (N,).
        count: how many cells there are.
        samples: how many points are taken.
        seed: of the scrambling.
    """
    engine = SobolEngine(2 * count, scramble=True, seed=seed)  # type: ignore[no-untyped-call]
    points = engine.draw(samples).to(setting.coefficients)
    first, second = points[:, :count], points[:, count:]
    of_first, of_second = _answers(setting, first, number), _answers(setting, second, number)
    variance = torch.cat([of_first, of_second]).var(correction=0)
    indices = torch.zeros(count, device=number.device, dtype=first.dtype)
    for cell in range(count):
        mixed = first.clone()
        mixed[:, cell] = second[:, cell]
        indices[cell] = (of_first - _answers(setting, mixed, number)).square().mean() / 2
    return indices / variance if variance > 0 else torch.zeros_like(indices)


def _answers(setting: Setting, values: Tensor, number: Tensor) -> Tensor:
    """Return the class's probability (samples,) with each cell multiplied by its value (samples, count)."""
    at_once = setting.at_once
    return torch.cat(
        [
            setting.probabilities(values[start : start + at_once, None, number] * setting.coefficients)
            for start in range(0, len(values), at_once)
        ]
    )
