"""Conciseness and preciseness: what an explanation keeps of the class's probability, for how much information.

All of this is of one image: nothing is added up over a batch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

from cartoonx_widgets._checks import number, one_of
from cartoonx_widgets._deprecated import formerly_positional

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.explanations.explained import Scored

Measure = Literal["entropy", "l1", "l1_pixel"]
_IN_LOGARITHM = 1e-7  # as in the authors' code, where it keeps the logarithm of 0 finite


def retained_probability(explanation: Scored) -> float:
    """Return the explained class's probability for the cartoon over the photograph's, p_c(x̂) / p_c(x); at least 0.

    It is above 1 where the cartoon is a clearer case than the photograph. c is the explained class, even where another
    is more probable (CVPR 2023, section 5; the authors' code takes the largest probability of each image).
    """
    before = explanation.target.probability
    return explanation.probability / before if before > 0 else math.nan


def l1(coefficients: Tensor) -> float:
    """Return the l1 norm, the sum of the absolute values, of coefficients of any shape."""
    return float(coefficients.detach().double().abs().sum())


def entropy(coefficients: Tensor) -> float:
    """Return the entropy in nats of the energies' shares, -sum q log(q + 1e-7), q = c² / sum c² (CVPR 2023, section 5).

    Of coefficients of any shape; 0 where all of them are 0.
    """
    energies = coefficients.detach().double().square()
    total = energies.sum()
    if not total > 0:
        return 0.0
    shares = energies / total
    # What is added in the logarithm makes a single share of 1 fall below 0 by rounding.
    return max(0.0, float(-(shares * (shares + _IN_LOGARITHM).log()).sum()))


@formerly_positional("measure")
def retained_information(explanation: Scored, *, measure: Measure = "entropy") -> float:
    """Return the information of the explanation over that of the photograph (CVPR 2023, section 5).

    Args:
        explanation: of one image.
        measure: "entropy" or "l1" of the coefficients in the explanation's own representation, masked over unmasked
            (for a mask on pixels these are the pixels); or "l1_pixel", of the cartoon's pixels over the photograph's.

    Returns:
        At least 0; 0 for an empty explanation. An entropy may exceed that of the photograph, so this may exceed 1.

    Raises:
        ValueError: there is no such measure.
    """
    one_of("measure", measure, get_args(Measure))
    if measure == "l1_pixel":
        kept, whole = l1(explanation.cartoon), l1(explanation.image)
    else:
        amount = entropy if measure == "entropy" else l1
        kept = amount(explanation.mask * explanation.coefficients)
        whole = amount(explanation.coefficients)
    return kept / whole if whole > 0 else math.nan


@formerly_positional("measure")
def conciseness_preciseness(explanation: Scored, *, measure: Measure = "entropy") -> float:
    """Return the CP score: retained probability over retained information (CVPR 2023, section 5); larger is better.

    Args:
        explanation: of one image.
        measure: of the information, "entropy" or "l1" of the coefficients, or "l1_pixel" of the pixels, as in
            `retained_information`: the paper's CP-entropy, CP-l1 and CP-l1 pixel.

    Returns:
        At least 0; NaN where the explanation is empty.

    Raises:
        ValueError: there is no such measure.
    """
    information = retained_information(explanation, measure=measure)
    return retained_probability(explanation) / information if information > 0 else math.nan


@formerly_positional("threshold")
def sparsity(explanation: Scored, *, threshold: float = 0.01) -> float:
    """Return the share of mask entries of at most `threshold`, whose coefficients are as good as deleted; in [0, 1].

    Raises:
        ValueError: the threshold is not in [0, 1).
    """
    number("threshold", threshold, least=0, below=1)
    return float((explanation.mask <= threshold).double().mean())
