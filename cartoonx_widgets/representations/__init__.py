"""Linear pairs of analysis and synthesis that a mask can act on."""

from cartoonx_widgets.representations.base import Band, Representation, Transform
from cartoonx_widgets.representations.dualtree import DualTree
from cartoonx_widgets.representations.pixel import Pixel
from cartoonx_widgets.representations.shearlet import Shearlet
from cartoonx_widgets.representations.wavelet import Wavelet

__all__ = ["Band", "DualTree", "Pixel", "Representation", "Shearlet", "Transform", "Wavelet"]
