"""The results of a study in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from cartoonx_widgets._checks import one_of, whole
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.widgets.results import messages
from cartoonx_widgets.widgets.results.content import RANKED_BY, Content
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.traits import Settable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cartoonx_widgets.widgets.results.content import StudyResults


class ResultsView(Widget):
    """The page of results as a widget, which `Results.show` makes.

    It shows the records that existed when it was made; `update` reads those written since.

    Args:
        results: of a study.
        language: of the labels, "en" or "de".

    Raises:
        ValueError: there is no such language.
    """

    _esm = assets.script("results")
    _css = assets.style("results")
    _from_page = messages.FromPage

    score = Settable(help="Key of the score that photographs are ranked by, such as 'cp_entropy'; set another.")
    method = Settable(help="Label of the method whose best and worst are shown; None for all. Set another.")
    photograph = Settable(help="Name of the photograph that all methods are shown of; None for the best. Set another.")
    count = shown(traitlets.Int, help="How many records are shown.")

    def __init__(self, results: StudyResults, *, language: str = ENGLISH) -> None:
        translations = texts(language)
        self.results = results
        self._content = Content(results)
        super().__init__(translations)
        self._show(score=RANKED_BY[0], count=len(self._content), snapshot=self._summary())

    def update(self) -> None:
        """Read the records again and show them; what was chosen in the page stays chosen.

        Raises:
            OSError: a file cannot be read.
        """
        self._content = Content(self.results)
        self._show(count=len(self._content), snapshot=self._summary())
        self._send_results()

    def _set_score(self, value: str) -> None:
        self._show(score=one_of("score", value, RANKED_BY))

    def _set_method(self, value: str | None) -> None:
        self._show(method=None if value is None else one_of("method", value, self._content.methods))

    def _set_photograph(self, value: str | None) -> None:
        self._show(photograph=None if value is None else one_of("photograph", value, self._content.photographs))

    def _summary(self) -> dict[str, str]:
        return {"summary": f"{self.results.folder.name}: {self._content.summary()}"}

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {"ready": self._send_results, "pictures": self._send_pictures}

    def _send_results(self) -> None:
        self._send_message(messages.results(self._content.as_json()))

    def _send_pictures(self, photograph: int) -> None:
        whole("photograph", photograph, least=0, most=len(self._content.photographs) - 1)
        self._send_message(messages.pictures(photograph, self._content.pictures_of(photograph)))

    def _in_words(self) -> str:
        return repr(self.results)
