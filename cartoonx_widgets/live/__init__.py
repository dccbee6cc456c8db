"""A run that can be watched: the worker thread, its frames and their pace. Knows neither Jupyter nor Plotly."""

from cartoonx_widgets.live.frame import Frame
from cartoonx_widgets.live.pacing import Pacer
from cartoonx_widgets.live.runner import Runner, Status

__all__ = ["Frame", "Pacer", "Runner", "Status"]
