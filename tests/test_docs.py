"""The README and the pages in docs/: their Python runs, their commands exist, their links lead somewhere."""

import functools
import re
import shlex
from pathlib import Path

import pytest
from paths import ROOT

import cartoonx_widgets as cx
from cartoonx_widgets import cli

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ALL_PAGES = [*PAGES, ROOT / "docs" / "api" / "index.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]

FENCED = re.compile(r"^(<!-- not run -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
QUICK = {"steps": 3, "samples": 2}


def each(pages):
    return pytest.mark.parametrize("page", pages, ids=lambda page: page.name)


def blocks(page, language):
    """Each block of a page that is not marked as not run: its code, on the page's own lines."""
    text = page.read_text(encoding="utf-8")
    for block in FENCED.finditer(text):
        if block[2] == language and not block[1]:
            yield "\n" * text.count("\n", 0, block.start(3)) + block[3]


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch):
    """A folder with a photo.jpg, in which a run that names no settings is a short one."""
    cx.explain  # noqa: B018 - loads what is changed below
    short = functools.partial(cx.methods.cartoonx_interactive, **QUICK)
    monkeypatch.setattr("cartoonx_widgets.explanations.explain.cartoonx_interactive", short)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(cx.images.to_jpeg(cx.images.sample("coffee")))


def with_python():
    """The pages that have some, and which of them start Ray."""
    for page in PAGES:
        code = "\n".join(blocks(page, "python"))
        if code:
            yield pytest.param(page, marks=[pytest.mark.ray] if "ray=" in code else [])


@pytest.mark.docs
@each([*with_python()])
def test_the_python_of_a_page_runs(page, in_a_folder):
    """From top to bottom, later blocks with the names of earlier ones, as a reader types them."""
    names = {"__name__": page.name}
    for code in blocks(page, "python"):
        exec(compile(code, page, "exec"), names)
    for value in names.values():
        if isinstance(value, cx.Explorer):
            value.close()


@each(ALL_PAGES)
def test_the_commands_of_a_page_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in "\n".join(blocks(page, "sh")).splitlines():
        program, *arguments = shlex.split(line, comments=True) or [""]
        if program == "make":
            assert re.search(rf"^{arguments[0]}:", makefile, re.MULTILINE), line
        elif program == "cartoonx-widgets":
            cli._parser().parse_args(arguments)
        elif program.endswith("python"):
            assert (ROOT / arguments[0]).is_file(), line


@each(ALL_PAGES)
def test_links_lead_somewhere(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.finditer(text):
        address, _, part = (link[1] or link[2]).partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        target = page.parent / address if address else page
        assert target.exists(), f"{page.name} links to {address}, which is not there"
        if part:
            assert part in headings(target), f"{page.name} links to #{part}, which {target.name} does not have"


def headings(page):
    """What a link to a heading is called, by GitHub's rule."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def test_every_page_is_reached():
    """From the README or the list of pages."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/index.md"))
    linked = {Path(link[1]).name for link in LINK.finditer(text) if link[1]}
    assert {page.name for page in PAGES} - {"README.md"} <= linked


def test_every_table_of_results_has_a_row():
    """By which the site's contents know it."""
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[\w+\]\(\.\./benchmarks/results/(\w+)\.md\)", text, re.MULTILINE)
    assert sorted(rows) == sorted(path.stem for path in (ROOT / "benchmarks" / "results").glob("*.md"))


def test_the_version_is_the_same_everywhere():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    newest, date = re.search(r"^## \[(\d.*?)\] - (\S+)$", changelog, re.MULTILINE).groups()
    assert newest == cx.__version__
    assert f"\nversion: {newest}\ndate-released: {date}\n" in citation
