"""Traits that a user, or the page, may set: the widget is asked, and then shows what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

if TYPE_CHECKING:
    from collections.abc import Callable


class Settable(traitlets.Any):
    """A trait whose new value goes to the widget's `_set_<name>`, which acts on it or refuses it.

    The trait itself changes when the widget shows what is now, by `Widget._show`: an observer so never sees a value
    that was refused, or one that does not hold yet.

    Args:
        default: before the widget shows anything.
        help: what it is, its range and its unit.
        to_json: of the value, for the page; as it is by default.
    """

    def __init__(self, default: object = None, *, help: str, to_json: Callable[[Any], object] | None = None) -> None:  # noqa: A002 - traitlets' name
        super().__init__(default, allow_none=True, help=help)
        self.tag(sync=True)
        if to_json is not None:
            self.tag(to_json=lambda value, _widget: to_json(value))

    def set(self, obj: traitlets.HasTraits, value: object) -> None:
        """Ask the widget."""
        getattr(obj, f"_set_{self.name}")(value)


def shown(
    kind: type[traitlets.TraitType[Any, Any]],
    default: object = traitlets.Undefined,
    *,
    help: str = "",  # noqa: A002 - traitlets' name
    to_json: Callable[[Any], object] | None = None,
    allow_none: bool = False,
) -> Any:  # noqa: ANN401 - what reading the trait gives
    """Return a trait of this kind that the widget alone sets."""
    trait = kind(default, read_only=True, help=help, allow_none=allow_none).tag(sync=True)
    return trait if to_json is None else trait.tag(to_json=lambda value, _widget: to_json(value))


def failure(help: str) -> Any:  # noqa: A002, ANN401 - as of `shown`
    """Return a trait that holds an exception, or None; the page has its sentence."""
    return shown(
        traitlets.Any, None, allow_none=True, help=help, to_json=lambda error: None if error is None else str(error)
    )
