"""How the lab takes its picture apart: by which representation, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartoonx_widgets._checks import whole
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.representations.sizes import advice
from cartoonx_widgets.widgets.sparsity_lab import choices

if TYPE_CHECKING:
    from cartoonx_widgets.representations import Representation


class Splitting(NamedTuple):
    """A representation, and how often it splits a picture.

    Attributes:
        given: the representation, whatever its own levels.
        side: of the picture, in pixels.
        levels: how often the picture is split, from 0, which is the picture itself, to `most`.
    """

    given: Representation
    side: int
    levels: int

    @classmethod
    def first(cls, value: Representation | str, side: int) -> Splitting:
        """Return how a representation, or the one of a name, splits a picture at first.

        Raises:
            ValueError: there is none of this name.
            TypeError: it is neither a name nor a representation.
        """
        representation = _representation(value, side)
        return cls(representation, side, choices.first_levels(representation, side))

    @property
    def most(self) -> int:
        """Return how often the picture can be split."""
        return choices.most_levels(self.given, self.side)

    @property
    def name(self) -> str:
        """Return the representation's name in the lab's list, or its settings where the list has none such."""
        return choices.name_of(self.given)

    @property
    def representation(self) -> Representation:
        """Return the representation that splits the picture as often; pixels for 0."""
        return choices.split(self.given, self.levels)

    def by(self, value: Representation | str) -> Splitting:
        """Return how another representation splits the picture: by a name as often as this one, for a comparison.

        Raises:
            ValueError: there is none of this name.
            TypeError: it is neither a name nor a representation.
        """
        first = Splitting.first(value, self.side)
        as_before = isinstance(value, str) and self.levels
        return first._replace(levels=min(self.levels, first.most)) if as_before else first

    def times(self, levels: int) -> Splitting:
        """Return how the representation splits the picture so many times.

        Raises:
            ValueError: it cannot.
        """
        more = f": {self.name} splits a picture of {self.side} x {self.side} pixels no further"
        return self._replace(levels=whole("levels", levels, least=0, most=self.most, more=more))


def _representation(value: Representation | str, side: int) -> Representation:
    if isinstance(value, str):
        return choices.named(value, side)
    if not callable(getattr(value, "transform", None)):
        allowed = "a name such as 'haar', or a representation such as Wavelet('db3')"
        raise TypeError(f"representation={value!r} is none; give {allowed}")
    if text := advice(value, (side, side)):
        warn_user(text)
    return value
