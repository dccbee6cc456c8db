"""Images from files, bytes, PIL images, arrays and tensors."""

from __future__ import annotations

import io
import mmap
import os
import reprlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, UnidentifiedImageError

from cartoonx_widgets._silence import silenced_warnings
from cartoonx_widgets.images.errors import (
    MAX_PIXELS,
    Array,
    FileBytes,
    ImageError,
    ImageSource,
    check_given,
    check_pixels,
)
from cartoonx_widgets.images.formats import formats
from cartoonx_widgets.images.guarding import check_file, check_size
from cartoonx_widgets.images.paths import is_address, path_of
from cartoonx_widgets.images.samples import SAMPLES, open_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

_BYTE, _WORD = 255, 65535
_TOLERANCE = 1e-6
_STRIP = 2**18  # pixels that are converted at a time
_ORIENTATION = 0x0112  # EXIF's tag
_TURNS = {  # by its value: whether rows and columns change places, and which way each of them goes
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, -1, 1),
    7: (True, -1, -1),
    8: (True, 1, -1),
}
_Rows: TypeAlias = Callable[[int, int], Array]


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
    return _decode(open_sample(name), f"sample {name!r}")


def read(image: ImageSource) -> torch.Tensor:
    """Read an image from a file, bytes, a PIL image, an array or a tensor.

    Transparency is laid over white, the EXIF orientation is applied, and of several frames the first is taken. 16-bit
    grey keeps its precision; Pillow reads 16-bit colour as 8-bit.

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
            than `MAX_PIXELS` pixels (half of that in WebP and AVIF, a third in JPEG 2000, which take more room),
            would take very long to decode, holds values that are not finite or out of range, or does not fit
            into memory.

    >>> read(np.full((20, 30), 255, dtype=np.uint8)).shape
    torch.Size([3, 20, 30])
    >>> read(np.zeros((1, 1, 3)))
    Traceback (most recent call last):
    cartoonx_widgets.images.errors.ImageError: image has 1 x 1 pixels; allowed are 16 x 16 or more; enlarge it first
    """
    try:
        return _read(image)
    except MemoryError as error:
        remedy = "shrink it, or free memory, and read it again"
        raise ImageError(f"image takes more memory than there is; {remedy} ({error!r})") from error


def _read(image: object) -> torch.Tensor:
    if isinstance(image, torch.Tensor):
        return _from_array(image, channels_last=False)
    if isinstance(image, np.ndarray):
        return _from_array(image, channels_last=True)
    if isinstance(image, str) and image in SAMPLES and not Path(image).is_file():
        return sample(image)
    if isinstance(image, Image.Image):
        return _decode(image, f"of PIL's mode {image.mode}")
    if isinstance(image, FileBytes):
        return _decode(io.BytesIO(image), f"of {memoryview(image).nbytes:,} bytes")
    if isinstance(image, str | os.PathLike):
        path = os.fsdecode(image)
        return _decode(_open_path(path), _short(path))
    raise _unsupported(image)


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


def _decode(source: BinaryIO | Image.Image, what: str) -> torch.Tensor:
    """Return the picture (3, H, W) of a file (which is closed) or of PIL."""
    with silenced_warnings():
        try:
            if isinstance(source, Image.Image):
                return _pixels(source)
            with source:
                _check(source)
                with Image.open(source, formats=tuple(formats())) as picture:
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
            raise ImageError(f"image {what} cannot be decoded: {error!r:.500}; {remedy}") from error


def check_upload(data: bytes, *, most: int) -> None:
    """Check the size that an image file says it has, before it is read; what cannot be opened is left to `read`.

    Raises:
        ImageError: it has more than `most` pixels, or would cost much to open.
    """
    check_file(data)
    with silenced_warnings():
        try:
            picture = Image.open(io.BytesIO(data), formats=tuple(formats()))
        except Exception:  # noqa: BLE001 - `read` tells what is wrong with it
            return
        with picture:
            check_size(picture, most)


def _check(file: BinaryIO) -> None:
    """Look at a file's bytes before Pillow does; a file on disk is looked at where it lies."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            check_file(data)
    except (OSError, ValueError) as error:
        if isinstance(error, ImageError):
            raise
        check_file(file.read())  # in memory, or empty, or no file that can be mapped
        file.seek(0)


def _most_pixels() -> int:
    """Return the most pixels of a file: ours, or Pillow's where that is lower (it refuses twice as many)."""
    return MAX_PIXELS if Image.MAX_IMAGE_PIXELS is None else min(MAX_PIXELS, 2 * int(Image.MAX_IMAGE_PIXELS))


def _pixels(picture: Image.Image) -> torch.Tensor:
    """Read the picture (3, H, W), turned as its EXIF orientation says, converted a few rows at a time."""
    check_pixels(picture.height, picture.width)  # the header's size, before anything is decoded
    check_size(picture)
    picture.load()
    check_pixels(picture.height, picture.width)
    orientation = picture.getexif().get(_ORIENTATION, 1)
    rows = _rows_of(picture)
    shape = (picture.height, picture.width)
    _check_values(rows, *shape)
    swapped, down, across = _TURNS.get(orientation, (False, 1, 1))
    made = np.empty((3, *(shape[::-1] if swapped else shape)), np.float32)
    _fill((made.swapaxes(1, 2) if swapped else made)[:, ::down, ::across], rows)
    return torch.from_numpy(made)


def _rows_of(picture: Image.Image) -> _Rows:
    """Return the pixels (C, h, W) of some rows, by what they say: 8 bits, 16 bits or floats."""
    mode = picture.mode
    kept = mode in ("F", "I") or mode.startswith("I;16")
    if mode == "I":
        low, high = picture.getextrema()
        if low < 0 or high > _WORD:  # type: ignore[operator]
            found = f"values from {low} to {high}"
            raise ImageError(f"image has {found}; allowed in PIL's mode I are 0 to {_WORD}; scale it first")
    colours = "RGBA" if picture.has_transparency_data else "RGB"

    def rows(start: int, stop: int) -> Array:
        some = picture.crop((0, start, picture.width, stop))
        if mode == "La":  # the one mode that Pillow does not convert to RGBA
            some = some.convert("LA")
        values = np.asarray(some if kept else some.convert(colours))
        return np.atleast_3d(values.astype(np.uint16) if mode == "I" else values).transpose(2, 0, 1)

    return rows


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
    check_pixels(height, width)  # before anything is copied
    values = _to_numpy(array) if isinstance(array, torch.Tensor) else np.asarray(array)
    colours = np.moveaxis(values.reshape(planes), axis, 0)

    def rows(start: int, stop: int) -> Array:
        return colours[:, start:stop]

    _check_values(rows, height, width)
    made = np.empty((3, height, width), np.float32)
    _fill(made, rows)
    return torch.from_numpy(made)


def _to_numpy(image: torch.Tensor) -> Array:
    try:
        values = image.detach().cpu()
        return (values.float() if values.is_floating_point() else values).numpy()
    except (RuntimeError, TypeError) as error:
        kind = f"{image.dtype}, {image.layout}, on {image.device}"
        raise ImageError(f"image is {kind}; allowed are dense numbers; convert it first ({error})") from error


def _steps(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Rows from one to another, few enough that what is made of them takes little room."""
    many = max(1, _STRIP // width)
    for start in range(0, height, many):
        yield start, min(height, start + many)


def _fill(made: npt.NDArray[np.float32], rows: _Rows) -> None:
    """Write pixels that have been checked to `made` (3, H, W), over white where they are transparent."""
    for start, stop in _steps(*made.shape[1:]):
        colours = _to_unit(rows(start, stop))
        if len(alpha := colours[3:]):
            colours = colours[:3] * alpha + (1 - alpha)
        made[:, start:stop] = colours


def _check_values(rows: _Rows, height: int, width: int) -> None:
    """Refuse values that are not finite or out of range."""
    dtype = rows(0, 1).dtype
    kind = dtype.kind
    if kind not in "buif":
        allowed = "floats, integers and booleans"
        raise ImageError(f"image is of {dtype}; allowed are {allowed}; convert it first")
    if dtype in (np.uint8, np.bool_):
        return
    bad, low, high = 0, float("inf"), float("-inf")
    for start, stop in _steps(height, width):
        some = rows(start, stop)
        if kind == "f":
            bad += int((~np.isfinite(some)).any(axis=0).sum())
        low, high = min(low, float(some.min())), max(high, float(some.max()))
    if bad:
        found = f"{bad:,} of {height * width:,} pixels that are NaN or infinite"
        raise ImageError(f"image has {found}; allowed are floats in [0, 1]; replace them, as numpy.nan_to_num does")
    if kind == "f" and (low < -_TOLERANCE or high > 1 + _TOLERANCE):
        bytelike = low >= -_TOLERANCE and high <= _BYTE
        remedy = f"divide it by {_BYTE}" if bytelike else "undo its normalisation, or rescale it"
        raise ImageError(f"image has values from {low:g} to {high:g}; allowed are floats in [0, 1]; {remedy}")
    if kind != "f" and (low < 0 or high > _top(dtype)):
        found = f"{dtype} values from {low:.0f} to {high:.0f}"
        raise ImageError(f"image has {found}; allowed are 0 to {_top(dtype)}; scale it to floats in [0, 1]")


def _top(dtype: np.dtype[Any]) -> int:
    return _WORD if dtype.newbyteorder("=") == np.uint16 else _BYTE


def _to_unit(values: Array) -> npt.NDArray[np.float32]:
    """Scale (C, H, W) pixels, whose values are in range, to [0, 1]."""
    if values.dtype.kind in "bf":
        return values.astype(np.float32).clip(0, 1)
    return values.astype(np.float32) / np.float32(_top(values.dtype))
