"""The libraries of models that the tests use, with random weights."""

import functools
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import torch


@functools.cache
def _declare_operators():
    """Declare torchvision's compiled operators where they do not load, as beside a CPU build of PyTorch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return None
    source = Path(spec.origin).with_name("_meta_registrations.py").read_text("utf-8")
    library = torch.library.Library("torchvision", "DEF")
    for name in set(re.findall(r'(?:register_meta|register_fake)\("(?:torchvision::)?(\w+)"', source)):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}(Tensor a) -> Tensor")
    return library  # which undoes its declarations when it goes


def import_or_skip(name: str) -> Any:
    """Import torchvision, timm or transformers; skip the test where it is not installed."""
    _declare_operators()
    return pytest.importorskip(name, reason=f"{name} is not installed")
