"""The page code as the widgets and their pages have it."""

from __future__ import annotations

import gzip
import json
import re
from importlib.resources import files

import pytest

import cartoonx_widgets as cx
from cartoonx_widgets.widgets.shared import assets

ALL = ["explorer", "replay", "sparsity_lab", "signal_lab", "compare", "results"]


@pytest.mark.parametrize("widget", ALL)
def test_a_widgets_module_is_there_at_once(widget):
    """A browser reads plotly.js for longer than anywidget waits for a module on a busy machine."""
    assert "export default" in assets.script(widget)
    assert len(assets.script(widget)) < 150_000


@pytest.mark.parametrize("widget", ALL)
def test_each_module_is_joined_once_and_after_what_it_imports(widget):
    script = assets.script(widget)
    paths = [
        line.removeprefix("// ") for line in script.splitlines() if line.startswith("// ") and line.endswith(".js")
    ]
    assert len(paths) == len(set(paths)) > 5
    assert paths[-1] == f"{widget}/page/main.js"


BAD = {
    "another form of import": ('import b from "./b.js";\n', "'import b from"),
    "a whole module": ('import * as b from "./b.js";\n', "cannot be joined"),
    "a module for its effects": ('import "./b.js";\n', "cannot be joined"),
    "a package": ('import { b } from "plotly.js";\n', "cannot be joined"),
    "another form of export": ("const c = 1;\nexport { c };\n", "'export { c };' cannot be joined"),
    "exports of another module": ('export { b } from "./b.js";\n', "cannot be joined"),
    "all exports of another module": ('export * from "./b.js";\n', "cannot be joined"),
    "several constants at once": ("export const { c } = {};\n", "cannot be joined"),
    "a module that is not there": ('import { c } from "./c.js";\n', "c.js: there is no such module"),
    "a name that is not there": ('import { c } from "./b.js";\n', "b.js does not export c"),
    "a circle": (
        'import { a } from "./circle.js";\n',
        "a.js -> page/circle.js -> page/a.js|circle.js -> page/a.js -> ",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_joined_is_refused(case):
    text, sentence = BAD[case]
    modules = {
        "page/a.js": text + "export const d = 1;\n",
        "page/b.js": "export const b = 1;\n",
        "page/circle.js": 'import { d } from "./a.js";\nexport const a = d;\n',
    }
    with pytest.raises(ValueError, match=sentence):
        assets.joined("page/a.js", modules.__getitem__)


def test_plotly_is_a_copy_with_its_licence_that_is_sent_on_request():
    text = gzip.decompress(assets.library()).decode()
    [version] = re.findall(r"plotly-([\d.]+)\.js\.gz", assets.PLOTLY)
    assert text.startswith(f"/**\n* plotly.js v{version} ")
    licences = files("cartoonx_widgets.widgets.shared").joinpath("plotly", "LICENSE").read_text("utf-8")
    assert licences.startswith(f"plotly.js {version}: MIT\n\nMIT License\n\nCopyright (c)")
    lab = cx.sparsity_lab(size=32)
    sent = []
    lab.send = lambda content, buffers=None: sent.append((content, buffers))
    lab._on_message(lab, {"type": "library"}, [])
    assert sent == [({"type": "library", "version": assets.PLOTLY}, [assets.library()])]
    lab.close()


def test_plotly_is_not_in_the_state_of_a_widget():
    lab = cx.sparsity_lab(size=32)
    assert len(json.dumps(lab.get_state(), default=str)) < 150_000
    lab.close()
