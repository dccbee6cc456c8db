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
    """Open a copy of the live notebook, or of another: `notebook()` gives a `Notebook`."""
    opened = []

    def open_notebook(path: str = LIVE, **viewport: int) -> Notebook:
        opened.append(Notebook(chromium, lab, lab.copy(path), **viewport))
        return opened[-1]

    yield open_notebook
    for book in opened:
        keep_picture(book, request.node)
        book.close()


@pytest.fixture(scope="session")
def open_book(lab, chromium):
    book = Notebook(chromium, lab, lab.copy(LIVE))
    yield book
    book.close()


@pytest.fixture
def book(open_book, request) -> Notebook:
    """The live notebook, which stays open for all tests, since starting a kernel for each is slow; cleared after it."""
    yield open_book
    keep_picture(open_book, request.node)
    open_book.clear()


@pytest.fixture
def explorer(book) -> ExplorerPage:
    """The notebook's own explorer, its cell run anew."""
    book.run(1)
    return ExplorerPage(book)


@pytest.fixture
def from_disk(chromium):
    """Open a file without a network: its page, and a list that gets what goes wrong in it.

    With `clock` its time can be put forward: `page.clock.fast_forward`.
    """
    contexts = []

    def open_page(path, *, clock=False, **settings):
        contexts.append(
            chromium.new_context(**{"viewport": {"width": 1300, "height": 900}, "offline": True, **settings})
        )
        page = contexts[-1].new_page()
        if clock:
            page.clock.install()
        wrong = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if request.url.startswith("http") else None)
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto(path.as_uri())
        return page, wrong

    yield open_page
    for context in contexts:
        context.close()


def keep_picture(book: Notebook, test: pytest.Item) -> None:
    """What the page looked like where the test failed, and what its cells and its console said."""
    if test.stash.get(FAILED, False):
        picture = ROOT / "build" / "failures" / f"{test.name}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Exception):
            book.page.screenshot(path=picture)
            picture.with_suffix(".txt").write_text("\n".join([*book.outputs(), *book.console]), "utf-8")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call":
        item.stash[FAILED] = report.failed
