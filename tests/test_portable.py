"""What every system allows: names of files, those in the repository too, and text files whose encoding is named."""

import ast
import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartoonx_widgets.studies import plan
from cartoonx_widgets.widgets.compare.export import name_of_file

ROOT = Path(__file__).parents[1]
FOLDERS = ("benchmarks", "cartoonx_widgets", "docs", "scripts", "tests")
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
NAMES = st.text() | st.sampled_from(
    ["CON", "con.png", "nul", "COM1", "lpt²", "a:b", 'a"b', "a/b\\c", "a. ", "...", "?*", "\0", "x" * 300, "é" * 300]
)


def legal(name):
    """Whether Windows allows a file of this name, by Microsoft's "Naming Files, Paths, and Namespaces"."""
    return (
        0 < len(name.encode("utf-16-le")) // 2 <= 255
        and not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        and not name.endswith((" ", "."))
        and not RESERVED.match(name)
    )


@pytest.mark.parametrize("name", ["CON", "nul.txt", "com1.a.b", "AUX ", "a:b", "a?", "a.", "a ", "", "x" * 256])
def test_names_that_windows_refuses_are_known(name):
    assert not legal(name)


def test_names_of_the_repository():
    if not (ROOT / ".git").exists():
        pytest.skip("needs the clone: git says which files there are")
    paths = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT).decode().split("\0")[:-1]
    assert len(paths) > 300
    assert [path for path in paths if not all(map(legal, PurePosixPath(path).parts))] == []
    assert len({path.lower() for path in paths}) == len(paths)


@given(method=NAMES, seed=st.integers(0, 2**63), place=st.none() | st.integers(0, 99))
def test_names_of_a_study(method, seed, place):
    name = plan.Batch(0, method, seed, ("coffee",), place).name
    assert plan.is_name(name)
    assert all(legal(whole) for whole in (f"{name}.parquet", f"{name}.npz", f".{name}.parquet.0123abcd"))


@given(photograph=NAMES, label=NAMES)
def test_names_of_an_exported_comparison(photograph, label):
    name = name_of_file(photograph, label, "html")
    assert legal(name)
    assert len(name.encode()) <= 255  # the limit of Linux


def test_text_files_are_opened_with_their_encoding():
    """By itself Python takes the system's, which on Windows is often not UTF-8."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    calls = [
        (path, node) for path in paths for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)
    ]
    assert sum(opens_text(call) for _, call in calls) > 50
    bad = [f"{path}:{call.lineno}" for path, call in calls if opens_text(call) and not names_encoding(call)]
    assert bad == []


def called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def opens_text(call):
    """Whether a call reads or writes a text file, as far as its mode is written out."""
    if getattr(getattr(call.func, "value", None), "id", "") in ("tarfile", "zipfile"):
        return False
    modes = [node.value for node in call.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return called(call) in ("read_text", "write_text") or (
        called(call) == "open" and any(re.fullmatch(r"[rwax]t?\+?", mode) for mode in modes)
    )


def names_encoding(call):
    """By keyword, or where `read_text` and `write_text` have it."""
    place = {"read_text": 0, "write_text": 1}.get(called(call), len(call.args))
    return len(call.args) > place or any(keyword.arg == "encoding" for keyword in call.keywords)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("path.read_text()", True),
        ("path.write_text(text)", True),
        ("path.open('w')", True),
        ("open(path, 'r')", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(text, encoding='utf-8')", False),
        ("path.open('rb')", False),
        ("tarfile.open(path, 'w')", False),
        ("open(path, 'a', encoding='utf-8')", False),
    ],
)
def test_calls_without_an_encoding_are_seen(code, found):
    call = ast.parse(code, mode="eval").body
    assert (opens_text(call) and not names_encoding(call)) == found
