"""Messages between a page and the kernel: JSON for small things, bytes for pictures, masks and curves.

Each message is described once, by a TypedDict in the `messages` module of the widget that knows it: `ToPage` has all
that the kernel sends, `FromPage` all that the page sends. `from_page.checked` compares what comes from a page with
them, and `scripts/page_types.py` writes them as the types of the page's code. Here are those that all widgets share.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Literal, NamedTuple, NotRequired, TypedDict

from cartoonx_widgets._memory import OUT_OF_MEMORY, is_out_of_memory
from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.scores.table import SCORES, Better, Form
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.visitor_limits import may_see_tracebacks

if TYPE_CHECKING:
    from collections.abc import Mapping


class Message(NamedTuple):
    """JSON content and binary buffers."""

    content: Mapping[str, object]
    buffers: list[bytes]


class Ready(TypedDict):
    """A page listens: everything is to be sent."""

    type: Literal["ready"]


class LibraryRequest(TypedDict):
    """A page needs plotly.js."""

    type: Literal["library"]


class Upload(TypedDict):
    """A part of a file of the user's, which may arrive before another one. Buffer: the part's bytes.

    Attributes:
        name: of the file.
        key: another for each file.
        index: of the part, from 0 to `count` - 1.
    """

    type: Literal["upload"]
    name: str
    key: int
    index: int
    count: int


class Keep(TypedDict):
    """Keep the k largest coefficients; `answers` is the request's number."""

    type: Literal["keep"]
    k: int
    answers: NotRequired[int | None]


class ChooseLevels(TypedDict):
    """Split the picture or the signal so many times."""

    type: Literal["levels"]
    levels: int


class CodeRequest(TypedDict):
    """A page asks for the Python code that makes what it shows."""

    type: Literal["code"]


class CodeMessage(TypedDict):
    """The Python code that makes what is shown."""

    type: Literal["code"]
    code: str


class Library(TypedDict):
    """plotly.js. Buffer: one expression of JavaScript whose value is the library, compressed by gzip."""

    type: Literal["library"]
    version: str


class Photograph(TypedDict):
    """A photograph or a drawing that can be chosen: its name, and what a person calls it."""

    name: str
    title: str


class ShownScore(TypedDict):
    """A score of `scores.SCORES`, as a page shows it."""

    name: str
    label: str
    about: str
    better: Better
    form: Form
    log: bool


class ErrorMessage(TypedDict):
    """What went wrong: in words, and as a traceback."""

    type: Literal["error"]
    message: str
    details: str


def library() -> Message:
    """Return plotly.js."""
    return Message(Library(type="library", version=assets.PLOTLY), [assets.library()])


def shown_score(name: str) -> ShownScore:
    """Return a score as a page shows it."""
    score = SCORES[name]
    return {
        "name": name,
        "label": score.label,
        "about": score.about,
        "better": score.better,
        "form": score.form,
        "log": score.log,
    }


def error(error: BaseException, *, step: int | None = None) -> Message:
    """Return what went wrong, with the step in which a run failed."""
    return Message(described(error, step=step), [])


def described(error: BaseException, *, step: int | None = None) -> ErrorMessage:
    """Return an error in words and as a traceback, without it for a visitor who may not see one."""
    lines = traceback.format_exception(error) if may_see_tracebacks() else traceback.format_exception_only(error)
    return {"type": "error", "message": _in_words(error, step), "details": "".join(lines)}


def _in_words(error: BaseException, step: int | None) -> str:
    if is_out_of_memory(error):
        return f"{OUT_OF_MEMORY} ({error})"
    if isinstance(error, ClassifierError) or (step is None and isinstance(error, ValueError | TypeError)):
        return str(error)  # these say themselves what to do
    name = type(error).__name__
    return f"{name}: {error}" if step is None else f"The classifier failed in step {step}: {name}: {error}"
