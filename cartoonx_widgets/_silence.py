"""Silence warnings in one thread, and nowhere else."""

from __future__ import annotations

import contextlib
import threading
import warnings
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


class _ThisThread(threading.local):
    """Stands where a filter of the warnings module names the modules it is for: it matches in silenced threads."""

    depth = 0

    def match(self, _module: str) -> bool:
        return self.depth > 0


_THREAD = _ThisThread()
_FILTER = ("ignore", None, Warning, _THREAD, 0)
_LOCK = threading.Lock()


@contextlib.contextmanager
def silenced_warnings() -> Iterator[None]:
    """Ignore all warnings of this thread until the block ends; others keep theirs, and nobody waits.

    `warnings.catch_warnings` changes the whole process: two threads in it at once may leave their filters there, and
    a lock around it would let one slow picture stop the reading of all others.

    >>> with silenced_warnings():
    ...     warnings.warn("lost")
    """
    filters = cast("list[Any]", warnings.filters)
    with _LOCK:
        filters.insert(0, _FILTER)
    _THREAD.depth += 1
    try:
        yield
    finally:
        _THREAD.depth -= 1
        with _LOCK, contextlib.suppress(ValueError):  # whoever restores older filters meanwhile has removed it
            filters.remove(_FILTER)
