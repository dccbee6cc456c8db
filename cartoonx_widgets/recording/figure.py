"""The Plotly figure of a recording: its curves, and its frames behind a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets._checks import whole
from cartoonx_widgets._spacing import evenly_spaced
from cartoonx_widgets.figures import mosaic, panels, strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from cartoonx_widgets.recording.recorded_run import RecordedRun

_HEIGHT = 700  # pixels
_LEVELS = 255  # of a frame's mask
_COLUMNS = 12
_PICTURES = (1, 4, 7, 10)  # the columns where they begin
_CURVES = (1, 5, 9)
_OF_A_FRAME = ("cartoon", "rest", "mask")
_PROBABILITIES = {"cartoon": "probabilities", "rest": "probabilities_rest"}


def figure(recording: RecordedRun, *, frames: int) -> go.Figure:
    """Return what `Recording.figure` describes."""
    frames = whole("frames", frames)
    from plotly.subplots import make_subplots  # noqa: PLC0415

    last = len(recording.frames) - 1
    chosen = evenly_spaced(last + 1, frames).tolist()
    titles = [*strip.captions(recording.transform.bands), "distortion", "penalties", "probability of the class"]
    made = make_subplots(
        rows=2,
        cols=_COLUMNS,
        specs=[_spans(_PICTURES), _spans(_CURVES)],
        row_heights=[0.6, 0.4],
        vertical_spacing=0.12,
        horizontal_spacing=0.04,
        subplot_titles=titles,
    )
    _add_curves(made, recording)
    _add_frames(made, recording, chosen)
    panels.show_pictures(made, row=1, cols=_PICTURES)
    penalties = made.get_subplot(2, _CURVES[1])
    made.update_layout(
        title=panels.title(recording.summary(chosen[-1]), _details(recording)),
        height=_HEIGHT,
        margin={"t": 110},
        legend={
            "x": penalties.xaxis.domain[1],
            "xanchor": "right",
            "y": penalties.yaxis.domain[1],
            "yanchor": "top",
            "bgcolor": "rgba(0, 0, 0, 0)",
        },
    )
    return made


def _spans(columns: Sequence[int]) -> list[dict[str, int] | None]:
    """Return a row of panels that begin at these columns, each as wide as the others."""
    wide = _COLUMNS // len(columns)
    return [{"colspan": wide} if column in columns else None for column in range(1, _COLUMNS + 1)]


def _details(recording: RecordedRun) -> str:
    return f"{recording.photograph}, {recording.method}, {recording.classifier}, seed {recording.seed}"


def _add_curves(made: go.Figure, recording: RecordedRun) -> None:
    import plotly.graph_objects as go  # noqa: PLC0415

    for name, values in recording.curves.items():
        if name == "loss":
            continue
        called, steps, shown = panels.text(name), np.arange(1, len(values) + 1), name != "distortion"
        hover = f"step %{{x}}: {called} %{{y:.3g}}<extra></extra>"
        line = go.Scatter(x=steps, y=values, mode="lines", name=called, hovertemplate=hover, showlegend=shown)
        made.add_trace(line, row=2, col=_CURVES[1] if shown else _CURVES[0])
    for name, dash in (("cartoon", "solid"), ("rest", "dot")):
        known = [(frame.step, getattr(frame, _PROBABILITIES[name])) for frame in recording.frames]
        line = go.Scatter(
            x=[step for step, values in known if values is not None],
            y=[float(values[recording.target]) for _, values in known if values is not None],
            mode="lines",
            name=name,
            line={"dash": dash},
            showlegend=False,
            hovertemplate=f"step %{{x}}: {name} %{{y:.3f}}<extra></extra>",
        )
        made.add_trace(line, row=2, col=_CURVES[2])
    for col in _CURVES:
        made.update_xaxes(title_text="step", range=[0, recording.steps], row=2, col=col)
        made.update_yaxes(rangemode="tozero", row=2, col=col)


def _add_frames(made: go.Figure, recording: RecordedRun, chosen: Sequence[int]) -> None:
    """Add the pictures, of which those of one frame are visible, and the slider that says which.

    It sets what is visible, since Plotly's animations do not show pictures that are given as a source.
    """
    photograph = panels.picture(images.to_uint8(recording.image), "photograph")
    made.add_trace(photograph, row=1, col=_PICTURES[0])
    first = len(made.data)
    for index in chosen:
        frame = recording.frame(index)
        step, values = frame.step, frame.levels().astype(np.float32) / _LEVELS
        cartoon, rest = map(images.to_uint8, recording.pictures(frame))
        mask = mosaic.draw(recording.transform.bands, values, most_cells=panels.MOST_CELLS)
        visible = index == chosen[-1]
        for col, pixels, name in zip(_PICTURES[1:], (cartoon, rest, mask), _OF_A_FRAME, strict=True):
            trace = panels.picture(pixels, f"{name}, step {step}", visible=visible, lossless=name == "mask")
            made.add_trace(trace, row=1, col=col)
    for col in _CURVES:
        made.add_vline(x=recording.frame(chosen[-1]).step, line={"width": 1, "dash": "dot"}, row=2, col=col)
    made.update_layout(
        sliders=[
            {
                "active": len(chosen) - 1,
                "currentvalue": {"prefix": "step "},
                "pad": {"t": 50},
                "steps": [_slider_step(recording, index, chosen, first) for index in chosen],
            }
        ]
    )


def _slider_step(recording: RecordedRun, index: int, chosen: Sequence[int], first: int) -> dict[str, Any]:
    step = recording.frame(index).step
    visible = [other == index for other in chosen for _ in _OF_A_FRAME]
    moved = {f"shapes[{i}].{end}": step for i in range(len(_CURVES)) for end in ("x0", "x1")}
    changed = {"title.text": panels.text(recording.summary(index)), **moved}
    return {
        "label": str(step),
        "method": "update",
        "args": [{"visible": visible}, changed, list(range(first, first + len(visible)))],
    }
