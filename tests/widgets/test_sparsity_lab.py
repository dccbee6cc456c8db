"""The sparsity lab from Python, without a page: its settings, its messages, what it does with what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets.images import ImageError
from cartoonx_widgets.representations import Pixel


@pytest.fixture
def lab():
    """Make labs of small pictures."""

    def make(image="figures", **settings):
        return cx.sparsity_lab(image, **{"size": 64, **settings})

    with with_pages(make) as lab:
        yield lab


def test_none_and_all(lab):
    one = lab()
    one.kept = 0
    assert float(one.approximation.abs().max()) == 0
    one.kept = one.n
    torch.testing.assert_close(one.approximation, one.image, atol=1e-5, rtol=0)
    assert one.quality["representation"].ssim == pytest.approx(1, abs=1e-5)  # in float32, as the picture itself
    assert set(one.approximations) == {"representation", "pixels", "fourier", "cosine"}


@pytest.mark.parametrize("name", ["haar", "db2", "db8", "sym4", "sym8", "dual-tree", "shearlets"])
def test_every_representation_and_level(lab, name):
    one = lab()
    one.representation = name
    for levels in range(one.most_levels + 1):
        one.levels = levels
        one.kept = one.n
        torch.testing.assert_close(one.approximation, one.image, atol=1e-4, rtol=0)
    one.levels = 0
    assert one.representation == Pixel()
    one.split()
    assert one.levels == 1
    one.merge()
    with pytest.raises(ValueError, match="levels=-1"):
        one.merge()


def test_bands_off(lab):
    one = lab(representation="haar")
    one.kept = one.n
    one.bands_off = {"lowpass"}
    assert one.approximation.mean().abs() < 0.01
    one.bands_off = one.bands
    assert float(one.approximation.abs().max()) == 0
    with pytest.raises(ValueError, match="x9"):
        one.bands_off = {"x9"}


def test_a_picture_of_ones_own_a_sample_and_a_drawing(lab):
    assert lab("camera").photograph == "camera"
    one = lab(torch.rand(3, 40, 50))
    assert one.image.shape == (3, 64, 64)
    one.show(np.zeros((20, 20), np.uint8), name="<b>black</b>")
    assert one.photograph == "<b>black</b>"
    one.kept = 10  # all are alike, all are zero
    assert one.quality["representation"].psnr == float("inf")


def test_what_is_refused_is_said_and_changes_nothing(lab):
    one = lab()
    before = one.kept, one.representation, one.levels, one.photograph, one.bands_off
    for message in (
        {"type": "keep", "k": -1},
        {"type": "keep", "k": one.n + 1},
        {"type": "keep", "k": 1.5},
        {"type": "keep", "k": None},
        {"type": "photograph", "name": "/etc/hostname"},
        {"type": "representation", "name": "db0"},
        {"type": "representation", "name": 5},
        {"type": "levels", "levels": 99},
        {"type": "bands", "off": ["x9"]},
        {"type": "coefficient", "band": 99, "row": 0, "column": 0},
        {"type": "pixel", "row": 64, "column": 0},
        {"type": "no such message"},
    ):
        kinds = [kind for kind in one.page.send(**message) if kind not in ("figures", "curves")]
        assert kinds == ["error", "state"], message
    assert (one.kept, one.representation, one.levels, one.photograph, one.bands_off) == before
    with pytest.raises(ImageError, match="16"):
        one.show(np.zeros((1, 50), np.uint8))
    assert one.photograph == before[3]


def test_bad_settings(lab):
    for size in (8, 5000, 64.0, True):
        with pytest.raises(ValueError, match="size="):
            lab(size=size)
    with pytest.raises(ValueError, match="representation='wavelets'"):
        lab(representation="wavelets")
    with pytest.raises(TypeError, match="representation=7"):
        lab(representation=7)
    with pytest.raises(ValueError, match="language='xx'"):
        lab(language="xx")


def test_a_page_that_comes_is_told_everything_then_figures_and_curves(lab):
    one = lab()
    assert one.page.send(type="ready")[:2] == ["setup", "kept"]
    assert one.wait(60)
    kinds = [content["type"] for content in one.page.contents]
    assert "figures" in kinds
    assert [content for content in one.page.contents if content["type"] == "curves"][-1]["complete"]
    assert one.page.send(type="coefficient", band=1, row=0, column=0)[0] == "picked"
    assert one.page.send(type="pixel", row=3, column=4)[0] == "picked"
