"""What a lab and its page send each other about the lab beside it."""

from __future__ import annotations

from typing import Literal, TypedDict

# To the page.


class Beside(TypedDict):
    """Which lab is beside this one, and what they share.

    Attributes:
        model: id of its model; null where there is none.
        is_second: whether this lab stands beside another one itself.
        picture: whether they have the same picture, and the same noise.
        k: whether they keep as many coefficients.
    """

    type: Literal["beside"]
    model: str | None
    is_second: bool
    picture: bool
    k: bool


# From the page.


class OpenBeside(TypedDict):
    """Show another lab beside this one, with the same settings."""

    type: Literal["open_beside"]


class CloseBeside(TypedDict):
    """Take the lab beside this one away."""

    type: Literal["close_beside"]


class Share(TypedDict):
    """Let both labs have the same picture, the same k, or not."""

    type: Literal["share"]
    picture: bool
    k: bool
