"""Take the pictures in ``docs/images/``: the widgets in light and dark, a page of results, the figures, and a run.

``.venv/bin/python scripts/screenshot.py`` runs a copy of the live notebook in a real JupyterLab and Chromium, plays it
to its end, studies the sample photographs for the page of results, and makes the short animation from the recording of
another run, which takes ten minutes.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
from harness import (
    ROOT,
    ComparePage,
    ExplorerPage,
    LabPage,
    Notebook,
    Panels,
    ResultsPage,
    SignalPage,
    open_chromium,
    serve_lab,
)

import cartoonx_widgets as cx

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = ROOT / "docs" / "images"
STUDY = ROOT / "build" / "studied"  # goes on where it was
STUDIED = {
    "ShearletX": cx.methods.shearletx_interactive(steps=60),
    "WaveletX": cx.methods.waveletx_interactive(steps=60),
    "CartoonX": cx.methods.cartoonx_interactive(steps=60),
    "Pixel mask": cx.methods.pixel_mask().accelerated(steps=60),
}
NEAR = (1.0, 0.75)  # parts of a photograph's sides that are studied, around its centre
THEMES = {"JupyterLab Light": "", "JupyterLab Dark": "-dark"}
WIDTH, HEIGHT = 1200, 1500  # of the explorer, and of a window that it fits into, in pixels
MARGIN = 5  # pixels around a part of a widget
MOST_BYTES = 500_000
RUN_TIMEOUT = 600_000  # milliseconds
RUN_SECONDS = 5
# JupyterLab hides its page while it changes the theme; then every plot fills its place again.
DRAWN = """
() => !document.querySelector('#jupyterlab-splash') &&
    [...document.querySelectorAll('.cx-plot:not(:has(.cx-zoom))')].every(
        (plot) => !plot.clientWidth || Math.abs(plot.clientWidth - plot.querySelector('.main-svg')?.clientWidth) < 2
    )
"""


def main() -> None:
    """Take the pictures, and make the animation."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serve_lab(Path(folder)) as lab, open_chromium() as browser:
        book = Notebook(browser, lab, width=WIDTH, height=HEIGHT)
        book.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        book.run(1)
        explorer = ExplorerPage(book)
        box = explorer.root.bounding_box()
        assert box is not None
        margins = WIDTH - box["width"]
        book.page.set_viewport_size({"width": WIDTH + round(margins), "height": HEIGHT})
        explorer.play()
        explorer.until("dataset.settled === 'true' && dataset.shown === dataset.step", timeout=RUN_TIMEOUT)
        print(explorer.root.locator(".cx-summary").inner_text())
        for theme, ending in THEMES.items():
            save(taken(explorer, theme), IMAGES / f"explorer{ending}.png")
        guided(explorer)
        book.python("explorer.close()")
        book.display("(lab := cx.sparsity_lab())")
        lab_page = LabPage(book)
        lab_page.until("dataset.curves === 'complete' && dataset.ssim")
        for theme, ending in THEMES.items():
            save(taken(lab_page, theme), IMAGES / f"sparsity-lab{ending}.png")
        denoising(book, lab_page)
        side_by_side(book, lab_page)
        book.clear()
        signals(book)
        book.clear()
        book.display("cx.compare('coffee', target='espresso')")
        comparison = ComparePage(book.page)
        comparison.play_all()
        for theme, ending in THEMES.items():
            save(taken(comparison, theme), IMAGES / f"compare{ending}.png")
        book.close()
        studied = study(Path(folder))
        results(browser, studied)
        figures(browser, Path(folder), cx.Results(studied.parent))
    cx.baselines.wam("coffee", target="espresso", form="integrated").to_image().save(IMAGES / "wam.png", optimize=True)
    recording = cx.record("coffee", target="espresso", every=2, progress=False)
    recording.to_gif(IMAGES / "run.gif", seconds=RUN_SECONDS, progress=False)
    print(f"run.gif: {(IMAGES / 'run.gif').stat().st_size // 1000} kB")


def study(folder: Path) -> Path:
    """The page of results of a study of parts of the sample photographs."""
    photographs = folder / "photographs"
    photographs.mkdir()
    for name in cx.images.sample_names():
        picture = cx.images.sample(name)
        height, width = picture.shape[1:]
        for near in NEAR:
            top, left = round(height * (1 - near) / 2), round(width * (1 - near) / 2)
            part = picture[:, top : height - top, left : width - left]
            (photographs / f"{name} {near:.0%}.png").write_bytes(cx.images.to_png(part))
    cx.study(photographs, STUDIED, out=STUDY)
    return STUDY / "results.html"


def results(browser: Browser, path: Path) -> None:
    """Take the pictures of the page of results."""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme, ending in zip(schemes, THEMES.values(), strict=True):
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
        page.goto(path.as_uri())
        root = ResultsPage(page).root
        save(Image.open(io.BytesIO(root.screenshot())).convert("RGB"), IMAGES / f"results{ending}.png")
        page.close()


def figures(browser: Browser, folder: Path, studied: cx.Results) -> None:
    """Take a picture of each figure of Plotly, and write those of matplotlib."""
    classifier = cx.efficientnet_lite0()
    method = cx.methods.cartoonx_interactive(steps=60)
    recording = cx.record("coffee", target="espresso", method=method, progress=False)
    explanation = cx.explain("coffee", target="espresso", method=method, progress=False)
    comparison = cx.compare("coffee", target="espresso")
    comparison.play()
    comparison.wait()
    curves = [
        cx.scores.rate_distortion(explanation, classifier=classifier, order=order, samples=8)
        for order in ("relevance", "random")
    ]
    made = {
        "explanation": explanation.figure(),
        "recording": recording.figure(),
        "compare": comparison.figure(),
        "results": studied.figure(),
        "distribution": studied.figure("hallucination", None),
        "curves": curves[0].figure("by relevance", y_title="distortion", others={"by chance": curves[1]}),
    }
    for name, figure in made.items():
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        path = folder / f"{name}.html"
        figure.write_html(path)
        page.goto(path.as_uri())
        plot = page.locator(".js-plotly-plot")
        plot.locator(".main-svg").first.wait_for()
        picture = Image.open(io.BytesIO(plot.screenshot())).convert("RGB")
        save(picture, IMAGES / f"figure-{name}.png")
        page.close()
    explanation.save(folder / "paper.png", figure=True)
    comparison.save(folder / "compare-paper.png")
    for name in ("paper", "compare-paper"):
        picture = Image.open(folder / f"{name}.png").convert("RGB")
        save(picture.resize((1100, round(1100 * picture.height / picture.width))), IMAGES / f"figure-{name}.png")
    comparison.close()


def denoising(book: Notebook, lab: LabPage) -> None:
    """A picture of the lab's denoising alone."""
    book.python("lab.denoising = {'sigma': 0.1, 'threshold': 1.5}")
    section = lab.root.locator(".cx-denoise[data-ssim]:not([data-ssim=''])")
    section.wait_for()
    taken(lab, "JupyterLab Light")
    save(Image.open(io.BytesIO(section.screenshot())).convert("RGB"), IMAGES / "denoising.png")


def guided(explorer: ExplorerPage) -> None:
    """A picture of a lit term of the objective, and one of the tour."""
    page, root = explorer.page, explorer.root
    taken(explorer, "JupyterLab Light")
    root.get_by_role("button", name="20 times l1").hover()
    page.wait_for_function(DRAWN)
    save(part(explorer, ".cx-objective", ".cx-charts >> nth=0"), IMAGES / "objective.png")
    root.get_by_role("button", name="Tour", exact=True).click()
    for _ in range(3):
        page.keyboard.press("Enter")
    save(part(explorer, ".cx-pointed", ".cx-tour"), IMAGES / "tour.png")
    page.keyboard.press("Escape")


def part(widget: Panels, *selectors: str) -> Image.Image:
    """A picture of the part of a widget that holds these elements."""
    boxes = [box for selector in selectors if (box := widget.root.locator(selector).bounding_box())]
    left, top = min(box["x"] for box in boxes) - MARGIN, min(box["y"] for box in boxes) - MARGIN
    width = max(box["x"] + box["width"] for box in boxes) + MARGIN - left
    height = max(box["y"] + box["height"] for box in boxes) + MARGIN - top
    picture = widget.page.screenshot(clip={"x": left, "y": top, "width": width, "height": height})
    return Image.open(io.BytesIO(picture)).convert("RGB")


def side_by_side(book: Notebook, lab: LabPage) -> None:
    """A picture of two labs beside each other, down to what k numbers give."""
    book.python("lab.denoising, lab.kept = None, 2000")
    book.python("lab.beside = lab.copy()")
    book.python("lab.beside.representation, lab.beside.levels = 'haar', 3")
    LabPage(book, 1).until("dataset.levels === '3' && dataset.curves === 'complete' && dataset.ssim")
    picture = taken(lab, "JupyterLab Light")
    whole, kept = lab.root.bounding_box(), lab.panel("Cosine").first.bounding_box()
    assert whole is not None
    assert kept is not None
    height = round(kept["y"] + kept["height"] - whole["y"]) + 8
    save(picture.crop((0, 0, picture.width, height)), IMAGES / "side-by-side.png")
    book.python("lab.beside = None")


def signals(book: Notebook) -> None:
    """A picture of the signal lab, in which one coefficient at a jump is chosen."""
    book.display("cx.signal_lab()")
    lab = SignalPage(book)
    lab.drag(lab.scale("scale 4"), (0.9, 0.5))
    lab.until("dataset.atom")
    save(taken(lab, "JupyterLab Light"), IMAGES / "signal-lab.png")


def taken(widget: Panels, theme: str) -> Image.Image:
    """A picture of a widget in one of JupyterLab's themes."""
    page = widget.page
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.wait_for_function(DRAWN)
    page.mouse.move(0, 0)  # nothing is hovered,
    page.evaluate("() => document.activeElement.blur()")  # and nothing focused
    return Image.open(io.BytesIO(widget.root.screenshot())).convert("RGB")


def save(picture: Image.Image, path: Path) -> None:
    """Write a PNG; in 256 colours where it would be too large."""
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        picture.quantize(256).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
