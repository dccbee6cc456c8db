"""A study from start to end, or from where it was left."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from cartoonx_widgets import images
from cartoonx_widgets._checks import whole
from cartoonx_widgets._deprecated import renamed_arguments
from cartoonx_widgets._terminal import bar
from cartoonx_widgets.classifiers import Classifier, efficientnet_lite0
from cartoonx_widgets.explanations.method_specs import Choice, Chosen, chosen
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
    from collections.abc import Iterable, Iterator
    from pathlib import Path

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
    methods: Sequence[Choice] | Mapping[str, Choice] | Choice,
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
    """Explain and score many photographs by many methods; what was done before is not done again.

    Records are written as they come. A study that was stopped or killed goes on where it was when it is called again;
    photographs, methods and seeds may then be added. What cannot be read, or what the classifier fails on, is recorded
    with its error. `out/results.html` shows the results so far.

    Args:
        source: a folder with pictures, a .tar archive (as of WebDataset), a list of photographs, or a dataset of
            PyTorch with a length, whose items are pictures, pairs of a picture and its class, or dictionaries of both
            ("image" or "img", "label" or "fine_label", and the like). What is left out of a folder or an archive, such
            as hidden files and linked folders, is said on standard error.
        methods: values of `cartoonx_widgets.methods`, the names of its functions or of those of
            `cartoonx_widgets.baselines`, or functions of `(image, classifier=, target=)` that return an `Explanation`.
            A dictionary gives them other names.
        out: the folder of the results, which is made.
        classifier: EfficientNet-Lite0 by default.
        seeds: of the noise; each photograph is explained once with each.
        use_labels: whether the class that comes with a photograph is explained, rather than the most probable one.
        save_masks: whether masks are kept too.
        batch_size: how many photographs are explained at once; 2 on a CPU, 16 elsewhere. Photographs that a study knows
            already keep theirs.
        num_workers: how many batches are explained at once; as many as there are cores on a CPU, of which each has one,
            and one elsewhere. With Ray: as many as the cluster has cores, or GPUs where the classifier is on one.
        ray: whether the work is done by workers of Ray: True starts it on this machine, or joins what runs there; an
            address joins a cluster.
        progress: whether to show a progress bar.

    Raises:
        ValueError: an argument that is not allowed.
        StudyError: the folder has a study that this one cannot go on with, or files of it are damaged: they are named
            before anything is explained, and are done again once they are removed.
        ModuleNotFoundError: pyarrow or Ray is not installed.
        OSError: the folder cannot be written; what is done is kept, and gone on with when it is called again.
    """
    classifier = efficientnet_lite0() if classifier is None else classifier
    if not isinstance(classifier, Classifier):
        raise TypeError(f"classifier={classifier!r} must be a cartoonx_widgets.Classifier: wrap your module in one")
    named = _methods(methods)
    numbers = _seeds(seeds)
    if batch_size is None:
        batch_size = _BATCH.get(classifier.device.type, _BATCH_ON_DEVICE)
    whole("batch_size", batch_size)
    if num_workers is not None:
        whole("num_workers", num_workers)
    found = {photograph.key: photograph for photograph in photographs(source, use_labels=use_labels)}
    folder = path_of(out)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"out={str(out)!r} is a file; a study needs a folder")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_named_in_errors(folder))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(_locked(folder))
        plan = Plan.create_or_extend(
            folder,
            keys=list(found),
            methods=named,
            seeds=numbers,
            classifier=classifier,
            batch_size=batch_size,
            use_labels=use_labels,
            save_masks=save_masks,
        )
        records.clean(folder)
        todo = list(plan.left(found, named, numbers, records.check(folder, save_masks=save_masks)))
        if todo:
            pool: Workers = stack.enter_context(_workers(classifier, num_workers, ray))
            jobs = _jobs(todo, found, named, use_labels=use_labels, save_masks=save_masks)
            count = len(found) * len(named) * len(numbers)
            _run(folder, pool.work(jobs), count=count, left=todo, expected=plan.n_records, progress=progress)
        results = Results(folder)
        results.to_html(folder / "results.html")
    return results


@contextlib.contextmanager
def _named_in_errors(folder: Path) -> Iterator[None]:
    """Say in errors of writing which folder it is, and what to do."""
    try:
        yield
    except ConnectionError:  # to Ray
        raise
    except OSError as error:
        remedy = "make room there, or see that it may be written, and call it again: what is done is kept"
        told = f"the study in {folder} cannot be written ({error}); {remedy}"
        raise (OSError(error.errno, told) if error.errno else type(error)(told)) from error


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


def _jobs(
    todo: Sequence[Batch],
    found: Mapping[str, Photograph],
    methods: Mapping[str, Chosen],
    *,
    use_labels: bool,
    save_masks: bool,
) -> Iterator[Job]:
    """The batches that are left, each with its photographs, which are read as workers become free."""
    for batch in todo:
        loaded = [_loaded(found[key], use_labels=use_labels) for key in batch.keys]
        yield Job(batch, methods[batch.method], loaded, save_masks)


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
    with bar(total=count, initial=done, unit="explanation", shown=progress) as counted:
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
    """The picture's digest; here, rather than by a worker that it may not even reach, it is found to be none."""
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


def _methods(methods: Sequence[Choice] | Mapping[str, Choice] | Choice) -> dict[str, Chosen]:
    if isinstance(methods, Mapping):
        named = {str(name): chosen(str(name), choice, f"methods[{name!r}]") for name, choice in methods.items()}
    else:
        several = isinstance(methods, Sequence) and not isinstance(methods, str)
        given: list[Any] = list(methods) if several else [methods]  # type: ignore[arg-type]  # mypy loses `several`
        found = [chosen("", choice, f"methods[{place}]") for place, choice in enumerate(given)]
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
