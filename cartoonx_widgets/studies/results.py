"""What a study has found so far."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets import scores
from cartoonx_widgets._checks import one_of
from cartoonx_widgets._files import write_whole
from cartoonx_widgets.images import path_of
from cartoonx_widgets.studies import records
from cartoonx_widgets.studies.plan import StudyError, read
from cartoonx_widgets.tables import as_csv, to_dataframe

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import pandas as pd
    import plotly.graph_objects as go
    import pyarrow as pa

    from cartoonx_widgets.studies.plan import Batch, Plan
    from cartoonx_widgets.widgets.results.widget import ResultsView

_PICTURES = ("thumbnail", "cartoon_thumbnail")
_COLUMNS = tuple(name for name in records.SCHEMA.names if name not in _PICTURES)
_SUMMARISED = ("distortion", *scores.NAMES, "seconds")


class Results:
    """The records in a study's folder, also while it is under way.

    All methods that read records raise `StudyError` where a file of them is damaged; the message names it.

    Args:
        folder: of the study.

    Raises:
        StudyError: there is no study, or its plan is damaged.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = path_of(folder)
        if read(self.folder) is None:
            raise StudyError(f"folder={str(folder)!r} has no study: give the one that was the study's `out`")

    @property
    def plan(self) -> Plan:
        """Return the photographs, methods and seeds of the study."""
        plan = read(self.folder)
        assert plan is not None
        return plan

    def table(self, *, pictures: bool = False) -> pa.Table:
        """Return all records so far as a table of pyarrow.

        Args:
            pictures: whether to include the small pictures (JPEG) of photograph and cartoon.
        """
        return records.read(self.folder, None if pictures else _COLUMNS)

    def rows(self) -> list[dict[str, Any]]:
        """Return all records so far as dictionaries, without pictures."""
        found: list[dict[str, Any]] = self.table().to_pylist()
        return found

    def to_dataframe(self) -> pd.DataFrame:
        """Return all records so far, without pictures, as a data frame of pandas.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return to_dataframe(self.rows(), _COLUMNS)

    def figure(self, x: str = "hallucination", y: str | None = "cp_l1_pixel") -> go.Figure:
        """Return a Plotly figure: one score against another, a mark for each explanation, with densities by method.

        The figure takes Plotly's current template, and can be changed and written by Plotly's own means. Records with
        an error, and values that are not finite, are left out.

        Args:
            x: the score along the horizontal axis: one of `scores.NAMES`, "distortion" or "seconds".
            y: the score along the vertical axis; None shows the distribution of `x` by each method.

        Raises:
            ValueError: there is no such score.
        """
        from cartoonx_widgets.studies.figure import figure  # noqa: PLC0415

        one_of("x", x, _SUMMARISED)
        if y is not None:
            one_of("y", y, _SUMMARISED)
        return figure([row for row in self.rows() if not row["error"]], self.plan.methods, x=x, y=y)

    def errors(self) -> dict[str, str]:
        """Return the error of each photograph that failed, by its name; the last one where it failed several times."""
        return {row["photograph"]: row["error"] for row in self.rows() if row["error"]}

    def summary(self) -> dict[str, dict[str, float]]:
        """Return, by method, the numbers of "records" and "errors", the share "class_kept", and the scores' medians."""
        by_method: dict[str, list[dict[str, Any]]] = {method: [] for method in self.plan.methods}
        for row in self.rows():
            by_method[row["method"]].append(row)
        return {method: _summarised(rows) for method, rows in by_method.items() if rows}

    def mask(self, photograph: str, method: str, seed: int = 0) -> np.ndarray:
        """Return the mask (N,) in [0, 1], in 256 levels, of one record of a study with save_masks=True.

        Raises:
            ValueError: there is no such record, or it has no mask.
            StudyError: its file is damaged or gone.
        """
        plan = self.plan
        found = list(self._batches(photograph, method, seed))
        for batch in found:
            with contextlib.suppress(FileNotFoundError):
                mask = records.mask(self.folder, batch, photograph)
                if mask is not None:
                    return mask
        which = f"photograph={photograph!r}, method={method!r}, seed={seed}"
        asked = {"photograph": photograph, "method": method, "seed": seed}
        errors = [row["error"] for row in self.rows() if asked.items() <= row.items()]
        if plan.save_masks and errors == [""]:
            raise StudyError(f"{which} had a mask, whose file is gone from {self.folder}: call study again to make it")
        if found:
            raise ValueError(
                f"{which} has no mask: they are kept by study(..., save_masks=True), for photographs without an error"
            )
        raise ValueError(f"{which} is not in this study")

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write all records so far, without pictures, as comma-separated values.

        Raises:
            OSError: it cannot be written.
        """
        write_whole(path, as_csv(self.rows(), _COLUMNS))

    def to_html(self, path: str | os.PathLike[str], *, expected: int | None = None, language: str = "en") -> None:
        """Write a page of the results so far, which needs no network.

        Args:
            path: of the file.
            expected: how many records are to come in all, while the study is under way: the page then reloads itself.
            language: of the labels, "en" or "de".

        Raises:
            OSError: it cannot be written.
            ValueError: there is no such language.
        """
        from cartoonx_widgets.widgets.results.page import write_page  # noqa: PLC0415 - brings plotly.js

        write_page(self, path, expected=expected, language=language)

    def show(self, *, language: str = "en") -> ResultsView:
        """Return the same page as a widget, for a notebook; its `update` reads what has come since.

        Args:
            language: of the labels, "en" or "de".

        Raises:
            ValueError: there is no such language.
        """
        from cartoonx_widgets.widgets.results.widget import ResultsView  # noqa: PLC0415 - brings plotly.js

        return ResultsView(self, language=language)

    def __len__(self) -> int:
        return len(self.table())

    def __repr__(self) -> str:
        lines = [f"Results({str(self.folder)!r}, {len(self)} of {self.plan.n_records} records"]
        for method, values in self.summary().items():
            errors = int(values["errors"])
            outcome = "no explanation"
            if values["records"] > errors:
                outcome = (
                    f"class kept {values['class_kept']:.0%}, CP-entropy {values['cp_entropy']:.3g}, hallucination "
                    f"{values['hallucination']:.3g}"
                )
            failed = f", {errors} error{'s' * (errors != 1)}" if errors else ""
            lines.append(f"  {method}: {outcome}{failed}")
        return "\n".join(lines) + ")"

    def _batches(self, photograph: str, method: str, seed: int) -> Iterator[Batch]:
        """Return those that the photograph may be in: its batch, or it alone."""
        for batch in self.plan.all():
            if batch.method == method and batch.seed == seed and photograph in batch.keys:
                yield batch
                yield batch.singles()[batch.keys.index(photograph)]


def _summarised(rows: list[dict[str, Any]]) -> dict[str, float]:
    good = [row for row in rows if not row["error"]]
    medians = {name: _median([row[name] for row in good]) for name in _SUMMARISED}
    kept = sum(row["class_kept"] for row in good) / len(good) if good else math.nan
    return {"records": len(rows), "errors": len(rows) - len(good), "class_kept": kept, **medians}


def _median(values: list[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return float(np.median(finite)) if finite else math.nan
