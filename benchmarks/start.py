"""What a start at the quantiles of the gradient does to a run: `python benchmarks/start.py`.

The same runs from ones and from the gradient (StartGrad, ICLR 2025), on the sample photographs, one seed each: the
objective over the first ten steps and at the end, with what the cartoon then keeps.
"""

from __future__ import annotations

import math
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import torch
from network import network
from report import RESULTS, SMALL, machine

import cartoonx_widgets as cx
from cartoonx_widgets.masking import FreeMask, Optimization

EARLY = 2 if SMALL else 10
METHODS = {
    "CartoonX, interactive": cx.methods.cartoonx_interactive(),
    "WaveletX, interactive, 60 steps": cx.methods.waveletx_interactive(steps=60),
    "WaveletX as published, 30 steps of 8": cx.methods.waveletx(steps=30, samples=8),
}


class Run(NamedTuple):
    """What a run came to: the mean loss of its first and last steps, and share and probability after both."""

    first_loss: float
    last_loss: float
    first_share: float
    last_share: float
    first_probability: float
    last_probability: float


def main() -> None:
    """Run, and write the tables."""
    lines = [
        "# start",
        "",
        machine(),
        "",
        f"Over {len(names())} photographs, one seed: the geometric mean of the objective from the gradient over that "
        f"from ones, with the least and the largest; medians of the share kept and of the class's probability for the "
        f"cartoon, in parts of the photograph's, from ones → from the gradient. First: the first {EARLY} steps; last: "
        f"the last {EARLY}.",
        "",
        "| method | first, objective | share | probability | last, objective | share | probability |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        for name in METHODS:
            lines.append(row(name, list(workers.map(pair, names(), [name] * len(names())))))
            print(lines[-1], flush=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = "\n".join([*lines, ""])
    (RESULTS / "start.md").write_text(text, "utf-8")
    print(text)


def names() -> list[str]:
    """Name the photographs."""
    return list(cx.images.sample_names())[: 1 if SMALL else 4]


def pair(photograph: str, name: str) -> tuple[Run, Run]:
    """Take a method's run on a photograph from ones, and from the gradient, with one core."""
    torch.set_num_threads(1)
    method = METHODS[name].replace(steps=4, samples=2) if SMALL else METHODS[name]
    starts = method, method.replace(mask=FreeMask("gradient"))
    ones, gradient = (run(network(), photograph, one) for one in starts)
    return ones, gradient


def run(classifier: cx.Classifier, photograph: str, method: cx.Method) -> Run:
    """Take all steps of a run."""
    image = classifier.prepare(photograph)
    target = int(classifier.probabilities(image)[0].argmax())
    optimization = Optimization(image, classifier, [target], method)
    before = float(optimization.probabilities[0, target])
    while optimization.steps_done < EARLY:
        optimization.step()
    early = optimization.moment()
    while not optimization.finished:
        optimization.step()
    late, loss = optimization.moment(), optimization.curves()["loss"][:, 0]
    return Run(
        float(np.mean(loss[:EARLY])),
        float(np.mean(loss[-EARLY:])),
        float(early.mask.mean()),
        float(late.mask.mean()),
        float(early.probabilities[0, target]) / before,
        float(late.probabilities[0, target]) / before,
    )


def row(name: str, pairs: list[tuple[Run, Run]]) -> str:
    """Write a row of the table."""
    cells = []
    for when in ("first", "last"):
        ratios = [getattr(other, f"{when}_loss") / getattr(one, f"{when}_loss") for one, other in pairs]
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        cells.append(f"{mean:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        for what, form in (("share", "{:.3f}"), ("probability", "{:.2f}")):
            two = [statistics.median(getattr(both[side], f"{when}_{what}") for both in pairs) for side in (0, 1)]
            cells.append(" → ".join(map(form.format, two)))
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
