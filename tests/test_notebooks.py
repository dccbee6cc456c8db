"""The notebooks in git: stored without outputs, and run from start to end as `make demo` runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from paths import ROOT
from PIL import Image

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_is_stored_so_that_a_diff_is_readable(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert "widgets" not in notebook.metadata


@pytest.fixture
def outputs_of(monkeypatch):
    """Run a notebook as it stands: the outputs of its code cells, by the cells' ids."""
    monkeypatch.setenv("JUPYTER_PATH", str(Path(sys.prefix, "share", "jupyter")))

    def outputs(name):
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        NotebookClient(notebook, kernel_name="python3", timeout=600).execute()
        return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}

    return outputs


@pytest.mark.notebook
@pytest.mark.timeout(900)
def test_every_method_runs_on_one_photograph(outputs_of):
    shown = outputs_of("02_methods")
    pictures = ("rde", "cartoonx", "waveletx", "shearletx", "pixelmask", "smoothmask", "dualtree")
    for name in (*pictures, "wrong-class", "right-class"):
        assert "image/png" in shown[name][-1].data
    assert "bubble is kept" in shown["wrong-class"][-1].data["text/html"]
    assert "wall clock is kept" in shown["right-class"][-1].data["text/html"]
    assert "live explorer" in shown["explore"][-1].data["text/plain"]
    errors = [output for outputs in shown.values() for output in outputs if output.output_type == "error"]
    assert errors == []


@pytest.mark.notebook
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("03_your_own_classifier", {"train": "unseen digits are right", "truth": " is kept: "}),
        ("04_compare", {"table": "WaveletX     CP-l1 pixel"}),
        ("05_study", {"more": "records"}),
        (
            "06_observe_and_link",
            {"observe": " kept\n", "link": "at a weight of 100: ", "refused-code": "no such class"},
        ),
        ("07_front_ends", {"versions": "ipywidgets", "busy": "0 steps"}),
    ],
)
def test_the_other_notebooks_run(name, said, outputs_of):
    shown = outputs_of(name)
    for cell, text in said.items():
        assert text in "".join(output.get("text", "") for output in shown[cell])


@pytest.mark.notebook
def test_the_demo_runs_without_a_terminal():
    page, picture = (ROOT / "build" / f"live_cartoonx.{ending}" for ending in ("html", "png"))
    for old in (page, picture):
        old.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "scripts/demo.py"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = page.read_text("utf-8")
    assert "espresso is kept" in text
    # Nothing is fetched when the page is opened.
    assert "<script src=" not in text
    assert 'src="http' not in text
    assert Image.open(picture).width > 600
