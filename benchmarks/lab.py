"""The sparsity lab in a real JupyterLab and Chromium, from slider to picture: `python benchmarks/lab.py`.

Kernel, server and browser share the machine. A lag goes from the slider's event to the moment when the pictures have
been painted.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from report import SMALL, Figure, report

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
from harness import LabPage, Notebook, open_chromium, serve_lab

MOVES = 6 if SMALL else 60
# The bounds: what is aimed at for the default representation, and what all have to keep.
AIM = {64: 60} if SMALL else {256: 60, 512: 300}
BOUND = {64: 150, 256: 150, 512: 300}
MEASURED = ("db3", "haar") if SMALL else ("db3", "haar", "db8", "dual-tree", "shearlets")
# A slider that is moved on each frame of the screen, as a hand does: the lag of each picture that was shown.
DRAG = """
async (moves) => {
  const lab = document.querySelector('.cx-lab');
  const slider = lab.querySelector('.cx-wide');
  const lags = [];
  const note = new MutationObserver(() => lags.push(Number(lab.dataset.lag)));
  note.observe(lab, { attributes: true, attributeFilter: ['data-lag'] });
  const most = Number(slider.max);
  for (let i = 0; i < moves; i++) {
    slider.value = Math.round(most * (0.5 + 0.45 * Math.sin(i / 8)));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  const wanted = lab.querySelector('input[type=number]').value;
  while (lab.dataset.k !== wanted) await new Promise(requestAnimationFrame);
  note.disconnect();
  return lags;
}
"""
# A slider that stands still until its picture is there.
STEP = """
async (moves) => {
  const lab = document.querySelector('.cx-lab');
  const slider = lab.querySelector('.cx-wide');
  const lags = [];
  for (let i = 0; i < moves; i++) {
    slider.value = Math.round(Number(slider.max) * (0.4 + 0.55 * (i % 12) / 12));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const wanted = lab.querySelector('input[type=number]').value;
    while (lab.dataset.k !== wanted) await new Promise(requestAnimationFrame);
    lags.push(Number(lab.dataset.lag));
    await new Promise((resolve) => setTimeout(resolve, 20 + 13 * (i % 7)));
  }
  return lags;
}
"""
# Another representation: from the choice to its pictures.
CHOOSE = """
async (name) => {
  const lab = document.querySelector('.cx-lab');
  const choice = lab.querySelectorAll('select')[1];
  const begun = performance.now();
  const run = lab.dataset.run;
  delete lab.dataset.k;
  choice.value = name;
  choice.dispatchEvent(new Event('change', { bubbles: true }));
  while (lab.dataset.run === run || lab.dataset.k === undefined) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}
"""


def main() -> None:
    """Measure both sizes in one JupyterLab."""
    with tempfile.TemporaryDirectory() as folder, serve_lab(Path(folder)) as server, open_chromium() as browser:
        figures = [figure for size in AIM for figure in measure(Notebook(browser, server), size)]
    report("lab", figures)


def measure(book: Notebook, size: int) -> list[Figure]:
    """The lags of all representations at one size."""
    book.python("import cartoonx_widgets as cx")
    book.display(f"lab := cx.sparsity_lab('astronaut', size={size})")
    page = LabPage(book)
    page.until("dataset.curves === 'complete'")
    figures = []
    for name in MEASURED:
        first = book.page.evaluate(CHOOSE, name) if name != MEASURED[0] else None
        page.until(f"dataset.representation === '{name}' && dataset.curves === 'complete'")
        bound = AIM[size] if name == MEASURED[0] else BOUND[size]
        for what, moves in (("slider to picture", STEP), ("the same while it is dragged", DRAG)):
            lags = sorted(book.page.evaluate(moves, MOVES))
            figures.append(
                Figure(
                    f"{size} x {size}, {name}: {what}, 95th percentile (ms)",
                    lags[min(len(lags) - 1, int(0.95 * len(lags)))],
                    bound,
                    detail=f"median {statistics.median(lags):.0f} ms, {len(lags)} pictures",
                )
            )
            page.until("dataset.ssim !== ''")
        if first is not None:
            figures.append(Figure(f"{size} x {size}, {name}: from the choice to its pictures (ms)", first, BOUND[size]))
    book.close()
    return figures


if __name__ == "__main__":
    main()
