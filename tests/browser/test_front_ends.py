"""What a reader does first, in each program that shows widgets and each browser: one list of steps for all.

What each has done is left in `build/front-ends/`; `python scripts/front_ends.py` writes the table in
`docs/front-ends.md` from it.
"""

from __future__ import annotations

import contextlib
import json

import pytest
import tabs
import toys
from harness import ROOT
from PIL import Image
from places import PLACES, JupyterLab
from waiting import now

import cartoonx_widgets as cx

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

E = ".cx-explorer"
NOT_HERE = "not here"  # what a step returns that a front end does not have
BARS = f"{E} .cx-charts .cx-panel:nth-child(2) .cx-plot"
WHERE = [(place, "Chromium") for place in PLACES] + [(JupyterLab, "Firefox"), (JupyterLab, "WebKit")]


@pytest.fixture(scope="module")
def browsers(chromium):
    """Opens a tab of a browser by its name; Firefox and WebKit are started once."""
    with contextlib.ExitStack() as stack:
        started = {}

        def open_tab(name):
            if name == "Chromium":
                driver = tabs.Chromium(chromium, viewport={"width": 1200, "height": 1000})
                stack.callback(driver.close)
                return tabs.Tab(driver)
            if missing := tabs.missing(name):
                pytest.skip(missing)
            if name not in started:
                started[name] = stack.enter_context({"Firefox": tabs.firefox, "WebKit": tabs.webkit}[name]())
            return tabs.Tab(started[name])

        yield open_tab


@pytest.fixture(scope="module")
def photograph(tmp_path_factory):
    path = tmp_path_factory.mktemp("photograph") / "red.png"
    Image.new("RGB", (80, 64), "red").save(path)
    return path


@pytest.mark.parametrize(("kind", "browser"), WHERE, ids=[f"{place.name}-{browser}" for place, browser in WHERE])
def test_the_core_list(kind, browser, *, lab, browsers, photograph, tmp_path):
    if missing := kind.missing():
        pytest.skip(f"{kind.name} is not here: {missing}")
    tab = browsers(browser)
    done = {}
    try:
        with kind.started(lab, tmp_path) as place:
            for name, step in STEPS.items():
                if step(place, tab, photograph) != NOT_HERE:
                    done[name] = True
    except BaseException:
        with contextlib.suppress(Exception):
            tab.screenshot(ROOT / "build" / f"{kind.name}-{browser}.png")
        raise
    note(kind, tab.driver, done)


def note(kind, driver, done):
    """Leave what was done for the table of front ends."""
    folder = ROOT / "build" / "front-ends"
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        "place": kind.name,
        "version": kind.version(),
        "browser": driver.name,
        "browser_version": driver.version,
        "steps": list(done),
        "all": list(STEPS),
    }
    (folder / f"{kind.name}-{driver.name}.json").write_text(json.dumps(found), "utf-8")


def appears(place, tab, _):
    place.open(tab)
    tab.shows(E, "it.dataset.shown === '0'")
    tab.shows(f"{E} .js-plotly-plot")
    if place.package == "marimo":  # there is one in mo.ui.anywidget too, whose value is its traits
        tab.until("all('.cx-explorer')[1].dataset.shown === '0'")
        tab.until("document.body.innerText.includes('traits: 0 of 6')")


def plays(_place, tab, _):
    tab.click(f"{E} .cx-play")
    tab.shows(E, "it.dataset.step === '6' && it.dataset.shown === '6' && it.dataset.settled === 'true'")


def scrubs(_place, tab, _):
    tab.focus(f"{E} input[type=range][aria-valuetext]")
    tab.press("Home")
    tab.shows(E, "it.dataset.shown === '0'")
    tab.click(f"{E} .cx-live")
    tab.shows(E, "it.dataset.shown === '6'")


def picks_bands(_place, tab, _):
    tab.click(BARS, across=0.25)
    tab.shows(E, "it.dataset.band === 'lowpass'")
    tab.press("Escape")
    tab.shows(E, "it.dataset.band === ''")
    tab.click(f"{E} .cx-pictures .cx-panel:nth-child(4) .cx-plot", across=0.62, down=0.75)
    tab.shows(E, "it.dataset.band === 'd1'")
    tab.press("Escape")
    tab.shows(E, "it.dataset.band === ''")


def changes_settings(_place, tab, _):
    tab.focus(f"{E} .cx-prominent input[type=range]")
    tab.press("ArrowRight")
    tab.shows(E, "Number(it.dataset.changed) > 0 || it.dataset.changed === 'true'")


def comes_back(place, tab, path):
    if not place.comes_back:
        return NOT_HERE
    place.reload(tab)
    tab.shows(E, f"it.dataset.photograph === {json.dumps(path.name)} && it.dataset.shown === '0'")
    return None


def is_saved(place, tab, _):
    """Saved with its widgets, and opened when their kernel is gone."""
    if not place.saves:
        return NOT_HERE
    place.save(tab)
    place.shut_down(tab)
    tab.goto("about:blank")
    place.wait_for_kernel(tab)
    tab.shows(f"{E} .cx-snapshot img", "it.naturalWidth > 100")
    return None


def opens_the_explorer(_place, tab, _):
    tab.click(".cx-compare .cx-compared[data-state] .cx-standing button:last-child")
    tab.shows(".cx-compare", "it.dataset.explorer === 'CartoonX'")
    tab.shows(".cx-compare .cx-explorer", "it.dataset.shown === '0'")


def uploads(_place, tab, path):
    tab.choose(f"{E} .cx-file", path)
    tab.shows(E, f"it.dataset.photograph === {json.dumps(path.name)} && it.dataset.shown === '0'")


STEPS = {
    "appears": appears,
    "plays": plays,
    "scrubs": scrubs,
    "band": picks_bands,
    "settings": changes_settings,
    "comparison's explorer": opens_the_explorer,
    "upload": uploads,
    "reload": comes_back,
    "saved output": is_saved,
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A replay, a comparison and a page of results, as files."""
    folder = tmp_path_factory.mktemp("pages")
    quick = toys.method(steps=3)
    pixels = toys.small("pixel_mask")
    cx.record(toys.image(), classifier=toys.classifier(), method=quick, progress=False).to_html(
        folder / "replay.html", progress=False
    )
    comparison = cx.compare(toys.image(), {"one": quick, "other": pixels}, classifier=toys.classifier())
    comparison.play()
    assert comparison.wait(60)
    comparison.to_html(folder / "compare.html")
    comparison.close()
    source = toys.photographs(folder / "photographs", 3)
    study = cx.study(source, {"one": quick}, out=folder / "study", classifier=toys.classifier(), progress=False)
    study.to_html(folder / "results.html")
    return folder


def looks_at_replay(tab):
    tab.shows(".cx-replay", "it.dataset.settled === '3' && it.dataset.shown === '3'")
    tab.shows(".cx-replay .js-plotly-plot")
    tab.focus(".cx-replay input[type=range]")
    tab.press("Home")
    tab.shows(".cx-replay", "it.dataset.shown === '0'")
    tab.click(".cx-replay .cx-charts .cx-panel:nth-child(2) .cx-plot", across=0.25)
    tab.shows(".cx-replay", "it.dataset.band === 'lowpass'")


def looks_at_compare(tab):
    tab.shows(".cx-compare", "it.dataset.results === '2'")
    tab.shows(".cx-compare .cx-compared:nth-child(2) img", "it.naturalWidth > 0")
    tab.focus(".cx-compare .cx-zoom")
    tab.press("+")
    tab.shows(".cx-compare", "it.dataset.zoom.startsWith('1.250')")


def looks_at_results(tab):
    tab.shows(".cx-results", "it.dataset.drawn === '3'")
    tab.shows(".cx-results .js-plotly-plot")
    tab.click(".cx-results section[data-end=best] button.cx-pair")
    tab.shows(".cx-results", "it.dataset.photograph !== ''")


@pytest.mark.parametrize("browser", ["Chromium", "Firefox", "WebKit"])
def test_pages_open_from_disk(browser, browsers, pages):
    tab = browsers(browser)
    for name, look in (("replay", looks_at_replay), ("compare", looks_at_compare), ("results", looks_at_results)):
        tab.goto((pages / f"{name}.html").as_uri())
        look(tab)
        fetched = tab.js("return performance.getEntriesByType('resource').map(({ name }) => name)")
        assert now([url for url in fetched if url.startswith("http")]) == []
        assert now(tab.js("return all('[role=alert]:not([hidden])').length")) == 0


# What programs say of their colours, as a style of the body, and the ground that a widget then has.
AROUND = {
    "JupyterLab": ("--jp-layout-color1: #111111; --jp-ui-font-color1: #eeeeee", "rgb(17, 17, 17)"),
    "VS Code": (
        "--vscode-editor-background: #1e1e1e; --vscode-editor-foreground: #cccccc; --jp-layout-color1: white",
        "rgb(30, 30, 30)",
    ),
    "Colab": (
        "--colab-primary-surface-color: #222222; --colab-primary-text-color: #dddddd; --jp-layout-color1: white",
        "rgb(34, 34, 34)",
    ),
    "another, dark": ("--jp-layout-color1: initial; background: #202428; color: #dddddd", "rgb(32, 36, 40)"),
    "another, light": ("--jp-layout-color1: initial; background: #fafafa; color: #222222", "rgb(250, 250, 250)"),
}


def test_colours_are_those_of_the_page_around(browsers, pages):
    tab = browsers("Chromium")
    tab.goto((pages / "replay.html").as_uri())
    tab.shows(".cx-replay", "it.dataset.settled === '3'")
    for style, ground in AROUND.values():
        tab.js("document.body.setAttribute('style', args[0])", style)
        tab.shows(".cx-replay", f"getComputedStyle(it).backgroundColor === {json.dumps(ground)}")
        dark = "false" if ground.startswith("rgb(2") else "true"
        tab.shows(".cx-replay", f"it.classList.contains('cx-dark') === {dark}")
        # The charts are drawn anew, in the colour of the text.
        tab.shows(".cx-replay .ytick text", "it.style.fill === getComputedStyle(find('.cx-replay')).color")


def test_fingers(chromium, pages):
    """A tap picks a band, a pinch enlarges all pictures, in a narrow page."""
    driver = tabs.Chromium(chromium, viewport={"width": 500, "height": 900}, has_touch=True)
    tab = tabs.Tab(driver)
    tab.goto((pages / "replay.html").as_uri())
    tab.shows(".cx-replay .barlayer .point path")
    driver.page.touchscreen.tap(*tab.place(".cx-replay .cx-charts .cx-panel:nth-child(2) .cx-plot", 0.33, 0.5))
    tab.shows(".cx-replay", "it.dataset.band === 'lowpass'")
    choice = ".cx-replay header select"
    tab.shows(choice, "it.clientWidth > 60 && it.getBoundingClientRect().right <= innerWidth")
    tab.until("document.documentElement.scrollWidth <= innerWidth")
    tab.goto((pages / "compare.html").as_uri())
    tab.shows(".cx-compare .cx-compared:nth-child(2) img", "it.naturalWidth > 0")
    x, y = tab.place(".cx-compare .cx-zoom", 0.5, 0.5)
    touch = driver.context.new_cdp_session(driver.page)
    for kind, apart in (("touchStart", 20), ("touchMove", 30), ("touchMove", 45), ("touchMove", 60), ("touchEnd", 0)):
        points = [{"x": x + side * apart, "y": y, "id": side + 1} for side in (-1, 1)] if apart else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    tab.shows(".cx-compare", "Number(it.dataset.zoom.split(' ')[0]) > 1.5")
    driver.close()
