"""Take the pictures of the explorer in ``docs/images/``, in JupyterLab's light and dark theme.

``.venv/bin/python scripts/screenshot.py`` runs a copy of the live notebook in a real JupyterLab and Chromium and plays
it to its end, which takes a minute or two.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
from harness import ROOT, ExplorerPage, Notebook, open_chromium, serve_lab

IMAGES = ROOT / "docs" / "images"
PICTURES = {"JupyterLab Light": "explorer.png", "JupyterLab Dark": "explorer-dark.png"}
WIDTH, HEIGHT = 1200, 1500  # of the explorer, and of a window that it fits into, in pixels
MOST_BYTES = 500_000
RUN_TIMEOUT = 600_000  # milliseconds
# JupyterLab hides its page while it changes the theme; then every plot fills its place again.
DRAWN = """
() => !document.querySelector('#jupyterlab-splash') && [...document.querySelectorAll('.cx-plot')].every(
    (plot) => Math.abs(plot.clientWidth - plot.querySelector('.main-svg').clientWidth) < 2
)
"""


def main() -> None:
    """Take both pictures of one run."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serve_lab(Path(folder)) as lab, open_chromium() as browser:
        book = Notebook(browser, lab, width=WIDTH, height=HEIGHT)
        book.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        book.run(1)
        explorer = ExplorerPage(book)
        margins = WIDTH - explorer.root.bounding_box()["width"]
        book.page.set_viewport_size({"width": WIDTH + round(margins), "height": HEIGHT})
        explorer.play()
        explorer.until("dataset.settled === 'true' && dataset.shown === dataset.step", timeout=RUN_TIMEOUT)
        print(explorer.root.locator(".cx-summary").inner_text())
        for theme, name in PICTURES.items():
            save(taken(explorer, theme), IMAGES / name)
        book.close()


def taken(explorer: ExplorerPage, theme: str) -> Image.Image:
    """A picture of the explorer in one of JupyterLab's themes."""
    page = explorer.page
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.wait_for_function(DRAWN)
    page.mouse.move(0, 0)  # nothing is hovered,
    page.evaluate("() => document.activeElement.blur()")  # and nothing focused
    return Image.open(io.BytesIO(explorer.root.screenshot())).convert("RGB")


def save(picture: Image.Image, path: Path) -> None:
    """Write a PNG; in 256 colours where it would be too large."""
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        picture.quantize(256).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
