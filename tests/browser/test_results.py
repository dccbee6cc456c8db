"""A study's page of results: opened from disk without a network, reading itself anew, and as a widget in a notebook."""

from __future__ import annotations

import math
import re

import pytest
import toys
from harness import ResultsPage
from test_replay import HOSTILE
from waiting import eventually, expect, now

import cartoonx_widgets as cx

pytest.importorskip("pyarrow", reason="studies need the [study] extra")

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PIXELS = "<i>pixels</i>"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Eight photographs by two methods; one photograph cannot be read."""
    folder = tmp_path_factory.mktemp("study")
    source = toys.photographs(folder / "photographs", 7)
    (source / "<b>broken.png").write_text("no picture", "utf-8")
    labels = [f"{letter} {HOSTILE} &amp; {{count}}" for letter in "abcde"]
    methods = {HOSTILE: toys.method(steps=3), PIXELS: toys.small("pixel_mask")}
    return cx.study(source, methods, out=folder / "out", classifier=toys.classifier(labels=labels), progress=False)


@pytest.fixture
def opened(results, from_disk, tmp_path):
    """Open the page: its `ResultsPage`, and what went wrong in it."""

    def open_page(*, choices="", clock=False, **settings):
        results.to_html(tmp_path / "results.html", **settings)
        page, wrong = from_disk(tmp_path / "results.html", clock=clock)
        if choices:
            ResultsPage(page)  # which writes its own choices into the address when it is drawn
            page.goto(f"{(tmp_path / 'results.html').as_uri()}#{choices}")
            page.reload()
        return ResultsPage(page), wrong

    return open_page


def test_best_and_worst_are_those_of_the_chosen_score(results, opened):
    page, wrong = opened()
    page.shows(drawn=len(results))
    page.root.get_by_label("Score", exact=True).select_option("cp_l1")
    page.shows(score="cp_l1")
    rows = [row for row in results.rows() if not row["error"]]
    ranked = sorted(rows, key=lambda row: row["cp_l1"], reverse=True)
    eventually(lambda: page.names("best")[0], ranked[0]["photograph"])
    eventually(lambda: page.names("worst")[0], ranked[-1]["photograph"])
    page.root.get_by_label("Method of the best and the worst").select_option(label=PIXELS)
    of_pixels = [row["photograph"] for row in ranked if row["method"] == PIXELS]
    eventually(lambda: page.names("best"), of_pixels)
    eventually(lambda: page.names("worst"), of_pixels[::-1])
    assert wrong == []


def test_the_scatter_shows_each_sound_record_and_tells_one_that_is_clicked(results, opened):
    page, wrong = opened()
    rows = [row for row in results.rows() if not row["error"]]
    drawn = [row for row in rows if row["cp_entropy"] > 0 and math.isfinite(row["hallucination"])]
    eventually(page.marks, len(drawn))
    walk = page.root.get_by_role("application")
    walk.focus()
    for _ in range(len(drawn)):
        page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("Enter")
    best = max(drawn, key=lambda row: row["cp_entropy"])
    page.shows(photograph=best["photograph"])
    panel = page.root.locator(".cx-one")
    expect(panel.locator("h3")).to_have_text(best["photograph"])
    expect(panel.locator(".cx-side img")).to_have_count(3)  # the photograph, and a cartoon of each method
    expect(panel.locator("tbody th")).to_contain_text([HOSTILE, PIXELS])  # a row each

    # Its neighbour's mark is where the cursor goes, and answers the mouse.
    page.page.keyboard.press("ArrowLeft")
    ring = page.root.locator(".cx-line.cx-at").bounding_box()
    page.root.get_by_label("Score", exact=True).focus()
    place = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    page.page.mouse.move(*place)
    expect(page.root.locator(".cx-tip")).to_be_visible()
    page.page.mouse.click(*place)
    second = sorted(drawn, key=lambda row: row["cp_entropy"])[-2]
    page.shows(photograph=second["photograph"])

    # A drag zooms.
    box = page.panel("Hallucination against CP").locator(".nsewdrag[data-subplot='xy']").bounding_box()
    page.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.02)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] * 0.98, steps=5)
    page.page.mouse.up()
    page.page.wait_for_function("() => location.hash.includes('zoom=')")
    eventually(lambda: page.marks() < len(drawn))
    assert wrong == []


def test_the_table_has_the_medians(results, opened):
    page, wrong = opened()
    table = page.panel("Medians by method").locator("table")
    summary = results.summary()
    cells = table.locator("tr", has=page.page.get_by_role("button", name="Kept", exact=True)).locator("td")
    shares = [values["share_kept"] for values in summary.values()]
    eventually(
        lambda: [float(text.split()[0]) / 100 for text in cells.all_inner_texts()], pytest.approx(shares, rel=6e-3)
    )
    page.root.get_by_role("button", name="Sparsity", exact=True).click()
    page.shows(score="sparsity")
    assert wrong == []


def test_the_scale_profile_shows_what_is_not_hidden(opened):
    page, wrong = opened()
    panel = page.panel("Scale profile")
    plot = panel.locator(".cx-plot")
    expect(plot.locator(".scatterlayer .trace")).to_have_count(1)
    expect(panel.locator(".cx-figures")).to_contain_text(f"A mask on pixels has no scales: {PIXELS}.")
    expect(plot).to_have_attribute("aria-label", re.compile("share of the mask on each scale"))
    page.root.get_by_label("Shares of the scale profile").select_option("energy")
    expect(plot).to_have_attribute("aria-label", re.compile("share of the energy on each scale"))
    page.page.wait_for_function("() => location.hash.includes('profile=energy')")
    page.legend(HOSTILE).click()
    expect(plot).to_be_hidden()
    assert wrong == []


def test_errors_are_told(results, opened):
    page, wrong = opened()
    page.root.get_by_text("2 explanations failed").click()
    row = page.root.locator(".cx-errors tbody tr")
    expect(row).to_have_count(1)  # the same of both methods
    expect(row).to_contain_text(results.errors()["<b>broken.png"])
    expect(row).to_contain_text("<b>broken.png")
    assert wrong == []


def test_names_of_strangers_are_text(opened):
    page, wrong = opened()
    expect(page.legend(PIXELS)).to_contain_text(PIXELS)
    expect(page.root.locator("b", has_text="cup")).to_have_count(0)
    expect(page.root.locator("i")).to_have_count(0)
    assert wrong == []


def test_what_was_chosen_outlives_a_reload(opened):
    page, wrong = opened(choices="score=sparsity&x=cp_l1_pixel&photograph=3.png&method=nobody")
    page.shows(score="sparsity", x="cp_l1_pixel", photograph="3.png")
    page.legend(PIXELS).click()
    eventually(page.marks, 7)
    page.page.reload()
    page = ResultsPage(page.page)
    eventually(page.marks, 7)
    page.shows(photograph="3.png")
    assert wrong == []


def test_a_page_of_a_study_under_way_follows_it(results, opened, tmp_path):
    page, wrong = opened(expected=100, clock=True)
    expect(page.root.get_by_role("status").first).to_contain_text("16 of 100 so far")
    page.page.evaluate("() => { globalThis.before = true }")
    page.root.get_by_label("Score", exact=True).select_option("sparsity")
    results.to_html(tmp_path / "results.html")
    page.page.clock.fast_forward("00:11")
    page.page.wait_for_function("() => globalThis.before === undefined", timeout=30_000)
    page = ResultsPage(page.page)
    expect(page.root.get_by_role("status").first).to_contain_text("16 explanations")
    page.shows(score="sparsity")
    assert wrong == []


def test_german(opened):
    page, wrong = opened(language="de")
    expect(page.root.get_by_text("2 Erklärungen", exact=False).first).to_be_visible()
    expect(page.page.locator("html")).to_have_attribute("lang", "de")
    assert wrong == []


def test_in_a_notebook_and_what_came_since(book, results, tmp_path):
    source = toys.photographs(tmp_path / "photographs", 2)
    call = f"cx.study({str(source)!r}, {{'few': cx.methods.pixel_mask(steps=1, samples=1)}}, out={str(tmp_path)!r}"
    book.python(f"import cartoonx_widgets as cx\nresults = {call}, progress=False)\nview = results.show()")
    book.display("view")
    page = ResultsPage(book.page)
    page.shows(drawn=2)
    assert now(book.python(f"results = {call}, seeds=[0, 1], progress=False)\nview.update()")) == ""
    page.shows(drawn=4)
    expect(page.root.locator(".cx-one img")).to_have_count(3)  # the photograph, and a cartoon with each seed
