"""What a coefficient stands for: the picture that synthesis makes of it alone."""

from __future__ import annotations

import functools
import math
import weakref
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.representations.shearlet import ShearletTransform

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from torch import Tensor

    from cartoonx_widgets.representations import Band, Transform

    Norms: TypeAlias = Callable[[Transform], tuple[float, ...]]


def atom(transform: Transform, band: Band, row: int, column: int, part: int = 0) -> Tensor:
    """Return the image (H, W) that synthesis makes of one coefficient of value 1, all others being 0.

    Args:
        transform: the representation, fixed to an image size.
        band: one of its bands.
        row: the coefficient's row in the band.
        column: its column.
        part: 0, or 1 for the imaginary part of a complex coefficient.

    Raises:
        ValueError: there is no such coefficient.

    >>> from cartoonx_widgets.representations import Wavelet
    >>> haar = Wavelet("haar", levels=1).transform((16, 16))
    >>> atom(haar, haar.bands[0], 0, 0)[:3, :3].round(decimals=3).tolist()
    [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    """
    rows, columns = band.shape
    if row not in range(rows) or column not in range(columns) or part not in range(band.parts):
        position = f"row={row!r}, column={column!r}, part={part!r}"
        allowed = f"0 to {rows - 1}, 0 to {columns - 1} and 0 to {band.parts - 1}"
        raise ValueError(f"{position} is no coefficient of band {band.name}; allowed are {allowed}")
    one = torch.zeros(1, 1, transform.n_coefficients, dtype=transform.dtype, device=transform.device)
    one[..., band.start + (part * rows + row) * columns + column] = 1
    return transform.synthesise(one)[0, 0]


def covering(transform: Transform, row: int, column: int) -> Tensor:
    """Return the value of each coefficient's atom at one pixel, (N,): 0 where the atom does not cover the pixel.

    That is the adjoint of synthesis, applied to the image that is 1 at this pixel and 0 elsewhere.

    Raises:
        ValueError: there is no such pixel.
    """
    height, width = transform.size
    if row not in range(height) or column not in range(width):
        allowed = f"0 to {height - 1} and 0 to {width - 1}"
        raise ValueError(f"row={row!r}, column={column!r} is no pixel of the image; allowed are {allowed}")
    pixel = torch.zeros(1, 1, height, width, dtype=transform.dtype, device=transform.device)
    pixel[..., row, column] = 1
    return transform.adjoint(pixel)[0, 0]


def remembered(norms: Norms) -> Norms:
    """Remember the norms of each transform, which are much to compute."""
    known: weakref.WeakKeyDictionary[Transform, tuple[float, ...]] = weakref.WeakKeyDictionary()

    @functools.wraps(norms)
    def of(transform: Transform) -> tuple[float, ...]:
        if transform not in known:
            known[transform] = norms(transform)
        return known[transform]

    return of


@remembered
def norms(transform: Transform) -> tuple[float, ...]:
    """Return the Euclidean norm of the atom in the middle of each band, in the order of the bands.

    For a complex band it is the root mean square of both parts' norms. In an orthonormal basis all are 1.
    """
    if transform.on_pixels:
        return (1.0,)
    if isinstance(transform, ShearletTransform):
        return _shearlet_norms(transform)
    return of_bands(transform, lambda band: _norm(transform, band))


def of_bands(transform: Transform, norm: Callable[[Band], float]) -> tuple[float, ...]:
    """Return the norm of each band, computed once for those that are mirror images of each other."""
    found: dict[object, float] = {}
    square = transform.size[0] == transform.size[1]
    keys = [_mirrored(band, square=square) for band in transform.bands]
    for band, key in zip(transform.bands, keys, strict=True):
        if key not in found:
            value = norm(band)
            found[key] = 1.0 if abs(value - 1) < 1e-5 else value  # noqa: PLR2004 - orthonormal, but for rounding
    return tuple(found[key] for key in keys)


def _norm(transform: Transform, band: Band) -> float:
    middle = (band.shape[0] // 2, band.shape[1] // 2)
    squares = [float(atom(transform, band, *middle, part).square().sum()) for part in range(band.parts)]
    return math.sqrt(sum(squares) / band.parts)


def _mirrored(band: Band, *, square: bool) -> object:
    """Return the same for bands of which one is the other's mirror image, and so has pictures of the same norm."""
    if band.angle is None:
        return band.scale, band.orientation
    angle = abs(band.angle)
    return band.scale, min(angle, 90 - angle) if square else angle


def _shearlet_norms(transform: ShearletTransform) -> tuple[float, ...]:
    """Return norms by Parseval from the spectra, a fiftieth of the work: the dual shearlet's is spectrum / weights."""
    width = transform.size[1]
    twice = torch.full((transform.spectra.shape[-1],), 2.0, dtype=transform.dtype, device=transform.device)
    twice[0] = 1
    if width % 2 == 0:
        twice[-1] = 1
    weights = twice / transform.dual_weights.square()
    total = transform.size[0] * width
    return tuple(float(((spectrum.square() * weights).sum() / total).sqrt()) for spectrum in transform.spectra)
