"""Serving visitors: what is checked before anything starts."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import socket
from pathlib import Path

from cartoonx_widgets._terminal import say
from cartoonx_widgets.classifiers.by_name import CLASSIFIER, CLASSIFIER_FOLDER, classifier_by_name
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.widgets.shared.visitor_limits import TRACEBACKS, UPLOAD_MEGABYTES, UPLOAD_PIXELS

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_MOST_PIXELS = "16000000"  # of a photograph that a visitor uploads: decoded, it takes a quarter of a gigabyte
LANGUAGE = "CARTOONX_WIDGETS_LANGUAGE"


def serve(
    host: str = "127.0.0.1",
    port: int = 8866,
    *,
    visitors: int = 10,
    upload_megabytes: float = 16,
    language: str = ENGLISH,
    classifier: str | None = None,
    open_browser: bool = True,
) -> None:
    """Serve the explorer and the sparsity lab until interrupted; the address is printed with its token.

    Each page that is open has a kernel of its own, a Python process that ends when the page is closed. Jupyter's
    authentication is on: the token lets in, and lets nobody run code.

    Args:
        host: address to listen on; by itself only this machine can connect.
        port: to listen on.
        visitors: how many pages may be open at once. A further visitor is told so, and nobody else is disturbed.
        upload_megabytes: the largest photograph that a visitor may upload.
        language: of the pages, "en" or "de".
        classifier: that visitors explain, as "module:function" (see `classifiers.by_name`); it is loaded here once to
            see whether it can be, and by each visitor's kernel. EfficientNet-Lite0 by default.
        open_browser: whether to open the start page in a browser.

    Raises:
        ValueError: an argument is not allowed, or the classifier cannot be loaded.
        TypeError: `classifier` names no `Classifier`.
        ModuleNotFoundError: Voilà, or the kernel that it starts for each visitor, is not installed.
        OSError: nothing can listen on this host and port, for instance because another program does.
    """
    if visitors < 1:
        raise ValueError(f"visitors={visitors} must be at least 1")
    if not 0 < port < 1 << 16:
        raise ValueError(f"port={port} must be from 1 to {(1 << 16) - 1}")
    if not upload_megabytes > 0:
        raise ValueError(f"upload_megabytes={upload_megabytes} must be more than 0")
    said = texts(language)
    _check_installed()
    if classifier is not None:
        classifier_by_name(classifier)
    _check_free(host, port)
    from cartoonx_widgets.serving.application import run  # noqa: PLC0415 - Voilà is an extra

    cores = os.cpu_count() or 1
    threads = str(max(1, cores // visitors))  # more threads than cores would wait for one another
    environment = {name: os.environ.get(name, threads) for name in _THREADS}
    environment |= {UPLOAD_MEGABYTES: str(upload_megabytes), TRACEBACKS: "no", LANGUAGE: language}
    environment |= {UPLOAD_PIXELS: os.environ.get(UPLOAD_PIXELS, _MOST_PIXELS)}
    environment |= {CLASSIFIER: classifier or "", CLASSIFIER_FOLDER: str(Path.cwd())}
    if not _is_this_machine(host):
        say(f"--host {host}: everyone who can reach this machine and has the token can use it.")
    run(
        host,
        port,
        visitors=visitors,
        environment=environment,
        language=language,
        said=said,
        open_browser=open_browser,
    )


def _check_installed() -> None:
    missing = [name for name in ("voila", "ipykernel") if importlib.util.find_spec(name) is None]
    if missing:
        raise ModuleNotFoundError(
            f"serving needs {' and '.join(missing)}, not installed here: "
            'pip install ".[serve]" in a clone of the package '
            '(once it is published: pip install "cartoonx-widgets[serve]")'
        )


def _check_free(host: str, port: int) -> None:
    """Voilà would take another port without a word, or end without a reason."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(
            f"cannot listen on host {host}, port {port}: {reason}; choose another port or another host"
        ) from error


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
