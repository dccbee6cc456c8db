"""The optimisation of a mask: what is hidden and how, the objective, methods, one step, and the explanation."""

from cartoonx_widgets.masking.acceleration import Acceleration
from cartoonx_widgets.masking.distortions import CrossEntropy, Distortion, KLDivergence, SquaredDifference, SquaredL2
from cartoonx_widgets.masking.masks import FreeMask, GivenMask, MaskModel, SmoothMask
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.obfuscation import (
    Antithetic,
    BlurredImage,
    GaussianNoise,
    Obfuscation,
    UniformNoise,
    Zeros,
)
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.masking.penalties import AreaConstraint, MaskL1, Penalty, SpatialL1, SpatialL2, TotalVariation

__all__ = [
    "Acceleration",
    "Antithetic",
    "AreaConstraint",
    "BlurredImage",
    "CrossEntropy",
    "Distortion",
    "FreeMask",
    "GaussianNoise",
    "GivenMask",
    "KLDivergence",
    "MaskL1",
    "MaskModel",
    "Method",
    "Obfuscation",
    "Optimization",
    "Penalty",
    "SmoothMask",
    "SpatialL1",
    "SpatialL2",
    "SquaredDifference",
    "SquaredL2",
    "TotalVariation",
    "UniformNoise",
    "Zeros",
]
