"""Scores of an explanation: what it keeps for how much, which edges it invents, and whether it can be trusted.

>>> from cartoonx_widgets import scores
>>> import torch
>>> round(scores.entropy(torch.tensor([1.0, 1.0, 0.0])), 3)  # two equal coefficients: log 2
0.693
"""

from cartoonx_widgets._deprecated import renamed_attributes
from cartoonx_widgets.scores.compute import compute, to_dataframe
from cartoonx_widgets.scores.curves import Curve, deletion, insertion, rate_distortion
from cartoonx_widgets.scores.edges import Canny, EdgeDetector, Sobel, edges, hallucination
from cartoonx_widgets.scores.information import (
    conciseness_preciseness,
    entropy,
    l1,
    retained_information,
    retained_probability,
    sparsity,
)
from cartoonx_widgets.scores.noise import expected_distortion
from cartoonx_widgets.scores.runs import LambdaPoint, Layer, distortion_over_lambda, weight_randomisation
from cartoonx_widgets.scores.scales import ScaleShare, scale_profile
from cartoonx_widgets.scores.similarity import Similarity, similarity, stability
from cartoonx_widgets.scores.table import NAMES, SCORES, ScoreInfo

__all__ = [
    "NAMES",
    "SCORES",
    "Canny",
    "Curve",
    "EdgeDetector",
    "LambdaPoint",
    "Layer",
    "ScaleShare",
    "ScoreInfo",
    "Similarity",
    "Sobel",
    "compute",
    "conciseness_preciseness",
    "deletion",
    "distortion_over_lambda",
    "edges",
    "entropy",
    "expected_distortion",
    "hallucination",
    "insertion",
    "l1",
    "rate_distortion",
    "retained_information",
    "retained_probability",
    "scale_profile",
    "similarity",
    "sparsity",
    "stability",
    "to_dataframe",
    "weight_randomisation",
]

__getattr__ = renamed_attributes(__name__, {"of": ("scores.compute", compute)})
