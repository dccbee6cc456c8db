"""What is printed, and bars, where standard output and error are None, closed, full, unread or of another encoding."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import TESTS

from cartoonx_widgets import _terminal

CLASSIFIER = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
import toys
def make():
    return toys.classifier()
"""
COMMAND = "import sys; from cartoonx_widgets.cli import main; sys.exit(main())"
ARGUMENTS = ["explain", "coffee", "--classifier", "nets:make", "--class", "4", "--steps", "2", "--samples", "2"]


class Broken(io.StringIO):
    """A stream that cannot be written."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


STREAMS = [
    lambda: None,
    closed,
    lambda: Broken(OSError(28, "No space left on device")),
    lambda: Broken(BrokenPipeError()),
    object,
]


@pytest.mark.parametrize("make", STREAMS)
def test_what_cannot_be_written_is_lost(make, monkeypatch):
    monkeypatch.setattr(sys, "stdout", make())
    monkeypatch.setattr(sys, "stderr", make())
    _terminal.print_line("one")
    _terminal.print_line("two", error=True)
    assert list(_terminal.progress_bar([1, 2, 3], shown=True, desc="steps")) == [1, 2, 3]
    with _terminal.progress_bar(total=2, shown=True, desc="two") as shown:
        shown.update()
        shown.set_postfix(errors=1)
        shown.update()
    _terminal.flush()


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", "→ 象"), ("cp1252", r"-> \u8c61"), ("ascii", r"-> \u8c61")])
def test_characters_that_a_stream_lacks_are_spelled_out(encoding, said, monkeypatch):
    data = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(data, encoding=encoding, newline="\n"))
    _terminal.print_line("→ 象")
    assert data.getvalue().decode(encoding) == f"{said}\n"


def test_bars_are_seen_where_they_are_wanted(capsys):
    assert list(_terminal.progress_bar("ab", shown=False)) == ["a", "b"]
    assert capsys.readouterr() == ("", "")
    assert list(_terminal.progress_bar("ab", shown=True, desc="letters")) == ["a", "b"]
    printed, progress = capsys.readouterr()
    assert printed == ""
    assert "letters: 100%" in progress


@pytest.fixture
def home(tmp_path):
    (tmp_path / "nets.py").write_text(CLASSIFIER, "utf-8")
    return tmp_path


def run(home, code, *arguments, flags=(), redirected="", **environment):
    """The exit code, and what was printed, of Python in this folder with streams as the shell redirects them."""
    package = str(Path(_terminal.__file__).parents[1])
    command = [sys.executable, *flags, "-c", code, *arguments]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *command] if redirected else command,
        cwd=home,
        env={**os.environ, "PYTHONPATH": package, **environment},
        capture_output=True,
        timeout=200,
        check=False,
    )


POSIX = pytest.mark.skipif(os.name != "posix", reason="redirects as a POSIX shell does")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")


@pytest.mark.parametrize(
    "redirected",
    [
        pytest.param(">&- 2>&-", marks=POSIX),
        pytest.param(">/dev/full 2>/dev/full", marks=FULL),
    ],
)
def test_the_command_line_succeeds_whatever_its_streams_are(home, redirected):
    finished = run(home, COMMAND, *ARGUMENTS, "--out", "a.png", redirected=redirected)
    assert (home / "a.png").stat().st_size > 1000
    assert finished.returncode == 0, finished.stderr


def test_the_command_line_in_another_encoding(home):
    finished = run(home, COMMAND, *ARGUMENTS, "--out", "a.png", PYTHONIOENCODING="cp1252")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(b"class 4 is kept: 0.")
    assert b" -> 0." in finished.stdout


@FULL
def test_help_on_a_full_disk(home):
    assert run(home, COMMAND, "--help", redirected=">/dev/full").returncode == 0


LIBRARY = """
import cartoonx_widgets as cx, nets, toys
classifier, method = nets.make(), toys.method(steps=2)
cx.explain("coffee", classifier=classifier, method=method)
recording = cx.record("coffee", classifier=classifier, method=method)
recording.to_gif("run.gif")
try:
    import pyarrow
except ModuleNotFoundError:
    pass
else:
    print(cx.study(["coffee", "gone.png"], method, out="out", classifier=classifier))
open("done", "w").close()
"""


@pytest.mark.parametrize(
    "redirected",
    ["", pytest.param("2>&-", marks=POSIX)],
)
def test_the_library_runs_with_warnings_as_errors_and_whatever_its_streams_are(home, redirected):
    finished = run(home, LIBRARY, flags=("-W", "error"), redirected=redirected)
    assert (home / "done").exists(), finished.stderr
    assert finished.returncode == 0


def test_the_default_runs_with_warnings_as_errors(home):
    code = "import cartoonx_widgets as cx; cx.explain('coffee', method=cx.methods.cartoonx(steps=1, samples=1))"
    finished = run(home, code, flags=("-W", "error"))
    assert finished.returncode == 0, finished.stderr
