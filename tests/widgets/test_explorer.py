"""The explorer from Python, without a page: its settings, its messages, what it does with what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import toys
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets.images import ImageError
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.widgets.shared.uploads import Upload


@pytest.fixture
def explore():
    """Make explorers of the toy classifier."""

    def make(image=None, **settings):
        settings = {"classifier": toys.classifier(), "method": toys.method(), **settings}
        return cx.explore(toys.image() if image is None else image, **settings)

    with with_pages(make) as explore:
        yield explore


@pytest.mark.parametrize("make", [cx.methods.cartoonx, cx.methods.cartoonx_interactive])
def test_the_method_given_is_the_one_that_runs(explore, make):
    explorer = explore(method=make())
    assert explorer.method == make()
    explorer.page.send(type="ready")
    setup, settings = explorer.page.contents[:2]
    assert setup["methods"][settings["method"]] == make().name
    assert len(setup["methods"]) == len(set(setup["methods"])) == len(PRESETS)


def test_what_is_refused_is_said_and_changes_nothing(explore):
    explorer = explore()
    before = explorer.method, explorer.target, explorer.lambda_l1, explorer.recording.frames
    for message in (
        {"type": "setting", "path": "lambda_l1", "value": -1},
        {"type": "setting", "path": "lambda_l1", "value": float("nan")},
        {"type": "setting", "path": "lambda_l1", "value": None},
        {"type": "setting", "path": "lambda_tv", "value": 1},
        {"type": "setting", "path": "learning_rate", "value": 0},
        {"type": "setting", "path": "representation.levels", "value": 50},
        {"type": "setting", "path": "representation.wavelet", "value": "db0"},
        {"type": "setting", "path": "representation", "value": "curvelets"},
        {"type": "setting", "path": "mask", "value": "smooth"},
        {"type": "setting", "path": "steps", "value": 2.5},
        {"type": "setting", "path": "name", "value": "mine"},
        {"type": "target", "index": 99, "versus": None},
        {"type": "target", "index": 1, "versus": 1},
        {"type": "target", "index": 1, "versus": 99},
        {"type": "photograph", "name": "/etc/hostname"},
        {"type": "method", "index": 99},
        {"type": "band", "index": 99, "frame": None},
        {"type": "no such message"},
    ):
        assert explorer.page.send(**message) == ["error", "settings"]
    assert (explorer.method, explorer.target, explorer.lambda_l1, explorer.recording.frames) == before
    explorer.step()
    assert explorer.wait(30)
    assert len(explorer.recording.frames) == 2


def test_the_scores_of_the_frames_so_far_are_sent_when_they_are_asked_for(explore):
    explorer = explore()
    page = explorer.page
    assert page.ask(type="scores")["scores"]["steps"] == [0]
    for _ in range(2):
        explorer.step()
        assert explorer.wait(30)
    sent = page.ask(type="scores")
    assert list(sent) == ["scores"]
    found = explorer.recording.scores(frames=24)
    assert sent["scores"]["steps"] == found["step"].tolist()
    for name, values in sent["scores"]["values"].items():
        known = [np.nan if value is None else value for value in values]
        np.testing.assert_allclose(known, found[name], rtol=1e-3)


def test_why_this_class_and_not_that_one(explore):
    """A pair from the page or from Python begins again; the page still offers all classes of the classifier."""
    explorer = explore()
    page = explorer.page
    page.send(type="target", index=3, versus=1)
    assert explorer.target == "class 3 and not class 1"
    explorer.step()
    assert explorer.wait(30)
    assert explorer.explanation.summary.startswith("class 3 and not class 1 is ")
    sent = page.ask(type="ready")
    assert len(sent["setup"]["labels"]) == 5
    assert len(sent["setup"]["top"]) == 5
    assert (sent["settings"]["target"], sent["settings"]["versus"]) == (3, 1)
    page.send(type="setting", path="steps", value=9)  # which begins again
    assert explorer.target == "class 3 and not class 1"
    assert explorer.copy().target == "class 3 and not class 1"
    explorer.show(toys.image(3))
    assert "and not" not in explorer.target
    explorer.target = (0, "class 2")
    assert explorer.target == "class 0 and not class 2"
    explorer.target = 4
    assert explorer.target == "class 4"


def test_a_score_is_explained_by_its_name(explore):
    explorer = explore()

    def low(logits):
        return logits[:, :2].logsumexp(1) - logits[:, 2:].logsumexp(1)

    explorer.target = low
    assert explorer.target == "low"
    sent = explorer.page.ask(type="ready")
    assert (sent["settings"]["target"], sent["settings"]["asked"]) == (None, "low")
    with pytest.raises(ValueError, match="names one class twice"):
        explorer.target = (1, 1)
    assert explorer.target == "low"


def test_a_photograph_that_the_classifier_fails_on_leaves_the_run_as_it_is(explore):
    explorer = explore()
    explorer.step()
    explorer.wait(30)
    frames = explorer.recording.frames
    with pytest.raises(ImageError, match="16"):
        explorer.show(toys.image()[..., :8, :8])
    assert explorer.recording.frames == frames
    assert explorer.page.send(type="frame", index=0) == ["frame"]


def test_settings_move_while_it_runs_and_survive_a_reset(explore):
    explorer = explore()
    explorer.lambda_l1 = 7
    explorer.learning_rate = 0.25
    explorer.reset()
    assert (explorer.lambda_l1, explorer.learning_rate) == (7, 0.25)
    explorer.target = 1
    assert explorer.target == explorer._question.classifier.labels[1]
    explorer.method = toys.method(lambda_l1=3.0)
    assert explorer.lambda_l1 == 3


def test_a_price_is_steered_and_anything_else_begins_again(explore):
    explorer = explore()
    explorer.step()
    explorer.wait(30)
    assert explorer.page.send(type="setting", path="lambda_spatial_l1", value=3) == ["settings"]
    assert explorer.lambda_spatial_l1 == 3
    assert len(explorer.recording.frames) == 2
    assert "setup" in explorer.page.send(type="setting", path="samples", value=3.0)
    assert explorer.method.samples == 3
    assert explorer.lambda_spatial_l1 == 3
    assert explorer.recording.frames[0].step == 0
    assert len(explorer.recording.frames) == 1


def test_a_changed_preset_says_so_and_comes_back(explore):
    explorer = explore(method=cx.methods.waveletx(representation=cx.representations.Wavelet("haar", levels=2)))
    given = explorer.method
    explorer.page.send(type="setting", path="representation.levels", value=3)
    assert explorer.method.name == "WaveletX, changed"
    assert explorer.method.representation.levels == 3
    explorer.page.send(type="setting", path="representation.levels", value=2)
    assert explorer.method == given
    explorer.page.send(type="setting", path="lambda_l1", value=7)
    index = explorer.page.contents[-1]["method"]
    explorer.page.send(type="method", index=index)
    assert explorer.method == given


def test_a_method_that_does_not_fit_is_not_offered_again(explore):
    explorer = explore()
    explorer.page.send(type="ready")
    before = explorer.page.contents[0]["methods"]
    with pytest.raises(ValueError, match="levels=50"):
        explorer.method = toys.method(representation=cx.representations.Wavelet(levels=50))
    for price in (2.0, 3.0, 4.0):
        explorer.method = toys.method(lambda_l1=price)
    explorer.page.send(type="ready")
    assert explorer.page.contents[0]["methods"] == before
    assert len(before) == len(PRESETS) + 1


class Brightest:
    """A distortion of a user's own, and no dataclass."""

    def __call__(self, original, obfuscated, targets):
        return 1 - obfuscated.softmax(-1).amax(-1)


def test_parts_and_numbers_of_ones_own(explore):
    method = toys.method(lambda_l1=np.float32(3)).replace(distortion=Brightest())
    explorer = explore(method=method)
    assert "settings" in explorer.page.send(type="ready")
    shown = {shown["path"]: shown["value"] for shown in explorer.page.contents[1]["settings"]}
    assert shown["distortion"] == "Brightest"
    json.dumps(explorer.page.contents)
    explorer.lambda_l1 = np.float64(5)
    json.dumps(explorer.page.contents)
    explorer.page.send(type="setting", path="distortion", value="KL divergence")
    explorer.page.send(type="setting", path="distortion", value="Brightest")  # back to the preset's own
    assert explorer.method == method.replace(lambda_l1=5.0, name="CartoonX, changed")


def test_a_setting_changed_while_it_plays_goes_on_playing(explore):
    explorer = explore(method=toys.method(steps=2000))
    explorer.play()
    explorer.page.send(type="setting", path="representation", value="pixels")
    assert explorer.playing
    explorer.step()  # which pauses it
    assert explorer.wait(30)
    assert explorer.recording.frames[-1].step > 0
    assert [band.name for band in explorer.explanation.transform.bands] == ["pixels"]


def test_an_explorer_made_and_used_within_inference_mode(explore):
    with torch.inference_mode():
        explorer = explore()
        explorer.target = 2
    explorer.step()
    assert explorer.wait(30)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_plays_and_tells_its_bands(explore, name):
    explorer = explore(target=1)
    small = {"wavelets": cx.representations.Wavelet(levels=2), "shearlets": cx.representations.Shearlet(scales=1)}
    method = PRESETS[name]().replace(steps=2, samples=2)
    if type(method.representation) is not cx.representations.Pixel:
        kind = "shearlets" if name == "shearletx" else "wavelets"
        method = method.replace(representation=small[kind])
    explorer.method = method
    explorer.play()
    assert explorer.wait(60)
    assert explorer.recording.frames[-1].step == 2
    explorer.page.send(type="ready")
    setup = next(content for content in explorer.page.contents if content["type"] == "setup")
    frame = next(content for content in explorer.page.contents if content["type"] == "frame")
    assert setup["curves"][0] == "distortion"
    assert setup["curves"][-1] == "loss"
    assert len(setup["bands"]) == len(explorer.explanation.transform.bands)
    assert 0 <= frame["share"] <= 1
    assert explorer.explanation.summary


def test_what_init_refuses_leaves_no_trouble_behind(recwarn):
    with pytest.raises(ImageError):
        cx.explore("nowhere.jpg", classifier=toys.classifier())
    with pytest.raises(TypeError, match="method"):
        cx.explore(toys.image(), classifier=toys.classifier(), method="cartoonx")
    assert not [warning for warning in recwarn if "unraisable" in str(warning.category).lower()]


def test_a_file_that_is_too_large_is_refused_once():
    upload = Upload()
    part = bytes(32_000_000)
    assert upload.add(part, key=1, index=0, count=4) is None
    assert upload.add(part, key=1, index=1, count=4) is None
    with pytest.raises(ImageError, match="64 MB"):
        upload.add(part, key=1, index=2, count=4)
    assert upload.add(part, key=1, index=3, count=4) is None
    assert upload.add(b"next", key=2, index=0, count=1) == b"next"


def test_parts_of_a_file_may_overtake_each_other_and_another_file_may_cut_in():
    upload = Upload()
    assert upload.add(b"old", key=1, index=1, count=2) is None
    for index in (2, 0):
        assert upload.add(b"abc"[index : index + 1], key=2, index=index, count=3) is None
    assert upload.add(b"b", key=2, index=1, count=3) == b"abc"
    with pytest.raises(ValueError, match="index=3"):
        upload.add(b"", key=3, index=3, count=3)


def test_a_copy_goes_on_by_itself(explore):
    explorer = explore(language="de")
    explorer.step()
    explorer.wait()
    copied = explorer.copy()
    try:
        assert copied.texts == explorer.texts
        assert (copied.photograph, copied.target, copied.steps_done) == (explorer.photograph, explorer.target, 1)
        assert torch.equal(copied.explanation.mask, explorer.explanation.mask)
        copied.step()
        copied.wait()
        assert (copied.steps_done, explorer.steps_done) == (2, 1)
        assert len(copied.recording.frames) == len(explorer.recording.frames) + 1
    finally:
        copied.close()


@pytest.mark.parametrize("seed", [1.5, "a", None, True, -1, 2**64])
def test_a_seed_out_of_range(seed):
    with pytest.raises(ValueError, match="seed="):
        cx.explain(toys.image(), classifier=toys.classifier(), method=toys.method(), seed=seed)


@pytest.mark.parametrize("error", [None, LookupError("no such layer")], ids=["nan", "raises"])
def test_a_failure_leaves_what_was_recorded(explore, tmp_path, error):
    switch = toys.Switch()
    classifier = cx.Classifier(toys.Breaking(switch, error=error), size=toys.SIDE, device="cpu")
    explorer = explore(classifier=classifier)
    for _ in range(3):
        explorer.step()
        explorer.wait()
    switch.on = True
    explorer.step()
    with pytest.raises((cx.ClassifierError, LookupError)):
        explorer.wait()
    kept = explorer.recording
    assert [frame.step for frame in kept.frames] == [0, 1, 2, 3]
    assert all(len(values) == 3 and np.isfinite(values).all() for values in kept.curves.values())
    kept.save(tmp_path / "run.cxr")
    assert len(cx.Recording.load(tmp_path / "run.cxr").frames) == 4
    kept.to_html(tmp_path / "run.html", progress=False)
