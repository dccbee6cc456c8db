"""Settings as JSON knows them: to be read, not to be run."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from typing import Any

import numpy as np
import torch

from cartoonx_widgets._files import digest_of

_NAMES = {"noise_free": "clean_fraction"}
_BASELINES = "<cartoonx_widgets.baselines."


def as_json(value: Any) -> Any:  # noqa: ANN401
    """Turn settings into JSON values: a dataclass as its fields and its kind, what JSON cannot hold in words."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        written = [field.name for field in dataclasses.fields(value) if _is_written(value, field)]
        fields = {name: as_json(getattr(value, name)) for name in written}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    if isinstance(value, np.generic):
        return as_json(value.item())
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and np.isfinite(value)):
        return value
    return _in_words(value)


def _is_written(value: Any, field: dataclasses.Field[Any]) -> bool:  # noqa: ANN401
    """Return whether a field is written: none that changes no run, nor a new one that is as all were before it."""
    before = field.metadata.get("before", field.default)
    unset = "added" in field.metadata and getattr(value, field.name) == before
    return field.compare and not unset


def renamed_settings(value: Any) -> Any:  # noqa: ANN401
    """Rename what version 0.5 called otherwise in settings as JSON knows them."""
    if isinstance(value, dict):
        return {_NAMES.get(name, name): renamed_settings(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [renamed_settings(entry) for entry in value]
    if isinstance(value, str) and value.startswith(_BASELINES):
        return value.replace(_BASELINES, "<cartoonx_widgets.explanations.baselines.")
    return value


def _in_words(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, functools.partial):
        return {"kind": "partial", "of": as_json(value.func), "with": as_json([*value.args, *value.keywords.items()])}
    if isinstance(value, np.ndarray | torch.Tensor):
        return f"<{type(value).__name__} {tuple(value.shape)}, SHA-256 {digest_of(value)}>"
    if inspect.isroutine(value):
        return f"<{value.__module__}.{value.__qualname__}>"
    return f"<{type(value).__name__}>"
