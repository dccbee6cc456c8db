"""What the settings of a representation come to at an image size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.representations.dualtree import DualTree, DualTreeTransform
from cartoonx_widgets.representations.shearlet import Shearlet
from cartoonx_widgets.representations.wavelet import Wavelet, WaveletTransform

if TYPE_CHECKING:
    from cartoonx_widgets.representations.base import Representation, Transform


def resolved(representation: Representation, size: tuple[int, int]) -> Representation:
    """Return the representation with the number of levels or scales that it takes at `size` = (H, W); others unchanged.

    Raises:
        ValueError: the settings do not fit the size.

    >>> resolved(Wavelet(), (28, 28)).levels, resolved(Shearlet(), (28, 28)).scales
    (2, 2)
    """
    if isinstance(representation, Wavelet | DualTree | Shearlet):
        return representation.resolved(size)
    return representation


def advice(representation: Representation, size: tuple[int, int]) -> str:
    """Return the warning of `transform` where there are too many levels for `size` = (H, W); else an empty string."""
    return representation.advice(size) if isinstance(representation, Wavelet | DualTree) else ""


def silent_transform(representation: Representation, size: tuple[int, int]) -> Transform:
    """Return `representation.transform(size)` without its warning: for what was decided earlier, or elsewhere.

    Raises:
        ValueError: the settings do not fit the size.
    """
    cpu = torch.device("cpu")
    match representation:
        case Wavelet():
            return WaveletTransform(representation.resolved(size), size, cpu, torch.float32)
        case DualTree():
            return DualTreeTransform(representation.resolved(size), size, cpu, torch.float32)
    return representation.transform(size)
