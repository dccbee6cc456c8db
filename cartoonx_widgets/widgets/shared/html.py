"""Pages that need neither kernel nor network."""

from __future__ import annotations

import html
import json
from string import Template
from typing import TYPE_CHECKING, Any

from cartoonx_widgets.images.encoding import in_base64
from cartoonx_widgets.widgets.shared import assets

if TYPE_CHECKING:
    from collections.abc import Mapping


def page(
    widget: str, *, title: str, language: str, still: str, values: Mapping[str, Any], library: bool = True
) -> bytes:
    """Return a page that shows a widget by its module `standalone.js`.

    Args:
        widget: the name of the widget's folder.
        title: plain text.
        language: of the page.
        still: HTML that is seen until the script has started, and without one.
        values: what the script reads, by the id of the element that holds it as JSON.
        library: whether the page needs plotly.js.

    Returns:
        HTML in UTF-8.
    """
    data = [_held(name, value) for name, value in values.items()]
    if library:
        data.append(f'<script type="text/plain" id="plotly">{in_base64(assets.library())}</script>')
    filled = Template(assets.text("shared/page/page.html")).substitute(
        title=html.escape(title),
        language=html.escape(language),
        style=f"{assets.style(widget)}\n{assets.text('shared/page/page.css')}",
        still=still,
        data="\n".join(data),
        script=assets.script(widget, "standalone"),
    )
    return filled.encode()


def _held(name: str, value: object) -> str:
    return f'<script type="application/json" id="{name}">{in_script(value)}</script>'


def in_script(value: object) -> str:
    r"""Return JSON that cannot end the script element which it stands in.

    >>> in_script({"label": "</script>"})
    '{"label": "\\u003c/script>"}'
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
