"""The versions, the devices and the memory that a report of a bug needs."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

from cartoonx_widgets._terminal import print_line
from cartoonx_widgets._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "cartoonx-widgets"
_GB = 1e9


class Requirement(NamedTuple):
    """A package that this one uses, as its metadata declare it.

    Attributes:
        name: under which pip knows it.
        least: the lowest version that will do.
        optional: whether only an extra needs it.
    """

    name: str
    least: str
    optional: bool

    @property
    def installed(self) -> str | None:
        """Return the version that is installed; None where none is."""
        try:
            return metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return None

    def __str__(self) -> str:
        return f"{self.name}>={self.least}"


def requirements() -> list[Requirement] | None:
    """Return the packages that this one uses, in the order of their names; None where it is not installed by pip.

    One that some extra needs and the package itself too is not optional.
    """
    try:
        declared = metadata.requires(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    found: dict[str, Requirement] = {}
    for text in declared:
        parts = re.match(r"([\w.-]+)(?:\[[^]]*\])?>=([\w.]+)", text)
        if parts is not None:
            requirement = Requirement(parts[1], parts[2], "extra ==" in text)
            if found.setdefault(requirement.name, requirement).optional and not requirement.optional:
                found[requirement.name] = requirement
    return sorted(found.values(), key=lambda requirement: requirement.name.lower())


def show_versions() -> None:
    """Print the versions of Python, PyTorch, this package and what it uses, to paste in a bug report.

    The system, PyTorch's devices and the memory are named too. No path, host name or user name is printed.
    `cartoonx-widgets check` prints the same and goes on to look whether all of it works.

    >>> import cartoonx_widgets as cx
    >>> cx.show_versions()  # doctest: +ELLIPSIS
    cartoonx-widgets ...
    """
    print_line("\n".join(version_lines()))


def version_lines() -> Iterator[str]:
    """Yield what `show_versions` prints, line by line."""
    yield f"{_PACKAGE} {__version__}"
    yield f"{platform.python_implementation()} {platform.python_version()} on {platform.platform()}"
    yield from _pytorch()
    yield f"Memory: {_memory()}"
    used = requirements()
    if used is None:
        yield f"{_PACKAGE} is not installed by pip, so that what it depends on is not known"
        return
    yield "\nDependencies:"
    yield from (f"  {one.name} {one.installed or 'not installed'}" for one in used if not one.optional)
    yield "\nOptional dependencies:"
    yield from (f"  {one.name} {one.installed}" for one in used if one.optional and one.installed)


def _pytorch() -> Iterator[str]:
    try:
        import torch  # noqa: PLC0415 - whether it can be imported is what a report is to say
    except Exception as error:  # noqa: BLE001 - a broken PyTorch fails in many ways
        yield f"PyTorch cannot be imported: {type(error).__name__}"
        return
    devices = [f"CPU ({torch.get_num_threads()} threads)"]
    if torch.cuda.is_available():
        build = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            devices.append(f"{torch.cuda.get_device_name(index)} ({build}, {_of_which_free(total, free)})")
    if torch.backends.mps.is_available():
        devices.append(f"Apple GPU (MPS, {torch.mps.recommended_max_memory() / _GB:.1f} GB)")
    yield f"PyTorch {torch.__version__} on {'; '.join(devices)}"


def _memory() -> str:
    known = getattr(os, "sysconf_names", {})
    if not {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= set(known):
        return "not known on this system"
    page = os.sysconf("SC_PAGE_SIZE")
    free = page * os.sysconf("SC_AVPHYS_PAGES") if "SC_AVPHYS_PAGES" in known else None
    return _of_which_free(page * os.sysconf("SC_PHYS_PAGES"), free)


def _of_which_free(total: int, free: int | None) -> str:
    return f"{total / _GB:.1f} GB" + ("" if free is None else f", {free / _GB:.1f} GB free")
