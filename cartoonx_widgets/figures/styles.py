"""The style of each method of a comparison wherever it is drawn: a colour and a dash."""

from __future__ import annotations

from typing import NamedTuple


class Style(NamedTuple):
    """A line's colour, and its dash as SVG has it; an empty one is a whole line."""

    color: str
    dash: str

    @property
    def lengths(self) -> list[float]:
        """Return the dash's strokes and gaps in turn, in points."""
        return [float(length) for length in self.dash.split()]


# Okabe and Ito's colours, safe for colour-blind readers, those first that are seen best on white; and dashes, by which
# the lines differ without any colour.
STYLES = (
    Style("#0072b2", ""),
    Style("#d55e00", "9 4"),
    Style("#009e73", "2.5 3.5"),
    Style("#cc79a7", "11 3 2.5 3"),
    Style("#56b4e9", "16 5"),
    Style("#e69f00", "6 3 2 3 2 3"),
)
