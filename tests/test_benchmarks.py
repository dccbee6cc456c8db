"""Benchmarks run to their end, small, and leave the tables of results as they are; scripts can at least be read."""

import importlib.util
import os
import runpy
import subprocess
import sys
from multiprocessing import get_context

import pytest
from paths import ROOT

FOLDER = ROOT / "benchmarks"
SHARED = {"network", "report", "timing"}  # which the benchmarks import
NEEDS = {
    "hostile": pytest.mark.browser,
    "lab": pytest.mark.browser,
    "lab_page": pytest.mark.browser,
    "live": pytest.mark.browser,
    "results_page": pytest.mark.browser,
    "visitors": pytest.mark.browser,
    "study": pytest.mark.ray,
}
MODULES = {
    "hostile": ("psutil", "playwright"),
    "classifiers": ("timm", "torchvision"),
    "findings": ("pyarrow",),
    "memory": ("psutil",),
    "quality": ("matplotlib",),
    "results_page": ("pyarrow", "playwright"),
    "study": ("pyarrow", "ray"),
    "visitors": ("psutil", "playwright"),
    "lab": ("playwright",),
    "lab_page": ("playwright",),
    "live": ("playwright",),
}
HAVE_WORKERS = {"quality", "start"}  # which return what the script defines, so that it has to be the command's own
BENCHMARKS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in SHARED)


def run_small(path, output):
    """Run a benchmark as a command does, small, with what it prints in a file."""
    with output.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    sys.argv = [str(path), "--small"]
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name="__main__")


@pytest.fixture(scope="module")
def processes():
    """Processes that have imported what takes seconds."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["torch", "cartoonx_widgets", "cartoonx_widgets.studies"])
    return context


def held():
    """The results in git, and when they were written."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (FOLDER / "results").iterdir()}


@pytest.mark.benchmark
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[NEEDS[name]] if name in NEEDS else []) for name in BENCHMARKS]
)
def test_a_small_run_ends_with_its_table(name, processes, tmp_path, monkeypatch):
    for module in MODULES.get(name, ()):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    monkeypatch.chdir(ROOT)
    before, output = held(), tmp_path / "output.txt"
    if name in HAVE_WORKERS:
        with output.open("wb") as file:
            command = [sys.executable, FOLDER / f"{name}.py", "--small"]
            code = subprocess.run(command, stdout=file, stderr=file, check=False).returncode
    else:
        process = processes.Process(target=run_small, args=(FOLDER / f"{name}.py", output))
        process.start()
        process.join()
        code = process.exitcode
    said = output.read_text("utf-8")
    assert code == 0, said
    assert f"# {name}" in said
    assert "\n| --- |" in said
    assert held() == before


def test_make_benchmark_runs_all_but_the_one_for_a_gpu():
    listed = runpy.run_path(str(ROOT / "scripts" / "benchmark.py"))["MINUTES"]
    assert {*listed, "gpu", "findings"} == set(BENCHMARKS)


@pytest.mark.parametrize("name", ["demo", "screenshot"])
def test_a_script_can_be_imported(name):
    """The demo runs in test_notebooks.py; what takes the pictures of the docs takes ten minutes."""
    pytest.importorskip("playwright" if name == "screenshot" else "nbconvert")
    assert callable(runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))["main"])
