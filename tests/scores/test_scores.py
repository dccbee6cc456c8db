"""Scores: the published ingredients, the traps of the published code, and properties on toys."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
import toys
from hypothesis import given
from hypothesis import strategies as st

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.classifiers import Prediction
from cartoonx_widgets.explanations.explanation import explanations_of


@pytest.fixture(scope="module")
def explanation():
    return cx.explain(toys.image(), classifier=toys.classifier(), method=toys.method(steps=30), progress=False)


def changed(explanation, **fields):
    """A copy with other parts."""
    return dataclasses.replace(explanation, **fields)


def drawn(cartoon, image=None):
    """An explanation by a mask on pixels, with pictures that were drawn."""
    image = torch.ones_like(cartoon) if image is None else image
    found = cx.explain(
        toys.image(), classifier=toys.classifier(), method=cx.methods.pixel_mask(steps=1, samples=1), progress=False
    )
    return changed(found, image=image, cartoon=cartoon)


def square(side=32, start=8, stop=24, value=1.0):
    picture = torch.zeros(3, side, side)
    picture[:, start:stop, start:stop] = value
    return picture


# The published ingredients.


@pytest.mark.parametrize("name", ["waveletx_cvpr2023_maximize", "waveletx_cvpr2023_preserve"])
def test_l1_and_entropy_are_those_of_the_published_code(name):
    with np.load(toys.DATA / f"{name}.npz") as held:
        reference = {key: held[key] for key in held.files}
    images = torch.from_numpy(reference["images"])
    levels = int(reference["levels"])
    wavelet = cx.representations.Wavelet(str(reference["wave"]), levels=levels, mode=str(reference["mode"]))
    transform = wavelet.transform((32, 32))
    coefficients = transform.analyse(images)
    mask = torch.cat(
        [
            torch.from_numpy(reference["final_mask_yl"]).flatten(1),
            *(torch.from_numpy(reference[f"final_mask_yh{j}"]).flatten(1) for j in reversed(range(levels))),
        ],
        dim=1,
    )[:, None]
    # The published figures are of both images of the batch together: as many coefficients in one.
    for what, values in (("img", coefficients), ("masked", mask * coefficients)):
        assert scores.l1(values) == pytest.approx(float(reference[f"history_l1_{what}_representation"]), rel=1e-5)
        assert scores.entropy(values) == pytest.approx(
            float(reference[f"history_entropy_{what}_representation"]), rel=1e-5
        )


def test_entropy_of_equal_shares_is_their_logarithm():
    for count in (1, 2, 10, 1000):
        assert scores.entropy(torch.full((count,), -0.3)) == pytest.approx(math.log(count), abs=1e-3)
    assert scores.entropy(torch.zeros(5)) == 0
    assert scores.l1(torch.tensor([[1.0, -2.0], [0.0, 0.5]])) == 3.5


@given(st.floats(1e-3, 1e3))
def test_entropy_does_not_see_the_unit(factor):
    values = torch.linspace(-1, 1, 50)
    assert scores.entropy(values * factor) == pytest.approx(scores.entropy(values), rel=1e-5)


# The traps of the published code.


def test_the_probability_is_that_of_the_explained_class_not_the_largest(explanation):
    other = changed(explanation, target=Prediction(2, "c", 0.2), probability=0.1)
    assert scores.retained_probability(other) == pytest.approx(0.5)
    assert other.cartoon_top[0].probability > 0.2


def test_edges_do_not_depend_on_eight_bits():
    """255 x as eight signed bits turns a step from 0 to 0.6 into one of -103, and one of 0.5 to 0.51 into an edge."""
    for detector in (scores.Canny(), scores.Sobel()):
        counts = [int(scores.edges(square(value=value), detector=detector).sum()) for value in (0.6, 1.0)]
        assert 0 < counts[0] <= 1.1 * counts[1]
        soft = torch.full((3, 32, 32), 0.5)
        soft[:, 8:24, 8:24] = 0.51
        assert not scores.edges(soft, detector=detector).any()


def test_nothing_is_added_up_over_a_batch():
    """Each image of a batch has the scores that it has alone."""
    images = torch.cat([toys.image(), toys.image().flip(-1)])
    method = toys.method(steps=10)
    optimization = cx.Optimization(images, toys.classifier(), [0, 1], method)
    while not optimization.finished:
        optimization.step()
    for index, found in enumerate(explanations_of(optimization, seed=0)):
        whole = scores.l1(found.coefficients)
        assert whole == pytest.approx(float(found.transform.analyse(images[index : index + 1]).abs().sum()), rel=1e-5)
        assert 0 < scores.retained_information(found, measure="l1") <= 1
        single = scores.entropy(found.transform.analyse(images[index : index + 1])[0])
        assert scores.entropy(found.coefficients) == pytest.approx(single, rel=1e-5)


# Conciseness and preciseness.


def test_keeping_all_scores_one(explanation):
    whole = changed(
        explanation,
        mask=torch.ones_like(explanation.mask),
        cartoon=explanation.image,
        probability=explanation.target.probability,
    )
    for measure in ("entropy", "l1", "l1_pixel"):
        assert scores.conciseness_preciseness(whole, measure=measure) == pytest.approx(1)
    assert scores.sparsity(whole) == 0
    assert scores.hallucination(whole) == 0


def test_keeping_nothing_has_no_score(explanation):
    empty = changed(explanation, mask=torch.zeros_like(explanation.mask), cartoon=torch.zeros_like(explanation.cartoon))
    for measure in ("entropy", "l1", "l1_pixel"):
        assert scores.retained_information(empty, measure=measure) == 0
        assert math.isnan(scores.conciseness_preciseness(empty, measure=measure))
    assert scores.sparsity(empty) == 1
    assert scores.hallucination(empty) == 0


def test_half_the_l1_for_all_of_the_probability_scores_two(explanation):
    half = changed(
        explanation,
        mask=torch.full_like(explanation.mask, 0.5),
        cartoon=explanation.image / 2,
        probability=explanation.target.probability,
    )
    assert scores.conciseness_preciseness(half, measure="l1") == pytest.approx(2)
    assert scores.conciseness_preciseness(half, measure="l1_pixel") == pytest.approx(2)
    assert scores.conciseness_preciseness(half, measure="entropy") == pytest.approx(1)  # which does not see the unit


def test_all_scores_at_once(explanation):
    found = scores.compute(explanation)
    assert tuple(found) == scores.NAMES
    assert found["cp_l1"] == scores.conciseness_preciseness(explanation, measure="l1")
    assert found["share_kept"] == explanation.share_kept
    assert all(math.isfinite(value) for value in found.values())


# Hallucinated edges.


@pytest.mark.parametrize("detector", [scores.Canny(), scores.Sobel()])
def test_an_edge_that_the_photograph_has_not_is_hallucinated(detector):
    """The photograph has one square; the explanation has it too, or another, or both."""
    photograph = square(64, 8, 28)
    other = square(64, 40, 60)
    assert scores.hallucination(drawn(photograph, photograph), detector=detector) == 0
    assert scores.hallucination(drawn(other, photograph), detector=detector) == 1
    both = scores.hallucination(drawn(photograph + other, photograph), detector=detector)
    assert both == pytest.approx(0.5, abs=0.05)
    assert scores.hallucination(
        drawn(photograph + other, photograph), detector=detector, relative_to="photograph"
    ) == pytest.approx(1, abs=0.15)


def test_an_edge_may_move_as_far_as_the_dilation():
    photograph = square(64, 10, 40)
    moved = square(64, 12, 42)
    shares = [scores.hallucination(drawn(moved, photograph), dilation=by) for by in (0, 1, 2)]
    assert shares[0] > shares[1] > shares[2] == 0


def test_a_dark_cartoon_has_the_edges_of_a_bright_one():
    photograph = square(64, 8, 28)
    for brightness in (1.0, 0.05):
        assert scores.hallucination(drawn(brightness * square(64, 40, 60), photograph)) == 1


def test_a_photograph_without_edges():
    flat = torch.full((3, 32, 32), 0.5)
    assert scores.hallucination(drawn(square(), flat)) == 1
    assert scores.hallucination(drawn(square(), flat), relative_to="photograph") == math.inf
    assert scores.hallucination(drawn(flat, flat), relative_to="photograph") == 0


def test_a_detector_of_ones_own():
    found = scores.hallucination(drawn(square(), square()), detector=lambda grey: grey > 0.5)
    assert found == 0
    with pytest.raises(ValueError, match=r"detector=.* returned an array of float64.*one Boolean"):
        scores.hallucination(drawn(square()), detector=lambda grey: grey)


# Curves.


def test_rate_and_distortion(explanation):
    classifier = toys.classifier()
    ordered = scores.rate_distortion(explanation, classifier=classifier, samples=32)
    random = scores.rate_distortion(explanation, classifier=classifier, samples=32, order="random")
    assert ordered.shares.tolist() == pytest.approx(np.linspace(0, 1, 11).tolist())
    assert ordered.values[0] == random.values[0] == pytest.approx(0, abs=1e-6)
    assert ordered.values[-1] == pytest.approx(random.values[-1])  # nothing is left of either
    assert ordered.area < 0.8 * random.area
    again = scores.rate_distortion(explanation, classifier=classifier, samples=32)
    assert (again.values == ordered.values).all()


def test_insertion_and_deletion(explanation):
    classifier = toys.classifier()
    inserted = scores.insertion(explanation, classifier=classifier, shares=[0, 0.1, 0.5, 1])
    deleted = scores.deletion(explanation, classifier=classifier, shares=[0, 0.1, 0.5, 1])
    whole = explanation.target.probability
    assert inserted.values[-1] == pytest.approx(whole, abs=1e-5)
    assert deleted.values[0] == pytest.approx(whole, abs=1e-5)
    assert inserted.values[0] == pytest.approx(deleted.values[-1])
    assert inserted.values[1] > deleted.values[1]


def test_the_area_of_a_curve():
    assert scores.Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0])).area == 0.5
    assert scores.Curve(np.array([0.5, 1.0]), np.array([2.0, 2.0])).area == 2
    assert scores.Curve(np.array([0.3]), np.array([7.0])).area == 7


def test_the_distortion_with_fresh_noise_is_that_of_the_run(explanation):
    fresh = scores.expected_distortion(explanation, classifier=toys.classifier(), samples=512)
    assert fresh == pytest.approx(float(np.mean(explanation.curves["distortion"][-5:])), abs=0.05)


def test_a_higher_price_keeps_less():
    points = scores.distortion_over_lambda(
        toys.image(), classifier=toys.classifier(), method=toys.method(steps=40), lambdas=(0.01, 10), progress=False
    )
    assert [point.lambda_l1 for point in points] == [0.01, 10]
    assert points[0].share_kept > points[1].share_kept
    assert points[0].distortion <= points[1].distortion


# Trust.


def test_the_same_explanation_is_like_itself(explanation):
    assert scores.similarity(explanation, explanation) == pytest.approx((1, 1))
    assert scores.stability([explanation] * 3) == pytest.approx((1, 1))


def test_other_seeds_are_less_alike_the_fewer_samples_there_are():
    def stable(samples):
        method = toys.method(steps=30, samples=samples)
        runs = [
            cx.explain(toys.image(), classifier=toys.classifier(), method=method, seed=seed, progress=False)
            for seed in range(3)
        ]
        return scores.stability(runs).mask

    assert -1 <= stable(1) < stable(64) < 1


def test_random_weights_change_the_explanation(explanation):
    points = scores.weight_randomisation(explanation, classifier=toys.classifier(), points=2, progress=False)
    assert [point.randomised for point in points] == sorted({point.randomised for point in points})
    assert points[-1].similarity.mask < 0.9


def test_a_baseline_is_not_made_again_by_a_method_that_did_not_make_it():
    heat = torch.linspace(0, 1, toys.SIDE).repeat(toys.SIDE, 1)
    found = cx.baselines.from_heat_map(heat, "ramp", toys.image()[0], classifier=toys.classifier())
    with pytest.raises(ValueError, match=r"explanation was not optimised.*with_random_weights"):
        scores.weight_randomisation(found, classifier=toys.classifier(), progress=False)


def test_no_random_weights_are_the_classifier_itself():
    classifier = toys.classifier()
    image = toys.image()
    assert torch.equal(classifier.with_random_weights(0)(image), classifier(image))
    before = classifier(image)
    randomised = classifier.with_random_weights(len(classifier.layers))
    assert not torch.allclose(randomised(image), before)
    assert torch.equal(classifier(image), before)
    again = [classifier.with_random_weights(1, seed=3)(image) for _ in range(2)]
    assert torch.equal(*again)
    with pytest.raises(ValueError, match=r"count=99 must be a whole number from 0 to"):
        classifier.with_random_weights(99)


# What is refused.


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda e, c: scores.retained_information(e, measure="l0"),
            r"measure='l0' must be one of 'entropy', 'l1', 'l1_pixel'",
        ),
        (lambda e, c: scores.hallucination(e, dilation=-1), r"dilation=-1 must be a whole number of pixels"),
        (lambda e, c: scores.hallucination(e, relative_to="image"), r"relative_to='image' must be"),
        (lambda e, c: scores.Canny(low=0.3), r"high=0.2 must be a finite number of at least low=0.3"),
        (lambda e, c: scores.Sobel(threshold=math.nan), r"threshold=nan must be a finite number"),
        (
            lambda e, c: scores.sparsity(e, threshold=1.0),
            r"threshold=1.0 must be a finite number of at least 0 and below 1",
        ),
        (
            lambda e, c: scores.rate_distortion(e, classifier=c, order="mask"),
            r"order='mask' must be 'relevance' or 'random'",
        ),
        (
            lambda e, c: scores.rate_distortion(e, classifier=c, shares=[0.5, 0.2]),
            r"shares=\[0.5, 0.2\] must be numbers",
        ),
        (lambda e, c: scores.insertion(e, classifier=c, shares=1), r"shares=1 must be a whole number from 2"),
        (lambda e, c: scores.rate_distortion(e, classifier=c, samples=0), r"samples=0 must be a whole number from 1"),
        (lambda e, c: scores.expected_distortion(e, classifier=c, seed=-1), r"seed=-1 must be"),
        (lambda e, c: scores.stability([e]), r"explanations has 1 entries; two or more"),
        (lambda e, c: scores.weight_randomisation(e, classifier=c, points=0), r"points=0 must be"),
        (
            lambda e, c: scores.distortion_over_lambda(toys.image(), classifier=c, lambdas=[]),
            r"lambdas=\[\] must be one or more weights",
        ),
        (
            lambda e, c: scores.insertion(e, classifier=cx.Classifier(toys.Toy(), labels=list("vwxyz"), size=32)),
            r"classifier=.* has no class .* called .*give the one that was explained",
        ),
    ],
)
def test_what_is_refused_names_argument_value_and_remedy(explanation, call, message):
    with pytest.raises(ValueError, match=message):
        call(explanation, toys.classifier())
