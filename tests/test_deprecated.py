"""Names of version 0.5 that have changed: they work, and the warning says what to write instead."""

import re

import pytest
import toys

import cartoonx_widgets as cx
from cartoonx_widgets import masking, methods, scores


@pytest.fixture(scope="module")
def explanation():
    return cx.explain(toys.image(), classifier=toys.classifier(), method=toys.method(steps=2), progress=False)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            lambda e: methods.cartoonx_interactive(noise_free=0.5).clean_fraction,
            lambda e: methods.cartoonx_interactive(clean_fraction=0.5).clean_fraction,
            "clean_fraction=...",
        ),
        (
            lambda e: methods.cartoonx().replace(noise_free=0.5),
            lambda e: methods.cartoonx().replace(clean_fraction=0.5),
            "clean_fraction=...",
        ),
        (
            lambda e: methods.pixel_mask().accelerated(noise_free=0.5),
            lambda e: methods.pixel_mask().accelerated(clean_fraction=0.5),
            "clean_fraction=...",
        ),
        (lambda e: e.method.noise_free, lambda e: e.method.clean_fraction, "clean_fraction"),
        (lambda e: scores.of(e), scores.compute, "scores.compute"),  # noqa: PLW0108 - asked for when it is called
        (lambda e: scores.sparsity(e, 0.5), lambda e: scores.sparsity(e, threshold=0.5), "threshold=..."),
        (
            lambda e: scores.conciseness_preciseness(e, "l1"),
            lambda e: scores.conciseness_preciseness(e, measure="l1"),
            "measure=...",
        ),
        (
            lambda e: scores.hallucination(e, scores.Sobel()),
            lambda e: scores.hallucination(e, detector=scores.Sobel()),
            "detector=...",
        ),
        (
            lambda e: scores.deletion(e, toys.classifier(), shares=3).values.tolist(),
            lambda e: scores.deletion(e, classifier=toys.classifier(), shares=3).values.tolist(),
            "classifier=...",
        ),
    ],
)
def test_an_old_name_warns_and_does_the_same(old, new, says, explanation):
    with pytest.warns(DeprecationWarning, match=re.escape(says)) as caught:
        found = old(explanation)
    assert found == new(explanation)
    assert [warning.filename for warning in caught] == [__file__]  # the user's own line


def test_an_old_and_a_new_name_together_are_refused():
    with pytest.raises(TypeError, match="noise_free is the old name of clean_fraction"):
        methods.cartoonx_interactive(noise_free=0.5, clean_fraction=0.5)


def test_arguments_of_a_study(tmp_path):
    old = {"batch": 1, "workers": 1, "masks": True, "labelled": False}
    with pytest.warns(DeprecationWarning, match="is now") as caught:
        results = cx.study(
            [toys.image()[0]], toys.method(), out=tmp_path, classifier=toys.classifier(), progress=False, **old
        )
    new = ("batch_size", "num_workers", "save_masks", "use_labels")
    assert all(any(f"{name}=..." in str(warning.message) for warning in caught) for name in new)
    assert results.mask(results.rows()[0]["photograph"], results.rows()[0]["method"]).shape


def test_what_never_was_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'off'"):
        scores.off  # noqa: B018
    assert not hasattr(masking, "Memory")
