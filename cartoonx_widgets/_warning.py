"""Warn at the user's own line."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from pathlib import Path

import torch

# What stands between a user's line and a warning: this package, PyTorch's decorators and those of contextlib.
_INSIDE = (
    *(f"{folder}{os.sep}" for folder in (Path(__file__).parent, Path(torch.__file__).parent)),
    contextlib.__file__,
)


def warn_user(text: str) -> None:
    """Warn, naming the line of the user's own code that led here."""
    # From Python 3.12 on, `warnings.warn` does it by `skip_file_prefixes`.
    frame, level = sys._getframe(1), 2  # noqa: SLF001
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_INSIDE):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)
