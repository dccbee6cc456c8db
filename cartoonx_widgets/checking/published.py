"""The first steps of the authors' own code, repeated on this device with their noise.

Their code was run once, in float32 on a CPU: six steps of four samples on pictures of 32 x 32, with a classifier of two
small layers. `published_traces.npz` has that classifier, the pictures and the curves; the noise is drawn again by the
seeds that it was drawn by.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from cartoonx_widgets.classifiers import Classifier
from cartoonx_widgets.masking import methods
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.representations import Wavelet

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Band, Transform

FILE = resources.files(__package__) / "published_traces.npz"
_STEPS, _SAMPLES, _SIDE = 6, 4, 32
_SETTINGS: dict[str, Any] = {"learning_rate": 0.05, "steps": _STEPS, "samples": _SAMPLES}
_WAVELET = Wavelet("db3", levels=2, mode="zero")


@dataclass(frozen=True)
class Published:
    """A run of the authors' code.

    Attributes:
        method: its settings.
        images: how many pictures it was run on at once.
        seed: of its noise.
        draw: how its noise was drawn: `torch.randn` or `torch.rand`.
    """

    method: Method
    images: int
    seed: int
    draw: Callable[..., Tensor]


RUNS = (
    Published(methods.cartoonx(representation=_WAVELET, lambda_l1=2.0, **_SETTINGS), 1, 11, torch.randn),
    Published(methods.pixel_rde(lambda_l1=0.4, **_SETTINGS), 1, 12, torch.randn),
    Published(methods.waveletx(representation=_WAVELET, **_SETTINGS), 2, 13, torch.rand),
)


def largest_difference(run: Published, device: torch.device, dtype: torch.dtype) -> float:
    """Repeat a run, and return the largest difference of its curves from the published ones, in all six steps.

    Args:
        run: one of `RUNS`.
        device: to run on.
        dtype: float32, or float64 where the device has it.
    """
    stored = _stored()
    pictures = torch.from_numpy(stored["levels"][: run.images]).to(device, dtype) / 255
    classifier = Classifier(_Network(stored), size=_SIDE, device=device, dtype=dtype)
    targets = stored["targets"][: run.images].tolist()
    noise = recorded_noise(run, run.method.representation.transform((_SIDE, _SIDE)))
    optimization = Optimization(pictures, classifier, targets, run.method, noise=noise.__getitem__)
    while not optimization.finished:
        optimization.step()
    ours = optimization.curves()
    theirs = {name.partition("/")[2]: curve for name, curve in stored.items() if name.startswith(f"{run.method.name}/")}
    return max(float(np.abs(ours[name].sum(1) - curve).max()) for name, curve in theirs.items())


def recorded_noise(run: Published, transform: Transform) -> list[Tensor]:
    """Draw the noise (B, S, C, N) of each step as the authors' code drew it: the lowpass, then from the finest on."""
    generator = torch.Generator().manual_seed(run.seed)

    def order(band: Band) -> int:
        return 0 if band.orientation == "lowpass" else band.scale

    scales = [list(scale) for _, scale in itertools.groupby(sorted(transform.bands, key=order), order)]
    steps = []
    for _ in range(_STEPS):
        drawn: dict[str, Tensor] = {}
        for scale in scales:
            shape = (run.images, _SAMPLES, 3, len(scale), *scale[0].shape)
            of_scale = run.draw(*shape, generator=generator).unbind(-3)
            drawn |= {band.name: draws for band, draws in zip(scale, of_scale, strict=True)}
        steps.append(transform.join(drawn))
    return steps


class _Network(nn.Module):
    """The classifier of these runs: tanh(pool(x) W1^T) W2^T, with pool to 8 x 8."""

    def __init__(self, stored: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.w1, self.w2 = (nn.Parameter(torch.from_numpy(stored[name])) for name in ("w1", "w2"))

    def forward(self, image: Tensor) -> Tensor:
        pooled = nn.functional.adaptive_avg_pool2d(image, 8).flatten(1)
        return torch.tanh(pooled @ self.w1.T) @ self.w2.T


@cache
def _stored() -> dict[str, np.ndarray]:
    with resources.as_file(FILE) as path, np.load(path) as arrays:
        return dict(arrays)
