"""The explanation methods: each a value of one type, with the settings of its paper as defaults."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from numbers import Real
from typing import Literal, get_args

from cartoonx_widgets.masking.obfuscation import GaussianNoise, Obfuscation
from cartoonx_widgets.masking.objective import Reference, SquaredDifference
from cartoonx_widgets.representations import Representation, Wavelet

Schedule = Literal["constant", "cosine"]
_MOST = 1e9  # beyond it float32 has no room for sums


@dataclass(frozen=True, kw_only=True)
class Method:
    """Settings of a mask optimisation, checked when made.

    Attributes:
        name: what a reader knows it by.
        representation: what the mask multiplies.
        obfuscation: the noise put where the mask deletes.
        distortion: how the classifier's output may not change.
        lambda_l1: price of the mask's mean entry, the lambda of the papers; at least 0.
        learning_rate: of Adam; above 0.
        schedule: "constant", or "cosine": the learning rate falls as a half cosine to 0 over the steps.
        steps: how many steps a run takes; at least 1.
        samples: how many images the classifier sees in a step; at least 1.
        noise_free: share of the objective that is measured on the cartoon itself, without noise, in [0, 1); one of
            the samples is then the cartoon.

    Raises:
        ValueError: a setting out of range.
    """

    name: str
    representation: Representation = field(default_factory=Wavelet)
    obfuscation: Obfuscation = field(default_factory=GaussianNoise)
    distortion: SquaredDifference = field(default_factory=SquaredDifference)
    lambda_l1: float
    learning_rate: float
    schedule: Schedule = "constant"
    steps: int
    samples: int
    noise_free: float = 0.0

    def __post_init__(self) -> None:
        check_lambda_l1(self.lambda_l1)
        check_learning_rate(self.learning_rate)
        for setting in ("steps", "samples"):
            value = getattr(self, setting)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{setting}={value!r} must be a whole number of at least 1")
        if self.schedule not in get_args(Schedule):
            raise ValueError(f"schedule={self.schedule!r} must be 'constant' or 'cosine'")
        if not (_is_number(self.noise_free) and 0 <= self.noise_free < 1):
            raise ValueError(f"noise_free={self.noise_free!r} must be a share of at least 0 and below 1")
        if self.noise_free and self.samples < 2:  # noqa: PLR2004
            raise ValueError(f"samples={self.samples} leaves no noisy sample beside the noise-free one: use 2 or more")

    def replace(self, **settings: object) -> Method:
        """A copy with these settings instead.

        Raises:
            TypeError: an unknown setting.
            ValueError: a setting out of range.
        """
        return dataclasses.replace(self, **settings)  # type: ignore[arg-type]


def cartoonx(
    *,
    representation: Representation | None = None,
    lambda_l1: float = 20.0,
    learning_rate: float = 1e-3,
    steps: int = 2000,
    samples: int = 64,
    reference: Reference = "original",
) -> Method:
    """CartoonX as published (Kolek et al., ECCV 2022, sections 4 and 5).

    A mask on the wavelet coefficients, from ones, with Adam; 64 Gaussian samples a step, adapted to each scale.
    `reference` "one" measures the distortion against probability 1 ("maximize target" in the authors' code).

    >>> cartoonx().lambda_l1, cartoonx().steps, cartoonx().samples
    (20.0, 2000, 64)
    """
    return Method(
        name="CartoonX",
        representation=representation or Wavelet(),
        distortion=SquaredDifference(reference),
        lambda_l1=lambda_l1,
        learning_rate=learning_rate,
        steps=steps,
        samples=samples,
    )


def cartoonx_interactive(
    *,
    representation: Representation | None = None,
    lambda_l1: float = 20.0,
    learning_rate: float = 0.1,
    steps: int = 150,
    samples: int = 8,
    noise_free: float = 0.25,
    reference: Reference = "one",
) -> Method:
    """CartoonX tuned for watching: our preset, not a published one.

    The objective is that of `cartoonx` with three changes: a hundredth of its classifier evaluations, made up for
    by a learning rate that starts high and falls to 0; the distortion measured against probability 1, so that a
    class of small probability does not collapse to an empty mask; and a quarter of the distortion measured on the
    cartoon itself, so that what is shown keeps its class and not only its noisy versions.
    """
    return Method(
        name="CartoonX, interactive",
        representation=representation or Wavelet(),
        distortion=SquaredDifference(reference),
        lambda_l1=lambda_l1,
        learning_rate=learning_rate,
        schedule="cosine",
        steps=steps,
        samples=samples,
        noise_free=noise_free,
    )


def check_lambda_l1(value: float) -> None:
    """Raise ValueError unless `value` is a lambda: finite and at least 0."""
    if not (_is_number(value) and 0 <= value <= _MOST):
        raise ValueError(
            f"lambda_l1={value!r} must be a finite number of at least 0 and at most {_MOST:g}; the paper uses 20"
        )


def check_learning_rate(value: float) -> None:
    """Raise ValueError unless `value` is a learning rate: finite and above 0."""
    if not (_is_number(value) and 0 < value <= _MOST):
        raise ValueError(
            f"learning_rate={value!r} must be a finite number above 0 and at most {_MOST:g}; the paper uses 0.001"
        )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
