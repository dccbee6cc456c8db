"""The pages of a class and their websockets, in one process: no kernel, no notebook, no code of a visitor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import signal
import socket
import webbrowser
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tornado import template, web, websocket
from tornado.netutil import bind_sockets

from cartoonx_widgets._terminal import print_line
from cartoonx_widgets.serving.access import Guarded, Server, Tokens
from cartoonx_widgets.serving.frames import FrameError, pack, unpack
from cartoonx_widgets.serving.outbox import Outbox
from cartoonx_widgets.serving.teacher import Broadcast
from cartoonx_widgets.serving.visitors import GOING_AWAY, Visitor, Visitors
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.html import in_script
from cartoonx_widgets.widgets.shared.messages import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cartoonx_widgets.widgets.shared.base import Widget

_LOG = logging.getLogger("cartoonx_widgets.serving")
_HERE = Path(__file__).parent
# The browser itself refuses what would leave for elsewhere. plotly.js is read as a module, and brings styles along.
_POLICY = (
    "default-src 'none'; script-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SCRIPTS = {"explorer": "explorer", "lab": "sparsity_lab", "follow": "explorer"}
_LARGEST_FRAME = 4_000_000  # bytes that a page sends at once: it sends a file in parts of 3 MB
_MOST_IN_SYSTEM = 262_144  # bytes that the system keeps for a page whose network stalls: what is in there grows old
_PING = 20  # seconds
_WRONG, _FULL = 1007, 1013  # of RFC 6455, section 7.4.1
_VISIT = re.compile(r"[0-9a-f]{32}")


class Room(NamedTuple):
    """What all handlers share.

    Attributes:
        visitors: who is here.
        broadcast: the teacher's run.
        widgets: makes the widget of each page, for a visitor or the teacher.
        translations: of what the pages say, from English.
        language: of the pages, such as "en".
    """

    visitors: Visitors
    broadcast: Broadcast
    widgets: Mapping[str, Callable[[], Widget]]
    translations: Mapping[str, str]
    language: str

    def translated(self, text: str) -> str:
        """Return an English text in the language of the pages."""
        return self.translations.get(text, text)


async def run(
    host: str,
    port: int,
    *,
    visitors: int,
    widgets: Mapping[str, Callable[[], Widget]],
    translations: Mapping[str, str],
    language: str,
    open_browser: bool,
) -> None:
    """Serve until interrupted; see `Room` for what is served."""
    ended = asyncio.Event()
    room = Room(Visitors(visitors), Broadcast(), widgets, translations, language)
    tokens = Tokens()
    application = web.Application(
        [
            (r"/", _Start),
            (r"/(explorer|lab|follow)", _Page),
            (r"/(explorer|lab|follow)\.js", _Script),
            (r"/(explorer|lab|follow)/socket", _Socket),
            (r"/login", _Login),
            (r"/host\.js", _HostScript),
            (r"/page\.css", _Style),
        ],
        default_handler_class=_Nowhere,
        room=room,
        tokens=tokens,
        port=port,
        cookie_secret=tokens.cookie_secret,
        template_loader=template.Loader(str(_HERE / "templates"), namespace=_words(room)),
        log_function=lambda _handler: None,
        websocket_ping_interval=_PING,
        websocket_ping_timeout=_PING,
        websocket_max_message_size=_LARGEST_FRAME,
    )
    server = Server(application)
    application.settings["server"] = server
    sockets = bind_sockets(port, host)
    for listening in sockets:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_IN_SYSTEM)  # connections take it over
    server.add_sockets(sockets)
    addresses = {role: _address(host, port, token) for role, token in tokens.by_role.items()}
    print_line(f"Open {addresses['visitor']}\nTeach {addresses['teacher']}\nStop with Ctrl-C.")
    if open_browser:
        webbrowser.open(addresses["teacher"])
    with _until_asked(ended):
        looking = asyncio.create_task(_look_after(room.visitors))
        await ended.wait()
        looking.cancel()
    server.stop()
    await room.visitors.close()
    await server.close_all_connections()


@contextlib.contextmanager
def _until_asked(ended: asyncio.Event) -> Iterator[None]:
    """Set the event when the process is asked to end."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    try:
        yield
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


async def _look_after(visitors: Visitors) -> None:
    while True:
        await asyncio.sleep(0.5)
        try:
            visitors.look_after()
        except Exception:  # noqa: BLE001 - the next time may go well
            _LOG.exception("Places could not be looked after")


def _widget_message(frame: str | bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """Return what a page says to its widget, as ipywidgets takes it, and the buffers."""
    message, buffers = unpack(frame)
    method = message.get("method")
    field = {"custom": "content", "update": "state"}.get(method) if isinstance(method, str) else None
    if field is None or not isinstance(message.get(field), dict):
        raise FrameError("no message to a widget")
    return {"method": method, field: message[field]}, buffers


@cache
def _library() -> str | bytes:
    content, buffers = library()
    return pack({"method": "custom", "content": content}, buffers)


@cache
def _host_script() -> str:
    package = files("cartoonx_widgets")
    return assets.joined("serving/page/host.js", lambda path: package.joinpath(path).read_text("utf-8"))


def _words(room: Room) -> dict[str, Any]:
    return {
        "translated": room.translated,
        "language": room.language,
        "texts": dict(room.translations),
        "json_of": in_script,
    }


def _address(host: str, port: int, token: str) -> str:
    name = socket.gethostname() if host in ("", "0.0.0.0", "::") else host  # noqa: S104
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{port}/?token={token}"


class _Inside(Guarded):
    @property
    def room(self) -> Room:
        room: Room = self.settings["room"]
        return room


class _Handler(_Inside):
    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        super().prepare()
        if self.role is None:
            self.set_status(403)
            self.render("login.html", wrong=False)
        elif self.request.method == "GET" and self.get_argument("token", ""):
            self.remember(self.role)
            self.redirect("/" + self.request.path.lstrip("/"))  # with two slashes it would lead elsewhere

    def write_error(self, status_code: int, **_: object) -> None:
        self.render("error.html", status=status_code, reason=self._reason)

    def log_exception(self, typ: object, value: BaseException | None, tb: object) -> None:
        if not isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)  # type: ignore[arg-type]


class _Start(_Handler):
    def get(self) -> None:
        self.render("start.html", role=self.role)


class _Page(_Handler):
    def get(self, page: str) -> None:
        translated = self.room.translated
        names = {
            "explorer": translated("Explorer"),
            "lab": translated("Sparsity lab"),
            "follow": translated("Follow the teacher"),
        }
        self.render("page.html", page=page, name=names[page], style=assets.style(_SCRIPTS[page]))


class _Script(_Handler):
    def get(self, page: str) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(assets.script(_SCRIPTS[page]))


class _Open(_Handler):
    """What strangers get too: what tells nothing, and the form that asks for a token."""

    def prepare(self) -> None:
        Guarded.prepare(self)


class _HostScript(_Open):
    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(_host_script())


class _Style(_Open):
    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish((_HERE / "page" / "page.css").read_bytes())


class _Login(_Open):
    def get(self) -> None:
        self.redirect("/")

    def post(self) -> None:
        role = self.settings["tokens"].role_of(self.get_body_argument("token", "").strip())
        if role is None:
            self.set_status(403)
            self.render("login.html", wrong=True)
        else:
            self.remember(role)
            self.redirect("/")


class _Nowhere(_Handler):
    def prepare(self) -> None:
        super().prepare()
        if not self._finished:
            raise web.HTTPError(404)


class _Socket(_Inside, websocket.WebSocketHandler):
    """The connection of a page with its widget. Who sends what cannot be read loses it; nobody else notices."""

    visitor: Visitor | None = None
    _has_ended = False

    def initialize(self) -> None:
        self._outbox = Outbox(self._write)

    async def prepare(self) -> None:  # type: ignore[override]
        super().prepare()
        if self.role is None:
            raise web.HTTPError(403)
        await self.room.visitors.may_come(self._visit)

    @property
    def _visit(self) -> str:
        return f"{self.role} {self.get_argument('visit', '')}"

    def open(self, page: str) -> None:
        room = self.room
        if page == "follow":
            room.broadcast.join(self)
            return
        if not _VISIT.fullmatch(self.get_argument("visit", "")):
            self.end(_WRONG, "no visit")
            return
        teaches = self.role == "teacher" and page == "explorer"
        make, kind = room.widgets[page], page
        if page == "explorer" and self.get_argument("from", "") == "teacher":
            make, kind = room.broadcast.copied or make, "explorer that went on from the teacher's"

        def entered(visitor: Visitor) -> None:
            self.visitor = visitor
            if teaches:
                room.broadcast.teacher = visitor

        sent = room.broadcast.take if teaches else lambda _visitor, _data, _frame: None
        room.visitors.come(self._visit, kind, self, make, entered, sent=sent, waits=not teaches)

    def on_message(self, message: str | bytes) -> None:
        if self._has_ended:
            return  # it was on its way
        try:
            data, buffers = _widget_message(message)
            if self.visitor is not None:
                self.visitor.hear(data, buffers)
            elif data.get("content", {}).get("type") == "library":  # what else a follower may ask for, its page has
                self.send(_library(), "library")
        except (FrameError, OverflowError) as error:
            _LOG.warning("A page sent what is not taken, and its connection was closed: %s", error)
            self.end(_WRONG if isinstance(error, FrameError) else _FULL, str(error))

    def on_close(self) -> None:
        self._outbox.close()
        if self.visitor is not None:
            self.visitor.disconnect(self, left=self.close_code == GOING_AWAY)
        self.room.visitors.leave(self)
        self.room.broadcast.leave(self)

    def send(self, frame: str | bytes, kind: str = "") -> None:
        if self.ws_connection is not None:
            self._outbox.send(frame, kind)

    def _write(self, frame: str | bytes) -> asyncio.Future[None]:
        try:
            return self.write_message(frame, binary=isinstance(frame, bytes))
        except websocket.WebSocketClosedError as error:
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            return failed

    async def room_to_send(self) -> None:
        await self._outbox.room()

    def end(self, code: int, reason: str) -> None:
        self._has_ended = True
        self.close(code, reason)
