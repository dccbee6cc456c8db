"""How a photograph becomes the picture that a classifier is given, and how that is normalised."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np
import torch
from PIL import Image
from torch import nn

from cartoonx_widgets import images
from cartoonx_widgets._checks import one_of
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.images import Interpolation, Resize

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    PictureTransform: TypeAlias = Callable[[Image.Image], Tensor]

BY_TRANSFORM = ("mean", "std", "size", "crop", "resize", "interpolation")
"""The arguments of `Classifier` that a transform takes the place of."""

_LANDSCAPE, _PORTRAIT = (96, 128), (128, 96)
_PRIMARIES = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
_GREY = 128
_COLOURS = 3
_MOST_MEAN, _MOST_STD = 1.0, 2.0  # of images in [0, 1], with room
_TOLERANCE = 1e-4  # of the range from black to white


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Fit pictures to a size, in floats and with antialiasing, as `images.fit` does.

    Args:
        size: (H, W); None takes pictures as they come.
        crop: share of the sides that is kept, centred, in (0, 1].
        resize: "crop", "squash" or "pad", for pictures of another aspect ratio.
        interpolation: "nearest", "bilinear", "bicubic" or "lanczos".

    Raises:
        ValueError: one of them is out of range.

    >>> Fit(size=(32, 32), resize="squash")(torch.zeros(3, 40, 60)).shape
    torch.Size([3, 32, 32])
    """

    size: tuple[int, int] | None = None
    crop: float = 1.0
    resize: Resize = "crop"
    interpolation: Interpolation = "bicubic"

    def __post_init__(self) -> None:
        if not 0 < self.crop <= 1:
            raise ValueError(f"crop={self.crop!r} must be above 0 and at most 1")
        one_of("resize", self.resize, get_args(Resize))
        one_of("interpolation", self.interpolation, get_args(Interpolation))

    def __call__(self, image: Tensor) -> Tensor:
        """Fit a picture (3, H, W) in [0, 1]."""
        return images.fit(image, self.size, self.crop, resize=self.resize, interpolation=self.interpolation)


@dataclass(frozen=True)
class LibraryFit:
    """Fit pictures by a library's own transform, and take its normalisation off again.

    A transform maps a PIL picture to what the module sees, (3, h, w), or (1, h, w) in grey. Its normalisation is
    measured on plain pictures, so that it does not matter how the transform is written.

    Attributes:
        transform: the library's.
        mean: for each colour, red first: subtracted from the fitted picture in [0, 1].
        std: likewise, divides it after that.
        reverses_colours: whether the module sees blue first.
        size: (h, w) where pictures of all shapes become this; None otherwise.
    """

    transform: PictureTransform
    mean: tuple[float, ...]
    std: tuple[float, ...]
    reverses_colours: bool
    size: tuple[int, int] | None

    @classmethod
    def measure(cls, transform: PictureTransform) -> LibraryFit:
        """Find out what a transform does beside fitting.

        Raises:
            ValueError: it fails on a picture, returns no tensor (3, h, w) or (1, h, w), is random, or changes colours
                in a way that is no normalisation.
        """
        transform = copy.deepcopy(transform)  # a later change of the caller's object would change the classifier
        noise = np.random.default_rng(0).integers(0, 256, (*_LANDSCAPE, 3), dtype=np.uint8)
        seen = _applied(transform, noise)
        if not torch.equal(seen, _applied(transform, noise)):
            raise ValueError(f"transform={_named(transform)} is random: give the one for evaluation, not for training")
        upright = _applied(transform, np.zeros((*_PORTRAIT, 3), dtype=np.uint8))
        size = checked_size((seen.shape[1], seen.shape[2])) if seen.shape == upright.shape else None

        black, white, grey = (_centre(transform, (level, level, level)) for level in (0, 255, _GREY))
        changes = torch.stack([_centre(transform, primary) - black for primary in _PRIMARIES])  # (in, out)
        reverses = bool(changes.flip(0).diagonal().abs().sum() > changes.diagonal().abs().sum()) and len(seen) > 1
        if reverses:
            changes, black, white, grey = changes.flip(1), black.flip(0), white.flip(0), grey.flip(0)
        scale = white - black
        off = [(grey - black - scale * _GREY / 255).abs().max()]
        if len(seen) > 1:  # else red, green and blue weigh what they may
            off.append((changes - scale.diag()).abs().max())
        if not scale.min() > 0 or max(off) > _TOLERANCE * scale.max():
            raise ValueError(
                f"transform={_named(transform)} changes colours by more than (x - mean) / std for each: put that into "
                "the module, and give a transform that resizes, crops and normalises"
            )
        return cls(transform, tuple((-black / scale).tolist()), tuple((1 / scale).tolist()), reverses, size)

    @property
    def channels(self) -> int:
        """Return the number of colours, 3 for RGB and 1 for grey."""
        return len(self.mean)

    def __call__(self, image: Tensor) -> Tensor:
        """Fit a picture (3, H, W) in [0, 1], by way of 8 bits."""
        seen = _applied(self.transform, images.to_uint8(image))
        if self.reverses_colours:
            seen = seen.flip(0)
        mean, std = (torch.tensor(values, dtype=torch.float64)[:, None, None] for values in (self.mean, self.std))
        return (seen * std + mean).clamp(0, 1).float().expand(3, -1, -1).contiguous()


class ReversedColours(nn.Module):
    """A module that takes blue, green and red, for pictures in red, green and blue."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, image: Tensor) -> Any:  # noqa: ANN401 - whatever the module returns
        """Compute what the module returns for pictures (B, 3, H, W) in RGB."""
        return self.module(image.flip(1))


def _applied(transform: PictureTransform, pixels: Any) -> Tensor:  # noqa: ANN401 - a uint8 array (H, W, 3)
    try:
        seen = transform(Image.fromarray(pixels))
    except Exception as error:
        raise ValueError(
            f"transform={_named(transform)} failed on an RGB picture of {pixels.shape[0]} x {pixels.shape[1]} pixels "
            f"({error!r}): give a function from a PIL picture to a tensor (3, H, W)"
        ) from error
    if not isinstance(seen, torch.Tensor) or seen.ndim != 3 or len(seen) not in (1, 3):  # noqa: PLR2004
        found = f"{seen.dtype} of shape {tuple(seen.shape)}" if isinstance(seen, torch.Tensor) else type(seen).__name__
        raise ValueError(
            f"transform={_named(transform)} turned a picture into {found}: a tensor (3, H, W) is needed, as "
            "torchvision's ToTensor makes it"
        )
    return seen.detach().cpu().double()


def _centre(transform: PictureTransform, colour: tuple[int, int, int]) -> Tensor:
    """Return what the middle of a plain picture becomes, where no border reaches: (3,)."""
    seen = _applied(transform, np.full((*_LANDSCAPE, 3), colour, dtype=np.uint8))
    return seen[:, seen.shape[1] // 2, seen.shape[2] // 2]


def _named(transform: object) -> str:
    return getattr(transform, "__name__", type(transform).__name__)


def checked_size(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    """Turn a side into (H, W); None stays.

    Raises:
        ValueError: it is no size of pictures.
    """
    if size is None:
        return None
    sides = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2 or any(not isinstance(side, int) or side < images.MIN_SIDE for side in sides):  # noqa: PLR2004
        raise ValueError(f"size={size!r} must be a side or (H, W), each a whole number of at least {images.MIN_SIDE}")
    return sides[0], sides[1]


def checked_levels(mean: object, std: object, channels: int) -> tuple[Tensor, Tensor]:
    """Check what is subtracted from images, and what divides them: (1, 1 or C, 1, 1) each, in float64.

    Raises:
        ValueError: neither one finite number nor one for each colour, or a `std` that is not above 0.
    """
    checked = _per_colour("mean", mean, 0.0, channels), _per_colour("std", std, 1.0, channels)
    if not (checked[1] > 0).all():
        raise ValueError(f"std={std!r} must be above 0 for every colour")
    return checked


def warn_of_levels(mean: object, std: object) -> None:
    """Warn of a normalisation, of numbers that have been checked, that is meant for levels from 0 to 255."""
    for argument, given, most in (("mean", mean, _MOST_MEAN), ("std", std, _MOST_STD)):
        if given is not None and torch.as_tensor(given).abs().max() > most:
            warn_user(
                f"{argument}={given!r} seems to be meant for levels from 0 to 255, and images are in [0, 1]: "
                "divide it by 255"
            )


def _per_colour(argument: str, value: object, default: float, channels: int) -> Tensor:
    try:
        tensor = torch.as_tensor(default if value is None else value, dtype=torch.float64).flatten()
    except (TypeError, ValueError):
        tensor = torch.empty(0)
    if len(tensor) not in (1, channels) or not torch.isfinite(tensor).all():
        more = " or three, for red, green and blue" if channels == _COLOURS else ", for a grey image"
        raise ValueError(f"{argument}={value!r} must be one finite number{more}")
    return tensor.reshape(1, -1, 1, 1)
