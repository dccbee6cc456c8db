"""A method: the settings of a mask optimisation, checked when made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch

from cartoonx_widgets._checks import number, one_of, whole
from cartoonx_widgets._deprecated import renamed_arguments, warn_renamed
from cartoonx_widgets.masking.acceleration import Acceleration
from cartoonx_widgets.masking.distortions import Distortion, SquaredDifference
from cartoonx_widgets.masking.masks import FreeMask, MaskModel, SmoothMask
from cartoonx_widgets.masking.obfuscation import GaussianNoise, Obfuscation
from cartoonx_widgets.masking.penalties import AreaConstraint
from cartoonx_widgets.representations import Representation, Wavelet
from cartoonx_widgets.representations.sizes import resolved

Schedule = Literal["constant", "cosine"]
PENALTY_WEIGHTS = ("lambda_l1", "lambda_spatial_l1", "lambda_spatial_l2", "lambda_tv", "lambda_area")
STEERABLE = (*PENALTY_WEIGHTS, "learning_rate")
"""What can be moved during a run."""
_MOST_STEPS = 1_000_000
LARGE_STEPS = (60, 16)
"""Steps and samples of an accelerated run on a GPU, where a step costs more than its samples."""
LARGEST_WEIGHT = 1e9
"""Beyond it float32 has no room for sums."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """Settings of a mask optimisation, checked when made.

    Attributes:
        name: shown in widgets, figures and tables.
        representation: whose coefficients the mask multiplies.
        mask: how the mask is parametrised, and where it starts.
        obfuscation: what replaces deleted coefficients.
        distortion: how a change of the classifier's output is measured.
        lambda_l1: weight of the mask's mean entry, the lambda of the papers; at least 0, as all penalty weights.
        lambda_spatial_l1: weight of the grey cartoon's mean.
        lambda_spatial_l2: weight of the grey cartoon's root mean square.
        lambda_tv: weight of the total variation of a mask on pixels.
        lambda_area: weight of the distance from a mask that keeps the share `area`.
        area: the share of the mask's entries to keep, above 0 and below 1; None without that penalty.
        area_growth: factor of `lambda_area` from step to step, from 1 to 2.
        keep: the largest share of the coefficients that is kept, above 0 and below 1, by projection; it is reached in
            the first half of the run. None without a budget.
        learning_rate: of Adam; above 0.
        schedule: "constant", or "cosine": the learning rate falls as a half cosine to 0 over the steps.
        steps: how many steps a run takes; at least 1.
        samples: how many images the classifier sees in a step; at least 1. An obfuscation without noise takes one.
        on_gpu: (steps, samples) that a run on a GPU takes in place of these two; None for the same as on a CPU. Ignored
            by `==`, and None in the `method` of a run, whose `steps` and `samples` are those that it takes.
        clean_fraction: share of the distortion that is measured on the clean cartoon, without noise, in [0, 1). One of
            the samples is then the cartoon: in every step, or in every n-th where that would be too large a share.
        acceleration: settings of the descent with fewer samples; None descends as published.
        clamp: whether obfuscated images are clamped to [0, 1] before the classifier sees them.

    Raises:
        ValueError: a setting out of range.
        TypeError: a part of the wrong kind.
    """

    name: str
    representation: Representation = field(default_factory=Wavelet)
    mask: MaskModel = field(default_factory=FreeMask)
    obfuscation: Obfuscation = field(default_factory=GaussianNoise)
    distortion: Distortion = field(default_factory=SquaredDifference)
    lambda_l1: float = 0.0
    lambda_spatial_l1: float = 0.0
    lambda_spatial_l2: float = 0.0
    lambda_tv: float = 0.0
    lambda_area: float = 0.0
    area: float | None = None
    area_growth: float = 1.0
    keep: float | None = field(default=None, metadata={"added": "0.6"})
    learning_rate: float
    schedule: Schedule = "constant"
    steps: int
    samples: int
    on_gpu: tuple[int, int] | None = field(default=None, compare=False)
    clean_fraction: float = 0.0
    acceleration: Acceleration | None = None
    clamp: bool = True

    def __post_init__(self) -> None:
        self._check_parts()
        self._check_numbers()
        self._check_area()
        for setting in ("steps", "samples"):
            object.__setattr__(self, setting, whole(setting, getattr(self, setting), most=_MOST_STEPS))
        if self.on_gpu is not None:
            self.on(torch.device("cuda"))  # is checked there
        one_of("schedule", self.schedule, get_args(Schedule))
        if self.clean_fraction and self.samples < 2 and self.obfuscation.random:  # noqa: PLR2004
            raise ValueError(f"samples={self.samples} leaves no noisy sample beside the clean one: use 2 or more")
        one_of("clamp", self.clamp, (True, False))

    def _check_numbers(self) -> None:
        checked = {name: number(name, getattr(self, name), least=0, most=LARGEST_WEIGHT) for name in PENALTY_WEIGHTS}
        papers = "; the papers use 0.001 to 0.1"
        checked["learning_rate"] = number(
            "learning_rate", self.learning_rate, above=0, most=LARGEST_WEIGHT, more=papers
        )
        checked["clean_fraction"] = number("clean_fraction", self.clean_fraction, least=0, below=1)
        checked["area_growth"] = number("area_growth", self.area_growth, least=1, most=2)
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # a NumPy number becomes one of Python's

    def _check_area(self) -> None:
        if self.area is not None:
            AreaConstraint(self.area)
        if self.area is None and self.lambda_area:
            raise ValueError(f"lambda_area={self.lambda_area!r} weighs the distance from an area: set area too")
        if self.keep is not None:
            more = ", the share that is kept; leave it out to keep what the penalties leave"
            object.__setattr__(self, "keep", number("keep", self.keep, above=0, below=1, more=more))
            if isinstance(self.mask, SmoothMask):
                raise ValueError(f"keep={self.keep!r} is for a mask of free entries: a smooth mask has an area")

    def _check_parts(self) -> None:
        parts = {
            "representation": (self.representation, "transform", "representations.Wavelet()"),
            "mask": (self.mask, "start", "masking.FreeMask()"),
            "obfuscation": (self.obfuscation, "adapt", "masking.GaussianNoise()"),
            "distortion": (self.distortion, "__call__", "masking.SquaredDifference()"),
            "acceleration": (self.acceleration or Acceleration(), "memory", "masking.Acceleration()"),
        }
        for setting, (part, needed, example) in parts.items():
            if isinstance(part, type) or not hasattr(part, needed):
                raise TypeError(f"{setting}={part!r} is no {setting}: give one such as {example}")

    @renamed_arguments(noise_free="clean_fraction")
    def replace(self, **settings: object) -> Method:
        """Return a copy with these settings instead.

        `steps` and `samples` that are given here hold on every device, unless `on_gpu` is given too.

        Raises:
            TypeError: an unknown setting.
            ValueError: a setting out of range.
        """
        if {"steps", "samples"} & set(settings):
            settings.setdefault("on_gpu", None)
        return dataclasses.replace(self, **settings)  # type: ignore[arg-type]

    def on(self, device: torch.device) -> Method:
        """Return the method of a run on this device, with `on_gpu` as its steps and samples where that is no CPU.

        Raises:
            ValueError: `on_gpu` is no pair of whole numbers of at least 1.

        >>> from cartoonx_widgets.masking.methods import waveletx_interactive
        >>> quick = waveletx_interactive()
        >>> [(run.steps, run.samples) for run in (quick.on(torch.device("cpu")), quick.on(torch.device("cuda")))]
        [(150, 2), (60, 16)]
        """
        if self.on_gpu is None:
            return self
        if not isinstance(self.on_gpu, tuple) or len(self.on_gpu) != 2:  # noqa: PLR2004
            raise ValueError(f"on_gpu={self.on_gpu!r} must be steps and samples, such as {LARGE_STEPS}, or None")
        steps, samples = self.on_gpu
        return self.replace(on_gpu=None) if device.type == "cpu" else self.replace(steps=steps, samples=samples)

    def resolved(self, size: tuple[int, int]) -> Method:
        """Return a copy with numbers for what depends on the image size (H, W): levels, scales, a smooth mask's grid.

        Raises:
            ValueError: the representation does not fit the size.

        >>> from cartoonx_widgets.masking.methods import cartoonx
        >>> cartoonx().resolved((28, 28)).representation
        Wavelet(wavelet='db3', levels=2, mode='zero')
        """
        mask = self.mask.resolved(size) if isinstance(self.mask, SmoothMask) else self.mask
        return self.replace(representation=resolved(self.representation, size), mask=mask)

    @property
    def noise_free(self) -> float:
        """Return `clean_fraction`, by its old name."""
        warn_renamed("Method.noise_free", "clean_fraction")
        return self.clean_fraction

    @renamed_arguments(noise_free="clean_fraction")
    def accelerated(
        self,
        *,
        learning_rate: float = 0.2,
        steps: int | None = None,
        samples: int | None = None,
        clean_fraction: float = 0.15,
    ) -> Method:
        """Return a copy that descends as our presets do, with a tenth of the evaluations or less (see `Acceleration`).

        Args:
            learning_rate: at the first step; it falls as a half cosine.
            steps: how many steps a run takes; 150 by default.
            samples: how many images the classifier sees in a step; 2 by default. Where neither is given, a run on a GPU
                takes 60 steps of 16 samples.
            clean_fraction: share of the distortion that is measured on the cartoon itself, in [0, 1).

        Raises:
            ValueError: a setting out of range.

        >>> from cartoonx_widgets.masking.methods import pixel_mask
        >>> quick = pixel_mask().accelerated(steps=60)
        >>> quick.steps * quick.samples, quick.schedule
        (120, 'cosine')
        """
        return self.replace(
            learning_rate=learning_rate,
            schedule="cosine",
            steps=150 if steps is None else steps,
            samples=2 if samples is None else samples,
            on_gpu=LARGE_STEPS if steps is None and samples is None else None,
            clean_fraction=clean_fraction,
            acceleration=Acceleration(),
        )


Method.__init__ = renamed_arguments(noise_free="clean_fraction")(Method.__init__)  # type: ignore[method-assign]
