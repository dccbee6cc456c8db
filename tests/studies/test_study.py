"""Studies: sources, records, going on after a kill, faults of photographs and classifiers, and workers of Ray."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import toys
from paths import TESTS
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets import cli, scores
from cartoonx_widgets.masking import GivenMask

pytest.importorskip("pyarrow", reason="studies need the [study] extra")

from cartoonx_widgets.studies import Results, StudyError, plan, records, study
from cartoonx_widgets.studies.sources import photographs

METHODS = {"one": toys.method(steps=4), "two": toys.method(steps=3, lambda_l1=5.0)}
TIMED = ("seconds",)


def png(seed):
    buffer = io.BytesIO()
    Image.fromarray(cx.images.to_uint8(toys.image(seed)[0])).save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Six photographs, one of them in a folder of its own."""
    home = tmp_path / "photographs"
    (home / "more").mkdir(parents=True)
    for seed in range(5):
        (home / f"{seed}.png").write_bytes(png(seed))
    (home / "more" / "5.PNG").write_bytes(png(5))
    (home / "notes.txt").write_text("no picture", "utf-8")
    (home / ".hidden.png").write_bytes(png(9))
    return home


def run(source, out, methods=METHODS, **settings):
    return study(source, methods, out=out, **{"classifier": toys.classifier(), "progress": False, **settings})


def rows(results):
    """Records without what a clock says, by photograph, method and seed."""
    return {
        (row["photograph"], row["method"], row["seed"]): {
            name: value for name, value in row.items() if name not in TIMED
        }
        for row in results.table(pictures=True).to_pylist()
    }


def same(one, other):
    """Whether records are the same, bit by bit; NaN is like NaN."""
    return repr(rows(one)) == repr({key: rows(other)[key] for key in rows(one)}) and len(one) == len(other)


# What is recorded.


def test_each_photograph_is_explained_once_by_each_method_with_each_seed(folder, tmp_path):
    results = run(folder, tmp_path / "out", seeds=[0, 7])
    found = results.rows()
    assert len(found) == len(results) == results.plan.n_records == 6 * 2 * 2
    assert len(rows(results)) == len(found)
    assert {row["photograph"] for row in found} == {*(f"{seed}.png" for seed in range(5)), "more/5.PNG"}
    for row in found:
        assert row["error"] == ""
        assert row["steps_done"] == METHODS[row["method"]].steps
        assert row["version"] == cx.__version__
        assert all(np.isfinite(row[name]) for name in (*scores.NAMES, "seconds", "distortion"))


def test_a_record_is_what_explain_finds(folder, tmp_path):
    """Alone or in a batch, an explanation is the same but for the last digits."""
    results = run(folder, tmp_path / "out", batch_size=4)
    for (name, method, seed), row in rows(results).items():
        alone = cx.explain(
            folder / name, classifier=toys.classifier(), method=METHODS[method], seed=seed, progress=False
        )
        assert row["label"] == alone.target.label
        assert row["probability"] == pytest.approx(alone.probability, abs=1e-4)
        for score, value in scores.compute(alone).items():
            if score != "hallucination":  # an edge may appear by a last digit
                assert row[score] == pytest.approx(value, rel=1e-3)


def test_results_do_not_depend_on_the_number_of_workers(folder, tmp_path):
    one = run(folder, tmp_path / "one", num_workers=1, batch_size=2)
    three = run(folder, tmp_path / "three", num_workers=3, batch_size=2)
    assert same(one, three)
    assert torch.get_num_threads() >= 1


def test_masks_are_kept_where_they_are_asked_for(folder, tmp_path):
    results = run(folder, tmp_path / "out", save_masks=True)
    mask = results.mask("more/5.PNG", "one")
    alone = cx.explain(folder / "more" / "5.PNG", classifier=toys.classifier(), method=METHODS["one"], progress=False)
    assert np.abs(mask - alone.mask.numpy()).max() < 0.01
    with pytest.raises(ValueError, match=r"photograph='none.png'.* is not in this study"):
        results.mask("none.png", "one")
    without = run(folder, tmp_path / "without")
    with pytest.raises(ValueError, match=r"has no mask: they are kept by study\(..., save_masks=True\)"):
        without.mask("0.png", "one")


def test_summary_and_tables(folder, tmp_path):
    results = run(folder, tmp_path / "out")
    summary = results.summary()
    assert list(summary) == ["one", "two"]
    assert summary["one"]["records"] == 6
    values = [row["cp_l1"] for row in results.rows() if row["method"] == "one"]
    assert summary["one"]["cp_l1"] == pytest.approx(np.median(values))
    assert "12 of 12 records" in repr(results)
    results.to_csv(tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert len(lines) == 13
    assert lines[0].startswith("photograph,method,seed,")
    assert (tmp_path / "out" / "results.html").stat().st_size > 1000


# Where photographs come from.


def test_a_tar_archive_with_classes(tmp_path):
    archive = tmp_path / "shard.tar"
    with tarfile.open(archive, "w") as tar:
        for name, data in {
            "a/0001.png": png(1),
            "a/0001.cls": b"3\n",
            "a/0002.seg.png": png(2),
            "0003.json": b"{}",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert [photograph.key for photograph in photographs(archive)] == ["a/0001.png", "a/0002.seg.png"]
    labelled = rows(run(archive, tmp_path / "labelled", {"one": METHODS["one"]}, use_labels=True))
    assert labelled["a/0001.png", "one", 0]["target"] == 3
    own = rows(run(archive, tmp_path / "own", {"one": METHODS["one"]}))
    assert own["a/0001.png", "one", 0]["target"] == int(toys.classifier().probabilities(toys.image(1))[0].argmax())


class Dataset(torch.utils.data.Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return toys.image(index)[0], index


def test_a_dataset_and_a_list(tmp_path):
    found = rows(run(Dataset(), tmp_path / "dataset", {"one": METHODS["one"]}, use_labels=True))
    assert [found[str(index), "one", 0]["target"] for index in range(3)] == [0, 1, 2]
    given = ["coffee", toys.image(1)[0], Image.open(io.BytesIO(png(2)))]
    found = rows(run(given, tmp_path / "list", {"one": METHODS["one"]}))
    keys = [key for key, *_ in found]
    assert [key.partition(",")[0] for key in keys] == ["coffee", "photograph 1", "photograph 2"]
    # What is in memory goes by what is in it, so that others at its place are not taken for it.
    assert [photograph.key for photograph in photographs(given)] == keys
    others = [photograph.key for photograph in photographs([*given[:1], toys.image(9)[0], *given[2:]])]
    assert [one == other for one, other in zip(keys, others, strict=True)] == [True, False, True]


class Annotated(Dataset):
    """Pictures with boxes, as of a dataset for detection, and one with nothing beside it."""

    def __getitem__(self, index):
        return (toys.image(index)[0], [{"bbox": [0, 0, 1, 1]}], None) if index else (toys.image(index)[0],)


def test_classes_are_read_where_they_are_asked_for(tmp_path):
    method = {"one": METHODS["one"]}
    assert run(Annotated(), tmp_path / "boxes", method).errors() == {}
    errors = run(Annotated(), tmp_path / "labelled", method, use_labels=True).errors()
    assert len(errors) == 3
    assert all("use_labels=True: " in error and "where its class is needed" in error for error in errors.values())
    archive = tmp_path / "shard.tar"
    with tarfile.open(archive, "w") as tar:
        for name, data in {"1.png": png(1), "1.cls": b"class 2", "2.png": png(2), "2.cls": b"no class"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    found = rows(run(archive, tmp_path / "archive", method, use_labels=True))
    assert found["1.png", "one", 0]["target"] == 2
    assert "no class" in found["2.png", "one", 0]["error"]
    assert run(archive, tmp_path / "unlabelled", method).errors() == {}


def test_names_that_are_no_text_are_written_down_all_the_same(folder, tmp_path):
    try:
        Path(os.fsdecode(bytes(folder) + b"/caf\xe9.png")).write_bytes(png(6))
    except (OSError, UnicodeDecodeError):
        pytest.skip("this file system takes no such names")
    results = run(folder, tmp_path / "out", {"one": METHODS["one"]})
    assert "caf\\xe9.png" in {row["photograph"] for row in results.rows()}
    results.to_csv(tmp_path / "out.csv")
    assert len(run(folder, tmp_path / "out", {"one": METHODS["one"]})) == 7


def test_a_record_says_of_which_numbers_it_is(folder, tmp_path):
    found = rows(run(folder, tmp_path / "out"))
    for (name, *_), row in found.items():
        assert row["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert row["torch"] == torch.__version__


class Named(Dataset):
    """Items as Hugging Face's datasets have them."""

    def __init__(self, picture, label):
        self.picture, self.label = picture, label

    def __getitem__(self, index):
        return {"id": f"n{index}", self.label: index, self.picture: toys.image(index)[0], "text": "a photograph"}


@pytest.mark.parametrize(
    ("picture", "label"), [("image", "label"), ("img", "fine_label"), ("pixel_values", "labels"), (".png", ".cls")]
)
def test_a_dataset_of_dictionaries(picture, label, tmp_path):
    found = rows(run(Named(picture, label), tmp_path / "out", {"one": METHODS["one"]}, use_labels=True))
    assert [found[str(index), "one", 0]["target"] for index in range(3)] == [0, 1, 2]
    assert {row["error"] for row in found.values()} == {""}


def test_items_of_a_list(tmp_path):
    picture = toys.image(1)[0]
    items = [(picture, 1), {"image": toys.image(2)[0], "label": 2}, {"image": {"bytes": png(3), "path": None}, "y": 3}]
    found = rows(run(items, tmp_path / "out", {"one": METHODS["one"]}, use_labels=True))
    assert [row["target"] for row in found.values()] == [1, 2, 3]
    assert {row["error"] for row in found.values()} == {""}
    alone = cx.explain(picture, target=1, classifier=toys.classifier(), method=METHODS["one"], progress=False)
    assert next(iter(found.values()))["probability"] == pytest.approx(alone.probability, abs=1e-4)


def test_unknown_keys_are_told_once_and_before_the_study(tmp_path):
    with pytest.raises(
        ValueError, match=r"dictionaries of id, label, scan, text; a picture is known by one of image, "
    ):
        run(Named("scan", "label"), tmp_path / "out")
    with pytest.raises(ValueError, match=r"dictionaries of id, grade, .*; a class is known by one of label, .*rename"):
        run(Named("image", "grade"), tmp_path / "out", use_labels=True)
    assert not (tmp_path / "out").exists()
    assert not run(Named("image", "grade"), tmp_path / "out", {"one": METHODS["one"]}).errors()


def test_stray_files_are_left_out_and_counted(folder, tmp_path, capsys):
    for stray in (".ipynb_checkpoints", ".Trash-1000/files", "more/@eaDir", "__MACOSX", "$RECYCLE.BIN"):
        (folder / stray).mkdir(parents=True)
        (folder / stray / "1-checkpoint.png").write_bytes(png(1))
    for name in ("cat.heic", "notes"):
        (folder / name).write_bytes(b"")
    for kind, ending in (("AVIF", "avif"), ("JPEG", "jfif"), ("JPEG2000", "JP2"), ("TGA", "tga")):
        Image.fromarray(cx.images.to_uint8(toys.image(7)[0])).save(folder / f"other.{ending}", kind)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "linked.png").write_bytes(png(8))
    (folder / "linked").symlink_to(elsewhere)
    (folder / "round").symlink_to(folder)
    (folder / "linked.png").symlink_to(elsewhere / "linked.png")
    results = run(folder, tmp_path / "out", {"one": METHODS["one"]})
    others = {f"other.{ending}" for ending in ("avif", "jfif", "JP2", "tga")}
    names = {*(f"{seed}.png" for seed in range(5)), "more/5.PNG", "linked.png", *others}
    assert {row["photograph"] for row in results.rows()} == names
    assert not results.errors()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "6 hidden files (" in said
    assert "3 files with other endings (" in said
    assert ".heic" in said
    assert "2 linked folders (linked, round)" in said


def test_nothing_but_stray_files(tmp_path):
    (tmp_path / ".hidden.png").write_bytes(png(1))
    (tmp_path / "cat.heic").write_bytes(b"")
    with pytest.raises(
        ValueError, match=r"holds no picture \(left out: 1 hidden file \(.hidden.png\), 1 file with ano"
    ):
        photographs(tmp_path)


def test_stray_files_of_an_archive(tmp_path, capsys):
    archive = tmp_path / "photographs.tar"
    with tarfile.open(archive, "w") as tar:
        for name in ("./a.png", "__MACOSX/._a.png", "a/.DS_Store", "a/notes.txt", "a.cls"):
            member = tarfile.TarInfo(name)
            member.size = len(png(1))
            tar.addfile(member, io.BytesIO(png(1)))
    assert [photograph.key for photograph in photographs(archive)] == ["./a.png"]
    assert (
        "left out: 2 hidden files (.DS_Store, __MACOSX), 1 file with another ending (.txt)" in capsys.readouterr().err
    )


def test_the_home_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    found = run(f"~/{folder.name}", "~/out", {"one": METHODS["one"]})
    assert len(found) == len(Results("~/out")) == 6
    assert found.folder == tmp_path / "out"
    listed = rows(run([f"~/{folder.name}/0.png"], tmp_path / "listed", {"one": METHODS["one"]}))
    assert listed[f"~/{folder.name}/0.png", "one", 0]["error"] == ""


def upper_half(image, *, classifier, target):
    heat = torch.zeros(toys.SIDE, toys.SIDE)
    heat[: toys.SIDE // 2] = 1
    return cx.baselines.from_heat_map(heat, "upper half", image, classifier=classifier, target=target)


def nothing(image, *, classifier, target):
    return image, classifier, target


def test_baselines_are_studied_too(folder, tmp_path):
    methods = {"half": upper_half, "nothing": nothing, "one": METHODS["one"]}
    results = run(folder, tmp_path / "out", methods, save_masks=True)
    assert len(results) == 6 * 3
    for row in results.rows():
        if row["method"] == "half":
            assert row["error"] == ""
            assert row["share_kept"] == pytest.approx(0.5)
            assert (results.mask(row["photograph"], "half").sum()) == toys.SIDE**2 / 2
        elif row["method"] == "nothing":
            assert row["error"] == "TypeError: nothing returned tuple, where an Explanation is needed"
    # The same function by the same name goes on; another one does not.
    run(folder, tmp_path / "out", methods, save_masks=True)
    with pytest.raises(StudyError, match="other settings of 'half'"):
        run(folder, tmp_path / "out", {"half": nothing}, save_masks=True)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([], "holds no picture"),
        (["coffee", "coffee"], "holds 'coffee' more than once"),
        (7, "must be a folder, a .tar archive, a list of photographs, or a dataset"),
    ],
)
def test_sources_that_are_refused(source, message):
    with pytest.raises(ValueError, match=message):
        photographs(source)


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.* is neither a folder nor a .tar archive"):
        photographs(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="it is an address, and nothing is downloaded"):
        photographs("https://example.org/photographs")


# What goes wrong on the way.


class Picky(toys.Toy):
    """Fails on bright pictures."""

    def forward(self, image):
        if (image.mean((1, 2, 3)) > 0.95).any():
            raise ValueError("too <b>bright</b>")
        return super().forward(image)


def test_faults_are_recorded_and_the_study_goes_on(folder, tmp_path):
    (folder / "broken.png").write_bytes(png(1)[:100])
    Image.new("RGB", (32, 32), "white").save(folder / "<b>bright.png")
    results = run(folder, tmp_path / "out", classifier=toys.classifier(Picky()), batch_size=8)
    found = rows(results)
    assert len(found) == 8 * 2
    errors = {name: row["error"] for (name, *_), row in found.items() if row["error"]}
    assert set(errors) == {"broken.png", "<b>bright.png"} == set(results.errors())
    assert errors["broken.png"].startswith("ImageError: ")
    assert errors["<b>bright.png"] == "ValueError: too <b>bright</b>"
    assert results.summary()["one"]["errors"] == 2
    # Those that are fine are as they are without the others.
    for name in errors:
        (folder / name).unlink()
    clean = rows(run(folder, tmp_path / "clean", classifier=toys.classifier(Picky()), batch_size=8))
    for key, row in clean.items():
        assert found[key]["cp_l1"] == pytest.approx(row["cp_l1"], rel=1e-3)


class Speechless:
    """Something that cannot even be printed."""

    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


class Nowhere(os.PathLike):
    def __fspath__(self):
        raise UnspeakableError


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Wrong(np.ndarray):
    @property
    def shape(self):
        raise ValueError("no shape, and \udcff is no text")


def cut_off():
    return Image.open(io.BytesIO(png(1)[:1500]))


def unreadable():
    """Pictures of which none can be read, and how the record of each begins."""
    return {
        "cut off": (cut_off(), "ImageError: image of PIL's mode RGB cannot be decoded"),
        "closed": (closed_picture(), "ImageError: image of PIL's mode RGB cannot be decoded"),
        "sparse": (torch.zeros(3, 32, 32).to_sparse(), "ImageError: image is torch.float32, torch.sparse_coo"),
        "meta": (torch.zeros(3, 32, 32, device="meta"), "ImageError: image is torch.float32, torch.strided, on meta"),
        "ragged": ([[0.0], [1.0, 2.0]], "ImageError: image is of type list"),
        "objects": (np.array([[None, {}]] * 2), "ImageError: "),
        "none": (None, "ImageError: image is None"),
        "number": (7, "ImageError: image is of type int"),
        "speechless": (Speechless(), "ImageError: image is of type Speechless"),
        "nowhere": (Nowhere(), "UnspeakableError"),
        "wrong": (np.zeros((32, 32, 3)).view(Wrong), "ValueError: no shape, and \\udcff"),
        "dictionary": ({"scan": 1}, "ValueError: an item is a dictionary of scan"),
        "empty": ((), "ValueError: an item is an empty tuple"),
        "no text": ("\ud800.png", ""),
        "address": ("https://example.org/cat.jpg", "ImageError: image 'https://example.org/cat.jpg' is an address"),
        "nan": (torch.full((3, 32, 32), torch.nan), "ImageError: image has 1,024 of 1,024 pixels that are NaN"),
    }


def closed_picture():
    picture = Image.open(io.BytesIO(png(1)))
    picture.close()
    return picture


@pytest.mark.parametrize("source", ["list", "dataset"])
def test_pictures_that_cannot_be_read_are_recorded_in_whatever_form_they_come(source, tmp_path):
    pictures = [picture for picture, _ in unreadable().values()]
    given = [toys.image(1)[0], *pictures, toys.image(2)[0]]

    class Given(Dataset):
        def __len__(self):
            return len(given)

        def __getitem__(self, index):
            return given[index]

    results = run(given if source == "list" else Given(), tmp_path / "out", {"one": METHODS["one"]}, batch_size=4)
    errors = [row["error"] for row in results.rows()]
    assert (errors[0], errors[-1]) == ("", "")
    for (name, (_, start)), error in zip(unreadable().items(), errors[1:-1], strict=True):
        if (source, name) == ("dataset", "ragged"):  # there a list is a picture and its class
            start = "ImageError: image is of type list"  # noqa: PLW2901
        assert error.startswith(start), (name, error)
        assert error, name
    again = run(given if source == "list" else Given(), tmp_path / "out", {"one": METHODS["one"]}, batch_size=4)
    assert same(results, again)


def test_a_classifier_that_fails_during_a_batch_loses_only_what_it_fails_on(folder, tmp_path):
    class Later(toys.Toy):
        """Fails in a step, and not before, that shows it a bright corner, as one of the photographs has."""

        def forward(self, image):
            bright = image[:, :, 0, 0].mean(1) > 0.8
            if bright.any() and torch.is_grad_enabled():
                raise RuntimeError("no bright corners")
            return super().forward(image)

    Image.new("RGB", (32, 32), (230, 230, 230)).save(folder / "bright.png")
    results = run(folder, tmp_path / "out", classifier=toys.classifier(Later()), batch_size=6)
    errors = [row["error"] for row in results.rows()]
    assert len(errors) == 14
    assert set(errors) == {"", "RuntimeError: no bright corners"}


# Going on.


def test_nothing_is_done_twice(folder, tmp_path):
    out = tmp_path / "out"
    run(folder, out)
    before = {path: path.stat().st_mtime_ns for path in (out / "records").iterdir()}
    run(folder, out)
    assert {path: path.stat().st_mtime_ns for path in (out / "records").iterdir()} == before


def test_photographs_methods_and_seeds_may_be_added(folder, tmp_path):
    out = tmp_path / "out"
    first = rows(run(folder, out, {"one": METHODS["one"]}))
    (folder / "00 first of all.png").write_bytes(png(6))
    second = rows(run(folder, out, METHODS, seeds=[3]))
    assert first.items() <= second.items()
    assert {key[1:] for key in second if key[0] == "00 first of all.png"} == {("one", 3), ("two", 3)}
    third = rows(run(folder, out, METHODS, seeds=[0, 3]))
    assert len(third) == 7 * 2 * 2 == len(Results(out))


def test_photographs_may_go_and_come_back(folder, tmp_path):
    out = tmp_path / "out"
    first = rows(run(folder, out, {"one": METHODS["one"]}, batch_size=4, save_masks=True))
    away = (folder / "1.png").rename(tmp_path / "1.png")
    results = run(folder, out, METHODS, batch_size=4, save_masks=True)
    assert {key for key in rows(results) if key[1] == "two"} == {(name, "two", 0) for name, *_ in first} - {
        ("1.png", "two", 0)
    }
    away.rename(folder / "1.png")
    results = run(folder, out, METHODS, batch_size=4, save_masks=True)
    assert len(results) == len(rows(results)) == 6 * 2
    assert first.items() <= rows(results).items()
    whole = run(folder, tmp_path / "whole", METHODS, batch_size=4, save_masks=True)
    for key, row in rows(whole).items():
        assert rows(results)[key]["cp_l1"] == pytest.approx(row["cp_l1"], rel=1e-3)
        np.testing.assert_allclose(results.mask(*key), whole.mask(*key), atol=0.02)


def test_settings_that_are_tensors_are_told_apart(folder, tmp_path):
    n = METHODS["one"].representation.transform((toys.SIDE, toys.SIDE)).n_coefficients
    given = [METHODS["one"].replace(mask=GivenMask(torch.full((n,), value))) for value in (0.5, 0.6)]
    run(folder, tmp_path / "out", {"given": given[0]})
    run(folder, tmp_path / "out", {"given": given[0]})
    with pytest.raises(StudyError, match="other settings of 'given'"):
        run(folder, tmp_path / "out", {"given": given[1]})


def test_a_study_that_does_not_fit_is_refused(folder, tmp_path):
    out = tmp_path / "out"
    run(folder, out)
    with pytest.raises(StudyError, match=r"other settings of 'one': take another folder"):
        run(folder, out, {"one": METHODS["two"]})
    torch.manual_seed(1)
    other = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(8), torch.nn.Flatten(), torch.nn.Linear(192, 5))
    with pytest.raises(StudyError, match=r"has a study of Toy, and classifier is .*weights are others"):
        run(folder, out, classifier=toys.classifier(other))
    with pytest.raises(StudyError, match=r"has a study with save_masks=False"):
        run(folder, out, save_masks=True)
    (out / "study.json").write_text("{", "utf-8")
    with pytest.raises(StudyError, match=r"is no plan of a study, or damaged"):
        run(folder, out)
    (out / "study.json").write_text(json.dumps({"format": "cartoonx_widgets study", "version": 99}), "utf-8")
    with pytest.raises(StudyError, match=r"version"):
        run(folder, out)
    with pytest.raises(StudyError, match="has no study"):
        Results(tmp_path)


def test_files_and_folders_of_ones_own_stay(folder, tmp_path):
    out = tmp_path / "out"
    first = rows(run(folder, out, {"one": METHODS["one"]}, save_masks=True))
    (batch, *_) = sorted(path.name for path in (out / "records").iterdir())
    own = []
    for inside in (out, out / "records", out / "masks"):
        for name in (".ipynb_checkpoints", ".git", "table.parquet", f".{batch}.abcdefgh"):
            (inside / name).mkdir()
            own.append(inside / name / "notes.txt")
        own += [inside / name for name in (".gitignore", ".hidden.parquet", "mine.parquet", f"{batch}.bak", "a.b.tmp")]
        own += [
            inside / f".{batch}.original-of-mine",
            inside / "000000.old.parquet",
            inside / ".study.json.backup-of-mine",
        ]
    for path in own:
        path.write_text("mine", "utf-8")
    left = [
        out / "records" / f".{batch}.k3y_w0rd",
        out / "masks" / f".{batch.removesuffix('.parquet')}.npz.k3y_w0rd",
        out / ".study.json.k3y_w0rd",
        out / ".results.html.k3y_w0rd",
    ]
    for path in left:
        path.write_text("half of a file", "utf-8")
    second = rows(run(folder, out, METHODS, save_masks=True))
    assert all(path.read_text("utf-8") == "mine" for path in own)
    assert not any(path.exists() for path in left)
    assert first.items() <= second.items()
    assert len(second) == len(Results(out)) == 12


@pytest.mark.timeout(300)
def test_a_study_that_is_killed_at_random_moments_ends_as_one_that_is_not(folder, tmp_path):
    for seed in range(6, 18):
        (folder / f"{seed}.png").write_bytes(png(seed))
    methods = {"one": toys.method(steps=30), "two": toys.method(steps=20)}
    settings = {"classifier": toys.classifier(), "progress": False, "batch_size": 3, "save_masks": True}
    # Processes of their own, forked off one that has imported what they need: a kill costs no import.
    processes = multiprocessing.get_context("forkserver")
    late = ["pandas", "pyarrow.parquet", "skimage.feature", "torch._dynamo"]  # imported where they are needed
    processes.set_forkserver_preload(["toys", "cartoonx_widgets.widgets.results.page", *late])

    def begun():
        process = processes.Process(target=study, args=(folder, methods), kwargs={"out": killed, **settings})
        process.start()
        return process

    killed = tmp_path / "killed"
    chance = random.Random(0)
    kills = 0
    while kills < 6:
        process = begun()
        deadline = time.monotonic() + 60
        there = len(records.done(killed))
        # Not before something new is there: else nothing would be killed but a start.
        while process.is_alive() and len(records.done(killed)) == there:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.2))
        if not process.is_alive():
            break
        process.kill()
        process.join()
        kills += 1
    assert kills >= 2
    last = begun()
    last.join()
    assert last.exitcode == 0
    whole = study(folder, methods, out=tmp_path / "whole", **settings)
    assert same(whole, Results(tmp_path / "killed"))
    assert not list((tmp_path / "killed" / "records").glob(".*"))
    for key, method, seed in rows(whole):
        assert (Results(tmp_path / "killed").mask(key, method, seed) == whole.mask(key, method, seed)).all()


def test_a_folder_is_held_by_one_process(folder, tmp_path):
    run(folder, tmp_path / "out", {"one": METHODS["one"]})
    holding = (
        "import sys; from pathlib import Path; from cartoonx_widgets.studies.study import _locked\n"
        f"with _locked(Path({str(tmp_path / 'out')!r})): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StudyError, match="another process works in this folder"):
            run(folder, tmp_path / "out")
        other.kill()
    run(folder, tmp_path / "out")


@pytest.mark.parametrize("reason", [errno.ENOLCK, errno.ENOSYS])
def test_a_file_system_without_locks_is_no_hindrance(folder, tmp_path, monkeypatch, reason):
    fcntl = pytest.importorskip("fcntl", reason="Windows locks files in another way")

    def flock(*_):
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(fcntl, "flock", flock)
    assert len(run(folder, tmp_path / "out", {"one": METHODS["one"]})) == 6


def test_a_full_disk_ends_the_study_and_loses_nothing(folder, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    out = tmp_path / "out"
    run(folder, out, {"one": METHODS["one"]})
    before = rows(Results(out))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(OSError, match=r"the study in .*out cannot be written .*File too large.* call it again"):
            run(folder, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert before.items() <= rows(run(folder, out)).items()


# Arguments.


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"methods": []}, ValueError, r"methods=\[\] has no method"),
        ({"methods": ["cartonx"]}, ValueError, r"methods\[0\]='cartonx' must be one of 'cartoonx_inter.*did you"),
        ({"methods": [7]}, TypeError, r"methods\[0\]=7 must be a Method"),
        ({"methods": 7}, TypeError, r"methods\[0\]=7 must be a Method"),
        ({"methods": [METHODS["one"], METHODS["two"]]}, ValueError, r"methods has two of one name"),
        ({"seeds": []}, ValueError, r"seeds=\[\] must be one or more different"),
        ({"seeds": [1, 1]}, ValueError, r"seeds=\[1, 1\] must be one or more different"),
        ({"batch_size": 0}, ValueError, r"batch_size=0 must be a whole number of at least 1"),
        ({"num_workers": 0}, ValueError, r"num_workers=0 must be a whole number of at least 1"),
        ({"classifier": toys.Toy()}, TypeError, r"classifier=Toy.* must be a cartoonx_widgets.Classifier"),
    ],
)
def test_arguments_that_are_refused(folder, tmp_path, settings, error, message):
    with pytest.raises(error, match=message):
        run(folder, tmp_path / "out", **settings)


def test_the_command_line(folder, tmp_path, capsys):
    command = ["study", str(folder), "--methods", "pixel_mask", "--out", str(tmp_path / "out"), "--limit", "1"]
    command += ["--steps", "2", "--samples", "1", "--quiet", "--seeds", "0", "1"]
    assert cli.main(command) == 0
    assert len(Results(tmp_path / "out")) == 2
    assert cli.main([*command[:5], str(folder / "0.png")]) == 1
    assert "0.png' is a file; a study needs a folder" in capsys.readouterr().err
    assert cli.main([*command, "--limit", "0"]) == 1
    assert "--limit 0: at least 1 photograph" in capsys.readouterr().err
    assert cli.main(["study", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 1
    assert "is neither a folder nor a .tar archive" in capsys.readouterr().err


def test_nothing_that_could_be_explained_is_exit_code_1(tmp_path, capsys):
    home = tmp_path / "photographs"
    home.mkdir()
    for name in ("a.png", "b.png"):
        (home / name).write_bytes(b"no picture")
    command = ["study", str(home), "--methods", "pixel_mask", "--out", str(tmp_path / "out")]
    command += ["--steps", "2", "--samples", "1"]
    assert cli.main(command) == 1
    printed, complaint = capsys.readouterr()
    assert "no explanation, 2 errors" in printed
    assert "nan" not in printed
    assert "cartoonx-widgets: no explanation, 2 errors; the first, of 'a.png' by" in complaint
    (home / "c.png").write_bytes(png(1))
    assert cli.main([*command, "--quiet"]) == 0


def test_batches_have_names_of_their_own():
    batches = [plan.Batch(0, name, 0, ()) for name in ("Method", "method", "method!", "../method", "方法", "方")]
    assert len({batch.name for batch in batches}) == len(batches)
    assert all("/" not in batch.name for batch in batches)


# Ray.


@pytest.mark.timeout(300)
@pytest.mark.ray
def test_workers_of_ray_find_the_same_also_where_one_is_lost(folder, tmp_path, monkeypatch):
    ray = pytest.importorskip("ray", reason="workers of Ray need the [ray] extra")
    bullet = tmp_path / "bullet"

    def is_shot(_):
        """Once, by whoever takes the file away."""
        try:
            bullet.unlink()
        except FileNotFoundError:
            return False
        return True

    mortal = toys.classifier(toys.Mortal(is_shot))
    here = run(folder, tmp_path / "here", batch_size=1, seeds=[0, 1], classifier=mortal)
    bullet.touch()
    # The toy classifier is at home there; what Ray starts inherits it, and need not be started again with it.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        there = run(folder, tmp_path / "there", batch_size=1, seeds=[0, 1], classifier=mortal, ray=True)
        assert not bullet.exists()
        assert same(here, there)
        with pytest.raises(ValueError, match=r"num_workers=99 are more than the 2 cores"):
            run(folder, tmp_path / "many", ray=True, num_workers=99)
        with pytest.raises(ValueError, match=r"ray='1.2.3.4:6379' names a cluster, and this process is in one"):
            run(folder, tmp_path / "far", ray="1.2.3.4:6379")
        # One that costs each worker its life is recorded; the other of its batch is explained.
        monkeypatch.setattr("cartoonx_widgets.studies.ray_workers._TRIES", 1)
        Image.new("RGB", (32, 32)).save(folder / "00 black.png")
        deadly = toys.classifier(toys.Mortal(lambda image: (image.mean((1, 2, 3)) < 0.01).any()))
        one = {"one": METHODS["one"]}
        found = run(folder, tmp_path / "deadly", one, classifier=deadly, ray=True, num_workers=1, batch_size=2)
        assert len(found) == 7
        assert set(found.errors()) == {"00 black.png"}
        assert "its worker of Ray was lost" in found.errors()["00 black.png"]
    finally:
        ray.shutdown()
