"""Sparse approximation: how well the k largest coefficients of an image stand for it, in any representation; denoising.

>>> from cartoonx_widgets import drawings, sparsity
>>> from cartoonx_widgets.representations import Wavelet
>>> image = drawings.draw("figures", 64)
>>> haar = sparsity.expand(image, Wavelet("haar", levels=5, mode="periodization"))
>>> fourier = sparsity.expand(image, "fourier")
>>> sparsity.psnr(image, haar.keep(200)) > sparsity.psnr(image, fourier.keep(200))
True
"""

from cartoonx_widgets.sparsity.atoms import atom, covering
from cartoonx_widgets.sparsity.bases import Cosine, Fourier
from cartoonx_widgets.sparsity.denoising import add_noise, denoise
from cartoonx_widgets.sparsity.expand import expand
from cartoonx_widgets.sparsity.expansion import Expansion, Frame
from cartoonx_widgets.sparsity.measures import Decay, decay_rate, fit_decay, luminance, psnr, ssim
from cartoonx_widgets.sparsity.thresholds import threshold, universal_threshold

__all__ = [
    "Cosine",
    "Decay",
    "Expansion",
    "Fourier",
    "Frame",
    "add_noise",
    "atom",
    "covering",
    "decay_rate",
    "denoise",
    "expand",
    "fit_decay",
    "luminance",
    "psnr",
    "ssim",
    "threshold",
    "universal_threshold",
]
