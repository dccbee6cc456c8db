"""How near an approximation is to its image, and how fast sorted coefficients decay."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cartoonx_widgets._spacing import log_spaced
from cartoonx_widgets.images import ImageError

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

# The largest few are the means of whole regions, and follow no law; the small ones are the texture and the noise that
# every photograph has. So the fit goes from one of 500 coefficients to one of 20.
_LEAST_FIRST, _FIRST_PART, _LAST_PART = 10, 500, 20
_NEGLIGIBLE = 1e-5  # of the largest: below it is the rounding of float32
_FITTED_POINTS = 200


def psnr(image: Tensor, approximation: Tensor) -> float:
    """Return the peak signal-to-noise ratio -10 log10(mean squared error) in decibels, of images whose peak is 1.

    The mean is that over pixels and colours. An approximation is taken as it is, also beyond [0, 1].

    Args:
        image: (3, H, W).
        approximation: likewise.

    Returns:
        Decibels; infinite where both are equal.

    Raises:
        ImageError: the shapes differ.

    >>> import torch
    >>> round(psnr(torch.zeros(3, 16, 16), torch.full((3, 16, 16), 0.1)), 3)
    20.0
    """
    _check_alike(image, approximation)
    difference = (image - approximation).flatten()
    error = float(difference.dot(difference)) / difference.numel()
    return -10 * math.log10(error) if error > 0 else math.inf


def ssim(image: Tensor, approximation: Tensor) -> float:
    """Return the mean structural similarity of the luminances, from -1 to 1; 1 where they are equal.

    It is scikit-image's `structural_similarity` with the settings of the paper: a Gaussian window of standard
    deviation 1.5, no correction of the covariance, a range of 1. Z. Wang, A. C. Bovik, H. R. Sheikh and E. P.
    Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE Transactions on Image
    Processing 13(4), 2004.

    Args:
        image: (3, H, W).
        approximation: likewise; taken as it is, also beyond [0, 1].

    Raises:
        ImageError: the shapes differ.
    """
    from skimage.metrics import structural_similarity  # noqa: PLC0415 - takes a while, and few need it

    _check_alike(image, approximation)
    first, second = (luminance(picture).cpu().numpy() for picture in (image, approximation))
    return float(
        structural_similarity(  # type: ignore[no-untyped-call]
            first, second, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


def luminance(image: Tensor) -> Tensor:
    """Return grey values (H, W) of RGB colours (3, H, W): 0.299 R + 0.587 G + 0.114 B, as ITU-R BT.601 weighs them."""
    red, green, blue = image
    grey: Tensor = 0.299 * red + 0.587 * green + 0.114 * blue
    return grey


class Decay(NamedTuple):
    """A power law fitted to sorted magnitudes: the one of rank m is about `scale` * m^(-`rate`).

    Attributes:
        rate: how fast they decay; NaN where there is too little to fit.
        scale: the magnitude of rank 1 by the law.
        first: the first rank that was fitted, counted from 1.
        last: the last rank that was fitted.
    """

    rate: float
    scale: float
    first: int
    last: int

    def __call__(self, rank: float) -> float:
        """Return the magnitude of a rank by the law."""
        return float(self.scale * rank**-self.rate)


def fit_decay(magnitudes: npt.ArrayLike, first: int | None = None, last: int | None = None) -> Decay:
    """Fit a power law to sorted magnitudes: a straight line on log-log axes, by least squares.

    The line is fitted at ranks that are evenly spaced on the logarithmic axis, so that each decade counts alike.

    In an orthonormal basis, magnitudes that decay like m^(-a) with a > 1/2 leave a squared error of the k largest like
    k^(1 - 2a) (DeVore, "Nonlinear approximation", Acta Numerica 7, 1998; Mallat, "A Wavelet Tour of Signal
    Processing", 3rd edition, chapter 9). For images that are twice differentiable but for edges along twice
    differentiable curves, that squared error is of the order

    - k^(-1/2) with Fourier coefficients (a = 3/4),
    - k^(-1) with wavelets (a = 1),
    - k^(-2) (log k)^3 with curvelets and shearlets (a = 3/2 but for the logarithm), while no dictionary that is
      searched in polynomial depth does better than k^(-2)

    (Donoho, "Sparse components of images and optimal atomic decompositions", Constructive Approximation 17, 2001;
    Candes and Donoho, "New tight frames of curvelets ...", Communications on Pure and Applied Mathematics 57, 2004;
    Kutyniok and Lim, "Compactly supported shearlets are optimally sparse", Journal of Approximation Theory 163, 2011).
    These orders hold as k grows without end, for images without pixels: on 256 x 256 of them expect the order of the
    rates, not their values.

    Args:
        magnitudes: (n,), none below 0, descending.
        first: the first rank of the fit, counted from 1; n / 500 by default, and at least 10.
        last: its last rank; n / 20 by default, and in any case before the magnitudes fall below 1e-5 of the
            largest, where they are rounding.

    Returns:
        The law; its rate is NaN where fewer than two ranks are left.

    Raises:
        ValueError: magnitudes that are not one row, negative, not finite or not descending; ranks out of range.

    >>> round(fit_decay(np.arange(1, 5001) ** -1.5).rate, 6)
    1.5
    """
    values = _check_magnitudes(magnitudes)
    if first is None:
        first = max(_LEAST_FIRST, values.size // _FIRST_PART)
    end = max(first, values.size // _LAST_PART) if last is None else last
    if not 1 <= first <= end or (last is not None and last > values.size):
        raise ValueError(f"first={first!r} and last={last!r} must be ranks with 1 <= first <= last <= {values.size}")
    seen = int(np.count_nonzero(values > _NEGLIGIBLE * values[:1].sum()))
    end = min(end, seen)
    if end <= first:
        return Decay(math.nan, math.nan, first, max(first, end))
    ranks = log_spaced(first, end, _FITTED_POINTS)
    slope, start = np.polyfit(np.log(ranks), np.log(values[ranks - 1]), 1)
    return Decay(-float(slope), math.exp(start), first, end)


def decay_rate(magnitudes: npt.ArrayLike, first: int | None = None, last: int | None = None) -> float:
    """Return the rate a of sorted magnitudes that decay like m^(-a), by `fit_decay`, which describes the fit."""
    return fit_decay(magnitudes, first, last).rate


def _check_magnitudes(magnitudes: npt.ArrayLike) -> npt.NDArray[np.floating[Any]]:
    values = np.asarray(magnitudes, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"magnitudes has shape {values.shape}; allowed is one row (n,)")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("magnitudes holds values that are negative or not finite; take absolute values first")
    if (np.diff(values) > 0).any():
        raise ValueError("magnitudes is not descending; sort it: numpy.sort(magnitudes)[::-1]")
    return values


def _check_alike(image: Tensor, approximation: Tensor) -> None:
    if image.shape != approximation.shape or image.ndim != 3:  # noqa: PLR2004 - colours, rows, columns
        shapes = f"{tuple(approximation.shape)}; allowed is that of image, {tuple(image.shape)}, as (3, H, W)"
        raise ImageError(f"approximation has shape {shapes}")
