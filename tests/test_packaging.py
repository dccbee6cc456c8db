"""What users install: the files of wheel and sdist, an environment without JupyterLab, and the lowest versions.

An environment of these tests is a venv of its own, in which packages that are installed beside this Python are links
into it. PyTorch always is: the lowest declared version cannot be tried here, for the registry has it with CUDA alone,
several GB. 2.4.0 was tried by hand and lacks `Module.set_submodule`; with 2.5.0 the main job ran.
"""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = {"serve", "study"}
pytestmark = [
    pytest.mark.packaging,
    pytest.mark.timeout(600),
    pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="needs pip in this environment"),
]

MAIN_JOB = """
import sys
import cartoonx_widgets as cx
assert "site-packages" in cx.__file__, cx.__file__
method = cx.methods.cartoonx_interactive(steps=2, samples=2)
explanation = cx.explain("coffee", method=method)
assert explanation.summary.startswith("espresso"), explanation.summary
explanation.save("cartoon.png")
explanation.to_image().save("figure.png")
recording = cx.record("coffee", method=method)
recording.save("run.cxr")
recording = cx.Recording.load("run.cxr")
recording.to_html("run.html", progress=False)
explorer = cx.explore("coffee", method=method)
explorer.step()
assert explorer.wait(200)
explorer.close()
pixels = cx.methods.pixel_mask(steps=2, samples=1)
comparison = cx.compare("coffee", {"pixels": pixels, "wavelets": method})
comparison.play()
assert comparison.wait(200)
comparison.to_html("comparison.html")
comparison.figure().write_html("figure.html")
comparison.close()
results = cx.study(["coffee", "camera"], {"pixels": pixels}, out="study", save_masks=True)
assert [row["photograph"] for row in results.rows()] == ["coffee", "camera"], results.rows()
results.to_html("study.html")
assert not {"jupyterlab", "notebook", "matplotlib", "captum", "ray"} & {name.partition(".")[0] for name in sys.modules}
"""


def call(*command, cwd=None):
    """Output of a command that has to succeed, without the modules of the clone."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, cwd=cwd, env=env)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pip(python, *arguments):
    """Run this environment's pip on another."""
    return call(sys.executable, "-m", "pip", "--python", python, *arguments)


def tracked(folder="."):
    """The files that git tracks or would, below a folder."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs the clone: git says which files there are")
    listed = call("git", "ls-files", "--cached", "--others", "--exclude-standard", folder, cwd=ROOT).splitlines()
    return {name for name in listed if (ROOT / name).is_file()}


def required(requirements, extras=frozenset()):
    """The packages installed here that these requirements need, with what those need themselves."""
    found = {}

    def add(text, extras):
        requirement = Requirement(text)
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            return
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key not in found:
            found[key] = importlib.metadata.distribution(name)
            for further in found[key].requires or ():
                add(further, requirement.extras)

    for text in requirements:
        add(text, extras)
    return {name: distribution for (name, _), distribution in found.items()}


def new_environment(folder, distributions):
    """The Python of a venv that has these packages as links."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    [site] = folder.glob("lib/python*/site-packages")
    for distribution in distributions:
        for file in distribution.files:
            if file.parts[0] != "..":
                source, target = Path(distribution.locate_file(file.parts[0])), site / file.parts[0]
            elif "share" in file.parts:  # what Jupyter's packages have beside Python's folders
                source = Path(distribution.locate_file(file)).resolve()
                target = folder.joinpath(*file.parts[file.parts.index("share") :])
            else:
                continue
            if source.exists() and source.name != "__pycache__" and not os.path.lexists(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(source)
    return python


def lowest(requirements):
    """Each requirement at its lowest version: the highest of these where an extra asks for more."""
    bounds = {}
    for name, version in (requirement.split(">=") for requirement in requirements):
        bounds[name] = max(bounds.get(name, "0"), version, key=Version)
    return [f"{name}=={version}" for name, version in bounds.items()]


@pytest.fixture(scope="module")
def registry():
    """Skip where packages cannot be had."""
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--retries=0",
            "--timeout=15",
            "-qd",
            os.devnull,
            "tqdm",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode and "No matching distribution" in found.stderr:
        pytest.skip("no registry of packages answers")


@pytest.fixture(scope="module")
def built(registry, tmp_path_factory):
    """Wheel and sdist, built by the lowest declared version of what builds them."""
    folder = tmp_path_factory.mktemp("built")
    python = new_environment(folder / "venv", [])
    builder = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    pip(python, "install", "-q", *lowest(builder))
    call(python, "-m", "hatchling", "build", "-d", folder, cwd=ROOT)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def test_the_wheel_has_each_file_of_the_package_and_no_other(built):
    with zipfile.ZipFile(built[0]) as archive:
        names = set(archive.namelist())
        metadata = next(archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
    information = {name for name in names if ".dist-info/" in name}
    assert names - information == tracked("cartoonx_widgets")
    assert {PurePosixPath(name).name for name in information} >= {"METADATA", "LICENSE", "entry_points.txt", "RECORD"}
    assert f"Requires-Python: {PROJECT['requires-python']}" in metadata
    assert {PurePosixPath(name).suffix for name in names} >= {
        ".py",
        ".js",
        ".css",
        ".html",
        ".json",
        ".typed",
    }


def test_the_sdist_has_what_its_wheel_needs_and_what_its_tests_need(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    unneeded = {name for name in tracked() if name.startswith(".")}
    assert tracked() - unneeded <= names
    assert names - tracked() == {"PKG-INFO"}


def test_the_wheel_works_without_a_clone_and_without_jupyterlab(built, tmp_path):
    wheel, _ = built
    needed = [*PROJECT["dependencies"], *(text for name in EXTRAS for text in PROJECT["optional-dependencies"][name])]
    links = required(needed)
    python = new_environment(tmp_path / "venv", links.values())
    # Offline: pip refuses where the wheel requires anything else than what was linked.
    pip(python, "install", "-q", "--no-index", f"{wheel}[{','.join(EXTRAS)}]")
    for absent in ("jupyterlab", "notebook", "pytest", "ray", "captum"):
        assert call(python, "-c", f"import importlib.util as u; print(u.find_spec('{absent}'))").strip() == "None"
    call(python, "-c", MAIN_JOB, cwd=tmp_path)
    command = python.with_name("cartoonx-widgets")
    said = call(command, "explain", "coffee", "--out", "cartoon.png", "--steps", "2", "--samples", "2", cwd=tmp_path)
    assert said.startswith("espresso is kept")
    call(command, "replay", "run.cxr", "--out", "replay.html", "--quiet", cwd=tmp_path)
    assert (tmp_path / "replay.html").stat().st_size > 100_000
    assert_serves(python)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the lowest versions are those that Python 3.11 can have")
def test_the_lowest_declared_versions_do_the_main_job(registry, built, tmp_path):
    wheel, _ = built
    declared = [*PROJECT["dependencies"], *(text for name in EXTRAS for text in PROJECT["optional-dependencies"][name])]
    pinned = lowest(text for text in declared if Requirement(text).name != "torch")
    own = {canonicalize_name(Requirement(text).name) for text in pinned}
    links = required(declared)
    shared = [links[name] for name in links if name not in own]
    python = new_environment(tmp_path / "venv", shared)
    pip(python, "install", "-q", "--only-binary=:all:", "--no-compile", *pinned, f"{wheel}[{','.join(EXTRAS)}]")
    call(python, "-W", "ignore", "-c", MAIN_JOB, cwd=tmp_path)
    assert_serves(python)


def assert_serves(python):
    """Whether a class is served by this Python: a page is answered."""
    pytest.importorskip("playwright", reason="the helpers of the browser tests need it")
    from pages import Page, happens  # noqa: PLC0415
    from served import serve_class  # noqa: PLC0415

    async def story():
        assert await (await Page.open(served)).answers()

    with serve_class(python=python) as served:
        happens(story())
