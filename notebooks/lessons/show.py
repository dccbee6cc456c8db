"""Pictures side by side, lines in a plot and tables, for the lessons: plain HTML with alternative texts, no script."""

from __future__ import annotations

import base64
import math
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from cartoonx_widgets import images
from IPython.display import HTML, display

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Okabe and Ito's colours, which colour-blind readers can tell apart; and a pattern of its own for each line.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2")
_INK = "var(--jp-content-font-color1, #222)"
_FAINT = "var(--jp-border-color2, #ddd)"


def row(pictures: Sequence[Any], captions: Sequence[str], alts: Sequence[str], *, height: int = 220) -> None:
    """Show pictures side by side.

    Args:
        pictures: tensors or arrays (3, H, W) or (H, W); what leaves [0, 1] is cut off.
        captions: what stands below each.
        alts: what each shows, for those who do not see it; where a prediction is asked for, without its answer.
        height: of each on the screen, in pixels.
    """
    figures = []
    for picture, caption, alt in zip(pictures, captions, alts, strict=True):
        values = np.rint(255 * np.clip(np.asarray(picture, dtype=np.float32), 0, 1)).astype(np.uint8)
        pixels = values if values.ndim == 2 else np.moveaxis(values, 0, -1)
        data = base64.b64encode(images.to_png(pixels)).decode()
        figures.append(
            f'<figure style="margin:0"><img alt="{escape(alt)}" src="data:image/png;base64,{data}" '
            f'style="height:{height}px;max-width:none;image-rendering:pixelated">'
            f'<figcaption style="max-width:{height * values.shape[-1] // values.shape[-2]}px">{escape(caption)}'
            "</figcaption></figure>"
        )
    display(HTML(f'<div style="display:flex;flex-wrap:wrap;gap:14px">{"".join(figures)}</div>'))


def signed(values: Any, largest: float | None = None) -> np.ndarray:
    """Numbers around 0 as a picture: 0 is middle grey, positive is brighter, negative darker.

    Args:
        values: (..., H, W).
        largest: the size that becomes black or white; the largest there is by default.
    """
    values = np.asarray(values, dtype=np.float32)
    largest = float(np.abs(values).max()) if largest is None else largest
    return np.clip(0.5 + values / (2 * max(largest, 1e-12)), 0, 1)


def lines(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    x: str,
    y: str,
    alt: str = "",
    log: bool = False,
    least: float = -math.inf,
    size: tuple[int, int] = (640, 320),
) -> None:
    """Show curves in one plot; its alternative text has the curves' figures.

    Args:
        curves: name to (x, y).
        x: what the axis below is called.
        y: what the other one is called.
        alt: said before the curves' figures; where a prediction is asked for, without its answer.
        log: both axes logarithmic; points that are not positive are left out.
        least: values of y below it are left out.
        size: width and height in pixels.
    """
    drawn = {name: _points(*curve, log=log, least=least) for name, curve in curves.items()}
    every = np.concatenate(list(drawn.values()), axis=1)
    (x_low, x_high), (y_low, y_high) = (_span(values, log=log) for values in every)
    width, height = size
    left, right, top, bottom = 62, 12, 10, 42
    alt = f"{alt}. {_in_words(drawn, x, y, log=log)}".lstrip(". ")
    across = lambda v: left + (v - x_low) / (x_high - x_low) * (width - left - right)
    up = lambda v: height - bottom - (v - y_low) / (y_high - y_low) * (height - top - bottom)
    parts = []
    for position, text in _ticks(x_low, x_high, log=log):
        parts.append(f'<path d="M{across(position):.1f} {top}V{height - bottom}" stroke="{_FAINT}"/>')
        parts.append(f'<text x="{across(position):.1f}" y="{height - bottom + 16}" text-anchor="middle">{text}</text>')
    for position, text in _ticks(y_low, y_high, log=log):
        parts.append(f'<path d="M{left} {up(position):.1f}H{width - right}" stroke="{_FAINT}"/>')
        parts.append(f'<text x="{left - 6}" y="{up(position) + 4:.1f}" text-anchor="end">{text}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 8}" text-anchor="middle">{escape(x)}</text>')
    middle = (top + height - bottom) / 2
    parts.append(
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(y)}</text>'
    )
    legend = []
    for (name, (xs, ys)), colour, dash in zip(drawn.items(), cycle(_COLOURS), cycle(_DASHES), strict=False):
        path = "L".join(f"{across(a):.1f} {up(b):.1f}" for a, b in zip(xs, ys, strict=True))
        stroke = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<path d="M{path}" {stroke}/>')
        key = f'<svg width="34" height="10" aria-hidden="true"><path d="M0 5H34" {stroke}/></svg>'
        legend.append(f'<span style="white-space:nowrap">{key} {escape(name)}</span>')
    picture = (
        f'<svg role="img" aria-label="{escape(alt)}" width="{width}" height="{height}" font-size="12" fill="{_INK}" '
        f'font-family="sans-serif">{"".join(parts)}</svg>'
    )
    keys = f'<div style="display:flex;flex-wrap:wrap;gap:4px 18px;max-width:{width}px">{"".join(legend)}</div>'
    display(HTML(f"<div>{picture}{keys}</div>"))


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Show a table; the first entry of each row says what the row is about, the others stand to the right."""
    cells = "".join(f'<th scope="col" style="text-align:right">{escape(name)}</th>' for name in header)
    lines_ = [f"<tr>{cells}</tr>"]
    for first, *others in rows:
        cells = "".join(f'<td style="text-align:right">{escape(str(value))}</td>' for value in others)
        lines_.append(f'<tr><th scope="row" style="text-align:left">{escape(str(first))}</th>{cells}</tr>')
    display(HTML(f'<table style="margin-left:0">{"".join(lines_)}</table>'))


def _in_words(drawn: Mapping[str, np.ndarray], x: str, y: str, *, log: bool) -> str:
    """Where each line begins and ends, and its least and greatest value."""
    sentences = []
    for name, points in drawn.items():
        xs, ys = 10**points if log else points
        low, high = ys.argmin(), ys.argmax()
        sentences.append(
            f"{name}: {ys[0]:.3g} at {xs[0]:.4g}, {ys[-1]:.3g} at {xs[-1]:.4g}, least {ys[low]:.3g} at {xs[low]:.4g}, "
            f"greatest {ys[high]:.3g} at {xs[high]:.4g}"
        )
    axes = ", both on logarithmic axes" if log else ""
    return f"{y} over {x}{axes}. {'. '.join(sentences)}."


def _points(x: Sequence[float], y: Sequence[float], *, log: bool, least: float) -> np.ndarray:
    """(2, points) in the plot's own units."""
    values = np.stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    seen = np.isfinite(values).all(0) & (values[1] >= least)
    return np.log10(values[:, seen & (values > 0).all(0)]) if log else values[:, seen]


def _span(values: np.ndarray, *, log: bool) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if log and high - low < 1:  # at least one power of ten, so that there is a tick
        low, high = math.floor(low), math.ceil(high)
    return low, high if high > low else low + 1


def _ticks(low: float, high: float, *, log: bool) -> list[tuple[float, str]]:
    if log:
        powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
        return [(power, _power(power)) for power in powers]
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(times for times in (1, 2, 5, 10) if (high - low) / (step * times) <= 6)
    first = math.ceil(low / step - 1e-9)
    return [(i * step, f"{i * step:.6g}") for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _power(power: int) -> str:
    if 0 <= power <= 4:
        return f"{10**power:,}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
