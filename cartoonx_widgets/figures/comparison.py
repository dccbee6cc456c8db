"""The figure of a comparison: photograph, cartoons, masks, the curves of the runs, and the table of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets._spacing import evenly_spaced
from cartoonx_widgets.figures import mosaic, panels, paper
from cartoonx_widgets.figures.describing import with_probability
from cartoonx_widgets.figures.styles import STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.explanations.explained import Explained

_WIDTH, _TABLE_ROW = 11.0, 0.26  # inches
_CURVES = 2.1
_WIDEST_LABEL = 60  # characters
_MOST_POINTS = 400  # of a curve
_HEIGHT = 620  # of the Plotly figure, in pixels


class Compared(NamedTuple):
    """What the figure of a comparison shows.

    Attributes:
        title: what was explained.
        details: with what.
        image: the photograph, (C, H, W) in [0, 1].
        target: the explained class, with its probability for the photograph.
        labels: what the methods are called.
        explanations: what they have come to, by their index; a method that has not begun has none.
        columns: headings of the table.
        cells: its rows as text, by index.
        best: which cells of a row are the best of their column, by index.
        translate: gives a text in the reader's language.
    """

    title: str
    details: str
    image: Tensor
    target: Prediction
    labels: Sequence[str]
    explanations: Mapping[int, Explained]
    columns: Sequence[str]
    cells: Mapping[int, Sequence[str]]
    best: Mapping[int, Sequence[bool]]
    translate: Callable[[str], str]


def figure(compared: Compared) -> go.Figure:
    """Return the Plotly figure that `Compare.figure` describes."""
    from plotly.subplots import make_subplots  # noqa: PLC0415

    found = compared.explanations
    shown = [("photograph", compared.target)]
    shown += [(compared.labels[index], explanation.cartoon_top[0]) for index, explanation in found.items()]
    titles = [f"{panels.short_text(name)}<br>{panels.short_text(with_probability(first))}" for name, first in shown]
    made = make_subplots(
        rows=2,
        cols=len(titles),
        specs=[[{} for _ in titles], [{"colspan": len(titles)}, *[None] * (len(titles) - 1)]],
        row_heights=[0.55, 0.45],
        vertical_spacing=0.12,
        horizontal_spacing=0.02,
        subplot_titles=[*titles, "distortion over the run"],
    )
    _add_curves(made, compared)
    made.add_trace(panels.picture(images.to_uint8(compared.image), "photograph"), row=1, col=1)
    for col, (index, explanation) in enumerate(found.items(), 2):
        cartoon = panels.picture(images.to_uint8(explanation.cartoon), compared.labels[index])
        made.add_trace(cartoon, row=1, col=col)
    panels.show_pictures(made, row=1, cols=range(1, len(titles) + 1))
    made.update_layout(
        title=panels.title(compared.title, compared.details),
        height=_HEIGHT,
        margin={"t": 120},
    )
    return made


def draw(compared: Compared, *, form: str) -> bytes:
    """Return the figure for a paper as the bytes of a file, drawn by matplotlib.

    Args:
        compared: what it shows.
        form: "pdf", "svg" or "png".

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    columns = len(compared.labels) + 1
    rows, side = len(compared.labels) + 1, _WIDTH / columns
    tall = side * compared.image.shape[-2] / compared.image.shape[-1]
    table = _TABLE_ROW * (rows + 1)
    heights = [tall + 0.4, side, _CURVES, table]

    def drawn(sheet: Figure) -> None:
        paper.add_title(sheet, compared.title, compared.details)
        grid = sheet.add_gridspec(4, columns, height_ratios=heights)
        _draw_photograph(sheet.add_subplot(grid[0, 0]), sheet.add_subplot(grid[1, 0]), compared)
        for index in range(len(compared.labels)):
            _draw_method(sheet.add_subplot(grid[0, index + 1]), sheet.add_subplot(grid[1, index + 1]), compared, index)
        _draw_curves(sheet.add_subplot(grid[2, :]), compared)
        _draw_table(sheet.add_subplot(grid[3, :]), compared)

    return paper.encoded(drawn, form=form, size=(_WIDTH, sum(heights) + 0.9), title=compared.title)


def _curves(compared: Compared) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Return shares of the run and the distortion there, by index; of runs whose distortion is finite."""
    found = {}
    for index, explanation in compared.explanations.items():
        values = explanation.curves["distortion"]
        if len(values) and np.isfinite(values).all():
            picked = evenly_spaced(len(values), _MOST_POINTS)
            found[index] = ((picked + 1) / explanation.method.steps, values[picked])
    return found


def _add_curves(made: go.Figure, compared: Compared) -> None:
    import plotly.graph_objects as go  # noqa: PLC0415

    for index, (shares, values) in _curves(compared).items():
        style = STYLES[index]
        made.add_trace(
            go.Scatter(
                x=shares,
                y=values,
                mode="lines",
                name=panels.text(compared.labels[index]),
                line={"color": style.color, "dash": ",".join(f"{length}px" for length in style.lengths) or "solid"},
                hovertemplate="%{x:.0%} of the run: %{y:.3g}",
            ),
            row=2,
            col=1,
        )
    made.update_xaxes(title_text="share of the run", tickformat=".0%", row=2, col=1)
    made.update_yaxes(title_text="distortion", rangemode="tozero", row=2, col=1)


def _draw_photograph(upper: Axes, lower: Axes, compared: Compared) -> None:
    translate = compared.translate
    paper.show_picture(
        upper, images.to_uint8(compared.image), translate("Photograph"), with_probability(compared.target)
    )
    lower.set_axis_off()
    bar = lower.inset_axes((0.05, 0.55, 0.9, 0.1))
    bar.imshow(mosaic.scale(), aspect="auto", extent=(0, 1, 0, 1))
    bar.set(yticks=[], xticks=[0, 0.5, 1], title=translate("Mask"))
    bar.tick_params(labelsize=8)
    bar.title.set_fontsize(9)


def _draw_method(upper: Axes, lower: Axes, compared: Compared, index: int) -> None:
    label = paper.shortened(compared.labels[index], _WIDEST_LABEL // len(compared.labels))
    if index not in compared.explanations:
        paper.show_picture(
            upper, np.full((*compared.image.shape[-2:], 3), 255, np.uint8), label, compared.translate("not run yet")
        )
        lower.set_axis_off()
        return
    explanation = compared.explanations[index]
    first = explanation.cartoon_top[0]
    paper.show_picture(upper, images.to_uint8(explanation.cartoon), label, with_probability(first))
    if first.index != compared.target.index:
        upper.xaxis.label.set_fontweight("bold")
    mask = mosaic.draw(explanation.transform.bands, explanation.mask.numpy())
    paper.show_picture(lower, mask, "", f"{float(explanation.mask.mean()):.1%}")


def _draw_curves(axes: Axes, compared: Compared) -> None:
    found = _curves(compared)
    for index, (shares, values) in found.items():
        style = STYLES[index]
        label = paper.shortened(compared.labels[index], _WIDEST_LABEL // 2)
        dashes = (0, style.lengths) if style.dash else "-"
        axes.plot(shares, values, color=style.color, linestyle=dashes, linewidth=1.4, label=label)
    axes.set_title(compared.translate("Distortion over the run"), fontsize=9)
    axes.set_xlabel(compared.translate("share of the run"), fontsize=8)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.tick_params(labelsize=8)
    axes.grid(color="#d8d8d8", linewidth=0.6)
    if found:
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _draw_table(axes: Axes, compared: Compared) -> None:
    axes.set_axis_off()
    heading = [compared.translate("Method"), *compared.columns]
    empty = ["\N{EN DASH}"] * len(compared.columns)
    rows = [
        [paper.shortened(label, _WIDEST_LABEL // 2), *compared.cells.get(index, empty)]
        for index, label in enumerate(compared.labels)
    ]
    width = 1 / (len(heading) + 0.6)
    table = axes.table(
        [heading, *rows], colWidths=[1.6 * width, *[width] * len(compared.columns)], loc="center", edges="horizontal"
    )
    table.auto_set_font_size(False)
    table.set_fontsize(7.5)
    for (row, column), cell in table.get_celld().items():
        cell.set_edgecolor("#d8d8d8")
        best = row > 0 and column > 0 and compared.best.get(row - 1, ())[column - 1 : column] == [True]
        cell.set_text_props(
            fontweight="bold" if row == 0 or best else "normal", horizontalalignment="right" if column else "left"
        )
