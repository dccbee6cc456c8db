"""How each method of a comparison looks wherever it is drawn: a colour and a dash."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """A line's colour, and its dash as SVG has it; an empty one is a whole line."""

    color: str
    dash: str


# Okabe and Ito's colours, safe for colour-blind readers, those first that are seen best on white; and dashes that tell
# the lines apart without any colour.
LOOKS = (
    Look("#0072b2", ""),
    Look("#d55e00", "9 4"),
    Look("#009e73", "2.5 3.5"),
    Look("#cc79a7", "11 3 2.5 3"),
    Look("#56b4e9", "16 5"),
    Look("#e69f00", "6 3 2 3 2 3"),
)
