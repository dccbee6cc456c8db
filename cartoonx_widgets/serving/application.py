"""Voilà with pages of our own: a start page, two notebooks, and nothing else that a visitor could open."""

from __future__ import annotations

import logging
import socket
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import tornado.ioloop
from jinja2 import ChoiceLoader, FileSystemLoader
from tornado import web
from tornado.iostream import StreamClosedError
from traitlets.config import Config
from voila.app import Voila
from voila.handler import BaseVoilaHandler, VoilaHandler
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from cartoonx_widgets._terminal import say
from cartoonx_widgets.serving.channels import Channels
from cartoonx_widgets.serving.kernel_pool import KernelPool, visit

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent
_PAGES, _TEMPLATES = _HERE / "pages", _HERE / "templates"
_SHOWING_FILES = {TornadoVoilaTreeHandler, TornadoVoilaHandler, VoilaContentsHandler, AllowListFileHandler}
# The browser itself refuses what would leave for the internet. JupyterLab's parts compile code and style on the page.
_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; frame-ancestors 'self'"
_PATIENCE = 300  # seconds; ten kernels that start at once on two cores are slow


def run(
    host: str,
    port: int,
    *,
    visitors: int,
    environment: dict[str, str],
    language: str,
    translations: dict[str, str],
    open_browser: bool,
) -> None:
    """Serve until interrupted; `translations` has those of what the pages say."""

    def translated(text: str) -> str:
        return translations.get(text, text)

    config = Config()
    config.KernelPool.visitors = visitors
    config.KernelPool.environment = environment
    config.KernelPool.allow_tracebacks = False
    config.KernelPool.transport_encryption = "auto"  # nobody else on this machine can listen
    config.KernelPool.kernel_info_timeout = _PATIENCE
    config.PasswordIdentityProvider.allow_password_change = False
    config.VoilaConfiguration.multi_kernel_manager_class = KernelPool
    config.VoilaConfiguration.page_config_hook = _add_to_page
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.http_keep_alive_timeout = 2  # seconds until a visitor who left is noticed
    # The extensions that widgets need; others that are installed here have no place on the page.
    config.VoilaConfiguration.extension_allowlist = [
        "anywidget",
        "@jupyter-widgets/jupyterlab-manager",
        "@voila-dashboards/widgets-manager8",
    ]
    config.VoilaConfiguration.extra_labextensions_path = [str(_HERE / "labextensions")]
    config.VoilaExecutor.startup_timeout = _PATIENCE
    config.VoilaExecutor.iopub_timeout = _PATIENCE
    config.VoilaExecutor.cell_error_instruction = translated("Whoever serves this page finds the reason in the log.")
    config.VoilaExporter.language_code = language
    config.VoilaExporter.filters = {"translated": translated}
    server = _Classroom.instance(  # Voilà logs with the instance that there is
        config=config,
        ip=host,
        port=port,
        port_retries=0,
        root_dir=str(_PAGES),
        auto_token=True,
        open_browser=False,  # Voilà would open it without the token
        log_level="ERROR",
        tornado_settings={
            "headers": {"Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin"},
        },
    )
    server.translated, server.language, server.opens_browser = translated, language, open_browser
    server.initialize([])
    server.start()


class _Classroom(Voila):
    """The server; its log goes by this name."""

    config_file_paths: list[str] = []  # noqa: RUF012 - a trait; nothing but the arguments decides
    template_paths: list[str]
    translated: Callable[[str], str]
    language: str
    opens_browser: bool

    def initialize(self, argv: Any = None) -> None:  # noqa: ANN401
        super().initialize(argv)
        for logger in (self.log, *map(logging.getLogger, ("asyncio", "tornado.general", "tornado.application"))):
            logger.addFilter(_is_news)

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.template_paths = [str(_TEMPLATES), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = super().init_settings()
        self.kernel_spec_manager.kernel_dirs = []  # the kernels run in this Python, whatever else is installed
        for name in ("voila_jinja2_env", "jinja2_env"):
            environment = settings[name]
            environment.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), environment.loader])
            environment.filters["translated"] = self.translated
            environment.globals["language"] = self.language
        return settings

    def init_handlers(self) -> list[Any]:
        pages = {"voila_configuration": self.voila_configuration}
        notebooks = {**pages, "template_paths": self.template_paths, "config": self.config}
        handlers = [
            (pattern, Channels if handler is VoilaKernelWebsocketHandler else handler, *settings)
            for pattern, handler, *settings in super().init_handlers()
            if handler not in _SHOWING_FILES
        ]
        return [*handlers, (r"/", _Start, pages), (r"/(explorer|lab)", _Page, notebooks)]

    def listen(self) -> None:
        tornado.ioloop.IOLoop.current().add_callback(self._announce)  # once it does listen
        super().listen()

    def _announce(self) -> None:
        host = socket.gethostname() if self.ip in ("", "0.0.0.0", "::") else self.ip  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{self.port}/?token={self.identity_provider.token}"
        say(f"Open {address}\nStop with Ctrl-C.")
        if self.opens_browser:
            webbrowser.open(address)


def _add_to_page(resources: dict[str, Any], **_: object) -> dict[str, Any]:
    ours = {"name": "cartoonx", "load": "patience.js", "extension": "./extension"}
    return resources | {"kernelId": visit.get(), "federated_extensions": [*resources["federated_extensions"], ours]}


def _is_news(record: logging.LogRecord) -> bool:
    """Not what follows from a visitor who left, before the page was complete or later, nor Jupyter's own pings."""
    error = record.exc_info[1] if record.exc_info else None
    left = isinstance(error, RuntimeError) and str(error).startswith("Kernel died")
    text = record.getMessage()
    return not (left or text.startswith("Got events for closed stream") or "websocket_ping_timeout" in text)


class _Start(BaseVoilaHandler):
    @web.authenticated
    def get(self) -> None:
        self.write(self.render_template("start.html"))


class _Page(VoilaHandler):
    """One notebook with a kernel of its own."""

    @web.authenticated
    async def get(self, page: str) -> None:
        self._kernel_id = str(uuid4())
        visit.set(self._kernel_id)
        self.xsrf_token  # noqa: B018 - sets the cookie without which the page may not end its kernel
        try:
            async for html in self.get_generator(path=f"{page}.ipynb"):
                self.write(html)
                await self.flush()
        except StreamClosedError:
            self.kernel_manager.leave(self._kernel_id)
        else:
            self.kernel_manager.expect_page(self._kernel_id)

    def on_connection_close(self) -> None:
        """Closed or reloaded before the page was complete, which cannot say so itself."""
        super().on_connection_close()
        self.kernel_manager.leave(self._kernel_id)
