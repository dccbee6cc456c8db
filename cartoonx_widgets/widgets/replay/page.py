"""The replay of a recording as a page that needs neither kernel nor network."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from cartoonx_widgets._files import replacing
from cartoonx_widgets.languages import texts
from cartoonx_widgets.recording.file import thinned
from cartoonx_widgets.widgets.replay.content import ContentBuilder
from cartoonx_widgets.widgets.shared.html import page

if TYPE_CHECKING:
    import os

    from cartoonx_widgets.recording.recorded_run import RecordedRun
    from cartoonx_widgets.widgets.replay.messages import ReplayContent


def write_page(
    recording: RecordedRun, path: str | os.PathLike[str], *, megabytes: float, language: str, progress: bool
) -> None:
    """Write the page that `Recording.to_html` promises, with as many frames as there is room for."""
    translations = texts(language)
    builder = ContentBuilder(recording, progress=progress)
    for frames in thinned(builder.frames):
        text = _page(builder.content(frames), translations, language=language, summary=recording.summary())
        if len(text) <= megabytes * 1e6:
            break
    else:
        raise ValueError(
            f"megabytes={megabytes!r} is too small for first and last frame, which need {len(text) / 1e6:.1f} MB"
        )
    with replacing(path) as file:
        file.write(text)


def _page(content: ReplayContent, translations: dict[str, str], *, language: str, summary: str) -> bytes:
    scene, last = content["scene"], content["frames"][-1]
    label, rest = scene["target"]["label"], last["probability_rest"]
    pictures = [
        _picture(f"{label}: {scene['target']['probability']:.2f}", content["photograph"]),
        _picture(f"{label}: {last['probability']:.2f}", last["cartoon"]),
        _picture("" if rest is None else f"{label}: {rest:.2f}", last["rest"]),
    ]
    return page(
        "replay",
        title=f"{label} · {scene['photograph']}",
        language=language,
        still=f'<div class="cx-pictures">{"".join(pictures)}</div><p class="cx-summary">{html.escape(summary)}</p>',
        values={"texts": translations, "content": content},
    )


def _picture(alt: str, source: str) -> str:
    return f'<section class="cx-panel"><img class="cx-still" alt="{html.escape(alt)}" src="{source}"></section>'
