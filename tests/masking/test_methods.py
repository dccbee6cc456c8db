import dataclasses
import inspect
import re

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.masking import (
    Acceleration,
    BlurredImage,
    CrossEntropy,
    FreeMask,
    GaussianNoise,
    SmoothMask,
    SquaredDifference,
    UniformNoise,
    Zeros,
)
from cartoonx_widgets.masking.method import STEERABLE
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.representations import Pixel, Shearlet, Wavelet

INFINITY, NAN = float("inf"), float("nan")
PRICES = ("lambda_l1", "lambda_spatial_l1", "lambda_spatial_l2", "lambda_tv", "lambda_area")
# What a method has unless it says otherwise.
COMMON = {
    "mask": FreeMask(1.0),
    **dict.fromkeys(PRICES, 0),
    "area": None,
    "area_growth": 1,
    "keep": None,
    "schedule": "constant",
    "on_gpu": None,
    "clean_fraction": 0,
    "acceleration": None,
    "clamp": True,
}


def assert_settings(method, **settings):
    """All settings, those not named being common to the methods."""
    expected = COMMON | settings
    assert {field.name: getattr(method, field.name) for field in dataclasses.fields(method)} == expected


def test_cartoonx_has_the_settings_of_its_paper():
    """ECCV 2022, section 5: Daubechies 3, five scales, lambda 20, learning rate 0.001, 2000 steps, 64 samples."""
    assert_settings(
        cx.methods.cartoonx(),
        name="CartoonX",
        representation=Wavelet("db3", mode="zero"),
        obfuscation=GaussianNoise(per="scale", colours="each"),
        distortion=SquaredDifference("original"),
        lambda_l1=20,
        learning_rate=1e-3,
        steps=2000,
        samples=64,
    )


def test_pixel_rde_has_the_settings_of_its_paper():
    """ECCV 2022, sections 3 and 5: as CartoonX, on pixels, with lambda 4 and without a clamp."""
    assert_settings(
        cx.methods.pixel_rde(),
        name="Pixel RDE",
        representation=Pixel(),
        obfuscation=GaussianNoise(),
        distortion=SquaredDifference("original"),
        lambda_l1=4,
        learning_rate=1e-3,
        steps=2000,
        samples=64,
        clamp=False,
    )


def test_waveletx_has_the_settings_of_its_paper():
    """CVPR 2023, sections 4 and 6: uniform noise, 16 samples, 300 steps, against probability 1; lambdas of the code."""
    assert_settings(
        cx.methods.waveletx(),
        name="WaveletX",
        representation=Wavelet("db3", mode="zero"),
        obfuscation=UniformNoise(per="scale", colours="each"),
        distortion=SquaredDifference("one"),
        lambda_l1=2,
        lambda_spatial_l1=10,
        learning_rate=0.1,
        steps=300,
        samples=16,
    )


def test_shearletx_has_the_settings_of_its_paper():
    """CVPR 2023, sections 4 and 6: noise of each shearlet's grey coefficients, shared by the colours; and a clamp."""
    assert_settings(
        cx.methods.shearletx(),
        name="ShearletX",
        representation=Shearlet(),
        obfuscation=UniformNoise(per="band", colours="shared"),
        distortion=SquaredDifference("one"),
        lambda_l1=1,
        lambda_spatial_l1=2,
        learning_rate=0.1,
        steps=300,
        samples=16,
    )


def test_the_pixel_mask_has_the_settings_of_its_paper():
    """CVPR 2023, section 6: a mask on pixels with a penalty on its total variation; without it, "no smoothness"."""
    settings = {
        "name": "Pixel mask",
        "representation": Pixel(),
        "obfuscation": UniformNoise(per="scale", colours="each"),
        "distortion": SquaredDifference("one"),
        "lambda_l1": 1,
        "learning_rate": 0.1,
        "steps": 300,
        "samples": 16,
    }
    assert_settings(cx.methods.pixel_mask(), lambda_tv=0.5, **settings)
    assert_settings(cx.methods.pixel_mask(lambda_tv=0), **settings)


def test_the_smooth_mask_has_the_bumps_of_its_paper_and_our_optimiser():
    """ICCV 2019: bumps of radius 21 on a grid of spacing 7; an area whose price grows, from our start."""
    assert_settings(
        cx.methods.smooth_mask(),
        name="Smooth mask",
        representation=Pixel(),
        mask=SmoothMask(initial=0.5, temperature=0.05),
        obfuscation=BlurredImage(sigma=20.0),
        distortion=CrossEntropy(),
        lambda_area=1,
        area=0.1,
        area_growth=1.02,
        learning_rate=0.01,
        steps=300,
        samples=1,
    )
    assert SmoothMask().resolved((224, 300)) == SmoothMask(initial=1.0, step=7, sigma=21.0, temperature=0.05)
    assert cx.methods.smooth_mask(area=0.25).area == 0.25


@pytest.mark.parametrize("name", ["cartoonx", "waveletx", "shearletx"])
def test_an_interactive_preset_has_the_published_objective_and_says_that_it_is_ours(name):
    published, ours = PRESETS[name](), PRESETS[f"{name}_interactive"]()
    assert ours.name == f"{published.name}, interactive"
    assert ours.distortion == SquaredDifference("one")
    assert ours.steps * ours.samples <= 300 <= published.steps * published.samples / 10
    of_the_descent = ("learning_rate", "schedule", "steps", "samples", "clean_fraction", "acceleration")
    changed = {setting: getattr(ours, setting) for setting in of_the_descent}
    assert ours == published.replace(**changed, name=ours.name, distortion=ours.distortion)
    assert changed == {
        "learning_rate": 0.2,
        "schedule": "cosine",
        "steps": 135 if name == "cartoonx" else 150,
        "samples": 2,
        "clean_fraction": 0.15,
        "acceleration": Acceleration(),
    }


INTERACTIVE = [name for name in PRESETS if name.endswith("_interactive")]
CPU, GPUS = torch.device("cpu"), (torch.device("cuda", 1), torch.device("mps"))


@pytest.mark.parametrize("name", INTERACTIVE)
def test_what_is_not_given_is_many_small_steps_on_a_cpu_and_few_large_ones_on_a_gpu(name):
    preset = PRESETS[name](lambda_l1=3.0)
    for method in (preset, preset.replace(clean_fraction=0.5), preset.resolved((64, 64))):
        on_cpu = method.on(CPU)
        assert (on_cpu.steps, on_cpu.samples, on_cpu.on_gpu) == (method.steps, 2, None)
        assert on_cpu == method
        for gpu in GPUS:
            on_gpu = method.on(gpu)
            assert on_gpu == method.replace(steps=60, samples=16)
            assert on_gpu.on(CPU) is on_gpu  # it has been settled


@pytest.mark.parametrize("given", [{"steps": 50}, {"samples": 4}, {"steps": 50, "samples": 4}], ids=str)
@pytest.mark.parametrize("name", INTERACTIVE)
def test_what_is_given_holds_on_every_device(name, given):
    for method in (PRESETS[name](**given), PRESETS[name]().replace(**given), PRESETS[name]().accelerated(**given)):
        for device in (CPU, *GPUS):
            run = method.on(device)
            assert {setting: getattr(run, setting) for setting in given} == given
            assert run.samples == given.get("samples", 2)


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in INTERACTIVE])
def test_published_methods_are_the_same_on_every_device(name):
    assert all(PRESETS[name]().on(device) == PRESETS[name]() for device in (CPU, *GPUS))


def test_a_method_of_ones_own_may_take_other_steps_on_a_gpu():
    method = cx.methods.pixel_mask().replace(on_gpu=(30, 8))
    assert (method.on(GPUS[0]).steps, method.on(GPUS[0]).samples) == (30, 8)
    for bad in (60, (60,), "60", [60, 16]):
        with pytest.raises(ValueError, match=r"on_gpu=.* must be steps and samples, such as \(60, 16\), or None"):
            method.replace(on_gpu=bad)
    with pytest.raises(ValueError, match="samples=0 must be a whole number"):
        method.replace(on_gpu=(60, 0))


@pytest.mark.parametrize("name", PRESETS)
def test_any_method_can_descend_as_our_presets_do(name):
    published, ours = PRESETS[name](), cx.methods.waveletx_interactive()
    of_the_descent = ("learning_rate", "schedule", "steps", "samples", "clean_fraction", "acceleration")
    changed = {setting: getattr(ours, setting) for setting in of_the_descent}
    assert published.accelerated() == published.replace(**changed)
    given = {"learning_rate": 0.1, "steps": 9, "samples": 8, "clean_fraction": 0.5}
    assert published.accelerated(**given) == published.replace(**changed | given)


def test_the_presets_are_all_that_is_there_and_the_first_is_the_default():
    assert list(PRESETS)[0] == "cartoonx_interactive"  # noqa: RUF015 - their order is the point
    assert set(PRESETS) == {
        "cartoonx", "cartoonx_interactive", "pixel_mask", "pixel_rde", "shearletx", "shearletx_interactive",
        "smooth_mask", "waveletx", "waveletx_interactive",
    }  # fmt: skip
    for name, make in PRESETS.items():
        assert make is getattr(cx.methods, name)
        assert isinstance(make(), cx.Method)
        assert make() == make()
    assert len({make().name for make in PRESETS.values()}) == len(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_settings_reach_the_method(name):
    """Each keyword is a field of the method, or the distortion's reference."""
    other = {
        "representation": Wavelet("haar", levels=2),
        "lambda_l1": 0.5,
        "lambda_spatial_l1": 0.75,
        "lambda_tv": 1.25,
        "lambda_area": 1.5,
        "area": 0.625,
        "keep": 0.25,
        "learning_rate": 1,
        "steps": 3,
        "samples": 7,
        "clean_fraction": 0.125,
    }
    make = PRESETS[name]
    keywords = set(inspect.signature(make).parameters)
    assert {"learning_rate", "steps"} <= keywords <= set(other) | {"reference"}
    method = make(**{keyword: other[keyword] for keyword in keywords - {"reference"}})
    for keyword in keywords - {"reference"}:
        assert getattr(method, keyword) == other[keyword]
        assert getattr(make(), keyword) != other[keyword]
    if "reference" in keywords:
        for reference in ("original", "one"):
            assert make(reference=reference).distortion == SquaredDifference(reference)
    with pytest.raises(TypeError):
        make(20.0)


@pytest.mark.parametrize("make", [cx.methods.cartoonx, cx.methods.cartoonx_interactive])
def test_noise_on_a_redundant_representation_is_shared_by_the_colours(make):
    for redundant in (Shearlet(), toys.Rotated()):
        assert make(representation=redundant).obfuscation == GaussianNoise(per="band", colours="shared")
    for other in (Wavelet(), Pixel()):
        assert make(representation=other).obfuscation == GaussianNoise(per="scale", colours="each")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *[("lambda_l1", value) for value in (-1e-9, INFINITY, NAN, "20", True)],
        *[("learning_rate", value) for value in (0, -0.1, INFINITY, NAN, "fast", None, True)],
        *[("steps", value) for value in (0, -1, 1.5, 10.0, "10", True)],
        *[("samples", value) for value in (0, -1, 1.5, "8", True)],
        *[("clean_fraction", value) for value in (-0.1, 1, 1.5, NAN, "0.5", None, True)],
        *[("reference", value) for value in ("two", "", 1, None)],
    ],
)
def test_a_setting_out_of_range_is_named(setting, value):
    with pytest.raises(ValueError, match=rf"^{setting}={value!r} must be"):
        cx.methods.cartoonx_interactive(**{setting: value})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *[(price, value) for price in PRICES for value in (-1e-9, 1.1e9, INFINITY, NAN, "20", None, True, 1j)],
        *[("learning_rate", value) for value in (1.1e9, 1j, [0.1])],
        *[("area", value) for value in (0, 1, -0.1, 1.5, NAN, INFINITY, "0.5", True)],
        *[("area_growth", value) for value in (0, 0.999, 2.001, NAN, INFINITY, "1", None, True)],
    ],
)
def test_a_setting_of_any_method_out_of_range_is_named(setting, value):
    valid = {"area": 0.5} if setting == "lambda_area" else {}
    with pytest.raises(ValueError, match=rf"^{setting}={re.escape(repr(value))} must be a"):
        cx.methods.cartoonx().replace(**valid, **{setting: value})


def test_settings_at_the_ends_of_their_ranges():
    method = cx.methods.cartoonx()
    for settings in (
        *[{price: value, "area": 0.5} for price in PRICES for value in (0, 1e9, np.float32(0.5), np.int64(3))],
        {"area": 1e-9, "lambda_area": 1},
        {"area": 0.999},
        {"area_growth": 1},
        {"area_growth": 2},
        {"clean_fraction": 0.999},
        {"learning_rate": 1e9},
        {"learning_rate": 1e-12},
        {"steps": 1},
        {"samples": 1},
        {"clamp": False},
        {"obfuscation": Zeros()},
    ):
        changed = method.replace(**settings)
        assert {name: getattr(changed, name) for name in settings} == settings


def test_a_price_on_the_area_needs_an_area():
    method = cx.methods.cartoonx()
    with pytest.raises(ValueError, match=r"^lambda_area=2.0 weighs the distance from an area: set area too"):
        method.replace(lambda_area=2.0)
    with pytest.raises(ValueError, match="set area too"):
        cx.methods.smooth_mask(area=None)
    assert method.replace(lambda_area=2.0, area=0.5).area == 0.5
    assert method.replace(area=0.5).lambda_area == 0


def test_what_can_be_steered_is_a_setting():
    assert set(STEERABLE) == {*PRICES, "learning_rate"}
    assert set(STEERABLE) <= {field.name for field in dataclasses.fields(cx.Method)}


def test_a_method_of_ones_own():
    method = cx.Method(name="mine", learning_rate=0.1, steps=5, samples=2)
    assert_settings(
        method,
        name="mine",
        representation=Wavelet(),
        obfuscation=GaussianNoise(),
        distortion=SquaredDifference("original"),
        learning_rate=0.1,
        steps=5,
        samples=2,
    )
    with pytest.raises(TypeError):
        cx.Method("mine")


@pytest.mark.parametrize("value", ["linear", "", None])
def test_an_unknown_schedule(value):
    with pytest.raises(ValueError, match=rf"^schedule={value!r} must be 'constant' or 'cosine'"):
        cx.methods.cartoonx().replace(schedule=value)


def test_the_clean_fraction_sample_is_not_the_only_one():
    with pytest.raises(ValueError, match="samples=1 leaves no noisy sample beside the clean one: use 2 or more"):
        cx.methods.cartoonx_interactive(samples=1)
    assert cx.methods.cartoonx_interactive(samples=1, clean_fraction=0).samples == 1


def test_settings_have_names_and_no_order():
    with pytest.raises(TypeError):
        cx.methods.cartoonx(20.0)
    with pytest.raises(TypeError, match="lambda_l2"):
        cx.methods.cartoonx(lambda_l2=20.0)


def test_a_method_is_frozen():
    method = cx.methods.cartoonx()
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.steps = 3


def test_replace_makes_a_checked_copy():
    method = cx.methods.cartoonx()
    changed = method.replace(steps=3, lambda_l1=1.5)
    assert (changed.steps, changed.lambda_l1, changed.samples) == (3, 1.5, 64)
    assert method.steps == 2000
    assert method.replace() == method
    with pytest.raises(ValueError, match="steps=0"):
        method.replace(steps=0)
    with pytest.raises(TypeError, match="stepss"):
        method.replace(stepss=3)
