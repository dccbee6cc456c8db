"""What the page is told: JSON for small things, bytes for pictures, masks and curves.

Each message names its `run`, so that the page can drop a frame that was under way when another run began.
"""

from __future__ import annotations

import dataclasses
import time
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from cartoonx_widgets import images, mosaic
from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.masking.optimizer import OUT_OF_MEMORY, is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.live import Frame
    from cartoonx_widgets.masking import Method, Optimization
    from cartoonx_widgets.representations import Band

_CURVE_POINTS = 400
_CLASSES_SHOWN = 5


class Message(NamedTuple):
    """JSON content and binary buffers."""

    content: dict[str, Any]
    buffers: list[bytes]


def setup(optimization: Optimization, *, photograph: str, methods: Sequence[Method]) -> Message:
    """Everything about a run that stays as it is.

    Buffers: the photograph (PNG), and its coefficients in the mosaic's cells, (3, cells) float32.
    """
    transform, classifier = optimization.transform, optimization.classifier
    placed = mosaic.layout(transform.bands)
    probabilities = optimization.probabilities[0]
    target = int(optimization.targets[0])
    content = {
        "type": "setup",
        "run": id(optimization),
        "labels": classifier.labels,
        "photographs": [dataclasses.asdict(sample) for sample in images.SAMPLES.values()],
        "photograph": photograph,
        "top": [dataclasses.asdict(prediction) for prediction in classifier.top(probabilities)],
        "target": {
            "index": target,
            "label": classifier.labels[target],
            "probability": float(probabilities[target]),
        },
        "methods": [
            method.name if place < len(PRESETS) else f"{method.name} (yours)" for place, method in enumerate(methods)
        ],
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
            for band, tile in zip(transform.bands, placed.tiles, strict=True)
        ],
        "directional": mosaic.is_directional(transform.bands),
        "mosaic": {**placed._asdict(), "tiles": None},
        "colours": mosaic.COLOURS,
        "curves": optimization.curve_names,
    }
    return Message(content, [images.to_png(optimization.image[0]), _in_cells(optimization).tobytes()])


def _in_cells(optimization: Optimization) -> np.ndarray:
    """The photograph's coefficients as the mosaic shows them, (3, cells) float32.

    Real ones as they are; of complex ones, and where a cell stands for several, the mean of the absolute values.
    """
    bands = optimization.transform.bands
    coefficients = optimization.coefficients[0].float().cpu()
    if mosaic.layout(bands).factor == 1 and all(band.parts == 1 for band in bands):
        return coefficients.numpy()
    magnitudes = torch.zeros_like(coefficients)
    for band in bands:
        first = slice(band.start, band.start + band.shape[0] * band.shape[1])
        magnitudes[..., first] = band.magnitude(coefficients).flatten(1)
    return np.stack([mosaic.cells(bands, colour) for colour in magnitudes.numpy()])


def frame(optimization: Optimization, frame: Frame, *, index: int, live: bool, band: int | None) -> Message:
    """One frame of the recording.

    Args:
        optimization: the run that it belongs to.
        frame: what is shown.
        index: its place in the recording.
        live: whether it is the newest, sent unasked.
        band: the band that is picked, if one is.

    Returns:
        Content, and as buffers the cartoon (JPEG), the mask in the mosaic's cells in 256 levels, steps and curves
        (1 + curves, points) float32, and what the picked band alone contributes (JPEG).
    """
    transform, coefficients = optimization.transform, optimization.coefficients[0]
    buffers = [
        images.to_jpeg(frame.cartoon(coefficients, transform)),
        mosaic.cells(transform.bands, frame.levels()).tobytes(),
        _thinned(optimization.curves()).tobytes(),
    ]
    if band is not None:
        part = frame.part(coefficients, transform, transform.bands[band])
        buffers.append(images.to_jpeg(_visible(part, transform.bands[band])))
    target = int(optimization.targets[0])
    before, after = optimization.probabilities[0].float().cpu().numpy(), frame.probabilities
    content = {
        "type": "frame",
        "run": id(optimization),
        "index": index,
        "live": live,
        "band": band,
        "step": frame.step,
        "steps": optimization.method.steps,
        "share": frame.share_kept,
        "probability": float(after[target]),
        "probabilities": [
            {
                "label": optimization.classifier.labels[i],
                "photograph": float(before[i]),
                "cartoon": float(after[i]),
            }
            for i in _most_probable(before, after, also=target)
        ],
        "sent": time.time(),
    }
    return Message(content, buffers)


def error(error: BaseException, *, step: int | None = None) -> Message:
    """What went wrong, in words and as a traceback; with the step in which a run failed."""
    details = "".join(traceback.format_exception(error))
    return Message({"type": "error", "message": _in_words(error, step), "details": details}, [])


def _in_words(error: BaseException, step: int | None) -> str:
    if is_out_of_memory(error):
        return f"{OUT_OF_MEMORY} ({error})"
    if isinstance(error, ClassifierError) or (step is None and isinstance(error, ValueError | TypeError)):
        return str(error)  # these say themselves what to do
    name = type(error).__name__
    return f"{name}: {error}" if step is None else f"The classifier failed in step {step}: {name}: {error}"


def _most_probable(before: np.ndarray, after: np.ndarray, *, also: int) -> list[int]:
    """The classes that are most probable for either picture, and one more if it is not among them."""
    order: list[int] = np.argsort(-np.maximum(before, after), kind="stable")[:_CLASSES_SHOWN].tolist()
    return order if also in order else [*order, also]


def _thinned(curves: dict[str, np.ndarray]) -> np.ndarray:
    """Steps (counted from 1) and curves as rows of float32, no more points than a plot can show."""
    count = len(curves["loss"])
    picked = np.unique(np.linspace(0, max(count - 1, 0), min(count, _CURVE_POINTS)).round().astype(int))
    return np.stack([picked + 1, *(values[picked, 0] for values in curves.values())]).astype(np.float32)


def _visible(part: Tensor, band: Band) -> Tensor:
    """What a band contributes, made visible: details, which lie around 0, are stretched around middle grey."""
    if band.orientation in ("lowpass", "pixels"):
        return part.clamp(0, 1)
    return 0.5 + part / (2 * part.abs().amax().clamp(min=1e-6))
