"""The names of classes: which a classifier has, and which one a user means."""

from __future__ import annotations

import difflib
import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_NAMED = 8


def checked_labels(labels: object, n_classes: int, name: str) -> tuple[str, ...]:
    """Check the labels given to a classifier, and put them in the order of the classes.

    Args:
        labels: one for each class, in their order; a mapping from 0 ... K - 1; or None, to count the classes.
        n_classes: K.
        name: of the classifier.

    Raises:
        TypeError: what is given has no order.
        ValueError: it is of another number.
    """
    if labels is None:
        return tuple(f"class {index}" for index in range(n_classes))
    if isinstance(labels, Mapping):
        labels = _by_number(labels, n_classes)
    if isinstance(labels, AbstractSet) or not isinstance(labels, Collection) or isinstance(labels, bytes):
        raise TypeError(
            f"labels={labels!r:.100} is of type {type(labels).__name__}, which gives the {n_classes} classes no order: "
            "give a list of names"
        )
    if isinstance(labels, str) or len(labels) != n_classes:
        raise ValueError(f"labels has {len(labels)} entries where {name} has {n_classes} classes: give one name each")
    return tuple(str(label) for label in labels)


def _by_number(labels: Mapping[object, object], n_classes: int) -> Iterable[object]:
    numbered: dict[int, object] = {}
    for key, label in labels.items():
        try:
            numbered[operator.index(key)] = label  # type: ignore[arg-type]
        except TypeError:
            flipped = all(isinstance(value, int) for value in labels.values())
            remedy = "turn it round, {index: name}" if flipped else "use the classes' indices as keys, or give a list"
            raise TypeError(f"labels is a mapping whose key {key!r} is no whole number: {remedy}") from None
    if len(labels) == n_classes and (missing := sorted(set(range(n_classes)) - set(numbered))):
        raise ValueError(f"labels is a mapping without the class {missing[0]}: its keys must be 0 to {n_classes - 1}")
    return [numbered[key] for key in sorted(numbered)]


def label_index(target: str, labels: Sequence[str], name: str) -> int:
    """Find the class that a label means.

    An exact label first; then without regard to case and outer space; then a synonym, as "Tinca tinca" in "tench,
    Tinca tinca".

    Raises:
        ValueError: several classes have it, or none; the message names candidates with their indices.
    """
    readings: tuple[Callable[[str], Iterable[str]], ...] = (
        lambda label: [label],
        lambda label: [_folded(label)],
        lambda label: {_folded(word) for word in label.split(",")},
    )
    for reading, wanted in zip(readings, (target, _folded(target), _folded(target)), strict=True):
        found = [index for index, label in enumerate(labels) if wanted in reading(label)]
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(f"{labels[index]!r} ({index})" for index in found[:_MOST_NAMED])
            more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
            raise ValueError(f"target={target!r} names {len(found)} classes of {name}, {shown}{more}: give an index")
    raise ValueError(f"target={target!r} is not a class of {name}; {_closest(_folded(target), labels)}")


def _closest(wanted: str, labels: Sequence[str]) -> str:
    indices: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        indices[_folded(label)].append(index)
    near = difflib.get_close_matches(wanted, indices, n=3, cutoff=0.5)
    near += [label for label in indices if wanted in label and label not in near][: 3 - len(near)]
    names = ", ".join(f"{labels[indices[label][0]]!r} ({indices[label][0]})" for label in near)
    return f"the closest are {names}" if near else "see the classifier's labels"


def _folded(label: str) -> str:
    return label.strip().casefold()
