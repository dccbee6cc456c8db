import io
import os
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFile

from cartoonx_widgets import images
from cartoonx_widgets.images import ImageError

HEIGHT, WIDTH = 20, 31
MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"]
GREY16 = ["I;16", "I;16L", "I;16B", "I"]


@pytest.fixture(autouse=True)
def _nothing_leaks():
    """No warning, no global setting of Pillow's and no warning filter changes in any test."""
    state = (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        filters = list(warnings.filters)
        yield
        assert warnings.filters == filters
    assert state == (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)


def pixels(height=HEIGHT, width=WIDTH, channels=3, seed=0):
    """Return random uint8 pixels (H, W, C)."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def expected(array):
    """Return what `read` should make of (H, W, 3) uint8 pixels."""
    return torch.from_numpy(array.copy()).permute(2, 0, 1).float() / 255


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width, height, rows=b"", depth=1, colour=0):
    """Return a PNG made by hand: without rows it only says how large it is, a trap for who decodes first."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def check_form(image, height=HEIGHT, width=WIDTH):
    assert image.shape == (3, height, width)
    assert image.dtype == torch.float32
    assert image.device.type == "cpu"
    assert image.is_contiguous()
    assert not image.requires_grad
    assert 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize("mode", MODES)
def test_every_8_bit_mode_agrees_with_pillow(mode):
    if mode in ("RGBa", "RGBX", "LAB"):  # nothing converts to these
        channels = Image.getmodebands(mode)
        picture = Image.frombytes(mode, (WIDTH, HEIGHT), pixels(channels=channels).tobytes())
    elif mode == "La":
        picture = Image.fromarray(pixels(channels=2)).convert(mode)
    else:
        picture = Image.fromarray(pixels(channels=4)).convert(mode)
    image = images.read(picture)
    check_form(image)
    if picture.has_transparency_data:
        twin = picture.convert("LA" if mode == "La" else "RGBA").convert("RGBA")
        white = Image.alpha_composite(Image.new("RGBA", twin.size, "white"), twin).convert("RGB")
    else:
        white = picture.convert("RGB")
    assert (image - expected(np.asarray(white))).abs().max() <= 1.01 / 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_reads_as_the_picture_it_was_made_from(mode, tmp_path):
    picture = Image.fromarray(pixels(channels=4)).convert(mode)
    picture.save(tmp_path / "picture.png")
    assert torch.equal(images.read(tmp_path / "picture.png"), images.read(picture))


@pytest.mark.parametrize("kind", ["BMP", "GIF", "ICO", "JPEG", "PPM", "TIFF", "WEBP"])
def test_other_formats_read(kind, tmp_path):
    path = tmp_path / f"picture.{kind.lower()}"
    Image.new("RGB", (32, 32), (200, 100, 50)).save(path, kind)
    image = images.read(str(path))
    check_form(image, 32, 32)
    assert torch.allclose(image.mean((1, 2)), torch.tensor([200, 100, 50]) / 255, atol=0.03)


def test_a_cmyk_jpeg_is_read_as_rgb():
    data = encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG")
    assert torch.allclose(images.read(data).mean((1, 2)), torch.tensor([1.0, 0, 0]), atol=0.05)


@pytest.mark.parametrize("mode", GREY16)
def test_16_bit_grey_keeps_its_precision(mode):
    levels = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) * 105 + 1
    dtype = {"I": "<i4", "I;16B": ">u2"}.get(mode, "<u2")
    image = images.read(Image.frombytes(mode, (WIDTH, HEIGHT), levels.astype(dtype).tobytes()))
    check_form(image)
    for colour in image.double():
        assert torch.equal((colour * 65535).round(), torch.from_numpy(levels).double())


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_16_bit_grey_file_keeps_its_precision(kind):
    levels = np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 105
    image = images.read(encoded(Image.fromarray(levels), kind))
    assert torch.equal(image, images.read(levels))


def test_a_16_bit_colour_png_is_read():
    rows = b"".join(b"\0" + row.tobytes() for row in pixels().astype(">u2") * 257)
    assert torch.equal(images.read(png(WIDTH, HEIGHT, rows, depth=16, colour=2)), expected(pixels()))


def test_float_grey():
    grey = np.linspace(0, 1, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    picture = Image.fromarray(grey)
    assert picture.mode == "F"
    assert torch.equal(images.read(picture)[1], torch.from_numpy(grey))
    assert torch.equal(images.read(encoded(picture, "TIFF"))[2], torch.from_numpy(grey))


def test_alpha_is_laid_over_white():
    picture = Image.new("RGBA", (20, 20), (255, 0, 0, 51))
    colour = images.read(encoded(picture))[:, 0, 0]
    assert torch.allclose(colour, torch.tensor([1.0, 0.8, 0.8]))
    clear = Image.new("LA", (20, 20), (0, 0))
    assert torch.equal(images.read(clear), torch.ones(3, 20, 20))


def test_transparency_of_a_palette_and_of_one_colour():
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    assert torch.equal(images.read(encoded(palette))[:, 0, 0], torch.tensor([1.0, 0, 0]))
    for transparency in (1, bytes([255, 0])):
        data = encoded(palette, transparency=transparency)
        assert torch.equal(images.read(data), torch.ones(3, 20, 20))
    for mode, colour in (("RGB", (1, 2, 3)), ("L", 7)):
        data = encoded(Image.new(mode, (20, 20), colour), transparency=colour)
        assert torch.equal(images.read(data), torch.ones(3, 20, 20))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_reads_as_the_upright_picture(orientation, kind):
    upright = Image.fromarray(pixels())
    turn = Image.Transpose
    as_stored = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_90,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_270,
    }
    stored = upright.transpose(as_stored[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    assert torch.equal(images.read(data), expected(pixels()))


def test_broken_exif_does_not_stop_a_picture():
    data = encoded(Image.new("RGB", (20, 18)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    check_form(images.read(data), 18, 20)


def test_the_first_frame_of_an_animation_is_read():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert torch.equal(images.read(data)[:, 5, 5], torch.tensor([1.0, 0, 0]))


def test_a_pil_image_is_left_as_it_was():
    picture = Image.open(io.BytesIO(encoded(Image.fromarray(pixels(channels=4)))))
    images.read(picture)
    assert picture.mode == "RGBA"
    assert np.array_equal(np.asarray(picture), pixels(channels=4))


def test_all_sources_of_one_picture_agree(tmp_path, monkeypatch):
    array = pixels()
    picture = Image.fromarray(array)
    data = encoded(picture)
    path = tmp_path / "ünïcode picture"
    path.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    unit = expected(array)
    sources = [path, str(path), path.name, data, bytearray(data), memoryview(data), picture]
    sources += [
        array,
        array.transpose(2, 0, 1),
        array[None],
        array / 255,
        array.astype(np.int64),
        array[::-1][::-1],
    ]
    sources += [unit, unit[None], unit.permute(1, 2, 0), unit.double(), unit.clone().requires_grad_()]
    for source in sources:
        image = images.read(source)
        check_form(image)
        assert torch.allclose(image, unit, atol=1e-7)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.int32, torch.bool, torch.float16, torch.bfloat16])
def test_tensors_of_every_dtype(dtype):
    top = {torch.uint8: 255, torch.uint16: 65535, torch.int32: 255}.get(dtype, 1)
    image = images.read(torch.full((HEIGHT, WIDTH), top).to(dtype))
    check_form(image)
    assert torch.equal(image, torch.ones(3, HEIGHT, WIDTH))


@pytest.mark.parametrize("dtype", ["bool", "u1", "<u2", ">u2", "i2", ">i4", "u8", "f2", ">f4", "f8", "longdouble"])
def test_arrays_of_every_dtype(dtype):
    dtype = np.dtype(dtype)
    top = 1 if dtype.kind in "bf" else 65535 if (dtype.kind, dtype.itemsize) == ("u", 2) else 255
    image = images.read(np.full((HEIGHT, WIDTH), top, dtype=dtype))
    assert torch.equal(image, torch.ones(3, HEIGHT, WIDTH))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("make", [np.asarray, torch.from_numpy])
def test_colours_may_come_first_or_last(channels, make):
    last = pixels(channels=channels)
    first = np.moveaxis(last, 2, 0).copy()
    image = images.read(make(last))
    check_form(image)
    assert torch.equal(image, images.read(make(first)))
    assert torch.equal(image, images.read(make(first[None])))
    if channels == 4:
        assert torch.allclose(image, images.read(Image.fromarray(last)), atol=1e-7)
    if channels == 1:
        assert torch.equal(image, images.read(make(last[..., 0])))


def test_the_result_shares_no_memory_with_the_source():
    for source in (torch.zeros(3, 20, 20), np.zeros((3, 20, 20), dtype=np.float32)):
        images.read(source)[:] = 1
        assert source.max() == 0


def test_values_a_rounding_error_outside_are_clamped():
    image = images.read(np.array([-5e-7, 1 + 5e-7]).repeat(200).reshape(20, 20))
    assert image.unique().tolist() == [0, 1]


def test_a_read_image_reads_as_itself():
    image = images.read("coffee")
    assert torch.equal(images.read(image), image)
    assert torch.equal(images.read(images.to_png(image)), image)


def test_a_file_goes_before_the_sample_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("chelsea").mkdir()
    assert torch.equal(images.read("chelsea"), images.sample("chelsea"))
    Path("coffee").write_bytes(encoded(Image.fromarray(pixels())))
    assert torch.equal(images.read("coffee"), expected(pixels()))


def test_threads_may_read_at_once():
    data = encoded(Image.fromarray(pixels(64, 64)))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(images.read, [data] * 64))
    assert all(torch.equal(result, expected(pixels(64, 64))) for result in results)


class Waiting(Image.Image):
    """A picture whose pixels come when they are let go."""

    def __init__(self):
        super().__init__()
        plain = Image.fromarray(pixels())
        self.im, self._mode, self._size = plain.im, plain.mode, plain.size
        self.asked, self.let_go = threading.Event(), threading.Event()

    def load(self):
        self.asked.set()
        assert self.let_go.wait(60)
        return super().load()


def test_a_slow_picture_lets_others_be_read_and_warnings_be_heard():
    slow = Waiting()
    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(images.read, slow)
        assert slow.asked.wait(60)
        try:
            assert torch.equal(pool.submit(images.read, Image.fromarray(pixels())).result(60), expected(pixels()))
            with pytest.warns(UserWarning, match="heard"):
                warnings.warn("heard", stacklevel=1)
        finally:
            slow.let_go.set()
        assert torch.equal(reading.result(60), expected(pixels()))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_tensor_on_a_gpu():
    unit = expected(pixels()).cuda()
    check_form(images.read(unit))
    assert images.fit(unit, 16).is_cuda
    assert np.array_equal(images.to_uint8(unit), pixels())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_off_file(kind, share, tmp_path):
    whole = encoded(Image.fromarray(pixels(64, 64)), kind)
    path = tmp_path / "cut"
    path.write_bytes(whole[: int(len(whole) * share)])
    for source in (path, path.read_bytes()):
        with pytest.raises(ImageError, match=r"^image .*(cut off; fetch it again|give a whole PNG)"):
            images.read(source)


@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_is_read_or_refused(kind, damage):
    data = bytearray(encoded(Image.fromarray(pixels()), kind))
    for place, value in damage:
        data[int(place * len(data))] = value
    try:
        image = images.read(data)
    except ImageError:
        return
    check_form(image, *image.shape[1:])


def test_a_pil_image_cut_off_is_noticed_when_it_loads():
    whole = encoded(Image.fromarray(pixels(64, 64)), "JPEG")
    picture = Image.open(io.BytesIO(whole[: len(whole) // 2]))
    with pytest.raises(ImageError, match=r"mode RGB cannot be decoded: .*truncated.*fetch it again"):
        images.read(picture)


def test_a_closed_pil_image():
    picture = Image.open(io.BytesIO(encoded(Image.fromarray(pixels()))))
    picture.close()
    with pytest.raises(ImageError, match="cannot be decoded"):
        images.read(picture)


@pytest.mark.parametrize("data", [b"", b"hello world", b"\0" * 1000, bytes(range(256)), b"<svg></svg>", b"\xff\xd8"])
def test_bytes_that_are_no_image(data):
    with pytest.raises(ImageError, match=rf"image of {len(data):,} bytes is nothing .*; give a whole PNG"):
        images.read(data)


def test_a_text_file(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("not an image", "utf-8")
    with pytest.raises(ImageError, match=r"notes\.png' is nothing that can be read.*give a whole PNG"):
        images.read(path)


def test_a_path_to_nothing(tmp_path):
    with pytest.raises(ImageError, match=r"gone\.png' is not found in .*; give the path of a file") as caught:
        images.read(tmp_path / "gone.png")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    with pytest.raises(ImageError, match=r"image 'cofee' is not found in .*coffee, chelsea, .* or the path"):
        images.read("cofee")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("", "empty path"), ("a\0b.png", "null"), ("x" * 10_000, "cannot be opened"), (".", "cannot be opened")],
)
def test_paths_that_cannot_be_opened(path, reason):
    with pytest.raises(ImageError, match=rf"{reason}.*; give .*image file") as caught:
        images.read(path)
    assert len(str(caught.value)) < 300


def test_a_directory(tmp_path):
    with pytest.raises(ImageError, match=r"cannot be opened: .*; give an image file"):
        images.read(tmp_path)


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (15, 400, 3), (3, 400, 15), (0, 0, 3), (16, 0)])
def test_an_image_too_small(shape):
    for source in (np.zeros(shape, np.uint8), torch.zeros(shape)):
        with pytest.raises(ImageError, match=r"\d+ x \d+ pixels; allowed are 16 x 16 or more; enlarge"):
            images.read(source)


def test_the_least_size():
    check_form(images.read(np.zeros((16, 16))), 16, 16)
    with pytest.raises(ImageError, match="image has 1 x 1 pixels"):
        images.read(encoded(Image.new("RGB", (1, 1))))
    with pytest.raises(ImageError, match="image has 0 x 0 pixels"):
        images.read(Image.new("RGB", (0, 0)))


@pytest.mark.parametrize("side", [10_001, 13_000, 20_000])
def test_a_file_too_large_is_refused_by_its_header(side):
    found = f"{side:,} x {side:,} pixels|Image size .{side * side} pixels"
    with pytest.raises(ImageError, match=rf"({found}).*allowed are 100,000,000.*shrink it first"):
        images.read(png(side, side))


def test_a_large_file_within_the_limit_leaks_no_warning():
    """Pillow would warn of 95 million pixels; here the header passes and decoding is what fails."""
    with pytest.raises(ImageError, match="cannot be decoded") as caught:
        images.read(png(10_000, 9_500))
    assert isinstance(caught.value.__cause__, OSError)


def test_an_array_too_large_is_refused_before_it_is_copied():
    huge = np.broadcast_to(np.uint8(0), (20_000, 20_000, 3))
    for source in (huge, torch.zeros(()).expand(3, 20_000, 20_000)):
        with pytest.raises(ImageError, match=r"20,000 x 20,000 pixels; allowed are 100,000,000.*shrink"):
            images.read(source)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted(value):
    array = np.zeros((20, 100, 3))
    array[3, 4] = value
    array[5, 6, 0] = value
    for source in (array, torch.from_numpy(array), array.astype(np.float16)):
        with pytest.raises(ImageError, match=r"2 of 2,000 pixels that are NaN or infinite; .*nan_to_num"):
            images.read(source)
    with pytest.raises(ImageError, match="2 of 2,000 pixels"):
        images.read(Image.fromarray(array.min(2).astype(np.float32) + array.max(2).astype(np.float32)))


@pytest.mark.parametrize("shape", [(), (64,), (20, 20, 2), (20, 20, 5), (2, 3, 20, 20), (1, 1, 3, 20, 20)])
def test_wrong_dimensions_or_colours(shape):
    for source in (np.zeros(shape), torch.zeros(shape)):
        with pytest.raises(ImageError, match=r"image has shape \(.*allowed are \(H, W\).*take one image out"):
            images.read(source)


@pytest.mark.parametrize("dtype", [complex, object, "U1", "datetime64[s]", "V4"])
def test_wrong_dtypes(dtype):
    with pytest.raises(ImageError, match=r"image is of .*; allowed are floats, integers and booleans; convert"):
        images.read(np.zeros((20, 20), dtype=dtype))


@pytest.mark.parametrize(
    "source",
    [
        torch.zeros(20, 20, dtype=torch.complex64),
        torch.zeros(3, 20, 20).to_sparse(),
        torch.zeros(20, 20).to_sparse(),
        torch.zeros(3, 20, 20, device="meta"),
    ],
)
def test_tensors_that_hold_no_plain_numbers(source):
    with pytest.raises(ImageError, match=r"image is .*; allowed are .*; convert it"):
        images.read(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.full((20, 20), 255.0), r"from 255 to 255; allowed are floats in \[0, 1\]; divide it by 255"),
        (torch.linspace(-2, 2, 400).view(20, 20), r"from -2 to 2; .*undo its normalisation, or rescale"),
        (np.full((20, 20), 300), r"int64 values from 300 to 300; allowed are 0 to 255; scale it"),
        (np.full((20, 20), -1, np.int8), r"int8 values from -1 to -1; allowed are 0 to 255; scale it"),
        (Image.new("I", (20, 20), 70_000), r"70000; allowed in PIL's mode I are 0 to 65535; scale it"),
        (
            Image.new("F", (20, 20), 200.0),
            r"from 200 to 200; allowed are floats in \[0, 1\]; divide it by 255",
        ),
    ],
)
def test_values_out_of_range(source, message):
    with pytest.raises(ImageError, match=message):
        images.read(source)


UNPROMISED = ["BLP", "DDS", "DIB", "EPS", "ICNS", "MSP", "PCX", "SGI", "SPIDER", "XBM"]


@pytest.mark.parametrize("kind", UNPROMISED)
def test_formats_that_are_not_promised_are_refused(kind):
    picture = Image.fromarray(pixels(64, 64))
    modes = {"BLP": "P", "MSP": "1", "XBM": "1", "SPIDER": "F"}
    with pytest.raises(ImageError, match=r"can be read as an image; give a whole PNG, JPEG, .* file$"):
        images.read(encoded(picture.convert(modes.get(kind, "RGB")), kind))


def test_the_formats_are_read_and_their_endings_are_known():
    for kind in images.formats():
        check_form(images.read(encoded(Image.fromarray(pixels(64, 64)), kind)), 64, 64)
    known = Image.registered_extensions()
    # A file of several photographs, as stereo cameras write it, is a JPEG whose first is taken.
    assert {known[ending] for ending in images.ENDINGS} - {"MPO"} == set(images.formats())


@pytest.mark.skipif(os.name != "posix", reason="the program is a script of the shell")
def test_a_picture_starts_no_program(tmp_path):
    """Pillow draws PostScript by Ghostscript, whatever the file is called; a stranger's picture must not."""
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\nexit 1\n", "utf-8")
    program.chmod(0o755)
    code = """
import io, sys
from pathlib import Path
from PIL import Image
from cartoonx_widgets import images
data = b"%!PS-Adobe-3.0 EPSF-3.0\\n%%BoundingBox: 0 0 100 100\\nshowpage\\n"
Path("photo.png").write_bytes(data)
for source in (data, "photo.png"):
    try:
        images.read(source)
    except images.ImageError:
        print(Path("ran").exists())
try:
    Image.open(io.BytesIO(data)).load()
except Exception:
    print(Path("ran").exists())
"""
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", code]
    finished = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout.split() == ["False", "False", "True"]


def test_a_picture_beyond_memory():
    resource = pytest.importorskip("resource")
    assert resource.RLIMIT_AS
    code = """
import io, resource
from pathlib import Path
from PIL import Image
from cartoonx_widgets import images
buffer = io.BytesIO()
Image.new("RGBA", (4000, 4000)).save(buffer, "PNG")
images.read("coffee")
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
for megabytes in (20, 90, 200):
    resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 2**20, resource.RLIM_INFINITY))
    try:
        images.read(buffer.getvalue())
    except images.ImageError as error:
        print(error)
"""
    if not Path("/proc/self/statm").exists():
        pytest.skip("the system does not say how much memory is used")
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.count("image takes more memory than there is; shrink it") == 3, finished.stdout


@pytest.mark.parametrize("look", [images.read, lambda image: images.fit(image, 32), images.to_uint8, images.to_png])
def test_no_picture(look):
    with pytest.raises(ImageError, match=r"image is None, .*cv2\.imread returns None .*check that path"):
        look(None)


def test_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Image.fromarray(pixels()).save(tmp_path / "photo.png")
    for path in ("~/photo.png", Path("~/photo.png")):
        assert torch.equal(images.read(path), expected(pixels()))
    with pytest.raises(ImageError, match=r"'~/gone\.png' is not found in .*; give the path"):
        images.read("~/gone.png")
    with pytest.raises(ImageError, match=r"'~nobody-of-this-name/a\.png' is not found"):
        images.read("~nobody-of-this-name/a.png")
    Image.fromarray(pixels(seed=1)).save(tmp_path / "~odd.png")
    assert torch.equal(images.read("~odd.png"), expected(pixels(seed=1)))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/cat.jpg",
        "HTTP://example.org/" + 300 * "x" + ".jpg",
        "s3://bucket/cat.jpg",
        "file:///home/me/cat.jpg",
        Path("https://example.org/cat.jpg"),
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_addresses(address):
    with pytest.raises(ImageError, match=r"is an address, and nothing is downloaded: save the picture as a file"):
        images.read(address)


@pytest.mark.parametrize("source", [3, [[0.0]], {}, io.BytesIO()])
def test_an_unsupported_type_says_what_is_accepted(source):
    with pytest.raises(ImageError, match=rf"type {type(source).__name__}; accepted are a path, .* tensor; convert"):
        images.read(source)


@pytest.mark.parametrize(("shape", "size"), [((400, 600), 224), ((31, 57), 224), ((300, 451), 33), ((224, 224), 224)])
@pytest.mark.parametrize("crop", [1.0, 0.875])
def test_fit_agrees_with_pillow(shape, size, crop):
    """On float channels exactly; on 8-bit pixels as far as Pillow's rounding between its passes allows."""
    sharp = images.sample("coffee")
    image = images.read(images.to_png(images.fit(sharp, shape)))
    fitted = images.fit(image, size, crop=crop)
    assert fitted.shape == (3, size, size)
    side = int(crop * min(shape))
    top, left = ((full - side + 1) // 2 for full in shape)
    box = (left, top, left + side, top + side)
    for colour, ours in zip(image, fitted, strict=True):
        theirs = Image.fromarray(colour.numpy()).crop(box).resize((size, size), Image.Resampling.BICUBIC)
        assert np.allclose(ours.numpy(), np.clip(np.asarray(theirs), 0, 1), atol=1e-5)
    theirs = Image.fromarray(images.to_uint8(image)).crop(box).resize((size, size), Image.Resampling.BICUBIC)
    distance = np.abs(fitted.permute(1, 2, 0).numpy() * 255 - np.asarray(theirs))
    assert distance.mean() < 0.35
    assert np.quantile(distance, 0.999) < 2
    assert distance.max() < 8


@given(
    full=st.tuples(st.integers(16, 90), st.integers(16, 90)),
    size=st.one_of(st.integers(16, 70), st.tuples(st.integers(16, 70), st.integers(16, 70))),
    crop=st.floats(0.01, 1),
)
def test_fit_gives_the_size_and_stays_in_range(full, size, crop):
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 2, (3, *full))).float()
    fitted = images.fit(image, size, crop=crop)
    assert fitted.shape == (3, *(size if isinstance(size, tuple) else (size, size)))
    assert 0 <= fitted.min() <= fitted.max() <= 1


@given(full=st.tuples(st.integers(16, 90), st.integers(16, 90)), size=st.integers(16, 70))
def test_fit_keeps_a_plain_image_plain(full, size):
    assert torch.allclose(images.fit(torch.full((3, *full), 0.3), (size, 16)), torch.tensor(0.3), atol=1e-6)


def test_fit_leaves_what_fits():
    image = expected(pixels())
    assert images.fit(image, None) is image
    assert torch.allclose(images.fit(image, (HEIGHT, WIDTH)), image, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_fit_takes_any_floats(dtype):
    fitted = images.fit(torch.ones(3, 30, 20, dtype=dtype), 16)
    check_form(fitted, 16, 16)
    assert torch.allclose(fitted, torch.tensor(1.0))


def test_fit_takes_the_centre():
    image = torch.zeros(3, 40, 81)
    image[:, 10:30, 31:51] = 1  # what is left over is split with the odd pixel on the left
    assert torch.equal(images.fit(image, 20, crop=0.5), torch.ones(3, 20, 20))
    wide = torch.zeros(3, 40, 40)
    wide[:, 10:30] = 1
    assert torch.equal(images.fit(wide, (20, 40)), torch.ones(3, 20, 40))


@pytest.mark.parametrize("size", [15, 0, -1, 224.0, "224", (224,), (224, 15), (1, 2, 3), True, 10**6, (16, 10**9)])
def test_fit_refuses_a_size(size):
    with pytest.raises(ValueError, match=r"size is .*; allowed is a side or \(height, width\).*at least 16"):
        images.fit(torch.zeros(3, 20, 20), size)


@pytest.mark.parametrize("crop", [0, -0.1, 1.01, float("nan"), float("inf")])
def test_fit_refuses_a_crop(crop):
    with pytest.raises(ValueError, match=r"crop=.* must be a finite number above 0 and at most 1; 1 keeps"):
        images.fit(torch.zeros(3, 20, 20), None, crop=crop)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((3, 20, 20)),
        torch.zeros(20, 20),
        torch.zeros(1, 3, 20, 20),
        torch.zeros(3, 20, 20).int(),
        "x",
    ],
)
@pytest.mark.parametrize("function", [lambda image: images.fit(image, 16), images.to_uint8])
def test_what_is_no_image_tensor_is_refused(image, function):
    with pytest.raises(ImageError, match=r"image is .*; allowed is a float tensor \(3, H, W\); make one with"):
        function(image)


PICTURES = arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3)))


@given(PICTURES)
def test_to_uint8_undoes_the_scaling(array):
    image = expected(array)
    assert np.array_equal(images.to_uint8(image), array)
    assert np.array_equal(images.to_uint8(image.double()), array)
    assert np.array_equal(images.to_uint8(image.half()), array)


@given(PICTURES, st.integers(0, 9))
def test_to_png_loses_nothing(array, compress_level):
    for source in (array, expected(array)):
        with Image.open(io.BytesIO(images.to_png(source, compress_level))) as picture:
            assert picture.format == "PNG"
            assert np.array_equal(np.asarray(picture), array)
    with Image.open(io.BytesIO(images.to_png(array[..., 0], compress_level))) as picture:
        assert picture.mode == "L"
        assert np.array_equal(np.asarray(picture), array[..., 0])


def test_to_uint8_rounds_clamps_and_detaches():
    image = torch.tensor([-1.0, 0.499 / 255, 0.501 / 255, 254.51 / 255, 1, 7], requires_grad=True)
    assert images.to_uint8(image.expand(3, 1, 6))[0, :, 0].tolist() == [0, 0, 1, 255, 255, 255]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((20, 20, 3)),
        np.zeros((20, 20, 4), np.uint8),
        np.zeros(20, np.uint8),
        np.zeros((0, 5), np.uint8),
    ],
)
def test_to_png_refuses_other_arrays(array):
    with pytest.raises(ImageError, match=r"image is .*; allowed is uint8, \(H, W, 3\) or \(H, W\).*; give a"):
        images.to_png(array)


@pytest.mark.parametrize("level", [-1, 10, 1.5, None])
def test_to_png_refuses_a_level(level):
    with pytest.raises(ValueError, match=r"compress_level is .*; allowed are 0 to 9"):
        images.to_png(np.zeros((20, 20), np.uint8), level)


def test_coffee_comes_first():
    assert images.sample_names()[0] == "coffee"
    assert images.sample_names() == tuple(images.SAMPLES)


@pytest.mark.parametrize("name", images.sample_names())
def test_every_sample_reads(name):
    image = images.sample(name)
    check_form(image, *image.shape[1:])
    assert min(image.shape[1:]) >= images.MIN_SIDE
    assert image.std() > 0.05
    assert torch.equal(images.read(name), image)
    assert images.SAMPLES[name].title
    assert images.SAMPLES[name].credit.endswith(("CC0", "public domain"))


def test_an_unknown_sample():
    with pytest.raises(ImageError, match=r"'mona lisa' is no sample photograph; allowed are coffee, chelsea"):
        images.sample("mona lisa")


def test_a_sample_that_scikit_image_lacks(monkeypatch):
    monkeypatch.setattr("cartoonx_widgets.images.samples.find_spec", lambda package: None)
    with pytest.raises(ImageError, match=r"sample 'coffee' is not in the installed scikit-image; reinstall"):
        images.sample("coffee")
