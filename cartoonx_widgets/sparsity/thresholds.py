"""Hard and soft thresholds of coefficients, and the universal one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import torch

from cartoonx_widgets._checks import number, one_of, whole

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["hard", "soft"]


def threshold(values: Tensor, size: float | Tensor, kind: Kind = "soft") -> Tensor:
    """Set values to 0 whose magnitude is at most a threshold t, and return the result, of the same shape.

    Of the others, "hard" keeps x as it is, and "soft" moves it towards 0 by t: sign(x) (abs(x) - t). D. L. Donoho and
    I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81, 1994, section 2.

    Args:
        values: real or complex, of any shape; of a complex one the modulus is compared and moved.
        size: t, at least 0; a number, or a tensor that broadcasts.
        kind: "hard" or "soft".

    Raises:
        ValueError: a threshold below 0, or another kind.

    >>> threshold(torch.tensor([-4.0, -1.0, 0.5, 2.0]), 1.0).tolist()
    [-3.0, 0.0, 0.0, 1.0]
    >>> threshold(torch.tensor([-4.0, -1.0, 0.5, 2.0]), 1.0, "hard").tolist()
    [-4.0, -0.0, 0.0, 2.0]
    """
    if kind != "soft" or values.is_complex():
        return values * gains(values.abs(), size, kind)
    _check(size)
    bound = torch.as_tensor(size, dtype=values.dtype, device=values.device)
    return values - values.clamp(-bound, bound)


def gains(magnitudes: Tensor, size: float | Tensor, kind: Kind) -> Tensor:
    """Return the factors in [0, 1] by which a threshold multiplies values of these magnitudes.

    Raises:
        ValueError: a threshold below 0, or another kind.
    """
    one_of("kind", kind, get_args(Kind))
    _check(size)
    if kind == "hard":
        return (magnitudes > size).to(magnitudes.dtype)
    least = torch.finfo(magnitudes.dtype).tiny  # keeps 0 / 0 away
    return (size / magnitudes.clamp(min=least)).neg_().add_(1).clamp_(min=0)


def _check(size: float | Tensor) -> None:
    if not bool((torch.as_tensor(size) >= 0).all()):
        raise ValueError(f"size={size!r} must be a threshold of at least 0")


def universal_threshold(n: int, sigma: float = 1.0) -> float:
    """Return the universal threshold sigma sqrt(2 log n) for n numbers with Gaussian noise.

    As n grows, all n values of pure noise lie below it with a probability that goes to 1. Donoho and Johnstone,
    "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81, 1994, section 2.

    Args:
        n: how many numbers, at least 1.
        sigma: standard deviation of the noise, at least 0.

    Raises:
        ValueError: an argument out of range.

    >>> round(universal_threshold(65536, 0.1), 3)
    0.471
    """
    return number("sigma", sigma, least=0) * math.sqrt(2 * math.log(whole("n", n)))
