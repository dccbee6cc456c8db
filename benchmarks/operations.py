"""How many operations a step dispatches beyond the classifier's: `python benchmarks/operations.py`.

A count is the same on every machine, whatever else it does. Counted is what reaches PyTorch's dispatcher below
autograd, views included, in two steps in a row, with and without the clean cartoon: the larger number. The classifier
is EfficientNet-Lite0 at 224 x 224.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from network import SIDE, network
from report import Figure, report
from torch.utils._python_dispatch import TorchDispatchMode

import cartoonx_widgets as cx
from cartoonx_widgets.checking.timing import classifier_pass
from cartoonx_widgets.masking import Optimization

if TYPE_CHECKING:
    from collections.abc import Callable

ESPRESSO = 967
BOUND = 1200
METHODS = (
    cx.methods.cartoonx_interactive(),
    cx.methods.waveletx_interactive(),
    cx.methods.waveletx(samples=4),
)


def main() -> None:
    """Count, and write the table."""
    report("operations", [beyond(method) for method in METHODS])


def beyond(method: cx.Method) -> Figure:
    """The operations of a step beyond those of the classifier's forward and backward pass."""
    classifier = network(SIDE)
    optimization = Optimization(classifier.prepare("coffee"), classifier, [ESPRESSO], method)
    optimization.step()
    steps = max(operations(optimization.step) for _ in range(2))
    own = operations(classifier_pass(classifier, method.samples, (SIDE, SIDE)))
    what = f"{method.name}, {method.samples} samples: operations of a step beyond the classifier's"
    return Figure(what, steps - own, BOUND, detail=f"{steps}, of which {own} are the classifier's")


def operations(call: Callable[[], object]) -> int:
    """How many operations a call dispatches."""
    counting = Counting()
    with counting:
        call()
    return counting.count


class Counting(TorchDispatchMode):
    """Counts operations."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        self.count += 1
        return func(*args, **(kwargs or {}))


if __name__ == "__main__":
    main()
