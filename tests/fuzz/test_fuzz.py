"""A short run of the fuzzer, with a fixed seed; `make fuzz` runs longer, with another seed each time."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="studies need the [study] extra")


def test_what_is_mutated_is_taken_or_refused_as_promised(tmp_path):
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), "--minutes", "0.25", "--seed", "1"]
    finished = subprocess.run([*command, "--keep", str(tmp_path)], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_so_many_inputs_of_each_kind_are_tried_as_are_asked_for(tmp_path):
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), "--inputs", "3", "--kinds", "arrays,pictures"]
    finished = subprocess.run(
        [*command, "--keep", str(tmp_path), "--seed", "1"], capture_output=True, text=True, check=True
    )
    assert finished.stdout.splitlines()[-1] == "in all: 3 arrays, 3 pictures, 0 faults"
    assert list(tmp_path.iterdir()) == []


def test_what_fails_is_kept_and_can_be_tried_again(tmp_path, monkeypatch):
    from fuzz import fuzz  # noqa: PLC0415

    class Bad:
        def __init__(self, folder):
            pass

        def input(self, rng):
            return rng.randbytes(4)

        def attack(self, data):
            raise LookupError(data)

    monkeypatch.setattr(fuzz, "KINDS", {"bad": Bad})
    monkeypatch.setattr(fuzz, "limit_memory", lambda: None)
    assert fuzz.work(["bad"], 7, 0.01, tmp_path) > 0
    kept = [path for path in tmp_path.iterdir() if path.name != fuzz.COUNTS]
    assert all(path.name.startswith("bad-7-") for path in kept)
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "--again", str(kept[0])])
    with pytest.raises(LookupError):
        fuzz.main()
