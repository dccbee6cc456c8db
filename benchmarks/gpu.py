"""All figures of a GPU, in one command of at most 8 minutes: `python benchmarks/gpu.py`.

A step is compared with the prepared classifier's own forward and backward pass over as many images, both replayed as
CUDA graphs, in turn. A study is compared with a plain loop that calls `explain`. Where there is no GPU, the table says
that nothing was measured. Whether a GPU computes what it should is looked at by `cartoonx-widgets check`.
"""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from network import network
from report import SMALL, Figure, report
from speed import prepared, run_of_the_default, step_ratio
from study import crops
from timing import seconds

import cartoonx_widgets as cx
from cartoonx_widgets.studies.sources import photographs

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = (2, 4) if SMALL else (16, 64)
COUNT = 2 if SMALL else 32  # photographs of the study: two batches
MOST_MINUTES = 8


def main() -> None:
    """Measure, or say that nothing was measured, and write the table."""
    started = time.monotonic()
    default = cx.methods.cartoonx_interactive()
    default = default.replace(steps=3) if SMALL else default
    figures = [measured(partial(run_of_the_default, 1.5), "the interactive default, from play to done (s)", 1.5)]
    for method in (*(cx.methods.waveletx(samples=samples) for samples in SAMPLES), default):
        samples = method.on(torch.device("cuda")).samples
        what = f"{method.name}, {samples} samples: step over classifier (ratio)"
        figures.append(measured(partial(step_ratio, method, 1.25), what, 1.25))
    figures += [
        measured(partial(bfloat16, default), BFLOAT16, 0.01),
        measured(partial(study_over_loop, default), STUDY, 4, at_least=True),
        measured(lambda: Figure(MINUTES, (time.monotonic() - started) / 60, MOST_MINUTES), MINUTES, MOST_MINUTES),
    ]
    report("gpu", figures)


BFLOAT16 = "how much bfloat16 moves the distortion (share)"
STUDY = "photographs an hour, a study over a plain loop that calls explain (ratio)"
MINUTES = "this benchmark (minutes)"


def measured(measure: Callable[[], Figure], what: str, bound: float, *, at_least: bool = False) -> Figure:
    """Measure a figure where there is a GPU, or small; elsewhere return it without a value."""
    if torch.cuda.is_available() or SMALL:
        return measure()
    return Figure(what, None, bound, at_least=at_least)


def bfloat16(method: cx.Method) -> Figure:
    """What a run decides by whether its classifier computes in bfloat16; nothing where it does not try."""
    optimization = prepared(method)
    return Figure(BFLOAT16, optimization.sampler.bfloat16_error, 0.01, detail=optimization.execution)


def study_over_loop(method: cx.Method) -> Figure:
    """A study in batches over a loop of explanations, of the same photographs."""
    classifier = network()
    with tempfile.TemporaryDirectory() as folder:
        found = photographs(crops(Path(folder) / "photographs", COUNT))

        def loop() -> None:
            for photograph in found:
                cx.explain(photograph.load()[0], classifier=classifier, method=method, progress=False)

        def study() -> None:
            cx.study(found, method, out=Path(folder) / "study", classifier=classifier, progress=False)

        one_by_one, together = seconds(loop), seconds(study)
    detail = f"{3600 * COUNT / together:,.0f} an hour, {COUNT} photographs, {method.name}"
    return Figure(STUDY, one_by_one / together, 4, at_least=True, detail=detail)


if __name__ == "__main__":
    main()
