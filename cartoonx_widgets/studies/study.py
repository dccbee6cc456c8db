"""A study from start to end, or from where it was left."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from filelock import FileLock, Timeout

from cartoonx_widgets import images
from cartoonx_widgets._checks import whole
from cartoonx_widgets._deprecated import renamed_arguments
from cartoonx_widgets._terminal import progress_bar
from cartoonx_widgets.classifiers.default import default_or_checked
from cartoonx_widgets.explanations.method_specs import MethodLike, MethodSpec, method_spec
from cartoonx_widgets.images import path_of
from cartoonx_widgets.masking.optimization import checked_seed
from cartoonx_widgets.studies import records
from cartoonx_widgets.studies.batch import in_words
from cartoonx_widgets.studies.jobs import Job, Loaded
from cartoonx_widgets.studies.local_workers import LocalWorkers, Workers
from cartoonx_widgets.studies.plan import Plan, StudyError
from cartoonx_widgets.studies.results import Results
from cartoonx_widgets.studies.sources import Photograph, class_of, digest, photographs

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.studies.jobs import Finished
    from cartoonx_widgets.studies.plan import Batch

_LOG = logging.getLogger(__name__)
_BATCH = {"cpu": 2}  # more would not fit a core's caches
_BATCH_ON_DEVICE = 16  # elsewhere
_PAGE_SECONDS = 10  # between two pages at least; and no more than a twentieth of the time goes into them
_PAGE_SHARE = 20


@renamed_arguments(batch="batch_size", labelled="use_labels", masks="save_masks", workers="num_workers")
def study(
    source: Any,  # noqa: ANN401 - of many kinds
    methods: Sequence[MethodLike] | Mapping[str, MethodLike] | MethodLike,
    *,
    out: str | os.PathLike[str],
    classifier: Classifier | None = None,
    seeds: Sequence[int] = (0,),
    use_labels: bool = False,
    save_masks: bool = False,
    batch_size: int | None = None,
    num_workers: int | None = None,
    ray: bool | str = False,
    progress: bool = True,
) -> Results:
    """Explain and score many photographs by many methods, and keep the records in a folder.

    A study that was stopped or killed goes on where it was when it is called again; photographs, methods and seeds may
    then be added. A photograph that cannot be read or classified is recorded with its error. `out/results.html` shows
    the results so far.

    Args:
        source: a folder with pictures, a .tar archive (as of WebDataset), a list of photographs, or a dataset of
            PyTorch with a length, whose items are pictures, pairs of a picture and its class, or dictionaries of both
            ("image" or "img", "label" or "fine_label", and the like). What is left out of a folder or an archive, such
            as hidden files and linked folders, is said on standard error.
        methods: `Method`s, names of the functions of `cartoonx_widgets.methods` or `cartoonx_widgets.baselines`, or
            functions of `(image, classifier=, target=)` that return an `Explanation`; one, several, or a dictionary
            that names them.
        out: the folder for the results, which is made where it is missing.
        classifier: EfficientNet-Lite0 by default.
        seeds: of the noise; each photograph is explained once with each.
        use_labels: whether the class that comes with a photograph is explained, rather than the most probable one.
        save_masks: whether masks are kept too.
        batch_size: photographs explained at once; by default 2 on a CPU and 16 elsewhere. Photographs that the study
            already has keep their batches.
        num_workers: batches explained at once; by default one for each core of a CPU, and one elsewhere. With Ray: one
            for each core of the cluster, or each GPU where the classifier is on one.
        ray: True starts Ray on this machine, or joins what runs there; an address joins a cluster.
        progress: whether to show a progress bar.

    Raises:
        ValueError: an argument that is not allowed.
        StudyError: the folder has another study, which this one cannot extend, or damaged files; the message names
            them before anything is explained. Once they are removed, what they held is done again.
        ModuleNotFoundError: pyarrow or Ray is not installed.
        OSError: the folder cannot be written; what is done is kept.
    """
    settings = _Settings.of(methods, seeds, classifier, batch_size, use_labels=use_labels, save_masks=save_masks)
    if num_workers is not None:
        whole("num_workers", num_workers)
    found = {photograph.key: photograph for photograph in photographs(source, use_labels=use_labels)}
    folder = path_of(out)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"out={str(out)!r} is a file; a study needs a folder")
    with _named_in_errors(folder), _locked(folder):
        _explain_left(folder, found, settings, lambda: _workers(settings.classifier, num_workers, ray), progress)
        results = Results(folder)
        results.to_html(folder / "results.html")
    return results


class _Settings(NamedTuple):
    """The arguments of a study, checked."""

    methods: Mapping[str, MethodSpec]
    seeds: Sequence[int]
    classifier: Classifier
    batch_size: int
    use_labels: bool
    save_masks: bool

    @classmethod
    def of(
        cls,
        methods: Sequence[MethodLike] | Mapping[str, MethodLike] | MethodLike,
        seeds: Sequence[int],
        classifier: Classifier | None,
        batch_size: int | None,
        *,
        use_labels: bool,
        save_masks: bool,
    ) -> Self:
        classifier = default_or_checked(classifier)
        named, numbers = _methods(methods), _seeds(seeds)
        if batch_size is None:
            batch_size = _BATCH.get(classifier.device.type, _BATCH_ON_DEVICE)
        # Here, and not where a worker runs: the plan has them, whatever device goes on with it.
        named = {name: spec.on(classifier.device) for name, spec in named.items()}
        return cls(named, numbers, classifier, whole("batch_size", batch_size), use_labels, save_masks)


def _explain_left(
    folder: Path,
    found: Mapping[str, Photograph],
    settings: _Settings,
    workers: Callable[[], contextlib.AbstractContextManager[Workers]],
    progress: bool,
) -> None:
    """Plan the study, and do what is left of it; workers are made where something is."""
    plan = Plan.create_or_extend(folder, keys=list(found), **settings._asdict())
    records.clean(folder)
    left = list(
        plan.left(found, settings.methods, settings.seeds, records.check(folder, save_masks=settings.save_masks))
    )
    if left:
        with workers() as pool:
            jobs = _jobs(left, found, settings)
            count = len(found) * len(settings.methods) * len(settings.seeds)
            _run(folder, pool.work(jobs), count=count, left=left, expected=plan.n_records, progress=progress)


@contextlib.contextmanager
def _named_in_errors(folder: Path) -> Iterator[None]:
    """Make the folder of a study where it is not there; name it in errors of writing, and what to do."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except ConnectionError:  # to Ray
        raise
    except OSError as error:
        remedy = "make room there, or see that it may be written, and call it again: what is done is kept"
        text = f"the study in {folder} cannot be written ({error}); {remedy}"
        raise (OSError(error.errno, text) if error.errno else type(error)(text)) from error


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a study's folder until the end of the block; the system releases it when the process dies.

    A file system without locks is no failure: two studies in one folder are not kept apart there, and write the same.

    Raises:
        StudyError: another study holds it.
        PermissionError: the folder, or the lock file in it, cannot be written.
    """
    # Without the fallback, which makes a file that would stay where a process is killed.
    lock = FileLock(folder / "lock", blocking=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise StudyError(f"out={str(folder)!r}: another process works in this folder; let it end") from error
    except PermissionError:
        raise
    except OSError:
        _LOG.debug("%s is on a file system without locks", folder)
    try:
        yield
    finally:
        lock.release()


def _jobs(left: Sequence[Batch], found: Mapping[str, Photograph], settings: _Settings) -> Iterator[Job]:
    """Yield the batches that are left, each with its photographs, which are read as workers become free."""
    for batch in left:
        loaded = [_loaded(found[key], use_labels=settings.use_labels) for key in batch.keys]
        yield Job(batch, settings.methods[batch.method], loaded, settings.save_masks)


def _run(
    folder: Path,
    work: Iterable[tuple[Batch, Finished]],
    *,
    count: int,
    left: Sequence[Batch],
    expected: int,
    progress: bool,
) -> None:
    """Keep each batch as it comes, and show how far it is."""
    errors, shown, cost = 0, time.monotonic(), 0.0
    results = Results(folder)
    done = count - sum(len(batch.keys) for batch in left)
    with progress_bar(total=count, initial=done, unit="explanation", shown=progress) as counted:
        for batch, finished in work:
            records.write(folder, batch, finished)
            errors += sum(bool(record["error"]) for record in finished.records)
            counted.update(len(batch.keys))
            if errors:
                counted.set_postfix(errors=errors, refresh=False)
            if time.monotonic() - shown > max(_PAGE_SECONDS, _PAGE_SHARE * cost):
                started = time.monotonic()
                results.to_html(folder / "results.html", expected=expected)
                shown = time.monotonic()
                cost = shown - started


def _loaded(photograph: Photograph, *, use_labels: bool) -> Loaded:
    try:
        image, given = photograph.load()
        target = class_of(given) if use_labels else None
        return Loaded(photograph.key, image, target, sha256=_sha256(image))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is recorded
        return Loaded(photograph.key, None, error=in_words(error))


def _sha256(image: Any) -> str:  # noqa: ANN401
    """Return the picture's digest; it is found to be none here, rather than by a worker that it may not even reach."""
    try:
        return digest(image)
    except Exception:  # noqa: BLE001
        images.read(image)  # says what is wrong with it
        return ""


def _workers(classifier: Classifier, count: int | None, ray: bool | str) -> contextlib.AbstractContextManager[Workers]:
    if ray:
        from cartoonx_widgets.studies.ray_workers import RayWorkers  # noqa: PLC0415 - an extra

        return RayWorkers(classifier, count, address=ray if isinstance(ray, str) else None)
    return LocalWorkers(classifier, count)


def _methods(methods: Sequence[MethodLike] | Mapping[str, MethodLike] | MethodLike) -> dict[str, MethodSpec]:
    if isinstance(methods, Mapping):
        named = {str(name): method_spec(str(name), given, f"methods[{name!r}]") for name, given in methods.items()}
    else:
        several = isinstance(methods, Sequence) and not isinstance(methods, str)
        values: list[Any] = list(methods) if several else [methods]  # type: ignore[arg-type]  # mypy loses `several`
        found = [method_spec("", given, f"methods[{index}]") for index, given in enumerate(values)]
        named = {one.label: one for one in found}
        if len(named) < len(found):
            names = sorted(one.label for one in found)
            raise ValueError(f"methods has two of one name, {names}: give a dictionary with a name for each")
    if not named:
        raise ValueError(f"methods={methods!r} has no method; one or more are needed")
    return named


def _seeds(seeds: Sequence[int]) -> list[int]:
    numbers = [checked_seed(seed) for seed in ([seeds] if isinstance(seeds, int) else seeds)]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"seeds={seeds!r} must be one or more different whole numbers")
    return numbers
