"""The settings that the explorer shows, each described once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from cartoonx_widgets.masking.acceleration import Acceleration
from cartoonx_widgets.masking.distortions import CrossEntropy, KLDivergence, Reference, SquaredDifference, SquaredL2
from cartoonx_widgets.masking.masks import FreeMask, GivenMask, SmoothMask
from cartoonx_widgets.masking.method import STEERABLE, Schedule
from cartoonx_widgets.masking.obfuscation import BlurredImage, Colours, GaussianNoise, Statistics, UniformNoise, Zeros
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.representations.dualtree import Biort, Qshift
from cartoonx_widgets.representations.shearlet_filters import Fan
from cartoonx_widgets.representations.wavelet import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping


Kind = Literal["choice", "number", "log", "whole", "switch"]

# What a part of a method can be; the first of each is the default.
PARTS: Mapping[str, Mapping[str, type]] = {
    "representation": {"wavelets": Wavelet, "dual-tree wavelets": DualTree, "shearlets": Shearlet, "pixels": Pixel},
    "mask": {"free": FreeMask, "smooth": SmoothMask, "given": GivenMask},
    "obfuscation": {
        "Gaussian noise": GaussianNoise,
        "uniform noise": UniformNoise,
        "zeros": Zeros,
        "blurred photograph": BlurredImage,
    },
    "distortion": {
        "squared difference": SquaredDifference,
        "squared l2": SquaredL2,
        "KL divergence": KLDivergence,
        "cross-entropy": CrossEntropy,
    },
    "acceleration": {"accelerated": Acceleration, "as published": type(None)},
}
ONLY_WEIGHT = 20.0  # CartoonX's, for a method that lost its own
_WAVELETS = ("haar", "db2", "db3", "db4", "sym4", "sym8", "coif1", "coif2", "bior2.2", "bior4.4")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a method.

    Attributes:
        path: its place in the method.
        label: of its control.
        symbol: the papers' symbol; empty without one.
        kind: a "choice", any "number", a number over powers of ten ("log"), a "whole" number, or a "switch".
        low: least value of its slider.
        high: largest value of its slider.
        choices: of a choice.
        about: one sentence for a tooltip.
    """

    path: str
    label: str
    symbol: str = ""
    kind: Kind
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()
    about: str

    @property
    def steerable(self) -> bool:
        """Return whether it can be moved while a run plays; otherwise the run begins again."""
        return self.path in STEERABLE


def _part(path: str, label: str, symbol: str, about: str) -> Setting:
    return Setting(path=path, label=label, symbol=symbol, kind="choice", choices=tuple(PARTS[path]), about=about)


def _weight(path: str, label: str, symbol: str, about: str) -> Setting:
    return Setting(path=path, label=label, symbol=symbol, kind="log", low=0.01, high=1000, about=about)


SETTINGS = (
    _weight("lambda_l1", "lambda", "λ", "Lambda: the weight of the l1 penalty. Higher keeps less."),
    _weight(
        "lambda_spatial_l1",
        "spatial lambda",
        "λ₂",
        "The weight of the penalty on brightness in the cartoon. Higher: more black.",
    ),
    _weight(
        "lambda_spatial_l2",
        "spatial l2 lambda",
        "λ‖·‖₂",
        "The weight of the penalty on the cartoon's root mean square.",
    ),
    _weight(
        "lambda_tv",
        "total variation lambda",
        "λ_TV",
        "The weight of the penalty on differences between neighbouring pixels.",
    ),
    _weight(
        "lambda_area", "area lambda", "λ_a", "The weight of the penalty on missing the area; it grows during the run."
    ),
    Setting(path="area", label="area", symbol="a", kind="number", low=0.01, high=0.99, about="The share to be kept."),
    Setting(
        path="keep",
        label="keep at most",
        kind="log",
        low=0.001,
        high=1,
        about="A budget in place of lambda: at most this share of the coefficients is kept; 1 sets no budget.",
    ),
    Setting(
        path="learning_rate",
        label="learning rate",
        symbol="η",
        kind="log",
        low=0.0001,
        high=1,
        about="Learning rate of Adam: how far a step moves the mask.",
    ),
    Setting(
        path="schedule",
        label="schedule",
        kind="choice",
        choices=get_args(Schedule),
        about="The learning rate stays constant, or falls to 0 as a half cosine.",
    ),
    _part("acceleration", "descent", "", "As published, or accelerated: fewer samples, several updates each step."),
    Setting(
        path="steps",
        label="steps",
        kind="whole",
        low=10,
        high=2000,
        about="Steps of the run. Presets take few large ones on a GPU, where a step costs more than its samples.",
    ),
    Setting(
        path="samples",
        label="samples",
        symbol="S",
        kind="whole",
        low=1,
        high=64,
        about="Noise samples a step: more are slower and less noisy.",
    ),
    Setting(
        path="clean_fraction",
        label="clean fraction",
        kind="number",
        low=0,
        high=0.9,
        about="Share of the distortion that is measured on the cartoon itself, without noise.",
    ),
    _part("representation", "representation", "", "What the mask multiplies."),
    Setting(
        path="representation.wavelet",
        label="wavelet",
        kind="choice",
        choices=_WAVELETS,
        about="Daubechies 3 in the papers; haar is the shortest.",
    ),
    Setting(
        path="representation.levels",
        label="levels",
        symbol="J",
        kind="whole",
        low=1,
        high=7,
        about="How often the lowpass is split; by default as often as the photograph's size allows, at most 5.",
    ),
    Setting(
        path="representation.mode",
        label="border",
        kind="choice",
        choices=get_args(Mode),
        about="How the photograph is continued beyond its border.",
    ),
    Setting(
        path="representation.scales",
        label="scales",
        symbol="J",
        kind="whole",
        low=1,
        high=5,
        about="Scales of the shearlet system; by default as many as fit the photograph, at most 4.",
    ),
    Setting(
        path="representation.fan",
        label="fan filter",
        kind="choice",
        choices=("auto", *get_args(Fan)),
        about="The directional filter: maximally flat where it fits the photograph, or a shorter one.",
    ),
    Setting(
        path="representation.biort",
        label="first filters",
        kind="choice",
        choices=get_args(Biort),
        about="Biorthogonal filters of the first level.",
    ),
    Setting(
        path="representation.qshift",
        label="other filters",
        kind="choice",
        choices=get_args(Qshift),
        about="Quarter-shift filters of all other levels.",
    ),
    _part("obfuscation", "obfuscation", "v", "What is put where the mask deletes."),
    Setting(
        path="obfuscation.per",
        label="statistics per",
        kind="choice",
        choices=get_args(Statistics),
        about="Mean and deviation of the noise are those of each scale, or of each band.",
    ),
    Setting(
        path="obfuscation.colours",
        label="colours",
        kind="choice",
        choices=get_args(Colours),
        about="Each colour has noise of its own, or they share one.",
    ),
    Setting(
        path="obfuscation.sigma",
        label="blur",
        symbol="σ",  # noqa: RUF001 - the papers' symbol
        kind="number",
        low=1,
        high=50,
        about="Width of the blur in pixels.",
    ),
    _part("distortion", "distortion", "d", "How a change of the classifier's output is measured."),
    Setting(
        path="distortion.reference",
        label="reference",
        symbol="r",
        kind="choice",
        choices=get_args(Reference),
        about="The probability is to stay what it is, or to rise to one, which does not collapse where it is small.",
    ),
    _part("mask", "mask", "s", "Every entry is free, or the mask is made of smooth bumps."),
    Setting(
        path="mask.initial",
        label="initial mask",
        kind="number",
        low=0,
        high=1,
        about="Where all entries of the mask start; 1 keeps everything.",
    ),
    Setting(
        path="mask.sigma",
        label="bump radius",
        symbol="σ",  # noqa: RUF001 - the papers' symbol
        kind="number",
        low=1,
        high=60,
        about="Radius of a smooth bump in pixels; by default 3/32 of the photograph's shorter side, at most 21.",
    ),
    Setting(
        path="clamp",
        label="clamp",
        kind="switch",
        about="Whether what the classifier sees is clamped to [0, 1].",
    ),
)
