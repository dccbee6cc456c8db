"""What a notebook shows of an explanation without a kernel: HTML, a picture, and text."""

from __future__ import annotations

import html
import io
from typing import TYPE_CHECKING

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets._spacing import evenly_spaced
from cartoonx_widgets.figures.describing import details, shares
from cartoonx_widgets.figures.strip import COARSE, PANEL, captions, compose, pictures
from cartoonx_widgets.images.encoding import data_url, in_base64

if TYPE_CHECKING:
    from cartoonx_widgets.explanations.explained import Explained

_CURVE_POINTS = 200


def mime_bundle(explanation: Explained) -> dict[str, str]:
    """Return the figure for a notebook: HTML with alt texts, a PNG for viewers that drop HTML, and plain text."""
    buffer = io.BytesIO()
    compose(explanation).save(buffer, "PNG")
    return {
        "text/plain": repr(explanation),
        "text/html": _html(explanation),
        "image/png": in_base64(buffer.getvalue()),
    }


def _html(explanation: Explained) -> str:
    label = explanation.target.label
    named = captions(explanation.transform.bands)
    by_band = shares(explanation.transform.bands, explanation.mask)
    kept = ", ".join(f"{name} {share:.0%}" for name, share in by_band.items())
    alts = (
        f"The photograph, {label} with probability {explanation.target.probability:.2f}",
        f"The cartoon, {label} with probability {explanation.probability:.2f}",
        f"The rest, {label} with probability {explanation.probability_rest:.2f}",
        f"The {named[-1]}; share kept: {kept}",
    )
    cells = "".join(
        f'<div><img alt="{html.escape(alt)}" title="{html.escape(alt)}" style="height:{PANEL * 3 // 4}px;max-width:'
        f'100%;image-rendering:{"auto" if i < 3 and COARSE * len(picture) > PANEL else "pixelated"}" '  # noqa: PLR2004
        f'src="{data_url(images.to_png(picture), "png")}">'
        f"<div>{caption}</div></div>"
        for i, (picture, alt, caption) in enumerate(zip(pictures(explanation), alts, named, strict=True))
    )
    warning = f"<p><strong>{html.escape(explanation.warning)}</strong></p>" if explanation.warning else ""
    return (
        f'<div style="font-family:sans-serif;font-size:13px"><p><strong>{html.escape(explanation.summary)}</strong>'
        f"<br>{html.escape(details(explanation))}</p>{warning}"
        f'<div style="display:flex;flex-wrap:wrap;gap:12px">{cells}</div>{_curves(explanation)}</div>'
    )


def _curves(explanation: Explained) -> str:
    """Return distortion and l1 over the steps as a small drawing in the text's own colour."""
    lines = []
    for name, dash in (("distortion", ""), ("l1", "5 3")):
        values = explanation.curves[name]
        if len(values) < 2 or not np.isfinite(values).all():  # noqa: PLR2004
            return ""
        picked = evenly_spaced(len(values), _CURVE_POINTS)
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
