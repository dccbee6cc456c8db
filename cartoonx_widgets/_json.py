"""JSON from files that anyone may have written."""

from __future__ import annotations

import json
import math
from typing import Any

_DEEPEST = 50
_LARGEST = 2**64


def strict_json(data: bytes) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Read JSON that can be written again, anywhere.

    Raises:
        ValueError: it is no JSON in UTF-8; a key is there twice; a number is not finite or, if whole, beyond 2^64; a
            text is none that UTF-8 can hold (half of a surrogate pair); or it is nested more than 50 deep.

    >>> strict_json(b'{"steps": [1, 2.5, null]}')
    {'steps': [1, 2.5, None]}
    >>> strict_json(b'{"steps": 1, "steps": 2}')
    Traceback (most recent call last):
    ValueError: the key 'steps' is there twice
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except RecursionError:
        raise ValueError(f"it is nested more than {_DEEPEST} deep") from None
    _check(value, _DEEPEST)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:60]!r} is there twice")
        found[key] = value
    return found


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        value.encode("utf-8")  # whose error is a ValueError
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"the number {value} is not finite")
    elif isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("a whole number is beyond 2^64")
    elif isinstance(value, list | dict):
        if depth == 0:
            raise ValueError(f"it is nested more than {_DEEPEST} deep")
        for one in value:
            _check(one, depth - 1)
        if isinstance(value, dict):
            _check(list(value.values()), depth)
