"""The scores of a run's frames: when was it good enough to stop?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cartoonx_widgets import scores
from cartoonx_widgets._checks import whole
from cartoonx_widgets._spacing import evenly_spaced

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.classifiers import Prediction
    from cartoonx_widgets.recording.recorded_run import RecordedRun
    from cartoonx_widgets.scores import EdgeDetector


class ScoredFrame(NamedTuple):
    """What scores need to know of a frame, as they know it of an explanation."""

    image: Tensor
    coefficients: Tensor
    cartoon: Tensor
    mask: Tensor
    target: Prediction
    probability: float
    probability_rest: float
    share_kept: float


def over_steps(recording: RecordedRun, *, frames: int, detector: EdgeDetector | None) -> dict[str, np.ndarray]:
    """Return what `Recording.scores` describes."""
    chosen = _chosen(recording, whole("frames", frames))
    rows = [_scored(recording, index) for index in chosen.tolist()]
    columns = {"step": np.array([recording.frames[index].step for index in chosen])}
    columns["probability"] = np.array([row.probability for row in rows])
    found = [scores.compute(row, detector=detector) for row in rows]
    return columns | {name: np.array([one[name] for one in found]) for name in scores.NAMES}


def _chosen(recording: RecordedRun, most: int) -> np.ndarray:
    """Return the indices of at most this many frames; where not all have their rest classified, half of them have."""
    count = len(recording.frames)
    known = [index for index, frame in enumerate(recording.frames) if frame.probabilities_rest is not None]
    if len(known) in (0, count):
        return evenly_spaced(count, most)
    return np.union1d(evenly_spaced(count, most - most // 2), np.array(known)[evenly_spaced(len(known), most // 2)])


def _scored(recording: RecordedRun, index: int) -> ScoredFrame:
    frame, outcome = recording.frames[index], recording.outcome(index)
    coefficients = recording.coefficients.cpu()
    return ScoredFrame(
        recording.image.cpu(),
        coefficients,
        recording.cartoon(index).cpu(),
        frame.mask(coefficients),
        outcome.target,
        outcome.probability,
        np.nan if outcome.probability_rest is None else outcome.probability_rest,
        frame.share_kept,
    )
