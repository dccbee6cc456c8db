"""What a step would cost: how long it would take, found by taking a small one, and what it would remember."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cartoonx_widgets.masking import Optimization

if TYPE_CHECKING:
    from cartoonx_widgets.masking import Method

_MOST_SECONDS = 60
_MOST_BYTES = 2**32  # of remembered gradients
_FEW = 64  # samples of a step that is never long enough to be asked about


def check_step(optimization: Optimization, method: Method) -> None:
    """Refuse more samples than a step can have in a minute and 4 GiB, on this device with this classifier.

    Args:
        optimization: a run of the same picture with the same classifier.
        method: the settings that are wanted.

    Raises:
        ValueError: a step would take more; the message says how much, and how many samples it could have.
    """
    _check_memory(optimization, method)
    few = min(_FEW, optimization.sampler.chunk_size)
    if method.samples <= _FEW or not method.obfuscation.random:
        return
    tried = method.replace(samples=max(2, few), steps=1)
    run = Optimization(optimization.image, optimization.classifier, optimization.targets.tolist(), tried)
    run.step()  # the first one is slower
    started = time.perf_counter()
    run.step()
    each = (time.perf_counter() - started) / tried.samples
    if each * method.samples > _MOST_SECONDS:
        raise ValueError(
            f"samples={method.samples:,} would take about {_in_words(each * method.samples)} for one step here; a step "
            f"may take a minute: use at most {max(_FEW, int(_MOST_SECONDS / each)):,}"
        )


def _check_memory(optimization: Optimization, method: Method) -> None:
    if method.acceleration is None:
        return
    each = method.acceleration.memory * optimization.mask.numel() * optimization.mask.element_size()
    if each * method.samples > _MOST_BYTES:
        raise ValueError(
            f"samples={method.samples:,} would take {each * method.samples / 2**30:,.0f} GiB for remembered gradients; "
            f"allowed are 4 GiB: use at most {_MOST_BYTES // each:,}"
        )


def _in_words(seconds: float) -> str:
    """Say a time, roughly.

    >>> _in_words(90), _in_words(9000), _in_words(900_000)
    ('2 minutes', '2 hours', '10 days')
    """
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return "1 minute"
