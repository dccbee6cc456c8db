"""Names of version 0.5 that have changed: they work for one release, with a warning that names the new one."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def warn_renamed(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Warn that a name has changed; by default the warning points at the caller of the function that calls this."""
    warnings.warn(f"{old} is now {new}; the old form goes with the next release", DeprecationWarning, stacklevel)


def renamed_arguments(**names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a function whose keyword arguments were renamed; `names` maps the old ones to the new ones.

    >>> @renamed_arguments(batch="batch_size")
    ... def double(*, batch_size: int) -> int:
    ...     return 2 * batch_size
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     double(batch=2)
    4
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def renamed(*args: P.args, **kwargs: P.kwargs) -> T:
            for old, new in names.items():
                if old in kwargs:
                    if new in kwargs:
                        raise TypeError(f"{old} is the old name of {new}: give {new} alone")
                    warn_renamed(f"{function.__qualname__.removesuffix('.__init__')}({old}=...)", f"{new}=...")
                    kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return renamed

    return decorate


def formerly_positional(*names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a function that takes one positional argument and took more; `names` of these, in their order."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def moved(*args: P.args, **kwargs: P.kwargs) -> T:
            first, *more = args
            if more and len(more) <= len(names):
                given = dict(zip(names, more, strict=False))
                words = ", ".join(f"{name}=..." for name in given)
                warn_renamed(f"{function.__qualname__} with {len(args)} positional arguments", f"called with {words}")
                return function(first, **given, **kwargs)  # type: ignore[arg-type]
            return function(*args, **kwargs)

        return moved

    return decorate


def renamed_attributes(module: str, names: dict[str, tuple[str, object]]) -> Callable[[str], Any]:
    """Make a module's `__getattr__` for names that were renamed; `names` maps the old to the new one and its value."""

    def __getattr__(name: str) -> Any:  # noqa: ANN401, N807
        if name in names:
            new, value = names[name]
            warn_renamed(f"{module}.{name}", new)
            return value
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__
