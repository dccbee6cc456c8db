"""A tab of any browser: by Playwright in Chromium, by WebDriver in Firefox and in WebKit.

A test that runs in all three says what it does in these few words alone. What it looks for it finds by a selector, also
within shadow roots, as marimo shows widgets in.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PATIENCE = 60.0  # seconds, for a machine that is busy with something else
WEBKIT = "/usr/lib/*/webkit2gtk-4.1/MiniBrowser"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to an element
# The elements that a selector finds, in the page and in all shadow roots; `part` is what stands in such an element.
_FIND = """
const all = (selector, root = document) => {
  const found = [...root.querySelectorAll(selector)];
  for (const one of root.querySelectorAll("*")) if (one.shadowRoot) found.push(...all(selector, one.shadowRoot));
  return found;
};
const find = (selector) => all(selector)[0] ?? null;
"""


class Driver(Protocol):
    """What a browser is asked to do."""

    name: str
    version: str

    def goto(self, url: str) -> None:
        """Open a page in the tab."""

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of an asynchronous function of `args`; what it returns, as JSON."""

    def click(self, x: float, y: float) -> None:
        """Press the mouse at a place of what is seen, in pixels."""

    def press(self, key: str) -> None:
        """Press a key, by the name that JavaScript has for it."""

    def choose(self, script: str, path: Path) -> None:
        """Choose a file in the field that a script returns."""

    def resize(self, width: int, height: int) -> None:
        """Give the tab another size."""

    def screenshot(self, path: Path) -> None:
        """Write what is seen as PNG."""


class Tab:
    """A tab, and what a reader does in it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def goto(self, url: str) -> None:
        self.driver.goto(url)

    def js(self, script: str, *arguments: object) -> Any:
        """Run a script, with `find(selector)` and `all(selector)` at hand and its arguments in `args`."""
        return self.driver.run(_FIND + script, *arguments)

    def until(self, condition: str, *arguments: object, timeout: float = PATIENCE) -> None:
        """Wait until an expression of JavaScript is true; what it throws counts as false."""
        deadline = time.monotonic() + timeout
        script = f"try {{ return Boolean({condition}); }} catch (error) {{ return String(error); }}"
        while (found := self.js(script, *arguments)) is not True:
            if time.monotonic() > deadline:
                raise AssertionError(f"{condition} was waited for {timeout:g} s, the last was {found!r}")
            time.sleep(0.05)

    def shows(self, selector: str, condition: str = "true", timeout: float = PATIENCE) -> None:
        """Wait until an element is there of which a condition on itself, `it`, holds."""
        self.until(f"(() => {{ const it = find(args[0]); return it && ({condition}); }})()", selector, timeout=timeout)

    def click(self, selector: str, across: float = 0.5, down: float = 0.5) -> None:
        """Click an element, by default in its middle."""
        self.shows(selector, "it.getBoundingClientRect().width > 0")
        # Where a page still moves, as when a picture above has arrived, it is looked again; a pixel is rounding.
        before, place = [-9.0, -9.0], self.place(selector, across, down)
        while max(abs(one - other) for one, other in zip(before, place, strict=True)) > 2:
            before, place = place, self.place(selector, across, down)
        self.driver.click(*place)

    def place(self, selector: str, across: float, down: float) -> list[float]:
        """Scroll to an element; where a part of it is seen, in pixels."""
        return self.js(
            """const it = find(args[0]);
            it.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
            await new Promise((resolve) => setTimeout(resolve, 50));
            const box = it.getBoundingClientRect();
            return [box.left + args[1] * box.width, box.top + args[2] * box.height];""",
            selector,
            across,
            down,
        )

    def focus(self, selector: str) -> None:
        self.shows(selector)
        self.js("find(args[0]).focus()", selector)

    def press(self, key: str) -> None:
        self.driver.press(key)

    def choose(self, selector: str, path: Path) -> None:
        """Choose a file in a field."""
        self.shows(selector)
        self.driver.choose(f"{_FIND} return find({json.dumps(selector)});", path)

    def resize(self, width: int, height: int) -> None:
        self.driver.resize(width, height)

    def screenshot(self, path: Path) -> None:
        self.driver.screenshot(path)


class Chromium:
    """A tab of Playwright's."""

    name = "Chromium"

    def __init__(self, browser: Browser, **settings: Any) -> None:
        self.version = browser.version
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()

    def goto(self, url: str) -> None:
        self.page.goto(url)

    def run(self, script: str, *arguments: object) -> Any:
        return self.page.evaluate(f"async (args) => {{ {script} }}", list(arguments))

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(x, y)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def choose(self, script: str, path: Path) -> None:
        field = self.page.evaluate_handle(f"() => {{ {script} }}").as_element()
        field.set_input_files(path)

    def resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=path)

    def close(self) -> None:
        self.context.close()


class _Http:
    """WebDriver as the standard has it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/session"

    def begin(self, capabilities: dict[str, Any]) -> dict[str, Any]:
        found = self._ask("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.address += f"/{found['sessionId']}"
        return found["capabilities"]

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask(method, f"/{path}" if path else "", body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError(f"{path}: {value['error']}: {value['message']}") from None


class _Marionette:
    """What Firefox itself speaks: WebDriver's commands, by name, in a socket. geckodriver is the same by HTTP."""

    NAMES: ClassVar = {
        ("POST", "url"): "Navigate",
        ("POST", "execute/async"): "ExecuteAsyncScript",
        ("POST", "execute/sync"): "ExecuteScript",
        ("POST", "actions"): "PerformActions",
        ("GET", "screenshot"): "TakeScreenshot",
        ("POST", "window/rect"): "SetWindowRect",
        ("POST", "timeouts"): "SetTimeouts",
        ("DELETE", ""): "DeleteSession",
    }

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._stream = self._socket.makefile("rb")
        self._ids = itertools.count(1)
        self._read()

    def begin(self, capabilities: dict[str, Any]) -> dict[str, Any]:
        return self._send("WebDriver:NewSession", {"capabilities": {"alwaysMatch": capabilities}})["capabilities"]

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        body = body or {}
        if path.endswith("/value"):
            name, body = "ElementSendKeys", {"id": path.split("/")[1], **body}
        else:
            name = self.NAMES[method, path]
        if name == "TakeScreenshot":
            body = {"full": False}
        found = self._send(f"WebDriver:{name}", body)
        return found["value"] if isinstance(found, dict) and "value" in found else found

    def _send(self, name: str, body: dict[str, Any]) -> Any:
        data = json.dumps([0, next(self._ids), name, body]).encode()
        self._socket.sendall(f"{len(data)}:".encode() + data)
        _, _, error, result = self._read()
        if error:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return result

    def _read(self) -> Any:
        length = b""
        while (sign := self._stream.read(1)) != b":":
            if not sign:
                raise RuntimeError("the browser has gone")
            length += sign
        return json.loads(self._stream.read(int(length)))


class WebDriver:
    """A tab by WebDriver's commands."""

    _KEYS: ClassVar = {"Home": "\ue011", "End": "\ue010", "Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"} | {
        f"Arrow{side}": chr(0xE012 + place) for place, side in enumerate(("Left", "Up", "Right", "Down"))
    }

    def __init__(self, name: str, transport: _Http | _Marionette, capabilities: dict[str, Any]) -> None:
        self.name = name
        self._transport = transport
        found = transport.begin(capabilities)
        self.version = found["browserVersion"]
        transport.ask("POST", "timeouts", {"script": 60_000, "pageLoad": 60_000})
        self.resize(1200, 1000)

    def goto(self, url: str) -> None:
        self._transport.ask("POST", "url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        # Errors are handed over as values: drivers differ in what they say of them.
        body = f"""const [args, done] = [arguments[0], arguments[arguments.length - 1]];
            (async () => {{ {script} }})().then(
                (value) => done({{ value: value === undefined ? null : value }}),
                (error) => done({{ error: String(error) }}),
            );"""
        found = self._transport.ask("POST", "execute/async", {"script": body, "args": [list(arguments)]})
        if "error" in found:
            raise RuntimeError(f"the page could not run it: {found['error']}")
        return found["value"]

    def click(self, x: float, y: float) -> None:
        moved = {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y), "origin": "viewport"}
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        self._act({"type": "pointer", "id": "mouse", "actions": [moved, down, up]})

    def press(self, key: str) -> None:
        value = self._KEYS.get(key, key)
        self._act(
            {"type": "key", "id": "keys", "actions": [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]}
        )

    def _act(self, source: dict[str, Any]) -> None:
        self._transport.ask("POST", "actions", {"actions": [source]})

    def choose(self, script: str, path: Path) -> None:
        element = self._transport.ask("POST", "execute/sync", {"script": script, "args": []})
        self._transport.ask("POST", f"element/{element[_ELEMENT]}/value", {"text": str(path)})

    def resize(self, width: int, height: int) -> None:
        # The window has a frame of its own.
        for _ in range(2):
            inner, outer = self.run("return [[innerWidth, innerHeight], [outerWidth, outerHeight]];")
            frame = [out - into for out, into in zip(outer, inner, strict=True)]
            rect = {"x": 0, "y": 0, "width": width + frame[0], "height": height + frame[1]}
            self._transport.ask("POST", "window/rect", rect)

    def screenshot(self, path: Path) -> None:
        # WebKit waits for what is painted next, and a page that rests paints nothing.
        self.run("""const style = document.documentElement.style;
            globalThis.stirred = setInterval(() => (style.opacity = style.opacity === "1" ? "0.999" : "1"), 20);""")
        try:
            path.write_bytes(base64.b64decode(self._transport.ask("GET", "screenshot")))
        finally:
            self.run("clearInterval(globalThis.stirred); document.documentElement.style.opacity = '';")

    def close(self) -> None:
        with contextlib.suppress(RuntimeError, OSError):
            self._transport.ask("DELETE", "")


def missing(name: str) -> str:
    """What this machine lacks for a browser, in words; empty where it has all."""
    if name == "Firefox" and not _firefox():
        return "there is no Firefox (Debian: apt-get install firefox-esr)"
    if name == "WebKit":
        if not shutil.which("WebKitWebDriver") or not _webkit():
            return "there is no WebKit with a driver (Debian: apt-get install webkit2gtk-driver)"
        if not os.environ.get("DISPLAY") and not shutil.which("Xvfb"):
            return "WebKit needs a screen, and there is none (Debian: apt-get install xvfb)"
    return ""


def _firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


def _webkit() -> Path | None:
    return next(iter(Path("/").glob(WEBKIT[1:])), None)


@contextlib.contextmanager
def firefox(*, dark: bool = False) -> Iterator[WebDriver]:
    """A headless Firefox with a profile of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        settings = {
            "marionette.port": port,
            "layout.css.prefers-color-scheme.content-override": 0 if dark else 1,
            "app.update.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "browser.shell.checkDefaultBrowser": False,
            "browser.aboutwelcome.enabled": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "browser.safebrowsing.update.enabled": False,
            "services.settings.server": "data:,",
            "extensions.update.enabled": False,
        }
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items())
        Path(profile, "user.js").write_text("\n".join(lines), "utf-8")
        command = [_firefox(), "--headless", "--marionette", "--no-remote", "--profile", profile]
        with _started(command, MOZ_HEADLESS="1"):
            browser = WebDriver("Firefox", _reached(lambda: _Marionette(port)), {"acceptInsecureCerts": False})
            yield browser
            browser.close()


@contextlib.contextmanager
def webkit() -> Iterator[WebDriver]:
    """WebKit in its smallest browser, on a screen that nobody sees where there is none."""
    with contextlib.ExitStack() as stack:
        display = os.environ.get("DISPLAY") or stack.enter_context(_screen())
        # It runs as root too, and needs no graphics card.
        environment = {
            "DISPLAY": display,
            "GDK_BACKEND": "x11",
            "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        port = free_port()
        stack.enter_context(_started(["WebKitWebDriver", f"--port={port}"], **environment))
        options = {"webkitgtk:browserOptions": {"binary": str(_webkit()), "args": ["--automation"]}}
        browser = WebDriver("WebKit", _reached(lambda: _listening(port)), options)
        stack.callback(browser.close)
        yield browser


def _listening(port: int) -> _Http:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    return _Http(port)


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """A screen in memory; its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1400x24", "-nolisten", "tcp"]
    with _started(command, pass_fds=(write,)):
        os.close(write)
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"


@contextlib.contextmanager
def _started(command: list[str], *, pass_fds: tuple[int, ...] = (), **environment: str) -> Iterator[None]:
    """A process and all that it starts, until the end of the block."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    try:
        yield
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session of its own, and all that it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            continue
        break


def _reached(connect: Any) -> Any:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return connect()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
