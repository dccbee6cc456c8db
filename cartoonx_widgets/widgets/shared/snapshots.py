"""Pictures that a saved notebook shows without a kernel."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import features

from cartoonx_widgets.images.encoding import data_url

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMAT = "WEBP" if features.check("webp") else "JPEG"


def snapshot(picture: Image, summary: str) -> dict[str, str]:
    """Return the value of the trait `snapshot`: the picture as a data URL, which is small, and a sentence."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, _FORMAT, quality=80)
    return {"picture": data_url(buffer.getvalue(), _FORMAT.lower()), "summary": summary}
