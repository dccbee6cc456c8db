"""What waits to be sent to a page: nothing old, so that a page whose network stalls finds what is now, and no queue."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from cartoonx_widgets.serving.frames import in_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

_ENOUGH = 1_000_000  # bytes that wait for a page, beyond which its own messages are not answered


class Outbox:
    """Sends messages in their order, each when the one before has gone out; of a kind only the newest waits.

    Args:
        write: sends one frame, and returns what is done once the frame has gone out.
    """

    def __init__(self, write: Callable[[str | bytes], asyncio.Future[None]]) -> None:
        self._write = write
        self._waiting: deque[tuple[str, str | bytes]] = deque()
        self._going: deque[str | bytes] = deque()
        self._is_writing = False
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def unsent(self) -> int:
        """Return how many bytes have not gone out, without the frame that is on its way."""
        return sum(map(len, self._going)) + sum(len(frame) for _, frame in self._waiting)

    def send(self, frame: str | bytes, kind: str = "") -> None:
        """Send a message after those that wait; one of the same kind that waits is of no use any more.

        Args:
            frame: as `frames.pack` makes it.
            kind: empty for one that must not be left out.
        """
        if kind:
            self._waiting = deque(waits for waits in self._waiting if waits[0] != kind)
        self._waiting.append((kind, frame))
        self._go_on()

    async def room(self) -> None:
        """Wait until little waits, or nothing will be sent any more."""
        await self._has_room.wait()

    def close(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        self._going.clear()
        self._has_room.set()

    def _go_on(self) -> None:
        if not self._is_writing and (self._going or self._waiting):
            if not self._going:
                self._going.extend(in_pieces(self._waiting.popleft()[1]))
            self._is_writing = True
            self._write(self._going.popleft()).add_done_callback(self._note_written)
        if self.unsent > _ENOUGH:
            self._has_room.clear()
        else:
            self._has_room.set()

    def _note_written(self, written: asyncio.Future[None]) -> None:
        self._is_writing = False
        if written.cancelled() or written.exception() is not None:
            self.close()  # the connection is gone, which its handler hears
        else:
            self._go_on()
