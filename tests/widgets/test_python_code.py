"""Copy as Python: what a widget tells is run, and makes what the widget shows."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch
import toys
from PIL import Image
from widget_page import WidgetPage

import cartoonx_widgets as cx
from cartoonx_widgets import images, methods
from cartoonx_widgets.masking import BlurredImage, SmoothMask
from cartoonx_widgets.representations import Wavelet
from cartoonx_widgets.widgets.shared.python_code import Script


def run(code, **given):
    """Run code with what it leaves to be given; return its names and what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, given)
    return given, printed.getvalue()


@pytest.fixture
def closing():
    with contextlib.ExitStack() as stack:
        yield lambda widget: stack.callback(widget.close) and widget


@pytest.fixture
def picture(tmp_path, monkeypatch):
    """A photograph of the user's own, which is where the code looks for it."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(images.to_uint8(toys.image(48)[0])).save("photo.jpg", quality=95)
    return tmp_path / "photo.jpg"


# The labs.


def test_the_signal_labs_code_gives_its_numbers(closing):
    lab = closing(cx.signal_lab("chirp", representation="sym4", size=64))
    lab.kept = 9
    for is_named in (True, False):
        code = lab.to_python()
        assert ('sample_signal("chirp", 64)' in code) == is_named
        names, printed = run(code)
        assert np.array_equal(names["signal"], lab.signal)
        assert np.array_equal(names["approximation"], lab.approximation)
        assert printed == f"{lab.expansion.quality(9)}\n"
        lab.signal = np.arange(64) / 7


@pytest.mark.parametrize(
    ("image", "representation"),
    [("camera", "haar"), ("figures", "sym4"), ("texture", "dual-tree"), ("chelsea", Wavelet("bior2.2", levels=2))],
)
def test_the_labs_code_gives_its_numbers(closing, image, representation):
    lab = closing(cx.sparsity_lab(image, representation=representation, size=64))
    lab.kept = 300
    names, printed = run(lab.to_python())
    assert torch.equal(names["image"], lab.image)
    assert torch.equal(names["approximation"], lab.approximation)
    quality = lab.quality["representation"]
    assert printed == f"{quality.psnr} {quality.ssim}\n"


def test_the_labs_code_has_bands_that_are_off_and_what_is_denoised(closing):
    lab = closing(cx.sparsity_lab("figures", representation="db2", size=64))
    lab.bands_off = {"d1", "h2"}
    assert "denoise" not in lab.to_python()
    lab.denoising = {"sigma": 0.2}
    assert lab.to_python().count("0.2)") == 2  # nothing else than sigma
    for settings in ({"sigma": 0.2}, {"sigma": 0.1, "kind": "hard", "threshold": 2.5, "by_scale": {1: 5.0}}):
        lab.denoising = settings
        names, _ = run(lab.to_python())
        assert torch.equal(names["approximation"], lab.approximation)
        assert torch.equal(names["denoised"], lab.denoised["representation"])
    lab.levels = 0
    names, _ = run(lab.to_python())
    assert torch.equal(names["denoised"], lab.denoised["pixels"])


def test_the_labs_code_calls_a_photograph_of_ones_own_photo_jpg(closing, picture):
    lab = closing(cx.sparsity_lab(picture, size=64))
    assert 'images.read("photo.jpg"), 64)  # your photograph\n' in lab.to_python()
    assert str(picture.parent) not in lab.to_python()
    assert torch.equal(run(lab.to_python())[0]["image"], lab.image)
    lab.show(toys.image(48)[0], name='coffee"; import os #')
    assert "import os" not in lab.to_python()
    lab.show(toys.image(48)[0], name="coffee")  # no sample, whatever it is called
    assert '"photo.jpg"' in lab.to_python()


# The explorer.


def explained(explorer, **given):
    """What its code explains, and what it explains itself."""
    explorer.play()
    assert explorer.wait(120)
    names, _ = run(explorer.to_python(), **given)
    assert torch.equal(names["explanation"].mask, explorer.explanation.mask)
    assert names["explanation"].target == explorer.explanation.target
    return explorer.to_python()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"method": toys.method(steps=3)}, ["steps=3"]),
        ({"method": toys.method(steps=3), "seed": 4, "target": 1}, ['target="class 1"', "seed=4"]),
        ({"method": toys.small("waveletx", steps=2), "target": (0, 2)}, ['target=("class 0", "class 2")']),
        ({"method": toys.small("smooth_mask", steps=2)}, ["methods.smooth_mask()"]),
    ],
    ids=["method", "seed and target", "pair", "smooth"],
)
def test_the_explorers_code_gives_its_mask(closing, picture, settings, told):
    classifier = toys.classifier()
    code = explained(closing(cx.explore(picture, classifier=classifier, **settings)), classifier=classifier)
    assert "# your photograph" in code
    assert "# classifier: your own" in code
    for words in told:
        assert words in code, code


def test_a_score_and_an_obfuscation_of_ones_own_are_left_to_be_given(closing, picture):
    classifier = toys.classifier()

    def mine(logits):
        return logits[:, 0] - logits[:, 1:].mean(1)

    class Own(BlurredImage):
        """One that only its owner has."""

    method = toys.method(steps=2).replace(obfuscation=Own())
    explorer = closing(cx.explore(picture, classifier=classifier, target=mine, method=method))
    code = explained(explorer, classifier=classifier, score=mine, obfuscation=method.obfuscation)
    assert "# score: your function of the logits\n" in code
    assert "# obfuscation: your own\n" in code


def test_of_the_default_only_the_photograph_is_told(closing):
    explorer = closing(cx.explore("coffee"))
    assert explorer.to_python() == (
        'import cartoonx_widgets as cx\n\nexplanation = cx.explain("coffee")\nexplanation.to_image()\n'
    )
    explorer.lambda_l1 = 3.5
    assert "method=cx.methods.cartoonx_interactive().replace(lambda_l1=3.5)" in explorer.to_python()
    assert "#" not in explorer.to_python()  # it holds from the first step on
    page = WidgetPage(explorer)
    assert page.ask(type="code")["code"]["code"] == explorer.to_python()


def test_a_run_that_is_under_way_says_so(closing):
    explorer = closing(cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method(steps=9)))
    explorer.step()
    assert explorer.wait(60)
    assert "Weights" not in explorer.to_python()
    explorer.lambda_l1 = 2
    assert "# Weights were moved during the run; here they hold from the first step on.\n" in explorer.to_python()
    assert "# The explorer is at step 1; this goes on to step 9.\n" in explorer.to_python()


# Methods.


@pytest.mark.parametrize("name", methods.PRESETS)
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_preset_is_its_name_and_a_changed_one_what_differs(name, device):
    device = torch.device(device)
    preset = methods.PRESETS[name]()
    run_on = preset.on(device)
    assert Script().method(run_on, device) == f"cx.methods.{name}()"
    for changed in (
        run_on.replace(lambda_l1=run_on.lambda_l1 + 0.25),
        run_on.replace(steps=run_on.steps + 7, name="another"),
        run_on.replace(obfuscation=BlurredImage(), mask=SmoothMask() if name == "smooth_mask" else run_on.mask),
    ):
        script = Script()
        expression = script.method(changed, device)
        names, _ = run(script.text(f"made = {expression}", imports="import cartoonx_widgets as cx"))
        assert names["made"].on(device).replace(name="") == changed.replace(name="")


# The comparison.


def test_the_comparisons_code_gives_its_table(closing, picture):
    classifier = toys.classifier()
    chosen = {"one": toys.method(steps=3), "two": toys.small("pixel_mask", steps=2), "gradients": "wam"}
    comparison = closing(cx.compare(picture, chosen, classifier=classifier, target=1, seed=2))
    comparison.play()
    assert comparison.wait(120)
    code = comparison.to_python()
    names, _ = run(code, classifier=classifier)
    again = closing(names["comparison"])
    assert again.labels == comparison.labels
    for label, explanation in comparison.explanations.items():
        assert torch.equal(again.explanations[label].mask, explanation.mask), label
    assert '"gradients": "wam"' in code
    assert 'target="class 1"' in code


def test_a_function_and_a_pair_in_a_comparison(closing):
    classifier = toys.classifier()
    functions = {"one": toys.method(steps=2), "mine": lambda image, **_: None}
    code = closing(cx.compare(toys.image(), functions, classifier=classifier, target=(2, 0))).to_python()
    assert '"mine": own_function' in code
    assert "# own_function: your function\n" in code
    assert 'target=("class 2", "class 0")' in code


def test_of_the_default_comparison_only_the_photograph_is_told(closing):
    code = closing(cx.compare("rocket")).to_python()
    assert code.startswith('import cartoonx_widgets as cx\n\ncomparison = cx.compare("rocket")\ncomparison.play()\n')
