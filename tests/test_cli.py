import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import toys
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets.cli import main

QUICK = ["--steps", "2", "--samples", "2"]


def test_a_sample_photograph(tmp_path, capsys):
    out = tmp_path / "cartoon.png"
    assert main(["explain", "coffee", "--class", "Espresso", "--out", str(out), *QUICK]) == 0
    with Image.open(out) as picture:
        assert (picture.format, picture.size) == ("PNG", (224, 224))
    printed, progress = capsys.readouterr()
    assert printed.startswith("espresso is kept: 0.9")
    assert " of the coefficients; without them: " in printed
    assert "2/2" in progress


def test_a_file_quietly_as_a_figure(tmp_path, capfd):
    path, out = tmp_path / "my photo.png", tmp_path / "figure.jpg"
    Image.fromarray(cx.images.to_uint8(cx.images.sample("coffee"))).save(path)
    arguments = ["explain", str(path), "--class", "967", "--out", str(out), "--figure", "--quiet", *QUICK]
    assert main(arguments) == 0
    with Image.open(out) as picture:
        assert picture.format == "JPEG"
        assert picture.width > 900
    assert capfd.readouterr() == ("", "")


def test_settings_reach_the_run(tmp_path):
    def cartoon(*settings):
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.png"
        common = ["explain", "coffee", "--quiet", "--method", "cartoonx", *QUICK]
        assert main([*common, *settings, "--out", str(out)]) in (0, 3)
        return np.asarray(Image.open(out)).astype(float)

    def distance(one, other):
        return np.abs(one - other).mean()

    photograph = 255 * cx.efficientnet_lite0().prepare("coffee")[0].permute(1, 2, 0).numpy()
    fast = cartoon("--learning-rate", "0.3")
    assert distance(cartoon(), photograph) < 1  # two steps of 0.001
    assert distance(fast, photograph) > 10
    assert distance(fast, cartoon("--learning-rate", "0.3", "--lambda", "0")) > 10
    assert distance(fast, cartoon("--learning-rate", "0.3", "--seed", "1")) > 0
    assert distance(fast, cartoon("--learning-rate", "0.3", "--seed", "0")) == 0


def test_a_lost_class_is_exit_code_3(tmp_path, capsys):
    out = tmp_path / "cartoon.png"
    assert main(["explain", "coffee", "--class", "goldfish", "--out", str(out), *QUICK]) == 3
    assert out.exists()
    assert "goldfish is not kept: 0.00" in capsys.readouterr().out


def test_a_collapse_is_warned_of(tmp_path, capsys):
    arguments = ["explain", "coffee", "--method", "cartoonx", "--learning-rate", "1", "--quiet"]
    assert main([*arguments, *QUICK, "--out", str(tmp_path / "cartoon.png")]) == 3
    printed, warned = capsys.readouterr()
    assert printed == ""
    assert warned.startswith("The mask collapsed")
    assert "reference='one'" in warned


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gone.png"], "gone.png' is not found in .*; give the path of a file"),
        (["cofee"], "'cofee' is not found .*coffee, chelsea"),
        (
            ["coffee", "--class", "espreso"],
            "target='espreso' is not a class of EfficientNet-Lite0; the closest are .*'",
        ),
        (["coffee", "--class", "1000"], "target=1000 is not a class of EfficientNet-Lite0: use 0 to 999"),
        (["coffee", "--class", "-1"], "target='?-1'? is not a class"),
        (["coffee", "--lambda", "-1"], "lambda_l1=-1.0 must be a finite number of at least 0"),
        (["coffee", "--lambda", "nan"], "lambda_l1=nan must be"),
        (["coffee", "--steps", "0"], "steps=0 must be a whole number from 1 to 1000000"),
        (["coffee", "--samples", "1"], "samples=1 leaves no noisy sample"),
    ],
)
def test_what_goes_wrong_is_one_line_and_exit_code_1(arguments, reason, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["explain", *arguments, "--out", "cartoon.png", "--quiet"]) == 1
    printed, complaint = capsys.readouterr()
    assert printed == ""
    assert complaint.startswith("cartoonx-widgets: ")
    assert complaint.count("\n") == 1
    assert re.search(reason, complaint)
    assert not Path("cartoon.png").exists()


NETS = """
import sys
import toys

def make():
    return toys.classifier()

class Zoo:
    @staticmethod
    def first():
        return toys.classifier()

made = make()
module = toys.Toy()

def returns_a_module():
    return module

def fails():
    raise RuntimeError("no weights")

def leaves():
    sys.exit(3)
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    """A module with classifiers in the current folder."""
    (tmp_path / "nets_of_mine.py").write_text(NETS, "utf-8")
    (tmp_path / "broken_nets.py").write_text("import nothing_of_this_name", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in ("nets_of_mine", "broken_nets"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["make", "made", "Zoo.first"])
def test_a_classifier_of_ones_own(name, nets, capsys):
    command = [f"--classifier=nets_of_mine:{name}", "--class", "4", *QUICK]
    assert main(["explain", "coffee", "--out", "cartoon.png", *command]) in (0, 3)
    assert capsys.readouterr().out.startswith("class 4 is ")
    with Image.open("cartoon.png") as picture:
        assert picture.size == (toys.SIDE, toys.SIDE)
    assert main(["record", "coffee", "--out", "run.cxr", "--quiet", *command]) in (0, 3)
    assert cx.Recording.load("run.cxr").classifier == "Toy"


def test_a_study_of_a_classifier_of_ones_own(nets, tmp_path):
    pytest.importorskip("pyarrow", reason="studies need the [study] extra")
    (tmp_path / "photographs").mkdir()
    Image.fromarray(cx.images.to_uint8(toys.image(1)[0])).save(tmp_path / "photographs" / "one.png")
    command = ["study", "photographs", "--classifier", "nets_of_mine:make", "--methods", "pixel_mask", "--out", "out"]
    assert main([*command, "--steps", "2", "--samples", "1", "--quiet"]) == 0
    assert [row["classifier"] for row in cx.Results("out").rows()] == ["Toy"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nets_of_mine", "module:function is needed, such as nets:resnet"),
        ("nets_of_mine.py:make", "module:function is needed, .* without the ending .py"),
        ("./nets_of_mine:make", "module:function is needed"),
        ("nets_of_yours:make", "module nets_of_yours cannot be imported: ModuleNotFoundError: .* looked for in "),
        ("broken_nets:make", "module broken_nets cannot be imported: ModuleNotFoundError: .*nothing_of_this_name"),
        ("nets_of_mine:mke", r"nets_of_mine \(.*nets_of_mine.py\) has no mke"),
        ("nets_of_mine:module", "module is of type Toy, and no function: wrap the module in a cartoonx_widgets.Class"),
        (
            "nets_of_mine:returns_a_module",
            r"returns_a_module\(\) returned Toy: wrap the module in a cartoonx_widgets",
        ),
        ("nets_of_mine:fails", r"calling fails\(\) failed: RuntimeError: no weights"),
        ("nets_of_mine:leaves", r"calling leaves\(\) failed: SystemExit: 3"),
    ],
)
def test_a_classifier_that_cannot_be_loaded(name, reason, nets, capsys):
    assert main(["explain", "coffee", "--out", "cartoon.png", "--classifier", name]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"cartoonx-widgets: --classifier {name}: ")
    assert complaint.count("\n") == 1
    assert re.search(reason, complaint)
    assert not Path("cartoon.png").exists()


def test_an_output_folder_that_is_not_there_is_noticed_before_the_run(tmp_path, capsys):
    out = tmp_path / "missing" / "cartoon.png"
    assert main(["explain", "coffee", "--out", str(out), "--steps", "1000000"]) == 1
    assert "missing does not exist; make it first" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["cartoon", "cartoon.nonsense"])
def test_an_unknown_ending_is_noticed_before_the_run(name, tmp_path, capsys):
    assert main(["explain", "coffee", "--out", str(tmp_path / name), *QUICK]) == 1
    printed, complaint = capsys.readouterr()
    assert printed == ""
    assert re.search("ending|extension", complaint)
    assert "2/2" not in complaint  # no step was taken for nothing
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["expain", "coffee"],
        ["explain", "coffee"],
        ["explain", "--out", "x.png"],
        ["explain", "coffee", "--out", "x.png", "--steps", "many"],
        ["explain", "coffee", "--out", "x.png", "--method", "lime"],
        ["explain", "coffee", "--out", "x.png", "--colour", "red"],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: cartoonx-widgets")


def test_help_names_samples_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["explain", "--help"])
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert ", ".join(cx.images.sample_names()) in text
    assert "3 the cartoon lost the class" in text


def test_the_installed_command_says_its_version():
    command = shutil.which("cartoonx-widgets", path=str(Path(sys.executable).parent))
    assert command is not None, "the package is not installed beside this Python"
    finished = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=120, check=False)
    assert (finished.returncode, finished.stdout.strip(), finished.stderr) == (0, cx.__version__, "")


def test_a_run_is_recorded_and_made_a_page_an_animation_and_a_picture(tmp_path, capsys):
    run = tmp_path / "run.cxr"
    assert main(["record", "coffee", "--class", "espresso", "--out", str(run), *QUICK]) == 0
    assert capsys.readouterr().out.startswith("espresso is kept")
    assert [frame.step for frame in cx.Recording.load(run).frames] == [0, 1, 2]
    for ending in ("html", "gif", "png"):
        assert main(["replay", str(run), "--out", str(tmp_path / f"run.{ending}"), "--quiet"]) == 0
        assert (tmp_path / f"run.{ending}").stat().st_size > 10_000
    assert capsys.readouterr() == ("", "")


def test_what_cannot_be_replayed_is_said(tmp_path, capsys):
    run = tmp_path / "run.cxr"
    assert main(["replay", str(run), "--out", str(tmp_path / "run.html")]) == 1
    assert "run.cxr" in capsys.readouterr().err
    run.write_bytes(b"no recording")
    assert main(["replay", str(run), "--out", str(tmp_path / "run.html")]) == 1
    assert "is no recording" in capsys.readouterr().err
    cx.record("coffee", method=cx.methods.cartoonx(steps=1, samples=1), progress=False).save(run)
    assert main(["replay", str(run), "--out", str(tmp_path / "run.mp4")]) == 1
    assert "--out" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.cxr"]
