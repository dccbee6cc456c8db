"""Explanations to compare with, which are not optimised: by gradients, occlusion, random masks and variances.

Each gives every coefficient of a representation (wavelets, dual-tree wavelets, shearlets, pixels) a relevance to the
classifier's answer; the mask is that relevance, scaled to [0, 1]. Whether the photograph times such a mask keeps its
class is for the scores to tell. Grad-CAM is computed by captum, which is loaded when it is needed
(``pip install captum``); all others need PyTorch alone.
"""

from cartoonx_widgets.explanations.baselines.from_gradients import integrated_gradients, wam
from cartoonx_widgets.explanations.baselines.grad_cam_map import grad_cam, installed
from cartoonx_widgets.explanations.baselines.occluding import occlusion
from cartoonx_widgets.explanations.baselines.random_masks import rise
from cartoonx_widgets.explanations.baselines.relevance import Attribution, Completeness, from_heat_map
from cartoonx_widgets.explanations.baselines.variances import sobol_indices

__all__ = [
    "Attribution",
    "Completeness",
    "from_heat_map",
    "grad_cam",
    "installed",
    "integrated_gradients",
    "occlusion",
    "rise",
    "sobol_indices",
    "wam",
]

BASELINES = {make.__name__: make for make in (integrated_gradients, grad_cam, occlusion, wam, rise, sobol_indices)}
"""The functions that make a baseline's explanation, by name."""

# Studies write down the functions that they were made with: by where users find them, not by their file.
for _public in (*BASELINES.values(), from_heat_map, installed, Attribution, Completeness):
    _public.__module__ = __name__
