"""The versions that a report of a bug needs."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets._terminal import say
from cartoonx_widgets._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "cartoonx-widgets"


def show_versions() -> None:
    """Print the versions of Python, PyTorch, this package and what it uses, to paste in a bug report.

    The system and PyTorch's devices are named too. No path, host name or user name is printed.

    >>> import cartoonx_widgets as cx
    >>> cx.show_versions()  # doctest: +ELLIPSIS
    cartoonx-widgets ...
    """
    say("\n".join(_lines()))


def _lines() -> Iterator[str]:
    yield f"{_PACKAGE} {__version__}"
    yield f"{platform.python_implementation()} {platform.python_version()} on {platform.platform()}"
    yield f"PyTorch {torch.__version__} on {'; '.join(_devices())}"
    try:
        requirements = metadata.requires(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        yield f"{_PACKAGE} is not installed by pip, so that what it depends on is not known"
        return
    optional = {name for text in requirements if (name := _name(text)) and "extra ==" in text}
    needed = {_name(text) for text in requirements if "extra ==" not in text}
    yield from _section("Dependencies", needed, missing="not installed")
    yield from _section("Optional dependencies", optional - needed - {_PACKAGE})


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found[0] if found else ""


def _section(title: str, names: set[str], *, missing: str = "") -> Iterator[str]:
    """Yield a heading, and each package with its version; one that is not installed only if `missing`."""
    yield f"\n{title}:"
    for name in sorted(names, key=str.lower):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            version = missing
        if version:
            yield f"  {name} {version}"


def _devices() -> Iterator[str]:
    yield f"CPU ({torch.get_num_threads()} threads)"
    if torch.cuda.is_available():
        build = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
        yield from (f"{torch.cuda.get_device_name(index)} ({build})" for index in range(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        yield "Apple GPU (MPS)"
