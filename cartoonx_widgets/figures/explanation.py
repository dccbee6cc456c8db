"""The figure of an explanation: photograph, cartoon, rest, mask, the shares kept, and the class probabilities."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets.figures import panels, paper, strip
from cartoonx_widgets.figures.describing import details, shares, with_probability
from cartoonx_widgets.figures.styles import STYLES

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cartoonx_widgets.explanations.explained import Explained

_HEIGHT = 700  # of the Plotly figure, in pixels
_INCHES = (12.0, 6.2)
_LONGEST = 25  # class, in characters
_PICTURES, _BARS = 1, 2  # the rows
_COLUMNS = 8
PICTURES = ("photograph", "cartoon", "rest")
"""What the classifier's probabilities are shown for."""
_COLOR_BAR, _LABELS = 0.05, 0.1  # shares of the width: right of the mask, and left of the classes' bars


def figure(explanation: Explained) -> go.Figure:
    """Return the figure that `Explanation.figure` describes."""
    from plotly.subplots import make_subplots  # noqa: PLC0415

    bands = explanation.transform.bands
    probabilities = class_probabilities(explanation)
    titles = [
        f"photograph: {with_probability(explanation.photograph_top[0])}",
        f"cartoon: {with_probability(explanation.cartoon_top[0])}",
        f"rest: {with_probability(explanation.rest_top[0])}",
        strip.captions(bands)[3],
        "share kept",
        "most probable classes",
    ]
    wide, half = {"colspan": 2}, {"colspan": 4}
    made = make_subplots(
        rows=2,
        cols=_COLUMNS,
        specs=[
            [wide, None, wide, None, wide, None, {**wide, "r": _COLOR_BAR}, None],
            [half, None, None, None, {**half, "l": _LABELS}, None, None, None],
        ],
        row_heights=[0.6, 0.4],
        vertical_spacing=0.14,
        subplot_titles=[panels.text(title) for title in titles],
    )
    # The bars are the first traces, so that they take the first colours of the template.
    _add_shares(made, shares(bands, explanation.mask))
    _add_probabilities(made, probabilities)
    made.add_trace(panels.picture(images.to_uint8(explanation.image), "photograph"), row=_PICTURES, col=1)
    made.add_trace(panels.picture(images.to_uint8(explanation.cartoon), "cartoon"), row=_PICTURES, col=3)
    made.add_trace(panels.picture(images.to_uint8(explanation.rest), "rest"), row=_PICTURES, col=5)
    for heatmap in panels.mask_by_band(bands, explanation.mask.numpy()):
        made.add_trace(heatmap, row=_PICTURES, col=7)
    panels.show_pictures(made, row=_PICTURES, cols=[1, 3, 5, 7])
    made.update_layout(
        title=panels.title(explanation.summary, details(explanation)),
        coloraxis=panels.color_axis(made, row=_PICTURES, col=7),
        height=_HEIGHT,
        margin={"t": 110, "b": 60},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": -0.12, "yanchor": "top"},
    )
    return made


def draw(explanation: Explained, *, form: str) -> bytes:
    """Return the figure for a paper as the bytes of a file, drawn by matplotlib.

    Args:
        explanation: that it shows.
        form: "pdf", "svg" or "png".

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """

    def drawn(sheet: Figure) -> None:
        paper.add_title(sheet, explanation.summary, details(explanation))
        grid = sheet.add_gridspec(2, _COLUMNS, height_ratios=[1.5, 1])
        shown = strip.pictures(explanation)
        tops = (explanation.photograph_top, explanation.cartoon_top, explanation.rest_top)
        names = (*(with_probability(top[0]) for top in tops), "")
        captions = strip.captions(explanation.transform.bands)
        for i, (pixels, caption, below) in enumerate(zip(shown, captions, names, strict=True)):
            axes = sheet.add_subplot(grid[0, 2 * i : 2 * i + 2])
            paper.show_picture(axes, pixels, caption, below)
        paper.add_mask_scale(axes)
        _draw_shares(sheet.add_subplot(grid[1, :4]), shares(explanation.transform.bands, explanation.mask))
        _draw_probabilities(sheet.add_subplot(grid[1, 4:]), class_probabilities(explanation))

    return paper.encoded(drawn, form=form, size=_INCHES, title=explanation.summary)


def class_probabilities(explanation: Explained) -> dict[str, tuple[float | None, ...]]:
    """Return the probabilities for `PICTURES` by class, the explained one first, then the most probable ones.

    None stands where only that it is not among the five most probable is known. Classes that share a label are kept
    apart by their index.
    """
    tops = (explanation.photograph_top, explanation.cartoon_top, explanation.rest_top)
    of_target = (explanation.target.probability, explanation.probability, explanation.probability_rest)
    target = explanation.target
    known = [
        {one.index: one.probability for one in top} | {target.index: own}
        for top, own in zip(tops, of_target, strict=True)
    ]
    classes = {target.index: target.label} | {one.index: one.label for top in tops for one in top}
    shared = [label for label, count in Counter(classes.values()).items() if count > 1]
    names = {index: f"{label} ({index})" if label in shared else label for index, label in classes.items()}
    return {name: tuple(values.get(index) for values in known) for index, name in names.items()}


def _add_shares(made: go.Figure, kept: dict[str, float]) -> None:
    import plotly.graph_objects as go  # noqa: PLC0415

    hover = "%{x}: %{y:.2%} kept<extra></extra>"
    bars = go.Bar(x=list(kept), y=list(kept.values()), name="share kept", hovertemplate=hover, showlegend=False)
    made.add_trace(bars, row=_BARS, col=1)
    made.update_xaxes(title_text="band", type="category", row=_BARS, col=1)
    made.update_yaxes(title_text="mean of the mask", tickformat="~%", rangemode="tozero", row=_BARS, col=1)


def _add_probabilities(made: go.Figure, probabilities: dict[str, tuple[float | None, ...]]) -> None:
    import plotly.graph_objects as go  # noqa: PLC0415

    labels = [panels.text(label) for label in probabilities]
    for index, name in enumerate(PICTURES):
        values = [each[index] for each in probabilities.values()]
        hover = f"%{{y}}: %{{x:.3f}} for the {name}<extra></extra>"
        bars = go.Bar(x=values, y=labels, orientation="h", name=name, hovertemplate=hover)
        made.add_trace(bars, row=_BARS, col=5)
    made.update_xaxes(title_text="probability", range=[0, 1], row=_BARS, col=5)
    made.update_yaxes(type="category", autorange="reversed", row=_BARS, col=5)


def _draw_shares(axes: Axes, kept: dict[str, float]) -> None:
    axes.bar(list(kept), list(kept.values()), color=STYLES[0].color)
    axes.set_title("share kept", fontsize=9)
    axes.set_ylabel("mean of the mask", fontsize=8)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.3g}")
    axes.tick_params(labelsize=8)
    axes.tick_params(axis="x", labelrotation=90)


def _draw_probabilities(axes: Axes, probabilities: dict[str, tuple[float | None, ...]]) -> None:
    rows, height = np.arange(len(probabilities)), 0.27
    for index, (name, style) in enumerate(zip(PICTURES, (STYLES[5], STYLES[0], STYLES[2]), strict=True)):
        values = [each[index] or 0.0 for each in probabilities.values()]
        axes.barh(rows + (index - 1) * height, values, height, color=style.color, label=name)
    axes.set_yticks(rows, [paper.shortened(label, _LONGEST) for label in probabilities])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_title("most probable classes", fontsize=9)
    axes.set_xlabel("probability", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=8, frameon=False, loc="lower right")
