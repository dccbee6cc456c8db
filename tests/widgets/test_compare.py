"""The comparison from Python, without a page: its runs, its table, its files, and what it does with what goes wrong."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import sys
from xml.etree import ElementTree as ET

import pytest
import torch
import toys
from PIL import Image
from torch import nn
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.images import ImageError
from cartoonx_widgets.widgets.compare.table import COLUMNS

HOSTILE = "</script><img src=x onerror=alert(1)><b>&amp;\x00\"'"


def heat(image=None, *, classifier, target):
    """A heat map as a user's own function makes it."""
    return baselines.from_heat_map(
        torch.linspace(0, 1, 32).expand(32, 32), "ramp", image, classifier=classifier, target=target
    )


METHODS = {
    "wavelets": toys.method(),
    "pixels": toys.small("pixel_mask"),
    "ramp": heat,
}


@pytest.fixture
def compare():
    """Make comparisons by a toy classifier."""

    def make(methods=METHODS, *, image=None, module=None, labels=None, **settings):
        classifier = toys.classifier(module, labels=labels)
        picture = toys.image() if image is None else image
        return cx.compare(picture, methods, classifier=classifier, **settings)

    with with_pages(make) as compare:
        yield compare


def test_all_run_together_to_their_ends(compare):
    one = compare()
    assert one.labels == ("wavelets", "pixels", "ramp")
    assert one.explanations == {}
    assert one.table() == []
    one.play()
    assert one.wait(60)
    assert not one.playing
    assert list(one.explanations) == list(one.labels)
    assert [explanation.steps_done for explanation in one.explanations.values()] == [6, 5, 0]
    assert one.errors == {}
    kinds = [content["type"] for content in one.page.contents]
    assert kinds.count("result") == 3


def test_a_run_beside_others_is_the_run_alone(compare):
    one = compare(seed=3)
    one.play()
    one.wait(60)
    alone = cx.explain(toys.image(), classifier=toys.classifier(), method=METHODS["wavelets"], seed=3, progress=False)
    assert torch.equal(one.explanations["wavelets"].mask, alone.mask)
    assert one.scores["wavelets"] == scores.compute(alone)


def test_they_take_turns(compare):
    one = compare({"a": toys.method(steps=40), "b": toys.method(steps=40)})
    one.play()
    one.wait(60)
    seen = [content["methods"] for content in one.page.contents if content["type"] == "status"]
    assert all(abs(first["step"] - second["step"]) <= 1 for first, second in seen)


def test_one_by_one_pause_and_reset(compare):
    one = compare({"short": toys.method(steps=3), "long": toys.method(steps=100_000)})
    one.play("short")
    assert one.wait(60)
    assert set(one.explanations) == {"short"}
    one.play("long")
    assert not one.wait(0.05)
    one.pause("long")
    assert one.wait(60)
    steps = one.explanations["long"].steps_done
    assert 0 < steps < 100_000
    assert one.table()[1]["steps_done"] == steps
    one.reset()
    assert one.explanations == {}
    one.play("short")
    one.wait(60)
    assert one.explanations["short"].steps_done == 3


def test_a_reset_while_it_plays_plays_on(compare):
    one = compare({"a": toys.method(steps=100_000), "b": toys.method(steps=2)})
    one.play("a")
    one.reset()
    assert one.playing
    one.pause()
    assert one.wait(60)


def test_the_table_has_a_row_for_each_and_all_columns(compare):
    one = compare()
    one.play()
    one.wait(60)
    rows = one.table()
    assert [row["method"] for row in rows] == list(one.labels)
    for row in rows:
        assert {column.name for column in COLUMNS} <= row.keys()
        assert row["retained_probability"] == one.scores[row["method"]]["retained_probability"]
        assert row["seconds"] > 0
    assert set(scores.compute(one.explanations["ramp"])) <= rows[0].keys()


def test_a_method_that_fails_is_told_apart_and_the_others_go_on(compare):
    def broken(_image, *, classifier, target):
        raise RuntimeError(f"no heat for {target}")

    one = compare({"good": toys.method(), "broken": broken, "wrong": lambda *_, **__: 5})
    one.play()
    with pytest.raises(RuntimeError, match="no heat") as caught:
        one.wait(60)
    assert caught.value.__notes__ == ["(in broken)"]
    assert set(one.errors) == {"broken", "wrong"}
    assert "an Explanation is needed" in str(one.errors["wrong"])
    assert one.explanations["good"].steps_done == 6
    failures = [content for content in one.page.contents if content["type"] == "error"]
    assert {content["index"] for content in failures} == {1, 2}
    assert "no heat for" in failures[0]["details"]
    for form in ("png", "svg", "csv", "html"):
        assert one.page.send(type="export", form=form) == ["file"]


@pytest.mark.parametrize("error", [None, RuntimeError("CUDA out of memory."), MemoryError("too much")])
def test_a_classifier_that_breaks_stops_what_asks_it(compare, error):
    switch = toys.Switch()
    one = compare({"a": toys.method(samples=1), "b": toys.method()}, module=toys.Breaking(switch, error=error))
    switch.on = True
    one.play()
    with pytest.raises(Exception, match="NaN" if error is None else str(error)):
        one.wait(60)
    assert set(one.errors) == {"a", "b"}
    switch.on = False
    one.reset()
    one.play()
    assert one.wait(60)
    assert one.errors == {}


def words_of(svg):
    return [element.text.strip() for element in ET.parse(svg).getroot().findall(".//{*}text") if element.text]


def test_files_can_be_read(compare, tmp_path):
    one = compare()
    one.save(tmp_path / "before.png")
    one.play()
    one.wait(60)
    for form in ("csv", "html"):
        getattr(one, f"to_{form}")(tmp_path / f"all.{form}")
    for form in ("png", "svg", "pdf"):
        one.save(tmp_path / f"all.{form}")
    with Image.open(tmp_path / "all.png") as picture:
        assert picture.width > 2000
        assert len(set(picture.convert("RGB").get_flattened_data())) > 100
    assert {"wavelets", "pixels", "ramp", "Hallucination ↓"} <= set(words_of(tmp_path / "all.svg"))
    assert len(ET.parse(tmp_path / "all.svg").getroot().findall(".//{*}image")) == 1 + 1 + 3 + 3
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"))))
    assert [row["method"] for row in rows] == list(one.labels)
    assert float(rows[0]["cp_l1"]) == pytest.approx(one.scores["wavelets"]["cp_l1"])


def test_the_figures_of_0_5_are_written_with_a_warning(compare, tmp_path):
    one = compare()
    one.save(tmp_path / "new.svg")
    for form in ("svg", "png"):
        with pytest.warns(DeprecationWarning, match=r"is now Compare\.save\(path\)"):
            getattr(one, f"to_{form}")(tmp_path / f"old.{form}")
    assert (tmp_path / "old.svg").read_bytes() == (tmp_path / "new.svg").read_bytes()


def test_without_matplotlib_the_page_is_told_what_to_install(compare, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # an import of it raises
    one = compare()
    one.play()
    one.wait(60)
    assert one.snapshot["picture"].startswith("data:image/")
    for form in ("png", "svg"):
        assert one.page.send(type="export", form=form) == ["error"]
        assert "pip install 'cartoonx-widgets[figures]'" in one.page.errors[-1]
    assert one.page.send(type="export", form="html") == ["file"]


def test_the_table_as_a_data_frame(compare):
    one = compare()
    assert one.to_dataframe().empty
    one.play()
    one.wait(60)
    frame = one.to_dataframe()
    assert list(frame["method"]) == list(one.labels)
    assert frame.to_dict("records") == one.table()


def test_the_page_needs_nothing_else(compare, tmp_path):
    one = compare()
    one.play()
    one.wait(60)
    one.to_html(tmp_path / "all.html")
    text = (tmp_path / "all.html").read_text("utf-8")
    assert 'id="plotly"' not in text
    assert len(text) < 1_000_000
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    held = json.loads(re.search(r'id="messages">(.*?)</script>', text, re.DOTALL)[1])
    assert [message["content"]["type"] for message in held] == ["setup", "result", "result", "result", "status"]
    assert not held[0]["content"]["live"]


def test_labels_of_strangers_are_text(compare, tmp_path):
    methods = {HOSTILE: toys.method(), "=1+1": heat}
    one = compare(methods, labels=[HOSTILE, "b", "c", "d", "e"], target=0)
    one.play()
    one.wait(60)
    for form in ("csv", "html"):
        getattr(one, f"to_{form}")(tmp_path / f"all.{form}")
    one.save(tmp_path / "all.svg")
    svg = ET.parse(tmp_path / "all.svg").getroot()
    assert any(word.startswith("</") for word in words_of(tmp_path / "all.svg"))
    assert any("onerror" in (element.text or "") for element in svg.findall(".//{*}title"))
    assert not svg.findall(".//{*}script")
    page = (tmp_path / "all.html").read_text("utf-8")
    assert "<img src=x" not in page
    assert page.count("</script>") == 3
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"), newline="")))
    assert rows[0]["method"] == HOSTILE
    assert rows[1]["method"] == "'=1+1"


def test_a_file_is_written_whole_or_not_at_all(compare, tmp_path):
    one = compare()
    with pytest.raises(FileNotFoundError, match="the folder"):
        one.to_csv(tmp_path / "nowhere" / "all.csv")
    (tmp_path / "all.csv").write_text("old", "utf-8")
    one.to_csv(tmp_path / "all.csv")
    assert (tmp_path / "all.csv").read_text("utf-8").startswith("method,")


def test_the_explorer_opens_with_method_photograph_and_class(compare):
    one = compare(target=2)
    explorer = one.explore("wavelets")
    assert explorer.method == METHODS["wavelets"]
    assert explorer.target == "class 2"
    assert explorer.explanation.steps_done == 0
    assert one.explore("wavelets") is explorer
    one.play()
    one.wait(60)
    with pytest.raises(ValueError, match="label='wavelet' must be one of 'wavelets', 'pixels', 'ramp'"):
        one.explore("wavelet")
    pixels = one.explore("pixels")
    assert pixels is one.explorer
    assert explorer.comm is None  # the one before is closed
    assert torch.equal(pixels.explanation.mask, one.explanations["pixels"].mask)
    assert pixels.explanation.steps_done == 5
    pixels.step()
    pixels.wait()
    assert pixels.explanation.steps_done == 6
    assert one.explanations["pixels"].steps_done == 5
    assert one.table()[1]["steps_done"] == 5
    ramp = one.explore("ramp")
    torch.testing.assert_close(ramp.explanation.mask, one.explanations["ramp"].mask)
    one.close_explorer()
    assert one.explorer is None
    again = one.explore("pixels")
    # The run that ended went with the first explorer; what it ended in is still there.
    assert again.explanation.steps_done == 0
    assert torch.equal(again.explanation.mask, one.explanations["pixels"].mask)
    one.reset()
    one.play("pixels")
    assert one.wait(60)


def test_a_heat_map_that_was_not_made_cannot_be_opened(compare):
    with pytest.raises(ValueError, match="ramp has not been run: play it first"):
        compare().explore("ramp")


def test_a_page_that_comes_late_is_told_everything(compare):
    one = compare()
    assert one.page.send(type="ready") == ["setup", "status", "explorer"]
    one.play()
    one.wait(60)
    assert one.page.send(type="ready") == ["setup", "result", "result", "result", "status", "explorer"]
    (setup, [photograph]), (result, buffers) = one.page.messages[:2]
    assert setup["methods"][0] | {"color": "", "dash": ""} == {
        "label": "wavelets",
        "optimised": True,
        "steps": 6,
        "color": "",
        "dash": "",
    }
    assert Image.open(io.BytesIO(photograph)).size == (32, 32)
    assert [Image.open(io.BytesIO(data)).format for data in buffers[:3]] == ["JPEG", "JPEG", "PNG"]
    assert len(buffers[3]) == 2 * 6 * 4
    profiles = {label: scores.scale_profile(found) for label, found in one.explanations.items()}
    for content in one.page.contents[1:4]:
        shares = profiles[one.labels[content["index"]]]
        assert content["profile"]["mask"] == [share.mask for share in shares]
        assert content["profile"]["energy"] == [share.energy for share in shares]
    json.dumps([setup, result], allow_nan=False)


def test_what_a_page_asks_for_in_vain_is_said(compare):
    one = compare()
    for message in (
        {"type": "open", "index": 9},
        {"type": "open", "index": 2},
        {"type": "play", "index": 9},
        {"type": "export", "form": "exe"},
        {"type": "export", "form": "../x"},
        {"type": "nothing like that"},
        {"type": "play"},
    ):
        assert one.page.send(**message)[-1] == "error", message


def test_what_cannot_be_compared_is_refused(compare):
    cases = [
        ([toys.method()], ValueError, "methods has 1 entries; from 2 to 6"),
        ([toys.method()] * 7, ValueError, "methods has 7 entries"),
        (
            ["cartoonx", "cartonx_interactive"],
            ValueError,
            r"methods\[1\]='cartonx_interactive'.*did you mean 'cartoonx_interactive'",
        ),
        ([toys.method(), 5], TypeError, r"methods\[1\]=5 must be a Method"),
        ("cartoonx", TypeError, "methods='cartoonx' must be a list"),
        ({"": toys.method(), "b": toys.method()}, ValueError, "label ''"),
        ({1: toys.method(), "b": toys.method()}, ValueError, "label 1"),
    ]
    for methods, kind, message in cases:
        with pytest.raises(kind, match=message):
            compare(methods)
    with pytest.raises(ValueError, match="does not fit") as caught:
        compare({"bad": toys.method(lambda_l1=1.0).replace(lambda_tv=1.0), "b": toys.method()})
    assert caught.value.__notes__ == ["(in bad)"]
    with pytest.raises(ValueError, match="language='xx'"):
        compare(language="xx")
    with pytest.raises(ValueError, match="target='spoon'"):
        compare(target="spoon")
    with pytest.raises(ImageError, match="16"):
        compare(image=torch.zeros(3, 4, 4))
    with pytest.raises(TypeError, match=r"must be a cartoonx_widgets\.Classifier"):
        cx.compare(toys.image(), classifier=toys.Toy())


def test_labels_that_nobody_gave(compare):
    interactive, published = toys.small("cartoonx_interactive"), toys.small("cartoonx")
    assert compare([interactive, toys.small("waveletx_interactive")]).labels == ("CartoonX", "WaveletX")
    both = compare([interactive, published, published])
    assert both.labels == ("CartoonX, interactive", "CartoonX", "CartoonX (2)")
    if baselines.installed():
        partial = functools.partial(baselines.occlusion, window=4)
        assert compare([interactive, partial, heat]).labels == ("CartoonX", "Occlusion", "heat")


def test_functions_of_methods_are_taken_too(compare):
    one = compare([cx.methods.cartoonx_interactive, "pixel_mask"])
    assert one.labels == ("CartoonX", "Pixel mask")


def test_the_default_methods_finish(compare):
    module = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 3))
    one = compare(None, module=module)
    one.play()
    assert one.wait(120) is True
    assert set(one.explanations) == {
        "CartoonX",
        "WaveletX",
        "Pixel mask",
        *(["Grad-CAM"] if baselines.installed() else []),
    }


def test_a_closed_comparison_says_so(compare):
    one = compare()
    one.close()
    with pytest.raises(RuntimeError, match="closed"):
        one.play()
    with pytest.raises(ValueError, match="label='x'"):
        one.pause("x")


def test_a_saved_notebook_says_what_it_was(compare):
    bundle = compare()._repr_mimebundle_()[0]
    assert bundle["text/plain"].startswith("A comparison of wavelets, pixels, ramp on 'own photograph'")
