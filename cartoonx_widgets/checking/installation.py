"""Whether what the package needs is there, new enough, and can be imported."""

from __future__ import annotations

import importlib
import os
import re
import shutil
from typing import TYPE_CHECKING

from cartoonx_widgets._versions import Requirement, requirements
from cartoonx_widgets.checking.findings import Finding, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where pip's name of a package, in small letters, is not that of its module.
_MODULES = {"pillow": "PIL", "pywavelets": "pywt", "scikit-image": "skimage"}
_REINSTALL = 'run pip install --upgrade --force-reinstall "{}", restart the kernel, and check again'


def imports() -> Iterator[str | Finding]:
    """Import each package that is needed; look whether it, and those of the extras, are new enough."""
    used = requirements()
    if used is None:
        yield Finding("cartoonx-widgets is not installed by pip", "run pip install cartoonx-widgets", serious=False)
        return
    sound = 0
    for one in used:
        version = one.installed
        if version and _release(version) < _release(one.least):
            yield Finding(
                f"{one.name} {version} is older than {one.least}, the lowest version that is supported",
                f'run pip install --upgrade "{one}"',
            )
        elif not one.optional:
            try:
                _import(one)
                sound += 1
            except Exception as error:  # noqa: BLE001 - a broken package may raise anything
                missing = "is not installed" if version is None else "cannot be imported"
                yield Finding(f"{one.name} {missing} ({in_words(error)})", _REINSTALL.format(one))
    yield f"{sound} of {sum(not one.optional for one in used)} packages can be imported"


def device() -> Iterator[str | Finding]:
    """Look for a GPU that PyTorch leaves unused, and for cores."""
    import torch  # noqa: PLC0415 - a check has to begin where it is broken

    from cartoonx_widgets.classifiers.classifier import best_device  # noqa: PLC0415

    chosen = best_device()
    yield f"runs on {chosen} by itself"
    if chosen.type == "cpu" and shutil.which("nvidia-smi"):
        yield Finding(
            f"there is an NVIDIA driver, but PyTorch {torch.__version__} sees no GPU",
            "install the CUDA build of PyTorch that suits the driver, by the selector on pytorch.org",
            serious=False,
        )
    cores, threads = os.cpu_count() or 1, torch.get_num_threads()
    if chosen.type == "cpu" and 2 * threads < cores:
        yield Finding(
            f"PyTorch computes with {threads} of {cores} cores",
            "remove OMP_NUM_THREADS from the environment, or call torch.set_num_threads, unless that is meant",
            serious=False,
        )


def _import(requirement: Requirement) -> None:
    name = requirement.name.lower()
    name = _MODULES.get(name, name.replace("-", "_"))
    if name == "pytorch_wavelets":
        from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets  # noqa: PLC0415

        import_pytorch_wavelets()
    else:
        importlib.import_module(name)


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, such as (2, 13, 0) of "2.13.0+cpu"."""
    found = re.match(r"[\d.]*\d", version)
    return tuple(map(int, found[0].split("."))) if found else ()
