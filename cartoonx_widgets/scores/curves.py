"""How the classifier's answer changes as coefficients are taken away or given back, by their relevance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import torch

from cartoonx_widgets import tables
from cartoonx_widgets._checks import one_of, whole
from cartoonx_widgets._deprecated import formerly_positional
from cartoonx_widgets.scores.noise import Obfuscator

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.masking.distortions import Distortion
    from cartoonx_widgets.representations import Transform

Order = Literal["relevance", "random"]
Shares = int | Sequence[float]
_MOST_POINTS = 10_000


class Curve(NamedTuple):
    """A quantity over shares of the coefficients.

    Attributes:
        shares: (P,), increasing in [0, 1].
        values: (P,).
    """

    shares: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]

    @property
    def area(self) -> float:
        """Return the area under the curve, by trapezoids, over the width of its shares."""
        width = float(self.shares[-1] - self.shares[0])
        return float(np.trapezoid(self.values, self.shares)) / width if width else float(self.values[0])

    def figure(
        self, label: str = "curve", *, y_title: str = "value", others: Mapping[str, Curve] | None = None
    ) -> go.Figure:
        """Return a Plotly figure of the curve, and of others beside it.

        Args:
            label: of the curve, in the legend.
            y_title: what the values are, such as "distortion".
            others: more curves by label.

        >>> curve.figure("by relevance", y_title="distortion", others={"by chance": random})  # doctest: +SKIP
        """
        from cartoonx_widgets.figures import curves  # noqa: PLC0415

        return curves.figure({label: self, **(others or {})}, y_title=y_title)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the curve as a data frame of pandas, with the columns "share" and "value".

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return tables.to_dataframe({"share": self.shares, "value": self.values})


@formerly_positional("classifier")
def rate_distortion(
    explanation: Explanation,
    *,
    classifier: Classifier,
    order: Order = "relevance",
    shares: Shares = 11,
    samples: int = 16,
    distortion: Distortion | None = None,
    seed: int = 0,
) -> Curve:
    """Measure the distortion as ever more coefficients are randomised, the least relevant first (ECCV 2022, section 4).

    Coefficients are ordered by their mask entries, equal ones at random. What is randomised is replaced by the noise of
    the explanation's method, all else is kept whole. A good explanation has a low curve, far below that of `order`
    "random", which ignores the mask.

    Args:
        explanation: of one image.
        classifier: that was explained.
        order: "relevance" or "random".
        shares: of the coefficients that are randomised: a number of shares evenly spaced from 0 to 1, or the shares.
        samples: noisy images for each point.
        distortion: how it is measured; as the method does by default.
        seed: of the noise and of the random order.

    Returns:
        The distortion over the share that is randomised.

    Raises:
        ValueError: an argument out of range, or another classifier.
    """
    one_of("order", order, get_args(Order))
    points = _checked_shares(shares)
    obfuscator = Obfuscator(explanation, classifier, samples=samples, seed=seed)
    ranks = _ranks(explanation, seed, by_mask=order == "relevance")
    kept = [_mask_of(ranks >= share * len(ranks)) for share in points]
    return Curve(points, np.array([obfuscator.distortion(mask, distortion) for mask in kept]))


@formerly_positional("classifier")
def insertion(explanation: Explanation, *, classifier: Classifier, shares: Shares = 11, seed: int = 0) -> Curve:
    """Measure the class's probability as ever more coefficients are inserted, the most relevant first; high is good.

    After RISE (Petsiuk et al., BMVC 2018), with coefficients of the explanation's representation in place of pixels.
    What is not inserted is 0, and there is no noise.

    Args:
        explanation: of one image.
        classifier: that was explained.
        shares: of the coefficients that are put in: a number of shares evenly spaced from 0 to 1, or the shares.
        seed: of the random order of equal mask entries.

    Returns:
        The probability over the share that is inserted.

    Raises:
        ValueError: an argument out of range, or another classifier.
    """
    return _probabilities(explanation, classifier, shares, seed, inserts=True)


@formerly_positional("classifier")
def deletion(explanation: Explanation, *, classifier: Classifier, shares: Shares = 11, seed: int = 0) -> Curve:
    """Measure the class's probability as ever more coefficients are deleted, the most relevant first; low is good.

    After RISE, as `insertion`. What is deleted is 0.

    Args:
        explanation: of one image.
        classifier: that was explained.
        shares: of the coefficients that are deleted: a number of shares evenly spaced from 0 to 1, or the shares.
        seed: of the random order of equal mask entries.

    Returns:
        The probability over the share that is deleted.

    Raises:
        ValueError: an argument out of range, or another classifier.
    """
    return _probabilities(explanation, classifier, shares, seed, inserts=False)


def _probabilities(
    explanation: Explanation, classifier: Classifier, shares: Shares, seed: int, *, inserts: bool
) -> Curve:
    points = _checked_shares(shares)
    obfuscator = Obfuscator(explanation, classifier, seed=seed)
    ranks = _ranks(explanation, seed, by_mask=True)
    n = len(ranks)
    taken = np.stack([ranks >= n - share * n for share in points])
    masks = _mask_of(taken if inserts else ~taken)
    return Curve(points, obfuscator.probabilities(masks).double().numpy())


def _ranks(explanation: Explanation, seed: int, *, by_mask: bool) -> npt.NDArray[np.intp]:
    """Return the rank of each coefficient, from 0, the least relevant; equal ones in an order by chance."""
    draws = np.random.default_rng(seed).random(explanation.mask.numel())
    chance = _alike_in_parts(torch.from_numpy(draws), explanation)
    keys = (chance, explanation.mask.numpy()) if by_mask else (chance,)
    ranks = np.empty(len(chance), dtype=np.intp)
    ranks[np.lexsort(keys)] = np.arange(len(chance))
    return ranks


def _alike_in_parts(chance: Tensor, explanation: Explanation) -> npt.NDArray[np.float64]:
    """Return the same number for the real and the imaginary part of a coefficient."""
    transform: Transform = explanation.transform
    for band in transform.bands:
        if band.parts > 1:
            values = band.of(chance)
            values[1:] = values[:1].clone()
    return chance.numpy()


def _mask_of(kept: npt.NDArray[np.bool_]) -> Tensor:
    return torch.from_numpy(kept).float()


def _checked_shares(shares: Shares) -> npt.NDArray[np.float64]:
    if isinstance(shares, Sequence | np.ndarray) and not isinstance(shares, str):
        points = list(shares)
        numbers = all(isinstance(share, Real) and not isinstance(share, bool) and 0 <= share <= 1 for share in points)
        if not (points and numbers and points == sorted(points)):
            raise ValueError(f"shares={shares!r} must be numbers from 0 to 1 in increasing order")
        return np.array(points, dtype=np.float64)
    return np.linspace(0, 1, whole("shares", shares, least=2, most=_MOST_POINTS))
