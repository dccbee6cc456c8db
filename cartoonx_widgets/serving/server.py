"""Serving visitors: what is checked before anything starts, and what the process is prepared for."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import ipaddress
import os
import socket
from functools import partial

from cartoonx_widgets._memory import limit_arenas
from cartoonx_widgets._terminal import print_line
from cartoonx_widgets.classifiers import efficientnet_lite0
from cartoonx_widgets.classifiers.by_name import classifier_by_name
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.live import turns
from cartoonx_widgets.widgets.shared.visitor_limits import TRACEBACKS, UPLOAD_MEGABYTES, UPLOAD_PIXELS

_FILES = 8192  # descriptors: each connection takes one
_MOST_PIXELS = "16000000"  # of a photograph that a visitor uploads: decoded, it takes a quarter of a gigabyte


def serve(
    host: str = "127.0.0.1",
    port: int = 8866,
    *,
    visitors: int = 30,
    upload_megabytes: float = 16,
    language: str = ENGLISH,
    classifier: str | None = None,
    open_browser: bool = True,
) -> None:
    """Serve the explorer and the sparsity lab until interrupted; the addresses are printed with their tokens.

    One process serves all pages. Each open page has a widget of its own, which ends when the page is closed; they share
    the classifier, and take their steps in turn. There is one address for visitors and one for the teacher, whose
    explorer all visitors can follow. Nobody can run code, with a token or without.

    Args:
        host: address to listen on; by default only this machine can connect.
        port: to listen on.
        visitors: how many pages may be open at once; those who follow the teacher do not count. A further visitor waits
            for a place.
        upload_megabytes: the largest photograph that a visitor may upload.
        language: of the pages, "en" or "de".
        classifier: that visitors explain, as "module:function" (see `classifiers.by_name`). EfficientNet-Lite0 by
            default.
        open_browser: whether to open the teacher's start page in a browser.

    Raises:
        ValueError: an argument is not allowed, or the classifier cannot be loaded.
        TypeError: `classifier` names no `Classifier`.
        ModuleNotFoundError: Tornado is not installed.
        OSError: nothing can listen on this host and port, for instance because another program does.
    """
    if visitors < 1:
        raise ValueError(f"visitors={visitors} must be at least 1")
    if not 0 < port < 1 << 16:
        raise ValueError(f"port={port} must be from 1 to {(1 << 16) - 1}")
    if not upload_megabytes > 0:
        raise ValueError(f"upload_megabytes={upload_megabytes} must be more than 0")
    translations = texts(language)
    _check_installed()
    _check_free(host, port)
    from cartoonx_widgets.serving.application import run  # noqa: PLC0415 - Tornado is an extra
    from cartoonx_widgets.widgets.explorer.widget import Explorer  # noqa: PLC0415
    from cartoonx_widgets.widgets.sparsity_lab.widget import SparsityLab  # noqa: PLC0415

    os.environ |= {UPLOAD_MEGABYTES: str(upload_megabytes), TRACEBACKS: "no"}
    os.environ.setdefault(UPLOAD_PIXELS, _MOST_PIXELS)
    _prepare_process()
    shared = efficientnet_lite0() if classifier is None else classifier_by_name(classifier)
    if not _is_this_machine(host):
        print_line(f"--host {host}: everyone who can reach this machine and has the token can use it.")
    asyncio.run(
        run(
            host,
            port,
            visitors=visitors,
            widgets={
                "explorer": partial(Explorer, classifier=shared, language=language),
                "lab": partial(SparsityLab, language=language),
            },
            translations=translations,
            language=language,
            open_browser=open_browser,
        )
    )


def _prepare_process() -> None:
    """Make room for many visitors in one process."""
    turns.TURNS.share_cores()
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows, or not allowed
        import resource  # noqa: PLC0415

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    limit_arenas(2)  # else each thread of a run has its own


def _check_installed() -> None:
    if importlib.util.find_spec("tornado") is None:
        raise ModuleNotFoundError(
            'serving needs tornado, not installed here: pip install ".[serve]" in a clone of the package '
            '(once it is published: pip install "cartoonx-widgets[serve]")'
        )


def _check_free(host: str, port: int) -> None:
    """Check that somebody can listen there, before the classifier is loaded."""
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
