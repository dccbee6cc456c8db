"""Show the live notebook: what ``make demo`` runs in ``.venv``.

From a terminal it opens in JupyterLab. Without one it is run to its end, and leaves a page and a picture
in ``build/``.
"""

import base64
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.serverapp import list_running_servers
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "01_live_cartoonx.ipynb"
PAGE = ROOT / "build" / "live_cartoonx.html"
PICTURE = ROOT / "build" / "live_cartoonx.png"

CELL_TIMEOUT = 1200  # seconds
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# JupyterLab's look, without the scripts that a page would fetch from the internet.
PAGE_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
"""


def has_screen() -> bool:
    """Say whether a browser could open here."""
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def wait_for_server(lab: "subprocess.Popen[bytes]") -> dict[str, Any] | None:
    """Return what Jupyter says about the server just started, or None when it ended instead."""
    while lab.poll() is None:
        for server in list_running_servers():
            if server["pid"] == lab.pid:
                with contextlib.suppress(OSError, HTTPException):
                    # Once it answers, it has said all it says at its start, and what we print stands last.
                    connection = HTTPConnection("localhost", server["port"], timeout=30)
                    connection.request("GET", "/api")
                    connection.getresponse()
                return dict(server)
        time.sleep(0.2)
    return None


def open_in_jupyterlab() -> int:
    """Start JupyterLab on the notebook, stay until it ends, and return its exit status."""
    command = [sys.executable, "-m", "jupyterlab", str(NOTEBOOK)]
    command += ["--ServerApp.ip=localhost", "--log-level=ERROR"]
    if not has_screen():
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    print("Starting JupyterLab ...", flush=True)
    with subprocess.Popen(command, cwd=ROOT) as lab:  # noqa: S603 - nothing in it comes from outside
        if server := wait_for_server(lab):
            token = f"?token={server['token']}" if server["token"] else ""
            print(f"\nThe notebook is at\n\n    {server['url']}lab/tree/{NOTEBOOK.name}{token}\n")
            if not has_screen():
                port = server["port"]
                print(
                    "To see it in a browser on another machine, forward the port from there with\n"
                    f"`ssh -N -L {port}:localhost:{port} <this machine>`, then open the same address."
                )
            print("Ctrl-C ends it.", flush=True)
        while True:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                continue  # Jupyter got it too, and asks whether it is meant


def run_notebook() -> nbformat.NotebookNode:
    """Run the notebook with this very Python, saying each cell as it is done."""
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOK, as_version=4)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    started = time.monotonic()

    def report(cell: nbformat.NotebookNode, **_: object) -> None:
        number = next(i for i, other in enumerate(code_cells, start=1) if other is cell)
        first_line = cell.source.strip().splitlines()[0][:70]
        print(f"[{number}/{len(code_cells)}, {time.monotonic() - started:.0f} s] {first_line}", flush=True)

    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # without ipykernel's warning about local sockets
        on_cell_executed=report,
    ).execute()
    return notebook


def displayed(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    """Yield the MIME bundle of each output, in their order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                yield output.data


def last_picture(notebook: nbformat.NotebookNode) -> bytes | None:
    """Return the last PNG among the outputs, plain or inside HTML."""
    found = None
    for data in displayed(notebook):
        embedded = re.findall(r'src="data:image/png;base64,([^"]+)"', data.get("text/html", ""))
        found = data.get("image/png") or (embedded[-1] if embedded else found)
    return base64.b64decode(found) if found else None


def save_page_and_picture() -> int:
    """Run the notebook, write what it shows to ``build/``, and return an exit status."""
    print(f"Running {NOTEBOOK.relative_to(ROOT)} ...", flush=True)
    try:
        notebook = run_notebook()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        print(f"{strip_ansi(str(error))}\nError: {NOTEBOOK.name} did not run to its end.", file=sys.stderr)
        return 1
    picture = last_picture(notebook)
    if picture is None:
        print(f"Error: {NOTEBOOK.name} ran to its end but showed no picture.", file=sys.stderr)
        return 1
    for data in displayed(notebook):
        data.pop(WIDGET_VIEW, None)  # needs a kernel; the page shows what stands beside it
    exporter = HTMLExporter(raw_template=PAGE_TEMPLATE, embed_images=True)
    resources = {"metadata": {"name": "Live CartoonX", "path": str(NOTEBOOK.parent)}}
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    PICTURE.write_bytes(picture)
    print(f"The page:    {PAGE}\nThe picture: {PICTURE}")
    return 0


def main() -> int:
    """Show the notebook in the way that suits where this runs."""
    if not NOTEBOOK.is_file():
        print(f"Error: {NOTEBOOK} is missing.", file=sys.stderr)
        return 1
    # The kernel named python3 is then this Python's, whatever else the user has installed.
    os.environ["JUPYTER_PATH"] = str(Path(sys.prefix, "share", "jupyter"))
    return open_in_jupyterlab() if sys.stdin.isatty() else save_page_and_picture()


if __name__ == "__main__":
    sys.exit(main())
