"""Take the pictures of the explorer in ``docs/images/``: light and dark, in a real JupyterLab and Chromium.

``.venv/bin/python scripts/screenshot.py`` runs the live notebook on a copy, plays it to its end, and writes
``explorer.png`` and ``explorer-dark.png``. It takes a minute or two.
"""

import contextlib
import io
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NOTEBOOK = "01_live_cartoonx.ipynb"
EXPLORER_CELL = 1
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH = 1200  # of the explorer, in pixels
MOST_BYTES = 500_000
RUN_TIMEOUT = 600_000  # milliseconds
PICTURES = {"JupyterLab Light": "explorer.png", "JupyterLab Dark": "explorer-dark.png"}


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve a folder by a JupyterLab with settings of its own; yields the notebook's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    kinds = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
    # The kernel named python3 is this Python's, and no setting is the user's.
    environment = {**os.environ, **{name: str(folder / name) for name in kinds}}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--log-level=ERROR"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"]
    log = folder / "log.txt"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # noqa: S603 - all ours
    try:
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                urllib.request.urlopen(f"{address}/api?token={token}", timeout=5).close()  # noqa: S310 - ours
                break
            except OSError:
                if server.poll() is not None:
                    raise RuntimeError(f"JupyterLab did not start: {log.read_text()}") from None
                time.sleep(0.2)
        yield f"{address}/lab/tree/{NOTEBOOK}?reset&token={token}"
    finally:
        server.terminate()
        server.wait()


def play(page: Page, address: str) -> None:
    """Open the notebook without its surroundings, show the explorer and run it to its end."""
    page.goto(address)
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext")
    page.add_style_tag(content=".Toastify { display: none }")  # JupyterLab asks whether it may show its news
    page.evaluate(
        """async (cell) => {
            const { shell, commands } = window.jupyterapp;
            shell.collapseLeft();
            await shell.currentWidget.sessionContext.ready;
            shell.currentWidget.content.activeCellIndex = cell;
            commands.execute('notebook:run-cell');
        }""",
        EXPLORER_CELL,
    )
    page.wait_for_selector(".cx-explorer[data-shown]")
    margins = page.viewport_size["width"] - page.locator(".cx-explorer").bounding_box()["width"]
    page.set_viewport_size({"width": WIDTH + round(margins), "height": 1500})
    page.locator(".cx-play").click()
    page.wait_for_selector(".cx-explorer[data-playing=true]")
    page.wait_for_function(
        "() => (({ playing, shown, step }) => playing === 'false' && shown === step)"
        "(document.querySelector('.cx-explorer').dataset)",
        timeout=RUN_TIMEOUT,
    )
    print(page.locator(".cx-summary").inner_text())


def photograph(page: Page, theme: str) -> Image.Image:
    """A picture of the explorer in one of JupyterLab's themes."""
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.mouse.move(0, 0)  # no tooltip, no lit button
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_function(  # each panel fills its place again
        "() => [...document.querySelectorAll('.cx-plot')].every("
        "(plot) => Math.abs(plot.clientWidth - plot.querySelector('.main-svg').clientWidth) < 2)"
    )
    return Image.open(io.BytesIO(page.locator(".cx-explorer").screenshot())).convert("RGB")


def save(picture: Image.Image, path: Path) -> None:
    """Write a PNG, in as many colours as its size allows."""
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size // 1000} kB")


def main() -> None:
    """Take both pictures of one run."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shutil.copy(ROOT / "notebooks" / NOTEBOOK, folder)
        with jupyterlab(Path(folder)) as address:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            page = browser.new_page(viewport={"width": WIDTH + 130, "height": 1500})
            page.set_default_timeout(90_000)
            play(page, address)
            for theme, name in PICTURES.items():
                save(photograph(page, theme), IMAGES / name)
            browser.close()


if __name__ == "__main__":
    main()
