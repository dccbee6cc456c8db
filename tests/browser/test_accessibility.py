"""What an automated checker finds in the widgets, in light and in dark, and what the Tab key reaches."""

from __future__ import annotations

import pytest
import toys
from axe_playwright_python.sync_playwright import Axe
from harness import SMALL_CLASSIFIER, ComparePage, LabPage, ReplayPage, ResultsPage, SignalPage, WrittenLabPage
from waiting import eventually, expect, now

import cartoonx_widgets as cx

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

GRAVE = ("serious", "critical")


def grave(page, element=None):
    """The serious and critical findings of axe on a page, or within an element of it."""
    found = Axe().run(page, context=element).response["violations"]
    return [
        (finding["id"], [node["html"][:200] for node in finding["nodes"]])
        for finding in found
        if finding["impact"] in GRAVE
    ]


def in_theme(page, theme):
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.wait_for_function("() => !document.querySelector('#jupyterlab-splash')")


THEMES = pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])


@THEMES
def test_the_explorer(explorer, theme):
    page = explorer.page
    in_theme(page, theme)
    explorer.take_step()
    explorer.press("Settings")
    eventually(lambda: grave(page, ".cx-explorer"), [])
    in_theme(page, "JupyterLab Light")


@THEMES
def test_the_sparsity_lab(book, theme):
    book.display("(lab := __import__('cartoonx_widgets').sparsity_lab(size=64))")
    LabPage(book)
    book.python("lab.denoising = {'sigma': 0.1}")
    expect(book.page.locator(".cx-denoise .cx-view").first).to_contain_text("SSIM")
    in_theme(book.page, theme)
    eventually(lambda: grave(book.page, ".cx-lab"), [])
    book.page.get_by_role("button", name="Copy as Python").click()
    expect(book.page.get_by_role("dialog", name="Copy as Python")).to_be_visible()
    eventually(lambda: grave(book.page, ".cx-code"), [])
    book.page.keyboard.press("Escape")
    expect(book.page.get_by_role("dialog", name="Copy as Python")).to_have_count(0)
    in_theme(book.page, "JupyterLab Light")


def test_the_signal_lab(book):
    book.display("__import__('cartoonx_widgets').signal_lab(size=64)")
    lab = SignalPage(book)
    lab.scale("scale 2").press("ArrowRight")
    lab.until("dataset.atom")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        in_theme(book.page, theme)
        eventually(lambda: grave(book.page, ".cx-signal-lab"), [])


COMPARED = f"""
{SMALL_CLASSIFIER}
quick = {{"steps": 2, "samples": 2}}
broken = lambda image, *, classifier, target: 1 / 0
methods = [cx.methods.cartoonx(**quick), cx.methods.pixel_mask(**quick), broken]
compared = {{"CartoonX": methods[0], "Pixel mask": methods[1], "broken": methods[2]}}
comparison = cx.compare("coffee", compared, classifier=small, target="espresso")
"""


@THEMES
def test_the_comparison(book, theme):
    book.python(COMPARED)
    book.display("comparison")
    page = ComparePage(book.page)
    in_theme(book.page, theme)
    page.root.locator(".cx-play").click()
    page.until("dataset.states === 'done done failed' && dataset.results === '2'", timeout=120_000)
    page.root.get_by_role("button", name="Mask", exact=True).click()
    page.shows(kind="mask")
    eventually(lambda: grave(book.page, ".cx-compare"), [])
    in_theme(book.page, "JupyterLab Light")


SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    """The page of a comparison."""
    path = tmp_path_factory.mktemp("comparison") / "all.html"
    methods = {"one": toys.method(), "other": toys.method(lambda_l1=2.0)}
    compared = cx.compare(toys.image(), methods, classifier=toys.classifier())
    compared.play()
    compared.wait()
    compared.to_html(path)
    compared.close()
    return path


@SCHEMES
def test_a_page_of_a_comparison(from_disk, comparison, scheme):
    page, _ = from_disk(comparison, color_scheme=scheme)
    ComparePage(page)
    eventually(lambda: grave(page), [])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The page of a study under way."""
    pytest.importorskip("pyarrow", reason="studies need the [study] extra")
    folder = tmp_path_factory.mktemp("study")
    source = toys.photographs(folder / "photographs", 2)
    (source / "broken.png").write_text("no picture", "utf-8")
    methods = {"one": toys.method(steps=3), "two": toys.small("pixel_mask")}
    made = cx.study(source, methods, out=folder, classifier=toys.classifier(), progress=False)
    made.to_html(folder / "page.html", expected=100)
    return folder / "page.html"


@SCHEMES
def test_a_page_of_results(from_disk, results, scheme):
    page, _ = from_disk(results, color_scheme=scheme)
    root = ResultsPage(page).root
    root.get_by_text("2 explanations failed").click()
    expect(root.locator(".cx-errors")).to_be_visible()
    eventually(lambda: grave(page), [])


@SCHEMES
def test_a_page_of_the_lab(from_disk, tmp_path, scheme):
    lab = cx.sparsity_lab("figures", size=64)
    lab.to_html(tmp_path / "lab.html")
    lab.close()
    page, _ = from_disk(tmp_path / "lab.html", color_scheme=scheme)
    WrittenLabPage(page).until("dataset.curves === 'complete'")
    eventually(lambda: grave(page), [])


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    """The page of a recording."""
    path = tmp_path_factory.mktemp("replay") / "run.html"
    recording = cx.record(toys.image(), classifier=toys.classifier(), method=toys.method(), progress=False)
    recording.to_html(path, progress=False)
    return path


@SCHEMES
def test_a_replay_page(from_disk, replay, scheme):
    page, _ = from_disk(replay, color_scheme=scheme)
    ReplayPage(page).until("dataset.settled !== undefined")
    page.get_by_role("button", name="When to stop?").click()
    expect(page.locator(".cx-stopping[data-last]")).to_be_attached()
    eventually(lambda: grave(page), [])


def test_every_control_of_the_explorer_is_reached_by_tab_and_shows_it(explorer):
    root, page = explorer.root, explorer.page
    root.get_by_label("Photograph", exact=True).focus()
    enabled = now(
        root.evaluate(
            """(root) => [...root.querySelectorAll('button, select, input, [role=button], .cx-zoom')].filter(
                (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility()).length"""
        )
    )
    places = []
    while now(page.evaluate("() => Boolean(document.activeElement.closest('.cx-explorer'))")) and len(places) < 80:
        places.append(
            now(
                page.evaluate(
                    """() => {
                        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
                        const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
                        return [document.activeElement.outerHTML.slice(0, 80), seen];
                    }"""
                )
            )
        )
        page.keyboard.press("Tab")
    assert len(places) == enabled > 12
    assert all(seen for _, seen in places), [html for html, seen in places if not seen]
