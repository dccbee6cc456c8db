"""Deno, which runs and checks the page code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

DENO = shutil.which("deno", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def run(*arguments: str) -> str:
    """What deno prints, offline; it has to succeed."""
    assert DENO is not None, "deno is not installed: pip install -e .[dev]"
    env = os.environ | {"DENO_DIR": str(ROOT / "build" / "deno"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [DENO, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
    )
    if done.returncode:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout
