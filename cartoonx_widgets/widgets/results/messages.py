"""What the view of a study's results and its page send each other, and what a page of results holds."""

from __future__ import annotations

from typing import Literal, TypedDict

from cartoonx_widgets.widgets.shared.messages import ErrorMessage, Library, LibraryRequest, Message, Ready, ShownScore


class Pictures(TypedDict):
    """Small JPEGs in base64: photographs by their index, cartoons by their record's."""

    photographs: dict[int, str]
    cartoons: dict[int, str]


class Columns(TypedDict):
    """What each record points to, in base64.

    Attributes:
        photograph: index of its photograph, uint32.
        method: index of its method, uint32.
        seed: index of its seed, uint32.
        label: index of the explained class, uint32.
        cartoon_label: index of the cartoon's most probable class, uint32.
        state: 1 where the class is kept, + 2 where the mask collapsed, + 4 where it failed; uint8.
    """

    photograph: str
    method: str
    seed: str
    label: str
    cartoon_label: str
    state: str


class MeanProfile(TypedDict):
    """On which scales lies what some explanations keep, the coarsest first; each adds up to 1.

    Attributes:
        count: of the explanations.
        mask: the mean share of the mask's sum on each scale, in [0, 1]; empty where there is no explanation.
        energy: the mean share of the energy that is kept.
    """

    count: int
    mask: list[float]
    energy: list[float]


class MethodProfiles(TypedDict):
    """The mean scale profiles of one method.

    Attributes:
        scales: how many it has; 1 on pixels, 0 where no record has a profile.
        all: of all explanations.
        right: where the photograph's most probable class is the one that came with it.
        wrong: where it is another.
    """

    scales: int
    all: MeanProfile
    right: MeanProfile
    wrong: MeanProfile


class Errors(TypedDict):
    """What went wrong.

    Attributes:
        count: how many records failed.
        kinds: how many different errors there are.
        listed: the first of them: index of the photograph, indices of the methods, and the error.
    """

    count: int
    kinds: int
    listed: list[tuple[int, list[int], str]]


class Records(TypedDict):
    """The records of a study so far.

    Attributes:
        name: of the study's folder.
        classifier: its name.
        made: seconds since 1970.
        count: of the records.
        expected: how many there will be; null where there are that many.
        photographs: their names.
        methods: their names.
        classes: their labels.
        seeds: as text.
        scores: those that photographs are ranked by, by name.
        shown: how many of the best and of the worst.
        columns: what each record points to.
        numbers: of each record, float32 in base64, by name.
        profiles: on which scales lies what each method keeps.
        errors: what went wrong.
    """

    name: str
    classifier: str
    made: float
    count: int
    expected: int | None
    photographs: list[str]
    methods: list[str]
    classes: list[str]
    seeds: list[str]
    scores: dict[str, ShownScore]
    shown: int
    columns: Columns
    numbers: dict[str, str]
    profiles: list[MethodProfiles]
    errors: Errors


class IllustratedRecords(Records):
    """The records, with the pictures of those that matter most."""

    pictures: Pictures


class ResultsMessage(TypedDict):
    """The current records."""

    type: Literal["results"]
    content: IllustratedRecords


class PicturesMessage(TypedDict):
    """The pictures of a photograph that was asked for, by its index."""

    type: Literal["pictures"]
    photograph: int
    pictures: Pictures


ToPage = ResultsMessage | PicturesMessage | ErrorMessage | Library


class PicturesRequest(TypedDict):
    """The pictures of a photograph are wanted, by its index."""

    type: Literal["pictures"]
    photograph: int


FromPage = Ready | PicturesRequest | LibraryRequest


def results(records: IllustratedRecords) -> Message:
    """Return the message that holds the current records."""
    content: ResultsMessage = {"type": "results", "content": records}
    return Message(content, [])


def pictures(photograph: int, found: Pictures) -> Message:
    """Return the message that holds the pictures of a photograph."""
    content: PicturesMessage = {"type": "pictures", "photograph": photograph, "pictures": found}
    return Message(content, [])
