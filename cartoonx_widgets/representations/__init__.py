"""Linear pairs of analysis and synthesis that a mask can act on."""

from cartoonx_widgets.representations.base import Band, Orientation, Representation, Transform
from cartoonx_widgets.representations.wavelet import Wavelet

__all__ = ["Band", "Orientation", "Representation", "Transform", "Wavelet"]
