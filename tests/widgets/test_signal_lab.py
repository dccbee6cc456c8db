"""The signal lab from Python, without a page: its state, its messages, what it does with what is refused."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET

import ipywidgets
import numpy as np
import pytest
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets import sparsity


@pytest.fixture
def lab():
    with with_pages(cx.signal_lab) as lab:
        yield lab


def rows(page):
    """What the last analysis brought: samples, coefficients, approximation, and what is kept."""
    content, buffers = [message for message in page.messages if message[0]["type"] == "analysis"][-1]
    return content, *(np.frombuffer(data) for data in buffers[:3]), np.frombuffer(buffers[3], np.uint8)


def test_a_page_is_sent_what_there_is(lab):
    one = lab("bumps", representation="sym4", size=64)
    assert one.page.send(type="ready")[:2] == ["setup", "analysis"]
    content, samples, coefficients, approximation, kept = rows(one.page)
    assert np.array_equal(samples, sparsity.sample_signal("bumps", 64))
    assert np.array_equal(coefficients, sparsity.expand_signal(samples, "sym4").coefficients)
    assert np.array_equal(approximation, one.approximation)
    assert kept.sum() == content["k"] == one.kept == 4
    assert (content["n"], content["levels"], content["most"]) == (one.n, one.levels, one.most_levels) == (64, 3, 6)


def test_what_is_drawn_is_the_signal(lab):
    one = lab(size=32)
    before = one.signal
    assert one.page.send(type="draw", first=30, samples=[0.25, 7], answers=5)[0] == "analysis"
    content, samples, *_ = rows(one.page)
    assert (content["name"], content["answers"]) == ("", 5)
    assert np.array_equal(samples, one.signal)
    assert np.array_equal(one.signal[:30], before[:30])
    assert one.signal[30:].tolist() == [0.25, 7]
    assert np.array_equal(one.coefficients, sparsity.expand_signal(one.signal, "db3", one.levels).coefficients)


def test_a_coefficient_that_is_dragged_puts_its_wavelet_into_the_signal(lab):
    one = lab("flat", size=64, representation="db2")
    one.kept = 1
    one.page.send(type="coefficient", index=20, value=-1.5, answers=6)
    _, samples, coefficients, approximation, _ = rows(one.page)
    one.page.send(type="atom", index=20)
    [(content, [atom])] = one.page.messages
    assert content == {"type": "atom", "index": 20}
    np.testing.assert_allclose(samples, -1.5 * np.frombuffer(atom), atol=1e-12)
    assert np.flatnonzero(coefficients).tolist() == [20]
    np.testing.assert_allclose(approximation, samples, atol=1e-12)
    assert (one.energy_kept, one.relative_error, one.snr) == (1, 0, None)


def test_traits_are_observed_linked_and_set(lab):
    one = lab(size=64)
    seen = []
    one.observe(lambda change: seen.append(change["new"].sum()), "signal")
    slider = ipywidgets.IntSlider(max=64)
    ipywidgets.link((one, "kept"), (slider, "value"))
    few = one.energy_kept
    slider.value = 32
    assert one.kept == 32
    assert few < one.energy_kept < 1
    assert one.snr == pytest.approx(-10 * np.log10(1 - one.energy_kept))
    one.signal = np.ones(64)
    assert seen == [64]
    assert (one.energy_kept, one.page.contents[-1]["nonzero"]) == (1, 8)  # the lowpass alone
    one.representation, one.levels = "haar", 6
    assert one.page.contents[-1]["nonzero"] == 1
    one.coefficients = np.eye(64)[0] * 16
    np.testing.assert_allclose(one.signal, np.full(64, 2), atol=1e-12)
    one.signal = "ramp"
    assert np.array_equal(one.signal, sparsity.sample_signal("ramp", 64))
    assert (one.representation, one.levels, one.kept) == ("haar", 6, 32)


def test_another_length_begins_anew(lab):
    one = lab(size=64)
    one.kept = 60
    one.signal = [5]
    assert (one.n, one.levels, one.most_levels, one.kept, one.coefficients.tolist()) == (1, 0, 0, 1, [5])
    one.signal = range(100)
    assert (one.n, one.levels, one.most_levels, one.kept) == (100, 2, 2, 6)
    one.signal = "noise"
    assert one.n == 64


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("signal", [1, np.nan], "signal has nan at index 1"),
        ("signal", np.zeros(1_000_000), r"1000000 numbers; allowed are 1 to 4096; take a part, or every 245th"),
        ("signal", np.zeros((4, 4)), r"signal has shape \(4, 4\)"),
        ("signal", "noisy", "signal='noisy' must be one of 'steps', 'ramp'"),
        ("signal", None, "signal is no row"),
        ("coefficients", [1, 2], "coefficients has 2 numbers"),
        ("representation", "shearlets", "representation='shearlets' is no wavelet's name"),
        ("levels", 7, "levels=7 must be a whole number from 0 to 6"),
        ("kept", 65, "k=65 must be a whole number from 0 to 64"),
    ],
)
def test_what_is_refused_changes_nothing(lab, name, value, refusal):
    one = lab(size=64)
    before = one.signal, one.get_state()
    with pytest.raises((TypeError, ValueError), match=refusal):
        setattr(one, name, value)
    assert one.signal is before[0]
    assert one.get_state() == before[1]
    assert one.page.contents == []


def test_after_a_refusal_the_page_shows_again_what_holds(lab):
    one = lab(size=64)
    assert one.page.send(type="draw", first=64, samples=[1])[:2] == ["error", "analysis"]
    assert np.array_equal(rows(one.page)[1], one.signal)


def test_bad_settings(lab):
    for size in (0, 5000, 64.0, True):
        with pytest.raises(ValueError, match=f"size={size} must be a whole number of samples from 1 to 4096"):
            lab(size=size)
    with pytest.raises(ValueError, match=r"representation='bior2\.2' is not orthogonal"):
        lab(representation="bior2.2")
    with pytest.raises(ValueError, match="language='xx'"):
        lab(language="xx")


@pytest.mark.parametrize("signal", ["steps", "flat", [2]])
def test_a_saved_notebook_shows_the_signal(lab, signal):
    one = lab(signal)
    one.page.send(type="ready")
    assert one.wait(60)
    kind, _, data = one.snapshot["picture"].partition(";base64,")
    assert kind == "data:image/svg+xml"
    drawn = ET.fromstring(base64.b64decode(data))
    assert len(drawn) == 2 + 3 * (one.levels + 1)
    assert one.snapshot["summary"].startswith(
        "A signal from 1 of 1" if signal == [2] else f"The signal '{signal}' from"
    )
