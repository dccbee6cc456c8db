"""Images of the size and the colours that a classifier takes.

Images are resized by torch, on their own device; that agrees with Pillow on float channels to 1e-5. Pillow on 8-bit
pixels is 0.3 / 255 away from both on average, and more at sharp edges, for it rounds and clips between its two passes.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
import torch
from PIL import Image

from cartoonx_widgets._checks import number, one_of
from cartoonx_widgets.images.errors import MAX_PIXELS, MIN_SIDE, check_tensor

Resize: TypeAlias = Literal["crop", "squash", "pad"]
Interpolation: TypeAlias = Literal["nearest", "bilinear", "bicubic", "lanczos"]
_LUMA = (0.299, 0.587, 0.114)


def fit(
    image: torch.Tensor,
    size: int | tuple[int, int] | None,
    crop: float = 1.0,
    *,
    resize: Resize = "crop",
    interpolation: Interpolation = "bicubic",
) -> torch.Tensor:
    """Cut out the centre of an image and resize it, as classifiers want it.

    By default the largest centred rectangle with the aspect ratio of `size` is shrunk by `crop` and placed as the
    EfficientNet preprocessing does, then resized bicubically with antialiasing.

    Args:
        image: (3, H, W), floats in [0, 1].
        size: Side of a square, or (h, w), in pixels; None returns the image as it is.
        crop: Share of the rectangle's sides that is kept, in (0, 1].
        resize: What becomes of an image of another aspect ratio:

            - "crop" cuts off what is too long, and the rectangle is the largest that lies in the image;
            - "squash" changes the aspect ratio, and the rectangle is the image itself;
            - "pad" adds black on two sides, and the rectangle is the smallest that holds the image.
        interpolation: "bilinear", "bicubic" and "lanczos" with antialiasing (the last on the CPU, by Pillow), or
            "nearest".

    Returns:
        (3, h, w), float32 in [0, 1], on the image's device.

    Raises:
        ImageError: If `image` is not a float tensor (3, H, W).
        ValueError: If `crop`, `resize` or `interpolation` is none of these, or a side of `size` is below `MIN_SIDE`.

    >>> fit(torch.zeros(3, 400, 600), 224, crop=0.875).shape
    torch.Size([3, 224, 224])
    >>> fit(torch.ones(3, 40, 80), 16, resize="pad")[0, :, 0].round().int().tolist()
    [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    """
    check_tensor(image)
    number("crop", crop, above=0, most=1, more="; 1 keeps the whole centre")
    one_of("resize", resize, get_args(Resize))
    one_of("interpolation", interpolation, get_args(Interpolation))
    if size is None:
        return image
    h, w = _height_width(size)
    full_height, full_width = image.shape[1:]
    kept_height, kept_width = _rectangle((full_height, full_width), (h, w), resize)
    height = min(full_height, max(1, int(crop * kept_height)))
    width = min(full_width, max(1, int(crop * kept_width)))
    top, left = (full_height - height + 1) // 2, (full_width - width + 1) // 2
    centre = image[:, top : top + height, left : left + width].float()  # torch resizes no half on a CPU
    if resize != "pad":
        return _resized(centre, h, w, interpolation)
    inner_h = min(h, max(1, round(height * h / (crop * kept_height))))
    inner_w = min(w, max(1, round(width * w / (crop * kept_width))))
    padded = centre.new_zeros(3, h, w)
    top, left = (h - inner_h) // 2, (w - inner_w) // 2
    padded[:, top : top + inner_h, left : left + inner_w] = _resized(centre, inner_h, inner_w, interpolation)
    return padded


def _rectangle(image: tuple[int, int], size: tuple[int, int], resize: Resize) -> tuple[float, float]:
    """Return height and width of the rectangle that is resized: with the aspect ratio of `size`, unless squashed."""
    (height, width), (h, w) = image, size
    if resize == "squash":
        return height, width
    bound = min if resize == "crop" else max
    return bound(height, width * h / w), bound(width, height * w / h)


def _resized(image: torch.Tensor, h: int, w: int, interpolation: Interpolation) -> torch.Tensor:
    match interpolation:
        case "lanczos":  # which torch's interpolate does not have
            colours = [
                Image.fromarray(colour).resize((w, h), Image.Resampling.LANCZOS) for colour in image.cpu().numpy()
            ]
            resized = torch.from_numpy(np.stack([np.asarray(colour) for colour in colours])).to(image.device)
        case "nearest":
            resized = torch.nn.functional.interpolate(image[None], size=(h, w), mode="nearest-exact")[0]
        case _:
            resized = torch.nn.functional.interpolate(image[None], size=(h, w), mode=interpolation, antialias=True)[0]
    return resized.clamp(0, 1)


def to_grey(image: torch.Tensor) -> torch.Tensor:
    """Turn a (3, H, W) image into a grey one, (1, H, W), by the luma of ITU-R 601, as Pillow's mode "L" does.

    Raises:
        ImageError: If `image` is not a float tensor (3, H, W).

    >>> to_grey(torch.ones(3, 2, 2)).shape
    torch.Size([1, 2, 2])
    """
    check_tensor(image)
    return (image * image.new_tensor(_LUMA)[:, None, None]).sum(0, keepdim=True)


def _height_width(size: object) -> tuple[int, int]:
    match size:
        case (h, w):
            pass
        case _:
            h = w = size
    if isinstance(h, int | np.integer) and isinstance(w, int | np.integer):
        h, w = int(h), int(w)
        if min(h, w) >= MIN_SIDE and h * w <= MAX_PIXELS:
            return h, w
    raise ValueError(
        f"size is {size!r}; allowed is a side or (height, width) in whole pixels, at least {MIN_SIDE} each, "
        f"{MAX_PIXELS:,} in all; most classifiers take 224"
    )
