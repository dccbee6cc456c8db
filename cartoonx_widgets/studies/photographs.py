"""Where the photographs of a study come from: a folder, a list, a tar archive, a dataset of PyTorch."""

from __future__ import annotations

import hashlib
import operator
import os
import tarfile
from collections import Counter
from collections.abc import Callable, Sized
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cartoonx_widgets.recording.digest import digest_of

if TYPE_CHECKING:
    from cartoonx_widgets.images import ImageSource

_ENDINGS = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"))
_CLASS_ENDING = ".cls"  # of a file beside the photograph, as WebDataset has it
_PAIR = 2


@dataclass(frozen=True)
class Photograph:
    """One photograph of a study.

    Attributes:
        key: what it is called, unique in its study.
        load: reads it, with whatever came with it as its class; may raise anything.
    """

    key: str
    load: Callable[[], tuple[ImageSource, Any]]


def photographs(source: Any) -> list[Photograph]:  # noqa: ANN401 - of many kinds
    """The photographs of a source, in an order that is always the same.

    Args:
        source: a folder, with all pictures that are in it; a tar archive, in which a `.cls` file beside a picture has
            the index or the label of its class, as in WebDataset; a dataset of PyTorch with a length, whose items are
            pictures, or begin with a picture and its class; or a list of whatever `explain` takes, or of `Photograph`s.
            A file goes by its name, a picture in memory by its place and a digest, an item of a dataset by its place.

    Raises:
        ValueError: there is no photograph, or two of one name.
        OSError: a folder or an archive cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        found = _of_path(Path(source))
    elif isinstance(source, list | tuple):
        found = [_of_list(image, place) for place, image in enumerate(source)]
    elif isinstance(source, Sized) and hasattr(source, "__getitem__") and not isinstance(source, bytes):
        found = [Photograph(str(place), partial(_item, source, place)) for place in range(len(source))]
    else:
        raise ValueError(
            f"source={source!r} must be a folder, a .tar archive, a list of photographs, or a dataset of PyTorch "
            "with a length"
        )
    if not found:
        endings = ", ".join(sorted(_ENDINGS))
        raise ValueError(f"source={source!r} holds no picture; in folders they end in {endings}")
    if twice := [key for key, count in Counter(photograph.key for photograph in found).items() if count > 1]:
        raise ValueError(f"source holds {twice[0]!r} more than once: give each photograph once")
    return found


def _of_list(image: ImageSource | Photograph, place: int) -> Photograph:
    if isinstance(image, Photograph):
        return image
    key = _key(str(image)) if isinstance(image, str | os.PathLike) else f"photograph {place}, {digest(image)[:8]}"
    return Photograph(key, partial(_given, image))


def _of_path(path: Path) -> list[Photograph]:
    if path.is_dir():
        pictures = sorted(file for file in path.rglob("*") if _is_picture(file.name) and file.is_file())
        return [Photograph(_key(file.relative_to(path).as_posix()), partial(_file, file)) for file in pictures]
    if path.suffix == ".tar" and path.is_file():
        return _of_tar(path)
    raise FileNotFoundError(f"source={str(path)!r} is neither a folder nor a .tar archive that exists")


def _of_tar(path: Path) -> list[Photograph]:
    try:
        with tarfile.open(path, "r:") as tar:
            members = [member for member in tar.getmembers() if member.isfile()]
            classes = {
                _stem(member.name): file.read()
                for member in members
                if member.name.endswith(_CLASS_ENDING) and (file := tar.extractfile(member)) is not None
            }
    except tarfile.TarError as error:
        raise ValueError(f"source={str(path)!r} cannot be read as a tar archive: {error}") from error
    return [
        Photograph(
            _key(member.name),
            partial(_part, path, member.offset_data, member.size, classes.get(_stem(member.name))),
        )
        for member in members
        if _is_picture(member.name)
    ]


def _is_picture(name: str) -> bool:
    file = PurePosixPath(name)
    return file.suffix.lower() in _ENDINGS and not file.name.startswith(".")


def _stem(name: str) -> str:
    """What the files of one photograph share: all before the first dot of the name."""
    folder, slash, file = name.rpartition("/")
    return folder + slash + file.partition(".")[0]


def _file(path: Path) -> tuple[ImageSource, None]:
    return path.read_bytes(), None


def _part(path: Path, start: int, size: int, target: bytes | None) -> tuple[ImageSource, bytes | None]:
    with path.open("rb") as archive:
        archive.seek(start)
        return archive.read(size), target


def _given(image: ImageSource) -> tuple[ImageSource, None]:
    # As bytes a photograph reaches workers on other machines; a sample goes by its name.
    if isinstance(image, str | os.PathLike) and Path(image).is_file():
        return Path(image).read_bytes(), None
    return image, None


def _item(dataset: Any, place: int) -> tuple[ImageSource, Any]:  # noqa: ANN401
    item = dataset[place]
    if isinstance(item, tuple | list):
        return (item[0], item[1]) if len(item) >= _PAIR else (item[0], None)
    return item, None


def _key(name: str) -> str:
    """A file's name; what is not text in it is spelled out, so that it can be written down."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def class_of(given: Any) -> int | str:  # noqa: ANN401
    """The class that came with a photograph: an index, or a label.

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
    raise ValueError(f"labelled=True: {given!r} came with the photograph, where its class is needed")


def digest(image: Any) -> str:  # noqa: ANN401
    """What tells pictures apart: the SHA-256, in hexadecimal digits, of a file's bytes or of a picture's numbers."""
    if isinstance(image, str | os.PathLike):
        image = Path(image).read_bytes() if Path(image).is_file() else os.fsencode(image)
    if isinstance(image, bytes | bytearray | memoryview):
        return hashlib.sha256(image).hexdigest()
    return digest_of(image)  # what is no picture shows when it is explained
