"""Recordings and studies that older versions have written: they load, show what they showed, and can be gone on with.

`tests/golden/README.md` says how they were made.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from paths import TESTS

import cartoonx_widgets as cx

pytest.importorskip("pyarrow", reason="studies need the [study] extra")

from golden.make import MASKS, METHODS, PHOTOGRAPHS, mask_of, recording_figures, study_figures

GOLDEN = TESTS / "golden"
RECORDINGS = sorted(GOLDEN.glob("*/*.cxr"))
RENAMED = {"probability": "probability_before", "cartoon_probability": "probability", "steps": "steps_done"}
STUDIES = sorted(path.parent for path in GOLDEN.glob("*/study/study.json"))


def as_before(method):
    """A method with the settings that version 0.5.0 had by itself."""
    if method.acceleration is None:
        return method
    return method.replace(clean_fraction=0.25, acceleration=cx.masking.Acceleration(antithetic=False))


def short(path):
    """What a file or folder is called in the tests, by its version."""
    return str(path.relative_to(GOLDEN))


def figures(path):
    """What its own version read back from a file or folder."""
    held = json.loads((path.parent / "figures.json").read_text("utf-8"))
    return held["recordings"][path.stem] if path.suffix else held["study"]


def flat(value, name=""):
    """Each number and text of nested JSON, by the way to it; numbers that are no whole ones approximately."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: found for place, entry in pairs for key, found in flat(entry, f"{name}/{place}").items()}
    return {name: pytest.approx(value, rel=1e-5, nan_ok=True) if isinstance(value, float) else value}


def columns_of(found, held):
    """The records' columns that their own version knew, by its names: later ones may have more."""
    rows = zip(found["rows"], held["rows"], strict=True)
    return {"rows": [{name: row[RENAMED.get(name, name)] for name in old} for row, old in rows]}


@pytest.fixture
def study(request, tmp_path):
    """A copy of a study that may be written to."""
    return Path(shutil.copytree(request.param, tmp_path / "study"))


of_each_study = pytest.mark.parametrize("study", STUDIES, ids=short, indirect=True)


def test_every_representation_is_among_them():
    names = {"pixel.cxr", "wavelet.cxr", "dual-tree.cxr", "shearlet.cxr"}
    assert {path.name for path in RECORDINGS if path.parent.name == "0.5.0"} == names
    assert GOLDEN / "0.5.0" / "study" in STUDIES


@pytest.mark.parametrize("path", RECORDINGS, ids=short)
def test_a_recording_says_what_it_said(path):
    assert flat(recording_figures(cx.Recording.load(path))) == flat(figures(path))


@pytest.mark.parametrize("path", RECORDINGS, ids=short)
def test_a_recording_has_a_page_and_can_be_saved_again(path, tmp_path):
    recording = cx.Recording.load(path)
    recording.to_html(tmp_path / "replay.html", progress=False)
    page = (tmp_path / "replay.html").read_text("utf-8")
    assert recording.labels[recording.target] in page
    assert recording.method in page
    recording.save(tmp_path / "again.cxr")
    assert flat(recording_figures(cx.Recording.load(tmp_path / "again.cxr"))) == flat(figures(path))


@pytest.mark.parametrize("path", STUDIES, ids=short)
def test_a_study_says_what_it_said(path):
    found, held = study_figures(cx.Results(path)), figures(path)
    assert flat(columns_of(found, held)) == flat(held)
    assert cx.Results(path).errors() == {}


@of_each_study
def test_a_study_has_a_page(study):
    results = cx.Results(study)
    results.to_html(study / "page.html")
    page = (study / "page.html").read_text("utf-8")
    for row in results.rows():
        assert row["label"] in page
        assert row["method"] in page


@of_each_study
def test_a_study_is_gone_on_with(study):
    """What is there stays, what is missing is made again, what is new comes to it."""
    before = {row["mask"]: row for row in study_figures(cx.Results(study))["rows"]}
    (again,) = (study / "records").glob("*waveletx*")
    again.unlink()
    kept = {path: path.read_bytes() for path in (study / "records").iterdir()}
    methods = {name: as_before(method) for name, method in METHODS.items()}
    results = cx.study([*PHOTOGRAPHS, "chelsea"], methods, out=study, save_masks=True, seeds=[3], progress=False)
    assert {path: path.read_bytes() for path in kept} == kept
    after = study_figures(results)["rows"]
    assert [row["error"] for row in after] == [""] * len(after)
    assert {(row["photograph"], row["method"]) for row in after} == {
        (photograph, method) for photograph in (*PHOTOGRAPHS, "chelsea") for method in METHODS
    }
    made_again = {row["photograph"]: row for row in after if row["method"] == "WaveletX"}
    for old in before.values():
        if old["method"] == "WaveletX":
            new = made_again[old["photograph"]]
            for name in ("sha256", "target", "label", "steps_done", "classifier", "class_kept"):
                assert new[name] == old[name]
            assert new["probability_before"] == pytest.approx(old["probability_before"], rel=1e-3)
            assert new["share_kept"] == pytest.approx(old["share_kept"], rel=0.1)


@pytest.mark.parametrize(("preset", "photograph"), MASKS)
def test_the_same_seed_gives_the_same_mask(preset, photograph):
    """Up to rounding: Adam amplifies what another machine, or another order of sums, rounds otherwise, at places."""
    (path,) = GOLDEN.glob("*/masks.npz")
    with np.load(path) as held:
        before = held[f"{preset} {photograph}"]
    assert np.abs(mask_of(preset, photograph, as_before) - before).mean() < 0.01
