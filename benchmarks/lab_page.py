"""The sparsity lab's page in Chromium, from disk, from slider to picture: `python benchmarks/lab_page.py`.

A lag goes from the slider's event to the moment when the pictures have been painted, as in `lab.py`, with a kernel.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lab import CHOOSE, DRAG, MOVES, STEP
from report import SMALL, Figure, report

import cartoonx_widgets as cx

# lab.py has put the folder of these on the path.
from harness import WrittenLabPage, open_chromium  # isort: skip

if TYPE_CHECKING:
    from playwright.sync_api import Page

BOUNDS = {64: 60} if SMALL else {256: 60, 512: 150}  # milliseconds
MEASURED = ("db3",) if SMALL else ("db3", "haar", "db8")
MEGABYTES = {64: 1.5, 256: 1.5, 512: 4}


def main() -> None:
    """Measure all sizes in one browser."""
    with tempfile.TemporaryDirectory() as folder, open_chromium() as browser:
        figures = [figure for side in BOUNDS for figure in measure(browser.new_page(), Path(folder), side)]
    report("lab_page", figures)


def measure(page: Page, folder: Path, side: int) -> list[Figure]:
    """The page's weight, and the lags of all wavelets at one size."""
    path = folder / f"{side}.html"
    lab = cx.sparsity_lab("astronaut", size=side)
    lab.to_html(path)
    lab.close()
    size, bound = f"{side} x {side}", BOUNDS[side]
    figures = [Figure(f"{size}: the page (MB)", path.stat().st_size / 1e6, MEGABYTES[side])]
    page.goto(path.as_uri())
    shown = WrittenLabPage(page)
    for name in MEASURED:
        shown.until("dataset.curves === 'complete'")
        if name != MEASURED[0]:
            chosen = page.evaluate(CHOOSE, name)
            figures.append(Figure(f"{size}, {name}: from the choice to its pictures (ms)", chosen, 150))
            shown.until(f"dataset.representation === '{name}' && dataset.curves === 'complete'")
        for what, moves in (("slider to picture", STEP), ("the same while it is dragged", DRAG)):
            lags = sorted(page.evaluate(moves, MOVES))
            slow = lags[min(len(lags) - 1, int(0.95 * len(lags)))]
            detail = f"median {statistics.median(lags):.0f} ms, {len(lags)} pictures"
            figures.append(Figure(f"{size}, {name}: {what}, 95th percentile (ms)", slow, bound, detail=detail))
            shown.until("dataset.ssim !== ''")
    page.close()
    return figures


if __name__ == "__main__":
    main()
