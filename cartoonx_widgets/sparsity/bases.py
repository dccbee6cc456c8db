"""The orthonormal bases that representations are compared with: Fourier and cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cartoonx_widgets.sparsity.expansion import Expansion, check_image, first_groups
from cartoonx_widgets.sparsity.thresholds import threshold

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    from cartoonx_widgets.sparsity.expansion import Booleans
    from cartoonx_widgets.sparsity.thresholds import Kind


class Fourier(Expansion):
    """The discrete Fourier transform, orthonormal: N = H W positions, row by row as `torch.fft.fft2` has them.

    An image is real, so coefficients of opposite frequencies are conjugates of each other. They are kept together and
    count as two, and the approximation is real.

    Attributes:
        spectrum: the half of the spectrum that `torch.fft.rfft2` gives, (3, H, W // 2 + 1), complex.
    """

    name = "fourier"

    def __init__(self, image: Tensor) -> None:
        check_image(image)
        self.image = image
        self.spectrum = torch.fft.rfft2(image, norm="ortho")
        height, width = self._size = (image.shape[1], image.shape[2])
        rows, columns = np.indices(self._size, dtype=np.int32)
        opposite = (-rows % height) * width + (-columns % width)
        positions = rows * width + columns
        # Of a pair, the one that the half spectrum holds; of those two that it holds, the first.
        held = np.where(columns <= width // 2, positions, opposite)
        both = (columns <= width // 2) & (opposite % width <= width // 2)
        self._leaders = np.where(both, np.minimum(positions, opposite), held).ravel()
        half = (self.spectrum.real.square() + self.spectrum.imag.square()).sum(0).sqrt().cpu().numpy()
        lead_rows, lead_columns = np.divmod(self._leaders, width)
        self.importance = half[lead_rows, lead_columns]

    def synthesise(self, mask: Booleans) -> Tensor:
        """Return the image (3, H, W) of the coefficients that a mask (N,) keeps."""
        half = torch.from_numpy(mask.reshape(self._size)[:, : self.spectrum.shape[-1]]).to(self.spectrum.device)
        image: Tensor = torch.fft.irfft2(self.spectrum * half, s=self._size, norm="ortho")
        return image

    def thresholded(self, size: float | Tensor, kind: Kind) -> Tensor:
        """Return the image (3, H, W) of the coefficients after a threshold on their modulus."""
        image: Tensor = torch.fft.irfft2(threshold(self.spectrum, size, kind), s=self._size, norm="ortho")
        return image

    def _first(self, equal: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.intp]:
        return equal[first_groups(self._leaders[equal], count)]


class Cosine(Expansion):
    """The discrete cosine transform of type II, orthonormal, of the whole image: N = H W positions, row by row.

    Attributes:
        coefficients: (3, H, W).
    """

    name = "cosine"

    def __init__(self, image: Tensor) -> None:
        from scipy import fft  # type: ignore[import-untyped]  # noqa: PLC0415 - takes a while, and few need it

        check_image(image)
        self.image = image
        self.coefficients: np.ndarray = fft.dctn(image.cpu().numpy(), axes=(1, 2), norm="ortho")
        self.importance = np.sqrt(np.square(self.coefficients).sum(0)).ravel()

    def synthesise(self, mask: Booleans) -> Tensor:
        """Return the image (3, H, W) of the coefficients that a mask (N,) keeps."""
        return self._image(self.coefficients * mask.reshape(self.coefficients.shape[1:]))

    def thresholded(self, size: float | Tensor, kind: Kind) -> Tensor:
        """Return the image (3, H, W) of the coefficients after a threshold."""
        return self._image(threshold(torch.from_numpy(self.coefficients), size, kind).numpy())

    def _image(self, coefficients: np.ndarray) -> Tensor:
        """Synthesise, and overwrite the coefficients."""
        from scipy import fft  # noqa: PLC0415

        image = fft.idctn(coefficients, axes=(1, 2), norm="ortho", overwrite_x=True)
        return torch.from_numpy(image).to(self.image.device)
