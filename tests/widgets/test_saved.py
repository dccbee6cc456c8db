"""Saved notebooks, turned into pages by nbconvert."""

import json

import ipywidgets
import nbformat
import pytest
import toys

import cartoonx_widgets as cx

nbconvert = pytest.importorskip("nbconvert")

PICTURES = "cartoonx_widgets.widgets.saved.pictures"


def saved(widget):
    """A notebook with one output, as JupyterLab saves it: with the state of the widget that it shows."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "a widget"}
    cell = nbformat.v4.new_code_cell("shown", outputs=[nbformat.v4.new_output("display_data", data)])
    state = ipywidgets.Widget.get_manager_state(widgets=[widget])
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": state}}
    return nbformat.from_dict(json.loads(json.dumps(nbformat.v4.new_notebook(cells=[cell], metadata=metadata))))


def page(notebook):
    exporter = nbconvert.HTMLExporter(preprocessors=[PICTURES], embed_images=True)
    return exporter.from_notebook_node(notebook)[0]


def test_a_page_of_a_saved_notebook_has_the_pictures_of_its_widgets():
    method = toys.method(steps=2)
    explorer = cx.explore(toys.image(), classifier=toys.classifier(labels=["<b>a", *"bcde"]), target=0, method=method)
    explorer.play()
    assert explorer.wait(30)
    text = page(saved(explorer))
    assert explorer.snapshot["picture"] in text
    assert "&lt;b&gt;a" in text.split("<figcaption>")[1]
    assert "<b>a" not in text.split("<figcaption>")[1]
    explorer.close()


def test_other_widgets_and_notebooks_without_any_stay_as_they_are():
    text = page(saved(ipywidgets.IntSlider()))
    assert "widget-view+json" in text
    assert "<figcaption>" not in text
    assert "<figcaption>" not in page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text")]))
