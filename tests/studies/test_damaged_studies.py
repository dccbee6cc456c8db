"""Studies whose files were damaged, exchanged, edited or lost: it is said which, and nothing passes for complete."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
import toys

import cartoonx_widgets as cx

pytest.importorskip("pyarrow", reason="studies need the [study] extra")

import pyarrow as pa
import pyarrow.parquet as pq

from cartoonx_widgets.studies import StudyError, records

METHOD = {"m": cx.methods.pixel_mask(steps=1, samples=1)}


def run(out, source=("coffee", "camera"), **settings):
    classifier = toys.classifier()
    asked = {"classifier": classifier, "batch_size": 1, "save_masks": True, "progress": False, **settings}
    return cx.study(list(source), METHOD, out=out, **asked)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(tmp_path_factory.mktemp("study") / "out").folder


@pytest.fixture
def out(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "out"))


def files(out, kind="records"):
    return sorted((out / kind).iterdir())


def photographs(results):
    return [row["photograph"] for row in results.rows()]


@pytest.mark.parametrize("data", [b"", b"PAR1", b"\0" * 3000, None], ids=["empty", "short", "zeros", "cut off"])
def test_damaged_records_are_named_and_done_again(out, data):
    first, _ = files(out)
    first.write_bytes(first.read_bytes()[:-100] if data is None else data)
    for read in (run, lambda folder: cx.Results(folder).rows(), lambda folder: cx.Results(folder).to_html(out / "p")):
        with pytest.raises(StudyError, match=r"000000\.m\..*parquet is damaged .* remove it to have it done again"):
            read(out)
    first.unlink()
    assert photographs(run(out)) == ["coffee", "camera"]


def test_records_of_another_batch_are_none_of_this_one(out):
    first, second = files(out)
    shutil.copy(second, first)
    with pytest.raises(StudyError, match="its records are of another batch"):
        run(out)
    with pytest.raises(StudyError, match="its records are of another batch"):
        cx.Results(out).rows()


def test_records_of_no_batch_and_of_two(out):
    first, _ = files(out)
    more = first.with_name(first.name.replace("000000", "000007"))
    shutil.copy(first, more)
    with pytest.raises(StudyError, match=r"000007.* of no batch of this study: remove it"):
        run(out)
    more.unlink()
    shutil.copy(first, first.with_name(first.name.replace(".0.parquet", ".0.0.parquet")))
    with pytest.raises(StudyError, match=r"\.0\.0\.parquet is of photographs that another file has: remove it"):
        len(cx.Results(out))


def test_a_table_of_another_form(out):
    first, _ = files(out)
    table = pq.read_table(first)
    numbers = table.set_column(0, "photograph", pa.array([1]))
    missing = table.set_column(table.column_names.index("error"), "error", pa.array([None], pa.string()))
    swapped = table.select([*table.column_names[1:], table.column_names[0]])
    for other in (table.slice(0, 0), table.drop_columns(["label"]), numbers, missing, swapped):
        pq.write_table(other, first)
        with pytest.raises(StudyError, match="is damaged"):
            run(out)


@pytest.mark.parametrize("name", records.SCHEMA.names)
def test_a_damaged_name_of_a_column(out, name):
    first, _ = files(out)
    table = pq.read_table(first)
    pq.write_table(table.rename_columns({name: f"{name[:-1]}?"}), first)
    with pytest.raises(StudyError, match="is damaged"):
        records.read(out, [name])
    with pytest.raises(StudyError, match="is damaged"):
        cx.Results(out).rows()


def test_a_flipped_bit_is_found_or_changes_nothing(out):
    first, _ = files(out)
    data, batch = first.read_bytes(), records.finished(out)[0]
    before = repr(records.read(out, batches=[batch]).to_pylist())
    rng = random.Random(0)
    found = 0
    for _ in range(150):
        place = rng.randrange(len(data))
        first.write_bytes(data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :])
        try:
            assert repr(records.read(out, batches=[batch]).to_pylist()) == before
        except StudyError:
            found += 1
    assert found > 50


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"batches": None}, "batches must be"),
        ({"batches": [["coffee"], ["coffee"]]}, "a photograph twice"),
        ({"batches": [[1]]}, "no text"),
        ({"methods": []}, "methods must be"),
        ({"seeds": None}, "seeds must be"),
        ({"seeds": [0, 0]}, "seeds must be"),
        ({"classifier": None}, "classifier must be"),
        ({"classifier": {}}, "classifier must be"),
        ({"save_masks": 1}, "save_masks must be"),
        ({"more": 1}, "it has"),
        ({"version": {}}, "this package reads"),
    ],
)
def test_an_edited_plan(out, change, fault):
    path = out / "study.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), "utf-8")
    for read in (run, cx.Results):
        with pytest.raises(StudyError, match=fault):
            read(out)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "[" * 100_000, '{"format": 1, "format": 2}', '{"seeds": NaN}', "\ud800"]
)
def test_what_is_no_plan(out, text):
    (out / "study.json").write_text(text, "utf-8", errors="surrogatepass")
    with pytest.raises(StudyError, match=r"study\.json is no plan of a study, or damaged"):
        cx.Results(out)


def test_lost_masks_are_told_and_made_again(out):
    first, _ = files(out, "masks")
    before = cx.Results(out).mask("coffee", "m")
    first.unlink()
    with pytest.raises(StudyError, match=r"whose file is gone .* call study again to make it"):
        cx.Results(out).mask("coffee", "m")
    assert photographs(run(out)) == ["coffee", "camera"]
    assert (cx.Results(out).mask("coffee", "m") == before).all()


def test_damaged_masks_are_named(out):
    first, second = files(out, "masks")
    data = first.read_bytes()
    for other in (b"", data[:-30], b"\0" * 500, second.read_bytes()):
        first.write_bytes(other)
        with pytest.raises(StudyError, match=r"000000\.m\..*npz .* remove it"):
            run(out)
    for place in range(0, len(data), len(data) // 40):
        first.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            cx.Results(out).mask("coffee", "m")
        except StudyError as error:
            assert "npz" in str(error)  # noqa: PT017


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the rights of a folder do not stop this user")
def test_a_folder_that_may_not_be_written(out):
    files(out)[0].unlink()
    (out / "records").chmod(0o500)
    try:
        with pytest.raises(PermissionError, match=r"the study in .*out cannot be written .* call it again"):
            run(out)
    finally:
        (out / "records").chmod(0o700)
