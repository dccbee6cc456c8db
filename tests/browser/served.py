"""A class that is served: the command as a process of its own, and visitors with a browser each."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
from harness import ExplorerPage
from paths import TESTS
from tabs import free_port
from waiting import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Response

_STARTING = 60_000  # milliseconds


@dataclass(frozen=True)
class Served:
    """A running server: the addresses that it printed, its process, and the file that it logs to."""

    address: str
    teaching: str
    process: psutil.Process
    log: Path

    @property
    def token(self) -> str:
        """The token of visitors."""
        return self.address.partition("token=")[2]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(urlsplit(self.address).port or 0)

    def url(self, page: str = "", *, teaches: bool = False) -> str:
        """Address of a page, with the token."""
        return (self.teaching if teaches else self.address).replace("/?", f"/{page}?")


@contextlib.contextmanager
def serve_class(
    *arguments: str, python: str | Path = sys.executable, folder: Path | None = None, port: int | None = None
) -> Iterator[Served]:
    """Run `cartoonx-widgets serve` in a folder until the end of the block, and see that nothing of it is left."""
    port = free_port() if port is None else port
    command = shutil.which("cartoonx-widgets", path=str(Path(python).parent))
    assert command is not None, "the package is not installed beside this Python"
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log.txt"
        with log.open("w", encoding="utf-8") as errors:
            server = subprocess.Popen(
                [command, "serve", "--port", str(port), "--no-browser", *arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=folder or scratch,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")])),
                },
            )
        assert server.stdout is not None
        try:
            opened = next((line for line in server.stdout if line.startswith("Open ")), None)
            assert opened is not None, f"the server did not start: {log.read_text('utf-8')}"
            teaching = server.stdout.readline()
            yield Served(opened.split()[1], teaching.split()[1], psutil.Process(server.pid), log)
        finally:
            server.terminate()
            try:
                code = server.wait(60)
            finally:
                server.kill()  # one that hangs
                server.stdout.close()
        assert code == 0, log.read_text("utf-8")


class Visitor:
    """One browser of its own: what it asked for elsewhere, and what went wrong in it."""

    def __init__(self, browser: Browser, served: Served, **context: object) -> None:
        self.served = served
        self.page: Page = browser.new_context(**{"viewport": {"width": 1200, "height": 1000}, **context}).new_page()
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
        """The explorer, once it is alive."""
        expect(self.page.locator(".cx-explorer")).to_be_visible(timeout=_STARTING)
        return ExplorerPage(self)

    def leave(self) -> None:
        """Close the tab as a user does."""
        with self.page.expect_event("close"):
            self.page.close(run_before_unload=True)
        self.page.context.close()
