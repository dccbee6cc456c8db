"""Build the messages that the lab's page is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cartoonx_widgets import images, sparsity
from cartoonx_widgets._spacing import log_spaced
from cartoonx_widgets.drawings import DRAWINGS
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.sparsity_lab import cells, choices
from cartoonx_widgets.widgets.sparsity_lab.decomposition import finite

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.sparsity.expansion import Booleans, Floats
    from cartoonx_widgets.widgets.sparsity_lab.decomposition import Decomposition, Quality
    from cartoonx_widgets.widgets.sparsity_lab.messages import (
        Controls,
        Curve,
        CurvesMessage,
        Decay,
        FiguresMessage,
        Kept,
        Line,
        PickedCoefficient,
        PickedPixel,
        Setup,
        State,
    )

_LINE_POINTS = 160
_COVERS = 0.01  # of the largest value in its band: a coefficient's picture has at least this much at a pixel it covers
_BLOCK = 8  # pixels a side, in which JPEG works
_SEEN = 0.05  # of a wavelet's largest value: where it has less, nothing is seen of it
_FAINT = 0.25  # how much of the photograph is seen behind a wavelet


# How messages are made.


def setup(shown: Decomposition, *, run: int, controls: Controls) -> Message:
    """Return all that stays as it is until another picture or representation is chosen."""
    bands = shown.frame.transform.bands
    _, height, width = shown.image.shape
    content: Setup = {
        **controls,
        "type": "setup",
        "run": run,
        "photographs": [{"name": sample.name, "title": sample.title} for sample in images.SAMPLES.values()],
        "drawings": [{"name": drawing.name, "title": drawing.title} for drawing in DRAWINGS.values()],
        "names": choices.NAMES,
        "size": (height, width),
        "n": shown.frame.n,
        "bands": run_messages.tiles(bands),
        "directional": mosaic.is_directional(bands),
        "mosaic": run_messages.layout(bands),
        "colours": mosaic.COLOURS,
        "energies": list(shown.frame.energies().values()),
        "lines": {key: _line(expansion.magnitudes) for key, expansion in shown.expansions.items()},
        "decays": {key: _decay(expansion.magnitudes) for key, expansion in shown.expansions.items()},
    }
    return Message(content, [images.to_jpeg(shown.image), cells.levels(shown).tobytes()])


def state(controls: Controls) -> Message:
    """Return where the controls stand."""
    content: State = {**controls, "type": "state"}
    return Message(content, [])


def kept(
    shown: Decomposition,
    approximations: Mapping[str, Tensor],
    *,
    run: int,
    k: int,
    mask: Booleans,
    bands_off: Collection[str],
    answers: int | None,
) -> Message:
    """Return what the k largest give.

    Args:
        shown: the picture and its coefficients.
        approximations: (3, H, W) of each expansion.
        run: which setup it belongs to.
        k: how many are kept.
        mask: which of the representation's numbers are.
        bands_off: the names of the bands that are switched off.
        answers: the number of the page's request, if it was one.
    """
    bits = np.packbits(cells.reduced(shown.frame.transform.bands, mask))
    # A browser decodes one picture faster than four.
    sheet, rows = below_each_other(list(approximations.values()))
    content: Kept = {
        "type": "kept",
        "run": run,
        "k": k,
        "count": int(np.count_nonzero(mask)),
        "off": sorted(bands_off),
        "psnr": {key: finite(sparsity.psnr(shown.image, picture)) for key, picture in approximations.items()},
        "strip": rows,
        "answers": answers,
    }
    return Message(content, [bits.tobytes(), images.to_jpeg(sheet)])


def figures(
    shown: Decomposition, ssim: Mapping[str, float], *, run: int, k: int, mask: Booleans, bands_off: Collection[str]
) -> Message:
    """Return what takes longer about the k largest: SSIM, and how much of each band's energy is kept."""
    content: FiguresMessage = {
        "type": "figures",
        "run": run,
        "k": k,
        "off": sorted(bands_off),
        "ssim": dict(ssim),
        "energies": list(shown.frame.energies(mask).values()),
    }
    return Message(content, [])


def curves(shown: Decomposition, *, run: int, complete: bool) -> Message:
    """Return PSNR and SSIM over k, as far as they are known."""
    found: dict[str, Curve] = {}
    for key, curve in shown.curves.items():
        points: list[tuple[int, Quality]] = sorted(curve.points.items())
        found[key] = {
            "k": [k for k, _ in points],
            "psnr": [finite(quality.psnr) for _, quality in points],
            "ssim": [quality.ssim for _, quality in points],
        }
    content: CurvesMessage = {"type": "curves", "run": run, "curves": found, "complete": complete}
    return Message(content, [])


def coefficient(shown: Decomposition, *, run: int, band: int, cell: tuple[int, int]) -> Message:
    """Return one coefficient, the largest of its cell, and the picture that it stands for."""
    transform, importance = shown.frame.transform, shown.frame.importance
    of_band, layout = transform.bands[band], mosaic.layout(transform.bands)
    tile = layout.tiles[band]
    if cell[0] not in range(tile.rows) or cell[1] not in range(tile.columns):
        raise ValueError(
            f"row={cell[0]}, column={cell[1]} is no cell of the band {of_band.name}; allowed are 0 to {tile.rows - 1} "
            f"and 0 to {tile.columns - 1}"
        )
    row, column = cells.largest(of_band, importance, cell, layout.factor)
    index = of_band.start + row * of_band.shape[1] + column
    values = of_band.of(shown.frame.coefficients[0])[..., row, column].reshape(3, -1)
    wave = sparsity.atom(transform, of_band, row, column)
    grey = sparsity.luminance(shown.image) - 0.5
    picture = 0.5 + _FAINT * grey + (0.5 - _FAINT / 2) * wave / wave.abs().amax().clamp(min=1e-12)
    seen = (wave.abs() > _SEEN * wave.abs().amax()).nonzero()
    larger = np.count_nonzero(importance > importance[index])
    before = np.count_nonzero(importance[:index] == importance[index])
    (top, left), (bottom, right) = seen.amin(0).tolist(), seen.amax(0).tolist()
    content: PickedCoefficient = {
        "type": "picked",
        "kind": "coefficient",
        "run": run,
        "band": band,
        "cell": cell,
        "row": row,
        "column": column,
        "magnitude": float(importance[index]),
        "rank": int(larger + before + 1),
        "support": (top, left, bottom, right),
        "values": values.norm(dim=1).tolist() if of_band.parts > 1 else values[:, 0].tolist(),
    }
    return Message(content, [images.to_jpeg(picture.expand(3, -1, -1))])


def pixel(shown: Decomposition, *, run: int, row: int, column: int) -> Message:
    """Return which coefficients cover a pixel, each measured by the strongest of its band."""
    bands = shown.frame.transform.bands
    values = sparsity.covering(shown.frame.transform, row, column).numpy()
    strengths = np.zeros_like(values)
    counts: dict[str, int] = {}
    for band in bands:
        own = np.abs(values[band.slice])
        if band.parts > 1:
            own = np.tile(np.hypot(*own.reshape(2, -1)), 2)
        top = max(float(own.max()), 1e-12)
        strengths[band.slice] = np.where(own >= _COVERS * top, own / top, 0)
        where = "lowpass" if band.orientation == "lowpass" else str(band.scale)
        counts[where] = counts.get(where, 0) + int(np.count_nonzero(strengths[band.slice])) // band.parts
    strongest = cells.reduced(bands, strengths)
    levels = np.where(strongest > 0, 1 + np.rint(254 * np.sqrt(strongest)), 0).astype(np.uint8)
    content: PickedPixel = {
        "type": "picked",
        "kind": "pixel",
        "run": run,
        "row": row,
        "column": column,
        "count": sum(counts.values()),
        "counts": counts,
    }
    return Message(content, [levels.tobytes()])


def below_each_other(pictures: Sequence[Tensor]) -> tuple[np.ndarray, int]:
    """Put pictures (3, H, W), cut off to [0, 1], into one (rows of all, W, 3) uint8; return it and the rows of each.

    Those are whole blocks of JPEG, so that none shines into the next.
    """
    _, height, width = pictures[0].shape
    rows = height + -height % _BLOCK
    sheet = np.empty((len(pictures) * rows, width, 3), dtype=np.uint8)
    for i, picture in enumerate(pictures):
        levels = picture.clamp(0, 1).mul_(255).round_().to(torch.uint8)
        sheet[i * rows : i * rows + height] = levels.permute(1, 2, 0).numpy()
        sheet[i * rows + height : (i + 1) * rows] = sheet[i * rows + height - 1]
    return sheet, rows


def _line(magnitudes: Floats) -> Line:
    """Return sorted magnitudes at ranks that are evenly spaced on a logarithmic axis."""
    ranks = log_spaced(1, magnitudes.size, _LINE_POINTS)
    values = magnitudes[ranks - 1].astype(float)
    return {"rank": ranks.tolist(), "magnitude": [value if value > 0 else None for value in values.tolist()]}


def _decay(magnitudes: Floats) -> Decay:
    """Fit a power law to sorted magnitudes."""
    law = sparsity.fit_decay(magnitudes)
    return {"rate": finite(law.rate), "scale": finite(law.scale), "first": law.first, "last": law.last}
