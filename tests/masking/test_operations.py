"""How many operations the default's step dispatches, which is what a small classifier's step waits for."""

import pytest
import torch
import toys
from torch.utils._python_dispatch import TorchDispatchMode

import cartoonx_widgets as cx
from cartoonx_widgets.masking import Optimization

SIDE = 224


class Counting(TorchDispatchMode):
    """Counts operations."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += 1
        return func(*args, **(kwargs or {}))


def operations(call):
    with Counting() as counting:
        call()
    return counting.count


@pytest.mark.parametrize(("preset", "most"), [("cartoonx_interactive", 650), ("waveletx_interactive", 880)])
def test_a_step_dispatches_few_operations_beyond_the_classifiers(preset, most):
    """With the clean cartoon and without; before levels and updates were put together it was 2,310 for WaveletX."""
    classifier = toys.classifier(size=SIDE)
    image = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    optimization = Optimization(image, classifier, [0], getattr(cx.methods, preset)())
    optimization.step()
    shown = torch.rand(2, 3, SIDE, SIDE, requires_grad=True)
    own = operations(lambda: torch.autograd.grad(classifier(shown).sum(), shown))
    assert max(operations(optimization.step) for _ in range(2)) - own <= most
