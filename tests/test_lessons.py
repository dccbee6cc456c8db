"""The lessons: each runs from start to end, answered or not, and its checks tell right from wrong."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from paths import ROOT

FOLDER = ROOT / "notebooks" / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9]_*.ipynb"))
CHECK = re.compile(r'check\("(\d\.\d+)"')
DESCRIBED = re.compile(r'(alt|aria-label)="[^"]{3,}"|aria-hidden="true"')
STEPS = re.compile(r"\bsteps=\d{2,}")
VERDICT = re.compile(r"^(\d\.\d+) (✓|✗|…)", re.MULTILINE)

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def checks(monkeypatch):
    """The module of checks, found as a notebook beside it finds it."""
    monkeypatch.syspath_prepend(FOLDER)
    yield import_module("checks")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("checks", "show")]:
        del sys.modules[name]


def run(path, monkeypatch):
    """A notebook, executed in its own folder, its optimisations with few steps: what they find is not looked at."""
    monkeypatch.setenv("JUPYTER_PATH", str(Path(sys.prefix, "share", "jupyter")))
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = STEPS.sub("steps=9", cell.source)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, kernel_name="python3", timeout=200, resources=resources).execute()
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def said(notebook):
    """What the checks said: number of the exercise and mark."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs(notebook)]
    return [verdict for text in texts for verdict in VERDICT.findall(text)]


def asked(notebook):
    """The exercises that a notebook checks, in their order."""
    return CHECK.findall("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))


@each_lesson
@pytest.mark.notebook
@pytest.mark.timeout(300)
def test_a_lesson_runs_unanswered(path, monkeypatch, checks):
    notebook = run(path, monkeypatch)
    exercises = import_module(f"checks.lesson_{path.stem[0]}").EXERCISES
    assert asked(notebook) == list(exercises), "each exercise is asked once, in order"
    found = said(notebook)
    assert [number for number, _ in found] == list(exercises)
    assert "✓" not in dict(found).values()
    noise = [output.text for output in outputs(notebook) if output.get("name") == "stderr"]
    assert noise == [], "nothing is said that the room would have to ask about"
    pages = [output.data.get("text/html", "") for output in outputs(notebook) if "data" in output]
    pictures = [tag for page in pages for tag in re.findall(r"<img[^>]*>|<svg[^>]*>", page)]
    assert pictures
    assert [tag[:80] for tag in pictures if not DESCRIBED.search(tag)] == []


@each_lesson
@pytest.mark.notebook
@pytest.mark.timeout(300)
def test_its_solutions_are_right(path, monkeypatch):
    notebook = run(FOLDER / "solutions" / path.name, monkeypatch)
    exercises = import_module(f"checks.lesson_{path.stem[0]}").EXERCISES
    assert said(notebook) == [(number, "✓") for number in exercises]


@each_lesson
def test_what_is_wrong_is_told(path, checks):
    module = import_module(f"checks.lesson_{path.stem[0]}")
    assert module.WRONG.keys() == module.EXERCISES.keys()
    for number, answers in module.WRONG.items():
        assert checks.check(number, None).right is None
        assert answers
        for answer in answers:
            verdict = checks.check(number, answer)
            assert verdict.right is False, f"{number}: {answer!r}"
            assert module.EXERCISES[number].hint in verdict.text


def test_the_lessons_tell_their_minutes():
    """A section's heading ends with its minutes, so that a teacher can plan."""
    for path in LESSONS:
        notebook = nbformat.read(path, as_version=4)
        headings = re.findall(
            r"^## (.+)$",
            "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"),
            re.MULTILINE,
        )
        minutes = [re.search(r"\((\d+) min\)$", heading) for heading in headings]
        assert headings
        assert all(minutes), f"{path.name}: {headings}"
        assert 20 <= sum(int(found[1]) for found in minutes) <= 45, path.name
