"""What a file of an image would cost to read, looked for before Pillow reads it.

A few kB can say that they hold thousands of scans, or that each of thousands of tags is the whole file; Pillow and its
codecs follow them for minutes, or through gigabytes. The checks go by the bytes alone and decode nothing.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cartoonx_widgets.images.errors import MAX_PIXELS, ImageError, check_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    from PIL import Image

    Buffer: TypeAlias = bytes | mmap

_MOST_SCANS = 500
_MOST_DECODED = 2 * 10**9  # pixels of all scans together; a photograph has some ten scans
_MOST_PARTS = 20_000  # segments, chunks or blocks that are no pixels
_MOST_HEADER = 2**16  # bytes of the header of a PPM, comments and all
_MOST_RUNS = 4_000_000  # bytes of a BMP
_MOST_STRIPS = 100_000
_MOST_TILE = 2**24  # pixels of a TIFF's tile
_TILE_SIDES, _PLACES = (322, 323), (273, 324)  # TIFF's tags
_MOST_SPARE = 2**20  # bytes of tags beyond twice what there is
_TAG_BYTES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)  # by TIFF's types
_GREEDY = {"JPEG2000": 3, "AVIF": 2, "WEBP": 2}  # how many times more room than a PNG they take while they are decoded
_PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # that ends a scan: neither a stuffed byte nor a restart
_ALONE = frozenset([0x01, *range(0xD0, 0xDA)])  # markers without a length; the end of the image is among them
_SIZED = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # those of frames, which say how large they are
_SCAN, _EXIF, _MPF = 0xDA, 0xE1, 0xE2
_PPM_HEADER = re.compile(rb"P.(?:\s|#[^\r\n]*[\r\n])+\d+(?:\s|#[^\r\n]*[\r\n])+\d+(?:\s|#[^\r\n]*[\r\n])")
_GIF_EXTENSION, _GIF_IMAGE = 0x21, 0x2C


def check_file(data: Buffer) -> None:
    """Check what a file of an image would cost.

    Raises:
        ImageError: it has more scans, parts or tags than an image has.
    """
    head = bytes(data[:16])
    if head.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif head.startswith(_PNG):
        _check_png(data)
    elif head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        _check_tags(data)
    elif head.startswith(b"GIF8"):
        _check_parts(_gif_blocks(data), "GIF")
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        _check_parts(_webp_chunks(data), "WebP")
    elif head.startswith(b"\0\0\1\0"):
        _check_icon(data)
    elif head.startswith(b"BM"):
        _check_bitmap(data)
    elif re.match(rb"P[1-6]\s", head):
        _check_ppm(data)


def check_size(picture: Image.Image, most: int = MAX_PIXELS) -> None:
    """Check the size of a picture that was opened, before it is decoded; some decoders take more room than others.

    Raises:
        ImageError: it has more than `most` pixels, or for a greedy format more than half or a third of that.
    """
    share = _GREEDY.get(picture.format or "", 1)
    if picture.height * picture.width * share > most:
        allowed = f"allowed in {picture.format} are {most // share:,} in all"
        remedy = "shrink it first" if share == 1 else "shrink it, or save it as PNG or JPEG"
        raise ImageError(f"image has {picture.height:,} x {picture.width:,} pixels; {allowed}; {remedy}")


def _refused(what: str) -> ImageError:
    return ImageError(f"image is {what}, which no camera and no program writes; save it anew as PNG or JPEG")


def _check_parts(parts: Iterator[object], kind: str) -> None:
    for count, _ in enumerate(parts):
        if count > _MOST_PARTS:
            raise _refused(f"a {kind} of more than {_MOST_PARTS:,} parts")


def _check_jpeg(data: Buffer) -> None:
    scans = count = pixels = marker = 0
    place = 2
    while place + 4 <= len(data):
        found = _MARKER.search(data, place)
        if found is None:
            return
        count += 1
        if found.start() - place > _MOST_HEADER and marker != _SCAN:
            raise _refused("a JPEG with bytes between its parts")
        marker, place = data[found.start() + 1], found.end()
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        body = place + 2
        if marker in _SIZED:
            height, width = struct.unpack(">HH", bytes(data[body + 1 : body + 5]).ljust(4, b"\0"))
            pixels = max(pixels, height * width)
        elif marker in (_EXIF, _MPF):
            _check_segment(bytes(data[body : place + length]))
        scans += marker == _SCAN
        if scans > _MOST_SCANS or scans * pixels > _MOST_DECODED:
            raise _refused(f"a JPEG of {scans:,} scans or more of {pixels:,} pixels")
        if count > _MOST_PARTS:
            raise _refused(f"a JPEG of more than {_MOST_PARTS:,} parts")
        place += max(2, length)


def _check_segment(segment: bytes) -> None:
    for start in (b"Exif\0\0", b"MPF\0"):
        if segment.startswith(start):
            _check_tags(segment[len(start) :])


def _check_png(data: Buffer) -> None:
    place, count = len(_PNG), 0
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        count += kind != b"IDAT" or length < 64  # noqa: PLR2004 - no encoder cuts pixels that small
        if count > _MOST_PARTS:
            raise _refused(f"a PNG of more than {_MOST_PARTS:,} parts")
        if kind == b"eXIf":
            _check_tags(data[place + 8 : place + 8 + length])
        place += 12 + length


def _webp_chunks(data: Buffer) -> Iterator[int]:
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack("<4sI", data[place : place + 8])
        if kind == b"EXIF":
            tags = data[place + 8 : place + 8 + length]
            _check_tags(tags[6:] if tags.startswith(b"Exif\0\0") else tags)
        yield place
        place += 8 + length + length % 2


def _gif_blocks(data: Buffer) -> Iterator[int]:
    """Yield the blocks of a GIF up to its first image."""
    if len(data) < 13:  # noqa: PLR2004 - of the header
        return
    place = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    while place < len(data) and data[place] != _GIF_IMAGE:
        if data[place] == _GIF_EXTENSION:
            place += 1
            while place + 1 < len(data) and data[place + 1]:
                yield place
                place += 1 + data[place + 1]
            place += 1
        yield place
        place += 1


def _check_bitmap(data: Buffer) -> None:
    """Check the runs of a BMP, which Pillow unpacks one by one in Python."""
    runs = bytes(data[30:34]) in (b"\1\0\0\0", b"\2\0\0\0")
    if runs and len(data) > _MOST_RUNS:
        raise _refused(f"a BMP of more than {_MOST_RUNS:,} bytes of runs")


def _check_ppm(data: Buffer) -> None:
    if not _PPM_HEADER.match(data[:_MOST_HEADER]):
        raise _refused(f"a PPM whose header does not end within {_MOST_HEADER:,} bytes")
    if bytes(data[1:2]) in b"123":  # in plain text, with comments anywhere
        _check_parts(re.finditer(rb"#", data), "PPM")


def _check_icon(data: Buffer) -> None:
    """Check the sizes that the pictures in an icon have, which those in its directory need not be."""
    (count,) = struct.unpack("<H", data[4:6])
    for place in range(6, min(6 + 16 * count, len(data) - 15), 16):
        (offset,) = struct.unpack("<I", data[place + 12 : place + 16])
        head = bytes(data[offset : offset + 24])
        if head.startswith(_PNG) and len(head) == 24:  # noqa: PLR2004
            width, height = struct.unpack(">II", head[16:])
        elif len(head) == 24:  # noqa: PLR2004
            width, height = struct.unpack("<ii", head[4:12])  # of the picture and its mask, one above the other
        else:
            continue
        check_pixels(max(16, abs(height) // 2), max(16, abs(width)))


class _Tag(NamedTuple):
    number: int
    entries: int
    size: int  # in bytes
    value: int  # where there is one, and it is a whole number


def _check_tags(data: Buffer) -> None:
    """Check the first directory of a TIFF, or of what is written like one."""
    total, tile = 0, 1
    for tag in _tags(data):
        total += min(len(data), tag.size)
        tile *= tag.value if tag.number in _TILE_SIDES else 1
        if total > 2 * len(data) + _MOST_SPARE:
            raise _refused("one whose tags are many times the file")
        if tag.number in _PLACES and tag.entries > _MOST_STRIPS:
            raise _refused(f"a TIFF of more than {_MOST_STRIPS:,} strips or tiles")
    if tile > _MOST_TILE:
        raise _refused(f"a TIFF with tiles of {tile:,} pixels")


def _tags(data: Buffer) -> Iterator[_Tag]:
    order = "<" if data[:2] == b"II" else ">"
    big = bytes(data[2:4]) in (b"+\0", b"\0+")
    place_at, entry = (8, struct.Struct(order + "HHQ8s")) if big else (4, struct.Struct(order + "HHI4s"))
    size = struct.Struct(order + ("Q" if big else "I"))
    number = struct.Struct(order + ("Q" if big else "H"))
    if len(data) < place_at + size.size:
        return
    (place,) = size.unpack(data[place_at : place_at + size.size])
    if place + number.size > len(data):
        return
    (count,) = number.unpack(data[place : place + number.size])
    first = place + number.size
    for at in range(first, min(first + count * entry.size, len(data) - entry.size + 1), entry.size):
        tag, kind, numbers, value = entry.unpack(data[at : at + entry.size])
        each = _TAG_BYTES[kind] if kind < len(_TAG_BYTES) else 0
        whole = int.from_bytes(value[:each], "little" if order == "<" else "big") if each <= len(value) else 0
        yield _Tag(tag, numbers, numbers * each, whole)
