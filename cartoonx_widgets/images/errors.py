"""What an image may be, and the error of one that is none."""

from __future__ import annotations

import os
from typing import Any, TypeAlias

import numpy.typing as npt
import torch
from PIL import Image

Array: TypeAlias = npt.NDArray[Any]
FileBytes: TypeAlias = bytes | bytearray | memoryview  # an upload button hands over a memoryview
ImageSource: TypeAlias = str | os.PathLike[str] | FileBytes | Image.Image | Array | torch.Tensor

MIN_SIDE = 16
"""The least height and width of an image, in pixels."""

MAX_PIXELS = 100_000_000
"""The most pixels (H times W) of an image."""


class ImageError(ValueError):
    """Something is wrong with an image; the message says what, what is allowed and what to do."""


def check_given(image: object, name: str = "image") -> None:
    """Refuse None as an image, such as `cv2.imread` returns for a wrong path, rather than take a sample for it.

    Raises:
        ImageError: If `image` is None.

    >>> check_given("photo.png")
    """
    if image is None:
        raise ImageError(
            f"{name} is None, which is no picture; cv2.imread returns None for a file that is not there or cannot be "
            "read: check that path, or give the path itself"
        )


def check_tensor(image: object, colours: tuple[int, ...] = (3,)) -> None:
    """Check that an image is a tensor (C, H, W) of floats, C being one of `colours`.

    Raises:
        ImageError: If it is not.
    """
    check_given(image)
    if not isinstance(image, torch.Tensor):
        found = f"of type {type(image).__name__}"
    elif not image.is_floating_point() or image.ndim != 3 or len(image) not in colours:  # noqa: PLR2004
        found = f"{image.dtype} of shape {tuple(image.shape)}"
    else:
        return
    raise ImageError(f"image is {found}; allowed is a float tensor (3, H, W); make one with images.read")


def check_pixels(height: int, width: int) -> None:
    """Check a size in pixels.

    Raises:
        ImageError: If a side is below `MIN_SIDE`, or there are more than `MAX_PIXELS`.
    """
    if height * width > MAX_PIXELS:
        fault = f"{height:,} x {width:,} pixels; allowed are {MAX_PIXELS:,} in all; shrink it first"
    elif min(height, width) < MIN_SIDE:
        fault = f"{height} x {width} pixels; allowed are {MIN_SIDE} x {MIN_SIDE} or more; enlarge it first"
    else:
        return
    raise ImageError(f"image has {fault}")
