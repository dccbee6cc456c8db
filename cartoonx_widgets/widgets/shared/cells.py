"""The cell in which a widget was made, as marimo has it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def as_in_this_cell() -> Callable[[], AbstractContextManager[object]]:
    """Return what makes a context in which widgets are made as if in the cell that runs now.

    marimo hands a widget's page code over as a file of the running cell, so in answer to a message none can be made.
    It has no public way to name a cell (checked on 0.25); elsewhere than in a cell of marimo nothing is done.
    """
    now = _context()
    cell = getattr(getattr(now, "execution_context", None), "cell_id", None)

    def within() -> AbstractContextManager[object]:
        context = _context()
        if cell is None or context is None or context.execution_context is not None:
            return nullcontext()
        again: AbstractContextManager[object] = context.with_cell_id(cell)
        return again

    return within


def _context() -> Any:  # noqa: ANN401 - marimo's
    module = sys.modules.get("marimo._runtime.context")
    ask = getattr(module, "safe_get_context", None)
    return ask() if ask is not None else None
