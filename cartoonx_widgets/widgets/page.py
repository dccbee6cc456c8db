"""The page code of the widgets: one module for each, and Plotly's own library, which fetch nothing."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What each widget's module is made of, in this order; its last file renders it.
_SHARED = ("dom.js", "texts.js", "bands.js", "panels.js", "shares.js", "curves.js")
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "explorer.js": (
        *_SHARED,
        "problem.js",
        "uploads.js",
        "combobox.js",
        "mosaic.js",
        "probabilities.js",
        "methods.js",
        "fields.js",
        "settings.js",
        "run_view.js",
        "controls.js",
        "explorer.js",
    ),
    "replay.js": (*_SHARED, "mosaic.js", "probabilities.js", "run_view.js", "film.js", "replay.js"),
    "lab.js": (
        *_SHARED,
        "problem.js",
        "uploads.js",
        "views.js",
        "lab_mosaic.js",
        "lab_closeup.js",
        "lab_lines.js",
        "lab_charts.js",
        "lab_energies.js",
        "lab_bands.js",
        "lab_controls.js",
        "lab.js",
    ),
    "compare.js": (
        "dom.js",
        "texts.js",
        "problem.js",
        "views.js",
        "run_view.js",
        "compare_viewport.js",
        "compare_looks.js",
        "compare_panels.js",
        "compare_chart.js",
        "compare_table.js",
        "compare_controls.js",
        "compare.js",
    ),
    "results.js": (
        *_SHARED,
        "views.js",
        "results_data.js",
        "results_scores.js",
        "results_looks.js",
        "results_density.js",
        "results_choices.js",
        "results_marks.js",
        "results_cursor.js",
        "results_scatter.js",
        "results_spread.js",
        "results_table.js",
        "results_best.js",
        "results_picked.js",
        "results_errors.js",
        "results_live.js",
        "results.js",
    ),
}
_STYLES: Mapping[str, tuple[str, ...]] = {
    "explorer.js": ("widget.css",),
    "replay.js": ("widget.css",),
    "lab.js": ("widget.css", "lab.css"),
    "compare.js": ("widget.css", "compare.css"),
    "results.js": ("widget.css", "results.css"),
}
STATIC = files("cartoonx_widgets.widgets").joinpath("static")
# plotly.js in the wrapper that other module systems need.
_WRAPPED = re.compile(
    r"(?P<licence>/\*\*.*?\*/)\n\(\n function\(root, factory\).*?\(\) => \{\n"
    r"(?P<library>.*)\nwindow\.Plotly = Plotly;\nreturn Plotly;\n\}\)\);\s*",
    re.DOTALL,
)


@cache
def script(entry: str) -> str:
    """The JavaScript module of the widget that `entry` renders.

    It is small: anywidget gives up on a module that is not there after two seconds, and plotly.js alone takes that on a
    busy machine. So the library comes beside it.
    """
    return _joined(_SCRIPTS[entry])


@cache
def library() -> str:
    """The module of plotly.js (MIT), as the plotly package ships it, which a page reads once for all its widgets."""
    shipped = files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")
    wrapped = _WRAPPED.fullmatch(shipped)
    # The wrapper takes a function that is not in parentheses: without it a page is there 0.3 s sooner.
    body = (
        f"{shipped}\nreturn window.Plotly;"
        if wrapped is None
        else f"{wrapped['licence']}\n{wrapped['library']}\nreturn Plotly;"
    )
    # In parentheses a browser compiles a function at once, which it would otherwise read twice.
    return f"export default (function () {{\n{body}\n}})();"


@cache
def style(entry: str) -> str:
    """The style sheet of the widget that `entry` renders."""
    return _joined(_STYLES[entry])


def _joined(names: Sequence[str]) -> str:
    return "\n".join(STATIC.joinpath(name).read_text("utf-8") for name in names)
