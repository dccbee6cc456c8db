"""Benchmarks run to their end, small, and leave the tables of results as they are; scripts can at least be read."""

import importlib.util
import runpy
import subprocess
import sys

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
BENCHMARKS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in SHARED)


def held():
    """The results in git, and when they were written."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (FOLDER / "results").iterdir()}


@pytest.mark.benchmark
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[NEEDS[name]] if name in NEEDS else []) for name in BENCHMARKS]
)
def test_a_small_run_ends_with_its_table(name):
    for module in MODULES.get(name, ()):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    before = held()
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", "--small"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"# {name}" in done.stdout
    assert "\n| --- |" in done.stdout
    assert held() == before


def test_make_benchmark_runs_all_but_the_one_for_a_gpu():
    listed = runpy.run_path(str(ROOT / "scripts" / "benchmark.py"))["MINUTES"]
    assert {*listed, "gpu", "findings"} == set(BENCHMARKS)


@pytest.mark.parametrize("name", ["demo", "screenshot"])
def test_a_script_can_be_imported(name):
    """The demo runs in test_notebooks.py; what takes the pictures of the docs takes ten minutes."""
    pytest.importorskip("playwright" if name == "screenshot" else "nbconvert")
    assert callable(runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))["main"])
