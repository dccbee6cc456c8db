"""The programs that show widgets, each with the same two: what starts them, and what a reader does there first."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, ClassVar

from harness import SMALL_CLASSIFIER, wait_for_server
from tabs import PATIENCE, free_port, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness import Lab
    from tabs import Tab

SETTINGS = "quick = {'steps': 6, 'samples': 2}"
EXPLORER = "cx.explore('coffee', classifier=small, method=cx.methods.cartoonx_interactive(**quick))"
COMPARISON = "cx.compare('coffee', [cx.methods.cartoonx(**quick), cx.methods.pixel_mask(**quick)], classifier=small)"


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


class Place:
    """A program that shows widgets.

    Attributes:
        name: as people call it.
        package: by whose version it is told.
        needs: packages that it takes.
        comes_back: whether a page that is loaded anew shows what it showed.
        saves: whether it saves notebooks with their widgets.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    comes_back: ClassVar[bool] = False
    saves: ClassVar[bool] = False

    @classmethod
    def missing(cls) -> str:
        """How to install what is not here; empty where all is."""
        lacking = [name for name in (cls.package, *cls.needs) if not _is_installed(name)]
        return f"pip install {' '.join(lacking)}" if lacking else ""

    @classmethod
    def version(cls) -> str:
        return importlib.metadata.version(cls.package)

    def __init__(self, url: str) -> None:
        self.url = url

    def open(self, tab: Tab) -> None:
        """Open the page, and run its cells."""
        tab.goto(self.url)

    def reload(self, tab: Tab) -> None:
        """Load the page anew."""
        tab.goto("about:blank")
        tab.goto(self.url)


class _InJupyter(Place):
    """A page of a Jupyter server."""

    path: ClassVar[str]

    @classmethod
    @contextlib.contextmanager
    def started(cls, lab: Lab, folder: Path) -> Iterator[Place]:
        source = lab.folder / "core.ipynb"
        cells = [f"{SMALL_CLASSIFIER}\n{SETTINGS}", f"explorer = {EXPLORER}\nexplorer", COMPARISON]
        code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        content = {
            "cells": [{**code, "id": f"cell-{place}", "source": text} for place, text in enumerate(cells)],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        source.write_text(json.dumps(content), "utf-8")
        notebook = lab.copy("core.ipynb")
        yield cls(f"{lab.address}/{cls.path}/{notebook}?token={lab.token}")


class JupyterLab(_InJupyter):
    name = "JupyterLab"
    package = "jupyterlab"
    path = "lab/tree"
    comes_back = saves = True

    def open(self, tab: Tab) -> None:
        self.wait_for_kernel(tab)
        tab.js("window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def wait_for_kernel(self, tab: Tab) -> None:
        tab.goto(f"{self.url}&reset")
        tab.until("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")

    def save(self, tab: Tab) -> None:
        """Save the notebook with its widgets."""
        tab.js("await window.jupyterapp.commands.execute('docmanager:save')")

    def shut_down(self, tab: Tab) -> None:
        """End the kernel."""
        tab.js("await window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def reload(self, tab: Tab) -> None:
        self.save(tab)
        tab.goto("about:blank")
        self.wait_for_kernel(tab)


class Notebook7(JupyterLab):
    name = "Notebook"
    package = "notebook"
    path = "notebooks"


class Voila(_InJupyter):
    name = "Voilà"
    package = "voila"
    path = "voila/render"


class _Served(Place):
    """A page of a server of its own."""

    health: ClassVar[str]
    source: ClassVar[str]

    @classmethod
    @contextlib.contextmanager
    def started(cls, lab: Lab, folder: Path) -> Iterator[Place]:
        file, log, port = folder / "core.py", folder / "log.txt", free_port()
        file.write_text(cls.source, "utf-8")
        with log.open("w", encoding="utf-8") as out:
            server = subprocess.Popen(
                [sys.executable, "-m", *cls.command(str(file), str(port))],
                env={**os.environ, "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false", "MARIMO_SKIP_UPDATE_CHECK": "1"},
                cwd=folder,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_for_server(server, f"{address}{cls.health}", log, patience=PATIENCE)
            yield cls(address)
        finally:
            stop(server)

    @staticmethod
    def command(file: str, port: str) -> list[str]:
        """What follows `python -m`."""
        raise NotImplementedError


def _indented(code: str, by: int) -> str:
    return "\n".join(" " * by + line for line in code.strip().splitlines())


class MarimoRun(_Served):
    name = "marimo run"
    package = "marimo"
    health = "health"
    source = f"""import marimo

app = marimo.App()


@app.cell
def _():
{_indented(SMALL_CLASSIFIER, 4)}
    {SETTINGS}
    return cx, quick, small


@app.cell
def _(cx, quick, small):
    explorer = {EXPLORER}
    explorer
    return (explorer,)


@app.cell
def _(cx, quick, small):
    {COMPARISON}
    return


@app.cell
def _(cx, quick, small):
    import marimo as mo

    wrapped = mo.ui.anywidget({EXPLORER})
    wrapped
    return mo, wrapped


@app.cell
def _(mo, wrapped):
    mo.md(f"traits: {{wrapped.value['steps_done']}} of {{wrapped.value['steps']}}")
    return
"""

    @staticmethod
    def command(file: str, port: str) -> list[str]:
        return ["marimo", "-y", "run", file, "--headless", "--no-token", "--port", port]


class MarimoEdit(MarimoRun):
    name = "marimo edit"
    comes_back = True

    @staticmethod
    def command(file: str, port: str) -> list[str]:
        return ["marimo", "-y", "edit", file, "--headless", "--no-token", "--skip-update-check", "--port", port]

    @classmethod
    @contextlib.contextmanager
    def started(cls, lab: Lab, folder: Path) -> Iterator[Place]:
        # Cells run when the notebook is opened, as in an app.
        (folder / "pyproject.toml").write_text("[tool.marimo.runtime]\nauto_instantiate = true\n", "utf-8")
        with super().started(lab, folder) as place:
            yield place


class Solara(_Served):
    name = "Solara"
    package = "solara"
    needs = ("solara-assets",)  # 250 MB, so no part of the development tools; its pages need a network without it
    health = "readyz"
    source = f"""import solara
{SMALL_CLASSIFIER}
{SETTINGS}


@solara.component
def Page():
    explorer = solara.use_memo(lambda: {EXPLORER}, [])
    comparison = solara.use_memo(lambda: {COMPARISON}, [])
    with solara.Column():
        solara.display(explorer)
        solara.display(comparison)
"""

    @staticmethod
    def command(file: str, port: str) -> list[str]:
        return ["solara", "run", file, "--no-open", "--production", "--host", "127.0.0.1", "--port", port]


PLACES = (JupyterLab, Notebook7, Voila, MarimoRun, MarimoEdit, Solara)
