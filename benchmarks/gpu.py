"""All figures of a GPU, in one command of at most 8 minutes: `python benchmarks/gpu.py`.

A step is compared with the prepared classifier's own forward and backward pass over as many images, both replayed as
CUDA graphs, in turn. A study is compared with a plain loop that calls `explain`. Where there is no GPU, nothing is
measured, and the table stays as it is. Whether a GPU computes what it should is looked at by `cartoonx-widgets check`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import torch
from network import network
from report import SMALL, Figure, report
from speed import prepared, run_of_the_default, step_ratio
from study import crops
from timing import seconds

import cartoonx_widgets as cx
from cartoonx_widgets.studies.sources import photographs

SAMPLES = (2, 4) if SMALL else (16, 64)
COUNT = 2 if SMALL else 32  # photographs of the study: two batches
MOST_MINUTES = 8


def main() -> None:
    """Measure, and write the table."""
    if not (torch.cuda.is_available() or SMALL):
        sys.exit("there is no GPU to measure")
    started = time.monotonic()
    default = cx.methods.cartoonx_interactive()
    default = default.replace(steps=3) if SMALL else default
    methods = (*(cx.methods.waveletx(samples=samples) for samples in SAMPLES), default)
    figures = [
        run_of_the_default(1.5),
        *(step_ratio(method, 1.25) for method in methods),
        bfloat16(default),
        study_over_loop(default),
    ]
    minutes = (time.monotonic() - started) / 60
    report("gpu", [*figures, Figure("this benchmark (minutes)", minutes, MOST_MINUTES)])


def bfloat16(method: cx.Method) -> Figure:
    """What a run decides by whether its classifier computes in bfloat16; nothing where it does not try."""
    optimization = prepared(method)
    what = "how much bfloat16 moves the distortion (share)"
    return Figure(what, optimization.sampler.bfloat16_error, 0.01, detail=optimization.execution)


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
    what = "photographs an hour, a study over a plain loop that calls explain (ratio)"
    return Figure(what, one_by_one / together, 4, at_least=True, detail=detail)


if __name__ == "__main__":
    main()
