"""Who visits: a widget for each open page, all in this process, and a queue of those who wait for a place."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import torch

from cartoonx_widgets.live.turns import TURNS
from cartoonx_widgets.serving.allowance import Allowance
from cartoonx_widgets.serving.frames import pack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cartoonx_widgets.widgets.shared.base import Widget

_LOG = logging.getLogger("cartoonx_widgets.serving")
_THREADS = 8  # that answer pages; runs have their own
_RELOADING = 3.0  # seconds that a page which was left keeps its place: who reloads it comes back at once
_LOST = 60.0  # seconds that one keeps it which has lost its connection
GOING_AWAY = 1001  # why a connection is closed: RFC 6455, section 7.4.1
_ELSEWHERE, CROWDED = 4001, 4002  # codes of ours
MOST_IN_QUEUE = 500  # pages that wait for a place
_CONNECTION = 0.05  # seconds of a core that it costs at most to connect and to show the widget anew
_MOST_WAITING = 40  # messages of one page that are not taken yet
_OURS = ("_esm", "_css", "layout")  # traits that a page has no use for, or has by other ways


class Connection(Protocol):
    """The websocket of a page."""

    def send(self, frame: str | bytes, kind: str = "") -> None:
        """Send a frame, in place of one of this kind that has not gone out yet; called in the server's loop."""

    async def room_to_send(self) -> None:
        """Wait until little has not gone out yet, or the connection is closed."""

    def end(self, code: int, reason: str) -> None:
        """Close it."""


class PageComm:
    """What a widget takes for its comm: hands on what it says, and hears what its page says.

    Args:
        comm_id: of the widget's model.
        say: is given a message and its buffers, in any thread.

    Attributes:
        takes_any_size: that a message need not come in parts.
    """

    takes_any_size = True

    def __init__(self, comm_id: str, say: Callable[[Mapping[str, Any], Sequence[bytes]], None]) -> None:
        self.comm_id = comm_id
        self._say = say
        self._hear: Callable[[dict[str, Any]], None] = lambda _message: None

    def on_msg(self, callback: Callable[[dict[str, Any]], None]) -> None:
        """Note who hears messages."""
        self._hear = callback

    def hear(self, data: dict[str, Any], buffers: list[memoryview]) -> None:
        """Take a message of the page."""
        self._hear({"content": {"data": data}, "buffers": buffers})

    def send(
        self,
        data: Mapping[str, Any],
        metadata: object = None,  # noqa: ARG002 - as of a comm
        buffers: Sequence[bytes] | None = None,
    ) -> None:
        """Send a message to the page."""
        self._say(data, buffers or ())

    def close(self) -> None:
        """Do nothing: the page's connection ends otherwise."""


class Heard(NamedTuple):
    """A message of a page."""

    data: dict[str, Any]
    buffers: list[memoryview]


Sent: TypeAlias = "Callable[[Visitor, Mapping[str, Any], str | bytes], None]"


class Visitor:
    """One open page and its widget.

    All but `_say` runs in the server's loop; the widget is made, called and closed in threads of the pool.

    Args:
        make: makes the widget.
        pool: of threads.
        sent: is given all that the widget says, in the loop: this visitor, the message, and its frame.

    Attributes:
        widget: of the page; None until it has been made, and once it is closed.
        failure: why it could not be made; empty where it could, or while it is made.
        connection: of the page; None while there is none.
        leaves_at: when its place is free, in the loop's time.
    """

    def __init__(
        self,
        make: Callable[[], Widget],
        pool: ThreadPoolExecutor,
        sent: Sent = lambda _visitor, _data, _frame: None,
    ) -> None:
        self._pool, self._sent = pool, sent
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[Heard] = asyncio.Queue(_MOST_WAITING)
        self._allowance = Allowance()
        self._making = self._loop.run_in_executor(pool, make)
        self._working = self._loop.create_task(self._work())
        self.widget: Widget | None = None
        self.failure = ""
        self.connection: Connection | None = None
        self.leaves_at = float("inf")

    async def may_connect(self) -> None:
        """Wait until it may be connected again; who reloads again and again waits ever longer."""
        await asyncio.sleep(self._allowance.wait(_CONNECTION, others=TURNS.others))

    def connect(self, connection: Connection) -> None:
        """Show the widget in this page, in place of another that has the same visit."""
        if self.connection is not None:
            self.connection.end(_ELSEWHERE, "opened again")
        self.connection, self.leaves_at = connection, float("inf")
        self._open()

    def disconnect(self, connection: Connection, *, left: bool) -> None:
        """Note that a page is gone, for good if it was left, and when its place is free."""
        if self.connection is connection:
            self.connection = None
            self.leaves_at = self._loop.time() + (_RELOADING if left else _LOST)

    def hear(self, data: dict[str, Any], buffers: list[memoryview]) -> None:
        """Take a message of the page, once those before it have been answered.

        Raises:
            OverflowError: too many wait.
        """
        try:
            self._heard.put_nowait(Heard(data, buffers))
        except asyncio.QueueFull:
            raise OverflowError("too many messages at once") from None

    async def close(self, code: int) -> None:
        """End the widget, its run and the connection, which learns why by the code."""
        if self.connection is not None:
            self.connection.end(code, "closed")
            self.connection = None
        self._working.cancel()
        self.widget = None
        with contextlib.suppress(Exception):  # it could not be made
            await self._loop.run_in_executor(self._pool, _close, await self._making)

    async def _work(self) -> None:
        """Answer one message of the page after the other, once there is a widget."""
        try:
            widget = await asyncio.shield(self._making)  # one that is made while its page leaves is closed, too
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says it
            _LOG.exception("A widget could not be made")
            self.failure = str(error) or type(error).__name__
            self._open()
            return
        comm = _exchange_comm(widget, self._say)
        self.widget = widget
        self._open()
        while True:
            heard = await self._heard.get()
            if self.connection is not None:  # who does not read what is answered is not answered
                await self.connection.room_to_send()
            spent = await self._loop.run_in_executor(self._pool, _answer, widget, comm, heard)
            await asyncio.sleep(self._allowance.wait(spent, others=TURNS.others))

    def _open(self) -> None:
        if self.failure and self.connection is not None:
            self.connection.send(pack({"method": "failed", "reason": self.failure}))
        if self.widget is not None and self.connection is not None:
            state = {key: value for key, value in self.widget.get_state().items() if _is_shown(key)}
            message = {"method": "open", "state": state}
            self._deliver(message, pack(message))

    def _say(self, data: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        """Send what the widget says; in any thread."""
        if data.get("method") != "echo_update":  # meant for other front ends of one widget
            frame = pack(data, buffers)
            self._loop.call_soon_threadsafe(self._deliver, data, frame)

    def _deliver(self, data: Mapping[str, Any], frame: str | bytes) -> None:
        if self.connection is not None:
            self.connection.send(frame, _kind(data))
        self._sent(self, data, frame)


class Visitors:
    """The visitors who are here, at most so many, and those who wait.

    Args:
        most: pages open at once.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._here: dict[str, tuple[str, Visitor]] = {}
        self._waiting: dict[str, tuple[Connection, Callable[[], None]]] = {}
        # A page's messages compute on one core: what they cost is known, and the others are left to the runs.
        self._pool = ThreadPoolExecutor(_THREADS, "cartoonx-pages", torch.set_num_threads, (1,))
        self._closing: set[asyncio.Task[None]] = set()

    def come(
        self,
        visit: str,
        page: str,
        connection: Connection,
        make: Callable[[], Widget],
        entered: Callable[[Visitor], None],
        *,
        sent: Sent,
        waits: bool = True,
    ) -> None:
        """Let a page in, or let it wait; where too many wait, it is refused.

        Args:
            visit: the page's own secret; whoever comes with it again finds the same widget.
            page: which page it is; another one of the same visit takes its place.
            connection: of the page.
            make: makes its widget.
            entered: is called with the visitor once there is a place.
            sent: see `Visitor`.
            waits: whether it waits where all places are taken.
        """

        def enter() -> None:
            here = self._here.get(visit)
            if here is None or here[0] != page or here[1].failure:
                if here is not None:
                    self._end(visit, _ELSEWHERE)
                here = self._here[visit] = page, Visitor(make, self._pool, sent)
            entered(here[1])
            here[1].connect(connection)

        if visit in self._here or len(self._here) < self.most or not waits:
            enter()
        elif len(self._waiting) >= MOST_IN_QUEUE and visit not in self._waiting:
            connection.end(CROWDED, "too many wait")
        else:
            self._waiting[visit] = connection, enter  # who has lost a connection keeps the place in the queue
            self._notify_waiting()

    async def may_come(self, visit: str) -> None:
        """Wait until a page may come, where it has come very often."""
        if visit in self._here:
            await self._here[visit][1].may_connect()

    def leave(self, connection: Connection) -> None:
        """Forget a page that waits no longer."""
        for visit in [visit for visit, (waiting, _) in self._waiting.items() if waiting is connection]:
            del self._waiting[visit]
            self._notify_waiting()

    def look_after(self) -> None:
        """End what nobody looks at any more, and let in who waits; call it about once a second."""
        now = asyncio.get_running_loop().time()
        for visit in [visit for visit, (_, visitor) in self._here.items() if visitor.leaves_at <= now]:
            self._end(visit, GOING_AWAY)
        free = self.most - len(self._here)
        if free > 0 and self._waiting:
            for visit in list(itertools.islice(self._waiting, free)):
                _, enter = self._waiting.pop(visit)
                enter()
            self._notify_waiting()

    async def close(self) -> None:
        """End all."""
        self._waiting.clear()
        for visit in list(self._here):
            self._end(visit, GOING_AWAY)
        if self._closing:
            await asyncio.wait(self._closing)
        self._pool.shutdown()

    def _end(self, visit: str, code: int) -> None:
        _, visitor = self._here.pop(visit)
        task = asyncio.get_running_loop().create_task(visitor.close(code))
        self._closing.add(task)  # the loop itself forgets tasks that nobody holds
        task.add_done_callback(self._closing.discard)

    def _notify_waiting(self) -> None:
        for place, (connection, _) in enumerate(self._waiting.values(), 1):
            connection.send(pack({"method": "waiting", "place": place, "of": len(self._waiting)}), "waiting")


def _kind(data: Mapping[str, Any]) -> str:
    """Return the kind of a message that a newer one of it replaces: what a run says by itself; else nothing."""
    if data["method"] == "update":
        return f"update {sorted(data['state'])}"
    content = data.get("content", {})
    return content["type"] if content.get("type") == "status" or content.get("live") else ""


def _exchange_comm(widget: Widget, say: Callable[[Mapping[str, Any], Sequence[bytes]], None]) -> PageComm:
    """Give a widget that was made without a kernel a comm that leads to its page."""
    nowhere = widget.comm
    comm = PageComm(nowhere.comm_id, say)
    widget.comm = comm
    nowhere.close()
    return comm


def _answer(widget: Widget, comm: PageComm, heard: Heard) -> float:
    """Let a widget take a message; return the processor's seconds that it took."""
    started = time.thread_time()
    try:
        comm.hear(heard.data, heard.buffers)
    except Exception as error:  # noqa: BLE001 - shown in the page, which stays usable
        widget._send_error(error)  # noqa: SLF001 - as the widget itself does
    return time.thread_time() - started


def _close(widget: Widget) -> None:
    widget.close()
    if widget.layout is not None:
        widget.layout.close()


def _is_shown(trait: str) -> bool:
    return trait not in _OURS and not trait.startswith(("_model", "_view", "_anywidget", "_dom"))
