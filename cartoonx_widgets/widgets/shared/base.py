"""What all widgets share: texts, messages in both directions, plotly.js on request, errors in place, a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import ipywidgets
import traitlets

from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.from_page import checked
from cartoonx_widgets.widgets.shared.holding import hold_weakly
from cartoonx_widgets.widgets.shared.messages import Message, library
from cartoonx_widgets.widgets.shared.messages import error as error_message
from cartoonx_widgets.widgets.shared.parts import in_parts
from cartoonx_widgets.widgets.shared.subshells import answer_while_cells_run
from cartoonx_widgets.widgets.shared.traits import Settable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Widget(anywidget.AnyWidget):
    """A widget that speaks with its page by messages.

    Args:
        texts: of the labels, as `languages.texts` has them.
    """

    _from_page: ClassVar[object]
    """What a page sends: a union of TypedDicts, each a message."""

    texts = shown(traitlets.Dict)
    _library = shown(traitlets.Unicode, assets.PLOTLY)
    snapshot = shown(
        traitlets.Dict,
        {},
        help="What a saved notebook shows without a kernel: `picture`, a data URL, and `summary`, a sentence.",
    )

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.set_trait("texts", dict(texts))
        super().__init__()
        answer_while_cells_run(self.comm)
        self.on_msg(self._on_message)
        self._shown_somewhere = hold_weakly(self)

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        """Return what is done for each message of the page, by its type; its further fields are keyword arguments.

        Where bytes come with it, as with an upload, they are an argument `buffers`.
        """
        raise NotImplementedError

    def _shared_handlers(self) -> dict[str, Callable[..., object]]:
        """Return what is done for messages that pages of several widgets send."""
        return {"library": lambda: self._send_message(library())}

    def _in_words(self) -> str:
        """Return what the widget shows, for a terminal, and for a saved notebook that has no kernel."""
        raise NotImplementedError

    def _show(self, **values: object) -> None:
        """Set traits to what is now, in one message to the page; what an observer raises is shown in the widget."""
        with self.hold_sync():
            for name, value in values.items():
                try:
                    traitlets.TraitType.set(getattr(type(self), name), self, value)
                except Exception as error:  # noqa: BLE001 - an observer's, which must not stop a run
                    self._send_error(error)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a page sets, where it may; a refusal is shown, and the page shows again what holds."""
        try:
            self._check_settable(sync_data)
            super().set_state(sync_data)
        except Exception as error:  # noqa: BLE001 - shown in the widget, which stays usable
            self._send_error(error)
            self.send_state([name for name in sync_data if name in self.keys])

    def _check_settable(self, names: Iterable[str]) -> None:
        traits = self.traits()
        own = [name for name in names if name not in ipywidgets.DOMWidget.class_traits()]
        if refused := [name for name in own if not isinstance(traits.get(name), Settable)]:
            settable = sorted(name for name, trait in traits.items() if isinstance(trait, Settable))
            names = ", ".join(map(repr, refused))
            raise ValueError(f"{names} cannot be set from a page; what can: {', '.join(settable) or 'nothing'}")

    def _send_message(self, message: Message) -> None:
        # A comm of Jupyter's may lead through proxies that cut long frames off; that of a served page does not.
        for part in [message] if getattr(self.comm, "takes_any_size", False) else in_parts(message):
            self.send(part.content, part.buffers)

    def _send_error(self, error: BaseException) -> None:
        """Show in the page what went wrong; the widget stays usable."""
        self._send_message(error_message(error))

    def _send_controls(self) -> None:
        """Send what the controls stand at, so that none shows a choice that was refused."""

    def _on_message(self, _widget: object, content: object, buffers: list[memoryview]) -> None:
        try:
            arguments = dict(checked(content, self._from_page))
            kind = arguments.pop("type")
            arguments |= _bytes_of(kind, buffers)
            handlers = {**self._shared_handlers(), **self._handlers()}
            handlers[kind](**arguments)
        except Exception as error:  # noqa: BLE001 - shown in the widget, which stays usable
            self._send_error(error)
            self._send_controls()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:  # noqa: ANN401
        self._shown_somewhere()
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = self._in_words()
        return bundle


def _bytes_of(kind: str, buffers: list[memoryview]) -> dict[str, list[memoryview]]:
    """The bytes that came with a message, as the argument that they are."""
    if buffers and kind != "upload":
        raise ValueError(f"message {kind!r} came with {len(buffers)} buffers; only an upload brings bytes")
    return {"buffers": buffers} if buffers else {}
