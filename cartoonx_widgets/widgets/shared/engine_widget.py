"""What the widgets share that run something: they play, pause, wait for the end, and end their thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets._checks import true_or_false
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.traits import Settable, failure

if TYPE_CHECKING:
    from cartoonx_widgets.live import Engine


class EngineWidget(Widget):
    """A widget that listens to an engine, and shows what it runs.

    It never blocks a cell: steps are taken in a thread of their own, whether or not the widget is displayed.
    """

    _engine: Engine

    playing = Settable(False, help="Whether steps are being taken; set it to play or to pause.")
    error = failure("The exception that stopped a run last, with its traceback; None where nothing did.")

    def play(self) -> None:
        """Take steps until the last one, or until paused."""
        raise NotImplementedError

    def pause(self) -> None:
        """Pause after the step under way."""
        raise NotImplementedError

    def wait(self, timeout: float | None = None) -> bool:
        """Block until all runs are paused or done; return False if they are not within `timeout` seconds.

        Raises:
            Exception: what stopped a run, the first if several failed.
        """
        return self._engine.wait(timeout)

    def close(self) -> None:
        """End the runs and the widget; a second call does nothing."""
        # ipywidgets closes what is deleted, also where __init__ raised before there was an engine.
        if engine := getattr(self, "_engine", None):
            engine.close()
        super().close()

    def _set_playing(self, value: object) -> None:
        if true_or_false("playing", value):
            self.play()
        else:
            self.pause()
