"""The picture of a signal lab that a saved notebook shows without a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets.images.encoding import data_url

if TYPE_CHECKING:
    from cartoonx_widgets.sparsity import SignalExpansion
    from cartoonx_widgets.sparsity.signals import Booleans, Floats

_WIDTH, _HEIGHT, _ROW = 640, 180, 36  # pixels: of all, of the signal, and of each scale
_STYLE = "fill:none;stroke-width:"
_INK, _KEPT, _FAINT = "#9a9a9a", "#0072b2", "#c4c4c4"


def picture(expansion: SignalExpansion, kept: Booleans, approximation: Floats) -> str:
    """Return the signal, the approximation and the coefficients as an SVG picture, in a data URL."""
    signal = expansion.signal
    most = float(max(np.abs(signal).max(), np.abs(approximation).max())) or 1.0
    parts = [
        _path(_line(signal, most), _INK, 3),
        _path(_line(approximation, most), _KEPT, 1.5),
    ]
    largest = float(np.abs(expansion.coefficients).max()) or 1.0
    middle = _HEIGHT + _ROW / 2
    for band in expansion.bands:
        own = slice(band.start, band.start + band.size)
        x = (np.arange(band.size) + 0.5) * _WIDTH / band.size
        y = middle - expansion.coefficients[own] / largest * (_ROW / 2 - 1)
        for chosen, colour in ((~kept[own], _FAINT), (kept[own], _KEPT)):
            stems = zip(x[chosen], y[chosen], strict=True)
            parts.append(_path("".join(f"M{a:.1f} {middle:.1f}V{b:.1f}" for a, b in stems), colour, 2))
        parts.append(_path(f"M0 {middle:.1f}H{_WIDTH}", _FAINT, 0.5))
        middle += _ROW
    height = _HEIGHT + len(expansion.bands) * _ROW
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}">{"".join(parts)}</svg>'
    return data_url(text.encode(), "svg+xml")


def _line(values: Floats, most: float) -> str:
    x = (np.arange(values.size) + 0.5) * _WIDTH / values.size
    y = _HEIGHT / 2 * (1 - 0.94 * values / most)
    return "M" + " ".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def _path(commands: str, colour: str, width: float) -> str:
    return f'<path d="{commands}" style="{_STYLE}{width};stroke:{colour}"/>'
