"""The table of scores: its columns, its rows, and the same as CSV."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from cartoonx_widgets import scores, tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live.tasks import Lane

Better = Literal["more", "less", ""]
Form = Literal["number", "share", "seconds"]


class Column(NamedTuple):
    """One column.

    Attributes:
        key: in a row.
        label: its heading.
        about: what it is, in one sentence.
        better: whether "more" or "less" is better; empty where neither is.
        form: how its values are written.
    """

    key: str
    label: str
    about: str
    better: Better
    form: Form


COLUMNS = (
    Column(
        "probability", "Probability", "What the classifier gives the explained class for the cartoon.", "more", "number"
    ),
    Column(
        "retained_probability",
        "Retained",
        "The class's probability for the cartoon over that for the photograph; above 1 the cartoon is a clearer case.",
        "more",
        "number",
    ),
    Column(
        "cp_entropy",
        "CP-entropy",
        "Conciseness and preciseness: retained probability over the retained share of the coefficients' entropy.",
        "more",
        "number",
    ),
    Column(
        "cp_l1",
        "CP-l1",
        "Conciseness and preciseness: retained probability over the retained share of the coefficients' l1 norm.",
        "more",
        "number",
    ),
    Column(
        "cp_l1_pixel",
        "CP-l1 pixel",
        "Conciseness and preciseness: retained probability over the retained share of the pixels' l1 norm.",
        "more",
        "number",
    ),
    Column(
        "hallucination",
        "Hallucination",
        "The share of the cartoon's edges that the photograph does not have.",
        "less",
        "share",
    ),
    Column("sparsity", "Sparsity", "The share of the mask's entries that are 0.01 or less.", "more", "share"),
    Column("share_kept", "Kept", "The mean of the mask's entries.", "less", "share"),
    Column("seconds", "Seconds", "The time that its own steps took.", "less", "seconds"),
)


def row(label: str, lane: Lane, explanation: Explanation, values: Mapping[str, float]) -> dict[str, Any]:
    """One row of the table."""
    return {
        "method": label,
        "class_kept": explanation.class_kept,
        "probability": explanation.probability,
        **values,
        "steps": lane.task.steps_done,
        "seconds": lane.status.seconds,
    }


def values_of(explanation: Explanation) -> dict[str, float]:
    """An explanation's scores by name."""
    return scores.of(explanation)


def written(value: object, form: Form) -> str:
    """A value as the figure has it; a dash where there is none.

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
    """The best value of each column that has a better end, where it is known of two rows or more."""
    found = {}
    for column in COLUMNS:
        values = [float(row[column.key]) for row in rows if column.key in row and math.isfinite(row[column.key])]
        if column.better and len(values) > 1:
            found[column.key] = max(values) if column.better == "more" else min(values)
    return found


def finite(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows as JSON knows them: None where a score is NaN or infinite."""
    return [{key: _plain(value) for key, value in one.items()} for one in rows]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The table in UTF-8, with a heading of keys; empty cells where a score is NaN."""
    keys = ["method", "class_kept", *(column.key for column in COLUMNS if column.key != "seconds"), "steps", "seconds"]
    return tables.as_csv(finite(rows), keys)


def _plain(value: Any) -> Any:  # noqa: ANN401
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and not math.isfinite(number) else number
