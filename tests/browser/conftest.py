"""One JupyterLab and one Chromium for all browser tests."""

from __future__ import annotations

import contextlib

import pytest

pytest.importorskip("playwright.sync_api", reason="browser tests need the [dev] extra")

from harness import LIVE, ROOT, ExplorerPage, Notebook, open_chromium, serve_lab

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    with serve_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def notebook(lab, chromium, request):
    """Open the live notebook, or another: `notebook()` gives a `Notebook`."""
    opened = []

    def open_notebook(path: str = LIVE, **viewport: int) -> Notebook:
        opened.append(Notebook(chromium, lab, path, **viewport))
        return opened[-1]

    yield open_notebook
    for book in opened:
        keep_picture(book, request.node)
        book.close()


@pytest.fixture
def explorer(notebook) -> ExplorerPage:
    """The notebook's own explorer, its cell run."""
    book = notebook()
    book.run(1)
    return ExplorerPage(book)


@pytest.fixture(scope="session")
def open_book(lab, chromium):
    book = Notebook(chromium, lab)
    yield book
    book.close()


@pytest.fixture
def next_explorer(open_book, request) -> ExplorerPage:
    """A new explorer in a notebook that stays open: starting a kernel for each test is slow."""
    open_book.run(1)
    yield ExplorerPage(open_book)
    keep_picture(open_book, request.node)
    open_book.python("explorer.close()")
    open_book.page.wait_for_function("() => document.querySelectorAll('.cx-explorer').length === 0")


def keep_picture(book: Notebook, test: pytest.Item) -> None:
    """What the page looked like where the test failed."""
    if test.stash.get(FAILED, False):
        picture = ROOT / "build" / "failures" / f"{test.name}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Exception):
            book.page.screenshot(path=picture)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call":
        item.stash[FAILED] = report.failed
