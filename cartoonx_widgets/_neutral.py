"""Whatever stands around a call changes nothing of what it computes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

_AUTOCAST = ("cpu", "cuda", "mps")


@contextlib.contextmanager
def neutral() -> Iterator[None]:
    """Compute as PyTorch does by itself: without inference mode, autocast and a default device of the caller's.

    A decorator as well. All three belong to a thread, so that no other one is touched.
    """
    with contextlib.ExitStack() as stack:
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(mode=False))
        for device in _AUTOCAST:
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        yield
