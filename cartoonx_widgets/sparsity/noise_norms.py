"""How strong white noise is in each band: the norms of the atoms that analyse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets.representations.shearlet import ShearletTransform
from cartoonx_widgets.sparsity.atoms import of_bands, remembered

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.representations import Band, Transform


@remembered
def noise_norms(transform: Transform) -> tuple[float, ...]:
    """Return the standard deviation in the middle of each band for white noise of standard deviation 1.

    It is the norm of the analysing atom, whose inner product with the image is the coefficient. In an orthonormal basis
    all are 1. For a complex band it is the root mean square of both parts' norms.
    """
    if transform.on_pixels:
        return (1.0,)
    if isinstance(transform, ShearletTransform):  # the same filter at every pixel, so that one impulse shows all
        impulse = torch.zeros(1, 1, *transform.size, dtype=transform.dtype, device=transform.device)
        impulse[..., 0, 0] = 1
        answer = transform.analyse(impulse)
        return tuple(float(band.of(answer).norm()) for band in transform.bands)
    image = torch.zeros(1, 1, *transform.size, dtype=transform.dtype, device=transform.device, requires_grad=True)
    with torch.enable_grad():
        numbers = transform.analyse(image)[0, 0]
    return of_bands(transform, lambda band: _norm(image, numbers, band))


def _norm(image: Tensor, numbers: Tensor, band: Band) -> float:
    rows, columns = band.shape
    squares = 0.0
    for part in range(band.parts):
        index = band.start + (part * rows + rows // 2) * columns + columns // 2
        [picture] = torch.autograd.grad(numbers[index], image, retain_graph=True)
        squares += float(picture.square().sum())
    return math.sqrt(squares / band.parts)
