"""The results of a study in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.widgets.results.content import Content
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.base import Widget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cartoonx_widgets.studies.results import Results


class ResultsView(Widget):
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

    def __init__(self, results: Results, *, language: str = ENGLISH) -> None:
        said = texts(language)
        self.results = results
        self._content = Content(results)
        super().__init__(said)

    def update(self) -> None:
        """Read the records anew and show them; what was chosen in the page stays chosen.

        Raises:
            OSError: a file cannot be read.
        """
        self._content = Content(self.results)
        self._tell_results()

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {"ready": self._tell_results, "pictures": self._tell_pictures}

    def _tell_results(self) -> None:
        self.send({"type": "results", "content": self._content.told()})

    def _tell_pictures(self, photograph: int) -> None:
        if photograph not in range(len(self._content.photographs)):
            raise ValueError(
                f"photograph={photograph!r} must be one of the {len(self._content.photographs)} photographs"
            )
        pictures = self._content.pictures_of(photograph)
        self.send({"type": "pictures", "photograph": photograph, "pictures": pictures})

    def _in_words(self) -> str:
        return repr(self.results)
