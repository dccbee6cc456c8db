"""A real JupyterLab and a real Chromium, and what a user does with a notebook and an explorer in them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright
from waiting import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
LIVE = "notebooks/01_live_cartoonx.ipynb"
# In a kernel: `small`, a classifier that answers at once, where it does not matter what a widget explains.
SMALL_CLASSIFIER = """
import torch, cartoonx_widgets as cx
torch.manual_seed(0)
small = cx.Classifier(
    torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 5, stride=4), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(),
        torch.nn.Linear(64, 3),
    ),
    labels=["espresso", "table", "spoon"],
    size=64,
)
"""
# As in a browser whose user has seen the tours.
_TOURS_KNOWN = """
for (const name of ["explorer", "sparsity lab"]) localStorage.setItem(`cartoonx_widgets tour: ${name}`, "known");
"""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LAB_ARGUMENTS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--log-level=ERROR",
)
# Without the question whether JupyterLab may fetch its news, and without that about a file that another page has saved;
# what is saved has its widgets.
_LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, its token, and the folder that it serves."""

    address: str
    token: str
    folder: Path

    def url(self, notebook: str) -> str:
        """Address of a notebook in a clean workspace."""
        return f"{self.address}/lab/tree/{notebook}?reset&token={self.token}"

    def copy(self, notebook: str) -> str:
        """A copy of a notebook, beside it: pages of one file would share a kernel."""
        path = self.folder / notebook
        own = path.with_name(f"{secrets.token_hex(4)}_{path.name}")
        shutil.copy(path, own)
        return str(own.relative_to(self.folder))


@contextlib.contextmanager
def serve_lab(folder: Path) -> Iterator[Lab]:
    """Serve copies of the notebooks from an empty folder, with settings of its own, until the end of the block."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    settings = Path(own["JUPYTER_CONFIG_DIR"]) / "labconfig"
    settings.mkdir(parents=True)
    (settings / "default_setting_overrides.json").write_text(json.dumps(_LAB_SETTINGS), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder)
    command = [sys.executable, "-m", "jupyterlab", *_LAB_ARGUMENTS]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={lab.token}", f"--ServerApp.root_dir={folder}"]
    log = folder / "log.txt"
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(command, env={**os.environ, **own}, stdout=out, stderr=out)
    try:
        wait_for_server(server, f"{lab.address}/api?token={lab.token}", log, patience=90)
        yield lab
    finally:
        server.terminate()
        server.wait(30)


def wait_for_server(server: subprocess.Popen[bytes], url: str, log: Path, *, patience: float) -> None:
    """Wait until this address answers; `patience` in seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {log.read_text('utf-8')}") from None
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def open_chromium() -> Iterator[Browser]:
    """A headless Chromium: the first on the PATH, else Playwright's own."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


class Notebook:
    """One notebook in one tab: run its cells, wait for states, look at the explorer."""

    def __init__(self, browser: Browser, lab: Lab, path: str = LIVE, *, width: int = 1200, height: int = 1000) -> None:
        page: Page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.add_init_script(_TOURS_KNOWN)
        self.page, self.lab, self.path = page, lab, path
        self.console = []
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))
        page.set_default_timeout(60_000)
        self.page.goto(self.lab.url(self.path))
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=90_000)
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")
        self.idle()

    def run_all(self) -> None:
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")

    def run(self, index: int) -> None:
        """Run one cell, and do not wait for it."""
        self.page.evaluate(
            """(index) => {
                const content = window.jupyterapp.shell.currentWidget.content;
                content.deselectAll();
                content.activeCellIndex = index;
                window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def idle(self) -> None:
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
        )

    def interrupt(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")

    def display(self, expression: str) -> None:
        """Show an expression's value in a new cell at the end."""
        self.page.evaluate(
            """(source) => {
                const { content } = window.jupyterapp.shell.currentWidget;
                content.model.sharedModel.addCell({ cell_type: 'code', source });
                content.deselectAll();
                content.activeCellIndex = content.widgets.length - 1;
                window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            f"({expression})",
        )

    def outputs(self) -> list[str]:
        """The text below each cell."""
        return self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.content.widgets.map("
            "(cell) => cell.outputArea?.node.innerText ?? '')"
        )

    def python(self, code: str) -> str:
        """Run code in the kernel beside the notebook; what it prints. An error there is one here."""
        text, error = self.page.evaluate(
            """async (code) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({ code, store_history: false });
                let [text, error] = ['', ''];
                future.onIOPub = ({ header, content }) => {
                    if (header.msg_type === 'stream') text += content.text;
                    if (header.msg_type === 'error') error = content.traceback.join('\\n');
                };
                await future.done;
                return [text, error];
            }""",
            code,
        )
        if error:
            raise RuntimeError(f"the kernel could not run {code!r}:\n{error}")
        return text

    def clear(self) -> None:
        """Close all widgets, and remove what cells have shown."""
        self.python("import ipywidgets; ipywidgets.Widget.close_all()")
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        self.page.wait_for_function("() => document.querySelectorAll('.cx-widget').length === 0")

    def close(self) -> None:
        with contextlib.suppress(Error):
            self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.context.close()


class Panels:
    """The panels of a run on a page, in the element of the widget that stands at this place."""

    kind: str

    def __init__(self, page: Page, place: int = 0) -> None:
        self.page, self.place = page, place
        self.root = page.locator(self.kind).nth(place)

    def until(self, condition: str, timeout: float = 60_000) -> None:
        """Wait until a JavaScript condition on the widget's element holds."""
        self.page.wait_for_function(
            f"(place) => {{ const widget = document.querySelectorAll('{self.kind}')[place];"
            f" return widget && (({{ dataset }}) => {condition})(widget); }}",
            arg=self.place,
            timeout=timeout,
        )

    def shows(self, **data: str | int) -> None:
        """Wait until the widget's element has these data."""
        for name, value in data.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

    def data(self, name: str) -> str:
        return self.root.get_attribute(f"data-{name}")

    def press(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def curve(self, name: str) -> list[float]:
        return self.root.evaluate(
            "(root, name) => [...root.querySelectorAll('.js-plotly-plot')].flatMap((plot) => plot.data)"
            ".find((trace) => trace.name === name).y",
            name,
        )

    def picture(self, title: str) -> str:
        picture = self.panel(title).locator(".cx-picture")
        return picture.evaluate("(picture) => picture.src ?? picture.toDataURL()")

    def places(self) -> list[str]:
        """How each picture is placed in its stage."""
        return self.root.locator(".cx-zoom img").evaluate_all(
            "(pictures) => pictures.map(({ style }) => style.transform)"
        )

    def panel(self, title: str) -> Locator:
        return self.root.locator(".cx-panel", has=self.page.get_by_role("heading", name=title))

    def describes(self, title: str, words: str) -> None:
        """Wait until these words are in what a panel says of its drawing."""
        drawing = self.panel(title).get_by_role("img", name=re.compile(re.escape(words)))
        expect(drawing).to_have_count(1)


class ExplorerPage(Panels):
    """What a user sees of one explorer, and does to it."""

    kind = ".cx-explorer"

    def __init__(self, book: Notebook, place: int = 0) -> None:
        super().__init__(book.page, place)
        self.book = book
        self.until("dataset.shown !== undefined && dataset.step !== undefined")

    def steps(self) -> int:
        """How many steps the run has taken."""
        return int(self.data("step"))

    def play(self) -> None:
        """Start the run; a short one may have ended before anybody looks."""
        before = self.steps()
        self.root.locator(".cx-play").click()
        self.until(f"dataset.playing === 'true' || dataset.step !== '{before}'")

    def pause(self, timeout: float = 60_000) -> None:
        self.root.locator(".cx-play").click()
        self.rests(timeout)

    def rests(self, timeout: float = 60_000) -> None:
        """Wait until the step under way has been taken and is shown; a status of before it says "not playing" too."""
        self.until(
            "dataset.playing === 'false' && dataset.settled === 'true' && dataset.shown === dataset.step", timeout
        )

    def choose(self, method: str) -> None:
        """Take a method from the list."""
        self.root.get_by_label("Method", exact=True).select_option(method)
        self.until(f"dataset.method === {json.dumps(method)} && dataset.step === '0' && dataset.shown === '0'")

    def take_step(self) -> None:
        step = self.steps() + 1
        self.press("Take one step")
        self.until(f"dataset.step === '{step}' && dataset.shown === '{step}'")

    def says(self, message: str) -> None:
        """Wait until a problem is told in this widget."""
        expect(self.root.locator(".cx-problem strong")).to_contain_text(message, use_inner_text=True)


class ReplayPage(Panels):
    """What a user sees of one replay, and does to it."""

    kind = ".cx-replay"

    def __init__(self, page: Page, place: int = 0) -> None:
        super().__init__(page, place)
        self.until("dataset.shown !== undefined && dataset.frames !== undefined")

    def scrub(self, frame: int) -> None:
        """Move the slider, and wait until all panels show the frame."""
        self.root.get_by_label("Frames of the recording").fill(str(frame))
        self.until(f"dataset.frame === '{frame}' && dataset.settled === '{frame}'")

    def shares(self) -> list[float]:
        """The share kept of each band, as the bars have it, in the bands' order."""
        return self.root.evaluate(
            """(root) => {
                const bars = [...root.querySelectorAll('.js-plotly-plot')].flatMap((plot) => plot.data)
                    .filter((trace) => trace.type === 'bar' && trace.orientation !== 'h');
                const shares = [];
                for (const { customdata, y } of bars) customdata.forEach((band, i) => (shares[band] = y[i]));
                return shares;
            }"""
        )


class ComparePage(Panels):
    """What a user sees of one comparison, and does to it."""

    kind = ".cx-compare"

    def __init__(self, page: Page, place: int = 0) -> None:
        super().__init__(page, place)
        self.until("dataset.states !== undefined")

    def play_all(self) -> None:
        """Run all methods to their ends."""
        self.root.locator(".cx-play").click()
        count = len(self.data("states").split())
        self.until(f"dataset.playing === 'false' && dataset.results === '{count}'", timeout=120_000)

    def method(self, label: str) -> Locator:
        """The panel of one method."""
        return self.root.locator(f"section.cx-compared[aria-label={json.dumps(label)}]")

    def stage(self, label: str) -> Locator:
        """The picture of one method, which zooms and moves."""
        return self.method(label).locator(".cx-zoom")

    def zoom(self) -> list[float]:
        """The scale of all pictures, and where what is seen begins."""
        return [float(value) for value in self.data("zoom").split()]

    @property
    def rows(self) -> Locator:
        """The table's labels in the order that is shown."""
        return self.root.locator(".cx-table tbody th")


class ResultsPage(Panels):
    """What a user sees of a study's results, and does to them."""

    kind = ".cx-results"

    def __init__(self, page: Page, place: int = 0) -> None:
        super().__init__(page, place)
        self.until("dataset.drawn !== undefined")

    def names(self, end: str) -> list[str]:
        """The photographs at one end of the chosen score, "best" or "worst", in their order."""
        return self.root.locator(f"section[data-end={end}] button.cx-pair").evaluate_all(
            "(buttons) => buttons.map(({ title }) => title)"
        )

    def legend(self, method: str) -> Locator:
        """The button that shows or hides a method."""
        return self.root.locator(f"button[data-method={json.dumps(method)}]")

    def marks(self) -> int:
        """How many explanations the scatter shows."""
        return int(self.root.locator(".cx-marks").get_attribute("data-marks"))


class LabPage(Panels):
    """What a user sees of one sparsity lab, and does to it."""

    kind = ".cx-lab"

    def __init__(self, book: Notebook, place: int = 0) -> None:
        super().__init__(book.page, place)
        self.book = book
        self.until("dataset.k !== undefined && dataset.ssim")

    def keep(self, k: int) -> None:
        """Type a number of coefficients, and wait for its pictures."""
        field = self.root.get_by_role("spinbutton", name="Coefficients kept")
        field.fill(str(k))
        field.press("Enter")
        self.until(f"dataset.k === '{k}'")

    def picture(self, title: str) -> str:
        return self.panel(title).locator("canvas").evaluate("(canvas) => canvas.toDataURL()")


class SignalPage(Panels):
    """What a user sees of one signal lab, and does to it."""

    kind = ".cx-signal-lab"

    def __init__(self, book: Notebook, place: int = 0) -> None:
        super().__init__(book.page, place)
        self.book = book
        self.until("dataset.k !== undefined")

    def drag(self, strip: Locator, *places: tuple[float, float]) -> None:
        """Draw over a strip with the mouse, from place to place, as shares of its width and height."""
        strip.scroll_into_view_if_needed()
        box = strip.bounding_box()
        ways = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
        self.page.mouse.move(*ways[0])
        self.page.mouse.down()
        for way in ways[1:]:
            self.page.mouse.move(*way, steps=6)
        self.page.mouse.up()

    def scale(self, label: str) -> Locator:
        """The strip of the coefficients of a scale, or of the lowpass."""
        return self.root.get_by_role("application", name=re.compile(f"^{re.escape(label)},"))

    @property
    def signal(self) -> Locator:
        """The strip of the signal."""
        return self.root.get_by_role("application", name=re.compile("^Signal of"))


class WrittenLabPage(LabPage):
    """A sparsity lab that was written as a page."""

    def __init__(self, page: Page) -> None:
        Panels.__init__(self, page)
        self.until("dataset.k !== undefined && dataset.ssim")

    def upload(self, path: Path) -> None:
        """Choose a file as the picture."""
        with self.page.expect_file_chooser() as chooser:
            self.root.get_by_role("button", name="Upload a photograph of your own").click()
        chooser.value.set_files(path)

    def drawn_line(self, title: str, name: str) -> tuple[list[float], list[float | None]]:
        """A line of a chart, its places and its values."""
        return self.panel(title).evaluate(
            "(panel, name) => { const { x, y } = panel.querySelector('.js-plotly-plot').data"
            ".find((trace) => trace.name === name); return [x, y]; }",
            name,
        )
