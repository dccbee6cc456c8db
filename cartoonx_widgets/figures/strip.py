"""Pictures in a row with captions, drawn by Pillow alone: photograph, cartoon, rest and mask of an explanation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.figures.describing import details as details_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import numpy as np

    from cartoonx_widgets.explanations.explained import Explained
    from cartoonx_widgets.representations import Band

PANEL = 320
COARSE = 3  # times that a picture is enlarged, from which on its pixels are shown as the squares that they are
_MOST_WIDTH = 6 * PANEL  # of one picture
_MOST_LETTERS = 300  # of a line
_MARGIN = 16
_TITLE = 18
_TEXT = 15


def format_of(path: str | os.PathLike[str]) -> str:
    """Return Pillow's name of the picture format that a path's ending names.

    Raises:
        ValueError: it names none that can be written.
    """
    ending = Path(path).suffix.lower()
    found = Image.registered_extensions().get(ending, "")
    if found not in Image.SAVE:
        raise ValueError(f"{path}: the ending {ending!r} is none of a picture that can be written; use .png or .jpg")
    return found


def cartoon_picture(explanation: Explained) -> Image.Image:
    """Return the cartoon alone, at the classifier's resolution."""
    return Image.fromarray(images.to_uint8(explanation.cartoon))


def compose(explanation: Explained) -> Image.Image:
    """Compose photograph, cartoon, rest and mask mosaic in a row, the summary above them."""
    return in_a_row(
        pictures(explanation),
        captions(explanation.transform.bands),
        title=explanation.summary,
        details=details_of(explanation),
    )


def in_a_row(
    shown: Sequence[np.ndarray],
    named: Sequence[str],
    *,
    title: str,
    details: str,
    least_width: int = 0,
    smooth: int = 3,
) -> Image.Image:
    """Lay pictures (H, W, 3) uint8 side by side, with a caption below each and two lines of text above them all.

    Args:
        shown: the pictures.
        named: their captions, as many.
        title: the first line.
        details: the second line.
        least_width: in pixels; it is as wide as pictures and title need where that is more.
        smooth: how many of them, from the left, are photographs, which are enlarged smoothly; a mask keeps its squares.
    """
    panels = [_fitted(picture, smooth=i < smooth) for i, picture in enumerate(shown)]
    title_font = ImageFont.load_default(_TITLE)
    across = sum(panel.width for panel in panels) + _MARGIN * (len(panels) + 1)
    width = max(across, least_width, 2 * _MARGIN + round(title_font.getlength(_plain(title))))
    top = _MARGIN + 2 * _TITLE + _MARGIN
    height = top + max(panel.height for panel in panels) + _TEXT + 2 * _MARGIN
    figure = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(figure)
    pen.text((_MARGIN, _MARGIN), _plain(title), fill="black", font=title_font)
    pen.text((_MARGIN, _MARGIN + _TITLE + 6), _plain(details), fill="#555555", font=ImageFont.load_default(_TEXT))
    left = _MARGIN
    for panel, caption in zip(panels, named, strict=True):
        figure.paste(panel, (left, top))
        caption_font = ImageFont.load_default(_TEXT)
        pen.text((left, top + panel.height + 6), caption, fill="#333333", font=caption_font)
        left += panel.width + _MARGIN
    return figure


def pictures(explanation: Explained) -> list[np.ndarray]:
    """Return photograph, cartoon, rest and mask of an explanation, (H, W, 3) uint8 each."""
    return [
        images.to_uint8(explanation.image),
        images.to_uint8(explanation.cartoon),
        images.to_uint8(explanation.rest),
        mosaic.draw(explanation.transform.bands, explanation.mask.numpy()),
    ]


def captions(bands: Sequence[Band]) -> tuple[str, str, str, str]:
    """Return the captions of the four pictures."""
    alone = len(bands) == 1
    return "photograph", "cartoon", "rest", "mask on pixels" if alone else "mask, by scale and orientation"


def _fitted(picture: np.ndarray, *, smooth: bool) -> Image.Image:
    image = Image.fromarray(picture)
    scale = min(PANEL / image.height, _MOST_WIDTH / image.width)
    method = Image.Resampling.BICUBIC if smooth and scale < COARSE else Image.Resampling.NEAREST
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), method)


def _plain(text: str) -> str:
    """Return a line that Pillow's built-in font can draw, which has no arrow."""
    letters = "".join(letter if letter.isprintable() else " " for letter in text.replace("→", "->"))
    line = letters if len(letters) <= _MOST_LETTERS else f"{letters[: _MOST_LETTERS - 3]}..."
    return line.encode("latin-1", "replace").decode("latin-1")
