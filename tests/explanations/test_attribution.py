"""Explanations by the calls of captum and Quantus, and their own metrics on them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx

METHOD = cx.methods.pixel_mask(steps=4, samples=3)


def batch():
    return torch.cat([toys.image(), toys.image(seed=1), toys.image(seed=2)])


def attribution(method=METHOD):
    return cx.MaskAttribution(toys.classifier(), method)


@pytest.mark.parametrize("make", [cx.methods.cartoonx_interactive, cx.methods.pixel_mask, cx.methods.shearletx])
def test_shapes_and_ranges_are_those_of_captum(make):
    settings = {"steps": 2, "samples": 2}
    if make is cx.methods.shearletx:
        settings["representation"] = cx.representations.Shearlet(scales=1)
    elif make is cx.methods.cartoonx_interactive:
        settings["representation"] = cx.representations.Wavelet(levels=2)
    found = attribution(make(**settings)).attribute(batch(), target=[0, 1, 2])
    assert found.shape == batch().shape
    assert found.dtype == batch().dtype
    assert found.min() >= 0
    assert found.max() <= 1
    assert not found.requires_grad


def test_it_is_the_cartoon_of_explain():
    found = attribution().attribute(toys.image(), target=2, seed=5)
    explanation = cx.explain(
        toys.image(), classifier=toys.classifier(), target=2, method=METHOD, seed=5, progress=False
    )
    assert torch.equal(found[0], explanation.cartoon)
    assert not torch.equal(found, attribution().attribute(toys.image(), target=2, seed=6))


@pytest.mark.parametrize(
    "target", [2, [2, 2, 2], (2, 2, 2), torch.tensor([2, 2, 2]), torch.tensor(2), np.array([2] * 3)]
)
def test_every_way_to_name_classes(target):
    assert torch.equal(attribution().attribute(batch(), target), attribution().attribute(batch(), [2, 2, 2]))


def test_the_most_probable_class_by_default():
    top = toys.classifier().probabilities(batch()).argmax(-1)
    assert torch.equal(attribution().attribute(batch()), attribution().attribute(batch(), top))


def test_inputs_stay_as_they_are_and_the_dtype_comes_back():
    inputs = batch().double().requires_grad_()
    before = inputs.detach().clone()
    found = attribution().attribute(inputs, 0)
    assert found.dtype == torch.float64
    assert torch.equal(inputs, before)
    assert inputs.grad is None


@pytest.mark.parametrize(
    ("inputs", "target", "message"),
    [
        (torch.zeros(3, 32, 32), 0, r"inputs has shape \(3, 32, 32\); a tensor of images \(B, 3, H, W\)"),
        (np.zeros((1, 3, 32, 32)), 0, "inputs has shape ndarray"),
        (torch.full((1, 3, 32, 32), 2.0), 0, r"between 2 and 2; images in \[0, 1\] are needed"),
        (torch.full((1, 3, 32, 32), 1.00001), 0, "between 1.00001001 and 1.00001001; images in"),
        (torch.full((1, 3, 32, 32), float("nan")), 0, r"images in \[0, 1\] are needed"),
        (torch.zeros(3, 3, 32, 32), [0, 1], "names 2 classes for 3 images"),
        (torch.zeros(1, 3, 32, 32), 9, "target=9 is not a class"),
    ],
)
def test_what_is_refused(inputs, target, message):
    with pytest.raises(ValueError, match=message):
        attribution().attribute(inputs, target)


def test_rounding_of_an_image_that_was_normalised_is_no_fault():
    mean, std = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    levels = torch.arange(256.0).repeat(12).reshape(1, 3, 32, 32) / 255
    back = ((levels - mean) / std - (-mean / std)) / (1 / std)
    assert back.max() > 1
    torch.testing.assert_close(attribution().attribute(back, 2), attribution().attribute(levels, 2), atol=1e-4, rtol=0)


def test_what_leaves_the_range_is_clamped_by_choice():
    wide = batch() * 1.2 - 0.1
    clamping = cx.MaskAttribution(toys.classifier(), METHOD, clamp=True)
    assert torch.equal(clamping.attribute(wide, 2), attribution().attribute(wide.clamp(0, 1), 2))
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"images in \[0, 1\] are needed"):
            clamping.attribute(torch.full((1, 3, 32, 32), bad), 0)


def test_grey_images():
    module = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(16, 3))
    grey = batch()[:, :1]
    explained = cx.MaskAttribution(toys.classifier(module, channels=1), METHOD)
    assert explained.attribute(grey, [0, 1, 2]).shape == grey.shape
    with pytest.raises(ValueError, match=r"a tensor of images \(B, 1, H, W\)"):
        explained.attribute(batch(), 0)
    assert cx.explain_func(module, grey.numpy(), [0, 1, 2], method=METHOD).shape == grey.shape


def test_inside_inference_mode():
    outside = attribution().attribute(batch(), 1)
    with torch.inference_mode():
        assert torch.equal(attribution().attribute(batch(), 1), outside)


def test_what_is_neither_a_classifier_nor_a_method():
    with pytest.raises(TypeError, match="classifier='resnet'"):
        cx.MaskAttribution("resnet")
    with pytest.raises(TypeError, match="method='shearletx'"):
        cx.MaskAttribution(toys.Toy(), "shearletx")


def test_captums_metrics_accept_it():
    metrics = pytest.importorskip("captum.metrics", reason="captum comes with the [dev] extra")
    torch.manual_seed(0)
    explained = attribution()
    classifier = explained.classifier

    def perturbed(inputs):
        noise = 0.05 * torch.randn_like(inputs)
        return noise, (inputs - noise).clamp(0, 1)

    found = explained.attribute(batch(), target=[0, 1, 2])
    infidelity = metrics.infidelity(classifier, perturbed, batch(), found, target=[0, 1, 2], n_perturb_samples=4)
    assert infidelity.shape == (3,)
    assert torch.isfinite(infidelity).all()

    def nearby(inputs, radius):
        return (inputs + radius * (2 * torch.rand_like(inputs) - 1)).clamp(0, 1)

    sensitivity = metrics.sensitivity_max(
        explained.attribute, batch(), perturb_func=nearby, n_perturb_samples=2, target=torch.tensor([0, 1, 2])
    )
    assert sensitivity.shape == (3,)
    assert (sensitivity > 0).all()


def noisy(nt_samples, stdev, **settings):
    """What captum's NoiseTunnel makes of an attribution that clamps."""
    attr = pytest.importorskip("captum.attr", reason="captum comes with the [dev] extra")
    torch.manual_seed(0)
    tunnel = attr.NoiseTunnel(cx.MaskAttribution(toys.classifier(), METHOD, clamp=True))
    return tunnel.attribute(**{"inputs": batch(), "nt_samples": nt_samples, "stdevs": stdev, "target": 2, **settings})


@pytest.mark.parametrize(
    "target", [2, torch.tensor(2), torch.tensor([2]), [2, 2, 2], torch.tensor([2, 2, 2]), [(2,)] * 3]
)
def test_captums_noise_tunnel_repeats_images_and_targets(target):
    one_by_one = noisy(3, 0.1, target=target, nt_samples_batch_size=1)
    assert torch.equal(one_by_one, noisy(3, 0.1, nt_samples_batch_size=1))
    torch.testing.assert_close(noisy(3, 0.0, target=target), attribution().attribute(batch(), 2), atol=1e-4, rtol=0)


def test_captums_noise_tunnel_averages_the_cartoons_of_noisy_images():
    torch.manual_seed(0)
    explained = cx.MaskAttribution(toys.classifier(), METHOD, clamp=True)
    copies = batch().repeat_interleave(4, dim=0)
    copies = copies + torch.normal(0, torch.full_like(copies, 0.1))
    cartoons = explained.attribute(copies, [0] * 4 + [1] * 4 + [2] * 4).unflatten(0, (3, 4))
    torch.testing.assert_close(noisy(4, 0.1, target=[0, 1, 2]), cartoons.mean(1))
    torch.testing.assert_close(noisy(4, 0.1, target=[0, 1, 2], nt_type="smoothgrad_sq"), cartoons.square().mean(1))
    [in_tuple] = noisy(4, 0.1, target=[0, 1, 2], inputs=(batch(),))
    assert torch.equal(in_tuple, noisy(4, 0.1, target=[0, 1, 2]))
    with torch.inference_mode():
        assert torch.equal(noisy(4, 0.1, target=[0, 1, 2], inputs=batch()), in_tuple)


def test_captums_noise_tunnel_without_a_clamp_is_told_what_to_do():
    attr = pytest.importorskip("captum.attr", reason="captum comes with the [dev] extra")
    with pytest.raises(ValueError, match="clamp=True"):
        attr.NoiseTunnel(attribution()).attribute(batch(), target=2)


def test_captums_own_perturbations_of_clamped_images():
    metrics = pytest.importorskip("captum.metrics", reason="captum comes with the [dev] extra")
    explained = cx.MaskAttribution(toys.classifier(), METHOD, clamp=True)
    bright = batch() / batch().amax((1, 2, 3), keepdim=True)
    for classes in ([0, 1, 2], torch.tensor([0, 1, 2])):
        still = metrics.sensitivity_max(explained.attribute, bright, perturb_radius=0.0, target=classes)
        assert still.max() < 1e-4  # neither the place in the batch nor the repetition changes a cartoon
        moved = metrics.sensitivity_max(explained.attribute, bright, target=classes, max_examples_per_batch=4)
        assert (moved > still).all()


def test_quantus_metrics_accept_it():
    quantus = pytest.importorskip("quantus", reason="Quantus comes with the [dev] extra")
    images, classes = batch().numpy(), np.array([0, 1, 2])
    explained = cx.explain_func(toys.Toy(), images, classes, method=METHOD)
    assert explained.shape == images.shape
    scores = quantus.Sparseness(abs=True, normalise=True, disable_warnings=True)(
        model=toys.Toy(),
        x_batch=images,
        y_batch=classes,
        explain_func=cx.explain_func,
        explain_func_kwargs={"method": METHOD},
        device="cpu",
    )
    theirs = quantus.Sparseness(abs=True, normalise=True, disable_warnings=True)(
        model=toys.Toy(), x_batch=images, y_batch=classes, a_batch=explained, device="cpu"
    )
    assert len(scores) == 3
    assert np.allclose(scores, theirs)
    assert all(0 < score < 1 for score in scores)
