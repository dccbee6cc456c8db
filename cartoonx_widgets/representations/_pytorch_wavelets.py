"""The import of pytorch_wavelets 1.3.0, which asks for `pkg_resources`: setuptools 82 and later have none."""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from functools import cache
from importlib import import_module, resources
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = threading.Lock()


@cache
def import_pytorch_wavelets() -> Any:  # noqa: ANN401
    """Import pytorch_wavelets, whatever setuptools is installed, and without the warnings of its import.

    Raises:
        ImportError: it is not installed.
    """
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _pkg_resources():
            return import_module("pytorch_wavelets")


@contextlib.contextmanager
def _pkg_resources() -> Iterator[None]:
    """See that `pkg_resources` can be imported; where it cannot, there is for a moment one with what is needed."""
    name = "pkg_resources"
    try:
        import_module(name)
    except Exception:  # noqa: BLE001 - also of one that is too old for this Python, and fails in many ways
        standing_in = ModuleType(name)
        standing_in.resource_stream = _resource_stream  # type: ignore[attr-defined]
        before = {name: sys.modules[name]} if name in sys.modules else {}  # None, where somebody forbids it
        sys.modules[name] = standing_in
        try:
            yield
        finally:
            del sys.modules[name]
            sys.modules.update(before)
    else:
        yield


def _resource_stream(package: str, name: str) -> IO[bytes]:
    return resources.files(package).joinpath(name).open("rb")
