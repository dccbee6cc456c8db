"""Errors that mean that memory ran out, and memory that is free and can be given back."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from functools import cache
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_M_ARENA_MAX = -8  # of glibc's malloc.h
OUT_OF_MEMORY = "Out of memory: use fewer samples, a smaller image or a smaller classifier."


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, as CUDA, MPS and the CPU's allocator say it in their own ways."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in words)


@contextlib.contextmanager
def memory_errors() -> Iterator[None]:
    """Raise a MemoryError that says what to lower, where memory runs out within. A decorator as well.

    Raises:
        MemoryError: memory ran out.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise MemoryError(f"{OUT_OF_MEMORY} ({error})") from error
        raise


def give_back_memory() -> None:
    """Give what is free to the system, where the C library keeps it for itself: glibc, for each thread that was there.

    Elsewhere nothing is done.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def limit_arenas(most: int) -> None:
    """Let threads share so many of glibc's arenas, each of which may keep 128 MB; elsewhere nothing is done."""
    limit = _of_glibc("mallopt")
    if limit is not None:
        limit(_M_ARENA_MAX, most)


@cache
def _of_glibc(name: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):  # another C library
        return None
    return found
