"""Explain a decision without a widget: run an optimisation from the first step to the last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cartoonx_widgets._memory import memory_errors
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets._terminal import progress_bar
from cartoonx_widgets.explanations.case import Case
from cartoonx_widgets.explanations.explanation import Explanation, explanation_of
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.methods import cartoonx_interactive
from cartoonx_widgets.masking.optimization import Optimization

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource

_REPORT_SECONDS = 0.5


@neutral()
@memory_errors()
def prepare(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    method: Method | None = None,
    seed: int = 0,
    noise: Callable[[int], Tensor] | None = None,
) -> Optimization:
    """Return the optimisation that `explain` runs, before its first step; the arguments are those of `explain`.

    Raises:
        TypeError: the classifier is no `Classifier`, or the method no `Method`.
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a class or a setting that does not exist or does not fit.
        ClassifierError: the classifier's output for the image is not finite.
        MemoryError: memory ran out; the message says what to lower.
    """
    if method is None:
        method = cartoonx_interactive()
    elif not isinstance(method, Method):
        raise TypeError(f"method={method!r} must be a Method, such as cartoonx_widgets.methods.cartoonx()")
    case = Case.of(image, classifier, target)
    return Optimization(case.image, case.classifier, [case.target.index], method, seed=seed, noise=noise)


@neutral()
def explain(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    method: Method | None = None,
    seed: int = 0,
    noise: Callable[[int], Tensor] | None = None,
    progress: bool = True,
) -> Explanation:
    """Explain one decision of a classifier: which part of the image suffices for the class.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 with ImageNet weights by default.
        target: index or label of the class to explain; the most probable one by default. A pair ("tiger cat", "lynx")
            explains why it is the first and not the second; a function from logits (B, K) to one number for each image
            explains that (see `Classifier.contrast` and `Classifier.of_score`).
        method: such as `methods.cartoonx()`, the published settings; `methods.cartoonx_interactive()` by default.
        seed: of the noise; the same seed on the same device gives the same explanation.
        noise: function from the step, 0, 1, ..., to its raw noise (1, S, C, N), to repeat a recorded run; drawn by
            `seed` by default.
        progress: whether to show a progress bar.

    Raises:
        TypeError: the classifier is no `Classifier`, or the method no `Method`.
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a class or a setting that does not exist or does not fit.
        ClassifierError: the classifier's output is not finite; the message names the step.
        MemoryError: memory ran out; the message says what to lower.
    """
    optimization = prepare(image, classifier=classifier, target=target, method=method, seed=seed, noise=noise)
    run_to_end(optimization, progress=progress)
    return explanation_of(optimization, seed=seed)


def run_to_end(
    optimization: Optimization, *, progress: bool = True, after_step: Callable[[], None] = lambda: None
) -> None:
    """Take all steps of an optimisation, with a progress bar.

    Args:
        optimization: of one image.
        progress: whether to show the bar.
        after_step: called after each step.

    Raises:
        ClassifierError: the classifier's output is not finite; the message names the step.
        MemoryError: memory ran out; the message says what to lower.
    """
    label = optimization.classifier.labels[optimization.target]
    with progress_bar(total=optimization.method.steps, desc=label, unit="step", shown=progress) as shown:
        reported = time.monotonic()
        while not optimization.finished:
            with memory_errors():
                optimization.step()
            after_step()
            shown.update()
            if time.monotonic() - reported > _REPORT_SECONDS:
                optimization.check()
                newest = {name: float(values[-1, 0]) for name, values in optimization.curves().items()}
                shown.set_postfix({name: f"{value:.3g}" for name, value in newest.items()}, refresh=False)
                reported = time.monotonic()
