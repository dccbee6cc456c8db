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
        (torch.full((1, 3, 32, 32), float("nan")), 0, r"images in \[0, 1\] are needed"),
        (torch.zeros(3, 3, 32, 32), [0, 1], "names 2 classes for 3 images"),
        (torch.zeros(1, 3, 32, 32), 9, "target=9 is not a class"),
    ],
)
def test_what_is_refused(inputs, target, message):
    with pytest.raises(ValueError, match=message):
        attribution().attribute(inputs, target)


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
