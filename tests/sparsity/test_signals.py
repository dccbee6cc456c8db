"""Signals in wavelet bases: PyWavelets' own numbers, what orthonormal means, and what is refused."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import pywt
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cartoonx_widgets import sparsity
from cartoonx_widgets.sparsity.signals import most_levels
from cartoonx_widgets.widgets.sparsity_lab.choices import ORTHOGONAL

STEADY = hypothesis_settings(deadline=None, derandomize=True, max_examples=60)
SIGNALS = st.integers(1, 96).flatmap(
    lambda n: st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=n, max_size=n)
)


@pytest.mark.parametrize("wavelet", [*ORTHOGONAL, "db20", "coif3"])
@pytest.mark.parametrize("n", [2, 12, 64, 256])
def test_coefficients_are_those_of_pywavelets(wavelet, n):
    signal = np.random.default_rng(n).standard_normal(n)
    for levels in range(most_levels(n) + 1):
        expansion = sparsity.expand_signal(signal, wavelet, levels)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of levels that are shorter than the filter
            expected = pywt.wavedec(signal, wavelet, mode="periodization", level=levels)
        assert [band.size for band in expansion.bands] == [len(one) for one in expected]
        np.testing.assert_allclose(expansion.coefficients, np.concatenate(expected), atol=1e-12)
        for band, one in zip(expansion.bands, expected, strict=True):
            np.testing.assert_allclose(expansion.coefficients[band.start : band.start + band.size], one, atol=1e-12)


@STEADY
@given(signal=SIGNALS, wavelet=st.sampled_from(ORTHOGONAL), data=st.data())
def test_nothing_is_lost_and_squares_are_kept(signal, wavelet, data):
    n, size = len(signal), max(1.0, *map(abs, signal))
    levels = data.draw(st.integers(0, most_levels(n)))
    expansion = sparsity.expand_signal(signal, wavelet, levels)
    assert expansion.coefficients.shape == (n,)
    np.testing.assert_allclose(expansion.synthesise(expansion.coefficients), signal, atol=1e-9 * size)
    assert np.sum(expansion.coefficients**2) == pytest.approx(np.sum(np.square(signal)), abs=1e-9 * size**2)


@STEADY
@given(signal=SIGNALS, wavelet=st.sampled_from(ORTHOGONAL), data=st.data())
def test_the_k_largest_leave_the_error_that_their_squares_say(signal, wavelet, data):
    expansion = sparsity.expand_signal(signal, wavelet)
    k = data.draw(st.integers(0, expansion.n))
    kept = expansion.kept(k)
    sizes = np.abs(expansion.coefficients)
    assert kept.sum() == k
    assert sizes[kept].min(initial=math.inf) >= sizes[~kept].max(initial=0)
    quality, norm = expansion.quality(k), np.linalg.norm(signal)
    if norm == 0:
        assert all(map(math.isnan, quality))
        return
    error = np.linalg.norm(expansion.keep(k) - signal) / norm
    assert quality.relative_error == pytest.approx(error, abs=1e-7)
    assert quality.energy_kept == pytest.approx(1 - quality.relative_error**2, abs=1e-12)
    assert 10 ** (-quality.snr / 20) == pytest.approx(quality.relative_error, abs=1e-12)


@pytest.mark.parametrize("wavelet", ["haar", "db3", "sym5"])
def test_wavelets_are_an_orthonormal_basis_and_coefficients_what_they_weigh(wavelet):
    expansion = sparsity.expand_signal(sparsity.sample_signal("chirp", 32), wavelet, 3)
    atoms = np.array([expansion.atom(index) for index in range(expansion.n)])
    np.testing.assert_allclose(atoms @ atoms.T, np.eye(32), atol=1e-9)
    np.testing.assert_allclose(atoms @ expansion.signal, expansion.coefficients, atol=1e-9)
    moved = expansion.coefficients.copy()
    moved[5] += 2
    other = expansion.with_coefficients(moved)
    np.testing.assert_allclose(other.signal, expansion.signal + 2 * atoms[5], atol=1e-9)
    assert np.array_equal(other.coefficients, moved)


def test_what_a_sample_shows_is_there():
    """As its description says: which filter needs few coefficients for 99.9 % of the energy."""

    def needed(name, wavelet):
        expansion = sparsity.expand_signal(sparsity.sample_signal(name, 256), wavelet)
        return next(k for k in range(257) if expansion.quality(k).energy_kept >= 0.999)

    assert needed("steps", "haar") < needed("steps", "db3") < needed("steps", "db8")
    assert needed("bumps", "haar") > needed("bumps", "db2") > needed("bumps", "db8")
    assert min(needed("noise", wavelet) for wavelet in ("haar", "db3", "db8")) > 200
    ramp = sparsity.expand_signal(sparsity.sample_signal("ramp", 256), "db2", 1)
    details = ramp.coefficients[128:]
    assert np.abs(details[1:-1]).max() < 1e-12 < np.abs(details).max()
    assert sparsity.expand_signal(sparsity.sample_signal("flat", 256)).nonzero == 0


def test_one_sample_is_its_own_coefficient():
    expansion = sparsity.expand_signal([-3])
    assert (expansion.levels, expansion.coefficients.tolist(), expansion.keep(1).tolist()) == (0, [-3], [-3])
    with pytest.raises(ValueError, match=r"levels=1 must be a whole number from 0 to 0: .* n=1 allows 0 times"):
        sparsity.expand_signal([-3], levels=1)


@pytest.mark.parametrize("give", [np.float32, torch.tensor, tuple, lambda row: np.array(row, dtype=np.uint8)])
def test_every_form_of_a_row_is_taken_and_left_as_it_was(give):
    given = give([1, 2, 3, 4])
    expansion = sparsity.expand_signal(given, "haar")
    assert expansion.signal.tolist() == [1, 2, 3, 4]
    assert [float(one) for one in given] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="read-only"):
        expansion.signal[0] = 5


@pytest.mark.parametrize(
    ("signal", "refusal"),
    [
        ([], "signal has 0 numbers; allowed are at least 1"),
        ([1, math.nan], "signal has nan at index 1"),
        ([-math.inf], "signal has -inf at index 0"),
        ([1e101], "finite numbers up to 1e"),
        ([[1, 2], [3, 4]], r"signal has shape \(2, 2\); allowed is a row"),
        ([[1], [2, 3]], "signal cannot be read as numbers"),
        (5, r"signal is no row \(int\)"),
        (None, r"signal is no row \(NoneType\)"),
        ("steps", r"signal is no row \(str\)"),
        (["1", "2"], "signal holds something else than real numbers"),
        ([1j], "signal holds something else than real numbers"),
        ([True], "signal holds something else than real numbers"),
        ([10**400], "signal holds something else than real numbers"),
    ],
)
def test_what_is_no_signal_is_refused(signal, refusal):
    with pytest.raises((TypeError, ValueError), match=refusal):
        sparsity.expand_signal(signal)


def test_other_nonsense_is_refused():
    for wavelet in ("db0", "gaus1", 3, None):
        with pytest.raises(ValueError, match=f"wavelet={wavelet!r} is no wavelet's name"):
            sparsity.expand_signal([1, 2], wavelet)
    for wavelet in ("bior2.2", "dmey"):
        with pytest.raises(ValueError, match=f"wavelet='{wavelet}' is not orthogonal"):
            sparsity.expand_signal([1, 2], wavelet)
    expansion = sparsity.expand_signal([1, 2, 3, 4])
    for k in (-1, 5, 1.0, True, None):
        with pytest.raises(ValueError, match=f"k={k} must be a whole number from 0 to 4"):
            expansion.keep(k)
    with pytest.raises(ValueError, match="index=4 must be a whole number from 0 to 3"):
        expansion.atom(4)
    with pytest.raises(ValueError, match="coefficients has 3 numbers; allowed are as many as samples, 4"):
        expansion.with_coefficients([1, 2, 3])
    with pytest.raises(ValueError, match="name='step' must be one of 'steps'"):
        sparsity.sample_signal("step", 8)
    with pytest.raises(ValueError, match="n=0 must be a whole number"):
        sparsity.sample_signal("steps", 0)
