"""A proxy before a served class that ends a websocket with a message that is larger than it likes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_END_OF_HEAD = b"\r\n\r\n"
_LARGEST_SHORT = 125  # bytes of a frame whose length is in its second byte
_TOO_LARGE = b"\x88\x02\x03\xf1"  # RFC 6455: a closing frame with the code 1009


class CuttingProxy:
    """Listens on a port of its own until the end of the block.

    Args:
        target: port of the server, on this machine.
        most: bytes of a message.
        tells: whether it says why it ends a connection.

    Attributes:
        port: that it listens on.
        largest: bytes of the largest message that has come.
    """

    def __init__(self, target: int, most: int, *, tells: bool = True) -> None:
        self.target, self.most, self.tells = target, most, tells
        self.port = self.largest = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(30)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    async def _serve(self, page: asyncio.StreamReader, to_page: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        passes = _everything
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            asked = await page.readuntil(_END_OF_HEAD)
            to_server.write(asked)
            if b"upgrade: websocket" in asked.lower():
                to_page.write(await server.readuntil(_END_OF_HEAD))
                passes = self._frames
            ways = [passes(page, to_server, to_page), passes(server, to_page, to_page)]
            tasks = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        to_page.close()
        to_server.close()

    async def _frames(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, to_page: asyncio.StreamWriter
    ) -> None:
        """Pass frames on, until those of a message are too large; a browser sends a large one in several frames."""
        message = 0
        while True:
            head = await source.readexactly(2)
            length = head[1] & 0x7F
            if length > _LARGEST_SHORT:
                more = await source.readexactly(2 if length == _LARGEST_SHORT + 1 else 8)
                head, length = head + more, int.from_bytes(more, "big")
            begins, is_control = head[0] & 0x0F in (1, 2), bool(head[0] & 0x08)
            message = message if is_control else length + (0 if begins else message)
            self.largest = max(self.largest, message)
            if message > self.most:
                to_page.write(_TOO_LARGE if self.tells else b"")
                return
            mask = 4 if head[1] & 0x80 else 0
            sink.write(head + await source.readexactly(length + mask))
            await sink.drain()


async def _everything(source: asyncio.StreamReader, sink: asyncio.StreamWriter, _to_page: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
