"""A budget in place of a price: at most a share of the coefficients is kept."""

import dataclasses

import numpy as np
import pytest
import torch
import toys
from hypothesis import given
from hypothesis import strategies as st

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.masking import SmoothMask
from cartoonx_widgets.masking.budget import budgets, project
from cartoonx_widgets.recording.settings_json import as_json

METHODS = ("cartoonx", "waveletx", "shearletx", "pixel_rde", "pixel_mask", "cartoonx_interactive")


@given(
    values=st.lists(st.floats(-1, 2, width=32), min_size=1, max_size=40),
    keep=st.floats(1 / 1024, 1, width=32),
    others=st.lists(st.floats(0, 1, width=32), min_size=40, max_size=40),
)
def test_the_projection_is_the_nearest_mask_within_the_budget(values, keep, others):
    mask = torch.tensor(values, dtype=torch.float64)[None, None]
    found = project(mask, torch.tensor(keep, dtype=torch.float64))
    assert 0 <= found.min() <= found.max() <= 1
    assert found.mean() <= keep + 1e-9
    # No other mask within the budget is nearer.
    other = torch.tensor(others[: len(values)], dtype=torch.float64)
    other = other * min(1.0, keep / max(float(other.mean()), 1e-12))
    assert (found - mask).square().sum() <= (other - mask).square().sum() + 1e-6


def test_each_image_of_a_batch_has_its_own_budget():
    masks = torch.rand(3, 1, 50, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.1, 1, 2])[:, None, None]
    together = project(masks, torch.tensor(0.2))
    for one, mask in zip(together, masks, strict=True):
        torch.testing.assert_close(one, project(mask[None], torch.tensor(0.2))[0])


def test_the_budget_falls_to_what_may_be_kept():
    found = budgets(0.02, np.linspace(0, 1, 11))
    assert found[0] == 1
    assert (np.diff(found) <= 0).all()
    assert found[5:] == pytest.approx(0.02)


@pytest.mark.parametrize("name", METHODS)
def test_no_more_is_kept_than_the_budget(name):
    method = cx.methods.PRESETS[name](keep=0.1, steps=12, samples=2)
    if name in ("cartoonx", "waveletx", "cartoonx_interactive"):
        method = method.replace(representation=cx.representations.Wavelet("db2", levels=2))
    if name == "shearletx":
        method = method.replace(representation=cx.representations.Shearlet(scales=1))
    assert method.lambda_l1 == 0
    explanation = cx.explain(toys.image(), classifier=toys.classifier(), method=method, progress=False)
    assert 0.05 < explanation.share_kept <= 0.1 + 1e-6
    assert explanation.curves["l1"][0] == 1  # it begins with everything


def test_a_budget_keeps_what_the_class_needs_most():
    """A mask that was optimised within its budget has a smaller distortion than masks at random that keep as much."""
    method = toys.method(keep=0.2, lambda_l1=0.0, steps=60, learning_rate=0.1)
    classifier = toys.classifier()
    explanation = cx.explain(toys.image(), classifier=classifier, method=method, progress=False)
    generator = torch.Generator().manual_seed(0)

    def at_random():
        mask = torch.zeros_like(explanation.mask)
        mask[torch.randperm(mask.numel(), generator=generator)[: mask.numel() // 5]] = 1
        return scores.expected_distortion(dataclasses.replace(explanation, mask=mask), classifier=classifier)

    assert scores.expected_distortion(explanation, classifier=classifier) < min(at_random() for _ in range(10))


def test_a_price_can_stand_beside_it():
    assert cx.methods.cartoonx(keep=0.5, lambda_l1=3).lambda_l1 == 3
    assert cx.methods.cartoonx().lambda_l1 == 20
    assert cx.methods.waveletx_interactive(keep=0.5).keep == 0.5


@pytest.mark.parametrize("keep", [0, 1, -0.1, 1.5, float("nan"), "2 %", True])
def test_a_budget_of_nothing_or_of_everything_is_refused(keep):
    with pytest.raises((ValueError, TypeError), match="keep="):
        cx.methods.cartoonx(keep=keep)


def test_a_smooth_mask_has_an_area():
    with pytest.raises(ValueError, match=r"keep=0\.1 is for a mask of free entries"):
        cx.methods.pixel_mask(keep=0.1).replace(mask=SmoothMask())


def test_settings_without_one_are_written_as_before():
    """So a study that an older version began goes on."""
    assert "keep" not in as_json(toys.method())
    assert as_json(toys.method(keep=0.1))["keep"] == 0.1
