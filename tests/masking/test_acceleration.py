"""The accelerated descent: its memory, its averages, and where it ends."""

import re

import numpy as np
import pytest
import torch
import toys
from scipy import ndimage
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets.classifiers.activations import ACTIVATIONS, SOFTMAX
from cartoonx_widgets.masking import (
    Acceleration,
    CrossEntropy,
    GaussianNoise,
    KLDivergence,
    SquaredDifference,
    SquaredL2,
    UniformNoise,
)
from cartoonx_widgets.masking.smoothing import Smoothing

# With nothing that departs from the gradient of the step's own samples.
BARE = {"memory": 1, "updates": 1, "smoothing": 0.0, "pressure": 1.0, "yielding": 1e-6, "rescue": 0.0, "warm_up": 0.0}
DISTORTIONS = [SquaredDifference("original"), SquaredDifference("one"), CrossEntropy(), SquaredL2(), KLDivergence()]


def begin(acceleration, module=None, **settings):
    method = toys.small("waveletx", samples=4, steps=20, **settings).replace(acceleration=acceleration)
    return toys.replaying(toys.image(), [toys.target()], method, module=module)


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=repr)
def test_without_its_means_it_is_the_published_step(distortion):
    """The gradient that autograd finds; only Adam's second moment forgets sooner."""
    ours = begin(Acceleration(**BARE), distortion=distortion)
    published = begin(None, distortion=distortion)
    ours.step()
    published.step()
    gradient = published.descent.parameters.grad
    assert (ours.descent.parameters.grad - gradient).abs().max() < 1e-10 * gradient.abs().max()
    assert ours.curves()["loss"] == pytest.approx(published.curves()["loss"], rel=1e-9)
    assert (ours.mask - published.mask).abs().max() < 1e-6  # Adam's first step is a sign


class Linear(nn.Module):
    """Two classes whose log-odds are linear in the image."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.randn(3 * 32 * 32, generator=generator) / 40)

    def forward(self, image):
        logit = image.flatten(1) @ self.weight
        return torch.stack([logit, torch.zeros_like(logit)], dim=1)


def test_what_is_remembered_holds_at_other_masks():
    """Where the log-odds are linear in the mask, the remembered distortion has the true gradient anywhere."""
    method = toys.small("waveletx", samples=4, steps=20, clamp=False, distortion=SquaredDifference("one"))
    method = method.replace(acceleration=Acceleration(**BARE))
    optimization = toys.replaying(toys.image(), [0], method, module=Linear())
    optimization.step()
    mask = torch.rand(optimization.mask.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    remembered = optimization.gradient.memory.gradient(mask, torch.zeros_like(mask), torch.zeros(()))
    mask.requires_grad_()
    h, sampler = optimization.coefficients, optimization.sampler
    noise = sampler._noise(0)[0] * sampler._scale[0] + sampler._location[0]
    images = optimization.transform.synthesise(mask * h + (1 - mask) * noise)
    p = optimization.classifier(images).softmax(-1)[:, 0]
    ((1 - p) ** 2).mean().backward()
    assert (remembered - mask.grad).abs().max() < 1e-9 * mask.grad.abs().max()


def test_the_oldest_samples_are_forgotten():
    optimization = begin(Acceleration(memory=3, updates=1))
    seen = []
    for _ in range(8):
        optimization.step()
        seen.append(optimization.gradient.memory._offsets.clone())
    assert len(optimization.gradient.memory._offsets[0]) == 3 * 4
    for step in range(3, 8):
        changed = (seen[step] != seen[step - 1])[0].reshape(3, 4).all(1)
        assert changed.tolist() == [place == step % 3 for place in range(3)]


def test_the_curve_is_the_mean_of_the_samples_remembered():
    """With memory of two steps, the curve of one remembers the step before."""
    alone, two = begin(Acceleration(**BARE)), begin(Acceleration(**BARE | {"memory": 2}))
    for optimization in (alone, two):
        optimization.schedule._learning_rates[:] = 0.0  # the mask stays
        optimization.descent.parameters.data.fill_(0.5)
        for _ in range(2):
            optimization.step()
    first, second = alone.curves()["distortion"][:, 0]
    assert first != second
    assert two.curves()["distortion"][:, 0] == pytest.approx([first, (first + second) / 2], rel=1e-9)


@pytest.mark.parametrize("representation", [cx.representations.Wavelet("db2", levels=3), cx.representations.DualTree()])
def test_averages_are_those_of_each_band_alone(representation):
    transform = representation.transform((40, 33))
    values = torch.rand(2, 1, transform.n_coefficients, generator=torch.Generator().manual_seed(0))
    averages = Smoothing(transform)(values)
    for band in transform.bands:
        for found, given in zip(
            band.of(averages).reshape(-1, *band.shape), band.of(values).reshape(-1, *band.shape), strict=True
        ):
            total = ndimage.uniform_filter(given.numpy().astype(float), 5, mode="constant")
            inside = ndimage.uniform_filter(np.ones(band.shape), 5, mode="constant")
            assert found.numpy() == pytest.approx(total / inside, abs=1e-6)


@pytest.mark.parametrize("obfuscation", [GaussianNoise(), UniformNoise(), UniformNoise(per="band", colours="shared")])
@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_each_second_sample_has_the_opposite_noise_of_the_one_before_it(obfuscation, chunk):
    method = toys.small("waveletx", samples=5, obfuscation=obfuscation).replace(acceleration=Acceleration())
    optimization = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method)
    sampler = optimization.sampler
    parts = [sampler._draw(slice(first, min(first + chunk, 5)), None) for first in range(0, 5, chunk)]
    noise = torch.cat(parts, dim=1)[0]
    mean, _ = obfuscation._moments(optimization.coefficients, optimization.transform)
    deviation = noise - mean
    assert (deviation[0::2][:2] + deviation[1::2]).abs().max() < 1e-5
    assert not any(torch.allclose(deviation[i].abs(), deviation[j].abs()) for i, j in ((0, 2), (2, 4)))


def test_methods_that_descend_as_published_draw_every_sample_by_itself():
    optimization = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], toys.small("waveletx", samples=4))
    noise = optimization.sampler._draw(slice(0, 4), None)[0]
    generator = torch.Generator().manual_seed(0)
    drawn = torch.cat([torch.rand(noise[:1].shape, generator=generator) for _ in range(4)])
    location, scale = optimization.sampler._location[0], optimization.sampler._scale[0]
    assert torch.equal(noise, torch.addcmul(location, drawn, scale))


def test_noise_of_ones_own_needs_no_opposites():
    class Own(GaussianNoise):
        opposite = None

    method = toys.small("waveletx", samples=2, obfuscation=Own()).replace(acceleration=Acceleration())
    optimization = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method)
    first, second = optimization.sampler._draw(slice(0, 2), None)[0]
    assert not torch.allclose(first + second, 2 * optimization.sampler._location[0], atol=1e-3)


def test_log_odds():
    logits = torch.tensor([[[2.0, -1.0, 0.5], [60.0, 0.0, 1.0]]], dtype=torch.float64)
    p = logits.softmax(-1)[0, 0, 2]
    found = SOFTMAX.log_odds(logits, torch.tensor([2]))
    assert float(found[0, 0]) == pytest.approx(float((p / (1 - p)).log()), rel=1e-12)
    assert float(SOFTMAX.log_odds(logits, torch.tensor([0]))[0, 1]) == pytest.approx(60 - np.log(1 + np.e), rel=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
@pytest.mark.parametrize("distortion", [SquaredDifference("original"), SquaredDifference("one"), CrossEntropy()])
def test_slopes_are_derivatives(distortion, activation):
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(2, 3, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    original, targets = torch.randn(2, 5, generator=generator, dtype=torch.float64), torch.tensor([4, 1])
    odds = activation.log_odds(logits, targets)
    slopes = distortion.slope(odds, distortion.aim(original, targets, activation))
    measured = distortion(original, logits, targets, activation)
    (of_distortion,) = torch.autograd.grad(measured.sum(), logits, retain_graph=True)
    (of_odds,) = torch.autograd.grad(odds.sum(), logits)
    assert torch.allclose(of_distortion, slopes[..., None] * of_odds, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("samples", "share", "period"), [(2, 0.25, 2), (4, 0.25, 1), (2, 0.1, 5), (3, 0.5, 1)])
def test_the_bare_cartoon_comes_so_often_that_its_share_is_right(samples, share, period):
    optimization = begin(Acceleration(), clean_fraction=share)
    sampler = cx.Optimization(
        toys.image(), toys.classifier(), [0], toys.small("waveletx", samples=samples, clean_fraction=share)
    ).sampler
    bare = [sampler.has_clean(step) for step in range(4 * period)]
    assert bare == [step % period == 0 for step in range(4 * period)]
    weights = [torch.cat([part.weights for part in sampler._chunks[is_bare]]) for is_bare in bare]
    assert all(len(some) == samples and float(some.sum()) == pytest.approx(1) for some in weights)
    of_the_cartoon = [float(some[0]) for some, is_bare in zip(weights, bare, strict=True) if is_bare]
    assert sum(of_the_cartoon) / len(bare) == pytest.approx(share)
    assert optimization.sampler.samples == 4


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        *(("memory", value, "whole number from 1 to 100") for value in (0, -1, 1.5, None, True, 101)),
        *(("updates", value, "whole number from 1 to 100") for value in (0, 2.0, "2")),
        *(("smoothing", value, r"in \[0, 1\]") for value in (-0.1, 1.1, None, float("nan"))),
        *(("pressure", value, "of at least 1") for value in (0.9, float("inf"))),
        *(("yielding", value, "above 0 and at most 1") for value in (0, 1.1)),
        *(("rescue", value, "of at least 0") for value in (-1, float("nan"))),
        *(("warm_up", value, "at least 0 and below 1") for value in (-0.1, 1)),
    ],
)
def test_a_setting_out_of_range_is_named(setting, value, words):
    with pytest.raises(ValueError, match=f"^{setting}={re.escape(repr(value))} must be .*{words}"):
        Acceleration(**{setting: value})


@pytest.mark.parametrize("value", [1, None, "yes"])
def test_antithetic_is_a_switch(value):
    with pytest.raises(TypeError, match=f"^antithetic={value!r} must be True or False"):
        Acceleration(antithetic=value)


def test_what_is_no_acceleration():
    with pytest.raises(TypeError, match="acceleration='fast' is no acceleration"):
        cx.methods.waveletx().replace(acceleration="fast")


@pytest.fixture(scope="module")
def network():
    """The default network at half its size, where a step costs a quarter and it still knows the tripod."""
    own = cx.efficientnet_lite0()
    settings = {"mean": 127 / 255, "std": 128 / 255, "size": 112, "crop": 224 / 256}
    return cx.Classifier(own._module, own.labels, **settings)


def test_a_mask_that_loses_the_class_gets_it_back(network):
    """Prices far too high at the start: the accelerated descent still ends with the class, and within the budget."""
    method = cx.methods.waveletx_interactive(steps=60).replace(
        acceleration=Acceleration(pressure=10.0), representation=cx.representations.Wavelet("db3", levels=4)
    )
    explanation = cx.explain("camera", classifier=network, method=method, progress=False)
    assert explanation.class_kept
    assert explanation.share_kept < 0.2


def test_it_gets_further_than_the_published_way_with_as_many_evaluations(network):
    """120 evaluations on a real photograph; the objective of both is measured with the same fresh noise."""
    found = []
    for method in (cx.methods.waveletx_interactive(steps=60, samples=2), cx.methods.waveletx(steps=15, samples=8)):
        explanation = cx.explain("camera", classifier=network, method=method, progress=False)
        judge = cx.Optimization(
            explanation.image[None],
            network,
            [explanation.target.index],
            cx.methods.waveletx(samples=32).replace(mask=cx.masking.GivenMask(explanation.mask)),
        )
        judge.step()
        found.append(judge.curves()["loss"][0, 0])
    assert found[0] < 0.4 * found[1]
