"""A page of a served class without a browser: the frames that it sends to its kernel, and what comes back."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import uuid4

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from cartoonx_widgets.serving.frames import V1

HEADER = {
    "msg_id": "1",
    "msg_type": "kernel_info_request",
    "session": "s",
    "username": "",
    "version": "5.3",
    "date": "2026-01-31T12:00:00.000Z",
    "subshell_id": None,
}


def message(**parts):
    return {"header": HEADER, "parent_header": {}, "metadata": {}, "content": {}, **parts}


def v1(channel="shell", buffers=(), **parts):
    """A frame of v1, by Jupyter's own means; parts that are bytes stay as they are."""
    packed = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in message(**parts).values())
    return serialize_msg_to_ws_v1([*packed, *buffers], channel)


def older(channel="shell", **parts):
    return json.dumps({"channel": channel, **message(**parts)})


class Page:
    """The connections of a page that was opened without a browser."""

    def __init__(self, served, kernel):
        self.served, self.kernel = served, kernel

    @classmethod
    async def open(cls, served, page="lab"):
        html = await AsyncHTTPClient().fetch(served.url(page), request_timeout=240)
        opened = cls(served, re.search(r'"kernelId":\s*"([0-9a-f-]{36})"', html.body.decode())[1])
        opened.held = await opened.connect()  # without one its kernel would end in a while
        return opened

    async def connect(self, *, form=True, session=None, kernel=None):
        session = uuid4() if session is None else session
        address = self.served.url(f"api/kernels/{kernel or self.kernel}/channels").replace("http", "ws", 1)
        request = HTTPRequest(f"{address}&session_id={session}", request_timeout=60)
        return await websocket_connect(request, subprotocols=[V1] if form else None)

    async def ask(self, msg_type="kernel_info_request", content=None, *, form=True):
        """The content of the kernel's answer to a question."""
        socket = await self.connect(form=form)
        header = {**HEADER, "msg_id": str(uuid4()), "msg_type": msg_type}  # kernels drop what was said before
        frame = v1(header=header, content=content or {}) if form else older(header=header, content=content or {})
        await socket.write_message(frame, binary=form)
        async with asyncio.timeout(60):
            while True:
                answer = await socket.read_message()
                assert answer is not None, f"closed: {socket.close_code} {socket.close_reason}"
                if form:
                    parts = [json.loads(part) for part in deserialize_msg_from_ws_v1(answer)[1][:4]]
                    answer = dict(zip(message(), parts, strict=True))
                else:
                    answer = json.loads(answer)
                if answer["header"]["msg_type"] == msg_type.replace("request", "reply"):
                    socket.close()
                    return answer["content"]

    async def connect_deaf(self):
        """Where to write frames to, of a connection whose owner reads nothing, also not that it was closed."""
        address = urlsplit(self.served.url(f"api/kernels/{self.kernel}/channels"))
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        lines = (
            f"GET {address.path}?{address.query}&session_id={uuid4()} HTTP/1.1",
            f"Host: {address.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
            f"Sec-WebSocket-Protocol: {V1}",
        )
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return writer


def happens(story):
    """Run it in a thread of its own: where browsers are tested too, this one has a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result()
