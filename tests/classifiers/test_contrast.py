"""Why this class and not that one, and questions of one's own: classifiers of two classes."""

import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets import scores


@pytest.fixture
def classifier():
    return toys.classifier(labels=["zero", "one", "two", "three", "four"])


def group(logits):
    """The odds of the first two classes."""
    return logits[:, :2].logsumexp(1) - logits[:, 2:].logsumexp(1)


def test_the_probability_is_that_of_the_first_among_both(classifier):
    images = torch.cat([toys.image(), toys.image(3)])
    both = classifier.probabilities(images)[:, [3, 1]]
    pair = classifier.contrast("three", 1)
    torch.testing.assert_close(pair.probabilities(images), both / both.sum(1, keepdim=True))
    assert pair.labels == ("three and not one", "one and not three")
    assert pair.name == f"{classifier.name}: three and not one"
    torch.testing.assert_close(pair.probabilities(images), classifier.contrast(1, 3).probabilities(images).flip(1))


def test_the_probability_of_a_score_is_its_sigmoid(classifier):
    of_group = classifier.of_score(group, "low")
    expected = classifier.probabilities(toys.image())[:, :2].sum(1)
    torch.testing.assert_close(of_group.probabilities(toys.image())[:, 0], expected)
    assert of_group.labels == ("low", "not low")


def test_the_classifier_itself_stays_as_it_is(classifier):
    before = classifier(toys.image())
    classifier.contrast(0, 1)
    classifier.of_score(group, "low")
    assert torch.equal(classifier(toys.image()), before)
    assert (classifier.n_classes, classifier.labels[0]) == (5, "zero")


@pytest.mark.parametrize(("target", "label"), [((3, "one"), "three and not one"), (group, "group")])
def test_all_that_is_shown_of_a_run_says_what_is_explained(classifier, target, label):
    explanation = cx.explain(
        toys.image(), classifier=classifier, target=target, method=toys.method(steps=5), progress=False
    )
    assert explanation.target.label == label
    assert explanation.summary.startswith(label)
    assert label in explanation.classifier
    recording = cx.record(
        toys.image(), classifier=classifier, target=target, method=toys.method(steps=5), progress=False
    )
    assert recording.summary().startswith(label)
    assert recording.classifier == explanation.classifier


def test_a_pair_is_told_apart_by_what_tells_it_apart(classifier):
    """A and not B is another question than A: another mask answers it, and its gradient is that of the difference."""
    alone, pair = (
        cx.explain(toys.image(), classifier=classifier, target=target, method=toys.method(steps=20), progress=False)
        for target in (3, (3, 4))
    )
    assert not torch.equal(alone.mask, pair.mask)
    images = toys.image().requires_grad_()
    (own,) = torch.autograd.grad(classifier.contrast(3, 4)(images)[0, 0], images)
    logits = classifier(images)[0]
    (expected,) = torch.autograd.grad(logits[3] - logits[4], images)
    torch.testing.assert_close(own, expected)


def test_scores_want_the_classifier_that_was_explained(classifier):
    explanation = cx.explain(
        toys.image(), classifier=classifier, target=(3, 1), method=toys.method(steps=3), progress=False
    )
    with pytest.raises(ValueError, match=r"three and not one.*which was explained"):
        scores.insertion(explanation, classifier=classifier)
    assert scores.insertion(explanation, classifier=classifier.contrast(3, 1), shares=3).values.shape == (3,)


@pytest.mark.parametrize(
    ("target", "error", "match"),
    [
        ((3, 3), ValueError, r"target=\(3, 3\) names one class twice"),
        ((3, "three"), ValueError, "names one class twice"),
        ((0, 1, 2), ValueError, r"target=\(0, 1, 2\) has 3 classes: give two"),
        ((0,), ValueError, "has 1 classes: give two"),
        ((0, 9), ValueError, "target=9 is not a class"),
        ((0, "lynx"), ValueError, "lynx"),
        (lambda logits: logits, cx.ClassifierError, r"returned shape \(2, 5\).*one number for each image"),
        (lambda logits: logits.sum(), cx.ClassifierError, r"returned shape \(\)"),
        (lambda logits: 1.0, cx.ClassifierError, "returned float"),
        (lambda logits: logits[:, 0].detach(), cx.ClassifierError, "passes no gradient"),
        (lambda logits: logits[:, 0] * 0, cx.ClassifierError, "passes no gradient"),
        (lambda logits: logits[:, 7], cx.ClassifierError, "cannot be explained: it raised IndexError"),
        (1.5, TypeError, "target=1.5 must be a class index or a label"),
        ([0, 1], TypeError, r"target=\[0, 1\] must be"),
    ],
)
def test_what_is_no_question_is_refused(classifier, target, error, match):
    with pytest.raises(error, match=match):
        cx.explain(toys.image(), classifier=classifier, target=target, method=toys.method(steps=1), progress=False)


def test_it_goes_with_a_classifier_of_sigmoids_and_one_of_double_precision():
    images = toys.image()
    sigmoids = toys.classifier(activation="sigmoid")
    logits = sigmoids(images)[0]
    assert float(sigmoids.contrast(0, 1).probabilities(images)[0, 0]) == pytest.approx(
        float(torch.sigmoid(logits[0] - logits[1])), abs=1e-6
    )
    double = toys.classifier(dtype=torch.float64)
    assert double.contrast(0, 1)(images.double()).dtype == torch.float64
