"""The files of a study: a table of records in Parquet for each batch, and the masks beside it if they are kept."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'studies need pyarrow, which is not installed: pip install ".[study]" in a clone of the package (once it is '
        'published: pip install "cartoonx-widgets[study]")'
    ) from error

from cartoonx_widgets import scores
from cartoonx_widgets._files import left_behind, replacing, write_whole
from cartoonx_widgets._memory import is_out_of_memory
from cartoonx_widgets.studies.plan import MANIFEST, MASKS, RECORDS, StudyError, is_name
from cartoonx_widgets.studies.plan import read as read_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from cartoonx_widgets.studies.jobs import Finished
    from cartoonx_widgets.studies.plan import Batch

_ENDING = ".parquet"
_WRITTEN: dict[str, Any] = {"compression": "zstd", "write_page_checksum": True}
_WHOSE = ("photograph", "method", "seed")  # columns that say of which batch a record is
_MOST_TOLD = 5  # damaged files
_TEXT, _NUMBER, _WHOLE, _TRUTH, _BYTES = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.binary()
_NUMBERS = pa.list_(_NUMBER)
SCHEMA = pa.schema(
    {
        "photograph": _TEXT,
        "method": _TEXT,
        "seed": _WHOLE,
        "sha256": _TEXT,
        "target": _WHOLE,
        "label": _TEXT,
        "predicted": _WHOLE,
        "predicted_label": _TEXT,
        "probability_before": _NUMBER,
        "probability": _NUMBER,
        "cartoon_label": _TEXT,
        "class_kept": _TRUTH,
        "collapsed": _TRUTH,
        "distortion": _NUMBER,
        **dict.fromkeys(scores.NAMES, _NUMBER),
        "profile_mask": _NUMBERS,
        "profile_energy": _NUMBERS,
        "steps_done": _WHOLE,
        "seconds": _NUMBER,
        "classifier": _TEXT,
        "device": _TEXT,
        "version": _TEXT,
        "torch": _TEXT,
        "error": _TEXT,
        "thumbnail": _BYTES,
        "cartoon_thumbnail": _BYTES,
    }
)
"""The columns of a record."""
_ADDED = ("probability_rest", "profile_mask", "profile_energy", "predicted", "predicted_label")
"""Those that version 0.5 did not write."""
_UNKNOWN: dict[pa.DataType, Any] = {_NUMBERS: [], _NUMBER: math.nan, _WHOLE: -1, _TEXT: ""}
_BEFORE = {"probability_before": "probability", "probability": "cartoon_probability", "steps_done": "steps"}
"""What version 0.5 called some of them."""


def write(folder: Path, batch: Batch, finished: Finished) -> None:
    """Keep what has become of a batch; the table comes last, since it says that the batch is done.

    Raises:
        OSError: it cannot be written; then nothing of it is there.
    """
    if finished.masks:
        write_whole(folder / MASKS / f"{batch.name}.npz", finished.masks)
    with replacing(folder / RECORDS / f"{batch.name}{_ENDING}") as file:
        pq.write_table(pa.Table.from_pylist(finished.records, schema=SCHEMA), file, **_WRITTEN)


def done(folder: Path) -> set[str]:
    """Return the names of the batches that are done."""
    files = (path for path in (folder / RECORDS).glob(f"*{_ENDING}") if path.is_file())
    return {name for path in files if is_name(name := path.name.removesuffix(_ENDING))}


def clean(folder: Path) -> None:
    """Remove what writers that were killed have left, and nothing else: people keep files and folders of their own."""
    for inside, ending in ((RECORDS, _ENDING), (MASKS, ".npz")):
        for path in left_behind(folder / inside):
            name, _, its = path.name[1:].rpartition(".")[0].rpartition(".")
            if is_name(name) and f".{its}" == ending:
                path.unlink(missing_ok=True)
    for path in left_behind(folder):
        if path.name.startswith((f".{MANIFEST}.", ".results.html.")):
            path.unlink(missing_ok=True)


def finished(folder: Path) -> list[Batch]:
    """Return the batches that are done, in their order.

    Raises:
        StudyError: there is no study, or a file of records is of none of its batches, or of photographs that another
            file has.
    """
    names = sorted(done(folder))  # before the plan is read, which a study extends before it writes records
    plan = read_plan(folder)
    if plan is None:
        raise StudyError(f"{folder} has no study")
    found = []
    for name in names:
        batch = plan.batch(name)
        if batch is None or (batch.place is not None and replace(batch, keys=(), place=None).name in names):
            other = "of no batch of this study" if batch is None else "of photographs that another file has"
            raise StudyError(f"{_path(folder, name)} is {other}: remove it")
        found.append(batch)
    return found


def check(folder: Path, *, save_masks: bool) -> set[str]:
    """Read all records, and say which batches are done: those whose masks are gone, if they are kept, are to be again.

    Raises:
        StudyError: files are damaged; all that are to be removed are named.
    """
    faults, names = [], set()
    for batch in finished(folder):
        try:
            table = _table(folder, batch, SCHEMA.names)
            if not save_masks or _has_masks(folder, batch, column(table, "error")):
                names.add(batch.name)
        except StudyError as error:
            faults.append(str(error))
    if faults:
        more = f"\nand {len(faults) - _MOST_TOLD} more" if len(faults) > _MOST_TOLD else ""
        raise StudyError("\n".join(faults[:_MOST_TOLD]) + more)
    return names


def read(folder: Path, columns: Collection[str] | None = None, *, batches: Iterable[Batch] | None = None) -> pa.Table:
    """Return all records, or those of some batches that are done, in the order of the batches.

    Raises:
        StudyError: a file is damaged, or its records are not those of its batch.
    """
    wanted = list(SCHEMA.names if columns is None else columns)
    tables = [_table(folder, batch, wanted) for batch in (finished(folder) if batches is None else batches)]
    schema = pa.schema([SCHEMA.field(name) for name in wanted])
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _path(folder: Path, name: str) -> Path:
    return folder / RECORDS / f"{name}{_ENDING}"


def _table(folder: Path, batch: Batch, wanted: list[str]) -> pa.Table:
    """Read some columns of a batch's records, if they are whole and of this batch; 0.5.0 wrote no checksums."""
    path = _path(folder, batch.name)
    columns = list(dict.fromkeys([*wanted, *_WHOSE]))
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            names = _names(file.schema_arrow.names, columns)
            present = list(names.values())
            table = file.read(columns=present).select(present).rename_columns(list(names))
        table = _with_empty(table, [name for name in columns if name not in names])
        _check_table(table, batch)
    except Exception as error:  # a damaged file makes pyarrow raise errors of many kinds
        raise _damaged(path, error) from error
    return table.select(wanted)


def _names(there: list[str], wanted: list[str]) -> dict[str, str]:
    """Return the names in a file of those wanted columns that it has.

    Raises:
        ValueError: the file has other columns than this version and 0.5 write; names have no checksum.
    """
    if _BEFORE["probability"] in there:
        return {name: _BEFORE.get(name, name) for name in wanted if name not in _ADDED}
    if there != SCHEMA.names:
        raise ValueError("its columns are not those of records")
    return {name: name for name in wanted}


def _with_empty(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return the table with columns that say of each record that it is not known."""
    for name in names:
        kind = SCHEMA.field(name).type
        table = table.append_column(name, pa.array([_UNKNOWN[kind]] * len(table), kind))
    return table


def _check_table(table: pa.Table, batch: Batch) -> None:
    for name, values in zip(table.column_names, table.columns, strict=True):
        if values.type != SCHEMA.field(name).type or values.null_count:
            raise ValueError(f"its column {name} is not that of a record")
    photographs, methods, seeds = (column(table, name) for name in _WHOSE)
    if (photographs, set(methods), set(seeds)) != (list(batch.keys), {batch.method}, {batch.seed}):
        raise ValueError("its records are of another batch")


def _damaged(path: Path, error: Exception) -> StudyError:
    what = "cannot be read, for memory runs out" if is_out_of_memory(error) else "is damaged"
    return StudyError(f"{path} {what} ({error!s:.200}): remove it to have it done again")


def _has_masks(folder: Path, batch: Batch, errors: list[str]) -> bool:
    """Return whether the masks of a batch are there, as far as their archive's directory tells; a failure has none.

    Raises:
        StudyError: they are damaged.
    """
    path = folder / MASKS / f"{batch.name}.npz"
    explained = [key for key, error in zip(batch.keys, errors, strict=True) if not error]
    if not explained:
        return True
    try:
        with _opened(path) as archive:
            if sorted(archive["keys"].tolist()) != sorted(explained) or len(archive.files) != 1 + len(explained):
                raise StudyError(f"{path} has the masks of other photographs: remove it to have it done again")
    except FileNotFoundError:
        return False
    return True


def mask(folder: Path, batch: Batch, key: str) -> np.ndarray | None:
    """Return the mask (N,) in [0, 1] of one photograph; None where there was an error.

    Raises:
        FileNotFoundError: masks were not kept, or are gone.
        StudyError: they are damaged.
    """
    with _opened(folder / MASKS / f"{batch.name}.npz") as archive:
        keys = archive["keys"].tolist()
        if key not in keys:
            return None
        levels: np.ndarray = archive[f"mask {keys.index(key)}"]
        if levels.dtype != np.uint8 or levels.ndim != 1:
            raise ValueError(f"a mask of {levels.dtype} with shape {levels.shape}")
        return levels.astype(np.float32) / 255


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open an archive of masks.

    Raises:
        StudyError: it is damaged, as is found when it is opened or read.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            yield archive
    except (FileNotFoundError, StudyError):
        raise
    except Exception as error:  # a damaged file makes zipfile and NumPy raise errors of many kinds
        raise _damaged(path, error) from error


def column(table: pa.Table, name: str) -> list[Any]:
    """Return a column as a list."""
    values: list[Any] = table.column(name).to_pylist()
    return values
