"""Grey images, multi-label networks and a single logit, all the way through."""

from contextlib import closing

import numpy as np
import pytest
import torch
import toys
from torch import nn
from torch.nn import functional

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.classifiers.activations import ACTIVATIONS, SOFTMAX
from cartoonx_widgets.masking import CrossEntropy, KLDivergence, SquaredDifference, SquaredL2
from cartoonx_widgets.masking.methods import PRESETS

SIDE = 64
LABELS = ["person", "outdoor", "vehicle"]


class Network(nn.Module):
    """A small convolutional network whose logits differ from picture to picture."""

    def __init__(self, channels, classes):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(channels, 6, 5, stride=2), nn.Linear(6 * 16, classes)

    def forward(self, image):
        return 3 * self.fc(functional.adaptive_avg_pool2d(self.conv(image).relu(), 4).flatten(1))


def classifier(*, channels=3, classes=3, activation="softmax", bias=None):
    torch.manual_seed(0)
    module = Network(channels, classes)
    if bias is not None:
        nn.init.constant_(module.fc.bias, bias)
    labels = LABELS[:classes]
    return cx.Classifier(module, labels, channels=channels, activation=activation, size=SIDE, device="cpu")


KINDS = {
    "grey": {"channels": 1},
    "several labels": {"activation": "sigmoid"},
    "one label": {"activation": "sigmoid", "classes": 1},
    "one label, grey": {"activation": "sigmoid", "classes": 1, "channels": 1},
}


def quick(preset):
    return PRESETS[preset]().replace(steps=3, samples=min(3, PRESETS[preset]().samples))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_explains_it(preset, kind):
    made = classifier(**KINDS[kind])
    method = quick(preset)
    explanation = cx.explain("chelsea", classifier=made, method=method, progress=False)
    assert explanation.image.shape == explanation.cartoon.shape == (made.channels, SIDE, SIDE)
    assert explanation.coefficients.shape[0] == made.channels
    assert explanation.mask.isfinite().all()
    assert explanation.activation == made.activation
    with torch.no_grad():
        logits = made(explanation.cartoon[None])[0]
    expected = logits.sigmoid() if made.activation == "sigmoid" else logits.softmax(-1)
    assert explanation.probability == pytest.approx(float(expected[explanation.target.index]), abs=1e-5)
    assert explanation.to_image().size[0] > 0


def test_the_grey_photograph_is_what_pillow_makes_of_it():
    made = classifier(channels=1)
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    red, green, blue = np.moveaxis(picture / 255, -1, 0)
    found = made.prepare(picture)
    assert found.shape == (1, 1, SIDE, SIDE)
    assert found[0, 0].numpy() == pytest.approx(0.299 * red + 0.587 * green + 0.114 * blue, abs=1e-6)
    grey = np.repeat(picture[..., :1], 3, axis=-1)
    assert made.prepare(grey)[0, 0].numpy() == pytest.approx(grey[..., 0] / 255, abs=1e-6)


@pytest.mark.parametrize("channels", [0, 2, 4, True, "1", None])
def test_other_numbers_of_channels_are_refused(channels):
    with pytest.raises(ValueError, match=rf"channels={channels!r} must be 3, for RGB, or 1"):
        toys.classifier(channels=channels)


def test_a_grey_image_has_one_mean():
    with pytest.raises(ValueError, match=r"mean=\(0.5, 0.4, 0.3\) must be one finite number, for a grey image"):
        toys.classifier(Network(1, 3), channels=1, mean=(0.5, 0.4, 0.3))


@pytest.mark.parametrize("activation", ["relu", "", None, 1])
def test_other_activations_are_refused(activation):
    with pytest.raises(ValueError, match=rf"activation={activation!r} must be 'softmax'.*or 'sigmoid'"):
        toys.classifier(activation=activation)


@pytest.mark.parametrize(
    "distortion", [SquaredDifference("original"), SquaredDifference(), SquaredL2(), KLDivergence(), CrossEntropy()]
)
def test_one_logit_is_two_classes_of_which_the_other_has_the_logit_0(distortion):
    """A sigmoid is a softmax over a logit and 0."""
    generator = torch.Generator().manual_seed(0)
    original, obfuscated = torch.randn(4, 1, generator=generator), torch.randn(4, 5, 1, generator=generator)
    targets = torch.zeros(4, dtype=torch.long)
    pair = [torch.cat([logits, torch.zeros_like(logits)], -1) for logits in (original, obfuscated)]
    alone = distortion(original, obfuscated, targets, ACTIVATIONS["sigmoid"])
    factor = 2 if isinstance(distortion, SquaredL2) else 1  # which counts the other class too
    torch.testing.assert_close(factor * alone, distortion(*pair, targets, SOFTMAX), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("distortion", [SquaredDifference(), CrossEntropy(), SquaredL2(), KLDivergence()])
def test_other_labels_do_not_compete(distortion):
    generator = torch.Generator().manual_seed(0)
    original, obfuscated = torch.randn(1, 3, generator=generator), torch.randn(1, 4, 3, generator=generator)
    sigmoid, target = ACTIVATIONS["sigmoid"], torch.tensor([1])
    whole = distortion(original, obfuscated, target, sigmoid)
    parts = [distortion(original[:, [k]], obfuscated[..., [k]], torch.tensor([0]), sigmoid) for k in range(3)]
    of_target = isinstance(distortion, SquaredDifference | CrossEntropy)
    torch.testing.assert_close(whole, parts[1] if of_target else sum(parts))


def test_a_mask_of_a_single_logit_is_that_of_its_two_classes():
    torch.manual_seed(0)
    single = Network(3, 1)

    class Pair(nn.Module):
        def forward(self, image):
            logit = single(image)
            return torch.cat([logit, torch.zeros_like(logit)], 1)

    method = cx.methods.cartoonx_interactive(steps=20)
    settings = {"size": SIDE, "device": "cpu"}
    runs = [
        cx.explain("coffee", classifier=made, target=0, method=method, progress=False)
        for made in (cx.Classifier(single, activation="sigmoid", **settings), cx.Classifier(Pair(), **settings))
    ]
    assert (runs[0].mask - runs[1].mask).abs().mean() < 1e-3
    assert runs[0].probability == pytest.approx(runs[1].probability, abs=1e-3)


@pytest.mark.parametrize(("bias", "kept"), [(4.0, True), (-8.0, False)])
def test_a_label_is_kept_where_it_is_more_probable_than_not(bias, kept):
    made = classifier(activation="sigmoid", bias=bias)
    explanation = cx.explain("coffee", classifier=made, target="vehicle", method=quick("pixel_mask"), progress=False)
    assert explanation.class_kept is kept
    assert ("vehicle is kept" in explanation.summary) is kept
    assert "the cartoon is" not in explanation.summary


@pytest.mark.parametrize("kind", KINDS)
def test_scores_and_baselines_take_it(kind):
    made = classifier(**KINDS[kind])
    explanation = cx.explain("camera", classifier=made, method=quick("waveletx_interactive"), progress=False)
    assert all(np.isfinite(value) for value in scores.compute(explanation).values())
    for curve in (scores.insertion, scores.deletion, scores.rate_distortion):
        assert np.isfinite(curve(explanation, classifier=made, shares=3).values).all()
    assert np.isfinite(scores.expected_distortion(explanation, classifier=made, samples=2))
    pytest.importorskip("captum")
    for name, make in cx.baselines.BASELINES.items():
        assert make("camera", classifier=made).image.shape[0] == made.channels, name
    images = made.prepare("camera")
    assert cx.MaskAttribution(made, quick("pixel_mask")).attribute(images, target=0).shape == images.shape


@pytest.mark.parametrize("kind", KINDS)
def test_recordings_and_widgets_take_it(kind, tmp_path):
    made = classifier(**KINDS[kind])
    recording = cx.record("rocket", classifier=made, method=quick("cartoonx_interactive"), progress=False)
    recording.save(tmp_path / "run.cxr")
    loaded = cx.Recording.load(tmp_path / "run.cxr")
    assert loaded.activation == made.activation
    assert loaded.image.shape == recording.image.shape == (made.channels, SIDE, SIDE)
    assert loaded.summary() == recording.summary()
    assert torch.allclose(loaded.cartoon(), recording.cartoon(), atol=1e-3)
    loaded.to_html(tmp_path / "run.html", progress=False)
    loaded.to_gif(tmp_path / "run.gif", seconds=0.5, progress=False)
    with closing(cx.explore("rocket", classifier=made, method=quick("cartoonx_interactive"))) as explorer:
        explorer.play()
        assert explorer.wait(60)
        assert explorer.explanation.image.shape[0] == made.channels
        assert explorer.target == recording.labels[recording.target]


@pytest.mark.parametrize("kind", KINDS)
def test_a_comparison_and_a_study_take_it(kind, tmp_path):
    made = classifier(**KINDS[kind])
    methods = {"wavelets": quick("waveletx_interactive"), "pixels": quick("pixel_mask")}
    with closing(cx.compare("coffee", methods, classifier=made)) as comparison:
        comparison.play()
        assert comparison.wait(60)
        assert comparison.table()
    pytest.importorskip("pyarrow")
    results = cx.study(["coffee", "camera"], methods, out=tmp_path / "study", classifier=made, progress=False)
    assert [row["error"] for row in results.rows()] == [""] * 4
