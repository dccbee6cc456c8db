"""The page of a widget, played by a test: it keeps what the widget sends, and sends what a page would."""

from __future__ import annotations

import contextlib


class WidgetPage:
    """Takes the messages of a widget in place of its page.

    Attributes:
        messages: content and buffers of each, since the last request.
    """

    def __init__(self, widget):
        self.widget, self.messages = widget, []
        widget.send = lambda content, buffers=None: self.messages.append((content, buffers or []))

    @property
    def contents(self):
        """The content of each message."""
        return [content for content, _ in self.messages]

    @property
    def errors(self):
        """The sentences of the errors among them."""
        return [content["message"] for content in self.contents if content["type"] == "error"]

    def send(self, **message):
        """Send a message to the widget; return the types of its answers."""
        self.messages.clear()
        self.widget._on_message(self.widget, message, [])
        return [content["type"] for content in self.contents]

    def ask(self, **message):
        """Send a message to the widget; return its answers by their types, the last of each."""
        self.send(**message)
        return {content["type"]: content for content in self.contents}


@contextlib.contextmanager
def with_pages(make):
    """Yield `make` so that each widget it makes has a `page`; all are closed at the end, twice."""
    made = []

    def make_with_page(*args, **settings):
        widget = make(*args, **settings)
        widget.page = WidgetPage(widget)
        made.append(widget)
        return widget

    yield make_with_page
    for widget in made * 2:
        widget.close()
