"""The websocket between a page and its kernel, where nonsense costs its sender the connection and nobody anything."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.web import HTTPError
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from cartoonx_widgets.serving.frames import V1, FrameError, check_frame

_TEXT_NOT_ACCEPTED, _CANNOT_BE_READ = 1003, 1007  # of RFC 6455, section 7.4.1
_LONGEST_SESSION = 100  # bytes; ZeroMQ, which knows the page by it, takes at most 255


class Channels(VoilaKernelWebsocketHandler):
    """Voilà's handler, less its trust in what comes."""

    async def pre_get(self) -> None:
        """Refuse what could not be connected, then connect."""
        if self.kernel_id not in self.kernel_manager:
            raise HTTPError(404, reason="this kernel has ended")
        if len(self.get_argument("session_id", "").encode()) > _LONGEST_SESSION:
            raise HTTPError(400, reason="session_id is too long")
        await super().pre_get()

    async def open(self, kernel_id: str) -> None:
        """Remember the form that was agreed on: a closed connection no longer knows it."""
        self._v1 = self.selected_subprotocol == V1
        await super().open(kernel_id)

    def on_message(self, ws_message: str | bytes) -> None:
        """Hand a message on, or close the connection of whoever sends what is none."""
        if self.ws_connection is None:
            return  # it was closed; more had been sent before that was noticed
        try:
            check_frame(ws_message, v1=self._v1)
            super().on_message(ws_message)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is of this page's making, and ends here
            reason = str(error) if isinstance(error, FrameError) else type(error).__name__
            self.log.error("A page sent to kernel %s what cannot be read: %s", self.kernel_id, reason)  # noqa: TRY400
            is_text = self._v1 and isinstance(ws_message, str)
            self.close(_TEXT_NOT_ACCEPTED if is_text else _CANNOT_BE_READ, reason)

    def write_message(self, message: bytes | str | dict[str, Any], binary: bool = False) -> Any:  # noqa: ANN401
        """Send what the kernel says, unless nobody listens any more."""
        if self.ws_connection is None:
            return None
        if self._v1:
            return super().write_message(message, binary)
        # Voilà would take the bytes of the older form for v1, and make a list of some 10^18 offsets.
        return KernelWebsocketHandler.write_message(self, message, binary)
