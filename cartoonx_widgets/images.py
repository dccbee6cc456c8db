"""Read, check and fit images; the sample photographs.

An image is a float32 tensor of shape (3, H, W): RGB colours in [0, 1], H x W pixels.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import reprlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, cast, get_args

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps, UnidentifiedImageError, features

from cartoonx_widgets._silence import silenced_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping

Array: TypeAlias = npt.NDArray[Any]
FileBytes: TypeAlias = bytes | bytearray | memoryview  # an upload button hands over a memoryview
Resize: TypeAlias = Literal["crop", "squash", "pad"]
Interpolation: TypeAlias = Literal["nearest", "bilinear", "bicubic", "lanczos"]
ImageSource: TypeAlias = str | os.PathLike[str] | FileBytes | Image.Image | Array | torch.Tensor

MIN_SIDE = 16
"""The least height and width of an image, in pixels."""

MAX_PIXELS = 100_000_000
"""The most pixels (H times W) of an image."""

_BYTE, _WORD = 255, 65535
_LUMA = (0.299, 0.587, 0.114)
_TOLERANCE = 1e-6
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|data:")  # a Path has one slash of two; C: is a drive

# By Pillow's names, what people call them and how such files end, in the order in which they are tried: TGA is the
# last, since nothing in such a file tells what it is. Pillow knows more, and asks the bytes rather than the ending; of
# those some start other programs (Ghostscript, for EPS).
_FORMATS = {
    "PNG": ("PNG", (".png",)),
    "JPEG": ("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")),
    "GIF": ("GIF", (".gif",)),
    "WEBP": ("WebP", (".webp",)),
    "TIFF": ("TIFF", (".tif", ".tiff")),
    "BMP": ("BMP", (".bmp",)),
    "PPM": ("PPM", (".ppm", ".pgm", ".pbm", ".pnm")),
    "JPEG2000": ("JPEG 2000", (".jp2", ".j2k")),
    "AVIF": ("AVIF", (".avif",)),
    "ICO": ("ICO", (".ico",)),
    "TGA": ("TGA", (".tga",)),
}
_CODECS = {"JPEG": "jpg", "WEBP": "webp", "JPEG2000": "jpg_2000", "AVIF": "avif"}  # of Pillow's

ENDINGS = frozenset(ending for _, endings in _FORMATS.values() for ending in endings)
"""The endings, in small letters, of files in the formats that are read."""


class ImageError(ValueError):
    """Something is wrong with an image; the message says what, what is allowed and what to do."""


@dataclass(frozen=True)
class Sample:
    """A photograph that scikit-image carries in its wheel.

    Attributes:
        name: What `sample` and `read` call it.
        title: What a person calls it.
        file: Its file in scikit-image's data folder.
        credit: Who took it, and on which terms, as the docstrings of `skimage.data` state them.
    """

    name: str
    title: str
    file: str
    credit: str


_SAMPLES = (
    Sample("coffee", "Coffee cup", "coffee.png", "Rachel Michetti, courtesy of Pikolo Espresso Bar; CC0"),
    Sample("chelsea", "Chelsea the cat", "chelsea.png", "Stefan van der Walt; CC0"),
    Sample("camera", "Man with a camera", "camera.png", "Lav Varshney; CC0"),
    Sample("rocket", "Rocket launch", "rocket.jpg", "SpaceX; public domain"),
    Sample("astronaut", "Astronaut Eileen Collins", "astronaut.png", "NASA; public domain"),
    Sample("clock", "Motion-blurred clock", "clock_motion.png", "Stefan van der Walt; public domain"),
)
SAMPLES: Mapping[str, Sample] = MappingProxyType({item.name: item for item in _SAMPLES})
"""The sample photographs by name; the first is the default."""

DEFAULT_SAMPLE = _SAMPLES[0].name
"""The sample that a widget shows where it is given no picture."""


@cache
def formats() -> Mapping[str, str]:
    """Return the file formats that are read, Pillow's name for each and a person's; fewer where Pillow lacks a codec.

    >>> formats()["WEBP"]
    'WebP'
    """
    with silenced_warnings():  # an older Pillow warns of the name of a codec that it does not know
        Image.init()
        there = [name for name in _FORMATS if name in Image.OPEN]
        readable = [name for name in there if name not in _CODECS or features.check(_CODECS[name])]
    return MappingProxyType({name: _FORMATS[name][0] for name in readable})


def sample_names() -> tuple[str, ...]:
    """Return the names of the sample photographs; the first is the default.

    >>> sample_names()[0]
    'coffee'
    """
    return tuple(SAMPLES)


def sample(name: str) -> torch.Tensor:
    """Read a sample photograph from the installed scikit-image; nothing is downloaded.

    Args:
        name: One of `sample_names()`.

    Returns:
        The photograph, (3, H, W) in [0, 1].

    Raises:
        ImageError: If there is no such sample, or the installed scikit-image lacks it.

    >>> sample("coffee").shape
    torch.Size([3, 400, 600])
    """
    return _from_array(_decode(_open_sample(name), f"sample {name!r}"), channels_last=True)


def read(image: ImageSource) -> torch.Tensor:
    """Read an image from whatever holds it.

    Transparency is laid over white, a photograph is turned the way its EXIF orientation says, and of several
    frames the first is taken. 16-bit grey keeps its precision; Pillow reads 16-bit colour as 8-bit.

    Args:
        image: One of

            - a path, in which `~` is the home folder, or the name of a sample photograph where no file has that
              name; nothing is downloaded;
            - the bytes of an image file, in one of `formats()`;
            - a PIL image of any mode ("I" holds 16-bit grey, 0 to 65535; "F" lies in [0, 1]);
            - a NumPy array or torch tensor of shape (H, W), (C, H, W) or (H, W, C), with C = 1, 3 or 4 for
              grey, RGB and RGBA, or a batch of one of these. It holds floats in [0, 1], booleans, uint16 from
              0 to 65535, or other integers from 0 to 255.

    Returns:
        A new tensor (3, H, W), float32 RGB in [0, 1], on the CPU.

    Raises:
        ImageError: If it is none of these, cannot be found or decoded, has a side below `MIN_SIDE` or more
            than `MAX_PIXELS` pixels, holds values that are not finite or out of range, or does not fit into
            memory.

    >>> read(np.full((20, 30), 255, dtype=np.uint8)).shape
    torch.Size([3, 20, 30])
    >>> read(np.zeros((1, 1, 3)))
    Traceback (most recent call last):
    cartoonx_widgets.images.ImageError: image has 1 x 1 pixels; allowed are 16 x 16 or more; enlarge it first
    """
    try:
        return _read(image)
    except MemoryError as error:
        remedy = "shrink it, or free memory, and read it again"
        raise ImageError(f"image takes more memory than there is; {remedy} ({error!r})") from error


def check_given(image: object, name: str = "image") -> None:
    """Refuse None in place of a picture: a wrong path must not be answered with a picture of ours.

    Raises:
        ImageError: If `image` is None.

    >>> check_given("photo.png")
    """
    if image is None:
        raise ImageError(
            f"{name} is None, which is no picture; cv2.imread returns None for a file that is not there or cannot be "
            "read: check that path, or give the path itself"
        )


def is_address(text: str | os.PathLike[str]) -> bool:
    """Return whether a text is an address, such as one of the web, rather than a path.

    >>> is_address("https://example.org/cat.jpg"), is_address("C:/cat.jpg")
    (True, False)
    """
    return _ADDRESS.match(os.fsdecode(text)) is not None


def path_of(image: str | os.PathLike[str]) -> Path:
    """Return the path that a text names, with `~` for the home folder unless there is a file of that very name.

    >>> path_of("photo.png").name
    'photo.png'
    """
    path = Path(os.fsdecode(image))
    with contextlib.suppress(RuntimeError):  # no such user, or none that has a home: a name like another
        return path if path.exists() else path.expanduser()
    return path


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
    EfficientNet preprocessing does, then resized bicubically with antialiasing. This is torch's resize, which
    stays on the image's device and agrees with Pillow's on float channels to 1e-5. Pillow's on 8-bit pixels
    is 0.3 / 255 away from both on average, and more at sharp edges, for it rounds and clips between its two
    passes.

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
    _check_tensor(image)
    if not 0 < crop <= 1:
        raise ValueError(f"crop is {crop}; allowed is 0 < crop <= 1; 1 keeps the whole centre")
    for argument, value, allowed in (
        ("resize", resize, get_args(Resize)),
        ("interpolation", interpolation, get_args(Interpolation)),
    ):
        if value not in allowed:
            raise ValueError(f"{argument} is {value!r}; allowed are {', '.join(map(repr, allowed))}; choose one")
    if size is None:
        return image
    h, w = _height_width(size)
    full_height, full_width = image.shape[1:]
    match resize:
        case "crop":
            kept_height, kept_width = min(full_height, full_width * h / w), min(full_width, full_height * w / h)
        case "squash":
            kept_height, kept_width = full_height, full_width
        case "pad":
            kept_height, kept_width = max(full_height, full_width * h / w), max(full_width, full_height * w / h)
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
    _check_tensor(image)
    return (image * image.new_tensor(_LUMA)[:, None, None]).sum(0, keepdim=True)


def to_uint8(image: torch.Tensor) -> npt.NDArray[np.uint8]:
    """Turn an image on any device, clamped to [0, 1], into rounded (H, W, 3) uint8.

    Args:
        image: (3, H, W), or (1, H, W) for a grey one, floats.

    Raises:
        ImageError: If `image` is neither.

    >>> to_uint8(torch.full((3, 1, 1), 0.4)).tolist()
    [[[102, 102, 102]]]
    """
    _check_tensor(image, colours=(1, 3))
    # Half precision cannot tell 255 levels from their halves; and bytes cross to the host faster than floats.
    levels = (image.detach().float().clamp(0, 1) * 255).round().to(torch.uint8)
    return cast("npt.NDArray[np.uint8]", levels.expand(3, -1, -1).permute(1, 2, 0).contiguous().cpu().numpy())


def to_png(image: torch.Tensor | npt.NDArray[np.uint8], compress_level: int = 1) -> bytes:
    """Encode an image, as small as it may be, as a PNG file.

    Args:
        image: (3, H, W) or (1, H, W) floats in [0, 1], or a uint8 array (H, W, 3) or (H, W).
        compress_level: From 0 (none) and 1 (fast) to 9 (small).

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
    """Encode a (3, H, W) image in [0, 1], or a uint8 array (H, W, 3), as a JPEG file in full colour resolution.

    It takes a tenth of the time of a PNG and a third of its bytes, with errors that the eye does not find: for
    pictures that are gone with the next frame.
    """
    buffer = io.BytesIO()
    pixels = image if isinstance(image, np.ndarray) else to_uint8(image)
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def _read(image: object) -> torch.Tensor:
    if isinstance(image, torch.Tensor):
        return _from_array(image, channels_last=False)
    if isinstance(image, np.ndarray):
        return _from_array(image, channels_last=True)
    if isinstance(image, str) and image in SAMPLES and not Path(image).is_file():
        return sample(image)
    if isinstance(image, Image.Image):
        pixels = _decode(image, f"of PIL's mode {image.mode}")
    elif isinstance(image, FileBytes):
        pixels = _decode(io.BytesIO(image), f"of {memoryview(image).nbytes:,} bytes")
    elif isinstance(image, str | os.PathLike):
        path = os.fsdecode(image)
        pixels = _decode(_open_path(path), _short(path))
    else:
        raise _unsupported(image)
    return _from_array(pixels, channels_last=True)


def _unsupported(image: object) -> ImageError:
    check_given(image)
    return ImageError(
        f"image is of type {type(image).__name__}; accepted are a path, the name of a sample photograph, "
        "the bytes of an image file, a PIL image, a NumPy array and a torch tensor; convert it to one"
    )


def _short(path: str) -> str:
    words = reprlib.Repr()
    words.maxstring = 100
    return words.repr(path)


def _check_tensor(image: object, colours: tuple[int, ...] = (3,)) -> None:
    check_given(image)
    if not isinstance(image, torch.Tensor):
        found = f"of type {type(image).__name__}"
    elif not image.is_floating_point() or image.ndim != 3 or len(image) not in colours:  # noqa: PLR2004
        found = f"{image.dtype} of shape {tuple(image.shape)}"
    else:
        return
    raise ImageError(f"image is {found}; allowed is a float tensor (3, H, W); make one with images.read")


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


def _check_pixels(height: int, width: int) -> None:
    if height * width > MAX_PIXELS:
        fault = f"{height:,} x {width:,} pixels; allowed are {MAX_PIXELS:,} in all; shrink it first"
    elif min(height, width) < MIN_SIDE:
        fault = f"{height} x {width} pixels; allowed are {MIN_SIDE} x {MIN_SIDE} or more; enlarge it first"
    else:
        return
    raise ImageError(f"image has {fault}")


def _open_sample(name: str) -> BinaryIO:
    if name not in SAMPLES:
        raise ImageError(f"name {name!r} is no sample photograph; allowed are {', '.join(SAMPLES)}")
    try:
        # The folder itself, for the functions of skimage.data may download.
        spec = find_spec("skimage")  # which finds the folder and loads nothing
        package = Path(spec.origin if spec and spec.origin else "").parent
        return cast("BinaryIO", (package / "data" / SAMPLES[name].file).open("rb"))
    except FileNotFoundError as error:
        raise ImageError(f"sample {name!r} is not in the installed scikit-image; reinstall that") from error


def _open_path(path: str) -> BinaryIO:
    if not path:
        raise ImageError("image is an empty path; give the path of an image file")
    try:
        return path_of(path).open("rb")
    except (OSError, ValueError) as error:
        if is_address(path):
            remedy = "nothing is downloaded: save the picture as a file, and give its path"
            raise ImageError(f"image {_short(path)} is an address, and {remedy}") from error
        if not isinstance(error, FileNotFoundError):
            reason = getattr(error, "strerror", None) or error
            raise ImageError(f"image {_short(path)} cannot be opened: {reason}; give an image file") from error
        bare = Path(path).name == path and not Path(path).suffix
        remedy = f"a sample photograph ({', '.join(SAMPLES)}) or the path" if bare else "the path"
        folder = path_of(path).absolute().parent
        raise ImageError(f"image {_short(path)} is not found in {folder}; give {remedy} of a file") from error


def _decode(source: BinaryIO | Image.Image, what: str) -> Array:
    """Return the pixels of a file (which is closed) or PIL image, (H, W) or (H, W, C)."""
    with silenced_warnings():
        try:
            if isinstance(source, Image.Image):
                return _pixels(source)
            with source, Image.open(source, formats=tuple(formats())) as picture:
                return _pixels(picture)
        except (ImageError, MemoryError):
            raise
        except Image.DecompressionBombError as error:
            size = str(error).partition(",")[0]  # the rest suspects an attack
            remedy = f"allowed are {_most_pixels():,} pixels in all; shrink it first"
            raise ImageError(f"image {what} is too large: {size}; {remedy}") from error
        except UnidentifiedImageError as error:
            *names, last = formats().values()
            remedy = f"give a whole {', '.join(names)} or {last} file"
            raise ImageError(f"image {what} is nothing that can be read as an image; {remedy}") from error
        except Exception as error:  # decoders raise whatever a damaged file makes them trip over
            remedy = "it may be damaged or cut off; fetch it again, or save it as PNG or JPEG"
            raise ImageError(f"image {what} cannot be decoded: {error!r}; {remedy}") from error


def _most_pixels() -> int:
    """The most pixels of a file: ours, or Pillow's where a user has set a lower limit (it refuses twice as many)."""
    return MAX_PIXELS if Image.MAX_IMAGE_PIXELS is None else min(MAX_PIXELS, 2 * int(Image.MAX_IMAGE_PIXELS))


def _pixels(picture: Image.Image) -> Array:
    _check_pixels(picture.height, picture.width)  # the header's size, before anything is decoded
    picture = ImageOps.exif_transpose(picture)
    if picture.mode == "F" or picture.mode.startswith("I;16"):
        return np.asarray(picture)
    if picture.mode == "I":
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > _WORD:
            found = f"values from {values.min()} to {values.max()}"
            raise ImageError(f"image has {found}; allowed in PIL's mode I are 0 to {_WORD}; scale it first")
        return values.astype(np.uint16)
    if picture.mode == "La":  # the one mode that Pillow does not convert to RGBA
        picture = picture.convert("LA")
    return np.asarray(picture.convert("RGBA" if picture.has_transparency_data else "RGB"))


def _from_array(array: Array | torch.Tensor, *, channels_last: bool) -> torch.Tensor:
    shape = tuple(array.shape)
    planes = shape[1:] if shape[:-3] == (1,) else shape
    match (channels_last, *planes):
        case (_, height, width):
            planes, axis = (1, height, width), 0
        case (True, height, width, 1 | 3 | 4):
            axis = 2
        case (_, 1 | 3 | 4, height, width):
            axis = 0
        case (_, height, width, 1 | 3 | 4):
            axis = 2
        case _:
            raise ImageError(
                f"image has shape {shape}; allowed are (H, W), (C, H, W) and (H, W, C) with C = 1, 3 or 4; "
                "take one image out of a batch, and drop or merge other channels"
            )
    _check_pixels(height, width)  # before anything is copied
    values = _to_numpy(array) if isinstance(array, torch.Tensor) else np.asarray(array)
    colours = _to_unit(np.moveaxis(values.reshape(planes), axis, 0))
    if len(alpha := colours[3:]):
        colours = colours[:3] * alpha + (1 - alpha)
    return torch.from_numpy(np.broadcast_to(colours, (3, height, width)).copy())


def _to_numpy(image: torch.Tensor) -> Array:
    try:
        values = image.detach().cpu()
        return (values.float() if values.is_floating_point() else values).numpy()
    except (RuntimeError, TypeError) as error:
        kind = f"{image.dtype}, {image.layout}, on {image.device}"
        raise ImageError(f"image is {kind}; allowed are dense numbers; convert it first ({error})") from error


def _to_unit(values: Array) -> npt.NDArray[np.float32]:
    """Check the values of (C, H, W) pixels and scale them to [0, 1]."""
    kind = values.dtype.kind
    if kind not in "buif":
        allowed = "floats, integers and booleans"
        raise ImageError(f"image is of {values.dtype}; allowed are {allowed}; convert it first")
    if kind == "f" and (bad := int((~np.isfinite(values)).any(axis=0).sum())):
        found = f"{bad:,} of {values[0].size:,} pixels that are NaN or infinite"
        raise ImageError(f"image has {found}; allowed are floats in [0, 1]; replace them, as numpy.nan_to_num does")
    low, high = float(values.min()), float(values.max())
    if kind == "f" and (low < -_TOLERANCE or high > 1 + _TOLERANCE):
        bytelike = low >= -_TOLERANCE and high <= _BYTE
        remedy = f"divide it by {_BYTE}" if bytelike else "undo its normalisation, or rescale it"
        raise ImageError(f"image has values from {low:g} to {high:g}; allowed are floats in [0, 1]; {remedy}")
    if kind in "bf":
        return values.astype(np.float32).clip(0, 1)
    top = _WORD if values.dtype.newbyteorder("=") == np.uint16 else _BYTE
    if low < 0 or high > top:
        found = f"{values.dtype} values from {low:.0f} to {high:.0f}"
        raise ImageError(f"image has {found}; allowed are 0 to {top}; scale it to floats in [0, 1]")
    return values.astype(np.float32) / np.float32(top)
