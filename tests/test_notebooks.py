"""The notebooks in git: stored without outputs, and run from start to end as `make demo` runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_is_stored_so_that_a_diff_is_readable(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert "widgets" not in notebook.metadata


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
    text = page.read_text()
    assert "espresso is kept" in text
    # Nothing is fetched when the page is opened.
    assert "<script src=" not in text
    assert 'src="http' not in text
    assert Image.open(picture).width > 600
