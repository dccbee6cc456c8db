"""Serving a class: what is refused before anything listens, and what the server is given."""

import importlib.util
import os
import socket
import sys
from pathlib import Path

import pytest

pytest.importorskip("tornado", reason="serving needs the [serve] extra")

from cartoonx_widgets import cli, serving
from cartoonx_widgets.live.turns import TURNS
from cartoonx_widgets.serving import application
from cartoonx_widgets.widgets.shared import messages
from cartoonx_widgets.widgets.shared import visitor_limits as visits


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def started(monkeypatch):
    """What a server would be started with."""
    calls = []

    monkeypatch.setattr(application, "run", lambda *args, **kwargs: calls.append((args, kwargs)))
    monkeypatch.setattr("asyncio.run", lambda started: started)  # where browsers are tested too, a loop runs here
    monkeypatch.setattr("os.environ", dict(os.environ))
    monkeypatch.setattr(TURNS, "share_cores", lambda: None)
    return calls


def test_the_command_line_reaches_the_server(started, capsys):
    port = free_port()
    arguments = ["--port", str(port), "--visitors", "3", "--upload-limit", "2.5", "--language", "de", "--no-browser"]
    assert cli.main(["serve", *arguments]) == 0
    [(place, settings)] = started
    assert place == ("127.0.0.1", port)
    assert (settings["visitors"], settings["language"], settings["open_browser"]) == (3, "de", False)
    assert visits.upload_megabytes() == 2.5
    assert not visits.may_see_tracebacks()
    assert settings["translations"]
    assert visits.upload_pixels() == 16_000_000
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--visitors", "0"], "visitors=0 must be at least 1"),
        (["--port", "0"], "port=0 must be from 1 to 65535"),
        (["--port", "65536"], "port=65536 must be from 1 to 65535"),
        (["--upload-limit", "0"], "upload_megabytes=0.0 must be more than 0"),
        (["--upload-limit", "nan"], "upload_megabytes=nan must be more than 0"),
        (["--host", "no such host"], "cannot listen on host no such host"),
    ],
)
def test_what_is_not_allowed_is_one_line_and_exit_code_1(arguments, reason, started, capsys):
    assert cli.main(["serve", "--port", str(free_port()), *arguments]) == 1
    printed, complaint = capsys.readouterr()
    assert (printed, complaint.count("\n")) == ("", 1)
    assert complaint.startswith(f"cartoonx-widgets: {reason}")
    assert started == []


def test_an_unknown_language_is_refused(started, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", "--language", "tlh"])
    assert caught.value.code == 2
    with pytest.raises(ValueError, match="language='tlh' must be 'en' or 'de'"):
        serving.serve(language="tlh")
    assert started == []


NETS = """
from pathlib import Path
import toys

def make():
    assert Path("weights.pt").exists()  # beside the module, where the server is started
    return toys.classifier()
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    """A folder with classifiers, which is the current one."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "nets_of_visitors.py").write_text(NETS, "utf-8")
    (home / "weights.pt").touch()
    monkeypatch.chdir(home)
    monkeypatch.setattr("sys.path", list(sys.path))
    return home


def test_a_classifier_of_ones_own_is_loaded_once_for_all(started, nets):
    assert cli.main(["serve", "--port", str(free_port()), "--classifier", "nets_of_visitors:make"]) == 0
    [(_, settings)] = started
    assert settings["widgets"]["explorer"].keywords["classifier"].name == "Toy"


def test_a_classifier_that_is_none_is_told_before_anything_listens(started, nets, capsys):
    (nets / "nets_of_visitors.py").write_text("raise OSError('no weights')\n", "utf-8")
    sys.modules.pop("nets_of_visitors", None)
    assert cli.main(["serve", "--port", str(free_port()), "--classifier", "nets_of_visitors:make"]) == 1
    assert "--classifier nets_of_visitors:make: module nets_of_visitors cannot be imported" in capsys.readouterr().err
    assert started == []


def test_a_port_in_use_is_told(started, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == 1
    complaint = capsys.readouterr().err
    assert f"cannot listen on host 127.0.0.1, port {port}" in complaint
    assert "choose another port" in complaint
    assert started == []


def test_what_is_not_installed_is_told_with_the_remedy(started, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "tornado" else find(name))
    assert cli.main(["serve"]) == 1
    complaint = capsys.readouterr().err
    assert "serving needs tornado, not installed here" in complaint
    assert 'pip install ".[serve]"' in complaint
    assert 'pip install "cartoonx-widgets[serve]"' in complaint
    assert complaint.count("\n") == 1
    assert started == []


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)])
def test_who_can_connect_is_told_where_others_can(host, warned, started, capsys):
    serving.serve(host, free_port())
    assert ("everyone who can reach this machine and has the token can use it" in capsys.readouterr().out) == warned
    assert len(started) == 1


def test_a_visitor_is_told_what_went_wrong_and_no_path(monkeypatch):
    with pytest.raises(FileNotFoundError) as caught:
        Path("nowhere").read_bytes()
    assert __file__ in messages.error(caught.value).content["details"]
    monkeypatch.setenv(visits.TRACEBACKS, "no")
    assert __file__ not in messages.error(caught.value).content["details"]


def test_the_limit_of_uploads_is_told_by_the_environment(monkeypatch):
    assert visits.upload_megabytes() == 64
    monkeypatch.setenv(visits.UPLOAD_MEGABYTES, "0.5")
    assert visits.upload_megabytes() == 0.5
