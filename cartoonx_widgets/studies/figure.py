"""The Plotly figures of a study's results: two scores against each other with densities, or one's distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets.figures import panels
from cartoonx_widgets.figures.styles import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import plotly.graph_objects as go

_HEIGHT = 620  # pixels
_POINTS = 200  # of a density
_FEWEST = 3  # values that have a density
_MARGIN = 0.15  # of the range of all values, that a density goes beyond it
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")


def figure(records: Sequence[Mapping[str, Any]], methods: Iterable[str], *, x: str, y: str | None) -> go.Figure:
    """Return what `Results.figure` describes, of records without errors."""
    by_method = {method: [row for row in records if row["method"] == method] for method in methods}
    return _distribution(by_method, x) if y is None else _against(by_method, x, y)


def _against(by_method: Mapping[str, Sequence[Mapping[str, Any]]], x: str, y: str) -> go.Figure:
    from plotly.subplots import make_subplots  # noqa: PLC0415

    made = make_subplots(
        rows=2,
        cols=2,
        specs=[[{}, None], [{}, {}]],
        row_heights=[0.22, 0.78],
        column_widths=[0.8, 0.2],
        horizontal_spacing=0.02,
        vertical_spacing=0.03,
        shared_xaxes=True,
        shared_yaxes=True,
    )
    points = {}
    for method, rows in by_method.items():
        values = np.array([(row[x], row[y]) for row in rows], dtype=float).reshape(-1, 2)
        finite = np.isfinite(values).all(1)
        points[method] = values[finite], [row for row, good in zip(rows, finite, strict=True) if good]
    spread = np.concatenate([values for values, _ in points.values()] or [np.zeros((0, 2))])
    for place, (method, (values, rows)) in enumerate(points.items()):
        _add_method(made, method, values, rows, place=place, spread=spread)
    made.update_xaxes(title_text=x, row=2, col=1)
    made.update_yaxes(title_text=y, row=2, col=1)
    made.update_xaxes(title_text="density", showticklabels=False, row=2, col=2)
    made.update_yaxes(title_text="density", showticklabels=False, row=1, col=1)
    made.update_layout(height=_HEIGHT, title=f"{x} against {y}", legend_title_text="method")
    return made


def _add_method(
    made: go.Figure,
    method: str,
    values: np.ndarray,
    rows: Sequence[Mapping[str, Any]],
    *,
    place: int,
    spread: np.ndarray,
) -> None:
    import plotly.graph_objects as go  # noqa: PLC0415

    color = STYLES[place % len(STYLES)].color
    shared = {"name": panels.text(method), "legendgroup": method}
    made.add_trace(
        go.Scatter(
            x=values[:, 0],
            y=values[:, 1],
            mode="markers",
            marker={"color": color, "symbol": _SYMBOLS[place % len(_SYMBOLS)], "size": 8, "opacity": 0.8},
            text=[panels.text(f"{row['photograph']}, seed {row['seed']}") for row in rows],
            hovertemplate="%{text}<br>%{x:.3g}, %{y:.3g}",
            **shared,
        ),
        row=2,
        col=1,
    )
    line = {"color": color, "width": 1.5}
    hidden = {"mode": "lines", "line": line, "showlegend": False, "hoverinfo": "skip", "fill": "tozeroy", **shared}
    if (found := _density(values[:, 0], spread[:, 0])) is not None:
        made.add_trace(go.Scatter(x=found[0], y=found[1], **hidden), row=1, col=1)
    if (found := _density(values[:, 1], spread[:, 1])) is not None:
        made.add_trace(go.Scatter(x=found[1], y=found[0], **(hidden | {"fill": "tozerox"})), row=2, col=2)


def _density(values: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Places over the spread of all values, and a method's density there; None of too few or equal values."""
    from scipy.stats import gaussian_kde  # noqa: PLC0415

    if len(values) < _FEWEST or np.ptp(values) == 0:
        return None
    beyond = _MARGIN * np.ptp(spread)
    places = np.linspace(spread.min() - beyond, spread.max() + beyond, _POINTS)
    return places, gaussian_kde(values)(places)


def _distribution(by_method: Mapping[str, Sequence[Mapping[str, Any]]], x: str) -> go.Figure:
    import plotly.graph_objects as go  # noqa: PLC0415

    made = go.Figure()
    for place, (method, rows) in enumerate(by_method.items()):
        finite = [row for row in rows if np.isfinite(row[x])]
        made.add_trace(
            go.Violin(
                x=[row[x] for row in finite],
                name=panels.text(method),
                text=[panels.text(f"{row['photograph']}, seed {row['seed']}") for row in finite],
                line={"color": STYLES[place % len(STYLES)].color},
                box_visible=True,
                points="all",
                spanmode="hard",
                hovertemplate="%{text}<br>%{x:.3g}",
            )
        )
    made.update_xaxes(title_text=x)
    made.update_yaxes(title_text="method", autorange="reversed")
    made.update_layout(height=_HEIGHT, title=f"distribution of {x}", showlegend=False)
    return made
