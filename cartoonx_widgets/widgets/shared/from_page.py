"""Messages from a page, held against their description when they arrive.

A page may be of another version, and anything can write to a widget's comm; so what a handler is given has the fields
and the types that it expects, or the message is refused in a sentence.
"""

from __future__ import annotations

import re
import reprlib
import sys
import types
from functools import cache
from typing import Any, Literal, NamedTuple, NotRequired, Union, get_args, get_origin, get_type_hints

_LONGEST = 60  # characters of a text in a sentence
_LONGEST_OF_ALL = 300  # of a value that holds others
_MOST_CHARACTERS = 1000  # of a text
_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a pair, which no file and no message can hold
_LARGEST = sys.float_info.max
_LARGEST_WHOLE = 2**53  # beyond it a page has none
_WORDS = {
    float: "a finite number",
    int: "a whole number",
    str: f"a text of at most {_MOST_CHARACTERS:,} characters",
    bool: "true or false",
    type(None): "null",
}


def checked(content: object, described: object) -> Any:  # noqa: ANN401 - which union it is, the caller knows
    """Return a message from a page if it fits one of the descriptions.

    Args:
        content: what came: anything that JSON can say.
        described: a union of TypedDicts, each with a `type` of its own, such as `messages.FromPage` of a widget.

    Raises:
        TypeError: a message that is no object.
        ValueError: a type that no description has, a field that is missing, is not described, or has another type.

    >>> from cartoonx_widgets.widgets.explorer.messages import FromPage
    >>> checked({"type": "frame", "index": None}, FromPage)
    {'type': 'frame', 'index': None}
    >>> checked({"type": "frame", "index": 1.5}, FromPage)
    Traceback (most recent call last):
    ValueError: message 'frame': index=1.5 must be a whole number or null
    """
    if not isinstance(content, dict):
        raise TypeError(f"the message {_short(content)} must be an object with a type")
    known = _by_type(described)
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in known:
        raise ValueError(
            f"message type={_short(kind)} must be one of {', '.join(map(repr, known))}; reload the page if the package "
            "has been updated"
        )
    fields = known[kind]
    for name, field in fields.items():
        if name not in content:
            if field.required:
                raise ValueError(f"message {kind!r}: {name} is missing; it must be {_in_words(field.allowed)}")
        elif not _fits(content[name], field.allowed):
            raise ValueError(f"message {kind!r}: {name}={_short(content[name])} must be {_in_words(field.allowed)}")
    for name in content:
        if name not in fields:
            raise ValueError(f"message {kind!r} has no field {_short(name)}; its fields are {', '.join(fields)}")
    return content


class _Field(NamedTuple):
    allowed: Any
    required: bool


@cache
def _by_type(described: object) -> dict[str, dict[str, _Field]]:
    """Return the fields of each message, by its type."""
    found = {}
    for message in get_args(described):
        hints = get_type_hints(message, include_extras=True)
        [kind] = get_args(hints["type"])
        found[kind] = {
            name: _Field(get_args(hint)[0], required=False)
            if get_origin(hint) is NotRequired
            else _Field(hint, required=True)
            for name, hint in hints.items()
        }
    return found


def _fits(value: object, allowed: Any) -> bool:  # noqa: ANN401 - a type of any form
    """Return whether a value is of a type; it is looked into as deep as the type goes, and no deeper."""
    if allowed is float:  # JSON has one type of number, and Python's reader takes NaN, too
        return isinstance(value, int | float) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST
    if isinstance(value, bool | int | str) and allowed in (int, str):
        return _is_plain(value, allowed)
    origin, arguments = get_origin(allowed), get_args(allowed)
    if origin is list:
        return isinstance(value, list) and all(_fits(one, arguments[0]) for one in value)
    if origin is Literal:
        return value in arguments
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in arguments)
    return isinstance(value, allowed)


def _is_plain(value: bool | int | str, allowed: type) -> bool:
    """Whether a value is a whole number that a page can have, or a text that a message can hold."""
    if isinstance(value, str):
        return allowed is str and len(value) <= _MOST_CHARACTERS and not _SURROGATE.search(value)
    return allowed is int and not isinstance(value, bool) and abs(value) <= _LARGEST_WHOLE


def _in_words(allowed: Any) -> str:  # noqa: ANN401
    """Describe what is allowed.

    >>> _in_words(list[str]), _in_words(int | None)
    ('a list of which each is a text of at most 1,000 characters', 'a whole number or null')
    """
    origin, arguments = get_origin(allowed), get_args(allowed)
    if origin is list:
        return f"a list of which each is {_in_words(arguments[0])}"
    if origin is Literal:
        return f"one of {', '.join(map(repr, arguments))}"
    if origin in (Union, types.UnionType):
        return " or ".join(map(_in_words, arguments))
    return _WORDS[allowed]


_reprs = reprlib.Repr()
_reprs.maxstring = _reprs.maxother = _LONGEST
_reprs.maxlevel = 2


def _short(value: object) -> str:
    """Return a value as Python writes it, cut short."""
    try:
        text = _reprs.repr(value)
        return text if len(text) <= _LONGEST_OF_ALL else f"{text[:_LONGEST_OF_ALL]}..."
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of very many digits"
