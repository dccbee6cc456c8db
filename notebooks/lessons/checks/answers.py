"""What answers have in common, whoever types them: numbers of any kind, letters in any case."""

from __future__ import annotations

from typing import Any

import numpy as np


def near(answer: Any, value: Any, tolerance: float) -> bool:
    """Whether a number, or each number of a list, NumPy array or torch tensor, is as near as that.

    Raises:
        ValueError: another number of numbers.
    """
    found, wanted = np.asarray(answer, dtype=float), np.asarray(value, dtype=float)
    if found.size != wanted.size:
        raise ValueError(f"{wanted.size} wanted, {found.size} given")
    return bool((np.abs(found.ravel() - wanted.ravel()) <= tolerance).all())


def letter(answer: object) -> str:
    """The letter of a choice: of "b", "B" and "(b)" it is "B"."""
    return str(answer).strip(" ().").upper()


def unanswered(result: object) -> bool:
    """Whether a function that was to be written has given nothing yet."""
    return result is None or result is ...
