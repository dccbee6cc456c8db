"""A notebook that was saved with its widgets, and is opened when their kernel is gone."""

from __future__ import annotations

import json

import pytest
from waiting import eventually, expect, now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_saved_notebook_shows_the_last_picture_without_its_kernel(book, explorer, notebook):
    explorer.take_step()
    summary = book.python("print(explorer.explanation.summary)").strip()
    expect(explorer.root.locator(".cx-summary")).to_contain_text(summary.split(":")[0])
    book.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    path = book.lab.folder / book.path

    def kept():
        return json.loads(path.read_text("utf-8"))["metadata"].get("widgets", {})

    eventually(lambda: summary in json.dumps(kept(), ensure_ascii=False))
    assert now(len(json.dumps(kept()))) < 400_000
    later = notebook(book.path)  # a copy, whose kernel knows nothing of the widget
    still = later.page.locator(".cx-snapshot")
    expect(still).to_contain_text(summary)
    expect(still.locator("img")).to_be_visible()
    assert now(still.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")) > 800
    expect(later.page.get_by_role("alert").filter(has_text="failed")).to_have_count(0)
