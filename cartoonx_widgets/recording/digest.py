"""What tells the numbers of one picture or setting from those of another."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch


def digest_of(numbers: Any) -> str:  # noqa: ANN401
    """The SHA-256, in hexadecimal digits, of whatever NumPy or PyTorch takes for an array: shape, kind and values.

    What holds objects in place of numbers is told by its shape and kind alone.
    """
    array = np.asarray(numbers.detach().cpu().float() if isinstance(numbers, torch.Tensor) else numbers)
    values = b"" if array.dtype.hasobject else array.tobytes()
    return hashlib.sha256(f"{array.shape} {array.dtype}".encode() + values).hexdigest()
