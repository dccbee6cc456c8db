"""What the page of results is made of: records as columns, pictures of those that matter, texts of strangers."""

from __future__ import annotations

import base64
import json
import re
import shutil

import numpy as np
import pytest
import toys
from widget_page import WidgetPage

import cartoonx_widgets as cx

pytest.importorskip("pyarrow", reason="studies need the [study] extra")

import pyarrow.parquet as pq

from cartoonx_widgets.studies import Results, records
from cartoonx_widgets.widgets.results import content as results_content
from cartoonx_widgets.widgets.results.content import RANKED_BY, Content

HOSTILE = "</script><b>cup</b>"
METHODS = {"one": toys.method(steps=3), "two": toys.small("pixel_mask")}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    source = toys.photographs(folder / "photographs", 5)
    (source / "broken.png").write_text("no picture", "utf-8")
    labels = [f"{letter} {HOSTILE}" for letter in "abcde"]
    classifier = toys.classifier(labels=labels)
    return cx.study(
        source, METHODS, out=folder / "out", seeds=[0, 7], classifier=classifier, batch_size=2, progress=False
    )


def numbers(text, kind):
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def test_columns_say_what_the_records_say(results):
    content = Content(results).as_json()
    rows = results.rows()
    assert content["count"] == len(rows) == 6 * 2 * 2
    for column, listed in (("photograph", "photographs"), ("method", "methods"), ("label", "classes")):
        indices = numbers(content["columns"][column], "<u4")
        assert [content[listed][index] for index in indices] == [row[column] for row in rows]
    for name, text in content["numbers"].items():
        np.testing.assert_allclose(numbers(text, "<f4"), [row[name] for row in rows], rtol=1e-6)
    state = numbers(content["columns"]["state"], "<u1")
    assert [bool(value & 1) for value in state] == [row["class_kept"] for row in rows]
    assert [bool(value & 4) for value in state] == [bool(row["error"]) for row in rows]


def test_profiles_are_the_means_of_the_records(results):
    found = Content(results).as_json()["profiles"]
    rows = [row for row in results.rows() if not row["error"]]
    assert [one["scales"] for one in found] == [3, 1]  # two levels and the lowpass; pixels
    for name, one in zip(METHODS, found, strict=True):
        for measure in ("mask", "energy"):
            means = np.mean([row[f"profile_{measure}"] for row in rows if row["method"] == name], axis=0)
            np.testing.assert_allclose(one["all"][measure], means, rtol=1e-3)
            assert sum(one["all"][measure]) == pytest.approx(1, abs=1e-3)
        # Nobody has said of which class the photographs are.
        assert (one["all"]["count"], one["right"]["count"], one["wrong"]["count"]) == (10, 0, 0)


def test_profiles_of_right_and_wrong_decisions_where_classes_came_with_the_photographs(tmp_path):
    pictures = [toys.image(seed) for seed in range(4)]
    classifier = toys.classifier()
    own = [int(classifier.probabilities(picture)[0].argmax()) for picture in pictures]
    given = [*own[:3], (own[3] + 1) % toys.N_CLASSES]
    results = cx.study(
        list(zip(pictures, given, strict=True)),
        {"one": METHODS["one"]},
        out=tmp_path,
        classifier=classifier,
        use_labels=True,
        progress=False,
    )
    rows = results.rows()
    assert [row["target"] for row in rows] == given
    assert [row["predicted"] for row in rows] == own
    assert [row["predicted_label"] for row in rows] == [classifier.labels[index] for index in own]
    [found] = Content(results).as_json()["profiles"]
    assert (found["right"]["count"], found["wrong"]["count"]) == (3, 1)
    np.testing.assert_allclose(found["wrong"]["mask"], rows[3]["profile_mask"], rtol=1e-3)
    np.testing.assert_allclose(found["right"]["mask"], np.mean([row["profile_mask"] for row in rows[:3]], 0), rtol=1e-3)


def test_studies_without_profiles_have_a_page(results, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(results.folder, folder)
    for path in (folder / "records").iterdir():
        table = pq.read_table(path).drop_columns(list(records._ADDED))
        pq.write_table(table.rename_columns([records._BEFORE.get(name, name) for name in table.column_names]), path)
    old = Results(folder)
    assert {row["predicted"] for row in old.rows()} == {-1}
    none = {"count": 0, "mask": [], "energy": []}
    assert Content(old).as_json()["profiles"] == [{"scales": 0, "all": none, "right": none, "wrong": none}] * 2


def test_the_best_and_the_worst_have_their_pictures_before_all_others(results, monkeypatch):
    everything = Content(results).as_json()["pictures"]
    rows = results.rows()
    assert len(everything["cartoons"]) == sum(not row["error"] for row in rows)
    assert set(everything["photographs"]) == {
        index for index, name in enumerate(Content(results).photographs) if name != "broken.png"
    }
    pictures = results.table(pictures=True).to_pylist()
    for record, text in everything["cartoons"].items():
        assert base64.b64decode(text) == pictures[record]["cartoon_thumbnail"]
    # With room for few, the first of each ranking are among them.
    monkeypatch.setattr(results_content, "SHOWN", 1)
    content = Content(results)
    ranked = list(dict.fromkeys(content._ranked()))
    assert len(ranked) <= 2 * 2 * len(RANKED_BY)
    room = sum(len(pictures[record]["cartoon_thumbnail"] + pictures[record]["thumbnail"]) for record in ranked)
    monkeypatch.setattr(results_content, "_PICTURE_BYTES", room)
    assert set(ranked) <= set(Content(results).as_json()["pictures"]["cartoons"])
    sound = {index: row for index, row in enumerate(rows) if row["method"] == "two" and not row["error"]}
    assert max(sound, key=lambda index: sound[index]["sparsity"]) in ranked


def test_pictures_of_one_photograph(results):
    content = Content(results)
    found = content.pictures_of(content.photographs.index("3.png"))
    assert len(found["photographs"]) == 1
    assert len(found["cartoons"]) == 2 * 2
    assert content.pictures_of(content.photographs.index("broken.png")) == {"photographs": {}, "cartoons": {}}


def test_the_same_error_of_one_photograph_is_listed_once(results):
    errors = Content(results).as_json()["errors"]
    assert (errors["count"], errors["kinds"]) == (4, 1)
    [[photograph, methods, message]] = errors["listed"]
    assert (Content(results).photographs[photograph], methods) == ("broken.png", [0, 1])
    assert message == results.errors()["broken.png"]


def test_a_page_holds_its_content_and_nothing_of_it_ends_a_script(results, tmp_path):
    results.to_html(tmp_path / "page.html", expected=100)
    text = (tmp_path / "page.html").read_text("utf-8")
    held = re.search(r'<script type="application/json" id="content">(.*?)</script>', text, re.DOTALL)
    content = json.loads(held.group(1))
    assert any(HOSTILE in label for label in content["classes"])
    assert (content["count"], content["expected"]) == (24, 100)
    assert HOSTILE not in text
    assert "<script src=" not in text
    with pytest.raises(ValueError, match="language='xx'"):
        results.to_html(tmp_path / "page.html", language="xx")
    assert (tmp_path / "page.html").read_text("utf-8") == text


def test_a_study_without_records_has_a_page(tmp_path):
    source = toys.photographs(tmp_path / "photographs", 1)
    results = cx.study(source, METHODS, out=tmp_path / "out", classifier=toys.classifier(), progress=False)
    for path in (tmp_path / "out" / "records").iterdir():
        path.unlink()
    assert len(Results(tmp_path / "out")) == 0
    results.to_html(tmp_path / "page.html")
    assert Content(results).as_json()["count"] == 0


def test_a_record_takes_about_a_hundred_bytes(results):
    content = Content(results).as_json()
    size = sum(map(len, [*content["columns"].values(), *content["numbers"].values()]))
    assert size / content["count"] < 150


def test_the_widget_answers_its_page(results):
    view = results.show()
    page = WidgetPage(view)
    for message, answer in (({"type": "ready"}, "results"), ({"type": "pictures", "photograph": 0}, "pictures")):
        assert page.send(**message) == [answer]
        json.dumps(page.contents)
    assert page.send(type="pictures", photograph=999) == ["error"]
    assert page.errors[0].startswith("photograph=999 must be a whole number from 0 to ")
    assert view._repr_mimebundle_()[0]["text/plain"] == repr(results)
    view.close()
    with pytest.raises(ValueError, match="language='xx'"):
        results.show(language="xx")
    assert len(records.done(results.folder)) == 3 * 2 * 2
