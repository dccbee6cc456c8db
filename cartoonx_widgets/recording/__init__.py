"""Recorded runs: their frames and files, and pictures and pages of them. Needs neither Jupyter nor Plotly."""

from cartoonx_widgets.recording.errors import RecordingError
from cartoonx_widgets.recording.format import FORMAT_VERSION
from cartoonx_widgets.recording.frame import Frame
from cartoonx_widgets.recording.recording import Recording, record

__all__ = ["FORMAT_VERSION", "Frame", "Recording", "RecordingError", "record"]
