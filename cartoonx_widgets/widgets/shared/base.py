"""What all widgets share: texts, messages in both directions, plotly.js on request, errors in place, a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.shared.messages import error as error_message
from cartoonx_widgets.widgets.shared.subshells import answer_while_cells_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Widget(anywidget.AnyWidget):
    """A widget that speaks with its page by messages.

    Args:
        texts: of the labels, as `languages.texts` has them.
    """

    texts = traitlets.Dict().tag(sync=True)
    _library = traitlets.Unicode(assets.PLOTLY).tag(sync=True)
    snapshot = traitlets.Dict(
        help="What a saved notebook shows without a kernel: `picture`, a data URL, and `summary`, a sentence."
    ).tag(sync=True)

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(texts=dict(texts))
        answer_while_cells_run(self.comm)
        self.on_msg(self._on_message)

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        """What is done for each message of the page, by its type; its further fields are keyword arguments.

        Where buffers come with it, so does an argument `buffers`.
        """
        raise NotImplementedError

    def _in_words(self) -> str:
        """What the widget shows, for a terminal, and for a saved notebook that has no kernel."""
        raise NotImplementedError

    def _tell(self, message: Message) -> None:
        self.send(message.content, message.buffers)

    def _tell_error(self, error: BaseException) -> None:
        """Show in the page what went wrong; the widget stays usable."""
        self._tell(error_message(error))

    def _tell_state(self) -> None:
        """Send what the controls stand at, so that none shows a choice that was refused."""

    def _on_message(self, _widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        arguments = {name: value for name, value in content.items() if name != "type"}
        if buffers:
            arguments["buffers"] = buffers
        try:
            if content["type"] == "library":
                self.send({"type": "library", "version": assets.PLOTLY}, [assets.library()])
            else:
                self._handlers()[content["type"]](**arguments)
        except Exception as error:  # noqa: BLE001 - shown in the widget, which stays usable
            self._tell_error(error)
            self._tell_state()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:  # noqa: ANN401
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = self._in_words()
        return bundle
