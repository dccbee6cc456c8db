"""How long a page of results with 5,000 records takes to open: `python benchmarks/results_page.py`.

The records are those of a small study, with their pictures, repeated under other names with other figures.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from report import SMALL, Figure, report
from study import crops

import cartoonx_widgets as cx
from cartoonx_widgets import scores
from cartoonx_widgets.explanations.method_specs import MethodSpec
from cartoonx_widgets.studies import Results, plan, records
from cartoonx_widgets.studies.jobs import Finished

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
from harness import ResultsPage, open_chromium

COUNT, PHOTOGRAPHS, OPENED = (80, 2, 1) if SMALL else (5000, 12, 7)
METHODS = {
    name: cx.methods.pixel_mask(steps=1, samples=1) for name in ("ShearletX", "WaveletX", "Pixel mask", "Smooth mask")
}


def main() -> None:
    """Make the page, open it, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "results.html"
        many(Path(folder)).to_html(page)
        taken = []
        with open_chromium() as browser:
            for _ in range(OPENED):
                context = browser.new_context(viewport={"width": 1300, "height": 900}, offline=True)
                opened = context.new_page()
                opened.goto(page.as_uri(), wait_until="commit")
                ResultsPage(opened).until(f"dataset.drawn === '{COUNT}'")
                taken.append(opened.evaluate("() => performance.now()") / 1000)
                context.close()
        detail = f"{min(taken):.2f} to {max(taken):.2f} in {OPENED}; {page.stat().st_size / 1e6:.1f} MB"
        what = f"seconds until a page of {COUNT} records is drawn"
        report("results_page", [Figure(what, statistics.median(taken), 1.5, detail=detail)])


def many(folder: Path) -> Results:
    """A study of so many records by four methods, made up from a real one of few photographs."""
    small = cx.study(crops(folder / "photographs", PHOTOGRAPHS), METHODS, out=folder / "small", progress=False)
    found = small.table(pictures=True).to_pylist()
    keys = [f"{index:04d}.png" for index in range(COUNT // len(METHODS))]
    planned = plan.Plan.create_or_extend(
        folder / "large",
        keys=keys,
        methods={name: MethodSpec(name, method, None) for name, method in METHODS.items()},
        seeds=[0],
        classifier=cx.efficientnet_lite0(),
        batch_size=50,
        use_labels=False,
        save_masks=False,
    )
    chance = np.random.default_rng(0)
    for batch in planned.all():
        of_method = [row for row in found if row["method"] == batch.method]
        rows = []
        for key in batch.keys:
            row = dict(of_method[chance.integers(len(of_method))])
            factors = np.exp(chance.normal(0, 0.4, len(scores.NAMES)))
            row |= {name: row[name] * factor for name, factor in zip(scores.NAMES, factors, strict=True)}
            rows.append({**row, "photograph": key})
        records.write(folder / "large", batch, Finished(rows))
    return Results(folder / "large")


if __name__ == "__main__":
    main()
