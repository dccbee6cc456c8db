"""A step of the optimiser over the classifier's own forward and backward pass: `python benchmarks/step.py`.

Both use the same frozen classifier (EfficientNet-Lite0, 224 x 224, batch norm folded) and are measured in turn, so
that whatever else the machine does meets both.
"""

from __future__ import annotations

import statistics
import time

import torch
from report import Figure, report

import cartoonx_widgets as cx
from cartoonx_widgets.run import prepare

ROUNDS = 25
WARM_UP = 3


def main() -> None:
    """Measure with 4, 8 and 16 samples."""
    figures = [measured(samples, bound) for samples, bound in ((4, 1.4), (8, 1.35), (16, 1.3))]
    report("step", figures)


def measured(samples: int, bound: float) -> Figure:
    """The ratio of the medians with so many samples."""
    classifier = cx.efficientnet_lite0()
    optimization = prepare("coffee", method=cx.methods.cartoonx(samples=samples))
    images = torch.rand(samples, 3, 224, 224, device=classifier.device, requires_grad=True)

    def forward_and_backward() -> None:
        torch.autograd.grad(classifier(images).softmax(-1)[:, 0].sum(), images)

    alone, step = [], []
    for _ in range(ROUNDS + WARM_UP):
        alone.append(seconds(forward_and_backward))
        step.append(seconds(optimization.step))
    classifier_ms, step_ms = (1000 * statistics.median(times[WARM_UP:]) for times in (alone, step))
    return Figure(
        f"step over classifier alone, {samples} samples (ratio)",
        step_ms / classifier_ms,
        bound,
        detail=f"{step_ms:.0f} ms over {classifier_ms:.0f} ms, medians of {ROUNDS}",
    )


def seconds(call: object) -> float:
    """Wall time of one call, the device's work included."""
    started = time.perf_counter()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
