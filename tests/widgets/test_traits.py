"""State that can be observed, linked and set: from Python, from other widgets, and from the page."""

from __future__ import annotations

import threading

import ipywidgets
import pytest
import toys
import traitlets
from widget_page import WidgetPage

import cartoonx_widgets as cx
from cartoonx_widgets.widgets.shared.traits import Settable

SHOWN = ("steps", "steps_done", "probability", "probability_before", "share_kept", "class_kept", "photograph", "error")


@pytest.fixture
def explorer():
    one = cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method(steps=6))
    yield one
    one.close()


def test_a_run_shows_where_it_stands(explorer):
    assert (explorer.steps, explorer.steps_done, explorer.playing, explorer.error) == (6, 0, False, None)
    explorer.play()
    assert explorer.playing
    assert explorer.wait(60)
    reached = explorer.explanation
    assert (explorer.steps_done, explorer.playing) == (6, False)
    assert explorer.probability == pytest.approx(reached.probability, abs=1e-2)  # its mask has 256 levels
    assert explorer.probability_before == pytest.approx(reached.target.probability)
    assert explorer.share_kept == pytest.approx(reached.share_kept, abs=1 / 255)
    assert explorer.class_kept == reached.outcome.kept
    assert explorer.target == reached.target.label


def test_observers_hear_of_each_frame_once(explorer):
    heard = []
    explorer.observe(lambda change: heard.append(change["new"]), "steps_done")
    for _ in range(3):
        explorer.step()
        explorer.wait(60)
    assert heard == [1, 2, 3]


def test_what_an_observer_raises_is_shown_and_stops_nothing(explorer):
    page = WidgetPage(explorer)

    def fail(change):
        raise RuntimeError(f"no {change['new']}")

    explorer.observe(fail, "steps_done")
    explorer.play()
    explorer.wait(60)
    assert explorer.steps_done == 6
    assert "RuntimeError: no 6" in page.errors


@pytest.mark.parametrize("act", ["reset", "pause", "step", "target", "close"])
def test_an_observer_may_do_what_a_user_may(explorer, act):
    """It is called in the run's own thread."""
    done = threading.Event()

    def once(_change):
        if not done.is_set():
            done.set()
            setattr(explorer, act, 1) if act == "target" else getattr(explorer, act)()

    explorer.observe(once, "share_kept")
    explorer.play()
    assert done.wait(60)
    assert explorer.wait(60)


def test_playing_plays_and_pauses(explorer):
    explorer.playing = True
    explorer.wait(60)
    assert explorer.steps_done == 6
    explorer.reset()
    explorer.playing = False
    assert (explorer.playing, explorer.steps_done) == (False, 0)


def test_a_target_is_set_by_label_or_index_and_shown_by_label(explorer):
    labels = explorer._question.classifier.labels
    explorer.target = 3
    assert explorer.target == labels[3]
    explorer.target = labels[1]
    assert explorer.target == labels[1]
    assert explorer.explanation.target.index == 1


def test_a_method_is_set_by_value_or_by_its_name_in_the_list(explorer):
    explorer.method = "WaveletX"
    assert explorer.method == cx.methods.waveletx()
    assert explorer.steps == cx.methods.waveletx().steps
    explorer.method = toys.method(steps=3)
    assert explorer.steps == 3


def test_a_band_is_picked_by_name(explorer):
    name = explorer.explanation.transform.bands[1].name
    explorer.band = name
    assert explorer.band == name
    explorer.band = None
    assert explorer.band is None


def test_sliders_can_be_linked_with_prices_both_ways(explorer):
    slider = ipywidgets.FloatSlider(min=0, max=50)
    ipywidgets.link((explorer, "lambda_l1"), (slider, "value"))
    assert slider.value == explorer.method.lambda_l1
    slider.value = 7.5
    assert explorer.lambda_l1 == explorer.method.lambda_l1 == explorer.explanation.method.lambda_l1 == 7.5
    explorer.lambda_l1 = 9
    assert slider.value == 9


def test_an_interactive_output_follows(explorer):
    seen = []

    def show(share):
        seen.append(share)

    ipywidgets.interactive_output(show, {"share": Follower(explorer)})
    explorer.play()
    explorer.wait(60)
    assert seen[-1] == explorer.share_kept


class Follower(ipywidgets.ValueWidget):
    """A widget with a value, as `interactive_output` wants it, that follows the share kept."""

    value = traitlets.Float()

    def __init__(self, explorer):
        super().__init__()
        traitlets.dlink((explorer, "share_kept"), (self, "value"))


NONSENSE = {
    "playing": ("yes", 3, None),
    "target": ("no such class", 1e9, None, [], {"a": 1}),
    "method": ("no such method", 3, None),
    "band": ("no such band", 1, []),
    "lambda_l1": ("much", -1, float("nan"), None, []),
    "learning_rate": (0, float("inf"), "fast"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in NONSENSE.items() for value in values])
def test_nonsense_is_refused_and_nothing_changes(explorer, name, value):
    before = getattr(explorer, name)
    with pytest.raises((ValueError, TypeError)) as refusal:
        setattr(explorer, name, value)
    assert name in str(refusal.value)
    assert getattr(explorer, name) == before
    page = WidgetPage(explorer)
    explorer.set_state({name: value})
    assert page.errors == [str(refusal.value)]
    assert getattr(explorer, name) == before
    explorer.step()
    assert explorer.wait(60)


@pytest.mark.parametrize("name", [*SHOWN, "texts", "snapshot", "_library", "_esm", "no_such_trait"])
def test_a_page_cannot_set_what_only_the_widget_knows(explorer, name):
    before = explorer.get_state()
    page = WidgetPage(explorer)
    explorer.set_state({name: "nonsense"})
    [sentence] = page.errors
    assert sentence.startswith(f"{name!r} cannot be set from a page; what can: band, ")
    assert explorer.get_state() == before


@pytest.mark.parametrize("name", SHOWN)
def test_nor_can_a_user(explorer, name):
    with pytest.raises(traitlets.TraitError, match=f'The "{name}" trait is read-only'):
        setattr(explorer, name, 0)


def test_what_stopped_a_run_is_a_trait(explorer):
    class BrokenError(RuntimeError):
        pass

    def fail(*_):
        raise BrokenError("no more")

    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "error")
    explorer._task.optimization.step = fail
    explorer.step()
    with pytest.raises(BrokenError):
        explorer.wait(60)
    assert isinstance(explorer.error, BrokenError)
    assert [type(error) for error in seen] == [BrokenError]
    assert explorer.get_state()["error"] == "no more"


def test_every_trait_says_what_it_is(explorer):
    own = {
        name: trait
        for name, trait in explorer.traits(sync=True).items()
        if name not in ipywidgets.DOMWidget.class_traits()
    }
    described = [name for name, trait in own.items() if isinstance(trait, Settable) or name in SHOWN]
    assert set(SHOWN) < set(described)
    for name in described:
        assert own[name].help.endswith("."), name


def test_a_snapshot_is_taken_when_the_run_stands_still(explorer):
    assert explorer.snapshot == {}
    explorer.play()
    explorer.wait(60)
    assert explorer.snapshot["summary"] == explorer.explanation.summary
    assert explorer.snapshot["picture"].startswith("data:image/")
    assert len(explorer.snapshot["picture"]) < 250_000


@pytest.fixture
def lab():
    one = cx.sparsity_lab("figures", size=32)
    yield one
    one.close()


def test_the_lab_follows_what_is_set(lab):
    slider = ipywidgets.IntSlider(max=lab.n)
    ipywidgets.link((lab, "kept"), (slider, "value"))
    assert slider.value == lab.kept
    before = lab.psnr
    slider.value = lab.n // 2
    assert lab.kept == lab.n // 2
    assert lab.psnr > before
    lab.representation = "haar"
    assert lab.get_state()["representation"] == "haar"
    lab.levels = 2
    assert lab.bands == ("lowpass", "h2", "v2", "d2", "h1", "v1", "d1")
    lab.bands_off = ["d1"]
    assert lab.bands_off == {"d1"}
    assert lab.wait(60)
    assert 0 < lab.ssim < 1
    assert lab.snapshot["picture"].startswith("data:image/")


LAB_NONSENSE = {
    "kept": (-1, "many", 1.5),
    "levels": (99, True),
    "representation": ("sym99", 3),
    "bands_off": (["h9"],),
    "denoising": (0.1, {"sigma": -1}, {"by_scale": {"9": 1.0}}),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, some in LAB_NONSENSE.items() for value in some])
def test_nonsense_is_refused_by_the_lab(lab, name, value):
    before = lab.get_state()
    page = WidgetPage(lab)
    lab.set_state({name: value})
    assert len(page.errors) == 1
    after = lab.get_state()
    assert {key: after[key] for key in LAB_NONSENSE} == {key: before[key] for key in LAB_NONSENSE}


def test_a_comparison_shows_what_each_method_has_come_to():
    methods = {"one": toys.method(steps=3), "two": toys.method(steps=5)}
    comparison = cx.compare(toys.image(), methods, classifier=toys.classifier())
    assert (comparison.playing, comparison.steps_done) == (False, {})
    comparison.playing = True
    comparison.wait(60)
    assert (comparison.playing, comparison.steps_done) == (False, {"one": 3, "two": 5})
    reached = comparison.explanations
    for name in ("probability", "share_kept"):
        assert getattr(comparison, name) == {label: getattr(one, name) for label, one in reached.items()}
    assert comparison.class_kept == {label: one.outcome.kept for label, one in reached.items()}
    assert comparison.snapshot["picture"].startswith("data:image/")
    comparison.explored = "two"
    assert comparison.explorer is not None
    comparison.explored = None
    assert comparison.explorer is None
    page = WidgetPage(comparison)
    comparison.set_state({"explored": "three"})
    assert page.errors == ["label='three' must be one of 'one', 'two'"]
    comparison.reset()
    assert comparison.steps_done == {}
    comparison.close()


def test_a_replay_follows_its_frame():
    recording = cx.record(
        toys.image(), classifier=toys.classifier(), method=toys.method(steps=6), every=2, progress=False
    )
    played = cx.replay(recording)
    assert played.frame == len(recording.frames) - 1
    assert played.steps_done == 6
    played.set_state({"frame": 1})
    outcome = recording.outcome(1)
    assert (played.frame, played.steps_done) == (1, recording.frames[1].step)
    assert (played.probability, played.share_kept) == (outcome.probability, outcome.share_kept)
    for nonsense in ({"frame": 99}, {"frame": "first"}, {"band": "h99"}, {"playing": 1}, {"steps_done": 3}):
        page = WidgetPage(played)
        played.set_state(nonsense)
        assert len(page.errors) == 1
        assert (played.frame, played.band, played.playing, played.steps_done) == (
            1,
            None,
            False,
            recording.frames[1].step,
        )
    assert played.snapshot["summary"] == recording.summary()
    played.close()
