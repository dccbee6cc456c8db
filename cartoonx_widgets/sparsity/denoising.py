"""Take Gaussian noise out of an image by a threshold on its coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets._checks import number, whole
from cartoonx_widgets.sparsity.expansion import Expansion, Frame, check_image
from cartoonx_widgets.sparsity.noise_norms import noise_norms
from cartoonx_widgets.sparsity.thresholds import universal_threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from cartoonx_widgets.sparsity.thresholds import Kind


def add_noise(image: Tensor, sigma: float, *, seed: int = 0) -> Tensor:
    """Add Gaussian noise to an image, independent in all pixels and colours; the result may leave [0, 1].

    Args:
        image: (3, H, W), floats.
        sigma: standard deviation of the noise, at least 0, for grey values in [0, 1].
        seed: of the noise, at least 0; the same seed gives the same noise, times sigma.

    Raises:
        ImageError: the image has another shape.
        ValueError: an argument out of range.
    """
    check_image(image)
    sigma = number("sigma", sigma, least=0)
    generator = torch.Generator().manual_seed(whole("seed", seed, least=0))
    return image + sigma * torch.randn(image.shape, generator=generator).to(image)


def denoise(
    noisy: Expansion,
    sigma: float,
    *,
    kind: Kind = "soft",
    threshold: float | None = None,
    by_scale: Mapping[int, float] | None = None,
) -> Tensor:
    """Denoise an image by a threshold on its coefficients in each colour, and return it, (3, H, W).

    The threshold is in units of the standard deviation of the noise in each coefficient, which is `sigma` in an
    orthonormal basis and `sigma` times the norm of the analysing atom elsewhere. The lowpass is kept as it is. Numbers
    that belong together, such as the parts of a complex coefficient, are compared by the root of the mean of their
    squares and get the same factor.

    Args:
        noisy: the noisy image in a basis or frame, as `expand` makes it.
        sigma: standard deviation of the noise, at least 0, for grey values in [0, 1].
        kind: "soft" moves coefficients above the threshold towards 0 by it, "hard" leaves them as they are.
        threshold: in standard deviations of the noise; the universal one, sqrt(2 log N), by default.
        by_scale: other thresholds for some scales; 1 is the finest.

    Raises:
        ValueError: an argument out of range, or a scale that does not exist.

    >>> from cartoonx_widgets import drawings, sparsity
    >>> from cartoonx_widgets.representations import Wavelet
    >>> clean = drawings.draw("figures", 64)
    >>> noisy = add_noise(clean, 0.1)
    >>> denoised = denoise(sparsity.expand(noisy, Wavelet("haar", mode="periodization")), 0.1)
    >>> sparsity.psnr(clean, denoised) > sparsity.psnr(clean, noisy)
    True
    """
    sigma = number("sigma", sigma, least=0)
    if threshold is None:
        threshold = universal_threshold(noisy.n)
    threshold = number("threshold", threshold, least=0)
    scales = {scale: number(f"by_scale[{scale!r}]", value, least=0) for scale, value in (by_scale or {}).items()}
    if unknown := sorted(set(scales) - _scales(noisy), key=str):
        allowed = ", ".join(map(str, sorted(_scales(noisy)))) or "none"
        raise ValueError(f"by_scale has scale {unknown[0]!r}; the scales of {noisy.name} are: {allowed}")
    if not isinstance(noisy, Frame):
        return noisy.thresholded(sigma * threshold, kind)
    bands = noisy.transform.bands
    sizes = [
        0.0 if band.orientation == "lowpass" else sigma * norm * scales.get(band.scale, threshold)
        for band, norm in zip(bands, noise_norms(noisy.transform), strict=True)
    ]
    lengths = torch.tensor([band.stop - band.start for band in bands])
    return noisy.thresholded(torch.tensor(sizes, dtype=noisy.coefficients.dtype).repeat_interleave(lengths), kind)


def _scales(expansion: Expansion) -> set[int]:
    if not isinstance(expansion, Frame):
        return set()
    return {band.scale for band in expansion.transform.bands if band.orientation != "lowpass"}
