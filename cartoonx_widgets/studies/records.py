"""The files of a study: a table of records in Parquet for each batch, and the masks beside it if they are kept."""

from __future__ import annotations

import io
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
from cartoonx_widgets._files import left_behind, replacing
from cartoonx_widgets.studies.plan import MANIFEST, MASKS, RECORDS, is_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from cartoonx_widgets.studies.jobs import Finished
    from cartoonx_widgets.studies.plan import Batch

_ENDING = ".parquet"
_TEXT, _NUMBER, _WHOLE, _TRUTH, _BYTES = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.binary()
SCHEMA = pa.schema(
    {
        "photograph": _TEXT,
        "method": _TEXT,
        "seed": _WHOLE,
        "sha256": _TEXT,
        "target": _WHOLE,
        "label": _TEXT,
        "probability_before": _NUMBER,
        "probability": _NUMBER,
        "cartoon_label": _TEXT,
        "class_kept": _TRUTH,
        "collapsed": _TRUTH,
        "distortion": _NUMBER,
        **dict.fromkeys(scores.NAMES, _NUMBER),
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
_BEFORE = {"probability_before": "probability", "probability": "cartoon_probability", "steps_done": "steps"}
"""What version 0.5 called some of them."""


def write(folder: Path, batch: Batch, finished: Finished) -> None:
    """Keep what has become of a batch; the table comes last, since it says that the batch is done.

    Raises:
        OSError: it cannot be written; then nothing of it is there.
    """
    if finished.masks:
        with replacing(folder / MASKS / f"{batch.name}.npz") as file:
            file.write(finished.masks)
    with replacing(folder / RECORDS / f"{batch.name}{_ENDING}") as file:
        pq.write_table(pa.Table.from_pylist(finished.records, schema=SCHEMA), file, compression="zstd")


def done(folder: Path) -> set[str]:
    """The names of the batches that are done."""
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


def read(folder: Path, columns: Collection[str] | None = None, *, names: Iterable[str] | None = None) -> pa.Table:
    """All records, or those of the batches of these names, in the order of the batches.

    Raises:
        OSError: a file cannot be read.
    """
    chosen = sorted(done(folder) if names is None else names)
    wanted = list(SCHEMA.names if columns is None else columns)
    tables = [_table(folder / RECORDS / f"{name}{_ENDING}", wanted) for name in chosen]
    schema = pa.schema([SCHEMA.field(name) for name in wanted])
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _table(path: Path, wanted: list[str]) -> pa.Table:
    with pq.ParquetFile(path) as file:
        before = _BEFORE if "cartoon_probability" in file.schema_arrow.names else {}
        names = [before.get(name, name) for name in wanted]
        return file.read(columns=names).select(names).rename_columns(wanted)


def mask(folder: Path, batch: Batch, key: str) -> np.ndarray:
    """The mask (N,) in [0, 1] of one photograph.

    Raises:
        KeyError: it has none, since there was an error.
        OSError: masks were not kept.
    """
    data = (folder / MASKS / f"{batch.name}.npz").read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        place = archive["keys"].tolist().index(key) if key in archive["keys"] else None
        if place is None:
            raise KeyError(key)
        levels: np.ndarray = archive[f"mask {place}"]
        return levels.astype(np.float32) / 255


def column(table: pa.Table, name: str) -> list[Any]:
    """A column as a list."""
    values: list[Any] = table.column(name).to_pylist()
    return values
