"""What the methods of a comparison have come to: their explanations, and scores that are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cartoonx_widgets import scores
from cartoonx_widgets.widgets.compare import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.live import Engine


class Outcome(NamedTuple):
    """An explanation, and its row of the table."""

    explanation: Explanation
    row: Mapping[str, Any]


class Outcomes:
    """Reads from an engine what its methods have come to.

    Args:
        engine: that runs them.
        labels: of the methods, in its order.
    """

    def __init__(self, engine: Engine, labels: Sequence[str]) -> None:
        self._engine, self._labels = engine, labels
        self._scores: dict[int, tuple[Explanation, dict[str, float]]] = {}

    def explanations(self) -> dict[int, Explanation]:
        """Return the explanations of methods that have taken a step and have not failed, by their indices."""
        states = enumerate(self._engine.states)
        return {index: state.explanation() for index, state in states if state.steps_done and state.error is None}

    def scores(self, index: int, explanation: Explanation) -> dict[str, float]:
        """Return the scores of an explanation, computed once for that of a method at rest."""
        known = self._scores.get(index)
        if known is None or known[0] is not explanation:
            known = self._scores[index] = explanation, scores.compute(explanation)
        return known[1]

    def row(self, index: int, explanation: Explanation) -> dict[str, Any]:
        """Return the row of an explanation in the table."""
        values = self.scores(index, explanation)
        return table.row(self._labels[index], self._engine.states[index], explanation, values)

    def all(self) -> dict[int, Outcome]:
        """Return the explanations with their rows, by the indices of the methods."""
        return {index: Outcome(found, self.row(index, found)) for index, found in self.explanations().items()}

    def forget(self) -> None:
        """Drop the scores, since the methods begin again."""
        self._scores.clear()
