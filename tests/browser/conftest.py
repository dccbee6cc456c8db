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
        if request.node.stash.get(FAILED, False):
            picture = ROOT / "build" / "failures" / f"{request.node.name}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(Exception):
                book.page.screenshot(path=picture)
        book.close()


@pytest.fixture
def explorer(notebook) -> ExplorerPage:
    """The notebook's own explorer, its cell run."""
    book = notebook()
    book.run(1)
    return ExplorerPage(book)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call":
        item.stash[FAILED] = report.failed
