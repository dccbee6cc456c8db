"""What the lab's denoising and its page send each other."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

# To the page.


class Denoised(TypedDict):
    """What thresholds leave of the picture with noise.

    Buffer: the pictures below each other in one (JPEG), in the order of `psnr`.

    Attributes:
        run: which setup it belongs to.
        sigma: standard deviation of the noise.
        kind: of the threshold.
        threshold: in standard deviations of the noise; null for the universal one.
        by_scale: of each scale, from the finest on, a threshold of its own; null where it has none.
        universal: the representation's universal threshold, in standard deviations of the noise.
        psnr: of the picture with noise, by "noisy", and of each denoised one, in dB; null where it is infinite.
        strip: rows of each in the picture.
        answers: number of the page's request; null where Python asked.
    """

    type: Literal["denoised"]
    run: int
    sigma: float
    kind: Literal["hard", "soft"]
    threshold: float | None
    by_scale: list[float | None]
    universal: float
    psnr: dict[str, float | None]
    strip: int
    answers: int | None


class DenoisedFigures(TypedDict):
    """SSIM of the pictures that were sent last, which takes longer."""

    type: Literal["denoised_figures"]
    run: int
    ssim: dict[str, float]


class DenoisingStopped(TypedDict):
    """Nothing is denoised any more."""

    type: Literal["denoising_stopped"]


# From the page.


class Denoise(TypedDict):
    """Add noise and take it out again; the fields are as in `Denoised`."""

    type: Literal["denoise"]
    sigma: float
    kind: Literal["hard", "soft"]
    threshold: float | None
    by_scale: list[float | None]
    answers: NotRequired[int | None]


class StopDenoising(TypedDict):
    """Denoise nothing any more."""

    type: Literal["stop_denoising"]
