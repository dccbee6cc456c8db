"""What the settings panel is told of a method, and what it may change."""

from __future__ import annotations

import dataclasses

import pytest
import torch

import cartoonx_widgets as cx
from cartoonx_widgets.masking import FreeMask, GivenMask, SmoothMask, UniformNoise, Zeros
from cartoonx_widgets.masking.method import STEERABLE, Method
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.widgets.explorer import settings


def paths(method, preset=None):
    return [shown["path"] for shown in settings.describe(method, preset or method)]


@pytest.mark.parametrize("name", PRESETS)
def test_every_setting_shown_can_be_set_to_what_it_is(name):
    method = PRESETS[name]()
    for shown in settings.describe(method, method):
        assert shown["value"] == shown["preset"]
        assert shown["about"].endswith(".")
        assert settings.change(method, shown["path"], shown["value"]) == method
        if shown["kind"] == "choice":
            assert shown["value"] in shown["choices"]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("representation", ["wavelets", "dual-tree wavelets", "shearlets", "pixels"])
def test_every_method_goes_on_every_representation(name, representation):
    method = settings.change(PRESETS[name](), "representation", representation)
    assert settings.value(method, "representation") == representation
    method.mask.start(method.representation.transform((128, 128)), 1)
    for shown in settings.describe(method, PRESETS[name]()):
        if shown["kind"] == "choice" and not shown["path"].startswith("representation"):
            for choice in shown["choices"]:
                changed = settings.change(method, shown["path"], choice)
                assert settings.value(changed, shown["path"]) == choice


def test_only_what_applies_is_shown():
    assert "lambda_tv" in paths(cx.methods.pixel_mask())
    assert "lambda_tv" not in paths(cx.methods.waveletx())
    assert {"area", "lambda_area", "mask.sigma", "obfuscation.sigma"} <= set(paths(cx.methods.smooth_mask()))
    assert not {"samples", "clean_fraction", "obfuscation.per", "distortion.reference"} & set(
        paths(cx.methods.smooth_mask())
    )
    assert "representation.wavelet" in paths(cx.methods.cartoonx())
    assert "representation.wavelet" not in paths(cx.methods.shearletx())
    assert {"representation.scales", "representation.fan"} <= set(paths(cx.methods.shearletx()))


def test_prominent_are_the_prices_of_the_preset_and_the_learning_rate():
    prominent = [
        shown["path"]
        for shown in settings.describe(cx.methods.waveletx(lambda_l1=0.0), cx.methods.waveletx())
        if shown["prominent"]
    ]
    assert prominent == ["lambda_l1", "lambda_spatial_l1", "learning_rate"]


def test_every_setting_names_a_field():
    fields = {field.name for field in dataclasses.fields(Method)}
    assert {setting.path.partition(".")[0] for setting in settings.SETTINGS} <= fields
    assert [setting.path for setting in settings.SETTINGS if setting.steerable] == [
        setting.path for setting in settings.SETTINGS if setting.path in STEERABLE
    ]
    assert set(STEERABLE) <= {setting.path for setting in settings.SETTINGS}


def test_what_no_longer_fits_is_set_back():
    smooth = settings.change(cx.methods.smooth_mask(), "representation", "wavelets")
    assert smooth.mask == FreeMask()
    assert (smooth.area, smooth.lambda_area) == (None, 0)
    pixels = settings.change(cx.methods.pixel_mask(), "representation", "shearlets")
    assert pixels.lambda_tv == 0
    assert pixels.obfuscation == UniformNoise(per="band", colours="shared")
    back = settings.change(pixels, "representation", "wavelets")
    assert back.obfuscation == UniformNoise()
    assert isinstance(settings.change(cx.methods.pixel_mask(), "mask", "smooth").mask, SmoothMask)
    assert settings.change(cx.methods.smooth_mask(), "obfuscation", "uniform noise").samples > 1
    assert settings.change(cx.methods.waveletx(), "obfuscation", "zeros").obfuscation == Zeros()


def test_a_given_mask_is_shown_and_can_be_let_go():
    method = cx.methods.waveletx().replace(mask=GivenMask(torch.ones(10)))
    shown = {shown["path"]: shown for shown in settings.describe(method, cx.methods.waveletx())}
    assert shown["mask"]["value"] == "given"
    assert "mask.initial" not in shown
    assert settings.change(method, "mask", "free").mask == FreeMask()


def test_the_presets_own_part_comes_back():
    preset = cx.methods.smooth_mask()
    changed = settings.change(preset, "mask", "free", preset)
    assert settings.change(changed, "mask", "smooth", preset) == preset
    preset = cx.methods.waveletx().replace(obfuscation=UniformNoise(per="band"))
    changed = settings.change(preset, "obfuscation", "zeros", preset)
    assert settings.change(changed, "obfuscation", "uniform noise", preset) == preset
    preset = cx.methods.shearletx(representation=Shearlet(scales=2, shear_levels=(1, 1)))
    changed = settings.change(preset, "representation", "pixels", preset)
    assert settings.change(changed, "representation", "shearlets", preset) == preset
    assert settings.change(preset, "representation.scales", 3).representation == Shearlet(scales=3)
    preset = cx.methods.waveletx().replace(mask=GivenMask(torch.ones(10)))
    assert settings.change(settings.change(preset, "mask", "free", preset), "mask", "given", preset) == preset


def test_an_unusual_choice_is_shown_too():
    method = cx.methods.cartoonx(representation=Wavelet("rbio3.1"))
    shown = next(shown for shown in settings.describe(method, method) if shown["path"] == "representation.wavelet")
    assert shown["choices"][-1] == "rbio3.1"


@pytest.mark.parametrize(
    ("path", "new", "message"),
    [
        ("name", "mine", "'name' is no setting; choose one of lambda_l1"),
        ("representation", "curvelets", "representation='curvelets' must be one of 'wavelets'"),
        ("mask", "smooth", "mask='smooth' must be one of 'free'"),
        ("representation.levels", 2.5, "levels=2.5 must be a whole number"),
        ("representation.wavelet", "db0", "db0"),
        ("steps", 0, "steps=0"),
        ("representation.scales", 3, "does not apply to this method"),
        ("lambda_tv", 1.0, "does not apply to this method"),
        ("distortion.reference", "two", "reference='two'"),
    ],
)
def test_what_is_refused(path, new, message):
    with pytest.raises(ValueError, match=message):
        settings.change(cx.methods.waveletx(), path, new)


@pytest.mark.parametrize(
    ("representation", "name"),
    [(Wavelet(), "wavelets"), (DualTree(), "dual-tree wavelets"), (Shearlet(), "shearlets"), (Pixel(), "pixels")],
)
def test_parts_have_names(representation, name):
    assert settings.value(cx.methods.cartoonx(representation=representation), "representation") == name


@pytest.mark.parametrize("name", ["cartoonx_interactive", "shearletx", "pixel_mask"])
def test_a_budget_takes_the_place_of_the_price_and_gives_it_back(name):
    preset = PRESETS[name]()
    budget = settings.change(preset, "keep", 0.02, preset)
    assert (budget.keep, budget.lambda_l1) == (0.02, 0)
    shown = {one["path"]: one for one in settings.describe(budget, preset)}
    assert (shown["keep"]["value"], shown["keep"]["preset"]) == (0.02, 1)
    assert settings.change(budget, "keep", 1, preset) == preset
    with pytest.raises(ValueError, match="keep=0"):
        settings.change(preset, "keep", 0, preset)
