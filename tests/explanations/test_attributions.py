"""Relevance of each coefficient: figures of the authors' code, captum, formulas, and one contract over all."""

import functools
import itertools
import math

import numpy as np
import pytest
import pywt
import torch
import toys
from paths import DATA
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets import baselines, scores
from cartoonx_widgets.explanations.baselines import blocks, gradients
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet

REPRESENTATIONS = [Wavelet("db2", levels=2), DualTree(levels=2), Shearlet(scales=1), Pixel()]
ON_COEFFICIENTS = {
    "wam": baselines.wam,
    "wam_smooth": functools.partial(baselines.wam, form="smooth", samples=3),
    "wam_integrated": functools.partial(baselines.wam, form="integrated", samples=16),
    "integrated_gradients": functools.partial(baselines.integrated_gradients, steps=16),
    "occlusion": functools.partial(baselines.occlusion, window=16),
    "rise": functools.partial(baselines.rise, samples=40),
    "sobol_indices": functools.partial(baselines.sobol_indices, samples=2, grid=2),
}


@functools.cache
def published():
    with np.load(DATA / "wam_icml2025.npz") as figures:
        return {name: torch.from_numpy(figures[name]) for name in figures}


class Patterned(toys.Toy):
    """The classifier of the published figures, which sees fine scales too."""

    def __init__(self):
        super().__init__()
        self.pattern = nn.Parameter(published()["pattern"])

    def forward(self, image):
        return super().forward(image * self.pattern)


def patterned():
    return toys.classifier(Patterned()), torch.tensor([int(published()["target"])])


@pytest.mark.parametrize(("wavelet", "levels"), [("haar", 3), ("db2", 2)])
def test_gradients_are_those_of_the_authors(wavelet, levels):
    classifier, target = patterned()
    representation = Wavelet(wavelet, levels=levels)
    transform = representation.transform((32, 32))
    found = gradients.to_coefficients(classifier, toys.image(), target, transform)
    explanation = baselines.wam(toys.image(), classifier=classifier, target=int(target), representation=representation)
    torch.testing.assert_close(explanation.relevance, found[0], atol=0, rtol=0)
    for band in transform.bands:
        place = "lowpass" if band.orientation == "lowpass" else f"{band.orientation}_{band.scale}"
        expected = published()[f"{wavelet}_gradient_{place}"]
        assert (band.of(found) - expected).abs().max() <= 1e-6, band.name


@pytest.mark.parametrize(
    ("name", "normalised"), [("haar_integrated_mosaic", True), ("haar_integrated_mosaic_unnormalised_gradients", False)]
)
def test_integrated_gradients_in_the_authors_form(name, normalised):
    """Their sums of absolute means over the colours, normalised band by band, of our gradients."""
    classifier, target = patterned()
    transform = Wavelet("haar", levels=3).transform((32, 32))
    alphas = torch.linspace(0, 1, 25)
    images = alphas[:, None, None, None] * toys.image()
    along = gradients.to_coefficients(classifier, images, target.expand(25), transform).mean(1).abs()
    coefficients = transform.analyse(toys.image())[0].mean(0).abs()
    mosaic = torch.zeros(32, 32)
    for band in transform.bands:
        path, size = band.of(along), band.of(coefficients)
        if normalised:
            path = path / path.amax((1, 2), keepdim=True)
        integral = torch.trapezoid(path, dim=0) * size / size.max()
        side = len(integral)
        rows = side if band.orientation in ("vertical", "diagonal") else 0
        columns = side if band.orientation in ("horizontal", "diagonal") else 0
        mosaic[rows : rows + side, columns : columns + side] = integral
    expected = published()[name][0]
    assert (mosaic - expected).abs().max() <= 1e-5 * max(1, float(expected.abs().max()))


def test_gradients_agree_with_autograd_through_pywavelets():
    """A change of one coefficient, synthesised by PyWavelets, changes the logit as the gradient says."""
    classifier, target = patterned()
    classifier = toys.classifier(Patterned(), dtype=torch.float64)
    explanation = baselines.wam(
        toys.image().double(), classifier=classifier, target=int(target), representation=Wavelet("db3", levels=2)
    )
    image = toys.image().double()
    shapes = pywt.wavedec2(np.zeros((32, 32)), "db3", mode="zero", level=2)
    for band in explanation.transform.bands:
        change = [np.zeros_like(shapes[0]), *([np.zeros_like(one) for one in detail] for detail in shapes[1:])]
        row, column = band.shape[0] // 2, band.shape[1] // 3
        if band.orientation == "lowpass":
            change[0][row, column] = 1
        else:
            details = change[len(change) - band.scale]
            details[("horizontal", "vertical", "diagonal").index(band.orientation)][row, column] = 1
        atom = torch.from_numpy(pywt.waverec2(change, "db3", mode="zero"))[:32, :32]
        with torch.no_grad():
            moved = torch.zeros_like(image)
            moved[:, 1] = 1e-5 * atom
            slope = (classifier(image + moved) - classifier(image - moved))[0, target] / 2e-5
        assert float(band.of(explanation.relevance)[1, row, column]) == pytest.approx(float(slope), abs=1e-8, rel=1e-6)


def test_images_of_a_batch_do_not_influence_each_other():
    classifier, _ = patterned()
    pictures = torch.cat([toys.image(), 0.1 * toys.image(1), *(toys.image(seed) for seed in range(2, 12))])
    targets = torch.arange(12) % toys.N_CLASSES
    transform = DualTree(levels=2).transform((32, 32))
    together = gradients.to_coefficients(classifier, pictures, targets, transform)
    for index in range(12):
        alone = gradients.to_coefficients(classifier, pictures[index][None], targets[index][None], transform)
        torch.testing.assert_close(together[index], alone[0], atol=1e-6, rtol=1e-5)


def test_colours_can_cancel_in_the_mean_alone():
    class Opposed(nn.Module):
        def forward(self, image):
            logit = (image[:, 0] - image[:, 1]).mean((1, 2))
            return torch.stack([logit, -logit], dim=1)

    calls = {"classifier": toys.classifier(Opposed()), "target": 0, "representation": Wavelet("haar", levels=2)}
    norm = baselines.wam(toys.image(), colours="norm", **calls)
    mean = baselines.wam(toys.image(), colours="mean", **calls)
    assert torch.equal(norm.relevance, mean.relevance)
    assert norm.mask.max() == 1
    assert mean.mask.max() == 0


@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
def test_relevances_of_integrated_gradients_add_up(representation):
    classifier, _ = patterned()
    for target in range(toys.N_CLASSES):
        found = baselines.integrated_gradients(
            toys.image(), classifier=classifier, target=target, representation=representation, steps=64
        )
        with torch.no_grad():
            logits = classifier(torch.cat([toys.image(), torch.zeros_like(toys.image())]))[:, target]
        assert found.completeness.difference == pytest.approx(float(logits[0] - logits[1]), abs=1e-6)
        assert found.completeness.total == pytest.approx(float(found.relevance.sum()), abs=1e-4)
        assert found.completeness.error <= 0.01


def test_relevances_add_up_on_photographs():
    found = baselines.integrated_gradients("coffee", representation=Wavelet(), steps=64)
    assert found.completeness.error <= 0.01


def test_completeness_without_a_difference():
    assert baselines.Completeness(0.0, 0.0).error == 0
    assert baselines.Completeness(0.1, 0.0).error == math.inf
    assert baselines.Completeness(1.9, -2.0).error == pytest.approx(1.95)


def test_pixels_agree_with_captum():
    attr = pytest.importorskip("captum.attr", reason="needs the [dev] extra")
    classifier, target = patterned()
    case = {"classifier": classifier, "target": int(target)}
    expected = attr.IntegratedGradients(classifier).attribute(
        toys.image(), baselines=0.0, target=int(target), n_steps=50
    )
    found = baselines.integrated_gradients(toys.image(), **case)  # by another rule; both have converged
    torch.testing.assert_close(found.relevance, expected[0].flatten(1).detach().float(), atol=1e-6, rtol=1e-4)
    for window, stride in ((8, 8), (7, 5), (9, 4)):
        expected = attr.Occlusion(classifier.probabilities).attribute(
            toys.image(),
            sliding_window_shapes=(3, window, window),
            strides=(3, stride, stride),
            baselines=0.5,
            target=int(target),
        )
        found = baselines.occlusion(toys.image(), window=window, stride=stride, **case)
        torch.testing.assert_close(found.relevance[0], expected[0].mean(0).flatten().float(), atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
def test_occlusion_of_a_whole_band_is_the_fall_without_it(representation):
    classifier, target = patterned()
    found = baselines.occlusion(
        toys.image(), classifier=classifier, target=int(target), representation=representation, window=32
    )
    transform = found.transform
    grey = transform.analyse(torch.full_like(toys.image(), 0.5))
    before = float(classifier.probabilities(toys.image())[0, target])
    for band in transform.bands:
        covered = transform.analyse(toys.image())
        covered[..., band.slice] = grey[..., band.slice]
        fall = before - float(classifier.probabilities(transform.synthesise(covered).clamp(0, 1))[0, target])
        values = found.relevance[0, band.slice]
        torch.testing.assert_close(values, torch.full_like(values, fall), atol=1e-6, rtol=1e-4)
    assert found.evaluations == 1 + len(transform.bands)


def quadrants(weights):
    """A function whose first probability is a weighted sum of the brightness of four quadrants."""

    def answer(images):
        means = nn.functional.adaptive_avg_pool2d(images, 2).mean(1).flatten(1)
        first = 0.1 + 0.8 * (means @ torch.tensor(weights)) / sum(weights)
        return torch.stack([first, 1 - first], dim=1).numpy()

    return cx.Classifier.of_function(answer, ["a", "b"], output="probabilities", size=32)


def test_total_indices_of_a_sum_are_its_squared_weights():
    weights = [1.0, 2.0, 3.0, 0.0]
    found = baselines.sobol_indices(
        torch.ones(3, 32, 32), classifier=quadrants(weights), target="a", representation=Pixel(), samples=512, grid=2
    )
    total = sum(weight**2 for weight in weights)
    indices = found.relevance.reshape(32, 32)[::16, ::16].flatten()
    expected = torch.tensor([weight**2 / total for weight in weights])
    torch.testing.assert_close(indices, expected, atol=0.02, rtol=0)
    assert float(indices[3]) < 1e-6
    assert found.evaluations == 512 * (4 + 2)


def test_rise_is_the_mean_answer_of_the_masks_that_keep_a_coefficient():
    """With one cell a band, the mean probability over the masks that keep the band, minus the mean over all."""
    classifier, target = patterned()
    representation = Wavelet("haar", levels=1)
    found = baselines.rise(
        toys.image(), classifier=classifier, target=int(target), representation=representation, samples=2000, grid=1
    )
    transform = found.transform
    kept = torch.tensor(list(itertools.product((0.0, 1.0), repeat=4)))
    masks = torch.stack([torch.cat([torch.full((256,), float(one)) for one in row]) for row in kept])[:, None]
    pictures = transform.synthesise(masks * transform.analyse(toys.image())).clamp(0, 1)
    answers = classifier.probabilities(pictures)[:, target[0]]
    for index, band in enumerate(transform.bands):
        expected = float(answers[kept[:, index] == 1].mean() - answers.mean())
        values = found.relevance[0, band.slice]
        torch.testing.assert_close(values, torch.full_like(values, expected), atol=0.01, rtol=0)


def test_cells_and_windows_cover_every_coefficient():
    for representation in REPRESENTATIONS:
        transform = representation.transform((33, 47))
        number = blocks.cells(transform, 4)
        assert sorted(set(number.tolist())) == list(range(int(number.max()) + 1))
        count = torch.zeros(transform.n_coefficients)
        for band, rows, columns in blocks.windows(transform, 12, 7):
            band.of(count)[..., rows, columns] += 1
        assert count.min() >= 1
        for band in transform.bands:
            assert len(set(number[band.slice].tolist())) == min(4, band.shape[0]) * min(4, band.shape[1])


@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("name", ON_COEFFICIENTS)
def test_every_one_keeps_the_contract(name, representation):
    size = (33, 47)
    picture = nn.functional.interpolate(toys.image(3), size=size, mode="bilinear")[0]
    classifier = toys.classifier(size=size)
    calls = {"classifier": classifier, "target": 1, "representation": representation}
    explanation = ON_COEFFICIENTS[name](picture, **calls)
    assert isinstance(explanation, baselines.Attribution)
    transform = explanation.transform
    assert explanation.mask.shape == (transform.n_coefficients,)
    assert explanation.relevance.shape[-1] == transform.n_coefficients
    assert 0 <= float(explanation.mask.min()) <= float(explanation.mask.max()) == 1
    for band in transform.bands:  # parts of a complex coefficient share their entry
        values = band.of(explanation.mask)
        assert band.parts == 1 or torch.equal(values[0], values[1])
    expected = transform.synthesise((explanation.mask * explanation.coefficients)[None])[0].clamp(0, 1)
    assert torch.equal(explanation.cartoon, expected)
    profile = scores.scale_profile(explanation, by="band")
    assert [one.name for one in profile] == [band.name for band in transform.bands]
    assert sum(one.mask for one in profile) == pytest.approx(1)
    assert explanation.target.index == 1
    assert explanation.evaluations > 0
    again = ON_COEFFICIENTS[name](picture, **calls)
    assert torch.equal(again.mask, explanation.mask)
    assert all(math.isfinite(value) for value in scores.compute(explanation).values())
    curve = scores.rate_distortion(explanation, classifier=classifier, samples=2, shares=3)
    assert len(curve.values) == 3
    assert len(explanation.figure().data) > 3
    explanation.to_image()


def test_more_samples_bring_the_smooth_form_to_its_mean():
    classifier, target = patterned()
    smooth = functools.partial(baselines.wam, toys.image(), classifier=classifier, target=int(target), form="smooth")
    plain = baselines.wam(toys.image(), classifier=classifier, target=int(target))
    torch.testing.assert_close(smooth(spread=0).relevance, plain.relevance, atol=1e-6, rtol=1e-5)
    assert torch.equal(smooth(seed=1).mask, smooth(seed=1).mask)
    few, many = ([smooth(samples=count, seed=seed).relevance for seed in (0, 1)] for count in (4, 256))
    assert (many[0] - many[1]).norm() < 0.3 * (few[0] - few[1]).norm()


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (functools.partial(baselines.wam, form="squared"), ValueError, "form='squared' must be one of 'gradient'"),
        (functools.partial(baselines.wam, colours="sum"), ValueError, "colours='sum' must be 'norm' or 'mean'"),
        (functools.partial(baselines.wam, samples=0), ValueError, "samples=0 must be a whole number from 1"),
        (functools.partial(baselines.wam, spread=-1), ValueError, "spread=-1 must be a finite number of at least 0"),
        (functools.partial(baselines.wam, seed=-1), ValueError, "seed=-1 must be a whole number"),
        (functools.partial(baselines.wam, representation=Wavelet), TypeError, "representation=.* must be one such as"),
        (functools.partial(baselines.wam, representation="db3"), TypeError, "representation='db3' must be one such as"),
        (functools.partial(baselines.wam, representation=Wavelet(levels=9)), ValueError, "levels=9"),
        (functools.partial(baselines.rise, keep=1), ValueError, "keep=1 must be a finite number above 0 and below 1"),
        (functools.partial(baselines.rise, samples=1), ValueError, "samples=1 must be a whole number from 2"),
        (functools.partial(baselines.rise, grid=0), ValueError, "grid=0 must be a whole number from 1"),
        (functools.partial(baselines.sobol_indices, samples=1), ValueError, "samples=1 must be a whole number from 2"),
        (functools.partial(baselines.sobol_indices, grid="4"), ValueError, "grid='4' must be a whole number"),
        (functools.partial(baselines.occlusion, window=33, representation=Wavelet()), ValueError, "window=33"),
    ],
)
def test_what_does_not_fit_is_refused(call, kind, said):
    with pytest.raises(kind, match=said):
        call(toys.image(), classifier=toys.classifier())


def test_more_cells_than_can_be_varied():
    with pytest.raises(ValueError, match="grid=200 makes 16384 cells in all bands; at most 10600 can be varied"):
        baselines.sobol_indices(
            torch.ones(3, 128, 128), classifier=toys.classifier(size=128), grid=200, representation=Pixel()
        )


def test_a_gradient_that_is_not_finite_is_refused():
    class Root(toys.Toy):
        def forward(self, image):
            return super().forward((image - 0.123).abs().sqrt())

    picture = toys.image()[0]
    picture[:, 0, 0] = 0.123
    with pytest.raises(cx.ClassifierError, match="Root returned NaN or infinite logits or gradients while WAM was"):
        baselines.wam(picture, classifier=toys.classifier(Root()))
