"""Recordings: what is kept, their files, and the files of strangers."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import zipfile

import numpy as np
import pytest
import torch
import toys
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.recording import FORMAT_VERSION, deltas
from cartoonx_widgets.recording.file import thinned
from cartoonx_widgets.recording.frame import Frame
from cartoonx_widgets.widgets.run_view import messages as run_messages

HOSTILE = "</script><script>alert(1)</script><b>&\u202e"
REPRESENTATIONS = [
    cx.representations.Wavelet("haar", levels=3, mode="periodization"),
    cx.representations.DualTree(levels=2),
    cx.representations.Shearlet(scales=1, shear_levels=(1,)),
    cx.representations.Pixel(),
]


def recorded(*, photograph=None, every=1, labels=None, **settings):
    """A short run of the toy classifier, recorded."""
    classifier = cx.Classifier(toys.Toy(), labels=labels, size=toys.SIDE, device="cpu")
    return cx.record(toys.image(), classifier=classifier, method=toys.method(**settings), every=every, progress=False)


@pytest.fixture(scope="module")
def recording():
    return recorded(steps=20, learning_rate=0.2)


@pytest.fixture
def saved(recording, tmp_path):
    path = tmp_path / "run.cxr"
    recording.save(path)
    return path


def changed(path, *, drop=(), texts=None, **members):
    """The file with members (bytes) exchanged, left out, or with other values in its JSON."""
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    if texts is not None:
        held["recording.json"] = json.dumps({**json.loads(held["recording.json"]), **texts}).encode()
    held |= {name.replace("_npy", ".npy"): data for name, data in members.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in held.items():
            if name not in drop:
                archive.writestr(name, data)
    return path


def npy(array):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array)
    return buffer.getvalue()


def test_a_run_is_recorded_as_explain_runs_it(recording):
    method = toys.method(steps=20, learning_rate=0.2)
    explanation = cx.explain(toys.image(), classifier=toys.classifier(), method=method, progress=False)
    assert recording.summary() == explanation.summary
    assert [frame.step for frame in recording.frames] == list(range(21))
    torch.testing.assert_close(recording.cartoon(), explanation.cartoon, atol=2 / 255, rtol=0)
    assert recording.curves["loss"] == pytest.approx(explanation.curves["loss"])
    assert recording.settings["lambda_l1"] == method.lambda_l1
    assert recording.settings["representation"] == {
        "kind": "Wavelet", "wavelet": "db2", "levels": 2, "mode": "zero"
    }  # fmt: skip


def test_every_so_many_steps_and_the_last():
    assert [frame.step for frame in recorded(steps=10, every=4).frames] == [0, 4, 8, 10]
    with pytest.raises(ValueError, match=r"every=0 must be a whole number"):
        recorded(every=0)


@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda value: type(value).__name__)
def test_what_is_loaded_shows_the_same(representation, tmp_path):
    first = recorded(representation=representation, labels=["<b>", "ö", "c", "d", HOSTILE])
    first.save(tmp_path / "run.cxr")
    again = cx.Recording.load(tmp_path / "run.cxr")
    assert again.representation == representation
    assert again.summary() == first.summary()
    for name in ("steps", "photograph", "method", "settings", "classifier", "seed", "warning"):
        assert getattr(again, name) == getattr(first, name)
    assert [frame.step for frame in again.frames] == [frame.step for frame in first.frames]
    for place in (0, -1):
        assert np.array_equal(again.frame(place).levels(), first.frame(place).levels())
        torch.testing.assert_close(again.cartoon(place), first.cartoon(place), atol=1e-4, rtol=0)
        torch.testing.assert_close(again.rest(place), first.rest(place), atol=1e-4, rtol=0)
        assert again.outcome(place) == first.outcome(place)
    assert {name: list(values) for name, values in again.curves.items()} == {
        name: list(values.astype(np.float32)) for name, values in first.curves.items()
    }


def test_where_the_rests_were_never_classified_nobody_says_what_they_are(recording, tmp_path):
    """As in files of version 0.5: they are read, shown and written, with the rest's picture and without its class."""
    frames = tuple(dataclasses.replace(frame, probabilities_rest=None) for frame in recording.frames)
    older = dataclasses.replace(recording, frames=frames)
    older.save(tmp_path / "run.cxr")
    again = cx.Recording.load(tmp_path / "run.cxr")
    assert [frame.probabilities_rest for frame in again.frames] == [None] * len(frames)
    assert again.outcome().needed is None
    assert "without them" not in again.summary()
    torch.testing.assert_close(again.rest(), recording.rest(), atol=1e-4, rtol=0)
    again.to_html(tmp_path / "run.html", progress=False)
    assert '"probability_rest": null' in (tmp_path / "run.html").read_text("utf-8")
    again.figure(frames=2)


@pytest.fixture
def seldom(recording):
    """A recording whose rests were classified in some frames, as in a run that is watched."""
    last = len(recording.frames) - 1
    frames = [
        frame if index % 3 == 0 or index == last else dataclasses.replace(frame, probabilities_rest=None)
        for index, frame in enumerate(recording.frames)
    ]
    return dataclasses.replace(recording, frames=tuple(frames))


def test_frames_say_of_their_rest_what_was_last_known(seldom, tmp_path):
    seldom.save(tmp_path / "run.cxr")
    for run in (seldom, cx.Recording.load(tmp_path / "run.cxr")):
        for index, frame in enumerate(run.frames):
            last = index if frame is run.frames[-1] else index - index % 3
            assert run.classified(frame) is run.frames[last]
            told = run_messages.figures(run, frame)
            assert told["rest_step"] == run.frames[last].step
            assert told["probability_rest"] == float(run.frames[last].probabilities_rest[run.target])
            assert (run.outcome(index).probability_rest is None) == (frame.probabilities_rest is None)
    again = cx.Recording.load(tmp_path / "run.cxr")
    for mine, theirs in zip(seldom.frames, again.frames, strict=True):
        assert (mine.probabilities_rest is None) == (theirs.probabilities_rest is None)
    again.to_html(tmp_path / "run.html", progress=False)
    again.figure(frames=3)


def test_scores_over_steps_have_frames_whose_rest_was_classified(seldom):
    found = seldom.scores(frames=4)
    known = {frame.step for frame in seldom.frames if frame.probabilities_rest is not None}
    told = dict(zip(found["step"].tolist(), found["probability_rest"], strict=True))
    assert {seldom.frames[0].step, seldom.frames[-1].step} <= set(told)
    assert 2 <= len(told) <= 4
    for step, probability in told.items():
        assert np.isfinite(probability) == (step in known)


def test_of_many_classes_only_those_shown_are_held(tmp_path):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(48, 5000))
    classifier = cx.Classifier(module, size=toys.SIDE, device="cpu")
    first = cx.record(toys.image(), classifier=classifier, target=4321, method=toys.method(), progress=False)
    first.save(tmp_path / "run.cxr")
    again = cx.Recording.load(tmp_path / "run.cxr")
    assert len(again.labels) < 100
    assert again.labels[again.target] == classifier.labels[4321]
    assert again.summary() == first.summary()


def test_a_representation_of_ones_own_is_refused(tmp_path):
    with pytest.raises(cx.RecordingError, match="Rotated cannot be saved"):
        recorded(representation=toys.Rotated()).save(tmp_path / "run.cxr")
    assert list(tmp_path.iterdir()) == []


def test_two_thousand_steps_of_the_default_size_fit_in_20_mb(tmp_path):
    """Frames of 224 x 224 that change as much from one to the next as those of the published learning rate do."""
    rng = np.random.default_rng(0)
    transform = cx.representations.Wavelet().transform((224, 224))
    n = transform.n_coefficients
    levels = np.full(n, 255.0)
    speed = rng.gamma(0.6, 1.2, n)  # levels a step
    frames = []
    for step in range(2001):
        mask = np.clip(levels.round(), 0, 255).astype(np.uint8)
        frames.append(Frame.of(step=step, levels=mask, probabilities=np.full(3, 1 / 3, np.float32)))
        levels = levels - speed
    recording = cx.Recording(
        image=torch.zeros(3, 224, 224),
        representation=cx.representations.Wavelet(),
        transform=transform,
        coefficients=torch.zeros(3, n),
        labels=("a", "b", "c"),
        probabilities=np.full(3, 1 / 3, np.float32),
        target=0,
        frames=tuple(frames),
        curves={"loss": np.zeros(2000, np.float32)},
        steps=2000,
        photograph="photograph",
        method="method",
        settings={},
        classifier="classifier",
        seed=0,
        warning="",
    )
    recording.save(tmp_path / "run.cxr")
    assert (tmp_path / "run.cxr").stat().st_size < 20e6
    assert len(cx.Recording.load(tmp_path / "run.cxr").frames) == 2001


def test_a_file_that_would_be_too_large_holds_fewer_frames(recording, tmp_path):
    recording.save(tmp_path / "all.cxr")
    size = (tmp_path / "all.cxr").stat().st_size
    recording.save(tmp_path / "some.cxr", megabytes=0.7 * size / 1e6)
    assert (tmp_path / "some.cxr").stat().st_size <= 0.7 * size
    some = cx.Recording.load(tmp_path / "some.cxr")
    steps = [frame.step for frame in some.frames]
    assert 2 <= len(steps) < 21
    assert (steps[0], steps[-1]) == (0, 20)
    assert some.summary() == recording.summary()
    with pytest.raises(cx.RecordingError, match=r"megabytes=0\.001 is too small"):
        recording.save(tmp_path / "none.cxr", megabytes=0.001)
    assert not (tmp_path / "none.cxr").exists()


@given(count=st.integers(1, 40))
def test_thinning_keeps_the_first_and_the_last(count):
    found = list(thinned(tuple(range(count))))
    assert found[0] == tuple(range(count))
    assert all((frames[0], frames[-1]) == (0, count - 1) for frames in found)
    assert len(found[-1]) <= 2
    assert [len(frames) for frames in found] == sorted((len(frames) for frames in found), reverse=True)


@given(masks=st.lists(st.binary(min_size=7, max_size=7), min_size=1, max_size=20))
def test_groups_of_masks_come_back(masks):
    masks = [np.frombuffer(mask, np.uint8) for mask in masks]
    assert np.array_equal(list(deltas.unpacked(deltas.packed(masks), frames=len(masks), n=7)), masks)


def test_a_cut_off_recording(saved):
    whole = saved.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        saved.write_bytes(whole[:size])
        with pytest.raises(cx.RecordingError, match=r"run\.cxr.*(cut off|damaged)"):
            cx.Recording.load(saved)


@pytest.mark.parametrize("place", range(40))
def test_damage_is_found_or_harmless(saved, place):
    """A byte that was changed anywhere: it loads, or says what is wrong, and never fails in another way."""
    data = bytearray(saved.read_bytes())
    data[len(data) * place // 40] ^= 0x5A
    saved.write_bytes(data)
    with contextlib.suppress(cx.RecordingError):
        cx.Recording.load(saved)


def test_a_newer_version(saved):
    changed(saved, texts={"version": FORMAT_VERSION + 1})
    with pytest.raises(cx.RecordingError, match="install a newer cartoonx_widgets"):
        cx.Recording.load(saved)


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ({"format": "something else"}, "no recording"),
        ({"version": 0}, "does not exist"),
        ({"version": "1"}, "does not exist"),
        ({"representation": {"kind": "os.system", "command": "true"}}, "not known here"),
        ({"representation": {"kind": "Wavelet", "wavelet": "db2", "levels": 2, "shell": "true"}}, "not known here"),
        ({"representation": {"kind": "Wavelet", "wavelet": "db2", "levels": 3, "mode": "zero"}}, "does not fit"),
        ({"representation": {"kind": "Wavelet", "levels": 10**9}}, "levels"),
        ({"representation": {"kind": "Shearlet", "scales": 1, "shear_levels": [4]}}, "does not fit"),
        ({"representation": "Wavelet"}, "damaged"),
        ({"coefficients": 10**15}, "coefficients"),
        ({"labels": "all of them"}, "labels"),
        ({"labels": ["one"]}, "probabilities"),
        ({"target": 5}, "target"),
        ({"target": -1}, "target"),
        ({"target": True}, "target"),
        ({"frame_steps": []}, "no frames"),
        ({"frame_steps": list(range(10**6))}, "probabilities|allowed"),
        ({"frame_steps": [0, 2, 1]}, "order"),
        ({"rest_steps": [0, 10**6]}, "no frame's"),
        ({"rest_steps": [True]}, "no frame's"),
        ({"rest_steps": "all"}, "no frame's"),
        ({"rest_steps": [0]}, "probabilities"),
        ({"curves": ["loss"]}, "curves"),
        ({"photograph": {"name": "x"}}, "photograph"),
        ({"steps": 1e300}, "steps"),
        ({"seed": -1}, "seed"),
    ],
)
def test_hostile_values(saved, texts, fault):
    changed(saved, texts=texts)
    with pytest.raises(cx.RecordingError, match=fault):
        cx.Recording.load(saved)


def test_hostile_sizes_and_arrays(saved, recording):
    whole = saved.read_bytes()
    n = recording.transform.n_coefficients
    zeros = np.zeros((3, 32, 32), np.uint16)
    bomb = deltas.packed([np.zeros(n * 1000, np.uint8)] * 16)
    cases = [
        {"image_npy": npy(np.zeros((3, 8, 8), np.uint16))},
        {"image_npy": npy(np.zeros((4, 32, 32), np.uint16))},
        {"image_npy": npy(np.zeros((3, 32, 32), np.float64))},
        {"image_npy": npy(zeros).replace(b"(3, 32, 32), }", b"(3, 999999999, 999999999), }")[: len(npy(zeros))]},
        {"image_npy": b"\x93NUMPY\x01\x00junk"},
        {"image_npy": b"cos\nsystem\n(S'true'\ntR."},
        {"probabilities_npy": npy(np.full((22, len(recording.labels)), np.nan, np.float32))},
        {"groups_npy": npy(np.array([2**62, 5], np.int64))},
        {"groups_npy": npy(np.array([-5, 5], np.int64))},
        {"masks_npy": npy(np.frombuffer(bomb * 2, np.uint8)), "groups_npy": npy(np.array([len(bomb)] * 2))},
        {"drop": ["masks.npy"]},
        {"drop": ["recording.json"]},
        {"../../escaped.npy": b"", "drop": ["image.npy"]},
    ]
    for case in cases:
        saved.write_bytes(whole)
        with pytest.raises(cx.RecordingError):
            cx.Recording.load(changed(saved, **case))
    assert [path.name for path in saved.parent.iterdir()] == ["run.cxr"]


def test_an_object_array_is_never_unpickled(saved, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(cx.RecordingError):
        cx.Recording.load(changed(saved, image_npy=buffer.getvalue()))
    assert not (tmp_path / "sprung").exists()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        cx.Recording.load(tmp_path / "nothing.cxr")


@pytest.mark.parametrize("write", ["save", "to_html", "to_png", "to_gif"])
def test_a_full_disk_leaves_the_old_file_whole(recording, tmp_path, write):
    """A limit of the process stands for the end of the disk: writing beyond it fails in the same way."""
    resource = pytest.importorskip("resource", reason="this system has no such limits")
    path = tmp_path / "run"
    path.write_bytes(b"the old one")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            getattr(recording, write)(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"the old one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_not_there(recording, tmp_path):
    with pytest.raises(FileNotFoundError, match="make it first"):
        recording.save(tmp_path / "no" / "run.cxr")


def test_a_saved_file_has_the_usual_rights(recording, tmp_path):
    recording.save(tmp_path / "run.cxr")
    (tmp_path / "other").write_bytes(b"")
    assert (tmp_path / "run.cxr").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_pictures_for_slides(recording, tmp_path):
    recording.to_png(tmp_path / "last.png")
    recording.to_png(tmp_path / "first.png", frame=0)
    first, last = (np.asarray(Image.open(tmp_path / name)) for name in ("first.png", "last.png"))
    assert first.shape != last.shape or (first != last).any()
    recording.to_gif(tmp_path / "run.gif", seconds=1.5, progress=False)
    with Image.open(tmp_path / "run.gif") as animation:
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(animation)]
        assert animation.width > 900
    assert sum(durations) == pytest.approx(1500 + 2000, abs=100)
    for bad in (0, -1, float("nan"), 1e9, "long"):
        with pytest.raises(ValueError, match="seconds="):
            recording.to_gif(tmp_path / "bad.gif", seconds=bad)
    with pytest.raises(ValueError, match="frame=21 must be one of the 21 frames"):
        recording.to_png(tmp_path / "bad.png", frame=21)
    assert not (tmp_path / "bad.gif").exists()


def test_the_scores_of_frames_are_those_of_explanations(recording):
    found = recording.scores(frames=5)
    assert set(found) == {"step", "probability", *scores.NAMES}
    assert found["step"].tolist() == [0, 5, 10, 15, 20]
    method = toys.method(steps=20, learning_rate=0.2)
    explanation = cx.explain(toys.image(), classifier=toys.classifier(), method=method, progress=False)
    for name, value in scores.compute(explanation).items():
        assert found[name][-1] == pytest.approx(value, rel=0.02, abs=0.01), name  # a frame's mask has 256 levels
    assert found["share_kept"][0] == 1
    assert found["probability"][-1] == pytest.approx(explanation.probability)
    with pytest.raises(ValueError, match="frames=0 must be a whole number"):
        recording.scores(frames=0)
