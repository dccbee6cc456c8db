"""Runs the tests of a device without hardware in a process of their own, which such a device changes."""

import subprocess
import sys
from pathlib import Path

from paths import ROOT


def test_runs_on_a_device_without_hardware():
    tests = [Path(__file__).with_name(name) for name in ("absent_device.py", "apple_device.py")]
    options = [
        "-q",
        "-o",
        "addopts=",
        "--import-mode=importlib",
        "--noconftest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
