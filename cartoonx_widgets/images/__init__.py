"""Read, check, fit and encode images; the sample photographs.

An image is a float32 tensor of shape (3, H, W): RGB colours in [0, 1], H x W pixels.

>>> from cartoonx_widgets import images
>>> images.fit(images.read("coffee"), 224).shape
torch.Size([3, 224, 224])
"""

from cartoonx_widgets.images.encoding import to_jpeg, to_png, to_uint8
from cartoonx_widgets.images.errors import MAX_PIXELS, MIN_SIDE, ImageError, check_given
from cartoonx_widgets.images.errors import ImageSource as ImageSource
from cartoonx_widgets.images.fitting import Interpolation as Interpolation
from cartoonx_widgets.images.fitting import Resize as Resize
from cartoonx_widgets.images.fitting import fit, to_grey
from cartoonx_widgets.images.formats import ENDINGS as ENDINGS
from cartoonx_widgets.images.formats import formats
from cartoonx_widgets.images.paths import is_address, path_of
from cartoonx_widgets.images.reading import read, sample
from cartoonx_widgets.images.samples import DEFAULT_SAMPLE, SAMPLES, Sample, sample_names

__all__ = [
    "DEFAULT_SAMPLE",
    "MAX_PIXELS",
    "MIN_SIDE",
    "SAMPLES",
    "ImageError",
    "Sample",
    "check_given",
    "fit",
    "formats",
    "is_address",
    "path_of",
    "read",
    "sample",
    "sample_names",
    "to_grey",
    "to_jpeg",
    "to_png",
    "to_uint8",
]
