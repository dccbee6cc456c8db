"""Replay a recording, or one that was saved."""

from __future__ import annotations

import os
from pathlib import Path

from cartoonx_widgets.languages import ENGLISH
from cartoonx_widgets.recording.recording import Recording
from cartoonx_widgets.widgets.replay.widget import Replay


def replay(recording: Recording | str | os.PathLike[str], *, language: str = ENGLISH) -> Replay:
    """Return a widget that plays a recording in the explorer's panels, without its classifier.

    Args:
        recording: a recording, or the path of one that was saved.
        language: of the labels, "en" or "de".

    Raises:
        RecordingError: the file is no recording, damaged, or of a newer version.
        OSError: it cannot be opened.
        ValueError: there is no such language.
    """
    if isinstance(recording, str | os.PathLike):
        recording = Recording.load(Path(recording))
    return Replay(recording, language=language)
