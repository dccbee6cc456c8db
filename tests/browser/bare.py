"""A page with nothing but a widget's module, driven by messages that a real widget sent."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, CDPSession, Page

    from cartoonx_widgets.widgets.shared.base import Widget

_SCRIPT = Path(__file__).with_name("bare.js")
Sent = dict[str, Any]  # content, and buffers in base64


class Recorder:
    """Records what a widget sends, and what it answers."""

    def __init__(self, widget: Widget) -> None:
        self.widget = widget
        self.sent: list[Sent] = []
        widget.send = self._send

    def _send(self, content: object, buffers: list[bytes] | None = None) -> None:
        texts = [base64.b64encode(data).decode() for data in buffers or ()]
        self.sent.append({"content": content, "buffers": texts})

    def answers(self, *messages: dict[str, Any]) -> dict[str, list[Sent]]:
        """What the widget answers to each of these messages of a page, by the message's type."""
        return {content["type"]: self.during(lambda content=content: self.receive(content)) for content in messages}

    def during(self, act: Callable[[], object]) -> list[Sent]:
        """What the widget sends while this is done."""
        self.sent = []
        act()
        return self.sent

    def receive(self, content: dict[str, Any]) -> None:
        self.widget._on_message(self.widget, content, [])


class BarePage:
    """A page that shows one widget, whose kernel answers as it was recorded.

    Args:
        browser: opens the page.
        recorder: of the widget.
        answers: what is answered, by the type of the page's message.
        clock: whether the page's time is put forward by hand.
        state: traits that are to be other than the widget's.
    """

    def __init__(
        self,
        browser: Browser,
        recorder: Recorder,
        answers: dict[str, list[Sent]],
        *,
        clock: bool = False,
        **state: object,
    ) -> None:
        self.context = browser.new_context(viewport={"width": 1300, "height": 900}, offline=True)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        widget = recorder.widget
        if clock:
            self.page.clock.install()
        self.page.set_content(f"<!doctype html><style>{widget._css}</style><body data-jp-theme-light=true>")
        self.page.add_script_tag(content=_SCRIPT.read_text("utf-8"))
        traits = {key: value for key, value in widget.get_state().items() if isinstance(value, JSON)}
        self.page.evaluate(
            "async ([esm, state, answers]) => { globalThis.bare = await Bare.load(esm, state, answers); }",
            [widget._esm, traits | state, answers],
        )
        self.cdp: CDPSession = self.context.new_cdp_session(self.page)

    def open(self) -> None:
        """Open another view of the widget."""
        self.page.evaluate("() => bare.open()")

    def close_view(self) -> None:
        """Close the view that was opened last."""
        self.page.evaluate("() => bare.close()")

    def receive(self, *sent: Sent) -> None:
        """Let the widget say something."""
        for one in sent:
            self.page.evaluate("(sent) => bare.receive(sent)", one)

    @property
    def from_page(self) -> list[dict[str, Any]]:
        """The messages that the page has sent so far."""
        return self.page.evaluate("() => bare.model.sent")

    def counts(self) -> dict[str, int]:
        """Listeners, nodes and bytes of the page, after its garbage has been collected."""
        self.cdp.send("HeapProfiler.enable")
        self.cdp.send("Performance.enable")
        for _ in range(3):
            self.cdp.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in self.cdp.send("Performance.getMetrics")["metrics"]}
        return {
            "listeners": int(metrics["JSEventListeners"]),
            "nodes": int(metrics["Nodes"]),
            "bytes": int(metrics["JSHeapUsedSize"]),
            "of the model": self.page.evaluate("() => bare.model.count"),
            "running": self.page.evaluate("() => bare.model.running"),
        }

    def close(self) -> None:
        """Close the page."""
        self.context.close()


JSON = (str, int, float, bool, list, tuple, dict, type(None))
