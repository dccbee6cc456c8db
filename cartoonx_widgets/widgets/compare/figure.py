"""The figure of a comparison, for papers and slides: pictures, curves and table on one sheet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cartoonx_widgets import images
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.representations import Band
from cartoonx_widgets.widgets.compare.messages import mask_picture
from cartoonx_widgets.widgets.compare.sheet import INK, LINE, SOFT, Sheet, shortened
from cartoonx_widgets.widgets.compare.styles import LOOKS
from cartoonx_widgets.widgets.compare.table import COLUMNS, written
from cartoonx_widgets.widgets.run_view.messages import thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.widgets.compare.messages import Scene

_WIDTH = 1120.0
_MARGIN, _GAP = 20.0, 12.0
_MOST_PANEL = 300.0
_CHART = 190.0
_ROW = 24.0
_SAMPLE = 26.0
_METHOD_COLUMN = 200.0


class Reached(NamedTuple):
    """What a method has come to: its explanation, and its row of the table."""

    explanation: Explanation
    row: Mapping[str, Any]


def draw(
    make: Callable[[float, float, str], Sheet],
    scene: Scene,
    reached: Mapping[int, Reached],
    say: Callable[[str], str],
) -> bytes:
    """Draw a comparison on the sheet that `make(width, height, title)` gives, and encode it.

    Args:
        make: makes the sheet.
        scene: what is compared.
        reached: what each method, by its place, has come to.
        say: gives a text in the reader's language.
    """
    columns = len(scene.labels) + 1
    side = min(_MOST_PANEL, (_WIDTH - 2 * _MARGIN - (columns - 1) * _GAP) / columns)
    height = side * scene.image.shape[-2] / scene.image.shape[-1]
    above = 92.0  # title, details and headings
    curves_at = above + 2 * height + 62
    table_at = curves_at + _CHART + 44
    title = f"{scene.photograph}: {scene.target.label} ({scene.target.probability:.2f})"
    sheet = make(_WIDTH, table_at + _ROW * (len(scene.labels) + 1) + _MARGIN, title)
    sheet.text((_MARGIN, 34), shortened(title, _WIDTH - 2 * _MARGIN, 20), size=20, bold=True)
    sheet.text((_MARGIN, 56), f"{scene.classifier}, seed {scene.seed}", colour=SOFT)
    _photograph(sheet, scene, say, at=(_MARGIN, above), size=(side, height))
    for place, label in enumerate(scene.labels):
        left = _MARGIN + (place + 1) * (side + _GAP)
        _heading(sheet, label, place, at=(left, above - 10), width=side)
        if place in reached:
            _pictures(sheet, reached[place].explanation, label, at=(left, above), size=(side, height))
        else:
            sheet.text((left, above + 20), say("not run yet"), colour=SOFT)
    _curves(sheet, scene, reached, say, top=curves_at)
    _table(sheet, scene, reached, say, top=table_at)
    return sheet.encoded()


def _photograph(
    sheet: Sheet, scene: Scene, say: Callable[[str], str], *, at: tuple[float, float], size: tuple[float, float]
) -> None:
    (left, top), (side, height) = at, size
    sheet.text((left, top - 10), say("Photograph"), bold=True)
    pixels = images.to_uint8(scene.image)
    sheet.picture(at, size, pixels, about=f"{scene.photograph}: {scene.target.label}", smooth=True)
    sheet.text((left, top + height + 16), f"{scene.target.label} {scene.target.probability:.2f}", size=12)
    below = top + height + 40
    sheet.text((left, below + 12), say("Mask"), bold=True)
    sheet.picture(
        (left, below + 22), (side, 14), _scale(), about=say("dark: 0, deleted; bright: 1, kept"), smooth=False
    )
    sheet.text((left, below + 52), "0", size=12, colour=SOFT)
    sheet.text((left + side / 2, below + 52), "0.5", size=12, colour=SOFT, anchor="middle")
    sheet.text((left + side, below + 52), "1", size=12, colour=SOFT, anchor="end")


def _scale() -> np.ndarray:
    """The colours of a mask's entries from 0 to 1, in one row."""
    row = Band(scale=1, orientation="pixels", shape=(1, 256), start=0)
    return mosaic.draw([row], np.linspace(0, 1, 256))


def _heading(sheet: Sheet, label: str, place: int, *, at: tuple[float, float], width: float) -> None:
    look = LOOKS[place]
    left, base = at
    sheet.line([(left, base - 4), (left + _SAMPLE, base - 4)], colour=look.color, width=2.5, dash=look.dash)
    sheet.text((left + _SAMPLE + 6, base), shortened(label, width - _SAMPLE - 8, 14), size=13, bold=True)


def _pictures(
    sheet: Sheet, explanation: Explanation, label: str, *, at: tuple[float, float], size: tuple[float, float]
) -> None:
    (left, top), (side, height) = at, size
    outcome = explanation.outcome
    sheet.picture(at, size, images.to_uint8(explanation.cartoon), about=f"{label}: {outcome.sentence}", smooth=True)
    verdict = f"{outcome.first.label} {outcome.first.probability:.2f}"
    sheet.text((left, top + height + 16), shortened(verdict, side - 60, 12), size=12, bold=not outcome.kept)
    kept = written(outcome.share_kept, "share")
    sheet.text((left + side, top + height + 16), kept, size=12, colour=SOFT, anchor="end")
    levels = (explanation.mask * 255).round().numpy().astype(np.uint8)
    mask = mask_picture(explanation.transform.bands, levels)
    rows, columns = mask.shape[:2]
    scale = min(side / columns, height / rows)
    fitted = (columns * scale, rows * scale)
    sheet.picture((left, top + height + 30), fitted, mask, about=f"{label}: {kept}", smooth=False)


def _curves(
    sheet: Sheet, scene: Scene, reached: Mapping[int, Reached], say: Callable[[str], str], *, top: float
) -> None:
    """Distortion over the share of each run, and what the lines are."""
    left, right = _MARGIN + 44, _WIDTH * 0.62
    sheet.text((_MARGIN, top), say("Distortion over the run"), bold=True)
    upper, lower = top + 14, top + _CHART - 8
    found = {place: one.explanation.curves["distortion"] for place, one in reached.items()}
    drawn = {place: values for place, values in found.items() if len(values) and np.isfinite(values).all()}
    most = rounded_up(max((float(values.max()) for values in drawn.values()), default=1.0))
    for i in range(5):
        height = lower - (lower - upper) * i / 4
        sheet.line([(left, height), (right, height)], colour=LINE)
        sheet.text((left - 6, height + 4), f"{most * i / 4:.3g}", size=11, colour=SOFT, anchor="end")
        across = left + (right - left) * i / 4
        sheet.text((across, lower + 16), f"{25 * i} %", size=11, colour=SOFT, anchor="middle")
    sheet.text(((left + right) / 2, lower + 32), say("share of the run"), size=12, colour=SOFT, anchor="middle")
    for place, values in drawn.items():
        steps, heights = thinned({"distortion": values})
        share = steps / reached[place].explanation.method.steps
        points = [
            (left + (right - left) * min(float(x), 1.0), lower - (lower - upper) * float(y) / most)
            for x, y in zip(share, heights, strict=True)
        ]
        look = LOOKS[place]
        sheet.line(points, colour=look.color, width=1.8, dash=look.dash)
    for place, label in enumerate(scene.labels):
        base = upper + 12 + 24 * place
        look = LOOKS[place]
        sheet.line(
            [(right + 24, base - 4), (right + 24 + _SAMPLE, base - 4)], colour=look.color, width=2.5, dash=look.dash
        )
        newest = (
            f"{drawn[place][-1]:.3g}" if place in drawn else say("no run") if place in reached else say("not run yet")
        )
        sheet.text((right + 58, base), shortened(label, _WIDTH - right - 150, 13))
        sheet.text((_WIDTH - _MARGIN, base), newest, colour=SOFT, anchor="end")


def _table(
    sheet: Sheet, scene: Scene, reached: Mapping[int, Reached], say: Callable[[str], str], *, top: float
) -> None:
    each = (_WIDTH - 2 * _MARGIN - _METHOD_COLUMN) / len(COLUMNS)
    rights = [_MARGIN + _METHOD_COLUMN + each * (i + 1) for i in range(len(COLUMNS))]
    best = best_of([one.row for one in reached.values()])
    sheet.text((_MARGIN, top), say("Method"), size=12, bold=True)
    for column, right in zip(COLUMNS, rights, strict=True):
        _arrow(sheet, column.better, at=(right - 4, top - 4))
        sheet.text((right - 12, top), shortened(say(column.label), each - 16, 12), size=12, bold=True, anchor="end")
    sheet.line([(_MARGIN, top + 7), (_WIDTH - _MARGIN, top + 7)], colour=INK)
    for place, label in enumerate(scene.labels):
        base = top + _ROW * (place + 1)
        sheet.text((_MARGIN, base), shortened(label, _METHOD_COLUMN - 8, 13))
        for column, right in zip(COLUMNS, rights, strict=True):
            value = reached[place].row.get(column.key) if place in reached else None
            first = value is not None and value == best.get(column.key)
            sheet.text((right - 12, base), written(value, column.form), bold=first, anchor="end")


def _arrow(sheet: Sheet, better: str, *, at: tuple[float, float]) -> None:
    """An arrow in the direction that is better."""
    if better:
        x, y = at
        tip = -5 if better == "more" else 5
        sheet.line([(x, y - tip), (x, y + tip)], colour=SOFT)
        sheet.line([(x - 3, y + tip * 0.3), (x, y + tip), (x + 3, y + tip * 0.3)], colour=SOFT)


def best_of(rows: list[Mapping[str, Any]]) -> dict[str, float]:
    """The best value of each column that has a better end, where it is known of two rows or more."""
    found = {}
    for column in COLUMNS:
        values = [float(row[column.key]) for row in rows if column.key in row and math.isfinite(row[column.key])]
        if column.better and len(values) > 1:
            found[column.key] = max(values) if column.better == "more" else min(values)
    return found


def rounded_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 6, 8 times a power of ten, which a quarter divides well; 1 for nothing.

    >>> rounded_up(0.37), rounded_up(0.0), rounded_up(1.0)
    (0.4, 1.0, 1.0)
    """
    if not value > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    factor = next((factor for factor in (1, 2, 4, 5, 6, 8) if factor * power >= value * (1 - 1e-9)), 10)
    return float(f"{factor * power:.3g}")
