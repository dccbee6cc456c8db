"""What is printed for a report of a bug: the versions that are installed, and nothing private."""

import getpass
import platform
import re
import socket
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cartoonx_widgets as cx
from cartoonx_widgets import cli

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture
def printed(capsys):
    cx.show_versions()
    return capsys.readouterr().out


def test_python_pytorch_and_the_package_come_first(printed):
    first, second, third = printed.splitlines()[:3]
    assert first == f"cartoonx-widgets {cx.__version__}"
    assert f" {platform.python_version()} on {platform.system()}" in second
    assert third.startswith(f"PyTorch {torch.__version__} on CPU")
    assert third.count(";") >= torch.cuda.device_count()
    assert re.fullmatch(r"Memory: (\d+\.\d GB(, \d+\.\d GB free)?|not known on this system)", printed.splitlines()[3])


def test_each_dependency_is_there_with_its_version_and_optional_ones_where_installed(printed):
    needed, optional = printed.partition("Optional dependencies:")[::2]
    for text in PROJECT["dependencies"]:
        name = canonicalize_name(Requirement(text).name)
        assert f"  {name} {metadata.version(name)}\n" in needed
    assert f"  pytest {metadata.version('pytest')}\n" in optional
    for name, version in re.findall(r"^  (\S+) (.+)$", optional, re.MULTILINE):
        assert metadata.version(name) == version


def test_nothing_private_is_printed(printed):
    for private in (str(Path.home()), str(Path.cwd()), sys.prefix, getpass.getuser(), socket.gethostname()):
        assert not re.search(rf"(?<!\w){re.escape(private)}(?!\w)", printed)


def test_a_package_that_is_not_installed_is_no_failure(capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    cx.show_versions()
    assert capsys.readouterr().out.splitlines()[4] == (
        "cartoonx-widgets is not installed by pip, so that what it depends on is not known"
    )


def test_the_command_prints_the_same(printed, capsys):
    assert cli.main(["versions"]) == 0
    free = re.compile(r"[\d.]+ GB free")  # which changes from one moment to the next
    assert free.sub("", capsys.readouterr().out) == free.sub("", printed)
