"""The page code of the widgets: Plotly's own library, then ours, as one module that fetches nothing."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_SCRIPTS = (
    "dom.js",
    "texts.js",
    "combobox.js",
    "bands.js",
    "panels.js",
    "mosaic.js",
    "shares.js",
    "curves.js",
    "probabilities.js",
    "fields.js",
    "settings.js",
    "controls.js",
    "explorer.js",
)


@cache
def script() -> str:
    """The JavaScript module of the explorer, with plotly.js (MIT) as the plotly package ships it.

    The library is wrapped in a function, so that a page with several widgets evaluates it once.
    """
    library = files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")
    static = files("cartoonx_widgets.widgets").joinpath("static")
    ours = "\n".join(static.joinpath(name).read_text("utf-8") for name in _SCRIPTS)
    return f"function loadPlotly() {{\n{library}\nreturn window.Plotly;\n}}\n{ours}"


@cache
def style() -> str:
    """The style sheet of the explorer."""
    return files("cartoonx_widgets.widgets").joinpath("static/explorer.css").read_text("utf-8")
