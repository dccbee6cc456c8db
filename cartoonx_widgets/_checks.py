"""Checks of arguments, whose errors name the argument, the value and what is allowed."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")
_LISTED = 40  # values that an error lists


def whole(name: str, value: object, *, least: int = 1, most: int | None = None, unit: str = "", more: str = "") -> int:
    """Check a whole number; booleans are none.

    Args:
        name: Of the argument.
        value: What was given for it.
        least: The smallest number allowed.
        most: The largest number allowed; None without one.
        unit: Of the number, such as "pixels".
        more: How the error's sentence goes on.

    Raises:
        ValueError: If it is none, or out of range.

    >>> whole("steps", 0)
    Traceback (most recent call last):
    ValueError: steps=0 must be a whole number of at least 1
    """
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if least <= number and (most is None or number <= most):
            return number
    allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
    raise ValueError(f"{name}={value!r} must be a whole number{f' of {unit}' if unit else ''} {allowed}{more}")


def number(
    name: str,
    value: object,
    *,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    more: str = "",
) -> float:
    """Check a finite number; booleans are none.

    Args:
        name: Of the argument.
        value: What was given for it.
        least: The smallest number allowed.
        most: The largest number allowed.
        above: All numbers allowed are larger.
        below: All numbers allowed are smaller.
        more: How the error's sentence goes on.

    Raises:
        ValueError: If it is none, or out of range.

    >>> number("sigma", 0, above=0)
    Traceback (most recent call last):
    ValueError: sigma=0 must be a finite number above 0
    """
    if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        found = float(value)
        reached = (least is None or found >= least) and (above is None or found > above)
        if reached and (most is None or found <= most) and (below is None or found < below):
            return found
    bounds = {"of at least": least, "above": above, "at most": most, "below": below}
    allowed = " and ".join(f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None)
    raise ValueError(f"{name}={value!r} must be a finite number {allowed}{more}")


def share(name: str, value: object) -> float:
    """Check a number in [0, 1].

    Raises:
        ValueError: If it is none.
    """
    try:
        return number(name, value, least=0, most=1)
    except ValueError:
        raise ValueError(f"{name}={value!r} must be a number in [0, 1]") from None


def true_or_false(name: str, value: object) -> bool:
    """Check a bool, and return it.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name}={value!r} must be True or False")
    return value


def one_of(name: str, value: object, allowed: Iterable[T]) -> T:
    """Check one of several values, and return the one that it equals.

    Raises:
        ValueError: If it equals none.

    >>> one_of("order", "size", ["relevance", "random"])
    Traceback (most recent call last):
    ValueError: order='size' must be 'relevance' or 'random'
    """
    values = list(allowed)
    for one in values:
        if isinstance(value, type(one)) and one == value:  # 1 is not True; a NumPy string is a string
            return one
    words = list(map(repr, values[:_LISTED]))
    either = " or ".join(words) if len(words) <= 2 else f"one of {', '.join(words)}"  # noqa: PLR2004
    either += f" and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    raise ValueError(f"{name}={value!r} must be {either}")
