"""What the panels of a run are told, whether it is live, recorded or compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cartoonx_widgets import images, mosaic
from cartoonx_widgets.widgets.shared.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from cartoonx_widgets.masking.explanation import Outcome
    from cartoonx_widgets.recording import Frame, Recording

_CURVE_POINTS = 400
_CLASSES_SHOWN = 5


def scene(recording: Recording) -> Message:
    """What the panels need to know of a run before its first frame.

    Buffers: the photograph (PNG), and its coefficients in the mosaic's cells, (C, cells) float32.
    """
    bands = recording.transform.bands
    placed = mosaic.layout(bands)
    content = {
        "photograph": recording.photograph,
        "size": recording.transform.size,
        "target": {
            "index": recording.target,
            "label": recording.labels[recording.target],
            "probability": float(recording.probabilities[recording.target]),
        },
        "bands": [
            {
                "name": band.name,
                "scale": band.scale,
                "orientation": band.orientation,
                "angle": band.angle,
                "complex": band.parts > 1,
                "entries": band.shape,
                **tile._asdict(),
            }
            for band, tile in zip(bands, placed.tiles, strict=True)
        ],
        "directional": mosaic.is_directional(bands),
        "mosaic": {**placed._asdict(), "tiles": None},
        "colours": mosaic.COLOURS,
        "curves": list(recording.curves),
    }
    return Message(content, [images.to_png(recording.image), in_cells(recording).tobytes()])


def in_cells(recording: Recording) -> np.ndarray:
    """The photograph's coefficients as the mosaic shows them, (C, cells) float32.

    Real ones as they are; of complex ones, and where a cell stands for several, the mean of the absolute values.
    """
    bands = recording.transform.bands
    coefficients = recording.coefficients.float().cpu()
    if mosaic.layout(bands).factor == 1 and all(band.parts == 1 for band in bands):
        return coefficients.numpy()
    magnitudes = torch.zeros_like(coefficients)
    for band in bands:
        first = slice(band.start, band.start + band.shape[0] * band.shape[1])
        magnitudes[..., first] = band.magnitude(coefficients).flatten(1)
    return np.stack([mosaic.cells(bands, colour) for colour in magnitudes.numpy()])


def figures(recording: Recording, shown: Frame) -> dict[str, Any]:
    """What a frame says in numbers."""
    before, after = recording.probabilities, shown.probabilities
    return {
        "step": shown.step,
        "steps": recording.steps,
        "share": shown.share_kept,
        "probability": float(after[recording.target]),
        "probabilities": [
            {"label": recording.labels[i], "photograph": float(before[i]), "cartoon": float(after[i])}
            for i in _most_probable(before, after, also=recording.target)
        ],
    }


def summary(outcome: Outcome) -> dict[str, Any]:
    """`Outcome.sentence` in parts, which the page puts together in the reader's language.

    Its figures are formatted here, since Python and JavaScript round halves in different ways.
    """
    return {
        "kept": outcome.kept,
        "label": outcome.target.label,
        "before": f"{outcome.target.probability:.2f}",
        "after": f"{outcome.probability:.2f}",
        "share": f"{outcome.share_kept:.1%}",
        "first": outcome.first.label if outcome.activation == "softmax" else None,
        "probability": f"{outcome.first.probability:.2f}",
    }


def thinned(curves: Mapping[str, np.ndarray]) -> np.ndarray:
    """Steps (counted from 1) and curves as rows of float32, no more points than a plot can show."""
    count = min(map(len, curves.values()), default=0)
    picked = np.unique(np.linspace(0, max(count - 1, 0), min(count, _CURVE_POINTS)).round().astype(int))
    return np.stack([picked + 1, *(values[picked] for values in curves.values())]).astype(np.float32)


def _most_probable(before: np.ndarray, after: np.ndarray, *, also: int) -> list[int]:
    """The classes that are most probable for either picture, and one more if it is not among them."""
    order: list[int] = np.argsort(-np.maximum(before, after), kind="stable")[:_CLASSES_SHOWN].tolist()
    return order if also in order else [*order, also]


def contribution(recording: Recording, shown: Frame, index: int) -> Tensor:
    """What a band alone contributes, made visible: details, which lie around 0, are stretched around middle grey."""
    band = recording.transform.bands[index]
    part = shown.part(recording.coefficients, recording.transform, band)
    if band.orientation in ("lowpass", "pixels"):
        return part.clamp(0, 1)
    return 0.5 + part / (2 * part.abs().amax().clamp(min=1e-6))
