"""On which scales lies what is kept."""

import itertools
import math

import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.scores.scales import profile_of


@pytest.fixture(scope="module", params=["cartoonx", "shearletx", "pixel_mask", "complex"])
def explanation(request):
    method = toys.small("cartoonx", representation=toys.Rotated()) if request.param == "complex" else None
    return cx.explain(
        toys.image(), classifier=toys.classifier(), method=method or toys.small(request.param), progress=False
    )


def test_the_shares_are_those_of_the_bands_and_add_up_to_one(explanation):
    bands = scores.scale_profile(explanation, by="band")
    kept = explanation.mask * explanation.coefficients
    assert [share.name for share in bands] == [band.name for band in explanation.transform.bands]
    for share, band in zip(bands, explanation.transform.bands, strict=True):
        mask = explanation.mask[band.slice].sum() / explanation.mask.sum()
        assert share.mask == pytest.approx(float(mask), rel=1e-4)
        energy = kept[:, band.slice].square().sum() / kept.square().sum()
        assert share.energy == pytest.approx(float(energy), rel=1e-4, abs=1e-9)
    for profile in (bands, scores.scale_profile(explanation)):
        assert math.fsum(share.mask for share in profile) == pytest.approx(1)
        assert math.fsum(share.energy for share in profile) == pytest.approx(1)


def test_a_scale_is_the_sum_of_its_bands(explanation):
    bands = scores.scale_profile(explanation, by="band")
    for scale in scores.scale_profile(explanation):
        own = [share for share in bands if share.period == scale.period and share.scale == scale.scale]
        assert scale.mask == pytest.approx(math.fsum(share.mask for share in own))
        assert scale.energy == pytest.approx(math.fsum(share.energy for share in own))


def test_the_periods_of_scales_follow_each_other(explanation):
    profile = scores.scale_profile(explanation)
    assert profile[0].period[1] == math.inf
    assert profile[-1].period[0] == 2  # nothing is finer than two pixels a period
    for coarse, fine in itertools.pairwise(profile):
        assert coarse.period[0] == fine.period[1]


def test_a_grating_lies_on_the_scale_of_its_period():
    """What `period` promises: a wave of so many pixels lies mostly on that scale."""
    for period in (3, 6, 12, 24):
        wave = (0.5 + 0.5 * torch.cos(2 * math.pi * torch.arange(128) / period)).expand(1, 1, 128, 128)
        transform = toys.small("cartoonx").representation.transform((128, 128))
        found = profile_of(transform.bands, torch.ones(transform.n_coefficients), transform.analyse(wave)[0])
        finer = [share for share in found if share.name != "lowpass"]
        best = max(finer, key=lambda share: share.energy)
        if finer[0].period[1] > period:
            assert best.period[0] <= period <= best.period[1]


def test_an_empty_mask_has_no_shares():
    transform = toys.small("cartoonx").representation.transform((32, 32))
    nothing, coefficients = torch.zeros(transform.n_coefficients), transform.analyse(toys.image())[0]
    assert {share[-2:] for share in profile_of(transform.bands, nothing, coefficients)} == {(0, 0)}


def test_by_something_else(explanation):
    with pytest.raises(ValueError, match=r"by='orientation' must be 'scale' or 'band'"):
        scores.scale_profile(explanation, by="orientation")
