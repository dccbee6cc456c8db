"""How a mask is parametrised, and where it starts.

The optimiser moves parameters (B, 1, P) in [0, 1]; a mask (B, 1, N) in [0, 1] is made from them. A free mask is
its own parameters; a smooth one has far fewer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import torch
from torch.nn import functional

from cartoonx_widgets._checks import number, share, whole

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.representations import Transform

Start: TypeAlias = "float | Literal['gradient']"
GRADIENT = "gradient"
_FULL_SIDE, _FULL_STEP, _FULL_SIGMA = 224, 7, 21.0  # pixels, of the smooth mask as published


class MaskModel(Protocol):
    """A parametrisation of masks."""

    def start(self, transform: Transform, count: int) -> Tensor:
        """Return the first parameters (B, 1, P) for `count` = B images.

        Raises:
            ValueError: the mask does not fit the representation.
        """
        ...

    def mask(self, parameters: Tensor, transform: Transform) -> Tensor:
        """Return masks (B, 1, N) in [0, 1] of parameters (B, 1, P) in [0, 1]; differentiable."""
        ...


@dataclass(frozen=True)
class FreeMask:
    """Every entry of the mask is free, s in [0, 1]^N.

    Attributes:
        initial: the value at which all entries start, in [0, 1]; 1, as published, keeps everything. "gradient" starts
            each entry at the share of entries whose gradient is smaller (StartGrad, ICLR 2025).

    Raises:
        ValueError: `initial` out of range.
    """

    initial: Start = 1.0

    def __post_init__(self) -> None:
        _check_initial(self.initial)

    def start(self, transform: Transform, count: int) -> Tensor:
        """Return the constant mask, (B, 1, N); with "gradient" ones, which `Optimization` then replaces."""
        shape = (count, 1, transform.n_coefficients)
        return torch.full(shape, _constant(self.initial), device=transform.device, dtype=transform.dtype)

    def mask(self, parameters: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return the parameters themselves, (B, 1, N)."""
        return parameters


@dataclass(frozen=True, eq=False)
class GivenMask:
    """Every entry is free, and starts from a given mask, such as that of an earlier run.

    Attributes:
        values: (N,), shared by all images, or (B, 1, N), in [0, 1].

    Raises:
        TypeError: `values` does not hold numbers.
        ValueError: a value outside [0, 1].
    """

    values: Tensor = field(repr=False)

    def __post_init__(self) -> None:
        try:
            values = torch.as_tensor(self.values)
        except (TypeError, ValueError, RuntimeError):
            raise TypeError(f"values={self.values!r} must be numbers, such as the mask of an explanation") from None
        if not ((values >= 0) & (values <= 1)).all():
            least, most = float(values.min()), float(values.max())
            raise ValueError(f"values lie between {least:g} and {most:g}; a mask needs values in [0, 1]")

    def start(self, transform: Transform, count: int) -> Tensor:
        """Return the given mask for each image, (B, 1, N)."""
        values = torch.as_tensor(self.values).detach()
        shape, n = (count, 1, transform.n_coefficients), transform.n_coefficients
        if tuple(values.shape) not in {(n,), (1, 1, n), shape}:
            raise ValueError(
                f"values has shape {tuple(values.shape)}; this representation needs a mask of shape ({n},) or {shape}"
            )
        for band in transform.bands:
            if band.parts > 1 and (band.of(values) != band.of_mask(values).unsqueeze(-3)).any():
                raise ValueError(
                    f"values of band {band.name!r} differ between real and imaginary part: give both the same"
                )
        return values.to(transform.device, transform.dtype).expand(shape).clone()

    def mask(self, parameters: Tensor, transform: Transform) -> Tensor:  # noqa: ARG002
        """Return the parameters themselves, (B, 1, N)."""
        return parameters


@dataclass(frozen=True, kw_only=True)
class SmoothMask:
    """A smooth mask on pixels, by a smooth maximum of bumps on a coarse grid.

    s(u) = smax_v k(d) a(v), d the distance of u and v, with parameters a on a grid of spacing `step`, the bump
    k(d) = exp(-2 max(0, d / sigma - 1/2)^2) within d <= sigma, and smax the mean with weights exp(. / temperature)
    (Fong, Patrick and Vedaldi, ICCV 2019). It is evaluated at the grid's points and interpolated linearly in between,
    which hardly differs, since the bumps are much wider than the grid's spacing.

    Attributes:
        initial: the value at which all parameters start, in [0, 1]; "gradient" starts each at the share of parameters
            whose gradient is smaller (StartGrad, ICLR 2025).
        step: spacing of the grid in pixels, at least 1. None takes 1/32 of the image's shorter side, at most 7, the
            paper's spacing at 224 pixels.
        sigma: radius of a bump in pixels, above 0. None takes 3/32 of the image's shorter side, at most 21, the
            paper's radius at 224 pixels; on smaller images such bumps would cover everything.
        temperature: of the smooth maximum, above 0; towards 0 it becomes the maximum.

    Raises:
        ValueError: a setting out of range.
    """

    initial: Start = 1.0
    step: int | None = None
    sigma: float | None = None
    temperature: float = 0.05

    def __post_init__(self) -> None:
        _check_initial(self.initial)
        if self.step is not None:
            whole("step", self.step, unit="pixels", more=", or None")
        if self.sigma is not None:
            number("sigma", self.sigma, above=0)
        number("temperature", self.temperature, above=0)

    def resolved(self, size: tuple[int, int]) -> SmoothMask:
        """Return the same mask with the spacing and the radius that it takes at `size` = (H, W)."""
        part = min(1.0, min(size) / _FULL_SIDE)
        step = max(1, round(_FULL_STEP * part)) if self.step is None else self.step
        return replace(self, step=step, sigma=_FULL_SIGMA * part if self.sigma is None else self.sigma)

    def start(self, transform: Transform, count: int) -> Tensor:
        """Return constant parameters (B, 1, P); with "gradient" ones, which `Optimization` then replaces."""
        if not transform.on_pixels:
            raise ValueError("a smooth mask lies on pixels: use representations.Pixel(), or a FreeMask")
        rows, columns = self._grid(transform)
        shape = (count, 1, rows * columns)
        return torch.full(shape, _constant(self.initial), device=transform.device, dtype=transform.dtype)

    def mask(self, parameters: Tensor, transform: Transform) -> Tensor:
        """Return masks (B, 1, H * W) in [0, 1]."""
        grid = self._grid(transform)
        own = self.resolved(transform.size)
        assert own.step is not None
        assert own.sigma is not None
        bumps = _bumps(own.step, own.sigma, parameters.device, parameters.dtype)
        reach = bumps.shape[0] // 2
        around = functional.pad(parameters.reshape(*parameters.shape[:-1], *grid), (reach,) * 4)
        values = functional.unfold(around, tuple(bumps.shape)) * bumps.flatten()[:, None]  # (B, neighbours, P)
        smooth = (values * (values / self.temperature).softmax(1)).sum(1).reshape(-1, 1, *grid)
        return functional.interpolate(smooth, size=transform.size, mode="bilinear", align_corners=True).flatten(2)

    def _grid(self, transform: Transform) -> tuple[int, int]:
        step = self.resolved(transform.size).step
        assert step is not None
        rows, columns = (1 + math.ceil((side - 1) / step) for side in transform.size)
        return rows, columns


def starts_by_gradient(mask: MaskModel) -> bool:
    """Return whether the parameters of a mask start at the quantiles of the gradient."""
    return isinstance(mask, FreeMask | SmoothMask) and mask.initial == GRADIENT


def _check_initial(initial: object) -> None:
    if initial == GRADIENT:
        return
    try:
        share("initial", initial)
    except ValueError:
        raise ValueError(f"initial={initial!r} must be a number in [0, 1], or 'gradient'") from None


def _constant(initial: Start) -> float:
    return 1.0 if isinstance(initial, str) else float(initial)


@lru_cache(maxsize=8)
def _bumps(step: int, sigma: float, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Return the bump k at the grid's points around one, (2 r + 1, 2 r + 1)."""
    reach = int(sigma / step)
    offsets = step * torch.arange(-reach, reach + 1, dtype=torch.float64)
    distance = torch.hypot(offsets[:, None], offsets)
    bumps = (-2 * (distance / sigma - 0.5).clamp(min=0).square()).exp() * (distance <= sigma)
    return bumps.to(device, dtype)  # once, since a copy to a device waits for it
