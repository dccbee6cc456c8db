"""What the page of the sparsity lab is told: JSON for small things, bytes for pictures and the mosaic's cells."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cartoonx_widgets import images, mosaic, sparsity
from cartoonx_widgets.drawings import DRAWINGS
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.sparsity_lab import choices
from cartoonx_widgets.widgets.sparsity_lab.decomposition import finite

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.representations import Band
    from cartoonx_widgets.sparsity.expansion import Booleans, Floats
    from cartoonx_widgets.widgets.sparsity_lab.decomposition import Decomposition, Quality

_DECADES = 4  # how far below the largest coefficient the mosaic's colours reach
_LINE_POINTS = 160
_COVERS = 0.01  # of the largest value in its band: a coefficient's picture has at least this much at a pixel it covers
_BLOCK = 8  # pixels a side, in which JPEG works
_SEEN = 0.05  # of a wavelet's largest value: where it has less, nothing is seen of it
_FAINT = 0.25  # how much of the photograph is seen behind a wavelet


def setup(shown: Decomposition, *, run: int, state: dict[str, Any]) -> Message:
    """All that stays as it is until another picture or representation is chosen.

    Buffers: the photograph (JPEG), and the mosaic's cells (uint8).
    """
    bands = shown.frame.transform.bands
    placed = mosaic.layout(bands)
    decays = {key: sparsity.fit_decay(expansion.magnitudes) for key, expansion in shown.expansions.items()}
    content = {
        "type": "setup",
        "run": run,
        "photographs": [dataclasses.asdict(sample) for sample in images.SAMPLES.values()],
        "drawings": [dataclasses.asdict(drawing) for drawing in DRAWINGS.values()],
        "names": choices.NAMES,
        "size": list(shown.image.shape[1:]),
        "n": shown.frame.n,
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
        "energies": list(shown.frame.energies().values()),
        "lines": {key: _line(expansion.magnitudes) for key, expansion in shown.expansions.items()},
        "decays": {
            key: {name: finite(value) for name, value in decay._asdict().items()} for key, decay in decays.items()
        },
        **state,
    }
    return Message(content, [images.to_jpeg(shown.image), _in_cells(shown).tobytes()])


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
    """What the k largest give.

    Args:
        shown: the picture and its coefficients.
        approximations: (3, H, W) of each expansion.
        run: which setup it belongs to.
        k: how many are kept.
        mask: which of the representation's numbers are.
        bands_off: the names of the bands that are switched off.
        answers: the number of the page's request, if it was one.

    Buffers: which cells of the mosaic are kept, eight to a byte; and the approximations below each other in one picture
    (JPEG), each in as many rows as `strip` says: a browser decodes one picture faster than four.
    """
    cells = np.packbits(_reduced_all(shown.frame.transform.bands, mask))
    sheet, rows = _below_each_other(list(approximations.values()))
    content = {
        "type": "kept",
        "run": run,
        "k": k,
        "count": int(np.count_nonzero(mask)),
        "off": sorted(bands_off),
        "psnr": {key: finite(sparsity.psnr(shown.image, picture)) for key, picture in approximations.items()},
        "strip": rows,
        "answers": answers,
    }
    return Message(content, [cells.tobytes(), images.to_jpeg(sheet)])


def figures(
    shown: Decomposition, ssim: Mapping[str, float], *, run: int, k: int, mask: Booleans, bands_off: Collection[str]
) -> Message:
    """What takes longer about the k largest: SSIM, and how much of each band's energy is kept."""
    content = {
        "type": "figures",
        "run": run,
        "k": k,
        "off": sorted(bands_off),
        "ssim": dict(ssim),
        "energies": list(shown.frame.energies(mask).values()),
    }
    return Message(content, [])


def curves(shown: Decomposition, *, run: int, complete: bool) -> Message:
    """PSNR and SSIM over k, as far as they are known."""
    found = {}
    for key, curve in shown.curves.items():
        points: list[tuple[int, Quality]] = sorted(curve.points.items())
        found[key] = {
            "k": [k for k, _ in points],
            "psnr": [finite(quality.psnr) for _, quality in points],
            "ssim": [quality.ssim for _, quality in points],
        }
    return Message({"type": "curves", "run": run, "curves": found, "complete": complete}, [])


def coefficient(shown: Decomposition, *, run: int, band: int, cell: tuple[int, int]) -> Message:
    """One coefficient, the largest of its cell, and the picture that it stands for.

    Buffers: that picture around middle grey, over the faint photograph (JPEG).
    """
    transform, importance = shown.frame.transform, shown.frame.importance
    chosen = transform.bands[band]
    row, column = _largest(chosen, importance, cell, mosaic.layout(transform.bands).factor)
    index = chosen.start + row * chosen.shape[1] + column
    values = chosen.of(shown.frame.coefficients[0])[..., row, column].reshape(3, -1)
    wave = sparsity.atom(transform, chosen, row, column)
    grey = sparsity.luminance(shown.image) - 0.5
    picture = 0.5 + _FAINT * grey + (0.5 - _FAINT / 2) * wave / wave.abs().amax().clamp(min=1e-12)
    seen = (wave.abs() > _SEEN * wave.abs().amax()).nonzero()
    larger = np.count_nonzero(importance > importance[index])
    before = np.count_nonzero(importance[:index] == importance[index])
    content = {
        "type": "picked",
        "kind": "coefficient",
        "run": run,
        "band": band,
        "cell": list(cell),
        "row": row,
        "column": column,
        "magnitude": float(importance[index]),
        "rank": int(larger + before + 1),
        "support": [*seen.amin(0).tolist(), *seen.amax(0).tolist()],
        "values": values.norm(dim=1).tolist() if chosen.parts > 1 else values[:, 0].tolist(),
    }
    return Message(content, [images.to_jpeg(picture.expand(3, -1, -1))])


def pixel(shown: Decomposition, *, run: int, row: int, column: int) -> Message:
    """Which coefficients cover a pixel.

    Buffers: for each cell of the mosaic, how strongly the strongest of its coefficients does, 0 to 255, over the
    strongest of its band; 0 where none does.
    """
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
    cells = _reduced_all(bands, strengths)
    levels = np.where(cells > 0, 1 + np.rint(254 * np.sqrt(cells)), 0).astype(np.uint8)
    content = {
        "type": "picked",
        "kind": "pixel",
        "run": run,
        "row": row,
        "column": column,
        "count": sum(counts.values()),
        "counts": counts,
    }
    return Message(content, [levels.tobytes()])


def _in_cells(shown: Decomposition) -> np.ndarray:
    """The mosaic's cells as uint8: details by the logarithm of their size, the lowpass and pixels as a grey picture."""
    bands = shown.frame.transform.bands
    sizes = _reduced_all(bands, shown.frame.importance)
    placed = mosaic.layout(bands)
    details = [tile for band, tile in zip(bands, placed.tiles, strict=True) if not _is_picture(band)]
    largest = max((float(sizes[tile.start : tile.stop].max()) for tile in details), default=1.0)
    with np.errstate(divide="ignore"):
        levels = 255 * (1 + np.log10(sizes / max(largest, 1e-12)) / _DECADES)
    cells: np.ndarray = np.rint(np.clip(levels, 0, 255)).astype(np.uint8)
    for band, tile in zip(bands, placed.tiles, strict=True):
        if _is_picture(band):
            grey = sparsity.luminance(band.of(shown.frame.coefficients[0])).numpy()
            picture = _largest_of(grey, placed.factor).ravel()
            low, high = (0.0, 1.0) if band.orientation == "pixels" else (float(picture.min()), float(picture.max()))
            span = max(high - low, 1e-12)
            cells[tile.start : tile.stop] = np.rint(255 * np.clip((picture - low) / span, 0, 1)).astype(np.uint8)
    return cells


def _below_each_other(pictures: Sequence[Tensor]) -> tuple[np.ndarray, int]:
    """Pictures (3, H, W), cut off to [0, 1], as one (rows of all, W, 3) in uint8; and how many rows each has in it.

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


def _is_picture(band: Band) -> bool:
    return band.orientation in ("lowpass", "pixels")


def _reduced_all(bands: Sequence[Band], values: np.ndarray) -> np.ndarray:
    """Values (N,) in the mosaic's cells; the largest, where a cell stands for several."""
    factor = mosaic.layout(bands).factor
    if factor == 1 and all(band.parts == 1 for band in bands):
        return values
    sizes = [band.shape[0] * band.shape[1] for band in bands]
    pictures = [values[band.start :][:size].reshape(band.shape) for band, size in zip(bands, sizes, strict=True)]
    return np.concatenate([_largest_of(picture, factor).ravel() for picture in pictures])


def _largest_of(picture: np.ndarray, factor: int) -> np.ndarray:
    """The largest value of each block of factor x factor, of which the last ones may be smaller."""
    if factor == 1:
        return picture
    rows, columns = (-side % factor for side in picture.shape)
    if rows or columns:
        picture = np.pad(picture, ((0, rows), (0, columns)), mode="edge")
    # Whole rows first: that is by far the faster way to take the largest of many small blocks.
    rows_taken = functools.reduce(np.maximum, [picture[i::factor] for i in range(factor)])
    return functools.reduce(np.maximum, [rows_taken[:, i::factor] for i in range(factor)])


def _largest(band: Band, importance: Floats, cell: tuple[int, int], factor: int) -> tuple[int, int]:
    """Row and column of the largest coefficient of a cell."""
    rows, columns = band.shape
    picture = importance[band.start : band.start + rows * columns].reshape(rows, columns)
    top, left = (factor * place for place in cell)
    block = picture[top : top + factor, left : left + factor]
    row, column = np.unravel_index(int(block.argmax()), block.shape)
    return top + int(row), left + int(column)


def _line(magnitudes: Floats) -> dict[str, list[Any]]:
    """Sorted magnitudes at ranks that are evenly spaced on a logarithmic axis."""
    ranks = np.unique(np.geomspace(1, magnitudes.size, _LINE_POINTS).round().astype(int))
    values = magnitudes[ranks - 1].astype(float)
    return {"rank": ranks.tolist(), "magnitude": [value if value > 0 else None for value in values.tolist()]}
