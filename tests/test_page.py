"""The page code as the widgets and their pages have it."""

from __future__ import annotations

import pytest

import cartoonx_widgets as cx
from cartoonx_widgets.widgets import page


@pytest.mark.parametrize("entry", ["explorer.js", "replay.js", "lab.js", "compare.js", "results.js"])
def test_a_widgets_module_is_there_at_once(entry):
    """A browser reads plotly.js for longer than anywidget waits for a module on a busy machine."""
    assert "export default" in page.script(entry)
    assert len(page.script(entry)) < 300_000


def test_plotly_comes_beside_the_module_with_its_licence_and_without_the_wrapper_that_slows_it():
    assert page.library().startswith("export default ")
    assert "plotly.js v" in page.library()
    assert "Licensed under the MIT license" in page.library()
    assert "root.moduleName" not in page.library()
    lab = cx.sparsity_lab(size=32)
    assert lab._plotly == page.library()
    lab.close()
