"""A frame: what it keeps of a moment, and what is shown of it."""

import zlib

import numpy as np
import pytest
import torch
import toys
from watching import BreaksOnce

import cartoonx_widgets as cx
from cartoonx_widgets.recording.frame import Frame, frame_of


def test_a_frame_keeps_its_levels():
    levels = np.random.default_rng(0).integers(0, 256, 1000, dtype=np.uint8)
    frame = Frame(step=3, packed_mask=zlib.compress(levels.tobytes()), probabilities=np.array([0.25, 0.75]))
    assert np.array_equal(frame.levels(), levels)
    assert frame.levels().dtype == np.uint8
    assert frame.share_kept == pytest.approx(levels.mean() / 255)


@pytest.fixture
def moved():
    optimization = toys.optimization(learning_rate=0.2, reference="one", steps=8)
    for _ in range(8):
        optimization.step()
    return optimization


def test_a_frame_is_the_optimisation_to_a_level(moved):
    frame = frame_of(moved)
    mask = moved.mask[0, 0].numpy()
    assert frame.step == 8
    assert mask.std() > 0.1
    assert np.abs(frame.levels() / 255 - mask).max() <= 0.5 / 255 + 1e-6
    assert frame.share_kept == pytest.approx(mask.mean(), abs=0.5 / 255)
    cartoon = frame.cartoon(moved.coefficients[0], moved.transform)
    assert cartoon.shape == (3, 32, 32)
    assert 0 <= cartoon.min() <= cartoon.max() <= 1
    assert (cartoon - moved.cartoon()[0]).abs().max() < 1 / 255
    expected = moved.classifier.probabilities(moved.cartoon())[0].numpy()
    assert frame.probabilities.dtype == np.float32
    assert np.abs(frame.probabilities - expected).max() < 1e-6


def test_the_rest_is_the_photograph_without_the_cartoon(moved):
    frame = frame_of(moved)
    coefficients, transform = moved.coefficients[0], moved.transform
    left = moved.image[0] - transform.synthesise(frame.kept(coefficients))[0]
    rest = frame.rest(coefficients, transform)
    assert (rest - left.clamp(0, 1)).abs().max() < 1e-5
    for picture, alone in zip(
        frame.pictures(moved.image[0], coefficients, transform),
        (frame.cartoon(coefficients, transform), rest),
        strict=True,
    ):
        assert (picture - alone).abs().max() < 1e-5
    left = transform.synthesise((1 - moved.mask) * moved.coefficients).clamp(0, 1)
    expected = moved.classifier.probabilities(left)[0].numpy()
    assert np.abs(frame.probabilities_rest - expected).max() < 1e-6


@pytest.mark.parametrize("clean_fraction", [0.0, 0.5])
def test_what_a_step_measured_has_its_rest(clean_fraction):
    """The rest of a frame is that of its own mask, whether or not that is the newest."""
    optimization = toys.optimization(clean_fraction=clean_fraction, samples=2, learning_rate=0.1)
    for _ in range(3):
        optimization.step()
    moment = optimization.moment(measured=True)
    left = optimization.transform.synthesise((1 - moment.mask) * optimization.coefficients).clamp(0, 1)
    expected = optimization.classifier.probabilities(left)
    assert torch.allclose(moment.probabilities_rest, expected, atol=1e-6)
    alone = optimization.moment(measured=True, rest=False)
    assert alone.probabilities_rest is None
    assert torch.allclose(alone.probabilities, moment.probabilities, atol=1e-6)


def test_the_parts_of_a_frame_add_up_to_its_cartoon(moved):
    frame = frame_of(moved)
    parts = [frame.part(moved.coefficients[0], moved.transform, band) for band in moved.transform.bands]
    whole = frame.cartoon(moved.coefficients[0], moved.transform)
    assert torch.allclose(sum(parts).clamp(0, 1), whole, atol=1e-5)
    for part, band in zip(parts, moved.transform.bands, strict=True):
        kept = moved.transform.part(moved.mask * moved.coefficients, band)
        assert (part - kept[0]).abs().max() < 1 / 255


def test_a_frame_does_not_change_with_the_run(moved):
    frame = frame_of(moved)
    levels = frame.levels().copy()
    moved.step()
    assert np.array_equal(frame.levels(), levels)
    assert not np.array_equal(frame_of(moved).levels(), levels)


def test_a_sparse_frame_is_small():
    optimization = toys.optimization(
        picture=torch.nn.functional.interpolate(toys.image(), 128), steps=30, learning_rate=0.2, lambda_l1=20.0
    )
    frames = [frame_of(optimization)]
    for _ in range(30):
        optimization.step()
    frames.append(frame_of(optimization))
    assert frames[-1].share_kept < 0.1
    for frame in frames:
        assert len(frame.packed_mask) * 5 < frame.levels().nbytes == optimization.transform.n_coefficients


def test_a_frame_of_nan_is_refused():
    switch = toys.Switch()
    optimization = toys.optimization(toys.Breaking(switch), noise=BreaksOnce(switch, 1))
    for _ in range(3):
        optimization.step()
    with pytest.raises(cx.ClassifierError, match="in step 2"):
        frame_of(optimization)
