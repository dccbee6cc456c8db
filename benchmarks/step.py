"""A step of the optimiser over the classifier's own forward and backward pass: `python benchmarks/step.py`.

Both use the same frozen classifier (EfficientNet-Lite0, 224 x 224, batch norm folded) and are measured in turn, so
that whatever else the machine does meets both.
"""

from __future__ import annotations

import torch
from report import Figure, report
from timing import in_turn

import cartoonx_widgets as cx
from cartoonx_widgets.run import prepare

ROUNDS = 25


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

    alone, step = in_turn([forward_and_backward, optimization.step], ROUNDS)
    return Figure(
        f"step over classifier alone, {samples} samples (ratio)",
        step / alone,
        bound,
        detail=f"{1000 * step:.0f} ms over {1000 * alone:.0f} ms, medians of {ROUNDS}",
    )


if __name__ == "__main__":
    main()
