"""The representations that the sparsity lab offers by name, and how far each can be split."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING

import pywt

from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.representations.shearlet_filters import taps
from cartoonx_widgets.representations.sizes import resolved, silent_transform
from cartoonx_widgets.sparsity.atoms import norms

if TYPE_CHECKING:
    from cartoonx_widgets.representations import Representation, Transform

_DUAL_TREE, _SHEARLETS, _PIXELS = "dual-tree", "shearlets", "pixels"
ORTHOGONAL = ("haar", *(f"db{i}" for i in range(2, 9)), *(f"sym{i}" for i in range(4, 9)))
"""The orthogonal wavelets that the lists offer; "sym2" and "sym3" are "db2" and "db3"."""
NAMES = (*ORTHOGONAL, _DUAL_TREE, _SHEARLETS)
"""What the lab's list offers."""

_COUNTED = {Wavelet: "levels", DualTree: "levels", Shearlet: "scales"}
# A band of shearlets has the picture's size: there are 49 with four scales, 21 with three of fewer directions.
_MOST_SCALES, _MOST_SCALES_LARGE = 4, 3
_LARGE = 300  # pixels a side


def named(name: str, side: int) -> Representation:
    """Return the representation of this name for pictures of side x side pixels.

    Wavelets are orthonormal, with as many coefficients as there are pixels. Shearlets have fewer scales and directions
    on large pictures, where they would take too long.

    Raises:
        ValueError: there is none.
    """
    if name == _DUAL_TREE:
        return DualTree()
    if name == _SHEARLETS:
        return _shearlets(_MOST_SCALES_LARGE, few=True) if side > _LARGE else _shearlets(_MOST_SCALES, few=False)
    if name == _PIXELS:
        return Pixel()
    if name not in pywt.wavelist(kind="discrete"):
        raise ValueError(
            f"representation={name!r} is unknown; choose one of {', '.join(map(repr, NAMES))}, any discrete wavelet "
            "of PyWavelets, or give a representation such as Wavelet('db3')"
        )
    return Wavelet(name, mode="periodization")


def name_of(representation: Representation) -> str:
    """Return the name of a representation in the list, however often it is split; its settings, where there is none."""
    match representation:
        case Pixel():
            return _PIXELS
        case Wavelet(mode="periodization"):
            return representation.wavelet
        case DualTree() if representation == DualTree(levels=representation.levels):
            return _DUAL_TREE
        case Shearlet(scales=None) if representation == Shearlet():
            return _SHEARLETS
        case Shearlet(scales=int(scales)) if representation in (_shearlets(scales, few=few) for few in (True, False)):
            return _SHEARLETS
    return str(representation)


def first_levels(representation: Representation, side: int) -> int:
    """Return how often it splits a picture of side x side pixels at first, at most `most_levels`; 0 for pixels."""
    most, counted = most_levels(representation, side), _COUNTED.get(type(representation))
    if not most or not counted:
        return 0
    given: int | None = getattr(representation, counted)
    wanted: int = given or getattr(resolved(representation, (side, side)), counted)
    return min(most, wanted)


def split(representation: Representation, times: int) -> Representation:
    """Return the representation that splits the image so many times; pixels for 0."""
    counted = _COUNTED.get(type(representation))
    if times == (getattr(representation, counted) if counted else 0):
        return representation
    match representation:
        case _ if times == 0:
            return Pixel()
        case Shearlet():
            # Shear levels are given scale by scale, so they go with the number of scales.
            few = representation.shear_levels is not None
            return dataclasses.replace(_shearlets(times, few=few), fan=representation.fan)
        case Wavelet() | DualTree():
            return dataclasses.replace(representation, levels=times)
    raise ValueError(f"levels={times} must be 0 for {representation}")


def most_levels(representation: Representation, side: int) -> int:
    """Return how often a picture of side x side pixels can be split; fewer for shearlets, which would take too long."""
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


def _shearlets(scales: int, *, few: bool) -> Shearlet:
    """Return shearlets with 2^(ceil(j / 2) + 2) directions at scale j = 1, 2, ..., coarse to fine; floor for `few`."""
    return Shearlet(scales=scales, shear_levels=tuple(j // 2 for j in range(1, scales + 1)) if few else None)


def transform_of(representation: Representation, side: int) -> Transform:
    """Return the transform for side x side pixels, kept for the next time, with its norms known.

    Raises:
        ValueError: the settings do not fit the size.
    """
    return _made(representation, side)  # type: ignore[arg-type]  # frozen settings can be hashed


@lru_cache(maxsize=8)
def _made(representation: Representation, side: int) -> Transform:
    transform = silent_transform(representation, (side, side))
    norms(transform)
    return transform


def prepare(name: str, times: int, side: int) -> None:
    """Have the transform of this name ready for when it is chosen; nothing where the size allows none."""
    representation = named(name, side)
    most = most_levels(representation, side)
    if most and times:
        transform_of(split(representation, min(times, most)), side)
