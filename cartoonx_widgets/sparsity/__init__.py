"""Sparse approximation: how well the k largest coefficients represent an image, in any representation; denoising.

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
from cartoonx_widgets.sparsity.sample_signals import SIGNALS, SampleSignal, sample_signal
from cartoonx_widgets.sparsity.signals import SignalBand, SignalExpansion, SignalQuality, expand_signal
from cartoonx_widgets.sparsity.thresholds import threshold, universal_threshold

__all__ = [
    "SIGNALS",
    "Cosine",
    "Decay",
    "Expansion",
    "Fourier",
    "Frame",
    "SampleSignal",
    "SignalBand",
    "SignalExpansion",
    "SignalQuality",
    "add_noise",
    "atom",
    "covering",
    "decay_rate",
    "denoise",
    "expand",
    "expand_signal",
    "fit_decay",
    "luminance",
    "psnr",
    "sample_signal",
    "ssim",
    "threshold",
    "universal_threshold",
]
