"""One moment of a run: what is shown of it, and the little that is kept to show it again."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.masking import Optimization
    from cartoonx_widgets.representations import Band, Transform

_LEVELS = 255


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """A mask at some step, and the classifier's probabilities for its cartoon and for the rest.

    The mask is kept as compressed bytes (a sparse one on wavelets takes a few kB, one on 49 shearlets up to 2 MB), so
    that a long run stays in memory; the cartoon is made from it when it is shown.

    Attributes:
        step: how many steps had been taken.
        packed_mask: the mask in 256 levels, compressed.
        probabilities: of the classes for the cartoon, (K,) float32 in [0, 1].
        probabilities_rest: of the classes for the rest, which is the photograph without what is kept, (K,); None where
            it was not classified, as in files of version 0.5 and in most frames of a run that is watched.
    """

    step: int
    packed_mask: bytes
    probabilities: np.ndarray
    probabilities_rest: np.ndarray | None = None

    @classmethod
    def of(
        cls, *, step: int, levels: np.ndarray, probabilities: np.ndarray, probabilities_rest: np.ndarray | None = None
    ) -> Frame:
        """Make a frame from its mask (N,) in levels of 0 to 255."""
        packed = zlib.compress(levels.tobytes(), 1)
        return cls(step=step, packed_mask=packed, probabilities=probabilities, probabilities_rest=probabilities_rest)

    def levels(self) -> np.ndarray:
        """Return the mask (N,) in levels of 0 to 255."""
        return np.frombuffer(zlib.decompress(self.packed_mask), dtype=np.uint8)

    @cached_property
    def share_kept(self) -> float:
        """Return the mean mask entry, in [0, 1]."""
        return float(self.levels().mean()) / _LEVELS

    def mask(self, coefficients: Tensor) -> Tensor:
        """Return the mask (N,) in [0, 1], on the device and in the dtype of these coefficients."""
        return torch.tensor(self.levels(), device=coefficients.device).to(coefficients.dtype) / _LEVELS

    def kept(self, coefficients: Tensor) -> Tensor:
        """Return the mask times the photograph's coefficients (C, N), as (1, C, N)."""
        return (self.mask(coefficients) * coefficients)[None]

    def cartoon(self, coefficients: Tensor, transform: Transform) -> Tensor:
        """Return the masked image (C, H, W) in [0, 1], from the photograph's coefficients (C, N)."""
        return transform.synthesise(self.kept(coefficients))[0].clamp(0, 1)

    def rest(self, coefficients: Tensor, transform: Transform) -> Tensor:
        """Return the photograph without what is kept, (C, H, W) in [0, 1], from its coefficients (C, N)."""
        left = (1 - self.mask(coefficients)) * coefficients
        return transform.synthesise(left[None])[0].clamp(0, 1)

    def pictures(self, image: Tensor, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:
        """Return cartoon and rest of the photograph (C, H, W), by one synthesis, since both add up to it."""
        kept = transform.synthesise(self.kept(coefficients))[0]
        return kept.clamp(0, 1), (image - kept).clamp(0, 1)

    def part(self, coefficients: Tensor, transform: Transform, band: Band) -> Tensor:
        """Return what one masked band alone contributes to the cartoon, (C, H, W), not clamped."""
        return transform.part(self.kept(coefficients), band)[0]


def newest_classified(frames: Sequence[Frame]) -> Frame | None:
    """Return the last of these frames whose rest was classified; None where none was."""
    return next((frame for frame in reversed(frames) if frame.probabilities_rest is not None), None)


def frame_of(optimization: Optimization, *, measured: bool = False, rest: bool = True) -> Frame:
    """Make a frame of the present moment of an optimisation of one image, or of the one its last step `measured`.

    Args:
        optimization: the optimisation.
        measured: whether of the last mask whose cartoon a step has classified (see `Optimization.moment`).
        rest: whether to classify the rest.

    Raises:
        ClassifierError: the classifier's output became NaN or infinite.
    """
    optimization.check()
    moment = optimization.moment(measured=measured, rest=rest)
    levels = (moment.mask[0, 0] * _LEVELS).round().to(torch.uint8).cpu().numpy()
    of_rest = moment.probabilities_rest
    return Frame.of(
        step=moment.step,
        levels=levels,
        probabilities=moment.probabilities[0].float().cpu().numpy(),
        probabilities_rest=None if of_rest is None else of_rest[0].float().cpu().numpy(),
    )
