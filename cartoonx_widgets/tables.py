"""Tables as comma-separated values."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Write rows in UTF-8, below a heading; None is an empty cell.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises.
    """
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({key: f"'{value}" if _is_formula(value) else value for key, value in row.items()})
    return buffer.getvalue().encode()


def to_dataframe(rows: Any, columns: Sequence[str] | None = None) -> pd.DataFrame:  # noqa: ANN401 - what pandas takes
    """Return rows, or columns by name, as a data frame of pandas.

    Raises:
        ModuleNotFoundError: pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("to_dataframe() needs pandas: pip install pandas", name="pandas") from error
    return pd.DataFrame(rows, columns=columns)


def _is_formula(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and value.startswith(_FORMULAS)
