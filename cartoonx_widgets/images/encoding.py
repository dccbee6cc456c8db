"""Images as bytes, PNG, JPEG and lossless WebP, and these as text."""

from __future__ import annotations

import base64
import io
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, features

from cartoonx_widgets.images.errors import ImageError, check_tensor

_WEBP = features.check("webp")


def to_uint8(image: torch.Tensor) -> npt.NDArray[np.uint8]:
    """Turn an image on any device, clamped to [0, 1], into rounded (H, W, 3) uint8.

    Args:
        image: (3, H, W), or (1, H, W) for a grey one, floats.

    Raises:
        ImageError: If `image` is neither.

    >>> to_uint8(torch.full((3, 1, 1), 0.4)).tolist()
    [[[102, 102, 102]]]
    """
    check_tensor(image, colours=(1, 3))
    # Half precision cannot tell 255 levels from their halves; and bytes cross to the host faster than floats.
    levels = (image.detach().float().clamp(0, 1) * 255).round().to(torch.uint8)
    return cast("npt.NDArray[np.uint8]", levels.expand(3, -1, -1).permute(1, 2, 0).contiguous().cpu().numpy())


def to_png(image: torch.Tensor | npt.NDArray[np.uint8], compress_level: int = 6) -> bytes:
    """Encode an image of any size, from 1 x 1 pixel on, as a PNG file.

    Args:
        image: (3, H, W) or (1, H, W) floats in [0, 1], or a uint8 array (H, W, 3) or (H, W).
        compress_level: From 0 (none) and 1 (fast) to 9 (small); 6 is zlib's own.

    Returns:
        The file's bytes.

    Raises:
        ImageError: If `image` is neither of these, or empty.
        ValueError: If `compress_level` is out of range.

    >>> to_png(np.zeros((2, 2), dtype=np.uint8))[1:4]
    b'PNG'
    """
    if compress_level not in range(10):
        raise ValueError(f"compress_level is {compress_level!r}; allowed are 0 to 9; 1 is fast")
    pixels = image if isinstance(image, np.ndarray) else to_uint8(image)
    plane = pixels.ndim in (2, 3) and pixels.shape[2:] in ((), (3,)) and pixels.size
    if not plane or pixels.dtype != np.uint8:
        found = f"{pixels.dtype} of shape {pixels.shape}"
        remedy = "give a (3, H, W) tensor in [0, 1], or convert it"
        raise ImageError(f"image is {found}; allowed is uint8, (H, W, 3) or (H, W), not empty; {remedy}")
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=compress_level)
    return buffer.getvalue()


def to_jpeg(image: torch.Tensor | npt.NDArray[np.uint8], quality: int = 95) -> bytes:
    """Encode an image as a JPEG file, without chroma subsampling.

    It takes about a tenth of the time of a PNG, and a third of its bytes.

    Args:
        image: (3, H, W) or (1, H, W) floats in [0, 1], or a uint8 array (H, W, 3) or (H, W).
        quality: From 0 to 100, Pillow's; at 95 errors are hardly seen.

    Returns:
        The file's bytes.

    Raises:
        ImageError: If `image` is a tensor of another kind.
    """
    buffer = io.BytesIO()
    pixels = image if isinstance(image, np.ndarray) else to_uint8(image)
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def smaller(png: bytes) -> bytes:
    """Return a PNG file as lossless WebP, which takes about half of it; as it is where that takes more."""
    if not _WEBP:
        return png
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        picture.save(buffer, "WEBP", lossless=True, method=4)
    return min(png, buffer.getvalue(), key=len)


def in_base64(data: bytes) -> str:
    """Return bytes as text in base64."""
    return base64.b64encode(data).decode("ascii")


def data_url(data: bytes, kind: str) -> str:
    """Return a picture's file as a data URL; `kind` is the end of its MIME type, such as "jpeg"."""
    return f"data:image/{kind};base64,{in_base64(data)}"
