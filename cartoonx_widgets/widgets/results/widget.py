"""The results of a study in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.widgets.results.content import Content
from cartoonx_widgets.widgets.shared import assets

if TYPE_CHECKING:
    from cartoonx_widgets.studies.results import Results


class ResultsView(anywidget.AnyWidget):
    """The page of results as a widget, which `Results.show` makes.

    It shows the records that there were when it was made; `update` reads those that have come since.

    Args:
        results: of a study.
        language: of the labels, "en" or "de".

    Raises:
        ValueError: there is no such language.
    """

    _esm = assets.script("results")
    _css = assets.style("results")
    _plotly = traitlets.Unicode(assets.library()).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, results: Results, *, language: str = ENGLISH) -> None:
        said = texts(language)
        self.results = results
        self._content = Content(results)
        super().__init__(texts=said)
        self.on_msg(self._on_message)

    def update(self) -> None:
        """Read the records anew and show them; what was chosen in the page stays chosen.

        Raises:
            OSError: a file cannot be read.
        """
        self._content = Content(self.results)
        self._tell()

    def _tell(self) -> None:
        self.send({"type": "results", "content": self._content.told()})

    def _on_message(self, _widget: object, message: dict[str, Any], _buffers: list[memoryview]) -> None:
        match message:
            case {"type": "ready"}:
                self._tell()
            case {"type": "pictures", "photograph": int(photograph)}:
                if 0 <= photograph < len(self._content.photographs):
                    pictures = self._content.pictures_of(photograph)
                    self.send({"type": "pictures", "photograph": photograph, "pictures": pictures})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:  # noqa: ANN401
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            # What a terminal shows, and a saved notebook where no kernel runs.
            bundle[0]["text/plain"] = repr(self.results)
        return bundle
