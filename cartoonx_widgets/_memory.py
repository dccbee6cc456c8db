"""Errors that mean that memory ran out."""

from __future__ import annotations

import torch

OUT_OF_MEMORY = "Out of memory: use fewer samples, a smaller image or a smaller classifier."


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, as CUDA, MPS and the CPU's allocator say it in their own ways."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in words)
