"""Figures of curves over shares of the coefficients, such as rate-distortion curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.figures import panels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import plotly.graph_objects as go

_HEIGHT = 420  # pixels


def figure(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], *, y_title: str) -> go.Figure:
    """Return a Plotly figure of curves, shares and values (P,) each, by label."""
    import plotly.graph_objects as go  # noqa: PLC0415

    hover = "%{x:.1%}: %{y:.4g}"
    lines = [
        go.Scatter(x=shares, y=values, mode="lines+markers", name=panels.text(label), hovertemplate=hover)
        for label, (shares, values) in curves.items()
    ]
    made = go.Figure(lines)
    made.update_xaxes(title_text="share of the coefficients", tickformat=".0%")
    made.update_yaxes(title_text=panels.text(y_title), rangemode="tozero")
    made.update_layout(height=_HEIGHT, showlegend=len(lines) > 1)
    return made
