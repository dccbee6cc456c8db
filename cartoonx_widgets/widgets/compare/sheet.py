"""A sheet to draw on, as a picture or as SVG: the same calls give both."""

from __future__ import annotations

import base64
import html
import io
import math
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Protocol

from PIL import Image, ImageDraw, ImageFont

from cartoonx_widgets import images

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]
INK, SOFT, LINE = "#1f1f1f", "#5a5a5a", "#d8d8d8"
_SCALE = 2  # pixels of a picture for each unit
_FONTS = "Helvetica, Arial, sans-serif"
_PIL_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}  # at the baseline, as in SVG


class Sheet(Protocol):
    """What is drawn on; places and sizes are in units from the upper left corner."""

    def text(
        self, at: Point, text: str, *, size: int = 13, bold: bool = False, colour: str = INK, anchor: Anchor = "start"
    ) -> None:
        """One line of text, its baseline at this place."""

    def picture(self, at: Point, size: Point, pixels: np.ndarray, *, about: str, smooth: bool) -> None:
        """A picture (H, W, 3) uint8, with an alternative text."""

    def line(self, points: Sequence[Point], *, colour: str = INK, width: float = 1.0, dash: str = "") -> None:
        """A line through these places; `dash` as in SVG, without units."""

    def box(self, at: Point, size: Point, colour: str) -> None:
        """A filled rectangle."""

    def encoded(self) -> bytes:
        """The file's bytes."""
        ...


class PngSheet:
    """A picture on white, with two pixels to a unit."""

    def __init__(self, width: float, height: float, _title: str) -> None:
        self._image = Image.new("RGB", (math.ceil(width * _SCALE), math.ceil(height * _SCALE)), "white")
        self._pen = ImageDraw.Draw(self._image)

    def text(
        self, at: Point, text: str, *, size: int = 13, bold: bool = False, colour: str = INK, anchor: Anchor = "start"
    ) -> None:
        """One line of text; what Pillow's own font lacks is replaced."""
        self._pen.text(
            (at[0] * _SCALE, at[1] * _SCALE),
            _plain(text),
            fill=colour,
            font=_font(size * _SCALE),
            anchor=_PIL_ANCHORS[anchor],
            stroke_width=0.4 if bold else 0,
            stroke_fill=colour,
        )

    def picture(self, at: Point, size: Point, pixels: np.ndarray, *, about: str, smooth: bool) -> None:  # noqa: ARG002
        """A picture, enlarged or shrunk to its size."""
        method = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
        fitted = Image.fromarray(pixels).resize((round(size[0] * _SCALE), round(size[1] * _SCALE)), method)
        self._image.paste(fitted, (round(at[0] * _SCALE), round(at[1] * _SCALE)))

    def line(self, points: Sequence[Point], *, colour: str = INK, width: float = 1.0, dash: str = "") -> None:
        """A line, whole or in dashes."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        lengths = [float(part) * _SCALE for part in dash.split()]
        for part in _dashed(scaled, lengths) if lengths else [scaled]:
            self._pen.line(part, fill=colour, width=max(1, round(width * _SCALE)), joint="curve")

    def box(self, at: Point, size: Point, colour: str) -> None:
        """A filled rectangle."""
        left, top = (round(value * _SCALE) for value in at)
        right, bottom = (round((start + length) * _SCALE) for start, length in zip(at, size, strict=True))
        if right > left and bottom > top:
            self._pen.rectangle((left, top, right - 1, bottom - 1), fill=colour)

    def encoded(self) -> bytes:
        """A PNG."""
        buffer = io.BytesIO()
        self._image.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


class SvgSheet:
    """An SVG whose pictures lie in it, and whose text is text."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" font-family="{_FONTS}" role="img">',
            f"<title>{_escaped(title)}</title>",
            f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        ]

    def text(
        self, at: Point, text: str, *, size: int = 13, bold: bool = False, colour: str = INK, anchor: Anchor = "start"
    ) -> None:
        """One line of text."""
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>'
            f"{_escaped(text)}</text>"
        )

    def picture(self, at: Point, size: Point, pixels: np.ndarray, *, about: str, smooth: bool) -> None:
        """A picture, as a PNG in it."""
        data = base64.b64encode(images.to_png(pixels, compress_level=9)).decode("ascii")
        rendering = "" if smooth else ' style="image-rendering:pixelated"'
        self._parts.append(
            f'<image x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:g}" height="{size[1]:g}" '
            f'preserveAspectRatio="none"{rendering} href="data:image/png;base64,{data}">'
            f"<title>{_escaped(about)}</title></image>"
        )

    def line(self, points: Sequence[Point], *, colour: str = INK, width: float = 1.0, dash: str = "") -> None:
        """A line."""
        places = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
        )

    def box(self, at: Point, size: Point, colour: str) -> None:
        """A filled rectangle."""
        self._parts.append(
            f'<rect x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:.2f}" height="{size[1]:g}" fill="{colour}"/>'
        )

    def encoded(self) -> bytes:
        """The SVG in UTF-8."""
        return "\n".join([*self._parts, "</svg>\n"]).encode()


def shortened(text: str, width: float, size: int) -> str:
    """The text, cut off where it is wider than so many units in this size."""
    font = _font(size)
    if font.getlength(_plain(text)) <= width:
        return text
    while text and font.getlength(_plain(text) + "...") > width:
        text = text[:-1]
    return f"{text}…"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _plain(text: str) -> str:
    # What Pillow's built-in font has.
    for sign, plain in (("→", "->"), ("\u2013", "-"), ("…", "..."), ("\u202f", " ")):
        text = text.replace(sign, plain)
    return text.encode("latin-1", "replace").decode("latin-1")


def _escaped(text: str) -> str:
    """Text that may stand in XML, which some characters may not at all."""
    return html.escape("".join(sign if sign.isprintable() else " " for sign in text))


def _dashed(points: Sequence[Point], lengths: Sequence[float]) -> list[list[Point]]:
    """The pieces of a line that dashes of these lengths, on and off in turn, leave of it."""
    pieces: list[list[Point]] = []
    place, on, left = 0, True, lengths[0]
    piece = [points[0]] if points else []
    for (x0, y0), (x1, y1) in pairwise(points):
        whole = math.hypot(x1 - x0, y1 - y0)
        gone = 0.0
        while whole - gone > left:
            gone += left
            at = (x0 + (x1 - x0) * gone / whole, y0 + (y1 - y0) * gone / whole)
            if on:
                pieces.append([*piece, at])
            on, piece = not on, [at]
            place = (place + 1) % len(lengths)
            left = lengths[place]
        left -= whole - gone
        if on:
            piece.append((x1, y1))
    return [*pieces, piece] if on and len(piece) > 1 else pieces
