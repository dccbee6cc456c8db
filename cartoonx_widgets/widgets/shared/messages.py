"""Messages to a page: JSON for small things, bytes for pictures, masks and curves; and the one that tells an error."""

from __future__ import annotations

import traceback
from typing import Any, NamedTuple

from cartoonx_widgets._memory import OUT_OF_MEMORY, is_out_of_memory
from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.widgets.shared.visitor_limits import may_see_tracebacks

_CURVE_POINTS = 400
_CLASSES_SHOWN = 5


class Message(NamedTuple):
    """JSON content and binary buffers."""

    content: dict[str, Any]
    buffers: list[bytes]


def error(error: BaseException, *, step: int | None = None) -> Message:
    """What went wrong, in words and as a traceback; with the step in which a run failed."""
    lines = traceback.format_exception(error) if may_see_tracebacks() else traceback.format_exception_only(error)
    details = "".join(lines)
    return Message({"type": "error", "message": _in_words(error, step), "details": details}, [])


def _in_words(error: BaseException, step: int | None) -> str:
    if is_out_of_memory(error):
        return f"{OUT_OF_MEMORY} ({error})"
    if isinstance(error, ClassifierError) or (step is None and isinstance(error, ValueError | TypeError)):
        return str(error)  # these say themselves what to do
    name = type(error).__name__
    return f"{name}: {error}" if step is None else f"The classifier failed in step {step}: {name}: {error}"
