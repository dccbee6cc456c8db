"""Files that are written whole: the rights they get, and what happens where a file cannot be replaced yet."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cartoonx_widgets._files import left_behind, replacing

WINDOWS = os.name == "nt"
NOBODY = 65534


@pytest.fixture
def folder():
    """A folder of a user who may not write everywhere, as root may: the tests run as that user."""
    as_root = not WINDOWS and os.geteuid() == 0
    if as_root:
        os.seteuid(NOBODY)
    try:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)
    finally:
        if as_root:
            os.seteuid(0)


class Held:
    """A file that cannot be replaced: on Windows since it is open, elsewhere since its folder must not be changed."""

    def __init__(self, path):
        self.path = path
        self.file = path.open("rb") if WINDOWS else path.parent.chmod(0o500)

    def let_go(self):
        if WINDOWS:
            self.file.close()
        else:
            self.path.parent.chmod(0o700)


def test_a_file_that_is_held_for_a_moment_is_replaced_then(folder, monkeypatch):
    target = folder / "results.html"
    target.write_bytes(b"old")
    with replacing(target) as file:
        file.write(b"new")
        held = Held(target)
        monkeypatch.setattr(time, "sleep", lambda _: held.let_go())
    assert target.read_bytes() == b"new"
    assert [path.name for path in folder.iterdir()] == ["results.html"]


def test_a_file_that_stays_held_is_named_and_left_as_it_is(folder):
    target = folder / "results.html"
    target.write_bytes(b"old")
    files = contextlib.ExitStack()
    files.enter_context(replacing(target)).write(b"new")
    held = Held(target)
    with pytest.raises(PermissionError, match=r"results\.html cannot be replaced: close it in"):
        files.close()
    held.let_go()
    assert target.read_bytes() == b"old"
    assert {path.name for path in folder.iterdir()} - {path.name for path in left_behind(folder)} == {"results.html"}


RIGHTS = """
import os, stat, sys
from pathlib import Path
from cartoonx_widgets._files import replacing

def rights(path):
    return oct(stat.S_IMODE(path.stat().st_mode))

os.umask(0o027)
new, private = Path(sys.argv[1], "new"), Path(sys.argv[1], "private")
private.touch(mode=0o600)
for path in (new, private):
    with replacing(path) as file:
        [unfinished] = path.parent.glob(".*")
        print(rights(unfinished))
    print(rights(path))
"""


@pytest.mark.skipif(WINDOWS, reason="Windows has other rights")
def test_a_new_file_has_the_rights_that_the_system_gives_and_a_replaced_one_keeps_its_own(tmp_path):
    """Also while it is written: a private file must not be read by others then."""
    command = [sys.executable, "-c", RIGHTS, tmp_path]
    assert subprocess.check_output(command, text=True).split() == ["0o640", "0o640", "0o600", "0o600"]
