"""The representations that the sparsity lab offers by name, and how far each can be split."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING

import pywt

from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.representations.shearlet_filters import taps
from cartoonx_widgets.sparsity.atoms import norms

if TYPE_CHECKING:
    from cartoonx_widgets.representations import Representation, Transform

_DUAL_TREE, _SHEARLETS, _PIXELS = "dual-tree", "shearlets", "pixels"
NAMES = ("haar", *(f"db{i}" for i in range(2, 9)), *(f"sym{i}" for i in range(4, 9)), _DUAL_TREE, _SHEARLETS)
"""What the lab's list offers; "sym2" and "sym3" are "db2" and "db3"."""

_COUNTED = {Wavelet: "levels", DualTree: "levels", Shearlet: "scales"}
# A band of shearlets has the picture's size, and there are 49 with four scales, 33 with three.
_MOST_SCALES, _MOST_SCALES_LARGE = 4, 3
_LARGE = 300  # pixels a side


def named(name: str) -> Representation:
    """The representation of this name; wavelets are orthonormal, with as many coefficients as there are pixels.

    Raises:
        ValueError: there is none.
    """
    if name == _DUAL_TREE:
        return DualTree()
    if name == _SHEARLETS:
        return Shearlet()
    if name == _PIXELS:
        return Pixel()
    if name not in pywt.wavelist(kind="discrete"):
        raise ValueError(
            f"representation={name!r} is unknown; choose one of {', '.join(map(repr, NAMES))}, any discrete wavelet "
            "of PyWavelets, or give a representation such as Wavelet('db3')"
        )
    return Wavelet(name, mode="periodization")


def name_of(representation: Representation) -> str:
    """What the list calls a representation, however often it is split; its settings, where the list has none such."""
    for kind, name in ((DualTree, _DUAL_TREE), (Shearlet, _SHEARLETS), (Pixel, _PIXELS)):
        if isinstance(representation, kind):
            same = split(representation, 1) == split(kind(), 1) if kind in _COUNTED else True
            return name if same else str(representation)
    if isinstance(representation, Wavelet) and representation.mode == "periodization":
        return representation.wavelet
    return str(representation)


def levels(representation: Representation) -> int:
    """How often it splits the image; 0 for pixels."""
    counted = _COUNTED.get(type(representation))
    return getattr(representation, counted) if counted else 0


def split(representation: Representation, times: int) -> Representation:
    """The representation that splits the image so many times; pixels for 0."""
    if times == levels(representation):
        return representation
    if times == 0:
        return Pixel()
    counted = _COUNTED[type(representation)]
    # Shear levels are given scale by scale, so they go with the number of scales.
    rest = {"shear_levels": None} if isinstance(representation, Shearlet) else {}
    return dataclasses.replace(representation, **{counted: times}, **rest)  # type: ignore[type-var]


def most_levels(representation: Representation, side: int) -> int:
    """How often a picture of side x side pixels can be split, or, with shearlets, in a time that one likes to wait."""
    if isinstance(representation, Shearlet):
        most = _MOST_SCALES_LARGE if side > _LARGE else _MOST_SCALES
        while most and taps(most) > side:
            most -= 1
        return most
    if isinstance(representation, Wavelet) and representation.mode == "periodization":
        # What is wrapped round is wrapped once, so the lowpass must be as long as the filter.
        length, most = pywt.Wavelet(representation.wavelet).dec_len, 0
        while side > 1 and side + side % 2 >= length:
            side, most = (side + 1) // 2, most + 1
        return most
    return side.bit_length() - 1 if type(representation) in _COUNTED else 0


@lru_cache(maxsize=12)
def transform_of(representation: Representation, side: int) -> Transform:
    """The transform for side x side pixels, kept for the next time, with its norms known.

    Raises:
        ValueError: the settings do not fit the size.
    """
    transform = representation.transform((side, side))
    norms(transform)
    return transform
