"""A run that can be watched: the worker thread, and the pace of its frames. Knows neither Jupyter nor Plotly."""

from cartoonx_widgets.live.pacing import Pacer
from cartoonx_widgets.live.runner import Runner, Status

__all__ = ["Pacer", "Runner", "Status"]
