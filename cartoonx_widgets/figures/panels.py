"""Parts that our Plotly figures are made of: pictures, a mask by its bands, texts that are no markup."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.images.encoding import data_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from cartoonx_widgets.representations import Band

MOST_CELLS = 80_000  # of a mask; each takes 11 characters of JSON
_MOST_LETTERS = 24  # of a panel's title
_MOST_BYTES = 250_000  # of a lossless picture


def text(value: str) -> str:
    """Return a text that Plotly shows as it is: Plotly takes `<b>` and the like in labels for markup."""
    printable = "".join(letter if letter.isprintable() else " " for letter in value)
    return html.escape(printable, quote=False)


def short_text(value: str) -> str:
    """Return a text for the title of a panel, cut off where it has more than 24 characters."""
    return text(value if len(value) <= _MOST_LETTERS else f"{value[: _MOST_LETTERS - 1].rstrip()}…")


def title(first: str, second: str) -> dict[str, object]:
    """Return the title of a figure, at its top, and a smaller line below it."""
    return {"text": text(first), "subtitle": {"text": text(second)}, "y": 1, "yanchor": "top", "pad": {"t": 16}}


def picture(pixels: np.ndarray, name: str, *, visible: bool = True, lossless: bool = True) -> go.Image:
    """Return a trace that shows a picture (H, W, 3) uint8: as PNG unless that would be large, or as JPEG."""
    import plotly.graph_objects as go  # noqa: PLC0415

    data, kind = images.to_png(pixels) if lossless else b"", "png"
    if not lossless or len(data) > _MOST_BYTES:
        data, kind = images.to_jpeg(pixels), "jpeg"
    source = data_url(data, kind)
    return go.Image(source=source, name=text(name), hovertemplate=f"{text(name)}<extra></extra>", visible=visible)


def mask_by_band(bands: Sequence[Band], mask: np.ndarray) -> list[go.Heatmap]:
    """Return one heat map for each band of a mask (N,), where `mosaic.layout` has it, on the axis `coloraxis`.

    Each shows at a cell the band's name, scale and orientation, row and column in the band, and the mask's value there.
    A mask of more than 80,000 entries is shown in cells that are means of several.
    """
    import plotly.graph_objects as go  # noqa: PLC0415

    found = mosaic.layout(bands, most_cells=MOST_CELLS)
    values = mosaic.cells(bands, mask, most_cells=MOST_CELLS).astype(np.float32)
    side = found.factor
    of_several = f"<br>mean of {side} x {side} entries" if side > 1 else ""
    traces = []
    for band, tile in zip(bands, found.tiles, strict=True):
        where = np.indices((tile.rows, tile.columns), dtype=np.uint16).transpose(1, 2, 0) * np.uint16(side)
        traces.append(
            go.Heatmap(
                z=values[tile.start : tile.stop].reshape(tile.rows, tile.columns),
                x0=tile.column,
                dx=1,
                y0=tile.row,
                dy=1,
                customdata=where,
                coloraxis="coloraxis",
                name=band.name,
                hovertemplate=(
                    f"{band.name}: scale {band.scale}, {band.orientation}"
                    "<br>row %{customdata[0]}, column %{customdata[1]}"
                    f"<br>mask %{{z:.3f}}{of_several}<extra></extra>"
                ),
            )
        )
    return traces


def color_axis(figure: go.Figure, *, row: int, col: int) -> dict[str, object]:
    """Return the colour axis of a mask, from 0 to 1, with its bar beside a panel of a figure."""
    panel = figure.get_subplot(row, col)
    bottom, top = panel.yaxis.domain
    bar = {"x": panel.xaxis.domain[1], "y": (bottom + top) / 2, "len": top - bottom}
    count = len(mosaic.COLOURS) - 1
    scale = [[i / count, colour] for i, colour in enumerate(mosaic.COLOURS)]
    return {"colorscale": scale, "cmin": 0, "cmax": 1, "colorbar": {**bar, "xanchor": "left", "thickness": 12}}


def show_pictures(figure: go.Figure, *, row: int, cols: Sequence[int]) -> None:
    """Let panels show pictures: square pixels, the first row at the top, and no ticks."""
    for col in cols:
        figure.update_xaxes(visible=False, constrain="domain", row=row, col=col)
        anchor = figure.get_subplot(row, col).yaxis.anchor
        figure.update_yaxes(
            visible=False, autorange="reversed", scaleanchor=anchor, constrain="domain", row=row, col=col
        )
