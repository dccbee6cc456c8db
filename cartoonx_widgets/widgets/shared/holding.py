"""Who holds a widget: ipywidgets holds each until it is closed, and so its thread, its classifier and its run."""

from __future__ import annotations

import importlib
import weakref
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Held(Protocol):
    """What is held: a widget with its comm."""

    comm: Any
    model_id: Any

    def _handle_msg(self, msg: Any) -> None: ...  # noqa: ANN401


def hold_weakly(widget: Held) -> Callable[[], None]:
    """Let a widget go, with all that it has, once nobody refers to it.

    ipywidgets keeps a table of all widgets and hands their messages on by bound methods. The table is a private name;
    where it is another, widgets are held until they are closed, as before.

    Returns:
        What holds it as ipywidgets does: to be called when it is shown, for a page may then speak to it at any time.
    """
    table = getattr(importlib.import_module("ipywidgets.widgets.widget"), "_instances", None)
    key = widget.model_id
    if not isinstance(table, dict) or table.get(key) is not widget:
        return lambda: None
    handler = weakref.WeakMethod(widget._handle_msg)  # noqa: SLF001

    def handle(message: Any) -> None:  # noqa: ANN401
        method = handler()
        if method is not None:
            method(message)

    widget.comm.on_msg(handle)
    alive = weakref.ref(widget)
    table[key] = weakref.proxy(widget)

    def hold() -> None:
        found = alive()
        if found is not None and key in table:
            table[key] = found

    return hold
