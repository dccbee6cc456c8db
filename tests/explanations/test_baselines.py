"""Baselines on pixels: their masks on classifiers whose relevant places are known."""

from __future__ import annotations

import functools
import sys

import pytest
import torch
import toys
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.classifiers import feature_maps
from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.representations import Pixel

pytest.importorskip("captum", reason="Grad-CAM needs the [dev] extra")

ON_PIXELS = {
    name: functools.partial(make, representation=Pixel()) if name in ("wam", "sobol_indices") else make
    for name, make in baselines.BASELINES.items()
}
SQUARE = (slice(4, 12), slice(18, 28))  # rows and columns of 32 x 32


class Linear(nn.Module):
    """Class 0 is a weighted sum of all colours of all pixels, class 1 is always as likely."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        self.weights = nn.Parameter(torch.randn(3, toys.SIDE, toys.SIDE, generator=generator) / 30)

    def forward(self, image):
        logit = (image * self.weights).sum((1, 2, 3))
        return torch.stack([logit, torch.zeros_like(logit)], dim=1)


class Bright(nn.Module):
    """Feature maps of brightness and darkness; class 0 likes the first, class 1 the second."""

    def __init__(self):
        super().__init__()
        self.maps = nn.Conv2d(3, 2, 4, stride=4)
        self.active = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(2, 2)
        with torch.no_grad():
            self.maps.weight.copy_(torch.tensor([1.0, -1.0])[:, None, None, None].expand(2, 3, 4, 4) / 48)
            self.maps.bias.copy_(torch.tensor([-0.3, 0.3]))
            self.head.weight.copy_(torch.tensor([[8.0, 0.0], [0.0, 8.0]]))
            self.head.bias.zero_()

    def forward(self, image):
        return self.head(self.pool(self.active(self.maps(image))).flatten(1))


def bright_square():
    picture = torch.full((3, toys.SIDE, toys.SIDE), 0.1)
    picture[:, SQUARE[0], SQUARE[1]] = 0.95
    return picture


def in_square(explanation):
    """The mean of the mask in the square, and outside."""
    [band] = explanation.transform.bands
    mask = band.of_mask(explanation.mask)
    inside = torch.zeros_like(mask, dtype=torch.bool)
    inside[SQUARE] = True
    return float(mask[inside].mean()), float(mask[~inside].mean())


def test_integrated_gradients_of_a_linear_classifier_are_weight_times_pixel():
    module = Linear()
    explanation = baselines.integrated_gradients(toys.image(), classifier=toys.classifier(module), target=0)
    heat = (module.weights * toys.image()[0]).detach().abs().sum(0)
    expected = (heat / torch.quantile(heat, 0.99)).clamp(0, 1)
    [band] = explanation.transform.bands
    torch.testing.assert_close(band.of_mask(explanation.mask), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", list(ON_PIXELS))
def test_each_finds_the_bright_square(name):
    classifier = toys.classifier(Bright())
    explanation = ON_PIXELS[name](bright_square(), classifier=classifier, target=0)
    inside, outside = in_square(explanation)
    assert inside > (3 if name == "rise" else 5) * outside  # RISE's masks are random, and soft at their edges
    assert float(explanation.mask.max()) == pytest.approx(1)


@pytest.mark.parametrize("name", list(ON_PIXELS))
def test_each_is_an_explanation_that_can_be_scored(name):
    classifier = toys.classifier(Bright())
    picture = bright_square()
    explanation = ON_PIXELS[name](picture, classifier=classifier, target=0)
    assert explanation.steps_done == 0
    assert 0 <= float(explanation.mask.min()) <= float(explanation.mask.max()) <= 1
    torch.testing.assert_close(explanation.cartoon, explanation.mask.reshape(1, *picture.shape[1:]) * picture)
    probability = classifier.probabilities(explanation.cartoon[None])[0, 0]
    assert explanation.probability == pytest.approx(float(probability), abs=1e-6)
    torch.testing.assert_close(explanation.rest, picture[0] - explanation.cartoon)
    left = classifier.probabilities(explanation.rest[None])[0, 0]
    assert explanation.probability_rest == pytest.approx(float(left), abs=1e-6)
    assert set(scores.compute(explanation)) >= {"cp_l1", "hallucination", "share_kept"}
    curve = scores.rate_distortion(explanation, classifier=classifier, samples=2, shares=3)
    assert len(curve.values) == 3
    assert (curve.values >= 0).all()
    assert "not kept" in explanation.summary or "is kept" in explanation.summary
    assert explanation.warning == ""
    assert explanation._repr_mimebundle_()["text/html"].count("<img") == 4
    explanation.to_image()


def test_nothing_that_speaks_for_the_class_is_an_empty_mask():
    explanation = baselines.grad_cam(bright_square() * 0, classifier=toys.classifier(Bright()), target=0)
    assert float(explanation.mask.max()) == 0
    assert not explanation.collapsed  # nothing ran, so nothing fell


def test_the_last_feature_maps_are_found_and_others_can_be_named():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Dropout2d(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(24, 3),
    )
    classifier = toys.classifier(module)
    assert feature_maps.find(classifier, toys.image()).part == "5"
    found = baselines.grad_cam(toys.image(), classifier=classifier)
    named = baselines.grad_cam(toys.image(), classifier=classifier, layer="5")
    assert torch.equal(found.mask, named.mask)
    first = baselines.grad_cam(toys.image(), classifier=classifier, layer="0")
    assert not torch.equal(found.mask, first.mask)
    assert not any(part._forward_hooks for part in classifier.module.modules())


def test_it_works_within_inference_mode():
    classifier = toys.classifier(Bright())
    for make in ON_PIXELS.values():
        outside = make(bright_square(), classifier=classifier)
        with torch.inference_mode():
            inside = make(bright_square(), classifier=classifier)
        assert torch.equal(inside.mask, outside.mask)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda **case: baselines.integrated_gradients(steps=0, **case), "steps=0 must be a whole number from 1"),
        (lambda **case: baselines.grad_cam(layer="layer9", **case), "layer='layer9' is no part of Bright"),
        (lambda **case: baselines.grad_cam(layer="pool", **case), "layer='pool' of Bright gives feature maps"),
        (lambda **case: baselines.occlusion(window=33, **case), "window=33 must be a whole number from 1 to 32"),
        (lambda **case: baselines.occlusion(window=4, stride=5, **case), "stride=5 must be a whole number from 1 to 4"),
        (lambda **case: baselines.occlusion(target=2, **case), "target=2 is not a class"),
        (lambda **case: baselines.from_heat_map(torch.ones(3, 3), "mine", **case), r"shape \(3, 3\)"),
        (lambda **case: baselines.from_heat_map(torch.full((32, 32), 1.5), "mine", **case), "from 1.5 to 1.5"),
    ],
)
def test_what_does_not_fit_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call(image=bright_square(), classifier=toys.classifier(Bright()))


def test_a_classifier_without_feature_maps_is_told_apart():
    with pytest.raises(ValueError, match="no part of Toy gives feature maps"):
        baselines.grad_cam(toys.image(), classifier=toys.classifier())
    with pytest.raises(TypeError, match=r"must be a cartoonx_widgets\.Classifier"):
        baselines.grad_cam(toys.image(), classifier=Bright())


def test_a_heat_map_of_ones_own():
    heat = torch.zeros(32, 32)
    heat[SQUARE] = 1
    explanation = baselines.from_heat_map(heat, "drawn", bright_square(), classifier=toys.classifier(Bright()))
    assert explanation.method.name == "drawn"
    assert explanation.share_kept == pytest.approx(80 / 1024)


def test_rounding_of_a_heat_map_is_no_fault():
    heat = torch.linspace(-1e-7, 1 + 1.2e-7, 1024).reshape(32, 32)
    explanation = baselines.from_heat_map(heat, "ramp", bright_square(), classifier=toys.classifier(Bright()))
    assert torch.equal(explanation.mask, heat.clamp(0, 1).flatten())
    for heat in (torch.full((32, 32), 1.00001), torch.full((32, 32), float("nan"))):
        with pytest.raises(ValueError, match=r"values from (1\.00001001|nan) to"):
            baselines.from_heat_map(heat, "mine", bright_square(), classifier=toys.classifier(Bright()))


@pytest.mark.parametrize("name", list(ON_PIXELS))
def test_grey_images_and_probabilities_of_their_own(name):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 6, 4, 4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3))
    classifier = toys.classifier(module, channels=1, activation="sigmoid")
    explanation = ON_PIXELS[name](bright_square(), classifier=classifier, target=2)
    assert explanation.image.shape == (1, 32, 32)
    assert explanation.activation == "sigmoid"
    assert explanation.probability == pytest.approx(
        float(classifier(explanation.cartoon[None])[0, 2].sigmoid()), abs=1e-6
    )


def test_occlusion_is_the_fall_of_the_classifiers_own_probability():
    torch.manual_seed(0)
    module = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 3))
    classifier = toys.classifier(module, activation="sigmoid")
    image = toys.image()
    before = classifier.probabilities(image)[0, 1]
    falls = torch.zeros(32, 32)
    for rows in (slice(0, 16), slice(16, 32)):
        for columns in (slice(0, 16), slice(16, 32)):
            covered = image.clone()
            covered[..., rows, columns] = 0.5
            falls[rows, columns] = before - classifier.probabilities(covered)[0, 1]
    found = baselines.occlusion(image, classifier=classifier, target=1, window=16, stride=16).mask
    torch.testing.assert_close(found, (falls.clamp(min=0) / falls.max()).flatten(), atol=1e-5, rtol=1e-4)


def test_without_captum_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "captum", None)  # as if it were not installed
    assert not baselines.installed()
    with pytest.raises(ModuleNotFoundError, match=r"'grad_cam' is computed by captum.*pip install captum"):
        baselines.grad_cam(bright_square(), classifier=toys.classifier(Bright()))
    with pytest.raises(ModuleNotFoundError, match=r"methods\[1\]='grad_cam'.*pip install captum"):
        cx.compare(toys.image(), [toys.method(), "grad_cam"], classifier=toys.classifier())
    assert baselines.occlusion(bright_square(), classifier=toys.classifier(Bright())).mask.max() == 1
