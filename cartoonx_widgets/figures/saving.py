"""What `Explanation.save` writes: the cartoon by Pillow, or the figure for a paper by matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cartoonx_widgets._files import replacing
from cartoonx_widgets.figures import paper, strip
from cartoonx_widgets.figures.explanation import draw

if TYPE_CHECKING:
    import os

    from cartoonx_widgets.explanations.explained import Explained

_VECTORS = (".pdf", ".svg")


def check(path: str | os.PathLike[str], *, figure: bool | None = None) -> None:
    """Raise what `save` would raise for this path before anything is written."""
    if _is_figure(path, figure):
        paper.check_ending(path)
        paper.check_installed()
    else:
        strip.format_of(path)


def save(explanation: Explained, path: str | os.PathLike[str], *, figure: bool | None = None) -> None:
    """Write what `Explanation.save` describes."""
    check(path, figure=figure)
    if _is_figure(path, figure):
        paper.save(path, lambda form: draw(explanation, form=form))
    else:
        picture = strip.cartoon_picture(explanation)
        with replacing(path) as file:
            picture.save(file, strip.format_of(path))


def _is_figure(path: str | os.PathLike[str], figure: bool | None) -> bool:
    return Path(path).suffix.lower() in _VECTORS if figure is None else figure
