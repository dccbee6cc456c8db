"""The kinds of image files that are read."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from PIL import Image, features

from cartoonx_widgets._silence import silenced_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping

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


@cache
def formats() -> Mapping[str, str]:
    """Return the file formats that can be read here: Pillow's name for each, and its common name.

    >>> formats()["WEBP"]
    'WebP'
    """
    with silenced_warnings():  # an older Pillow warns of the name of a codec that it does not know
        Image.init()
        there = [name for name in _FORMATS if name in Image.OPEN]
        readable = [name for name in there if name not in _CODECS or features.check(_CODECS[name])]
    return MappingProxyType({name: _FORMATS[name][0] for name in readable})
