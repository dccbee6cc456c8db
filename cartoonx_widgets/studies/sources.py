"""Where the photographs of a study come from: a folder, a list, a tar archive, a dataset of PyTorch."""

from __future__ import annotations

import hashlib
import operator
import os
import reprlib
import stat
import tarfile
from collections import Counter
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from cartoonx_widgets._deprecated import renamed_arguments
from cartoonx_widgets._files import digest_of
from cartoonx_widgets._terminal import print_line
from cartoonx_widgets.images import ENDINGS, is_address, path_of
from cartoonx_widgets.studies.left_out import LeftOut, some_names, spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CLASS_ENDING = ".cls"  # of a file beside the photograph, as WebDataset has it
_PAIR = 2
# What datasets call the two, in small letters: those of Hugging Face, and WebDataset, whose keys are endings.
_IMAGE_KEYS = (
    "image",
    "img",
    "picture",
    "photo",
    "photograph",
    "pixel_values",
    "jpg",
    "jpeg",
    "png",
    "webp",
    "input",
    "x",
    "image_path",
    "path",
    "file",
)
_CLASS_KEYS = ("label", "labels", "fine_label", "target", "class", "class_id", "category", "cls", "y", "coarse_label")


@dataclass(frozen=True)
class Photograph:
    """One photograph of a study.

    Attributes:
        key: what it is called, unique in its study.
        load: reads it, with whatever came with it as its class; may raise anything, and give what is no picture.
    """

    key: str
    load: Callable[[], tuple[Any, Any]]


@renamed_arguments(labelled="use_labels")
def photographs(source: Any, *, use_labels: bool = False) -> list[Photograph]:  # noqa: ANN401 - of many kinds
    """List the photographs of a source, in an order that is always the same; standard error says what is left out.

    Args:
        source: a folder, with all pictures that are in it; a tar archive, in which a `.cls` file beside a picture has
            the index or the label of its class, as in WebDataset; a dataset of PyTorch with a length, whose items are
            pictures, begin with a picture and its class, or are dictionaries with both ("image" and "label", say); or
            a list of whatever `explain` takes, of such items, or of `Photograph`s.
            A file goes by its name, a picture in memory by its place and a digest, an item of a dataset by its place.
        use_labels: whether classes are wanted too.

    Raises:
        ValueError: there is no photograph, two of one name, or dictionaries in which nothing is known as a picture, or
            as a class where one is wanted.
        OSError: a folder or an archive cannot be read.
    """
    left_out = LeftOut()
    if isinstance(source, str | os.PathLike):
        found = _of_path(path_of(source), left_out)
    elif isinstance(source, list | tuple):
        found = [_of_list(item, place) for place, item in enumerate(source)]
    elif isinstance(source, Sized) and hasattr(source, "__getitem__") and not isinstance(source, bytes | Mapping):
        found = [Photograph(str(place), partial(_item, source, place)) for place in range(len(source))]
    else:
        raise ValueError(
            f"source={reprlib.repr(source)} must be a folder, a .tar archive, a list of photographs, or a dataset of "
            "PyTorch with a length; of a dictionary give one of its values"
        )
    if not found:
        endings, others = ", ".join(sorted(ENDINGS)), f" ({left_out})" if left_out else ""
        raise ValueError(f"source={source!r} holds no picture{others}; in folders they end in {endings}")
    if twice := [key for key, count in Counter(photograph.key for photograph in found).items() if count > 1]:
        raise ValueError(f"source holds {twice[0]!r} more than once: give each photograph once")
    if not isinstance(source, str | os.PathLike):
        _check_keys(source, use_labels=use_labels)
    if left_out:
        print_line(f"source={str(source)!r}: {left_out}", error=True)
    return found


def _of_list(item: Any, place: int) -> Photograph:  # noqa: ANN401
    if isinstance(item, Photograph):
        return item
    try:
        image, _ = _parted(item)
        is_path = isinstance(image, str | os.PathLike)
        key = spelled_out(os.fsdecode(image)) if is_path else f"photograph {place}, {digest(image)[:8]}"
    except Exception:  # noqa: BLE001 - whatever is wrong with it is recorded when it is loaded
        key = f"photograph {place}"
    return Photograph(key, partial(_given, item))


def _of_path(path: Path, left_out: LeftOut) -> list[Photograph]:
    if path.is_dir():
        return [
            Photograph(spelled_out(name), partial(_file, path / name))
            for name in sorted(_files(path, left_out), key=Path)
        ]
    if path.suffix == ".tar" and path.is_file():
        return _of_tar(path, left_out)
    remedy = "; it is an address, and nothing is downloaded" if is_address(path) else ""
    raise FileNotFoundError(f"source={str(path)!r} is neither a folder nor a .tar archive that exists{remedy}")


def _files(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield the names of all pictures below a folder; a linked folder, which may lead anywhere, is not entered."""

    def closed(error: OSError) -> None:
        left_out.count("folder that cannot be read", os.fsdecode(error.filename or "?"))

    for folder, folders, files in os.walk(path, onerror=closed):
        here = Path(folder).relative_to(path)
        for name in folders:
            if Path(folder, name).is_symlink():
                left_out.count("linked folder", (here / name).as_posix())
        for name in files:
            whole, there = (here / name).as_posix(), Path(folder, name)
            if not left_out.takes(whole):
                continue
            if _is_device(there):
                left_out.count("device", whole)
            else:
                yield whole


def _is_device(path: Path) -> bool:
    """Return whether reading it may have no end; a link that leads nowhere is a picture that cannot be read."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _of_tar(path: Path, left_out: LeftOut) -> list[Photograph]:
    try:
        with tarfile.open(path, "r:") as tar:
            everything = tar.getmembers()
            members = [member for member in everything if member.isfile()]
            classes = {
                _stem(member.name): file.read()
                for member in members
                if member.name.endswith(_CLASS_ENDING) and (file := tar.extractfile(member)) is not None
            }
    except tarfile.TarError as error:
        raise ValueError(f"source={str(path)!r} cannot be read as a tar archive: {error}") from error
    for member in everything:
        if member.issym() or member.islnk():
            left_out.count("link", member.name)
    return [
        Photograph(
            spelled_out(member.name),
            partial(_part, path, member.offset_data, member.size, classes.get(_stem(member.name))),
        )
        for member in members
        if not member.name.endswith(_CLASS_ENDING) and left_out.takes(member.name)
    ]


def _stem(name: str) -> str:
    """Return what the files of one photograph share: all before the first dot of the name."""
    folder, slash, file = name.rpartition("/")
    return folder + slash + file.partition(".")[0]


def _file(path: Path) -> tuple[Any, None]:
    return path.read_bytes(), None


def _part(path: Path, start: int, size: int, target: bytes | None) -> tuple[Any, bytes | None]:
    with path.open("rb") as archive:
        archive.seek(start)
        return archive.read(size), target


def _item(dataset: Any, place: int) -> tuple[Any, Any]:  # noqa: ANN401
    item = dataset[place]
    # A list is read as no picture elsewhere, and as a picture and its class in a dataset.
    return _given(tuple(item) if isinstance(item, list) else item)


def _given(item: Any) -> tuple[Any, Any]:  # noqa: ANN401
    image, target = _parted(item)
    # As bytes a photograph reaches workers on other machines; a sample goes by its name.
    if isinstance(image, str | os.PathLike) and (path := path_of(image)).is_file():
        return path.read_bytes(), target
    return image, target


def _parted(item: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return the picture of an item, and what came with it as its class; neither pair nor dictionary is a picture.

    Raises:
        ValueError: a dictionary without a picture, or nothing.
    """
    if isinstance(item, tuple):
        if not item:
            raise ValueError("an item is an empty tuple, where a picture is needed")
        return item[0], item[1] if len(item) >= _PAIR else None
    if not isinstance(item, Mapping):
        return item, None
    name = _key_of(item, _IMAGE_KEYS)
    if name is None:
        raise ValueError(f"an item is a dictionary of {some_names(item)}: none of them is known as a picture")
    image, label = item[name], _key_of(item, _CLASS_KEYS)
    if isinstance(image, Mapping):  # as Hugging Face's datasets have a file that they do not decode
        image = image.get("bytes") or image.get("path")
    return image, None if label is None else item[label]


def _key_of(item: Mapping[Any, Any], known: Sequence[str]) -> Any:  # noqa: ANN401
    """Return the key of a dictionary that goes by one of these names, the first that is there; None without one."""
    there = {name.lower().lstrip("."): name for name in reversed(list(item)) if isinstance(name, str)}
    return next((there[name] for name in known if name in there), None)


def _check_keys(source: Any, *, use_labels: bool) -> None:  # noqa: ANN401
    """Refuse dictionaries in which nothing is known, by the first item, before each of them becomes an error."""
    try:
        item = source[0]
    except Exception:  # noqa: BLE001 - whatever is wrong with it is recorded
        return
    if not isinstance(item, Mapping):
        return
    for wanted, keys, needed in (("picture", _IMAGE_KEYS, True), ("class", _CLASS_KEYS, use_labels)):
        if needed and _key_of(item, keys) is None:
            raise ValueError(
                f"source has dictionaries of {some_names(item)}; a {wanted} is known by one of {', '.join(keys)}: "
                "rename the key, or give pairs of a picture and its class"
            )


def class_of(given: Any) -> int | str:  # noqa: ANN401
    """Return the class that came with a photograph: an index, or a label.

    Raises:
        ValueError: none came, or something else.
    """
    text = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
    if isinstance(text, str) and text.strip():
        return int(text) if text.strip().isdecimal() else text.strip()
    try:
        return operator.index(given)
    except TypeError:
        pass
    raise ValueError(f"use_labels=True: {given!r} came with the photograph, where its class is needed")


def digest(image: Any) -> str:  # noqa: ANN401
    """Return what tells pictures apart: the SHA-256, in hexadecimal digits, of a file's bytes or a picture's numbers.

    Raises:
        TypeError: it is no picture.
        Exception: whatever a picture raises that cannot be read.
    """
    if isinstance(image, str | os.PathLike):
        path = path_of(image)
        image = path.read_bytes() if path.is_file() else os.fsencode(image)
    if isinstance(image, bytes | bytearray | memoryview):
        return hashlib.sha256(image).hexdigest()
    objects = isinstance(image, np.ndarray) and image.dtype.hasobject
    if objects or not isinstance(image, Image.Image | np.ndarray | torch.Tensor):
        raise TypeError(f"{type(image).__name__} is no picture")
    return digest_of(image)
