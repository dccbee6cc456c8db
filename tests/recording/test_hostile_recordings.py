"""Recordings by strangers: each loads and has all its outputs, or is refused in a sentence and at little cost."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import toys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cartoonx_widgets as cx
from cartoonx_widgets._json import strict_json
from cartoonx_widgets.recording import deltas

PIXELS = {"kind": "Pixel"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The members of a short recording on pixels."""
    path = tmp_path_factory.mktemp("run") / "run.cxr"
    method = cx.methods.pixel_mask(steps=2, samples=1)
    cx.record(toys.image(), classifier=toys.classifier(), method=method, progress=False).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def npy(array):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array))
    return buffer.getvalue()


def texts(run, **changes):
    return {"recording.json": json.dumps({**json.loads(run["recording.json"]), **changes}).encode()}


def written(path, members, kind=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def thin(run, *, size, frames, representation=PIXELS, n=None):
    """A recording of black frames, which takes next to no room."""
    n = size[0] * size[1] if n is None else n
    groups = [deltas.packed([np.zeros(min(n, 10_000), np.uint8)])] * (-(-frames // 16))
    return {
        **run,
        **texts(run, representation=representation, coefficients=n, labels=["a"], target=0,
                frame_steps=list(range(frames)), rest_steps=list(range(frames))),
        "image.npy": npy(np.zeros((3, *size), np.uint16)),
        "probabilities.npy": npy(np.full((1 + 2 * frames, 1), 0.5, np.float32)),
        "groups.npy": npy(np.array([len(group) for group in groups], np.int64)),
        "masks.npy": npy(np.frombuffer(b"".join(groups), np.uint8)),
    }  # fmt: skip


def refused(path, match="."):
    with pytest.raises(cx.RecordingError, match=match):
        cx.Recording.load(path)


SHEARLET = {"kind": "Shearlet", "scales": 1, "shear_levels": [1]}
DUAL_TREE = {"kind": "DualTree", "levels": 1}
HAAR = {"kind": "Wavelet", "wavelet": "haar", "levels": 1}


@pytest.mark.parametrize(
    ("thinned", "fault"),
    [
        ({"size": (2048, 2048), "frames": 1000}, "frames of 4,194,304 entries are more"),
        ({"size": (16, 16), "frames": 100_001}, "100,001 frames are more"),
        ({"size": (16, 16384), "frames": 1, "representation": HAAR}, "at most 4096 a side"),
        ({"size": (16, 4096), "frames": 1, "representation": DUAL_TREE, "n": 4 * 65536}, "1024 a side on DualTree"),
        ({"size": (2048, 2048), "frames": 1, "representation": SHEARLET, "n": 9 * 2**22}, "masks of .* are more"),
        ({"size": (1024, 1040), "frames": 1, "representation": SHEARLET, "n": 2**23}, "1024 a side on Shearlet"),
        ({"size": (3000, 2000), "frames": 1}, "larger than allowed"),
    ],
)
def test_small_files_of_much_are_refused_at_once(run, tmp_path, thinned, fault):
    path = written(tmp_path / "run.cxr", thin(run, **thinned))
    tracemalloc.start()
    try:
        refused(path, fault)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30e6  # 100,001 steps, told in JSON


@pytest.mark.parametrize(
    ("name", "shape", "dtype"),
    [
        ("image", (3, 6000, 6000), np.uint16),
        ("image", (3, 2**32, 2**32), np.uint16),
        ("curves", (7, 30_000_000), np.float32),
        ("probabilities", (10**6, 10**6), np.float32),
        ("groups", (10**8,), np.int64),
        ("masks", (10**9,), np.uint8),
    ],
)
def test_an_array_is_refused_by_its_header(run, tmp_path, name, shape, dtype):
    """What follows is not unpacked: of zeros, a gigabyte takes a megabyte."""
    header = io.BytesIO()
    described = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    zeros = b"\0" * min(40_000_000, int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize)
    path = written(tmp_path / "run.cxr", {**run, f"{name}.npy": header.getvalue() + zeros})
    tracemalloc.start()
    try:
        refused(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_only_what_save_writes_is_an_archive(run, tmp_path):
    path = tmp_path / "run.cxr"
    whole = written(path, run).read_bytes()
    assert cx.Recording.load(path).frames
    written(path, run, zipfile.ZIP_STORED)
    assert cx.Recording.load(path).frames
    for kind in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        refused(written(path, run, kind), "packed in a way")
    refused(written(path, {**run, "more.npy": b""}), "more than a recording")
    refused(written(path, {**run, **{f"{i}": b"" for i in range(1000)}}), "directory")
    for other in (b"before" + whole, whole + b"behind", whole[:-2] + b"\x05\0hello"):
        path.write_bytes(other)
        refused(path)
    written(path, run)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("image.npy", run["image.npy"])
    refused(path, "more than a recording")
    encrypted = bytearray(whole)
    struct.pack_into("<H", encrypted, 6, 1)
    struct.pack_into("<H", encrypted, encrypted.index(b"PK\x01\x02") + 8, 1)
    path.write_bytes(encrypted)
    refused(path, "packed in a way")


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"[" * 500 + b"]" * 500,
        b"\xff",
        b"null",
        b"1" * 10_000,
        b'{"format": "cartoonx_widgets recording"}',
        b'{"format": "cartoonx_widgets recording", "format": "cartoonx_widgets recording"}',
    ],
)
def test_json_that_is_none_of_ours(run, tmp_path, data):
    refused(written(tmp_path / "run.cxr", {**run, "recording.json": data}))


@pytest.mark.parametrize("data", [b"NaN", b"1e999", b'"\\ud800"', b'{"\\udfff": 1}', b"1" * 30, b'{"a": 1, "a": 2}'])
def test_what_could_not_be_written_again_is_not_read(data):
    with pytest.raises(ValueError, match=r"finite|surrogates|2\^64|twice"):
        strict_json(data)


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<u2', 'shape': (3",
        b"{(" * 300,
        b"'''\n",
        b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n",
    ],
)
def test_the_header_of_an_array_is_never_repaired(run, tmp_path, header):
    image = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    refused(written(tmp_path / "run.cxr", {**run, "image.npy": image}), "no array")


def test_memory_that_runs_out_is_told(run, tmp_path, monkeypatch):
    from cartoonx_widgets.recording import reading  # noqa: PLC0415

    path = written(tmp_path / "run.cxr", run)
    for error in (MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")):

        def fails(*_, error=error):
            raise error

        monkeypatch.setattr(reading, "silent_transform", fails)
        refused(path, "more memory than there is")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
TEXT = st.text(st.characters(), max_size=1100)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            "settings": VALUES,
            "photograph": TEXT,
            "method": TEXT,
            "classifier": TEXT,
            "warning": TEXT,
            "labels": st.lists(TEXT, min_size=5, max_size=5),
            "curves": st.lists(TEXT, min_size=7, max_size=7),
            "steps": VALUES | st.integers(0, 2**32),
            "seed": VALUES,
            "activation": st.sampled_from(["softmax", "sigmoid", [], None]),
        },
    )
)
def test_what_loads_has_all_its_outputs(run, tmp_path, changes):
    path = tmp_path / "run.cxr"
    written(path, {**run, **texts(run, **changes)})
    try:
        recording = cx.Recording.load(path)
    except cx.RecordingError:
        return
    recording.summary().encode()
    recording.figure(frames=2).to_json()
    recording.to_html(tmp_path / "run.html", progress=False)
    recording.to_png(tmp_path / "run.png")
    recording.to_gif(tmp_path / "run.gif", seconds=0.2, progress=False)
    recording.save(path)
    assert cx.Recording.load(path).summary() == recording.summary()


def test_texts_that_no_file_can_hold_are_saved_without_what_it_cannot(run, tmp_path):
    import dataclasses  # noqa: PLC0415

    path = written(tmp_path / "run.cxr", run)
    recording = dataclasses.replace(cx.Recording.load(path), photograph="\udcff.png", method="x" * 2000)
    recording.save(path)
    again = cx.Recording.load(path)
    assert again.photograph == "?.png"
    assert again.method == "x" * 999 + "…"


def test_a_narrow_picture_has_its_outputs(run, tmp_path):
    frames = thin(run, size=(16, 1024), frames=1)
    frames["masks.npy"] = npy(np.frombuffer(group := deltas.packed([np.zeros(16384, np.uint8)]), np.uint8))
    frames["groups.npy"] = npy(np.array([len(group)], np.int64))
    recording = cx.Recording.load(written(tmp_path / "run.cxr", frames))
    recording.to_gif(tmp_path / "run.gif", progress=False)
    assert (tmp_path / "run.gif").stat().st_size < 100_000
