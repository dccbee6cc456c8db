"""What is put where the mask deletes.

Every obfuscation is a raw draw, shifted and scaled to each coefficient: location + scale * draw. The raw draws
alone are random, so that a recorded run can be replayed with its own.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, get_args, runtime_checkable

import torch

from cartoonx_widgets._checks import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Generator, Tensor

    from cartoonx_widgets.representations import Transform

Statistics = Literal["scale", "band"]
Colours = Literal["each", "shared"]


class Obfuscation(Protocol):
    """What replaces the deleted coefficients, adapted to those of each image.

    Attributes:
        random: whether it draws noise; where it does not, one sample is enough.
        colours: "each" colour has draws of its own, or one draw is "shared" by them.
    """

    @property
    def random(self) -> bool: ...  # noqa: D102 - see Attributes

    @property
    def colours(self) -> Colours: ...  # noqa: D102

    def adapt(self, image: Tensor, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:
        """Return location and scale, each (B, 1 or C, N), for images (B, C, H, W) with coefficients (B, C, N)."""
        ...

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Draw raw noise of this shape, on the generator's device."""
        ...


@runtime_checkable
class Antithetic(Protocol):
    """Noise whose draws have opposites, which are as likely: the mean of both is the mean of the noise."""

    def opposite(self, draw: Tensor) -> Tensor:
        """Return the opposite of a raw draw."""
        ...


@dataclass(frozen=True, kw_only=True)
class _AdaptedNoise:
    """Noise adapted to the mean and standard deviation of the coefficients that it replaces.

    Attributes:
        per: over what these are taken, for each image: the lowpass and each "scale" with all its orientations, or
            each "band" alone.
        colours: "each" colour has noise of its own, with the statistics of all colours together; or the noise is
            "shared" by the colours, grey, with the statistics of the grey image, as in ShearletX.
    """

    random: ClassVar[bool] = True
    per: Statistics = "scale"
    colours: Colours = "each"

    def __post_init__(self) -> None:
        one_of("per", self.per, get_args(Statistics))
        one_of("colours", self.colours, get_args(Colours))

    def _moments(self, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation, each (B, 1, N)."""
        if self.colours == "shared":
            coefficients = coefficients.mean(1, keepdim=True)
        mean = coefficients.new_empty(len(coefficients), 1, transform.n_coefficients)
        deviation = torch.empty_like(mean)
        groups: Sequence[slice] = [band.slice for band in transform.bands] if self.per == "band" else transform.scales()
        for group in groups:
            values = coefficients[..., group].flatten(1)
            mean[..., group] = values.mean(1)[:, None, None]
            alone = values.shape[1] == 1  # one value does not deviate
            deviation[..., group] = values.std(1, correction=0 if alone else 1)[:, None, None]
        return mean, deviation


class GaussianNoise(_AdaptedNoise):
    """Gaussian noise, mean + deviation * N(0, 1): "adaptive Gaussian noise" (CartoonX, ECCV 2022, section 4.2)."""

    def adapt(self, image: Tensor, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return location and scale, each (B, 1, N), for coefficients (B, C, N)."""
        return self._moments(coefficients, transform)

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Draw raw N(0, 1) noise of this shape, on the generator's device."""
        return torch.randn(shape, generator=generator, device=generator.device, dtype=torch.float32)

    def opposite(self, draw: Tensor) -> Tensor:
        """Return the opposite of a raw draw: its negative."""
        return -draw


class UniformNoise(_AdaptedNoise):
    """Uniform noise between mean - deviation and mean + deviation (WaveletX and ShearletX, CVPR 2023, section 4)."""

    def adapt(self, image: Tensor, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return location (the lower end) and scale (the width), each (B, 1, N), for coefficients (B, C, N)."""
        mean, deviation = self._moments(coefficients, transform)
        return mean - deviation, 2 * deviation

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Draw raw noise, uniform in [0, 1), of this shape, on the generator's device."""
        return torch.rand(shape, generator=generator, device=generator.device, dtype=torch.float32)

    def opposite(self, draw: Tensor) -> Tensor:
        """Return the opposite of a raw draw u: 1 - u."""
        return 1 - draw


class _Fixed:
    """An obfuscation without randomness."""

    random: ClassVar[bool] = False
    colours: ClassVar[Colours] = "each"

    def draw(self, shape: tuple[int, ...], generator: Generator) -> Tensor:
        """Return zeros of this shape: there is nothing to draw."""
        return torch.zeros(shape, device=generator.device)


@dataclass(frozen=True)
class Zeros(_Fixed):
    """Deleted coefficients are 0: the classifier sees the cartoon itself."""

    def adapt(self, image: Tensor, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return location and scale, each zeros (B, 1, N)."""
        zeros = torch.zeros_like(coefficients[:, :1])
        return zeros, zeros


@dataclass(frozen=True)
class BlurredImage(_Fixed):
    """Deleted coefficients are those of the blurred photograph, h(g * x) (extremal perturbations, ICCV 2019).

    Attributes:
        sigma: standard deviation of the Gaussian blur g in pixels, above 0.

    Raises:
        ValueError: `sigma` out of range.
    """

    _: KW_ONLY
    sigma: float = 20.0

    def __post_init__(self) -> None:
        if isinstance(self.sigma, bool) or not isinstance(self.sigma, Real) or not 0 < self.sigma < math.inf:
            raise ValueError(f"sigma={self.sigma!r} must be a finite number of pixels above 0")

    def adapt(self, image: Tensor, coefficients: Tensor, transform: Transform) -> tuple[Tensor, Tensor]:
        """Return location (B, C, N), and a scale of zeros (B, 1, N), for images (B, C, H, W)."""
        from skimage.filters import gaussian  # noqa: PLC0415 - slow to import

        blurred = gaussian(  # type: ignore[no-untyped-call]
            image.detach().cpu().numpy(), sigma=(0, 0, self.sigma, self.sigma), mode="nearest"
        )
        return transform.analyse(torch.as_tensor(blurred).to(image)), torch.zeros_like(coefficients[:, :1])
