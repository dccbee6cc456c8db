"""A study from start to end, or from where it was left."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from cartoonx_widgets.classifiers import Classifier, efficientnet_lite0
from cartoonx_widgets.masking import methods as presets
from cartoonx_widgets.masking.methods import PRESETS, Method
from cartoonx_widgets.masking.optimizer import checked_seed
from cartoonx_widgets.studies import plan as plans
from cartoonx_widgets.studies import records
from cartoonx_widgets.studies.locks import held
from cartoonx_widgets.studies.photographs import Photograph, photographs
from cartoonx_widgets.studies.results import Results
from cartoonx_widgets.studies.work import Loaded
from cartoonx_widgets.studies.workers import Job, LocalWorkers, Workers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from cartoonx_widgets.studies.plan import Batch
    from cartoonx_widgets.studies.work import Finished

_BATCH = {"cpu": 2}  # more would not fit a core's caches
_BATCH_ON_DEVICE = 16  # elsewhere
_PAGE_SECONDS = 10  # between two pages at least; and no more than a twentieth of the time goes into them
_PAGE_SHARE = 20


def study(
    source: Any,  # noqa: ANN401 - of many kinds
    methods: Sequence[Method | str] | Mapping[str, Method | str] | Method | str,
    *,
    out: str | os.PathLike[str],
    classifier: Classifier | None = None,
    seeds: Sequence[int] = (0,),
    labelled: bool = False,
    masks: bool = False,
    batch: int | None = None,
    workers: int | None = None,
    ray: bool | str = False,
    progress: bool = True,
) -> Results:
    """Explain and score many photographs by many methods; what was done before is not done again.

    Records are written as they come. A study that was stopped or killed goes on where it was when it is called again;
    photographs, methods and seeds may then be added. What cannot be read, or what the classifier fails on, is recorded
    with its error. `out/results.html` shows the results so far.

    Args:
        source: a folder with pictures, a .tar archive (as of WebDataset), a list of photographs, or a dataset of
            PyTorch with a length, whose items are pictures or pictures with their class.
        methods: values of `cartoonx_widgets.methods` or the names of its functions; a dictionary gives them other
            names.
        out: the folder of the results, which is made.
        classifier: EfficientNet-Lite0 by default.
        seeds: of the noise; each photograph is explained once with each.
        labelled: whether the class that comes with a photograph is explained, rather than the most probable one.
        masks: whether masks are kept too.
        batch: how many photographs are explained at once; 2 on a CPU, 16 elsewhere. It is fixed when a study begins.
        workers: how many batches are explained at once; as many as there are cores on a CPU, of which each has one,
            and one elsewhere. With Ray: as many as the cluster has cores, or GPUs where the classifier is on one.
        ray: whether the work is done by workers of Ray: True starts it on this machine, or joins what runs there; an
            address joins a cluster.
        progress: whether to show a progress bar.

    Raises:
        ValueError: an argument that is not allowed.
        StudyError: the folder has a study that this one cannot go on with.
        ModuleNotFoundError: pyarrow or Ray is not installed.
        OSError: the folder cannot be written.
    """
    classifier = efficientnet_lite0() if classifier is None else classifier
    if not isinstance(classifier, Classifier):
        raise TypeError(f"classifier={classifier!r} must be a cartoonx_widgets.Classifier: wrap your module in one")
    chosen = _methods(methods)
    numbers = _seeds(seeds)
    if batch is None:
        batch = _BATCH.get(classifier.device.type, _BATCH_ON_DEVICE)
    for name, value in (("batch", batch), ("workers", 1 if workers is None else workers)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name}={value!r} must be a whole number of at least 1")
    found = {photograph.key: photograph for photograph in photographs(source)}
    folder = Path(out)
    with contextlib.ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(held(folder))
        plan = plans.written(
            folder,
            keys=list(found),
            methods=chosen,
            seeds=numbers,
            classifier=classifier,
            batch=batch,
            labelled=labelled,
            masks=masks,
        )
        records.clean(folder)
        wanted = [
            one for one in plan.all() if one.method in chosen and one.seed in numbers and all(map(found.get, one.keys))
        ]
        done = records.done(folder)
        todo = [one for one in wanted if one.name not in done]
        if todo:
            pool: Workers = stack.enter_context(_workers(classifier, workers, ray))
            jobs = _jobs(todo, found, chosen, labelled=labelled, masks=masks)
            count = sum(len(one.keys) for one in wanted)
            _run(folder, pool.work(jobs), count=count, left=todo, expected=plan.n_records, progress=progress)
        results = Results(folder)
        results.to_html(folder / "results.html")
    return results


def _jobs(
    todo: Sequence[Batch],
    found: Mapping[str, Photograph],
    methods: Mapping[str, Method],
    *,
    labelled: bool,
    masks: bool,
) -> Iterator[Job]:
    """The batches that are left, each with its photographs, which are read as workers become free."""
    for batch in todo:
        loaded = [_loaded(found[key], labelled=labelled) for key in batch.keys]
        yield Job(batch, methods[batch.method], loaded, masks)


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
    with tqdm(total=count, initial=done, unit="explanation", disable=not progress) as bar:
        for batch, finished in work:
            records.write(folder, batch, finished)
            errors += sum(bool(record["error"]) for record in finished.records)
            bar.update(len(batch.keys))
            if errors:
                bar.set_postfix(errors=errors, refresh=False)
            if time.monotonic() - shown > max(_PAGE_SECONDS, _PAGE_SHARE * cost):
                started = time.monotonic()
                results.to_html(folder / "results.html", expected=expected)
                shown = time.monotonic()
                cost = shown - started


def _loaded(photograph: Photograph, *, labelled: bool) -> Loaded:
    try:
        image, target = photograph.load()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is recorded
        return Loaded(photograph.key, None, error=f"{type(error).__name__}: {error}")
    return Loaded(photograph.key, image, target if labelled else None)


def _workers(classifier: Classifier, count: int | None, ray: bool | str) -> contextlib.AbstractContextManager[Workers]:
    if ray:
        from cartoonx_widgets.studies.on_ray import RayWorkers  # noqa: PLC0415 - an extra

        return RayWorkers(classifier, count, address=ray if isinstance(ray, str) else None)
    return LocalWorkers(classifier, count)


def _methods(methods: Sequence[Method | str] | Mapping[str, Method | str] | Method | str) -> dict[str, Method]:
    if isinstance(methods, Mapping):
        named = {str(name): _method(method) for name, method in methods.items()}
    else:
        given = [methods] if isinstance(methods, Method | str) else list(methods)
        values = [_method(method) for method in given]
        named = {method.name: method for method in values}
        if len(named) < len(values):
            names = sorted(method.name for method in values)
            raise ValueError(f"methods has two of one name, {names}: give a dictionary with a name for each")
    if not named:
        raise ValueError(f"methods={methods!r} has no method; one or more are needed")
    return named


def _method(method: Method | str) -> Method:
    if isinstance(method, str):
        if method not in PRESETS:
            raise ValueError(f"methods has {method!r}; the names are {', '.join(PRESETS)}")
        return PRESETS[method]()
    if not isinstance(method, Method):
        raise TypeError(f"methods has {method!r}; give Methods, such as {presets.__name__}.waveletx(), or their names")
    return method


def _seeds(seeds: Sequence[int]) -> list[int]:
    numbers = [checked_seed(seed) for seed in ([seeds] if isinstance(seeds, int) else seeds)]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"seeds={seeds!r} must be one or more different whole numbers")
    return numbers
