"""The optimisation of a mask: noise, objective, methods, one step, and the explanation that it ends in."""

from cartoonx_widgets.masking.methods import Method
from cartoonx_widgets.masking.obfuscation import GaussianNoise, Obfuscation
from cartoonx_widgets.masking.objective import SquaredDifference
from cartoonx_widgets.masking.optimizer import Optimization

__all__ = ["GaussianNoise", "Method", "Obfuscation", "Optimization", "SquaredDifference"]
