"""A class that is served: the command as a process of its own, and visitors with a browser each."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
from harness import ExplorerPage
from waiting import expect, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Response

_KERNEL_STARTS = 200_000  # milliseconds


@dataclass(frozen=True)
class Served:
    """A running server: the address that it printed, its process, and the file that it logs to."""

    address: str
    process: psutil.Process
    log: Path

    def url(self, page: str = "") -> str:
        """Address of a page, with the token."""
        return self.address.replace("/?", f"/{page}?")

    def kernels(self) -> list[psutil.Process]:
        """The processes of the visitors."""
        found = []
        for process in self.process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "ipykernel_launcher" in process.cmdline():
                    found.append(process)
        return found


@contextlib.contextmanager
def serve_class(*arguments: str, python: str | Path = sys.executable) -> Iterator[Served]:
    """Run `cartoonx-widgets serve` until the end of the block, and see that no kernel survives it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = shutil.which("cartoonx-widgets", path=str(Path(python).parent))
    assert command is not None, "the package is not installed beside this Python"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with log.open("w", encoding="utf-8") as errors:
            server = subprocess.Popen(
                [command, "serve", "--port", str(port), "--no-browser", *arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "JUPYTER_RUNTIME_DIR": folder},
            )
        assert server.stdout is not None
        try:
            opened = next((line for line in server.stdout if line.startswith("Open ")), None)
            assert opened is not None, f"the server did not start: {log.read_text('utf-8')}"
            served = Served(opened.split()[1], psutil.Process(server.pid), log)
            yield served
            kernels = now(served.kernels())
        finally:
            server.terminate()
            try:
                code = server.wait(60)
            finally:
                server.kill()  # one that hangs
                server.stdout.close()
        _, surviving = psutil.wait_procs(kernels, timeout=30)
        assert (code, surviving) == (0, []), log.read_text("utf-8")


class Visitor:
    """One browser of its own: what it asked for elsewhere, and what went wrong in it."""

    def __init__(self, browser: Browser, served: Served, **context: object) -> None:
        self.served = served
        self.page: Page = browser.new_context(viewport={"width": 1200, "height": 1000}, **context).new_page()
        self.page.set_default_timeout(120_000)
        self.elsewhere: list[str] = []
        self.problems: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda opened: self._note(opened.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)

    def _note(self, url: str) -> None:
        parts = urlsplit(url.removeprefix("blob:"))
        if parts.scheme != "data" and parts.netloc != urlsplit(self.served.address).netloc:
            self.elsewhere.append(url)

    def open(self, page: str = "") -> Response:
        """Go to a page; the server's answer."""
        response = self.page.goto(self.served.url(page), wait_until="commit")
        assert response is not None
        return response

    def explorer(self) -> ExplorerPage:
        """The explorer, once it is alive: its kernel has to start first, which takes long on a busy machine."""
        expect(self.page.locator(".cx-explorer")).to_be_visible(timeout=_KERNEL_STARTS)
        return ExplorerPage(self)

    def leave(self) -> None:
        """Close the tab as a user does."""
        with self.page.expect_event("close"):
            self.page.close(run_before_unload=True)
        self.page.context.close()
