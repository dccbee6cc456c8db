"""What an automated checker finds in the widgets, in light and in dark, and what the Tab key reaches."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import ComparePage, LabPage, ReplayPage

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
def test_the_explorer(next_explorer, theme):
    page = next_explorer.page
    in_theme(page, theme)
    next_explorer.take_step()
    next_explorer.press("Settings")
    assert grave(page, ".cx-explorer") == []
    in_theme(page, "JupyterLab Light")


@THEMES
def test_the_sparsity_lab(open_book, theme):
    open_book.display("(lab := __import__('cartoonx_widgets').sparsity_lab(size=64))")
    LabPage(open_book)
    in_theme(open_book.page, theme)
    assert grave(open_book.page, ".cx-lab") == []
    in_theme(open_book.page, "JupyterLab Light")
    open_book.python("lab.close()")
    open_book.page.wait_for_function("() => document.querySelectorAll('.cx-lab').length === 0")


COMPARED = """
import cartoonx_widgets as cx

quick = {"steps": 2, "samples": 2}
broken = lambda image, *, classifier, target: 1 / 0
methods = [cx.methods.cartoonx(**quick), cx.methods.pixel_mask(**quick), broken]
compared = {"CartoonX": methods[0], "Pixel mask": methods[1], "broken": methods[2]}
comparison = cx.compare("coffee", compared, target="espresso")
"""


@THEMES
def test_the_comparison(open_book, theme):
    open_book.python(COMPARED)
    open_book.display("comparison")
    page = ComparePage(open_book.page)
    in_theme(open_book.page, theme)
    page.root.locator(".cx-play").click()
    page.until("dataset.states === 'done done failed' && dataset.results === '2'", timeout=120_000)
    page.root.get_by_role("button", name="Mask", exact=True).click()
    assert grave(open_book.page, ".cx-compare") == []
    in_theme(open_book.page, "JupyterLab Light")
    open_book.python("comparison.close()")
    open_book.page.wait_for_function("() => document.querySelectorAll('.cx-compare').length === 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_of_a_comparison(chromium, tmp_path, scheme):
    method = cx.methods.cartoonx(steps=2, samples=2)
    comparison = cx.compare("coffee", {"one": method, "other": method.replace(lambda_l1=2.0)}, target="espresso")
    comparison.play()
    comparison.wait()
    comparison.to_html(tmp_path / "all.html")
    comparison.close()
    context = chromium.new_context(offline=True, color_scheme=scheme)
    page = context.new_page()
    page.goto((tmp_path / "all.html").as_uri())
    ComparePage(page)
    assert grave(page) == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_replay_page(chromium, tmp_path, scheme):
    method = cx.methods.cartoonx_interactive(steps=2, samples=2)
    cx.record("coffee", target="espresso", method=method, progress=False).to_html(tmp_path / "run.html", progress=False)
    context = chromium.new_context(offline=True, color_scheme=scheme)
    page = context.new_page()
    page.goto((tmp_path / "run.html").as_uri())
    ReplayPage(page).until("dataset.settled !== undefined")
    assert grave(page) == []
    context.close()


def test_every_control_of_the_explorer_is_reached_by_tab_and_shows_it(next_explorer):
    root, page = next_explorer.root, next_explorer.page
    root.get_by_label("Photograph", exact=True).focus()
    places = []
    while page.evaluate("() => Boolean(document.activeElement.closest('.cx-explorer'))") and len(places) < 80:
        places.append(
            page.evaluate(
                """() => {
                    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
                    const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
                    return [document.activeElement.outerHTML.slice(0, 80), seen];
                }"""
            )
        )
        page.keyboard.press("Tab")
    enabled = root.evaluate(
        """(root) => [...root.querySelectorAll('button, select, input')].filter(
            (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility()).length"""
    )
    assert len(places) == enabled > 12
    assert all(seen for _, seen in places), [html for html, seen in places if not seen]
