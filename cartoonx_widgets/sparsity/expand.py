"""An image in the basis or frame that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.representations import Pixel
from cartoonx_widgets.sparsity.bases import Cosine, Fourier
from cartoonx_widgets.sparsity.expansion import Expansion, Frame, check_image

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.representations import Representation


def expand(image: Tensor, basis: Representation | str) -> Expansion:
    """Expand an image in a basis or frame.

    Args:
        image: (3, H, W), floats.
        basis: a representation, or "pixels", "fourier" or "cosine" for the orthonormal bases of that name.

    Raises:
        ImageError: the image has another shape.
        ValueError: an unknown name, or a representation that does not fit the image's size.
        TypeError: something that is no representation.
    """
    check_image(image)
    if basis == "fourier":
        return Fourier(image)
    if basis == "cosine":
        return Cosine(image)
    if basis == "pixels":
        return Frame(image, Pixel().transform((image.shape[1], image.shape[2])), "pixels")
    allowed = "'pixels', 'fourier', 'cosine', or a representation such as Wavelet('haar')"
    if isinstance(basis, str):
        raise ValueError(f"basis={basis!r} is unknown; choose {allowed}")  # noqa: TRY004 - a name that is not known
    if not callable(getattr(basis, "transform", None)):
        raise TypeError(f"basis={basis!r} is no representation; give {allowed}")
    size = (image.shape[1], image.shape[2])
    return Frame(image, basis.transform(size, device=image.device, dtype=image.dtype))
