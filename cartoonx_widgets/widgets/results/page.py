"""The results of a study as a page that needs neither kernel nor network."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from cartoonx_widgets._files import write_whole
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.widgets.results.content import Content
from cartoonx_widgets.widgets.shared.html import page

if TYPE_CHECKING:
    import os

    from cartoonx_widgets.widgets.results.content import StudyResults


def write_page(
    results: StudyResults, path: str | os.PathLike[str], *, expected: int | None = None, language: str = ENGLISH
) -> None:
    """Write the page that `Results.to_html` promises."""
    content = Content(results, expected=expected)
    records = content.as_json()
    data = page(
        "results",
        title=records["name"],
        language=language,
        still=html.escape(content.summary()),
        values={"texts": texts(language), "content": records},
    )
    write_whole(path, data)
