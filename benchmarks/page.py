"""What widgets cost a browser, a notebook and a page: `python benchmarks/page.py`.

The explorer has run the default method on the sample photograph. What is saved is what a notebook keeps of its widgets;
what is sent is counted at the websocket of a real JupyterLab; memory is that of a page with nothing but the widget,
after its garbage has been collected.
"""

from __future__ import annotations

import base64
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
from report import SMALL, Figure, report

import cartoonx_widgets as cx
from cartoonx_widgets.widgets.shared import assets

sys.path += [str(Path(__file__).parents[1] / "tests" / name) for name in ("", "browser")]
from bare import BarePage, Recorder
from harness import ExplorerPage, Notebook, open_chromium, serve_lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OPENED, TURNS = (1, 1) if SMALL else (7, 20)
QUIET = 200 if SMALL else 1000  # milliseconds in which messages under way arrive
METHOD = cx.methods.cartoonx_interactive(steps=2) if SMALL else cx.methods.cartoonx_interactive()
# In a replay page: when its three images have been read and its four charts drawn; the mosaic comes with the images.
DRAWN = """
() => [...document.querySelectorAll('.cx-pictures img')].filter(({ naturalWidth }) => naturalWidth).length === 3
    && document.querySelectorAll('.cx-charts .js-plotly-plot').length === 4 && performance.now()
"""
MEGABYTE = 1e6


def main() -> None:
    """Measure, and write the table."""
    explorer = cx.explore("coffee", method=METHOD)
    explorer.play()
    explorer.wait()
    saved = len(json.dumps(ipywidgets.Widget.get_manager_state(widgets=None)))
    with tempfile.TemporaryDirectory() as name, open_chromium() as browser:
        folder = Path(name)
        explorer.recording.to_html(folder / "replay.html", progress=False)
        size = (folder / "replay.html").stat().st_size
        seconds = []
        for _ in range(OPENED):
            page = browser.new_context(viewport={"width": 1300, "height": 900}, offline=True).new_page()
            page.goto((folder / "replay.html").as_uri(), wait_until="commit")
            seconds.append(page.wait_for_function(DRAWN).json_value() / 1000)
            page.context.close()
        left, grown = _opened_and_closed(browser, explorer)
        explorer.close()
        with serve_lab(folder / "lab") as lab:
            second = _second_explorer(Notebook(browser, lab, "notebooks/01_live_cartoonx.ipynb"))
    spread = f"{min(seconds):.2f} to {max(seconds):.2f} in {OPENED}"
    report(
        "page",
        [
            Figure("MB of the explorer's module", len(assets.script("explorer").encode()) / MEGABYTE, 0.15),
            Figure("MB that a notebook keeps of an explorer that has run", saved / MEGABYTE, 0.4),
            Figure("MB sent to the page for a second explorer", second / MEGABYTE, 0.3),
            Figure(
                "MB of a browser's memory for each explorer opened and closed", grown / MEGABYTE, 1, detail=f"{TURNS}"
            ),
            Figure("listeners, nodes, observers and timers left by them", left, 0),
            Figure("MB of a replay page of the default run", size / MEGABYTE, 4),
            Figure("seconds until all its panels are drawn", statistics.median(seconds), 0.7, detail=spread),
        ],
    )


def _opened_and_closed(browser: Browser, explorer: cx.Explorer) -> tuple[int, float]:
    """How many listeners and the like views leave in a page, and how many bytes each."""
    recorder = Recorder(explorer)
    page = BarePage(browser, recorder, recorder.answers({"type": "ready"}, {"type": "library"}))
    drawn = ".cx-explorer[data-shown] .js-plotly-plot"

    def once() -> None:
        page.open()
        page.page.locator(drawn).first.wait_for()
        page.close_view()
        page.page.wait_for_timeout(500)  # drawings under way end

    once()
    before = page.counts()
    for _ in range(TURNS):
        once()
    after = page.counts()
    page.close()
    grown = {key: after[key] - before[key] for key in before}
    grown_bytes = grown.pop("bytes")
    return sum(grown.values()), max(0, grown_bytes) / TURNS


def _second_explorer(book: Notebook) -> int:
    """Bytes that a page with an explorer receives for another one, until it is drawn."""
    received: list[int] = []
    book.run(1)
    ExplorerPage(book)
    book.page.locator(".cx-explorer[data-shown] .js-plotly-plot").first.wait_for()
    book.page.wait_for_timeout(QUIET)
    sockets = book.page.context.new_cdp_session(book.page)  # hears those that are open already, too
    sockets.on("Network.webSocketFrameReceived", lambda event: received.append(_length(event["response"])))
    sockets.send("Network.enable")
    book.display("cx.explore('coffee')")
    ExplorerPage(book, 1).shows(shown=0)
    book.page.wait_for_timeout(2 * QUIET)
    book.close()
    return sum(received)


def _length(frame: dict[str, Any]) -> int:
    """Bytes of a frame: of text, or in base64."""
    data = frame["payloadData"]
    return len(data.encode() if frame["opcode"] == 1 else base64.b64decode(data))


if __name__ == "__main__":
    main()
