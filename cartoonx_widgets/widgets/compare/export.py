"""What a comparison is written as: a figure, CSV, or a page that needs neither kernel nor network."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from cartoonx_widgets import images
from cartoonx_widgets.figures import comparison, strip
from cartoonx_widgets.images.encoding import data_url, in_base64, smaller
from cartoonx_widgets.languages import texts
from cartoonx_widgets.widgets.compare import build_messages, table
from cartoonx_widgets.widgets.shared.html import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.Image import Image

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live import TaskState
    from cartoonx_widgets.widgets.compare.outcomes import Outcome
    from cartoonx_widgets.widgets.compare.scene import Scene
    from cartoonx_widgets.widgets.shared.messages import Message

FORMS = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv", "html": "text/html"}
"""What the page may ask for, with its MIME type."""

_ARROWS = {"more": " ↑", "less": " ↓", "": ""}


def strip_of(scene: Scene, explanations: Mapping[str, Explanation]) -> Image:
    """Return photograph and cartoons side by side, by Pillow alone."""
    pictures = [images.to_uint8(image) for image in (scene.image, *(one.cartoon for one in explanations.values()))]
    return strip.in_a_row(
        pictures,
        [scene.photograph, *explanations],
        title=f"{scene.target.label} ({scene.target.probability:.2f})",
        details=f"{scene.classifier}, seed {scene.seed}",
        smooth=len(pictures),
    )


def name_of_file(photograph: str, label: str, form: str) -> str:
    """Return the name that a browser saves the file by, which every system allows: on Windows, `con.png` is none.

    >>> name_of_file("coffee.png", "espresso", "svg"), name_of_file("con", "?", "png")
    ('coffee-png-espresso.svg', 'con-class.png')
    """
    photograph, label = (re.sub(r"[^\w-]+", "-", text).strip("-") for text in (photograph, label))
    name = f"{photograph or 'photograph'}-{label or 'class'}"
    return f"{name[:60]}.{form}"


def made(
    scene: Scene,
    outcomes: Mapping[int, Outcome],
    states: Sequence[TaskState],
    *,
    form: str,
    language: str,
) -> bytes:
    """Return the bytes of a file.

    Args:
        scene: what is compared.
        outcomes: what each method, by its index, has come to.
        states: of the methods.
        form: one of `FORMS`, or "pdf".
        language: of the labels.
    """
    if form == "csv":
        return table.as_csv([one.row for one in outcomes.values()])
    if form == "html":
        return _page(scene, outcomes, states, language)
    return comparison.draw(compared(scene, outcomes, language=language), form=form)


def compared(scene: Scene, outcomes: Mapping[int, Outcome], *, language: str) -> comparison.Compared:
    """Return what the figure shows.

    Args:
        scene: what is compared.
        outcomes: what each method, by its index, has come to.
        language: of the labels.
    """
    translations = texts(language)
    best = table.best_of([one.row for one in outcomes.values()])
    return comparison.Compared(
        title=f"{scene.photograph}: {scene.target.label} ({scene.target.probability:.2f})",
        details=f"{scene.classifier}, seed {scene.seed}",
        image=scene.image,
        target=scene.target,
        labels=scene.labels,
        explanations={index: one.explanation for index, one in outcomes.items()},
        columns=[f"{translations.get(column.label, column.label)}{_ARROWS[column.better]}" for column in table.COLUMNS],
        cells={
            index: [table.written(one.row.get(column.name), column.form) for column in table.COLUMNS]
            for index, one in outcomes.items()
        },
        best={
            index: [one.row.get(column.name) == best.get(column.name, ()) for column in table.COLUMNS]
            for index, one in outcomes.items()
        },
        translate=lambda text: translations.get(text, text),
    )


def _page(scene: Scene, outcomes: Mapping[int, Outcome], states: Sequence[TaskState], language: str) -> bytes:
    sent = [build_messages.setup(scene, run=0, live=False)]
    sent += [build_messages.result(one.explanation, one.row, index=index, run=0) for index, one in outcomes.items()]
    sent.append(build_messages.status(states, run=0, playing=False, seconds_left=None))
    return page(
        "compare",
        title=f"{scene.target.label} · {scene.photograph}",
        language=language,
        still=_still(scene, outcomes),
        values={"texts": texts(language), "messages": [_packed(message) for message in sent]},
        library=False,
    )


def _packed(message: Message) -> dict[str, Any]:
    """Return a message as JSON, its pictures made smaller where they can be without a loss."""
    buffers = [smaller(data) if data.startswith(b"\x89PNG") else data for data in message.buffers]
    return {"content": message.content, "buffers": list(map(in_base64, buffers))}


def _still(scene: Scene, outcomes: Mapping[int, Outcome]) -> str:
    """Return HTML for before the script has started, and without one: pictures, sentences and scores."""
    alt = f"{scene.photograph}: {scene.target.label} ({scene.target.probability:.2f})"
    panels = [_panel(images.to_jpeg(scene.image), alt, scene.photograph, "")]
    for index, (explanation, row) in outcomes.items():
        label = scene.labels[index]
        values = ", ".join(
            f"{column.label} {table.written(row.get(column.name), column.form)}" for column in table.COLUMNS
        )
        data = images.to_jpeg(explanation.cartoon)
        panels.append(_panel(data, f"{label}: {explanation.summary}", label, f"{explanation.summary}. {values}"))
    return f'<div class="cx-compared-all">{"".join(panels)}</div>'


def _panel(data: bytes, alt: str, heading: str, below: str) -> str:
    return (
        f'<section class="cx-panel"><header><h3>{html.escape(heading)}</h3></header><img class="cx-still" '
        f'alt="{html.escape(alt)}" src="{data_url(data, "jpeg")}">'
        f'<p class="cx-verdict">{html.escape(below)}</p></section>'
    )
