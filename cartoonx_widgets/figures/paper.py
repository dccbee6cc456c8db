"""Figures for papers, by matplotlib: as PDF, SVG or PNG, with text that stays text, in fonts that have its letters."""

from __future__ import annotations

import io
import threading
import unicodedata
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cartoonx_widgets._files import write_whole
from cartoonx_widgets.figures import mosaic

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

ENDINGS = (".pdf", ".svg", ".png")
_FIRST_FONT = "DejaVu Sans"  # comes with matplotlib: Latin, Greek, Cyrillic, Arabic letters
_LONGEST, _LONGEST_TITLE = 30, 100  # characters below a picture, and in a line of the title
_DPI = 300  # of pictures
_DATES = {"pdf": "CreationDate", "svg": "Date"}
_warned: set[str] = set()
_settings = threading.RLock()  # matplotlib's settings belong to the process


def check_installed() -> None:
    """Raise ModuleNotFoundError, which names the remedy, unless matplotlib is installed."""
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        message = "figures for papers need matplotlib: pip install 'cartoonx-widgets[figures]'"
        raise ModuleNotFoundError(message, name="matplotlib") from error


def check_ending(path: str | os.PathLike[str]) -> str:
    """Return the form, "pdf", "svg" or "png", that a path's ending names.

    Raises:
        ValueError: it names none of them.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"path={str(path)!r} has the ending {ending!r}; a figure is written as .pdf, .svg or .png")
    return ending[1:]


def save(path: str | os.PathLike[str], encode: Callable[[str], bytes]) -> None:
    """Write what `encode(form)` gives for the form that the path's ending names, or leave the file as it was.

    Raises:
        ValueError: an ending that is none of .pdf, .svg and .png.
        ModuleNotFoundError: matplotlib is not installed.
        OSError: it cannot be written.
    """
    data = encode(check_ending(path))
    write_whole(path, data)


def encoded(draw: Callable[[Figure], None], *, form: str, size: tuple[float, float], title: str) -> bytes:
    """Return a figure as the bytes of a file.

    Args:
        draw: draws it.
        form: "pdf", "svg" or "png".
        size: width and height in inches.
        title: of the file, for search engines and screen readers.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    check_installed()
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.text import Text  # noqa: PLC0415

    fixed: Any = {
        "font.family": [_FIRST_FONT],
        "svg.fonttype": "none",  # text as text, in place of outlines
        "svg.hashsalt": "cartoonx_widgets",
        "pdf.fonttype": 42,  # fonts that journals take, and text that can be found and copied
        "text.parse_math": False,  # a class may be called "$1"
        "text.usetex": False,
    }
    buffer = io.BytesIO()
    with _settings, mpl.rc_context(fixed):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        texts: list[Text] = figure.findobj(Text)
        families = _families("".join(text.get_text() for text in texts))
        for text in texts:
            text.set_fontfamily(families)
        # No date: the same figure is the same file.
        metadata = {"Title": printable(title)} | ({_DATES[form]: None} if form in _DATES else {})
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)  # `_families` has warned
            figure.savefig(buffer, format=form, dpi=_DPI, metadata=metadata)
    return buffer.getvalue()


def printable(text: str) -> str:
    """Return a text in one line, without the control characters that XML forbids."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def shortened(text: str, most: int) -> str:
    """Return a text in one line, cut off where it has more than so many characters."""
    text = printable(text)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def add_title(figure: Figure, title: str, details: str) -> None:
    """Write a title and a line below it at the top left; what is too long is cut off."""
    lines = f"{shortened(title, _LONGEST_TITLE)}\n{shortened(details, _LONGEST_TITLE)}"
    figure.suptitle(lines, fontsize=11, x=0.01, horizontalalignment="left")


def show_picture(axes: Axes, pixels: np.ndarray, title: str, below: str) -> None:
    """Show a picture (H, W, 3) uint8 with a title, and a text below it."""
    axes.imshow(pixels, interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)
    axes.set_xlabel(shortened(below, _LONGEST), fontsize=8)


def add_mask_scale(axes: Axes) -> None:
    """Add the colours of a mask's entries, from 0 to 1, at the right of a panel."""
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415
    from matplotlib.colors import ListedColormap  # noqa: PLC0415

    colours = ScalarMappable(cmap=ListedColormap(mosaic.scale()[0] / 255))
    bar = axes.figure.colorbar(colours, ax=axes, location="right", label="mask", ticks=[0, 0.5, 1], shrink=0.8)
    bar.ax.tick_params(labelsize=8)


def _families(text: str) -> list[str]:
    """Return names of fonts which together have each letter of a text, as far as the machine has such; else warn."""
    from matplotlib import font_manager, ft2font  # noqa: PLC0415

    found, missing = [_FIRST_FONT], {letter for letter in text if letter.isprintable() and not letter.isspace()}

    def take(path: str) -> set[str]:
        letters = ft2font.FT2Font(path).get_charmap()
        return {letter for letter in missing if ord(letter) in letters}

    missing -= take(font_manager.findfont(_FIRST_FONT))
    if missing:
        # Upright sans-serif fonts first, and among them those of the usual weight.
        fonts = sorted(
            (font for font in font_manager.fontManager.ttflist if "Last Resort" not in font.name),  # all are boxes
            key=lambda font: (
                font.style != "normal",
                "Sans" not in font.name,
                str(font.weight) not in ("400", "normal"),
            ),
        )
        for font in fonts:
            if missing and font.name not in found and (had := _readable(take, font.fname)):
                found.append(font.name)
                missing -= had
    _warn_of(missing)
    return found


def _readable(take: Callable[[str], set[str]], path: str) -> set[str]:
    try:
        return take(path)
    except (OSError, RuntimeError):  # removed since matplotlib listed it, or of a kind that it cannot read
        return set()


def _warn_of(missing: Iterable[str]) -> None:
    """Warn of the scripts of these letters, once of each."""
    scripts = {_script(letter) for letter in missing} - _warned
    if scripts:
        _warned.update(scripts)
        named = ", ".join(sorted(scripts))
        warnings.warn(
            f"no font on this machine has the letters of: {named}. They appear as boxes in PNG and PDF; install a font "
            "that has them, such as Noto Sans of that script (an SVG is shown in the fonts of its reader)",
            stacklevel=2,
        )


def _script(letter: str) -> str:
    """Return the script of a letter, such as CJK, or the whole name of what is no letter."""
    name = unicodedata.name(letter, f"U+{ord(letter):04X}")
    return name.partition(" ")[0] if unicodedata.category(letter)[0] in "LM" else name
