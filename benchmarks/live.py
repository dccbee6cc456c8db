"""The explorer watched in a real JupyterLab and Chromium: `python benchmarks/live.py`.

Kernel, server and browser share the machine, so that on two cores the browser takes its share of the wall time; the
kernel's own CPU time is told apart from it.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import tempfile
from pathlib import Path

from report import SMALL, Figure, report

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
from harness import ExplorerPage, Notebook, open_chromium, serve_lab

WATCHED_SECONDS, PAIRS = (1, 1) if SMALL else (60, 7)
SAMPLES, STEPS = (2, 4) if SMALL else (16, 30)  # of the runs that are paired
SLEEPING = (False, True) if SMALL else (False, False, False, True, True, True)
NAP = 1 if SMALL else 5  # seconds that a cell sleeps, longer than a pause takes
OBSERVE = """
() => {
  window.lags = [];
  const explorer = document.querySelector('.cx-explorer');
  const note = () => window.lags.push([performance.now() / 1000, Number(explorer.dataset.lag)]);
  new MutationObserver(note).observe(explorer, { attributes: true, attributeFilter: ['data-lag'] });
}
"""
PLAY = """
async () => {
  const { dataset } = document.querySelector('.cx-explorer');
  const pressed = performance.now();
  document.querySelector('.cx-play').click();
  while (dataset.shown === '0') await new Promise(requestAnimationFrame);
  return (performance.now() - pressed) / 1000;
}
"""
# In the kernel: note when each step of a new run ends.
INSTRUMENTED = """
import time
explorer.method = cx.methods.cartoonx_interactive()
ended = []
def noted(left=None, step=explorer._task.optimization.step):
    taken = step(left)
    ended.append(time.time())
    return taken
explorer._task.optimization.step = noted
"""
# In the kernel: CPU and wall time of a watched run and of the same run without a widget, in turn.
PAIRED = """
import json, time
def spent(run):
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall
def watched():
    explorer.play(); explorer.wait()
pairs = []
for _ in range({pairs}):
    explorer.reset()
    pairs.append([spent(watched), spent(lambda: cx.explain('coffee', method=explorer.method, progress=False))])
print(json.dumps(pairs))
"""


def main() -> None:
    """Measure everything in one JupyterLab."""
    with tempfile.TemporaryDirectory() as folder, serve_lab(Path(folder)) as lab, open_chromium() as browser:
        book = Notebook(browser, lab)
        book.run(1)
        page = ExplorerPage(book)
        figures = [watching_costs(book), *first_frame_and_pause(book, page)]
        book.python("explorer.method = cx.methods.cartoonx_interactive(samples=2, steps=100_000)")
        figures += frames_and_lag(page)
        book.close()
    report("live", figures)


def watching_costs(book: Notebook) -> Figure:
    """CPU time of the kernel for a watched run over the same run headless."""
    book.python(f"explorer.method = cx.methods.cartoonx_interactive(samples={SAMPLES}, steps={STEPS})")
    pairs = json.loads(book.python(PAIRED.format(pairs=PAIRS)))
    ratios = [watched[0] / headless[0] for watched, headless in pairs]
    watched, headless = (statistics.median(pair[i][1] for pair in pairs) for i in (0, 1))
    return Figure(
        "kernel CPU time of a watched run over headless (ratio)",
        statistics.median(ratios),
        1.05,
        detail=f"{min(ratios):.2f} to {max(ratios):.2f} in {PAIRS} pairs; wall {watched:.1f} s over {headless:.1f} s",
    )


def first_frame_and_pause(book: Notebook, page: ExplorerPage) -> list[Figure]:
    """From play to the first frame, from pause to standing still; also while a cell sleeps."""
    first: list[float] = []
    awake: list[float] = []
    asleep: list[float] = []
    steps: list[float] = []
    for sleeping in SLEEPING:
        book.python(INSTRUMENTED)
        page.until("dataset.step === '0' && dataset.shown === '0'")
        first.append(page.page.evaluate(PLAY))
        page.until("Number(dataset.step) >= 8")
        if sleeping:
            book.page.evaluate(
                "(code) => void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
                ".requestExecute({ code })",
                f"import time; time.sleep({NAP})",
            )
            book.page.wait_for_timeout(500)
        pressed = page.page.evaluate("() => { document.querySelector('.cx-play').click(); return Date.now() / 1000 }")
        page.rests()
        ended = json.loads(book.python("import json; print(json.dumps(ended))"))
        (asleep if sleeping else awake).append(max(0.0, ended[-1] - pressed))
        steps += [later - earlier for earlier, later in itertools.pairwise(ended)]
    step = statistics.median(steps)
    return [
        Figure(
            "from play to the first frame on the screen (s)",
            statistics.median(first),
            1.0,
            detail=f"a step: {step:.2f} s",
        ),
        Figure(
            "from pause to standing still (s)",
            statistics.median(awake),
            round(step + 0.1, 2),
            detail="bound: one step + 0.1 s",
        ),
        Figure(
            "the same while another cell sleeps (s)", statistics.median(asleep), round(step + 0.1, 2), detail="likewise"
        ),
    ]


def frames_and_lag(page: ExplorerPage) -> list[Figure]:
    """Frames a second and the lag from kernel to screen over a minute of steps as fast as they come."""
    page.until("dataset.step === '0' && dataset.shown === '0'")
    page.page.evaluate(OBSERVE)
    page.play()
    page.until("Number(dataset.frames) >= 3")  # also where the machine is busy
    page.page.wait_for_timeout(1000 * WATCHED_SECONDS)
    page.pause()
    noted = page.page.evaluate("() => window.lags")
    step_ms = 1000 * (noted[-1][0] - noted[0][0]) / page.steps()
    start, end = noted[0][0], noted[-1][0]
    lags = sorted(lag for _, lag in noted)
    early = statistics.median(lag for at, lag in noted if at < start + 10)
    late = statistics.median(lag for at, lag in noted if at > end - 10)
    return [
        Figure(
            "frames a second, small steps",
            len(noted) / (end - start),
            5,
            at_least=True,
            detail=f"a step: {step_ms:.0f} ms",
        ),
        Figure(
            "lag from kernel to screen, 99th percentile (s)",
            lags[int(0.99 * len(lags))],
            0.5,
            detail=f"median {statistics.median(lags):.2f} s",
        ),
        Figure(
            "lag in the last ten seconds over the first (ratio)",
            late / early,
            1.25,
            detail=f"{late:.2f} s over {early:.2f} s",
        ),
    ]


if __name__ == "__main__":
    main()
