"""A page of a served class without a browser: what it says to the server, and what it is told."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from cartoonx_widgets.serving.frames import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from served import Served
    from tornado.websocket import WebSocketClientConnection

PATIENCE = 60  # seconds


class Page:
    """The connection of a page, which may be made again."""

    socket: WebSocketClientConnection
    state: dict[str, Any]

    def __init__(
        self, served: Served, page: str = "lab", *, visit: str | None = None, query: str = "", teaches: bool = False
    ) -> None:
        self.served, self.page, self.query, self.teaches = served, page, query, teaches
        self.visit = secrets.token_hex(16) if visit is None else visit

    @classmethod
    async def open(cls, served: Served, page: str = "lab", **options: Any) -> Page:
        """A page whose widget is there."""
        opened = cls(served, page, **options)
        await opened.connect()
        opened.state = (await opened.told("open"))[0]["state"]
        return opened

    async def connect(self) -> None:
        address = self.served.url(f"{self.page}/socket", teaches=self.teaches).replace("http", "ws", 1)
        request = HTTPRequest(f"{address}&visit={self.visit}{self.query}", request_timeout=PATIENCE)
        self.socket = await websocket_connect(request)

    async def told(
        self, method: str, *, until: Callable[[dict[str, Any]], bool] = lambda _content: True
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """The next message of this method, or of this type of a widget, and its buffers."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await self.socket.read_message()
                assert frame is not None, f"closed: {self.socket.close_code} {self.socket.close_reason}"
                message, buffers = unpack(frame)
                content = message.get("content", message)
                if method in (message["method"], content.get("type")) and until(content):
                    return content, buffers

    async def ended(self) -> int | None:
        """The code with which the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            while await self.socket.read_message() is not None:
                pass
        return self.socket.close_code

    async def say(self, content: dict[str, object], *buffers: bytes) -> None:
        """Say something to the widget."""
        frame = pack({"method": "custom", "content": content}, buffers)
        await self.socket.write_message(frame, binary=isinstance(frame, bytes))

    async def answers(self) -> bool:
        """Whether the widget still answers."""
        await self.say({"type": "library"})
        return bool((await self.told("library"))[1])


def happens(story: Coroutine[Any, Any, object]) -> None:
    """Run it in a thread of its own: where browsers are tested too, this one has a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result()
