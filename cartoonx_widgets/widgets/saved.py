"""Saved notebooks as pages that need no network."""

from __future__ import annotations

import html
from typing import Any

_STATE = "application/vnd.jupyter.widget-state+json"
_VIEW = "application/vnd.jupyter.widget-view+json"


def pictures(notebook: Any, resources: Any) -> tuple[Any, Any]:  # noqa: ANN401 - nbconvert's
    """Put the saved picture of each widget of ours in the widget's place, as a preprocessor of nbconvert.

    A page that nbconvert writes fetches Jupyter's widget manager from a network; where there is none, nothing is seen
    of a widget. Other widgets stay as they are.

    ```sh
    jupyter nbconvert --to html --HTMLExporter.preprocessors=cartoonx_widgets.widgets.saved.pictures notebook.ipynb
    ```

    Args:
        notebook: saved with its widgets; it is changed.
        resources: nbconvert's, handed on.

    Returns:
        The notebook and `resources`.
    """
    states = notebook.get("metadata", {}).get("widgets", {}).get(_STATE, {}).get("state", {})
    replaced = set()
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {}).get(_VIEW, {})
            kept = states.get(shown.get("model_id"), {}).get("state", {}).get("snapshot")
            if kept and kept.get("summary"):
                output["data"] = {"text/html": _figure(**kept), "text/plain": kept["summary"]}
                replaced.add(shown["model_id"])
    for model in replaced:
        del states[model]  # of which nothing is seen any more
    return notebook, resources


def _figure(summary: str, picture: str = "") -> str:
    said = html.escape(summary)
    image = ""
    if picture.startswith("data:image/"):
        image = f'<img src="{html.escape(picture)}" alt="{said}" style="max-width: 100%; background: #ffffff">'
    return f"<figure>{image}<figcaption>{said}</figcaption></figure>"
