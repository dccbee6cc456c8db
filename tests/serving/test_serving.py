"""Serving a class: what is refused, what the kernels are told, and who gets a place. The rest is in browser/."""

import asyncio
import importlib.util
import json
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("voila", reason="serving needs the [serve] extra")

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError

from cartoonx_widgets import cli, serving
from cartoonx_widgets.classifiers.by_name import classifier_for_visitors
from cartoonx_widgets.serving import application
from cartoonx_widgets.serving.kernel_pool import Places, visit
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
    return calls


def test_the_command_line_reaches_the_server(started, capsys):
    port = free_port()
    arguments = ["--port", str(port), "--visitors", "3", "--upload-limit", "2.5", "--language", "de", "--no-browser"]
    assert cli.main(["serve", *arguments]) == 0
    [(place, settings)] = started
    assert place == ("127.0.0.1", port)
    assert (settings["visitors"], settings["language"], settings["open_browser"]) == (3, "de", False)
    assert settings["environment"]["CARTOONX_WIDGETS_UPLOAD_MEGABYTES"] == "2.5"
    assert settings["environment"]["CARTOONX_WIDGETS_UPLOAD_PIXELS"] == "16000000"
    assert settings["environment"]["CARTOONX_WIDGETS_LANGUAGE"] == "de"
    assert settings["said"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("cores", "visitors", "threads"), [(2, 10, "1"), (64, 10, "6"), (8, 1, "8"), (None, 4, "1")])
def test_the_kernels_share_the_cores(cores, visitors, threads, started, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "5")
    serving.serve(port=free_port(), visitors=visitors)
    [(_, settings)] = started
    assert settings["environment"]["OMP_NUM_THREADS"] == threads
    assert settings["environment"]["MKL_NUM_THREADS"] == "5"  # who starts it has said so


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


def test_a_classifier_of_ones_own_reaches_the_kernels(started, nets, tmp_path, monkeypatch):
    assert classifier_for_visitors() is None
    assert cli.main(["serve", "--port", str(free_port()), "--classifier", "nets_of_visitors:make"]) == 0
    [(_, settings)] = started
    for name, value in settings["environment"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)  # a kernel works elsewhere, and finds the module where the server was started
    monkeypatch.setattr("sys.path", [path for path in sys.path if path != str(nets)])
    monkeypatch.delitem(sys.modules, "nets_of_visitors")
    assert classifier_for_visitors().name == "Toy"
    page = json.loads((files("cartoonx_widgets.serving") / "pages" / "explorer.ipynb").read_text("utf-8"))
    assert "classifier=classifier_for_visitors()" in "".join(page["cells"][0]["source"])


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


@pytest.mark.parametrize("missing", [("voila",), ("ipykernel",), ("voila", "ipykernel")])
def test_what_is_not_installed_is_told_with_the_remedy(missing, started, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in missing else find(name))
    assert cli.main(["serve"]) == 1
    complaint = capsys.readouterr().err
    assert f"serving needs {' and '.join(missing)}, not installed here" in complaint
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


@pytest.fixture
def places(monkeypatch):
    """Two places whose kernels are no processes."""

    async def start(manager, *, kernel_id, env, **_):
        if env.get("FAILS"):
            raise OSError("no more processes")
        manager._kernels[kernel_id] = env
        manager._kernel_connections[kernel_id] = 0
        return kernel_id

    async def shutdown(manager, kernel_id, now):
        await asyncio.sleep(0)
        manager.remove_kernel(kernel_id)

    monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start)
    monkeypatch.setattr(AsyncMappingKernelManager, "shutdown_kernel", shutdown)
    return Places(visitors=2, patience=0.05, first_grace=0.05, grace=0.05, environment={"OMP_NUM_THREADS": "1"})


def run(story):
    """In a thread of its own: where browsers are tested too, this one has a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result()


async def come(places, name, **env):
    visit.set(name)
    return await places.start_kernel(env={"OMP_NUM_THREADS": "8", **env})


async def ended(places, name):
    async with asyncio.timeout(10):
        while name in places:  # noqa: ASYNC110 - the manager has no event for it
            await asyncio.sleep(0.01)


def test_a_visitor_more_than_there_are_places_is_refused(places):
    async def story():
        await asyncio.gather(come(places, "first"), come(places, "second"))
        assert places._kernels["first"]["OMP_NUM_THREADS"] == "1"
        with pytest.raises(HTTPError, match="all 2 places are taken") as refused:
            await come(places, "third")
        assert refused.value.status_code == 503
        places.leave("first")
        await come(places, "third")
        await ended(places, "first")
        assert places.list_kernel_ids() == ["second", "third"]
        places.leave("first")  # a second time changes nothing
        with pytest.raises(HTTPError):
            await come(places, "fourth")

    run(story())


def test_many_who_come_at_once_get_no_more_places_than_there_are(places):
    async def story():
        outcomes = await asyncio.gather(*(come(places, str(i)) for i in range(8)), return_exceptions=True)
        assert sum(isinstance(outcome, HTTPError) for outcome in outcomes) == 6
        assert len(places) == 2

    run(story())


def test_who_reloads_when_all_places_are_taken_keeps_one(places):
    places.patience = 10

    async def story():
        await come(places, "first")
        await come(places, "second")
        again = asyncio.create_task(come(places, "first again"))
        await asyncio.sleep(0)
        await places.shutdown_kernel("first")
        await again
        assert sorted(places.list_kernel_ids()) == ["first again", "second"]

    run(story())


def test_a_kernel_that_cannot_start_or_dies_takes_no_place(places):
    async def story():
        for name in ("a", "b", "c"):
            with pytest.raises(OSError, match="no more processes"):
                await come(places, name, FAILS="yes")
        await come(places, "first")
        await come(places, "second")
        places.remove_kernel("second")  # as Jupyter does with one that died
        await come(places, "third")

    run(story())


def test_a_kernel_without_a_page_ends(places):
    async def story():
        await come(places, "never seen")
        places.expect_page("never seen")
        await come(places, "watched")
        places.notify_connect("watched")
        places.expect_page("watched")
        await ended(places, "never seen")
        assert "watched" in places
        places.notify_disconnect("watched")
        await ended(places, "watched")

    run(story())


def test_a_page_that_comes_back_in_time_finds_its_kernel(places):
    places.first_grace = places.grace = 0.2

    async def story():
        await come(places, "first")
        places.notify_connect("first")
        places.notify_disconnect("first")
        places.notify_connect("first")
        await come(places, "second")
        places.expect_page("second")
        await ended(places, "second")  # by then the first's time is over as well
        assert "first" in places

    run(story())
