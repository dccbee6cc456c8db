"""The lab's denoising from Python: its settings, its messages, and the same numbers as without a widget."""

from __future__ import annotations

import math

import pytest
import torch
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets import sparsity
from cartoonx_widgets.representations import Wavelet

DENOISE = {"type": "denoise", "sigma": 0.2, "kind": "hard", "threshold": 3.0, "by_scale": [4.0, None]}


@pytest.fixture
def lab():
    """Make labs of small pictures."""

    def make(image="figures", **settings):
        return cx.sparsity_lab(image, **{"size": 64, "representation": "haar", **settings})

    with with_pages(make) as lab:
        yield lab


def test_the_lab_denoises_as_the_functions_do(lab):
    one = lab()
    one.denoising = {"sigma": 0.1, "by_scale": {1: 6.0}}
    assert one.denoising == {"sigma": 0.1, "kind": "soft", "threshold": None, "by_scale": {1: 6.0}}
    noisy = sparsity.add_noise(one.image, 0.1)
    assert torch.equal(one.denoised["noisy"], noisy)
    haar = sparsity.expand(noisy, Wavelet("haar", levels=one.levels, mode="periodization"))
    assert torch.equal(one.denoised["representation"], sparsity.denoise(haar, 0.1, by_scale={1: 6.0}))
    assert torch.equal(one.denoised["cosine"], sparsity.denoise(sparsity.expand(noisy, "cosine"), 0.1))
    assert one.denoised_quality["noisy"].psnr == pytest.approx(20, abs=0.2)
    assert one.denoised_quality["representation"].psnr > 22


def test_a_page_is_told_pictures_then_ssim(lab):
    one = lab()
    assert one.page.send(**DENOISE, answers=7)[0] == "denoised"
    assert one.wait(60)
    told = {content["type"]: content for content in one.page.contents}
    denoised = told["denoised"]
    assert denoised["answers"] == 7
    assert denoised["by_scale"] == [4.0] + [None] * (one.levels - 1)
    assert denoised["universal"] == sparsity.universal_threshold(64 * 64)
    assert list(denoised["psnr"]) == ["noisy", "representation", "pixels", "fourier", "cosine"]
    for key, quality in one.denoised_quality.items():
        assert denoised["psnr"][key] == pytest.approx(quality.psnr)
        assert told["denoised_figures"]["ssim"][key] == pytest.approx(quality.ssim)


def test_another_picture_and_representation_are_denoised_too(lab):
    one = lab()
    one.page.send(**DENOISE)
    assert "denoised" in one.page.send(type="representation", name="dual-tree")
    first = one.denoised["representation"]
    assert "denoised" in one.page.send(type="levels", levels=1)
    assert one.denoising["by_scale"] == {1: 4.0}
    assert not torch.equal(one.denoised["representation"], first)
    assert "denoised" in one.page.send(type="levels", levels=0)  # pixels, which have no scale
    assert one.denoising["by_scale"] == {}
    torch.testing.assert_close(one.denoised["representation"], one.denoised["pixels"])
    before = one.denoised["noisy"]
    assert "denoised" in one.page.send(type="photograph", name="camera")
    assert not torch.equal(one.denoised["noisy"], before)
    assert "denoised" in one.page.send(type="ready")
    assert one.page.send(type="stop_denoising") == ["denoising_stopped"]
    assert one.denoising is None
    one.wait(60)
    assert "denoised" not in one.page.send(type="ready")
    with pytest.raises(ValueError, match="denoising is None"):
        _ = one.denoised


def test_a_reset_ends_it(lab):
    one = lab()
    one.page.send(**DENOISE)
    assert "denoising_stopped" in one.page.send(type="reset")
    assert one.denoising is None


def test_what_is_refused_is_said_and_changes_nothing(lab):
    one = lab()
    one.page.send(**DENOISE)
    before = one.denoising
    for wrong in (
        {"sigma": -1.0},
        {"sigma": 1.5},
        {"sigma": None},
        {"kind": "firm"},
        {"threshold": -0.5},
        {"by_scale": [-1.0]},
        {"by_scale": [1.0] * 20},
    ):
        kinds = [kind for kind in one.page.send(**DENOISE | wrong) if kind != "denoised_figures"]
        assert kinds[0] == "error", wrong
        assert "state" in kinds
    for wrong, error, words in (
        (0.1, TypeError, "denoising=0.1 must be a dictionary"),
        ({"noise": 0.1}, ValueError, "denoising has 'noise'; its keys are 'sigma'"),
        ({"sigma": math.nan}, ValueError, "sigma=nan"),
        ({"by_scale": [1.0]}, TypeError, "by_scale="),
        ({"by_scale": {9: 1.0}}, ValueError, "by_scale has scale 9"),
        ({"kind": "firm"}, ValueError, "kind='firm'"),
    ):
        with pytest.raises(error, match=words):
            one.denoising = wrong
    assert one.denoising == before


def test_thresholds_of_0_and_beyond_the_largest(lab):
    one = lab()
    one.denoising = {"sigma": 0.0, "threshold": 1e9}
    assert one.denoised_quality["noisy"].psnr == math.inf
    torch.testing.assert_close(one.denoised["pixels"], one.image)  # a multiple of no noise is no threshold
    one.denoising = {"sigma": 0.1, "threshold": 0}
    for picture in one.denoised.values():
        torch.testing.assert_close(picture, one.denoised["noisy"], atol=1e-5, rtol=0)
    one.denoising = {"sigma": 0.1, "threshold": 1e6, "kind": "hard"}
    assert float(one.denoised["fourier"].abs().max()) < 1e-6
