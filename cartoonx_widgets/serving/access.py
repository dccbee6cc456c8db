"""Who may come in: tokens, the cookie that stands for one, and how many connections may be open without one."""

from __future__ import annotations

import hmac
import os
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, Literal, cast, get_args

from tornado.httpserver import HTTPServer
from tornado.web import RequestHandler

if TYPE_CHECKING:
    from tornado.http1connection import HTTP1Connection, HTTP1ServerConnection
    from tornado.iostream import IOStream
    from tornado.web import Application

TOKEN = "CARTOONX_WIDGETS_TOKEN"  # noqa: S105 - the name of the environment variable
Role = Literal["visitor", "teacher"]
_STRANGERS = 200  # connections at once that have shown no token
_IDLE = 10  # seconds in which a request has to be complete
_LARGEST_REQUEST = 16_384  # bytes of headers, and of a body: the only one is a form with a token


class Tokens:
    """One secret for each role, new with each server, or that of the environment for visitors."""

    def __init__(self) -> None:
        self.by_role: dict[Role, str] = {
            "visitor": os.environ.get(TOKEN) or secrets.token_urlsafe(24),
            "teacher": secrets.token_urlsafe(24),
        }
        self.cookie_secret = secrets.token_bytes(32)

    def role_of(self, token: str) -> Role | None:
        """Return whose token this is."""
        given = token.encode()
        return next((role for role, ours in self.by_role.items() if hmac.compare_digest(given, ours.encode())), None)


class Guarded(RequestHandler):
    """A handler that knows the role of whoever asks, by token or cookie.

    Attributes:
        role: of who asks; None for a stranger.
    """

    role: Role | None

    @property
    def _cookie(self) -> str:
        return f"cartoonx_{self.settings['port']}"  # browsers send cookies to all ports of a host

    def prepare(self) -> None:
        """Find the role; a token in the address becomes a cookie, so that it does not stay in the address."""
        shown = self.get_argument("token", "") or self.request.headers.get("Authorization", "").removeprefix("token ")
        self.role = self.settings["tokens"].role_of(shown) or self._remembered()
        if self.role is not None:
            self.settings["server"].admit(cast("HTTP1Connection", self.request.connection).stream)

    def remember(self, role: Role) -> None:
        """Let the browser show a cookie in place of the token."""
        self.set_signed_cookie(self._cookie, role, expires_days=None, httponly=True, samesite="Lax")

    def _remembered(self) -> Role | None:
        value = self.get_signed_cookie(self._cookie, max_age_days=31)
        return next((role for role in get_args(Role) if value == role.encode()), None)


class Server(HTTPServer):
    """A server that strangers cannot fill: of connections that have shown no token, the oldest ends for a new one."""

    def initialize(self, application: Application) -> None:  # type: ignore[override]
        """Bound what a request may take."""
        super().initialize(
            application,
            max_header_size=_LARGEST_REQUEST,
            max_body_size=_LARGEST_REQUEST,
            body_timeout=_IDLE,
            idle_connection_timeout=_IDLE,
        )
        self._strangers: OrderedDict[IOStream, None] = OrderedDict()

    def handle_stream(self, stream: IOStream, address: tuple[object, ...]) -> None:
        """Take a connection."""
        self._strangers[stream] = None
        if len(self._strangers) > _STRANGERS:
            oldest, _ = self._strangers.popitem(last=False)
            oldest.close()
        super().handle_stream(stream, address)

    def on_close(self, server_conn: HTTP1ServerConnection) -> None:  # type: ignore[override]
        """Forget a connection that has ended."""
        self._strangers.pop(server_conn.stream, None)
        super().on_close(server_conn)

    def admit(self, stream: IOStream) -> None:
        """Keep a connection that has shown a token."""
        self._strangers.pop(stream, None)
