"""What the panels of a run are sent, whether it is live, recorded or compared."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import torch

from cartoonx_widgets._spacing import evenly_spaced
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.recording.scoring import over_steps
from cartoonx_widgets.scores.scales import profile_of, scales

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets import classifiers, representations
    from cartoonx_widgets.explanations.outcome import Outcome
    from cartoonx_widgets.recording.frame import Frame
    from cartoonx_widgets.recording.recorded_run import RecordedRun
    from cartoonx_widgets.scores import ScaleShare

_CURVE_POINTS = 400
_SCORED_FRAMES = 24
_SCORES = (
    "probability",
    "probability_rest",
    "share_kept",
    "hallucination",
    "cp_entropy",
    "cp_l1",
    "cp_l1_pixel",
)
_CLASSES_SHOWN = 5


class Prediction(TypedDict):
    """A class, and its probability."""

    index: int
    label: str
    probability: float


class Band(TypedDict):
    """A band, and its tile in the mosaic.

    Attributes:
        name: "lowpass", "h5", "2 +45°".
        scale: 1 is the finest.
        orientation: "lowpass", "pixels", or the direction of the edges that it responds to.
        angle: that direction in degrees; null where there is no single one.
        complex: whether two real numbers make a coefficient.
        entries: its rows and columns.
        row: of the tile's top left corner, in cells.
        column: of the same.
        rows: of the tile, in cells.
        columns: of the tile.
        start: index of the tile's first cell.
    """

    name: str
    scale: int
    orientation: str
    angle: float | None
    complex: bool
    entries: tuple[int, int]
    row: int
    column: int
    rows: int
    columns: int
    start: int


class Mosaic(TypedDict):
    """The picture of all bands.

    Attributes:
        shape: its rows and columns, in cells.
        factor: a cell stands for `factor` x `factor` entries.
        row_ticks: places and names of the scales beside the rows.
        column_ticks: the same above the columns.
    """

    shape: tuple[int, int]
    factor: int
    row_ticks: tuple[tuple[float, str], ...]
    column_ticks: tuple[tuple[float, str], ...]


class Scale(TypedDict):
    """A scale of the representation.

    Attributes:
        name: "lowpass", "pixels", or its number, where 1 is the finest.
        period: the shortest and the longest period of what it resolves, in pixels; null: without an end.
    """

    name: str
    period: tuple[int, int | None]


class Scene(TypedDict):
    """What the panels need to know of a run before its first frame.

    Attributes:
        photograph: what it is called.
        size: its rows and columns.
        target: the explained class, with its probability for the photograph.
        bands: of the representation, in their order.
        directional: whether their directions are angles.
        scales: the coarsest first.
        mosaic: where their tiles stand.
        colours: of the mosaic, from 0 to 1.
        curves: the names of the rows in each frame's curves, after the steps.
    """

    photograph: str
    size: tuple[int, int]
    target: Prediction
    bands: list[Band]
    directional: bool
    scales: list[Scale]
    mosaic: Mosaic
    colours: tuple[str, ...]
    curves: list[str]


class Probabilities(TypedDict):
    """A class's probability for each picture; null for the rest where it was not classified."""

    label: str
    photograph: float
    cartoon: float
    rest: float | None


class Profile(TypedDict):
    """On which scales lies what is kept; each adds up to 1.

    Attributes:
        mask: the share of the mask's sum on each scale, in [0, 1].
        energy: the share of the energy that is kept.
    """

    mask: list[float]
    energy: list[float]


class ScoresOverSteps(TypedDict):
    """The scores of some frames of a run.

    Attributes:
        steps: of the frames.
        values: of each score, by its name; null where a frame's is not finite.
    """

    steps: list[int]
    values: dict[str, list[float | None]]


class Figures(TypedDict):
    """The numbers of a frame.

    Attributes:
        step: steps taken.
        steps: of the whole run.
        share: mean mask entry, in [0, 1].
        probability: of the explained class for the cartoon.
        probability_rest: of the explained class for the newest rest that was classified; null where none was.
        rest_step: steps taken when that was classified; null where none was.
        profile: on which scales lies what is kept.
        probabilities: of the classes that are most probable for some picture, and of the explained one.
    """

    step: int
    steps: int
    share: float
    probability: float
    probability_rest: float | None
    rest_step: int | None
    profile: Profile
    probabilities: list[Probabilities]


class RestSummary(TypedDict):
    """What the classifier says of the rest.

    Attributes:
        needed: whether the class is lost without what is kept.
        after: the explained class's probability.
        first: the rest's most probable class; null where each class has a probability of its own.
        probability: of the rest's most probable class.
    """

    needed: bool
    after: str
    first: str | None
    probability: str


class Summary(TypedDict):
    """What a run has come to, in parts of a sentence which the page puts together in the reader's language.

    Attributes:
        kept: whether the class is kept.
        label: of the explained class.
        before: its probability for the photograph.
        after: its probability for the cartoon.
        share: of the coefficients that is kept, in per cent.
        first: the cartoon's most probable class; null where each class has a probability of its own.
        probability: of the cartoon's most probable class.
        rest: what is left without what is kept; null where it was not classified.
    """

    kept: bool
    label: str
    before: str
    after: str
    share: str
    first: str | None
    probability: str
    rest: RestSummary | None


def scene(recording: RecordedRun) -> Scene:
    """Return what the panels need to know of a run before its first frame."""
    bands = recording.transform.bands
    return {
        "photograph": recording.photograph,
        "size": recording.transform.size,
        "target": {
            "index": recording.target,
            "label": recording.labels[recording.target],
            "probability": float(recording.probabilities[recording.target]),
        },
        "bands": tiles(bands),
        "directional": mosaic.is_directional(bands),
        "scales": [_scale(name, period) for name, period in scales(bands).items()],
        "mosaic": layout(bands),
        "colours": mosaic.COLOURS,
        "curves": list(recording.curves),
    }


def prediction(one: classifiers.Prediction) -> Prediction:
    """Return a class and its probability."""
    return {"index": one.index, "label": one.label, "probability": one.probability}


def tiles(bands: Sequence[representations.Band]) -> list[Band]:
    """Return the bands, each with its place in the mosaic."""
    return [
        {
            "name": band.name,
            "scale": band.scale,
            "orientation": band.orientation,
            "angle": band.angle,
            "complex": band.parts > 1,
            "entries": band.shape,
            "row": tile.row,
            "column": tile.column,
            "rows": tile.rows,
            "columns": tile.columns,
            "start": tile.start,
        }
        for band, tile in zip(bands, mosaic.layout(bands).tiles, strict=True)
    ]


def layout(bands: Sequence[representations.Band]) -> Mosaic:
    """Return the size and the margins of the mosaic."""
    placed = mosaic.layout(bands)
    return {
        "shape": placed.shape,
        "factor": placed.factor,
        "row_ticks": placed.row_ticks,
        "column_ticks": placed.column_ticks,
    }


def in_cells(recording: RecordedRun) -> np.ndarray:
    """Return the photograph's coefficients as the mosaic shows them, (C, cells) float32.

    Real ones as they are; of complex ones, and where a cell stands for several, the mean of the absolute values.
    """
    bands = recording.transform.bands
    coefficients = recording.coefficients.float().cpu()
    if mosaic.has_a_cell_for_each(bands):
        return coefficients.numpy()
    magnitudes = torch.zeros_like(coefficients)
    for band in bands:
        first = slice(band.start, band.start + band.shape[0] * band.shape[1])
        magnitudes[..., first] = band.magnitude(coefficients).flatten(1)
    return np.stack([mosaic.cells(bands, colour) for colour in magnitudes.numpy()])


def scores_over_steps(recording: RecordedRun) -> ScoresOverSteps:
    """Return the scores of a run's frames, of as many as a chart needs."""
    found = over_steps(recording, frames=_SCORED_FRAMES, detector=None)
    steps = found.pop("step").tolist()
    values = {name: [float(f"{one:.4g}") if math.isfinite(one) else None for one in found[name]] for name in _SCORES}
    return {"steps": steps, "values": values}


def profile(shares: Sequence[ScaleShare]) -> Profile:
    """Return a scale profile as a page shows it."""
    return {"mask": [share.mask for share in shares], "energy": [share.energy for share in shares]}


def _scale(name: str, period: tuple[float, float]) -> Scale:
    shortest, longest = period
    ends = int(shortest), None if math.isinf(longest) else int(longest)
    return {"name": name.removeprefix("scale "), "period": ends}


def figures(recording: RecordedRun, shown: Frame) -> Figures:
    """Return the numbers of a frame."""
    classified = recording.classified(shown)
    before, after = recording.probabilities, shown.probabilities
    rest = None if classified is None else classified.probabilities_rest
    coefficients = recording.coefficients
    return {
        "step": shown.step,
        "steps": recording.steps,
        "share": shown.share_kept,
        "probability": float(after[recording.target]),
        "probability_rest": None if rest is None else float(rest[recording.target]),
        "rest_step": None if classified is None else classified.step,
        "profile": profile(profile_of(recording.transform.bands, shown.mask(coefficients), coefficients)),
        "probabilities": [
            {
                "label": recording.labels[i],
                "photograph": float(before[i]),
                "cartoon": float(after[i]),
                "rest": None if rest is None else float(rest[i]),
            }
            for i in _most_probable(*(one for one in (before, after, rest) if one is not None), also=recording.target)
        ],
    }


def summary(outcome: Outcome) -> Summary:
    """Return the outcome's sentence in parts, which the page puts together in the reader's language.

    Its figures are formatted here, since Python and JavaScript round halves in different ways.
    """
    named, first_rest = outcome.activation == "softmax", outcome.first_rest
    rest: RestSummary | None = None
    if first_rest is not None:
        rest = {
            "needed": bool(outcome.needed),
            "after": f"{outcome.probability_rest:.2f}",
            "first": first_rest.label if named else None,
            "probability": f"{first_rest.probability:.2f}",
        }
    return {
        "kept": outcome.kept,
        "label": outcome.target.label,
        "before": f"{outcome.target.probability:.2f}",
        "after": f"{outcome.probability:.2f}",
        "share": f"{outcome.share_kept:.1%}",
        "first": outcome.first.label if named else None,
        "probability": f"{outcome.first.probability:.2f}",
        "rest": rest,
    }


def thinned(curves: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return steps (counted from 1) and curves as rows of float32, no more points than a plot can show."""
    count = min(map(len, curves.values()), default=0)
    picked = evenly_spaced(count, _CURVE_POINTS)
    return np.stack([picked + 1, *(values[picked] for values in curves.values())]).astype(np.float32)


def _most_probable(*probabilities: np.ndarray, also: int) -> list[int]:
    """Return the classes that are most probable for some picture, and one more if it is not among them."""
    order: list[int] = np.argsort(-np.max(probabilities, axis=0), kind="stable")[:_CLASSES_SHOWN].tolist()
    return order if also in order else [*order, also]


def contribution(recording: RecordedRun, shown: Frame, index: int) -> Tensor:
    """Return what a band alone contributes, made visible: details are stretched around middle grey."""
    band = recording.transform.bands[index]
    part = shown.part(recording.coefficients, recording.transform, band)
    if band.orientation in ("lowpass", "pixels"):
        return part.clamp(0, 1)
    return 0.5 + part / (2 * part.abs().amax().clamp(min=1e-6))
