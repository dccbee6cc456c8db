"""The static figure of an explanation: what a notebook shows without a kernel."""

from __future__ import annotations

import base64
import html
import io
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Band, Transform

_PANEL = 320
_COARSE = 3  # times that a picture is enlarged, from which on its pixels are shown as the squares that they are
_MARGIN = 16
_TITLE = 18
_TEXT = 15
_MOST_NAMED = 16


class Explained(Protocol):
    """What the figure needs of an explanation, whose `figure` and `save` make it."""

    @property
    def image(self) -> Tensor:
        """The photograph, (C, H, W) in [0, 1]."""
        ...

    @property
    def cartoon(self) -> Tensor:
        """The cartoon, (C, H, W) in [0, 1]."""
        ...

    @property
    def mask(self) -> Tensor:
        """The mask, (N,) in [0, 1]."""
        ...

    @property
    def transform(self) -> Transform:
        """The representation at this size, with its bands."""
        ...

    @property
    def target(self) -> Prediction:
        """The explained class, with its probability for the photograph."""
        ...

    @property
    def probability(self) -> float:
        """Its probability for the cartoon."""
        ...

    @property
    def curves(self) -> Mapping[str, np.ndarray]:
        """One value a step of each."""
        ...

    @property
    def summary(self) -> str:
        """The outcome in one sentence."""
        ...

    @property
    def warning(self) -> str:
        """What went wrong and its remedy, else empty."""
        ...

    @property
    def method(self) -> Method:
        """The settings."""
        ...

    @property
    def classifier(self) -> str:
        """Its name."""
        ...

    @property
    def steps(self) -> int:
        """How many were taken."""
        ...

    @property
    def seed(self) -> int:
        """Of the noise."""
        ...


def check_ending(path: str | Path) -> None:
    """Raise ValueError unless the file's ending is that of a picture format which can be written."""
    ending = Path(path).suffix.lower()
    if Image.registered_extensions().get(ending) not in Image.SAVE:
        raise ValueError(f"{path}: the ending {ending!r} is none of a picture that can be written; use .png or .jpg")


def cartoon_picture(explanation: Explained) -> Image.Image:
    """The cartoon alone, at the classifier's resolution."""
    return Image.fromarray(images.to_uint8(explanation.cartoon))


def compose(explanation: Explained) -> Image.Image:
    """Photograph, cartoon and mask mosaic in a row, the summary above them."""
    details = f"{explanation.method.name}, {explanation.classifier}, {explanation.steps} steps, seed {explanation.seed}"
    return in_a_row(
        _pictures(explanation), captions(explanation.transform.bands), title=explanation.summary, details=details
    )


def in_a_row(
    pictures: Sequence[np.ndarray], named: Sequence[str], *, title: str, details: str, least_width: int = 0
) -> Image.Image:
    """Photograph, cartoon and mask mosaic, (H, W, 3) uint8 each, with a caption below and two lines of text above.

    It is as wide as its pictures, its title and `least_width` need.
    """
    panels = [_fitted(picture, smooth=i < 2) for i, picture in enumerate(pictures)]  # noqa: PLR2004
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


def mime_bundle(explanation: Explained) -> dict[str, str]:
    """The figure for a notebook: HTML with alt texts, a PNG for viewers that drop HTML, and plain text."""
    buffer = io.BytesIO()
    compose(explanation).save(buffer, "PNG")
    return {
        "text/plain": repr(explanation),
        "text/html": _html(explanation),
        "image/png": base64.b64encode(buffer.getvalue()).decode("ascii"),
    }


def _pictures(explanation: Explained) -> list[np.ndarray]:
    return [
        images.to_uint8(explanation.image),
        images.to_uint8(explanation.cartoon),
        mosaic.draw(explanation.transform.bands, explanation.mask.numpy()),
    ]


def captions(bands: Sequence[Band]) -> tuple[str, str, str]:
    """What the three pictures are called."""
    alone = len(bands) == 1
    return "photograph", "cartoon", "mask on pixels" if alone else "mask, by scale and orientation"


def _parts(explanation: Explained) -> dict[str, list[Tensor]]:
    """The mask's parts by the name of their band or, where these are many, of their scale."""
    bands, parts = explanation.transform.bands, defaultdict(list)
    for band in bands:
        by_scale = len(bands) > _MOST_NAMED and band.orientation != "lowpass"
        parts[f"scale {band.scale}" if by_scale else band.name].append(explanation.mask[band.slice])
    return parts


def _fitted(picture: np.ndarray, *, smooth: bool) -> Image.Image:
    image = Image.fromarray(picture)
    scale = _PANEL / image.height
    method = Image.Resampling.BICUBIC if smooth and scale < _COARSE else Image.Resampling.NEAREST
    return image.resize((max(1, round(image.width * scale)), _PANEL), method)


def _plain(text: str) -> str:
    # Pillow's built-in font has no arrow.
    return text.replace("→", "->").encode("latin-1", "replace").decode("latin-1")


def _html(explanation: Explained) -> str:
    label = explanation.target.label
    named = captions(explanation.transform.bands)
    shares = ((name, float(torch.cat(parts).mean())) for name, parts in _parts(explanation).items())
    kept = ", ".join(f"{name} {share:.0%}" for name, share in shares)
    alts = (
        f"The photograph, {label} with probability {explanation.target.probability:.2f}",
        f"The cartoon, {label} with probability {explanation.probability:.2f}",
        f"The {named[-1]}; share kept: {kept}",
    )
    cells = "".join(
        f'<div><img alt="{html.escape(alt)}" title="{html.escape(alt)}" style="height:{_PANEL * 3 // 4}px;max-width:'
        f'100%;image-rendering:{"auto" if i < 2 and _COARSE * len(picture) > _PANEL else "pixelated"}" '  # noqa: PLR2004
        f'src="data:image/png;base64,{base64.b64encode(images.to_png(picture)).decode("ascii")}">'
        f"<div>{caption}</div></div>"
        for i, (picture, alt, caption) in enumerate(zip(_pictures(explanation), alts, named, strict=True))
    )
    warning = f"<p><strong>{html.escape(explanation.warning)}</strong></p>" if explanation.warning else ""
    return (
        f'<div style="font-family:sans-serif;font-size:13px"><p><strong>{html.escape(explanation.summary)}</strong>'
        f"<br>{html.escape(explanation.method.name)}, {html.escape(explanation.classifier)}, "
        f"{explanation.steps} steps, seed {explanation.seed}</p>{warning}"
        f'<div style="display:flex;flex-wrap:wrap;gap:12px">{cells}</div>{_curves(explanation)}</div>'
    )


def _curves(explanation: Explained) -> str:
    """Distortion and l1 over the steps as a small drawing in the text's own colour."""
    lines = []
    for name, dash in (("distortion", ""), ("l1", "5 3")):
        values = explanation.curves[name]
        if len(values) < 2 or not np.isfinite(values).all():  # noqa: PLR2004
            return ""
        picked = np.linspace(0, len(values) - 1, min(len(values), 200)).astype(int)
        heights = 78 - 74 * values[picked] / max(float(values.max()), 1e-12)
        points = " ".join(f"{4 + 392 * i / (len(picked) - 1):.1f},{y:.1f}" for i, y in enumerate(heights))
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5" '
            f'stroke-dasharray="{dash}"/>'
        )
    first, last = ({name: values[i] for name, values in explanation.curves.items()} for i in (0, -1))
    text = (
        f"distortion (solid) {first['distortion']:.3g} to {last['distortion']:.3g}, "
        f"l1 (dashed) {first['l1']:.3g} to {last['l1']:.3g}, each on its own scale"
    )
    return (
        f'<svg role="img" aria-label="{text}" viewBox="0 0 400 80" width="400" height="80" style="margin-top:8px">'
        f"{''.join(lines)}</svg><div>{text}</div>"
    )
