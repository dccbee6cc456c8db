"""The teacher's run, for all who follow it: what its explorer says is sent on as it is, and kept for latecomers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from cartoonx_widgets.serving.frames import pack
from cartoonx_widgets.serving.visitors import CROWDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cartoonx_widgets.serving.visitors import Connection, Visitor
    from cartoonx_widgets.widgets.explorer.widget import Explorer

_MOST_BYTES = 32_000_000  # of frames that are kept; a page has them all
MOST_FOLLOWERS = 500
_KEPT = ("setup", "settings", "status", "coefficients")


class Broadcast:
    """What followers see. Nothing is computed for them: the frames are those that the teacher's page is sent.

    Attributes:
        teacher: who teaches, by the page that was opened last; None before.
        followers: who watches.
    """

    def __init__(self) -> None:
        self.teacher: Visitor | None = None
        self.followers: set[Connection] = set()
        self._state: dict[str, Any] = {}
        self._newest: dict[str, str | bytes] = {}
        self._frames: dict[int, str | bytes] = {}
        self._run: object = None

    @property
    def copied(self) -> Callable[[], Explorer] | None:
        """Return what makes an explorer that goes on from the teacher's; None where there is none."""
        explorer = cast("Explorer | None", self.teacher and self.teacher.widget)
        return explorer and explorer.copy

    @property
    def is_on(self) -> bool:
        """Return whether there is something to see."""
        return "setup" in self._newest

    def join(self, connection: Connection) -> None:
        """Send a follower what there is; more follows. One too many is refused."""
        if len(self.followers) >= MOST_FOLLOWERS and connection not in self.followers:
            connection.end(CROWDED, "too many followers")
            return
        self.followers.add(connection)
        if not self.is_on:
            connection.send(pack({"method": "nothing"}))
            return
        connection.send(pack({"method": "open", "state": self._state}))
        for frame in (*self._newest.values(), *self._frames.values()):
            connection.send(frame)

    def leave(self, connection: Connection) -> None:
        """Forget a follower."""
        self.followers.discard(connection)

    def take(self, visitor: Visitor, data: Mapping[str, Any], frame: str | bytes) -> None:
        """Take a message of a teacher's explorer to its page: it goes to all who follow, too."""
        if visitor is not self.teacher:
            return  # of an explorer that was opened before the one that is followed
        if data["method"] == "open":
            self._state = dict(data["state"])
        if data["method"] != "custom":
            return
        content = data["content"]
        kind = content["type"]
        was_on = self.is_on
        if kind == "setup" and content["run"] != self._run:
            self._run, self._newest, self._frames = content["run"], {}, {}
        if kind == "frame":
            if not content["live"] or content["run"] != self._run:
                return  # what the teacher looks back to
            self._frames[content["index"]] = frame
            self._thin()
        elif kind in _KEPT:
            self._newest[kind] = frame
        else:
            return
        for follower in list(self.followers):
            if was_on:
                follower.send(frame, kind)
            else:
                self.join(follower)

    def _thin(self) -> None:
        """Keep every other one of frames that are too many, and the newest."""
        if sum(map(len, self._frames.values())) > _MOST_BYTES:
            indices = list(self._frames)
            for index in indices[1:-1:2]:
                del self._frames[index]
