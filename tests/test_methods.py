import dataclasses

import pytest

import cartoonx_widgets as cx
from cartoonx_widgets.masking import GaussianNoise, SquaredDifference

INFINITY, NAN = float("inf"), float("nan")


def test_cartoonx_has_the_settings_of_its_paper():
    """ECCV 2022, section 5: Daubechies 3, five scales, lambda 20, learning rate 0.001, 2000 steps, 64 samples."""
    method = cx.methods.cartoonx()
    assert method.name == "CartoonX"
    assert method.representation == cx.representations.Wavelet("db3", levels=5, mode="zero")
    assert method.obfuscation == GaussianNoise()
    assert method.distortion == SquaredDifference("original")
    assert (method.lambda_l1, method.learning_rate, method.steps, method.samples) == (20, 1e-3, 2000, 64)
    assert (method.schedule, method.noise_free) == ("constant", 0)


def test_the_interactive_preset_says_that_it_is_ours():
    method = cx.methods.cartoonx_interactive()
    assert method.name != cx.methods.cartoonx().name
    assert method.distortion == SquaredDifference("one")
    assert method.schedule == "cosine"
    assert method.steps * method.samples * 100 <= 2000 * 64 * 2


@pytest.mark.parametrize("make", [cx.methods.cartoonx, cx.methods.cartoonx_interactive])
def test_settings_reach_the_method(make):
    representation = cx.representations.Wavelet("haar", levels=2)
    method = make(representation=representation, lambda_l1=0, learning_rate=1, steps=1, samples=2, reference="original")
    assert method.representation is representation
    assert (method.lambda_l1, method.learning_rate, method.steps, method.samples) == (0, 1, 1, 2)
    assert method.distortion == SquaredDifference("original")
    assert isinstance(method, cx.Method)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *[("lambda_l1", value) for value in (-1e-9, INFINITY, NAN, "20", None, True)],
        *[("learning_rate", value) for value in (0, -0.1, INFINITY, NAN, "fast", None, True)],
        *[("steps", value) for value in (0, -1, 1.5, 10.0, "10", None, True)],
        *[("samples", value) for value in (0, -1, 1.5, "8", None, True)],
        *[("noise_free", value) for value in (-0.1, 1, 1.5, NAN, "0.5", None, True)],
        *[("reference", value) for value in ("two", "", 1, None)],
    ],
)
def test_a_setting_out_of_range_is_named(setting, value):
    with pytest.raises(ValueError, match=rf"^{setting}={value!r} must be"):
        cx.methods.cartoonx_interactive(**{setting: value})


@pytest.mark.parametrize("value", ["linear", "", None])
def test_an_unknown_schedule(value):
    with pytest.raises(ValueError, match=rf"^schedule={value!r} must be 'constant' or 'cosine'"):
        cx.methods.cartoonx().replace(schedule=value)


def test_the_noise_free_sample_is_not_the_only_one():
    with pytest.raises(ValueError, match="samples=1 leaves no noisy sample beside the noise-free one: use 2 or more"):
        cx.methods.cartoonx_interactive(samples=1)
    assert cx.methods.cartoonx_interactive(samples=1, noise_free=0).samples == 1


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
