"""The lab's page without a kernel: what its code computes, compared with PyWavelets and with the kernel."""

from __future__ import annotations

import base64
import json
import math

import deno
import numpy as np
import pytest
import pywt
import torch

import cartoonx_widgets as cx
from cartoonx_widgets import images, sparsity
from cartoonx_widgets.representations import DualTree, Wavelet
from cartoonx_widgets.representations.sizes import silent_transform
from cartoonx_widgets.widgets.sparsity_lab import build_messages, cells, choices
from cartoonx_widgets.widgets.sparsity_lab.decomposition import Decomposition
from cartoonx_widgets.widgets.sparsity_lab.page import _layouts, _names, _wavelet

SIZES = ((64, 64), (33, 33), (45, 38))
LEVELS, K, OFF = 2, 300, 3  # the band that is off, by its index
CASES = [(name, mode, size) for name in _names() for mode in ("periodization", "zero") for size in SIZES]
MOSAICS = (  # a wavelet, pixels a side, splits, band and cell of a coefficient; of 800 pixels a cell has 2 x 2
    (Wavelet("db3", mode="periodization"), 64, 2, (4, 5, 9)),
    (Wavelet("db8", mode="zero"), 45, 2, (1, 3, 2)),
    (Wavelet("db2", mode="periodization"), 800, 1, (3, 100, 30)),
    (Wavelet("haar", mode="periodization"), 40, 0, (0, 7, 8)),
)
PIXEL = (20, 31)
SQUARES = ((300, 64), (64, 64), (40, 64), (37, 33))  # pixels a side, and how many are wanted


def packed(values):
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def unpacked(text, *shape):
    return np.frombuffer(base64.b64decode(text)).reshape(*shape)


def picture(size):
    return images.fit(images.sample("coffee"), size).double()


def levels_of(side):
    return np.random.default_rng(side).integers(0, 256, (side, side, 4), dtype=np.uint8)


def eight_bits(side):
    return images.to_uint8(images.fit(images.sample("coffee"), side)).transpose(2, 0, 1)


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """What the page's code says of each case, mosaic and square."""
    path = tmp_path_factory.mktemp("page") / "cases.json"
    cases = [
        {
            "wavelet": _wavelet(Wavelet(name, mode=mode), min(size)),
            "picture": packed(picture(size).numpy()),
            "size": size,
            "levels": LEVELS,
            "k": K,
            "off": [OFF],
        }
        for name, mode, size in CASES
    ]
    squares = [{"pixels": packed(levels_of(n)), "n": n, "side": side} for n, side in SQUARES]
    mosaics = [
        {
            "wavelet": _wavelet(given, side),
            "layout": _layouts(given, side)[levels],
            "pixels": packed(eight_bits(side)),
            "side": side,
            "levels": levels,
            "k": K,
            "cell": dict(zip(("band", "row", "column"), cell, strict=True)),
            "pixel": dict(zip(("row", "column"), PIXEL, strict=True)),
        }
        for given, side, levels, cell in MOSAICS
    ]
    path.write_text(json.dumps({"cases": cases, "mosaics": mosaics, "squares": squares}), "utf-8")
    found = json.loads(
        deno.run("run", "--no-remote", "--no-npm", "--allow-read", "tests/page/lab_figures.js", str(path))
    )
    return {
        "figures": dict(zip(CASES, found["figures"], strict=True)),
        "mosaics": dict(zip(MOSAICS, found["mosaics"], strict=True)),
        "resized": dict(zip(SQUARES, found["resized"], strict=True)),
    }


@pytest.mark.filterwarnings("ignore:Level value")  # PyWavelets' of small pictures
@pytest.mark.parametrize("case", CASES, ids=str)
def test_coefficients_and_pictures_are_those_of_pywavelets(computed, case):
    name, mode, size = case
    figures, image = computed["figures"][case], picture(size).numpy()
    split = pywt.wavedec2(image, name, mode=mode, level=LEVELS, axes=(1, 2))
    flat = [split[0], *(band for scale in split[1:] for band in scale)]
    expected = np.concatenate([band.reshape(3, -1) for band in flat], axis=1)
    found = unpacked(figures["coefficients"], 3, -1)
    np.testing.assert_allclose(found, expected, atol=1e-9)

    transform = silent_transform(Wavelet(name, mode=mode, levels=LEVELS), size)
    frame = sparsity.Frame(picture(size).float(), transform)
    mask = frame.kept(K, frame.allowed([transform.bands[OFF].name]))
    kept = [
        (expected * mask)[:, band.slice].reshape(3, *band.shape) for band in transform.bands
    ]  # lowpass, then three of each scale
    tree = [kept[0], *(tuple(kept[i : i + 3]) for i in range(1, len(kept), 3))]
    approximation = pywt.waverec2(tree, name, mode=mode, axes=(1, 2))[:, : size[0], : size[1]]
    np.testing.assert_allclose(unpacked(figures["approximation"], 3, *size), approximation, atol=1e-9)
    assert figures["psnr"] == pytest.approx(-10 * math.log10(np.square(image - approximation).mean()), abs=1e-6)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_figures_are_those_of_the_kernel(computed, case):
    name, mode, size = case
    figures, image = computed["figures"][case], picture(size).float()
    transform = silent_transform(Wavelet(name, mode=mode, levels=LEVELS), size)
    frame = sparsity.Frame(image, transform)
    mask = frame.kept(K, frame.allowed([transform.bands[OFF].name]))
    approximation = frame.synthesise(mask)
    np.testing.assert_allclose(unpacked(figures["importance"], -1), frame.importance, atol=1e-4)
    np.testing.assert_allclose(unpacked(figures["adjoint"], 3, -1), transform.adjoint(image[None])[0], atol=1e-4)
    np.testing.assert_allclose(unpacked(figures["approximation"], 3, *size), approximation, atol=1e-4)
    assert figures["psnr"] == pytest.approx(sparsity.psnr(image, approximation), abs=1e-4)
    assert figures["ssim"] == pytest.approx(sparsity.ssim(image, approximation), abs=1e-4)
    assert figures["energies"] == pytest.approx(list(frame.energies().values()), rel=1e-4, abs=1e-4)
    decay = sparsity.fit_decay(frame.magnitudes)
    assert figures["decay"] == pytest.approx(decay._asdict(), rel=1e-4)
    ranks = figures["line"]["rank"]
    assert ranks[0] == 1
    assert ranks[-1] == frame.n
    magnitudes = np.array(figures["line"]["magnitude"], dtype=float)  # NaN where there is none, as on a line's axis
    np.testing.assert_allclose(np.nan_to_num(magnitudes), frame.magnitudes[np.array(ranks) - 1], atol=1e-4)


@pytest.mark.parametrize("case", MOSAICS, ids=str)
def test_the_mosaic_and_what_is_picked_are_those_of_the_kernel(computed, case):
    given, side, levels, (band, row, column) = case
    found = computed["mosaics"][case]
    image = torch.from_numpy(eight_bits(side)).float() / 255
    shown = Decomposition(image, "coffee", choices.split(given, levels))
    np.testing.assert_allclose(found["brightness"], cells.levels(shown).astype(int), atol=1)
    mask = shown.frame.kept(K)
    kept = build_messages.kept(shown, {"one": image}, run=1, k=K, mask=mask, bands_off=(), answers=None)
    assert bytes(found["bits"]) == kept.buffers[0]

    expected = dict(build_messages.coefficient(shown, run=1, band=band, cell=(row, column)).content)
    values, magnitude = expected.pop("values"), expected.pop("magnitude")
    assert found["coefficient"].pop("values") == pytest.approx(values, abs=1e-4)
    assert found["coefficient"].pop("magnitude") == pytest.approx(magnitude, abs=1e-4)
    assert found["coefficient"] | {"run": 1} == json.loads(json.dumps(expected))
    sent = build_messages.coefficient(shown, run=1, band=band, cell=(row, column)).buffers[0]
    grey = unpacked(found["picture"], side, side)
    assert np.abs(images.read(sent)[0].numpy() - grey).mean() < 0.02  # which JPEG alone takes from it

    pixel = build_messages.pixel(shown, run=1, row=PIXEL[0], column=PIXEL[1])
    assert found["pixel"] | {"run": 1} == pixel.content
    np.testing.assert_allclose(found["strengths"], np.frombuffer(pixel.buffers[0], np.uint8).astype(int), atol=1)


@pytest.mark.parametrize("square", SQUARES, ids=str)
def test_a_picture_is_resized_as_the_kernel_does(computed, square):
    n, side = square
    pixels = torch.from_numpy(levels_of(n)[..., :3]).permute(2, 0, 1).float() / 255
    np.testing.assert_allclose(
        unpacked(computed["resized"][square], 3, side, side), images.fit(pixels, side), atol=1e-4
    )


def test_a_representation_that_no_browser_computes_is_refused(tmp_path):
    for representation in (DualTree(), Wavelet("db3", mode="symmetric"), Wavelet("bior2.2"), "shearlets"):
        lab = cx.sparsity_lab("figures", representation=representation, size=64)
        with pytest.raises(ValueError, match=r"has no page: .* set lab.representation to one of 'haar', 'db2'"):
            lab.to_html(tmp_path / "lab.html")
        lab.close()
    assert list(tmp_path.iterdir()) == []


def test_a_page_takes_less_than_a_megabyte_and_a_half(tmp_path):
    lab = cx.sparsity_lab()
    lab.to_html(tmp_path / "lab.html")
    lab.close()
    assert (tmp_path / "lab.html").stat().st_size < 1.5e6
