"""Runs of the authors' CartoonX, ECCV 2022, repeated step by step, and the traps of its published code."""

import numpy as np
import pytest
import torch
import toys
from torch import nn

import cartoonx_widgets as cx

TRACES = {"label": "original", "maximize-target": "one"}
ORIENTATIONS = ("h", "v", "d")


def load(name):
    with np.load(toys.DATA / f"cartoonx_eccv2022_{name}.npz") as trace:
        return {key: trace[key] for key in trace}


def packed(transform, trace, prefix):
    """Recorded bands as one flat tensor: (B, C, N), or (1, N) of a mask. `yh0` is the finest scale."""
    bands = {"lowpass": torch.from_numpy(trace[f"{prefix}yl"])}
    for j in range(int(trace["levels"])):
        details = torch.from_numpy(trace[f"{prefix}yh{j}"]).unbind(-3)
        bands |= {f"{name}{j + 1}": band for name, band in zip(ORIENTATIONS, details, strict=True)}
    return transform.join(bands)


@pytest.fixture(params=TRACES)
def trace(request):
    return load(request.param) | {"reference": TRACES[request.param]}


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def replayed(request, trace):
    """Our explanation with the authors' noise, and their figures."""
    representation = cx.representations.Wavelet(
        str(trace["wave"]), levels=int(trace["levels"]), mode=str(trace["mode"])
    )
    transform = representation.transform((toys.SIDE, toys.SIDE))
    explanation = cx.explain(
        toys.image(),
        classifier=cx.Classifier(toys.Toy(), size=toys.SIDE, device="cpu", dtype=request.param),
        target=toys.target(),
        method=cx.methods.cartoonx(
            representation=representation,
            lambda_l1=float(trace["lambda_l1"]),
            learning_rate=float(trace["lr"]),
            steps=int(trace["steps"]),
            samples=int(trace["samples"]),
            reference=trace["reference"],
        ),
        noise=lambda step: packed(transform, trace, f"noise_step{step}_")[None],
        progress=False,
    )
    return explanation, trace


def test_the_published_run_is_repeated(replayed):
    explanation, trace = replayed
    for ours, theirs in (("distortion", "distortion"), ("l1", "mask_l1"), ("loss", "loss")):
        assert explanation.curves[ours].shape == (6,)
        assert np.abs(explanation.curves[ours] - trace[theirs]).max() < 1e-6
    theirs = packed(explanation.transform, trace, "final_mask_")[0]
    assert theirs.max() - theirs.min() > 0.1  # six steps have moved it apart
    assert (explanation.mask - theirs).abs().max() < 1e-6


def test_the_published_coefficients_are_ours(replayed):
    explanation, trace = replayed
    theirs = packed(explanation.transform, trace, "")[0]
    assert (explanation.coefficients - theirs).abs().max() < 1e-5


def test_the_published_cartoon_is_ours_before_its_clamp(replayed):
    """Their `cartoon_grey` is the mean over the colours of the synthesis of mask times coefficients, not clamped."""
    explanation, trace = replayed
    kept = (explanation.mask * explanation.coefficients)[None]
    grey = explanation.transform.synthesise(kept).mean(1)
    assert (grey - torch.from_numpy(trace["cartoon_grey"])).abs().max() < 1e-6


def test_the_toy_is_that_of_the_traces():
    with np.load(toys.DATA / "common.npz") as common:
        probabilities = toys.classifier().probabilities(toys.image())[0].numpy()
        assert np.abs(probabilities - common["probabilities"]).max() < 1e-6
        assert probabilities.argmax() == common["target"]


# What the published code does, and ours does not.


class Confident(nn.Module):
    """Class 0 with probability 0.01 for the picture of the traces, by its brightness."""

    def forward(self, image):
        logit = image.mean((1, 2, 3)) - toys.image().mean().item() - np.log(99)
        return torch.stack([logit, torch.zeros_like(logit)], 1)


def test_the_softmax_is_taken_once():
    """A softmax of the softmax would make 0.27 of a probability of 0.01."""
    optimization = toys.optimization(Confident(), targets=[0], reference="one", lambda_l1=0.0)
    optimization.step()
    assert optimization.curves()["distortion"][0, 0] == pytest.approx(0.99**2, abs=1e-5)


def test_noise_has_the_statistics_of_its_band():
    """Not N(0, 1) everywhere: mean and deviation over the colours and orientations of a scale."""
    optimization = toys.optimization(picture=0.2 * toys.image(), dtype=torch.float64)
    bands = {name: band.numpy() for name, band in optimization.transform.split(optimization.coefficients).items()}
    location, scale = (
        optimization.transform.split(values)
        for values in optimization.method.obfuscation.adapt(optimization.coefficients, optimization.transform)
    )
    for group in (["lowpass"], ["h2", "v2", "d2"], ["h1", "v1", "d1"]):
        values = np.concatenate([bands[name].ravel() for name in group])
        for name in group:
            assert location[name].shape == (1, 1, *bands[name].shape[2:])
            assert torch.allclose(location[name], torch.tensor(values.mean()))
            assert torch.allclose(scale[name], torch.tensor(values.std(ddof=1)))
    assert scale["d1"].max() < 0.1 < scale["lowpass"].min() < 1


@pytest.mark.parametrize("mode", ["zero", "symmetric", "reflect", "periodization"])
def test_the_padding_mode_reaches_both_directions(mode):
    representation = cx.representations.Wavelet("db3", levels=2, mode=mode)
    optimization = toys.optimization(representation=representation)
    assert (optimization.cartoon() - toys.image()).abs().max() < 1e-5


def test_the_l1_term_is_an_average_and_not_added_up_over_a_batch():
    for picture in (toys.image(), toys.image().repeat(3, 1, 1, 1)):
        optimization = toys.optimization(picture=picture, lambda_l1=7.0)
        optimization.step()
        curves = optimization.curves()
        assert curves["l1"][0].tolist() == [1.0] * len(picture)
        assert np.allclose(curves["loss"] - curves["distortion"], 7.0)


class Watching(toys.Toy):
    """Keeps the least and the largest value that it is shown."""

    least, largest = np.inf, -np.inf

    def forward(self, image):
        values = image.detach()
        self.least, self.largest = min(self.least, float(values.min())), max(self.largest, float(values.max()))
        return super().forward(image)


def test_what_the_classifier_sees_and_the_cartoon_are_clamped():
    harsh = (toys.image() > 0.5).float()  # black and white: a masked wavelet series overshoots
    optimization = toys.optimization(Watching(), picture=harsh, learning_rate=0.2)
    for _ in range(4):
        optimization.step()
    kept = optimization.mask * optimization.coefficients
    unclamped = optimization.transform.synthesise(kept)
    assert unclamped.min() < -0.01
    assert unclamped.max() > 1.01
    assert torch.equal(optimization.cartoon(), unclamped.clamp(0, 1))
    watching = optimization.classifier._module
    assert (watching.least, watching.largest) == (0, 1)


def test_images_are_given_as_they_are_and_normalised_inside():
    """Clamping to [0, 1] and a README that asks for normalised input do not go together."""
    normalised = (toys.image() - 0.5) / 0.2
    with pytest.raises(cx.ImageError, match=r"allowed are floats in \[0, 1\]; undo its normalisation"):
        cx.explain(normalised, classifier=toys.classifier(), method=toys.method(), progress=False)


def test_no_gradient_for_a_weight_is_computed():
    class Frozen(nn.Module):
        """A linear classifier that refuses to compute a gradient for its weight."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(3 * 64, 2, generator=torch.Generator().manual_seed(0)))

        def forward(self, image):
            assert not self.weight.requires_grad
            return nn.functional.adaptive_avg_pool2d(image, 8).flatten(1) @ self.weight

    module = Frozen()
    optimization = toys.optimization(module, targets=[0])
    optimization.step()
    assert optimization.mask.requires_grad is False
    assert module.weight.requires_grad
    assert module.weight.grad is None
