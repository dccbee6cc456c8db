"""The table of scores: its columns, its rows, and the same as CSV."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets import scores, tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live import TaskState
    from cartoonx_widgets.scores.table import Form

COLUMNS = tuple(scores.SCORES[name] for name in ("probability", *scores.NAMES, "seconds"))
"""The scores that the table has, in its order."""


def row(label: str, state: TaskState, explanation: Explanation, values: Mapping[str, float]) -> dict[str, Any]:
    """Return one row of the table."""
    return {
        "method": label,
        "class_kept": explanation.class_kept,
        "probability": explanation.probability,
        **values,
        "steps_done": state.steps_done,
        "seconds": state.seconds,
    }


def written(value: object, form: Form) -> str:
    """Format a value as the figure has it; a dash where there is none.

    >>> written(0.0312, "share"), written(123.4, "number")
    ('3.1 %', '123')
    """
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "\u2013"
    if form == "share":
        return f"{value:.1%}".replace("%", " %")
    if form == "seconds":
        return f"{value:.1f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"  # noqa: PLR2004 - where 3 digits turn into powers


def best_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the best value of each column that has a better end, where it is known of two rows or more."""
    found = {}
    for column in COLUMNS:
        values = [float(row[column.name]) for row in rows if column.name in row and math.isfinite(row[column.name])]
        if column.better and len(values) > 1:
            found[column.name] = max(values) if column.better == "more" else min(values)
    return found


def finite(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as JSON has them: None where a score is NaN or infinite."""
    return [{key: _plain(value) for key, value in one.items()} for one in rows]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write the table in UTF-8, with a heading of keys; empty cells where a score is NaN."""
    keys = [
        "method",
        "class_kept",
        *(column.name for column in COLUMNS if column.name != "seconds"),
        "steps_done",
        "seconds",
    ]
    return tables.as_csv(finite(rows), keys)


def _plain(value: Any) -> Any:  # noqa: ANN401
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and not math.isfinite(number) else number
