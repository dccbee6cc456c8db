"""Files of pictures that would cost minutes or gigabytes: each is refused by its bytes, before Pillow follows it."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cartoonx_widgets import images
from cartoonx_widgets.images import ImageError
from cartoonx_widgets.images.guarding import check_file
from cartoonx_widgets.images.reading import check_upload


def encoded(kind, mode="RGB", side=32, **options):
    buffer = io.BytesIO()
    Image.new(mode, (side, side)).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def after(place, kind, more):
    """A whole picture with more after some of its bytes."""
    data = encoded(kind)
    return data[:place] + more + data[place:]


def scans(count, side):
    """A progressive JPEG of a few kB that paints itself over and over."""
    data = bytearray(encoded("JPEG", progressive=True))
    frame, last = data.find(b"\xff\xc2"), data.rfind(b"\xff\xda")
    data[frame + 5 : frame + 9] = struct.pack(">HH", side, side)
    return bytes(data[:last]) + bytes(data[last:-2]) * count + b"\xff\xd9"


def tiff(*entries, room=2000):
    """A TIFF of one directory."""
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8 + room) + bytes(room) + struct.pack("<H", len(entries)) + tags + bytes(4)


TAGS = tiff(*((1000 + i, 7, 40_000, 8) for i in range(2000)), room=40_000)  # each of them is the whole file
PIXEL_TAGS = [(256, 4, 1, 32), (257, 4, 1, 32), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
ICON = b"\0\0\1\0\1\0" + struct.pack("<4BHHII", 0, 0, 0, 0, 1, 32, 100, 22)
HOSTILE = {
    "scans": scans(600, 16),
    "scans of many pixels": scans(30, 9999),
    "tags": TAGS,
    "tags of a JPEG": after(2, "JPEG", b"\xff\xe1" + struct.pack(">H", len(TAGS[-60_000:]) + 8) + b"Exif\0\0" + TAGS),
    "tags of a PNG": after(33, "PNG", chunk(b"eXIf", TAGS)),
    "a tile": tiff(*PIXEL_TAGS, (322, 4, 1, 40_000), (323, 4, 1, 40_000), (324, 4, 1, 200), (325, 4, 1, 50)),
    "strips": tiff(*PIXEL_TAGS, (273, 4, 900_000, 8), room=3_600_000),
    "chunks": after(33, "PNG", chunk(b"tEXt", b"") * 30_000),
    "empty pixels": after(33, "PNG", chunk(b"IDAT", b"") * 30_000),
    "segments": after(2, "JPEG", b"\xff\xfe\0\2" * 30_000),
    "filling": after(2, "JPEG", b"\xff" * 100_000),
    "blocks": after(13, "GIF", b"\x21\xfe" + b"\1x" * 30_000 + b"\0"),
    "chunks of a WebP": encoded("WEBP") + b"ABCD\0\0\0\0" * 30_000,
    "a comment": b"P6\n#" + b"x" * 100_000 + b"\n32 32\n255\n" + bytes(3072),
    "comments": b"P3\n32 32\n255\n" + b"#\n" * 30_000 + b"0 " * 3072,
    "runs": b"BM" + bytes(28) + b"\1\0\0\0" + bytes(4_000_000),
    "a large icon": ICON + b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", 20_000, 20_000) + bytes(60),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_cost_much_is_refused_by_its_bytes(name, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "open", None)  # Pillow is not asked
    with pytest.raises(ImageError, match=r"which no camera and no program writes|pixels; allowed are"):
        images.read(HOSTILE[name])
    path = tmp_path / "picture"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(ImageError):
        images.read(path)


@pytest.mark.parametrize("kind", list(images.formats()))
def test_what_pillow_writes_is_not_refused(kind):
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    picture = Image.fromarray(rng.integers(0, 256, (300, 300, 3), dtype=np.uint8))
    picture.save(buffer, kind, **({"progressive": True} if kind == "JPEG" else {}))
    assert images.read(buffer.getvalue()).shape[0] == 3


@pytest.mark.parametrize("count", range(0, 60, 3))
def test_cut_off_files_do_not_break_the_checks(count):
    for data in HOSTILE.values():
        try:
            check_file(data[:count])
        except ImageError as error:
            assert re.search("no camera|pixels", str(error))  # noqa: PT017


@pytest.mark.parametrize(("kind", "most"), [("PNG", 1024), ("WEBP", 2048), ("AVIF", 2048), ("JPEG2000", 3072)])
def test_an_upload_has_as_many_pixels_as_its_decoder_has_room_for(kind, most):
    if kind not in images.formats():
        pytest.skip("Pillow lacks the codec")
    data = encoded(kind)
    check_upload(data, most=most)
    with pytest.raises(ImageError, match="32 x 32 pixels; allowed in"):
        check_upload(data, most=most - 1)
    check_upload(b"no picture", most=1)  # which `read` tells


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is told by Linux alone")
def test_the_largest_picture_of_a_visitor_takes_a_quarter_of_a_gigabyte(tmp_path):
    code = """
import ctypes, sys
from pathlib import Path
from cartoonx_widgets import images
def kilobytes(name):
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if name in line)
images.read(images.to_png(images.sample("coffee")))
before = kilobytes("VmRSS")
Path("/proc/self/clear_refs").write_text("5", "ascii")
images.read(Path(sys.argv[1]).read_bytes())
print(kilobytes("VmHWM") - before)
"""
    (tmp_path / "large.png").write_bytes(encoded("PNG", "RGBA", 4000))
    command = [sys.executable, "-c", code, str(tmp_path / "large.png")]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert int(finished.stdout) < 300_000


@pytest.mark.parametrize("orientation", range(10))
def test_strips_of_rows_give_what_the_whole_gives(orientation, monkeypatch):
    from cartoonx_widgets.images import reading  # noqa: PLC0415

    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = np.random.default_rng(1).integers(0, 256, (37, 41, 4), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    whole = images.read(buffer.getvalue())
    monkeypatch.setattr(reading, "_STRIP", 100)
    assert torch.equal(images.read(buffer.getvalue()), whole)
    assert torch.equal(images.read(pixels.astype(np.float64) / 255), images.read(pixels / 255))
