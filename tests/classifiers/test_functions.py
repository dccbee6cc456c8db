"""Classifiers that are functions without a gradient: what they take, and what can be done with them."""

import functools
import math
import threading

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets import baselines, scores
from cartoonx_widgets.representations import Wavelet

NEEDS_NO_GRADIENT = {
    "rise": functools.partial(baselines.rise, samples=20),
    "sobol_indices": functools.partial(baselines.sobol_indices, samples=2, grid=2, representation=Wavelet("db2")),
    "occlusion": functools.partial(baselines.occlusion, window=16),
}


def logits(images):
    with torch.no_grad():
        return toys.Toy()(images)


def arrays(images):
    return torch.softmax(logits(images), -1).numpy().astype(np.float64)


def of(function, **settings):
    return cx.Classifier.of_function(function, **{"size": toys.SIDE, **settings})


@pytest.mark.parametrize(
    ("function", "output"),
    [(logits, "logits"), (arrays, "probabilities"), (lambda x: arrays(x).tolist(), "probabilities")],
)
def test_it_says_what_the_module_says(function, output):
    classifier, module = of(function, output=output, labels=list("abcde")), toys.classifier()
    expected = module.probabilities(toys.image())
    torch.testing.assert_close(classifier.probabilities(toys.image()), expected, atol=1e-6, rtol=1e-5)
    assert classifier.labels == tuple("abcde")
    assert not classifier.differentiable
    assert module.differentiable
    for name, make in NEEDS_NO_GRADIENT.items():
        ours = make(toys.image(), classifier=classifier, target=1)
        assert (ours.mask - make(toys.image(), classifier=module, target=1).mask).abs().max() < 1e-3, name
        assert math.isfinite(scores.compute(ours)["cp_l1"])
    heat = baselines.from_heat_map(torch.ones(32, 32), "all", toys.image(), classifier=classifier)
    assert heat.probability == pytest.approx(float(expected.max()), abs=1e-6)


def test_labels_that_are_true_by_themselves():
    def shares(images):
        return torch.sigmoid(logits(images)).numpy()

    classifier, module = of(shares, output="probabilities", activation="sigmoid"), toys.classifier(activation="sigmoid")
    torch.testing.assert_close(
        classifier.probabilities(toys.image()), module.probabilities(toys.image()), atol=1e-6, rtol=1e-5
    )


def test_certain_answers_stay_finite():
    def certain(images):
        bright = images.mean((1, 2, 3)) > 0.3
        return torch.stack([bright, ~bright], dim=1).float()

    classifier = of(certain, output="probabilities")
    assert classifier.probabilities(torch.ones(1, 3, 32, 32)).tolist()[0] == pytest.approx([1, 0])


def test_what_needs_a_gradient_says_so():
    classifier = of(logits)
    calls = [
        cx.explain,
        baselines.wam,
        baselines.integrated_gradients,
        functools.partial(baselines.wam, form="smooth"),
        *([baselines.grad_cam] if baselines.installed() else []),
    ]
    for call in calls:
        with pytest.raises(cx.ClassifierError, match=r"needs the classifier's gradient, and logits is a .*rise"):
            call(toys.image(), classifier=classifier)
    with pytest.raises(cx.ClassifierError, match="gradient"):
        cx.MaskAttribution(classifier).attribute(toys.image())


def test_it_is_never_copied_and_sees_images_alone():
    lock, seen = threading.Lock(), []

    def locked(images):
        with lock:
            seen.append((float(images.min()), float(images.max()), images.requires_grad, images.dtype))
        return logits(images)

    classifier = of(locked)
    baselines.rise(toys.image(), classifier=classifier, samples=8, representation=Wavelet("db2"))
    assert all(0 <= low <= high <= 1 and not grad and kind == torch.float32 for low, high, grad, kind in seen)
    assert classifier.with_random_weights(0).probabilities(toys.image()).shape == (1, 5)


@pytest.mark.parametrize(
    ("function", "settings", "kind", "said"),
    [
        (lambda images: logits(images)[0], {}, cx.ClassifierError, r"returned shape \(5,\) for 2 images"),
        (lambda images: logits(images)[:1], {}, cx.ClassifierError, r"returned shape \(1, 5\) for 2 images"),
        (lambda images: logits(images) * math.nan, {}, cx.ClassifierError, "returned NaN or infinite logits"),
        (lambda images: arrays(images) * math.nan, {"output": "probabilities"}, cx.ClassifierError, "NaN or infinite"),
        (lambda images: None, {}, cx.ClassifierError, r"returned shape \(0,\) for 2 images"),
        (lambda images: ["a"] * len(images), {}, cx.ClassifierError, "returned list, which is no array of numbers"),
        (logits, {"output": "probabilities"}, cx.ClassifierError, "output='probabilities'; numbers between 0 and 1"),
        (lambda images: images.nowhere, {}, cx.ClassifierError, "could not classify images of shape .*nowhere"),
        (logits, {"output": "scores"}, ValueError, "output='scores' must be 'logits' or 'probabilities'"),
        (logits, {"labels": ["a"]}, ValueError, "labels"),
        (logits, {"mean": 0.5}, TypeError, "mean= is not for a function"),
        (toys.Toy(), {}, TypeError, "must be a function of images; a module is given to Classifier"),
        ("model.onnx", {}, TypeError, "function='model.onnx' must be a function of images"),
    ],
)
def test_what_is_no_classifier_is_refused(function, settings, kind, said):
    with pytest.raises(kind, match=said):
        of(function, **settings)


def test_a_function_that_fails_later_is_said():
    broken = []

    def answer(images):
        if broken:
            raise ConnectionError("the service is gone")
        return logits(images)

    classifier = of(answer)
    broken.append(1)
    with pytest.raises(ConnectionError, match="the service is gone"):
        baselines.rise(toys.image(), classifier=classifier, samples=4)


def test_logits_that_are_probabilities_are_warned_of():
    with pytest.warns(UserWarning, match="seems to return probabilities"):
        of(arrays)
