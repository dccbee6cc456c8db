"""The code that makes what the signal lab shows."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets.sparsity import sample_signal
from cartoonx_widgets.widgets.shared.python_code import Script

if TYPE_CHECKING:
    from cartoonx_widgets.sparsity import SignalExpansion
    from cartoonx_widgets.sparsity.signals import Floats

_WIDTH = 88  # of a line


def code(expansion: SignalExpansion, name: str, k: int) -> str:
    """Return code that makes a signal, its coefficients, and the approximation by the k largest.

    Args:
        expansion: of the signal.
        name: of the signal; "" where it is none of the samples.
        k: how many coefficients are kept.
    """
    script = Script()
    script.imported("cartoonx_widgets", "sparsity")
    return script.text(
        f"signal = {_signal(expansion.signal, name)}",
        f'expansion = sparsity.expand_signal(signal, "{expansion.wavelet}", levels={expansion.levels})',
        f"approximation = expansion.keep({k})",
        f"print(expansion.quality({k}))",
    )


def _signal(values: Floats, name: str) -> str:
    if name and np.array_equal(sample_signal(name, values.size), values):
        return f'sparsity.sample_signal("{name}", {values.size})'
    numbers = textwrap.fill(
        ", ".join(map(repr, values.tolist())), _WIDTH, initial_indent="    ", subsequent_indent="    "
    )
    return f"[\n{numbers},\n]"
