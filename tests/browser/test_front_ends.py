"""What a reader does first, in each program that shows widgets and each browser: one list of steps for all.

What each has done is left in `build/front-ends/`; `python scripts/front_ends.py` writes the table in
`docs/front-ends.md` from it.
"""

from __future__ import annotations

import contextlib
import json

import pytest
import tabs
from harness import ROOT
from PIL import Image
from places import PLACES, JupyterLab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

E = ".cx-explorer"
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


NOT_HERE = "not here"


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
    }
    (folder / f"{kind.name}-{driver.name}.json").write_text(json.dumps(found), "utf-8")


def appears(place, tab, _):
    place.open(tab)
    tab.shows(E, "it.dataset.shown === '0'")
    tab.shows(f"{E} .js-plotly-plot")


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
    tab.click(f"{E} .cx-pictures .cx-panel:nth-child(3) .cx-plot", across=0.62, down=0.75)
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


def reacts(_place, tab, _):
    if not tab.js("return document.body.innerText.includes('reacts')"):
        return NOT_HERE
    return None


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
