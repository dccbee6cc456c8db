"""The comparison as a user meets it: in a real JupyterLab and Chromium, and as a page opened from disk."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
import toys
from harness import SMALL_CLASSIFIER, ComparePage, ExplorerPage
from PIL import Image
from test_replay import HOSTILE
from waiting import eventually, expect, now

import cartoonx_widgets as cx
from cartoonx_widgets.explanations import baselines

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MADE = f"""
{SMALL_CLASSIFIER}
methods = {{
    "CartoonX": cx.methods.cartoonx_interactive(steps=6),
    "Pixel mask": cx.methods.pixel_mask(steps=4, samples=2),
    "heat": lambda image, *, classifier, target: cx.baselines.from_heat_map(
        torch.ones(64, 64) / 2, "heat", image, classifier=classifier, target=target
    ),
}}
comparison = cx.compare("coffee", methods, classifier=small, target="espresso")
"""


@pytest.fixture
def opened(book):
    book.python(MADE)
    book.display("comparison")
    return ComparePage(book.page)


@pytest.fixture
def compared(from_disk, tmp_path):
    """Open a comparison's page from disk: its `ComparePage`, and what went wrong in it."""

    def open_page(comparison):
        comparison.to_html(tmp_path / "all.html")
        page, wrong = from_disk(tmp_path / "all.html")
        return ComparePage(page), wrong

    return open_page


def said(book, expression):
    """What an expression is in the kernel, as text."""
    return book.python(f"print({expression}, end='')")


def test_all_run_together_and_one_by_one(opened, book):
    page = opened
    page.shows(states="ready ready ready")
    page.method("Pixel mask").get_by_role("button", name="Run Pixel mask alone").click()
    page.until("dataset.states === 'ready done ready' && dataset.results === '1'")
    page.play_all()
    page.shows(states="done done done")
    for label in ("CartoonX", "Pixel mask", "heat"):
        summary = said(book, f"comparison.explanations[{label!r}].summary")
        expect(page.method(label).locator(".cx-verdict")).to_have_text(re.compile(f"^[✓✗] {re.escape(summary)}$"))
    picture = page.stage("CartoonX").locator("img")
    expect(picture).to_have_attribute("alt", re.compile("after step 6"))
    chart = page.panel("Distortion over the run").locator(".cx-chart > svg")
    expect(chart.locator("polyline")).to_have_count(2)
    expect(chart).to_have_attribute("aria-label", re.compile("CartoonX"))
    page.panel("Distortion over the run").get_by_role("button", name="CartoonX", exact=True).click()
    expect(chart.locator("polyline")).to_have_count(1)

    cartoon = picture.get_attribute("src")
    page.root.get_by_role("button", name="Mask", exact=True).click()
    expect(picture).not_to_have_attribute("src", cartoon)
    expect(picture).to_have_attribute("alt", re.compile("The mask of CartoonX"))

    page.press("Begin all again from their first masks")
    page.until("dataset.run === '1' && dataset.states === 'ready ready ready'")
    expect(page.root.locator(".cx-compared img:visible")).to_have_count(1)
    page.play_all()


def test_the_table_sorts_by_keyboard(opened):
    page = opened
    page.play_all()
    expect(page.rows).to_have_text(["CartoonX", "Pixel mask", "heat"])
    header = page.root.locator(".cx-table thead").get_by_role("button", name="Kept")
    cells = page.root.locator(".cx-table tbody td:nth-child(10)")
    for order, way in ((1, "ascending"), (-1, "descending")):
        header.focus()
        page.page.keyboard.press("Enter")
        expect(header.locator("xpath=..")).to_have_attribute("aria-sort", way)
        column = [float(cell.split()[-2]) for cell in now(cells.all_inner_texts())]
        assert column == sorted(column)[::order]
        expect(header).to_be_focused()
    page.root.locator(".cx-table thead").get_by_role("button", name="Method").click()
    expect(page.rows).to_have_text(["CartoonX", "heat", "Pixel mask"])


def looks_around(page):
    """Zoom and move by wheel, drag and keyboard: all pictures follow."""
    keyboard, mouse = page.page.keyboard, page.page.mouse
    stage = page.root.locator(".cx-zoom").nth(1)
    stage.scroll_into_view_if_needed()
    whole = page.places()
    stage.hover()
    mouse.wheel(0, -300)  # which scrolls the page, and says how it zooms
    expect(stage.locator(".cx-wheel-hint")).to_be_visible()
    page.shows(zoom="1.000 0.000 0.000")
    stage.hover()
    keyboard.down("Control")
    mouse.wheel(0, -300)
    keyboard.up("Control")
    page.until("!dataset.zoom.startsWith('1.000')")
    eventually(lambda: page.zoom()[0] > 1.5)
    eventually(lambda: len(set(page.places())) == 1 and page.places() != whole)
    scale, left, top = page.zoom()
    box = stage.bounding_box()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4, steps=4)
    mouse.up()
    eventually(lambda: page.zoom()[1] > left and page.zoom()[2] > top)
    eventually(lambda: page.zoom()[0], scale)
    mouse.dblclick(box["x"] + 20, box["y"] + 20)
    page.until("dataset.zoom === '1.000 0.000 0.000'")

    page.root.locator(".cx-zoom").first.focus()
    keyboard.press("+")
    keyboard.press("+")
    keyboard.press("ArrowRight")
    scale = 1.25**2
    eventually(lambda: page.zoom()[0], pytest.approx(scale, abs=2e-3))
    eventually(lambda: page.zoom()[1] > (1 - 1 / scale) / 2 + 0.01)
    eventually(lambda: len(set(page.places())), 1)
    keyboard.press("0")
    eventually(page.zoom, [1, 0, 0])


def test_all_pictures_zoom_together(opened):
    opened.play_all()
    looks_around(opened)
    expect(opened.root.locator(".cx-explorer")).to_have_count(0)  # a double click opened nothing


def test_everything_is_saved_from_the_page(opened):
    page = opened
    page.play_all()
    found = {}
    for form, name in (
        ("png", "Save pictures, curves and table as a picture"),
        ("svg", "Save pictures, curves and table as SVG"),
        ("csv", "Save the table as CSV"),
        ("html", "Save all of it as one page"),
    ):
        with page.page.expect_download() as download:
            page.press(name)
        assert download.value.suggested_filename == f"coffee-espresso.{form}"
        found[form] = Path(download.value.path()).read_bytes()
    assert Image.open(io.BytesIO(found["png"])).width > 2000
    assert b"<svg " in found["svg"]
    assert found["svg"].rstrip().endswith(b"</svg>")
    rows = list(csv.DictReader(io.StringIO(found["csv"].decode())))
    assert [row["method"] for row in rows] == ["CartoonX", "Pixel mask", "heat"]
    assert found["html"].startswith(b"<!doctype html>")


def test_one_opens_in_the_explorer_below(opened, book):
    page = opened
    page.play_all()
    page.method("CartoonX").get_by_role("button", name="Open CartoonX in the explorer").click()
    page.until("dataset.explorer === 'CartoonX'")
    explorer = ExplorerPage(book)
    explorer.until("dataset.settled === 'true' && dataset.shown === '6'")
    summary = said(book, "comparison.explanations['CartoonX'].summary")
    expect(explorer.root.locator(".cx-summary")).to_have_text(summary)
    page.stage("Pixel mask").click()
    page.until("dataset.explorer === 'Pixel mask'")
    explorer = ExplorerPage(book)
    explorer.until("dataset.shown === '4'")
    expect(page.root.locator(".cx-explorer")).to_have_count(1)
    page.press("Close the explorer")
    expect(page.root.locator(".cx-explorer")).to_have_count(0)
    eventually(lambda: said(book, "comparison.explorer"), "None")


def test_buttons_work_while_a_cell_runs(opened, book):
    book.page.evaluate(
        """() => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            kernel.requestExecute({ code: "import time; time.sleep(120)", store_history: false });
        }"""
    )
    opened.play_all()
    opened.press("Begin all again from their first masks")
    opened.until("dataset.run === '1'")
    book.interrupt()
    book.idle()


def test_what_goes_wrong_is_said_in_its_own_place(book):
    book.python(MADE.replace("/ 2,", "* 2,"))
    book.display("comparison")
    page = ComparePage(book.page)
    page.root.locator(".cx-play").click()
    page.until("dataset.states === 'done done failed' && dataset.results === '2'")
    problem = page.method("heat").locator(".cx-problem")
    expect(problem).to_be_visible()
    expect(problem.locator("strong")).to_contain_text("one in [0, 1] for each of")
    expect(page.method("CartoonX").locator(".cx-problem")).to_be_hidden()


def test_a_page_from_disk_zooms_and_sorts(compared):
    methods = {HOSTILE: toys.method(), "<i>pixels</i>": toys.small("pixel_mask")}
    classifier = toys.classifier(labels=[HOSTILE, "&amp;", "c", "d", "{step}"])
    comparison = cx.compare(toys.image(), methods, classifier=classifier, target=0)
    comparison.play()
    comparison.wait(60)
    page, wrong = compared(comparison)
    rows = comparison.table()
    comparison.close()
    page.shows(results=2)
    expect(page.rows).to_have_text([HOSTILE, "<i>pixels</i>"])
    expect(page.root.locator("b, i")).to_have_count(0)
    expect(page.root.locator(".cx-play:visible, .cx-run, progress:visible")).to_have_count(0)
    looks_around(page)
    profile = page.panel("Scale profile")
    expect(profile.locator(".cx-norun")).to_have_text("<i>pixels</i> (no scales)")
    picture = profile.locator(".cx-chart > svg")
    expect(picture.locator("circle")).to_have_count(3)  # two scales and the lowpass
    expect(picture).to_have_attribute("aria-label", re.compile("Share of the mask on each scale"))
    profile.get_by_label("Shares of the scale profile").select_option("energy")
    expect(picture).to_have_attribute("aria-label", re.compile("Share of the energy on each scale"))
    picture.hover(position={"x": 100, "y": 100})
    expect(profile.locator(".cx-tip")).to_contain_text("≥ 8")
    profile.get_by_role("button").click()
    expect(picture.locator("circle")).to_have_count(0)
    page.root.locator(".cx-table thead").get_by_role("button", name="CP-l1", exact=False).first.click()
    best = max(rows, key=lambda row: row["cp_l1"])
    expect(page.rows.first).to_have_text(best["method"])
    page.root.get_by_role("button", name="Mask", exact=True).click()
    page.shows(kind="mask")
    assert wrong == []


@pytest.mark.skipif(not baselines.installed(), reason="baselines need the [dev] extra")
def test_german(compared):
    comparison = cx.compare(
        "coffee", [cx.methods.cartoonx(steps=1, samples=1), "grad_cam"], target="espresso", language="de"
    )
    comparison.play()
    comparison.wait(60)
    page, wrong = compared(comparison)
    comparison.close()
    page.root.get_by_role("heading", name="Kennzahlen").wait_for()
    expect(page.page.locator("html")).to_have_attribute("lang", "de")
    assert wrong == []
