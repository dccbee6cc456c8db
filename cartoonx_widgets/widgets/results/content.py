"""What the page of results is made of: the records as columns of numbers, and pictures of the best and the worst.

Columns are base64 of little-endian numbers, and texts stand in lists that the columns point into, so that a record
takes about a hundred bytes. Pictures take more than all else: there are as many as `_PICTURE_BYTES` allows, those of
the best and the worst photographs by each score first, then what other methods made of the same photographs.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cartoonx_widgets import scores
from cartoonx_widgets.images.encoding import in_base64
from cartoonx_widgets.studies import records
from cartoonx_widgets.widgets.results import profiles
from cartoonx_widgets.widgets.shared.messages import shown_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from cartoonx_widgets.studies.plan import Plan
    from cartoonx_widgets.widgets.results.messages import Errors, IllustratedRecords, Pictures, Records

RANKED_BY = (
    "cp_entropy",
    "cp_l1",
    "cp_l1_pixel",
    "hallucination",
    "retained_probability",
    "distortion",
    "sparsity",
    "share_kept",
    "seconds",
)
"""The scores that photographs are ranked by."""
SHOWN = 9  # of the best, and of the worst
_PICTURE_BYTES = 2_000_000  # of JPEG, which are 2.7 million characters of base64
_ERRORS = 500  # that are listed
_MOST_ERROR = 400  # characters
_NUMBERS = ("probability_before", "probability", "distortion", *scores.NAMES, "steps_done", "seconds")
_TEXTS = ("photograph", "method", "label", "cartoon_label", "error")
_OTHERS = ("seed", "class_kept", "collapsed", "target", "predicted")
_PICTURES = ("thumbnail", "cartoon_thumbnail")
_KEPT, _COLLAPSED, _FAILED = 1, 2, 4


class StudyResults(Protocol):
    """What the page needs of a study's results, whose `to_html` and `show` make it."""

    @property
    def plan(self) -> Plan:
        """Return what the study has to do."""
        ...

    @property
    def folder(self) -> Path:
        """Return the folder of its records."""
        ...


class Content:
    """The records of a study so far, as its page shows them; made once, and not changed by later records.

    Args:
        results: of the study.
        expected: how many records are to come in all, while the study is under way.
    """

    def __init__(self, results: StudyResults, *, expected: int | None = None) -> None:
        self._folder = results.folder
        plan = results.plan
        self._batches = records.finished(self._folder)
        names = (*_TEXTS, *_OTHERS, *_NUMBERS, *profiles.COLUMNS)
        tables = [records.read(self._folder, names, batches=[batch]) for batch in self._batches]
        found = {
            name: list(itertools.chain.from_iterable(records.column(table, name) for table in tables)) for name in names
        }
        sizes = [len(table) for table in tables]
        # The batch of each record, and its index there.
        self._locations = [(batch, index) for batch, size in enumerate(sizes) for index in range(size)]
        self.photographs, self._photograph = _coded(found["photograph"])
        self.methods, self._method = _coded(found["method"], plan.methods)
        self._classes, label = _coded(found["label"] + found["cartoon_label"])
        self._seeds, seed = _coded([str(number) for number in found["seed"]])
        self._errors = [str(error or "") for error in found["error"]]
        self._failed = np.array([bool(error) for error in self._errors], dtype=bool)
        flags = (found["class_kept"], _KEPT), (found["collapsed"], _COLLAPSED), (self._failed, _FAILED)
        state = sum((np.array(values, dtype=bool) * flag for values, flag in flags), np.zeros(len(self), dtype=int))
        with np.errstate(over="ignore"):
            self._numbers = {name: np.array(found[name], dtype=np.float64).astype("<f4") for name in _NUMBERS}
        self._records: Records = {
            "name": self._folder.resolve().name.encode("utf-8", "replace").decode(),
            "classifier": plan.classifier["name"],
            "made": time.time(),
            "count": len(self),
            "expected": expected if expected is not None and expected > len(self) else None,
            "photographs": self.photographs,
            "methods": self.methods,
            "classes": self._classes,
            "seeds": self._seeds,
            "scores": {name: shown_score(name) for name in RANKED_BY},
            "shown": SHOWN,
            "columns": {
                "photograph": _text(self._photograph.astype("<u4")),
                "method": _text(self._method.astype("<u4")),
                "seed": _text(seed.astype("<u4")),
                "label": _text(label[: len(self)].astype("<u4")),
                "cartoon_label": _text(label[len(self) :].astype("<u4")),
                "state": _text(state.astype("<u1")),
            },
            "numbers": {name: _text(values) for name, values in self._numbers.items()},
            "profiles": profiles.mean_profiles(
                found, self._method, _right(found, use_labels=plan.use_labels), methods=len(self.methods)
            ),
            "errors": self._listed_errors(),
        }

    def __len__(self) -> int:
        return len(self._locations)

    @property
    def expected(self) -> int | None:
        """Return how many records there will be; None where there are that many."""
        return self._records["expected"]

    def as_json(self) -> IllustratedRecords:
        """Return all that the page shows: the records, and pictures of those that matter most."""
        return {**self._records, "pictures": self._main_pictures()}

    def summary(self) -> str:
        """Return how many records each method has, in no language."""
        counts = np.bincount(self._method, minlength=len(self.methods)) if len(self) else [0] * len(self.methods)
        return " · ".join(f"{method}: {count}" for method, count in zip(self.methods, counts, strict=True))

    def pictures_of(self, photograph: int) -> Pictures:
        """Return the pictures of one photograph by all methods and seeds, in base64."""
        found: Pictures = {"photographs": {}, "cartoons": {}}
        for record, image, cartoon in self._pictures(np.flatnonzero(self._photograph == photograph)):
            found["photographs"][photograph] = in_base64(image)
            found["cartoons"][record] = in_base64(cartoon)
        return found

    def _main_pictures(self) -> Pictures:
        """Return pictures of the records that matter most, as many as there is room for."""
        ranked = list(dict.fromkeys(self._ranked()))
        pictures: Pictures = {"photographs": {}, "cartoons": {}}
        room = _PICTURE_BYTES
        for record, image, cartoon in self._pictures(itertools.chain(ranked, self._siblings(ranked))):
            photograph = int(self._photograph[record])
            room -= len(cartoon) + (0 if photograph in pictures["photographs"] else len(image))
            if room < 0:
                break
            pictures["photographs"].setdefault(photograph, in_base64(image))
            pictures["cartoons"][record] = in_base64(cartoon)
        return pictures

    def _ranked(self) -> Iterator[int]:
        """Yield the best and the worst by each score and method, all first ones before all second ones.

        Of equal ones the first record comes first, at both ends; the page orders them in the same way.
        """
        ends: list[list[int]] = []
        for name in RANKED_BY:
            better = 1 if scores.SCORES[name].better == "more" else -1
            values = self._numbers[name]
            usable = np.isfinite(values) & ~self._failed
            for method in range(len(self.methods)):
                rows = np.flatnonzero(usable & (self._method == method))
                ends.extend(
                    rows[np.argsort(sign * values[rows], kind="stable")[:SHOWN]].tolist() for sign in (-better, better)
                )
        for index in range(SHOWN):
            yield from (end[index] for end in ends if index < len(end))

    def _siblings(self, ranked: Iterable[int]) -> Iterator[int]:
        """Yield the other records of the photographs of these."""
        order = np.argsort(self._photograph, kind="stable")
        sorted_photographs = self._photograph[order]
        seen = set()
        for record in ranked:
            photograph = int(self._photograph[record])
            if photograph not in seen:
                seen.add(photograph)
                first, last = np.searchsorted(sorted_photographs, [photograph, photograph + 1])
                yield from order[first:last].tolist()

    def _pictures(self, wanted: Iterable[int]) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield photograph and cartoon (JPEG) of these records, each once; a record that failed has none."""
        held: dict[int, tuple[list[bytes], list[bytes]]] = {}
        given = set()
        for record in map(int, wanted):
            if self._failed[record] or record in given:
                continue
            given.add(record)
            batch, index = self._locations[record]
            if batch not in held:
                table = records.read(self._folder, _PICTURES, batches=[self._batches[batch]])
                held[batch] = (records.column(table, _PICTURES[0]), records.column(table, _PICTURES[1]))
            image, cartoon = (pictures[index] for pictures in held[batch])
            if image and cartoon:
                yield record, image, cartoon

    def _listed_errors(self) -> Errors:
        """Return what went wrong: the same of one photograph once, with all methods that it went wrong with."""
        grouped: dict[tuple[int, str], list[int]] = {}
        for record in np.flatnonzero(self._failed).tolist():
            methods = grouped.setdefault((int(self._photograph[record]), self._errors[record][:_MOST_ERROR]), [])
            if int(self._method[record]) not in methods:
                methods.append(int(self._method[record]))
        listed = [(photograph, methods, error) for (photograph, error), methods in grouped.items()]
        return {"count": int(self._failed.sum()), "kinds": len(listed), "listed": listed[:_ERRORS]}


def _right(found: Mapping[str, list[Any]], *, use_labels: bool) -> np.ndarray:
    """Return 1 where a photograph's most probable class is the one that came with it, -1 where not, 0 where unknown."""
    target, predicted = (np.array(found[name], dtype=np.int64) for name in ("target", "predicted"))
    known = (predicted >= 0) & use_labels
    return np.where(target == predicted, 1, -1) * known


def _coded(values: list[Any], first: Iterable[str] = ()) -> tuple[list[str], np.ndarray]:
    """Return the different texts, those in `first` before the others, and for each value its index among them."""
    indices = {text: index for index, text in enumerate(first)}
    found = [indices.setdefault("" if value is None else str(value), len(indices)) for value in values]
    return list(indices), np.array(found, dtype=np.int64)


def _text(numbers: np.ndarray) -> str:
    return in_base64(numbers.tobytes())
