"""Where a classifier runs."""

from __future__ import annotations

import torch

from cartoonx_widgets._warning import warn_user


def best_device() -> torch.device:
    """Return CUDA where there is one, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def device_for(dtype: torch.dtype, asked: torch.device | str | None) -> torch.device:
    """Return the device that is asked for, or the best one, which has this precision.

    Raises:
        ValueError: the one that is asked for has not.
    """
    device = best_device() if asked is None else torch.device(asked)
    if device.type != "mps" or dtype != torch.float64:
        return device
    if asked is not None:
        raise ValueError(f"dtype={dtype!r} does not exist on device={str(asked)!r}: use torch.float32, or device='cpu'")
    warn_user("Apple's GPU has no float64: this classifier runs on the CPU")
    return torch.device("cpu")
