"""What a study has to do, written down in its folder: which photographs, methods and seeds, and in which batches.

A batch is explained by one method with one seed at once, and its records are one file. So a file that is there says
that its batch is done, and its name says which batch that is: what a killed study has left is what has no file. Where
not all photographs of a batch are wanted, those that are get files of their own.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import torch

from cartoonx_widgets._files import write_whole
from cartoonx_widgets._json import strict_json
from cartoonx_widgets.recording.settings_json import as_json, renamed_settings

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from pathlib import Path

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.explanations.method_specs import MethodSpec

FORMAT_VERSION = 2
MANIFEST = "study.json"
RECORDS, MASKS = "records", "masks"
_FORMAT = "cartoonx_widgets study"
_BEFORE = {"labelled": "use_labels", "masks": "save_masks"}
"""What version 0.5 called some of a plan's parts."""
_REMEDY = f"bring back the {MANIFEST} that was there, or take another folder"
_NAME = re.compile(
    r"(?P<number>\d{6,})\.[a-z0-9-]*\.(?P<digest>[0-9a-f]{8})\.(?P<seed>\d{1,20})(?:\.(?P<place>\d{1,9}))?"
)


class StudyError(ValueError):
    """A study's folder cannot be read or extended; the message says why, and what to do."""


@dataclass(frozen=True)
class Batch:
    """Photographs that one method explains with one seed, at once.

    Attributes:
        number: of the photographs' batch.
        method: the name of the method.
        seed: of the noise.
        keys: of the photographs.
        place: in the batch, where it is one photograph of it alone.
    """

    number: int
    method: str
    seed: int
    keys: tuple[str, ...]
    place: int | None = None

    def singles(self) -> list[Batch]:
        """Return each photograph alone."""
        return [replace(self, keys=(key,), place=place) for place, key in enumerate(self.keys)]

    @property
    def name(self) -> str:
        """Return the name of its files, without ending; each batch has another, also where methods look alike."""
        words = re.sub(r"[^a-z0-9]+", "-", self.method.lower()).strip("-")[:40]
        digest = _digest(self.method)
        whole = f"{self.number:06d}.{words}.{digest}.{self.seed}"
        return whole if self.place is None else f"{whole}.{self.place}"


@cache
def _digest(method: str) -> str:
    return hashlib.sha256(method.encode()).hexdigest()[:8]


def is_name(name: str) -> bool:
    """Return whether a file's name, without its ending, may be that of a batch.

    >>> is_name(Batch(0, "My method", 7, ("coffee",)).name), is_name("my notes")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a study has to do; `create_or_extend` makes it, or extends what is there.

    Attributes:
        batches: the photographs' keys, batch by batch.
        methods: their settings as JSON knows them, by name.
        seeds: of the noise.
        classifier: what identifies it.
        use_labels: whether the photographs' own classes are explained.
        save_masks: whether the masks are kept.
    """

    batches: list[list[str]]
    methods: dict[str, Any]
    seeds: list[int]
    classifier: dict[str, Any]
    use_labels: bool
    save_masks: bool

    @classmethod
    def create_or_extend(
        cls,
        folder: Path,
        *,
        keys: Sequence[str],
        methods: Mapping[str, MethodSpec],
        seeds: Sequence[int],
        classifier: Classifier,
        batch_size: int,
        use_labels: bool,
        save_masks: bool,
    ) -> Self:
        """Write a plan into a folder, or extend the one that is there by photographs, methods and seeds that are new.

        What is there keeps its place, and is never changed.

        Raises:
            StudyError: another classifier, other settings of a method by this name, or another kind of study is there.
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECORDS).mkdir(exist_ok=True)
        if save_masks:
            (folder / MASKS).mkdir(exist_ok=True)
        wanted: dict[str, Any] = {
            "methods": {name: _settings(spec, classifier) for name, spec in methods.items()},
            "classifier": fingerprint(classifier),
            "use_labels": use_labels,
            "save_masks": save_masks,
        }
        before = read(folder)
        if before is None:
            plan = cls(batches=_batches(keys, batch_size), seeds=list(seeds), **wanted)
        else:
            _check_fits(folder, before, wanted)
            known = set(itertools.chain.from_iterable(before.batches))
            plan = cls(
                batches=[*before.batches, *_batches([key for key in keys if key not in known], batch_size)],
                methods={**before.methods, **wanted["methods"]},
                seeds=[*before.seeds, *(seed for seed in seeds if seed not in before.seeds)],
                classifier=before.classifier,
                use_labels=use_labels,
                save_masks=save_masks,
            )
        described = {"format": _FORMAT, "version": FORMAT_VERSION, **asdict(plan)}
        write_whole(folder / MANIFEST, json.dumps(described, indent=1).encode())
        return plan

    def all(self) -> Iterator[Batch]:
        """Yield every batch: each photograph with all methods and seeds, before the next."""
        for number, keys in enumerate(self.batches):
            for method, seed in itertools.product(self.methods, self.seeds):
                yield Batch(number, method, seed, tuple(keys))

    def left(
        self, keys: Container[str], methods: Container[str], seeds: Container[int], done: Container[str]
    ) -> Iterator[Batch]:
        """Return what is to be done for these photographs, methods and seeds, where batches of these names are done."""
        for batch in self.all():
            if batch.method not in methods or batch.seed not in seeds or batch.name in done:
                continue
            singles = batch.singles()
            missing = [one for one in singles if one.keys[0] in keys and one.name not in done]
            if len(missing) == len(singles):
                yield batch
            else:
                yield from missing

    def batch(self, name: str) -> Batch | None:
        """Return the batch whose files have this name; None where it is none of this study's."""
        found = _NAME.fullmatch(name)
        number = int(found["number"]) if found else len(self.batches)
        if found is None or number >= len(self.batches):
            return None
        for method in self.methods:
            if _digest(method) == found["digest"] and int(found["seed"]) in self.seeds:
                batch = Batch(number, method, int(found["seed"]), tuple(self.batches[number]))
                candidates = [batch] if found["place"] is None else batch.singles()
                return next((one for one in candidates if one.name == name), None)
        return None

    @property
    def n_records(self) -> int:
        """Return how many records there are in the end."""
        return sum(map(len, self.batches)) * len(self.methods) * len(self.seeds)


def read(folder: Path) -> Plan | None:
    """Return the plan in the folder; None where there is none.

    Raises:
        StudyError: what is there cannot be read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        described = strict_json(path.read_bytes())
        kind, version = described.pop("format"), described.pop("version")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise StudyError(f"{path} is no plan of a study, or damaged ({error}): {_REMEDY}") from error
    if kind != _FORMAT or version not in (1, FORMAT_VERSION):
        raise StudyError(
            f"{path} is of {kind} {version}, this package reads {_FORMAT} {FORMAT_VERSION}: take another folder, or "
            "another version of cartoonx_widgets"
        )
    if version == 1:
        described = {_BEFORE.get(name, name): value for name, value in described.items()}
    try:
        _check(described)
    except ValueError as error:
        raise StudyError(f"{path} is no plan of a study, or damaged ({error}): {_REMEDY}") from error
    plan = Plan(**described)
    if version == 1:
        plan = replace(plan, methods={name: renamed_settings(value) for name, value in plan.methods.items()})
    return plan


def _check(described: dict[str, Any]) -> None:
    """Check a plan as JSON knows it.

    Raises:
        ValueError: something is wrong with it.
    """
    names = sorted(field.name for field in fields(Plan))
    _require(sorted(described) == names, f"it has {', '.join(described)} in place of {', '.join(names)}")
    batches, methods, seeds = described["batches"], described["methods"], described["seeds"]
    lists = isinstance(batches, list) and all(isinstance(keys, list) and keys for keys in batches)
    _require(lists, "batches must be a list of lists of photographs")
    keys = list(itertools.chain.from_iterable(batches))
    _require(all(isinstance(key, str) for key in keys), "batches has a photograph that is no text")
    _require(len(set(keys)) == len(keys), "batches has a photograph twice")
    _require(isinstance(methods, dict) and len(methods) > 0, "methods must be an object with the settings of each")
    numbers = isinstance(seeds, list) and len(seeds) > 0 and all(type(seed) is int and seed >= 0 for seed in seeds)
    _require(numbers and len(set(seeds)) == len(seeds), "seeds must be a list of different whole numbers")
    classifier = described["classifier"]
    complete = isinstance(classifier, dict) and all(isinstance(classifier.get(name), str) for name in ("name", "says"))
    _require(complete, "classifier must be an object with its name and what it says")
    for name in ("use_labels", "save_masks"):
        _require(isinstance(described[name], bool), f"{name} must be true or false")


def _require(fine: bool, fault: str) -> None:
    if not fine:
        raise ValueError(fault)


def fingerprint(classifier: Classifier) -> dict[str, Any]:
    """Return what identifies a classifier: name, classes, image size, and a digest of its answers to two pictures."""
    height, width = classifier.size or (64, 64)
    shape = (2, classifier.channels, height, width)
    pictures = torch.linspace(0, 1, math.prod(shape)).reshape(shape)
    seen = classifier.probabilities(pictures.to(classifier.device, classifier.dtype)).cpu()
    return {
        "name": classifier.name,
        "classes": classifier.n_classes,
        "size": list(classifier.size) if classifier.size else None,
        # Rounded, as devices differ in the last digits.
        "says": hashlib.sha256(seen.double().mul(1e3).round().numpy().tobytes()).hexdigest()[:16],
    }


def _settings(spec: MethodSpec, classifier: Classifier) -> Any:  # noqa: ANN401
    """Return the settings as JSON knows them, with what they come to where they are left to the classifier's size.

    So they mean the same as settings that say it, such as those of a study that version 0.5.0 began.
    """
    method = spec.method
    if method is None:
        return as_json(spec.make)
    if classifier.size is not None:
        method = method.resolved(classifier.size)
    return as_json(method)


def _check_fits(folder: Path, before: Plan, wanted: dict[str, Any]) -> None:
    remedy = "take another folder for this study"
    if before.classifier != wanted["classifier"]:
        raise StudyError(
            f"out={str(folder)!r} has a study of {before.classifier['name']}, and classifier is "
            f"{wanted['classifier']['name']}, or its weights are others: {remedy}"
        )
    for name, settings in wanted["methods"].items():
        if before.methods.get(name, settings) != settings:
            raise StudyError(
                f"out={str(folder)!r} has a study with other settings of {name!r}: {remedy}, or give it another name"
            )
    for setting in ("use_labels", "save_masks"):
        if getattr(before, setting) != wanted[setting]:
            raise StudyError(f"out={str(folder)!r} has a study with {setting}={getattr(before, setting)}: {remedy}")


def _batches(keys: Sequence[str], size: int) -> list[list[str]]:
    return [list(keys[start : start + size]) for start in range(0, len(keys), size)]
