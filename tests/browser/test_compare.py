"""The comparison as a user meets it: in a real JupyterLab and Chromium, and as a page opened from disk."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import toys
from harness import ComparePage, ExplorerPage
from PIL import Image
from test_replay import HOSTILE

import cartoonx_widgets as cx
from cartoonx_widgets import baselines

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MADE = """
import cartoonx_widgets as cx

methods = {
    "CartoonX": cx.methods.cartoonx_interactive(steps=6),
    "Pixel mask": cx.methods.pixel_mask(steps=4, samples=2),
    "heat": lambda image, *, classifier, target: cx.baselines.from_heat_map(
        __import__("torch").ones(224, 224) / 2, "heat", image, classifier=classifier, target=target
    ),
}
comparison = cx.compare("coffee", methods, target="espresso")
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
    assert page.get("states") == "ready ready ready"
    page.method("Pixel mask").get_by_role("button", name="Run Pixel mask alone").click()
    page.until("dataset.states === 'ready done ready' && dataset.results === '1'")
    page.play_all()
    assert page.get("states") == "done done done"
    for label in ("CartoonX", "Pixel mask", "heat"):
        verdict = page.method(label).locator(".cx-verdict").inner_text()
        assert verdict[2:] == said(book, f"comparison.explanations[{label!r}].summary")
    assert "after step 6" in page.stage("CartoonX").locator("img").get_attribute("alt")
    chart = page.root.locator(".cx-chart > svg")
    assert chart.locator("polyline").count() == 2
    assert "CartoonX" in chart.get_attribute("aria-label")
    page.root.get_by_role("button", name="CartoonX", exact=True).click()
    assert chart.locator("polyline").count() == 1

    cartoon = page.stage("CartoonX").locator("img").get_attribute("src")
    page.root.get_by_role("button", name="Mask", exact=True).click()
    assert page.stage("CartoonX").locator("img").get_attribute("src") != cartoon
    assert "The mask of CartoonX" in page.stage("CartoonX").locator("img").get_attribute("alt")

    page.press("Begin all again from their first masks")
    page.until("dataset.run === '1' && dataset.states === 'ready ready ready'")
    assert page.root.locator(".cx-compared img:visible").count() == 1
    page.play_all()


def test_the_table_sorts_by_keyboard(opened):
    page = opened
    page.play_all()
    assert page.rows() == ["CartoonX", "Pixel mask", "heat"]
    header = page.root.locator(".cx-table thead").get_by_role("button", name="Kept")
    for order, way in ((1, "ascending"), (-1, "descending")):
        header.focus()
        page.page.keyboard.press("Enter")
        assert header.locator("xpath=..").get_attribute("aria-sort") == way
        column = [
            float(cell.split()[-2]) for cell in page.root.locator(".cx-table tbody td:nth-child(9)").all_inner_texts()
        ]
        assert column == sorted(column)[::order]
        assert page.page.evaluate("() => document.activeElement.dataset.key") == "share_kept"
    page.root.locator(".cx-table thead").get_by_role("button", name="Method").click()
    assert page.rows() == ["CartoonX", "heat", "Pixel mask"]


def looks_around(page):
    """Zoom and move by wheel, drag and keyboard: all pictures follow."""
    keyboard, mouse = page.page.keyboard, page.page.mouse
    stage = page.root.locator(".cx-zoom").nth(1)
    stage.scroll_into_view_if_needed()
    whole = page.places()
    stage.hover()
    mouse.wheel(0, -300)
    page.until("dataset.zoom[0] !== '1' || !dataset.zoom.startsWith('1.000')")
    places = page.places()
    assert len(set(places)) == 1
    assert places != whole
    scale, left, top = page.zoom()
    assert scale > 1.5
    box = stage.bounding_box()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4, steps=4)
    mouse.up()
    assert page.zoom()[1] > left
    assert page.zoom()[2] > top
    assert page.zoom()[0] == scale
    mouse.dblclick(box["x"] + 20, box["y"] + 20)
    page.until("dataset.zoom === '1.000 0.000 0.000'")

    page.root.locator(".cx-zoom").first.focus()
    keyboard.press("+")
    keyboard.press("+")
    keyboard.press("ArrowRight")
    scale, moved, _ = page.zoom()
    assert scale == pytest.approx(1.25**2, abs=2e-3)
    assert moved > (1 - 1 / scale) / 2
    assert len(set(page.places())) == 1
    keyboard.press("0")
    assert page.zoom() == [1, 0, 0]


def test_all_pictures_zoom_together(opened):
    opened.play_all()
    looks_around(opened)
    assert opened.get("explorer") in (None, "")  # a double click opened nothing


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
    assert found["svg"].startswith(b"<svg ")
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
    assert explorer.root.locator(".cx-summary").inner_text() == said(
        book, "comparison.explanations['CartoonX'].summary"
    )
    page.stage("Pixel mask").click()
    page.until("dataset.explorer === 'Pixel mask'")
    explorer = ExplorerPage(book)
    explorer.until("dataset.shown === '4'")
    assert page.root.locator(".cx-explorer").count() == 1
    page.press("Close the explorer")
    page.page.wait_for_function("() => document.querySelectorAll('.cx-explorer').length === 0")
    assert said(book, "comparison.explorer") == "None"


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
    problem.wait_for(state="visible")
    assert "one in [0, 1] for each of" in problem.locator("strong").inner_text()
    assert page.method("CartoonX").locator(".cx-problem:visible").count() == 0


def test_a_page_from_disk_zooms_and_sorts(compared):
    methods = {HOSTILE: toys.method(), "<i>pixels</i>": toys.small("pixel_mask")}
    classifier = toys.classifier(labels=[HOSTILE, "&amp;", "c", "d", "{step}"])
    comparison = cx.compare(toys.image(), methods, classifier=classifier, target=0)
    comparison.play()
    comparison.wait(60)
    page, wrong = compared(comparison)
    rows = comparison.table()
    comparison.close()
    assert page.get("results") == "2"
    assert page.rows() == [HOSTILE, "<i>pixels</i>"]
    assert page.root.locator("b, i").count() == 0
    assert page.root.locator(".cx-play:visible, .cx-run, progress:visible").count() == 0
    looks_around(page)
    page.root.locator(".cx-table thead").get_by_role("button", name="CP-l1", exact=False).first.click()
    best = max(rows, key=lambda row: row["cp_l1"])
    assert page.rows()[0] == best["method"]
    page.root.get_by_role("button", name="Mask", exact=True).click()
    page.until("dataset.kind === 'mask'")
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
    assert page.page.locator("html").get_attribute("lang") == "de"
    assert wrong == []
