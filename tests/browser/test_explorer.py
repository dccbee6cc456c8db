"""The explorer as a user meets it: the real notebook, kernel, JupyterLab and Chromium."""

from __future__ import annotations

import io
import re

import pytest
from harness import ExplorerPage
from PIL import Image
from waiting import eventually, expect, now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_user_explores(explorer, tmp_path):
    """Another photograph, play, pause while a cell sleeps, scrub, step, lambda, class, upload, reset."""
    page = explorer.page
    coffee = explorer.picture("Photograph")
    explorer.root.get_by_label("Photograph", exact=True).select_option("camera")
    explorer.until("dataset.target === 'tripod' && dataset.shown === '0'")
    eventually(lambda: explorer.picture("Photograph") != coffee)

    mosaic = explorer.picture("Mosaic")
    explorer.play()
    explorer.until("Number(dataset.shown) >= 20 && Number(dataset.frames) >= 4")
    eventually(lambda: explorer.curve("loss")[-1] < explorer.curve("loss")[0] / 2)
    eventually(lambda: explorer.curve("l1")[-1] < 0.5)
    eventually(lambda: explorer.picture("Mosaic") != mosaic)

    # A cell of the notebook keeps the kernel busy for longer than this test has patience for.
    page.evaluate(
        """() => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const code = "print('asleep'); import time; time.sleep(40)";
            const future = kernel.requestExecute({ code, store_history: false });
            future.onIOPub = ({ header }) => { if (header.msg_type === 'stream') window.sleeping = true; };
            future.done.finally(() => { window.sleeping = false; });
        }"""
    )
    page.wait_for_function("() => window.sleeping")
    explorer.pause(timeout=15_000)
    paused_at = explorer.steps()
    expect(explorer.root.locator(".cx-summary")).to_contain_text("of the coefficients")

    # Scrubbing back works while the kernel is busy too, and changes what is shown, not where the run is.
    frames = explorer.root.get_by_label("Frames of the run so far")
    cartoon = explorer.picture("Cartoon")
    frames.focus()
    frames.press("Home")
    explorer.until("dataset.shown === '0'", timeout=15_000)
    eventually(lambda: explorer.picture("Cartoon") != cartoon)
    explorer.shows(step=paused_at)
    explorer.press("● Live")
    explorer.until(f"dataset.shown === '{paused_at}'", timeout=15_000)
    assert now(page.evaluate("() => window.sleeping"))
    explorer.book.interrupt()
    explorer.book.idle()

    explorer.press("Take one step")
    explorer.until(f"dataset.step === '{paused_at + 1}' && dataset.shown === '{paused_at + 1}'")

    price = explorer.root.get_by_role("spinbutton", name="lambda")
    price.fill("500")
    price.press("Enter")
    explorer.play()
    explorer.until(f"Number(dataset.step) >= {paused_at + 5}")
    explorer.pause()
    adds_up(explorer, price=500)

    combobox = explorer.root.get_by_role("combobox", name="Class to explain")
    combobox.fill("espresso")
    page.get_by_role("option", name="espresso", exact=False).first.wait_for()
    combobox.press("Enter")
    explorer.until("dataset.target === 'espresso' && dataset.step === '0' && dataset.frames === '1'")

    red = tmp_path / "red <b>square.png"
    Image.new("RGB", (300, 240), "red").save(red)
    with page.expect_file_chooser() as chooser:
        explorer.press("Upload a photograph of your own")
    chooser.value.set_files(red)
    explorer.shows(photograph=red.name)
    expect(explorer.root.get_by_label("Photograph", exact=True).locator("option").last).to_have_text(red.name)
    expect(explorer.root.locator("b")).to_have_count(0)

    explorer.play()
    explorer.until("Number(dataset.step) >= 2")
    explorer.pause()
    eventually(lambda: explorer.curve("l1")[-1] < 1)
    explorer.press("Begin again from the first mask")
    explorer.until("dataset.step === '0' && dataset.shown === '0' && dataset.frames === '1'")
    explorer.press("Take one step")
    explorer.until("dataset.step === '1' && dataset.shown === '1'")
    eventually(lambda: explorer.curve("l1"), [1])


def adds_up(explorer, *, price):
    """Wait until the newest loss is its distortion and the price of its mask."""

    def rest():
        l1, distortion, loss = (explorer.curve(name)[-1] for name in ("l1", "distortion", "loss"))
        return (loss - distortion - price * l1) / loss

    eventually(rest, pytest.approx(0, abs=1e-3))


def test_bands_are_picked_in_mosaic_and_bars(explorer):
    explorer.press("Take one step")
    explorer.until("dataset.shown === '1'")
    photograph = explorer.picture("Photograph")
    plot = explorer.panel("Mosaic").locator(".cx-plot")
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 0.62, "y": box["height"] * 0.75})
    explorer.until("dataset.band === 'd1'")
    eventually(lambda: explorer.picture("d1 alone") != photograph)

    page = explorer.page
    page.keyboard.press("Escape")
    explorer.until("dataset.band === ''")
    eventually(lambda: explorer.picture("Photograph"), photograph)

    explorer.root.get_by_label("Band to see alone").select_option("lowpass")
    explorer.until("dataset.band === 'lowpass'")
    bars = explorer.panel("Share kept of each band").locator(".barlayer .point path")
    bars.nth(1).click(force=True)
    explorer.until("dataset.band === 'h5'")
    explorer.press("Back to the photograph")
    explorer.until("dataset.band === ''")


def test_hover_tells_scale_orientation_position_mask_and_coefficient(explorer):
    plot = explorer.panel("Mosaic").locator(".cx-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 0.62, "y": box["height"] * 0.75})
    tip = explorer.root.locator(".cx-tip")
    expect(tip).to_be_visible()
    for words in ("d1: scale 1, diagonal", "mask 1.00", "row", "coefficient"):
        expect(tip).to_contain_text(words)
    # The same cell is framed on photograph and cartoon, where it lies.
    frames = explorer.root.locator(".cx-outline")
    expect(frames).to_have_count(2)
    for name, frame in (("Photograph", frames.nth(0)), ("Cartoon", frames.nth(1))):
        picture, own = now((explorer.panel(name).locator(".cx-plot").bounding_box(), frame.bounding_box()))
        middle = (own["x"] + own["width"] / 2, own["y"] + own["height"] / 2)
        assert picture["x"] < middle[0] < picture["x"] + picture["width"] / 2
        assert picture["y"] < middle[1] < picture["y"] + picture["height"]
    explorer.panel("Rest").locator(".cx-plot").hover()
    expect(frames).to_have_count(0)


def test_the_mosaic_shows_coefficients_and_a_dark_cartoon_is_brightened(explorer):
    mask = explorer.picture("Mosaic")
    shown = explorer.root.get_by_label("What the mosaic shows")
    shown.select_option("coefficients")
    eventually(lambda: explorer.picture("Mosaic") != mask)
    kept = explorer.picture("Mosaic")
    shown.select_option("mask")
    eventually(lambda: explorer.picture("Mosaic"), mask)
    shown.select_option("kept")
    eventually(lambda: explorer.picture("Mosaic"), kept)  # before the first step all of them are kept
    explorer.press("brighten")
    expect(explorer.root.locator(".cx-brighten")).to_have_text(re.compile(r"^\S \d"))
    explorer.root.locator(".cx-brighten").click()
    expect(explorer.root.locator(".cx-brighten")).to_have_text("brighten")


def test_zoom_and_axis_are_kept_while_it_runs(explorer):
    curves = explorer.panel("Distortion, l1 and loss").locator(".js-plotly-plot")
    explorer.play()
    explorer.until("Number(dataset.step) >= 4")
    curves.scroll_into_view_if_needed()
    box = curves.bounding_box()
    explorer.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    explorer.page.mouse.down()
    explorer.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=5)
    explorer.page.mouse.up()

    def seen():
        return curves.evaluate("(plot) => plot.layout.xaxis.range")

    eventually(lambda: seen()[1] < 120)
    zoomed = seen()
    step = explorer.steps()
    explorer.until(f"Number(dataset.shown) > {step + 2}")
    eventually(seen, zoomed)
    explorer.press("log")
    explorer.until(f"Number(dataset.shown) > {step + 4}")
    eventually(lambda: curves.evaluate("(plot) => plot.layout.yaxis.type"), "linear")
    explorer.pause()


def test_a_run_ends_with_its_verdict(book):
    book.python("import cartoonx_widgets as cx; short = cx.methods.cartoonx_interactive(steps=12, samples=4)")
    book.display("cx.explore('coffee', method=short)")
    explorer = ExplorerPage(book)
    explorer.play()
    explorer.until("dataset.playing === 'false' && dataset.shown === '12' && dataset.settled === 'true'")
    expect(explorer.root.locator(".cx-summary")).to_contain_text("espresso is kept: 0.95 →")
    expect(explorer.root.locator(".cx-where")).to_contain_text("step 12 of 12")
    expect(explorer.root.locator(".cx-play")).to_be_disabled()
    explorer.describes("Class probabilities", "espresso 0.95")


def test_a_collapse_is_said_with_its_remedy(book):
    book.python(
        "import cartoonx_widgets as cx;"
        "greedy = cx.methods.cartoonx(lambda_l1=200.0, learning_rate=0.3, steps=10, samples=2)"
    )
    book.display("cx.explore('chelsea', method=greedy)")
    explorer = ExplorerPage(book)
    explorer.play()
    explorer.until("dataset.playing === 'false' && dataset.shown === '10' && dataset.settled === 'true'")
    summary = explorer.root.locator(".cx-summary")
    expect(summary).to_contain_text("collapsed")
    expect(summary).to_contain_text("reference='one'")


FAILING = """
import torch, cartoonx_widgets as cx
class Fails(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = 0
    def forward(self, x):
        self.steps += len(x) > 0 and x.requires_grad
        if self.steps == 58:  # one backward pass is that of the Classifier, which tries it
            {fault}
        pooled = torch.nn.functional.adaptive_avg_pool2d(x, 4).flatten(1)
        return torch.stack([pooled.sum(1), -pooled.sum(1)], 1)
classifier = cx.Classifier(Fails(), labels=['bright', '<i>dark</i>'], size=64)
method = cx.methods.cartoonx(samples={samples}, steps=200)
"""


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            "self.steps += 1; raise RuntimeError('the <b>sensor</b> broke')",
            "step 57: RuntimeError: the <b>sensor</b> broke",
        ),
        (
            "self.steps += 1; return torch.full((len(x), 2), float('nan')) * x.sum()",
            "NaN or infinite logits in step 57",
        ),
        ("self.steps += 1 - 2 * (len(x) > 1); raise torch.OutOfMemoryError('CUDA out of memory')", "fewer samples"),
        ("self.steps += 1; return x", "returned shape (2, 3, 64, 64) for 2 images"),
    ],
    ids=["raises", "nan", "out of memory", "wrong shape"],
)
def test_a_failing_classifier_is_said_in_place(book, fault, message):
    book.python(FAILING.format(fault=fault, samples=2))
    book.display("w := cx.explore('coffee', classifier=classifier, method=method)")
    explorer = ExplorerPage(book)
    explorer.play()
    explorer.says(message)
    explorer.until("dataset.playing === 'false' && Number(dataset.frames) >= 1")
    expect(explorer.root.locator(".cx-problem pre")).to_contain_text("Traceback")
    eventually(lambda: book.python("print(len(w.recording.frames), end='')") == explorer.data("frames"))
    # What was recorded can be looked at, and a reset starts over.
    explorer.root.get_by_label("Frames of the run so far").press("Home")
    explorer.until("dataset.shown === '0'")
    explorer.press("Begin again from the first mask")
    explorer.until("dataset.step === '0' && dataset.frames === '1'")
    explorer.press("Take one step")
    explorer.until("dataset.shown === '1'")


def test_where_memory_runs_out_the_run_goes_on_and_says_so(book):
    book.python(FAILING.format(fault="self.steps += 1; raise torch.OutOfMemoryError('CUDA out of memory')", samples=4))
    book.display("w := cx.explore('coffee', classifier=classifier, method=method)")
    explorer = ExplorerPage(book)
    notes = explorer.root.locator(".cx-notes")
    expect(notes).to_be_hidden()
    explorer.play()
    explorer.until("Number(dataset.step) >= 80")
    explorer.pause()
    expect(notes).to_contain_text("the classifier now sees 2 images at once")
    expect(explorer.root.locator(".cx-problem")).to_be_hidden()


def test_a_file_that_is_no_picture_is_said_in_place(explorer, tmp_path):
    page = explorer.page
    text = tmp_path / "notes.png"
    text.write_text("these are words", "utf-8")
    photograph = explorer.picture("Photograph")
    with page.expect_file_chooser() as chooser:
        explorer.press("Upload a photograph of your own")
    chooser.value.set_files(text)
    explorer.says("image")
    assert now(explorer.picture("Photograph") == photograph)
    explorer.press("Take one step")
    explorer.until("dataset.shown === '1'")


def test_a_large_file_arrives_in_parts(explorer, tmp_path):
    page = explorer.page
    noisy = io.BytesIO()
    Image.effect_noise((2400, 2400), 200).convert("RGB").save(noisy, "PNG", compress_level=0)
    assert len(noisy.getvalue()) > 12_000_000
    large = tmp_path / "large.png"
    large.write_bytes(noisy.getvalue())
    with page.expect_file_chooser() as chooser:
        explorer.press("Upload a photograph of your own")
    chooser.value.set_files(large)
    explorer.shows(photograph="large.png")


def test_two_explorers_run_at_once(book):
    book.run(1)
    first = ExplorerPage(book)
    book.display("second := cx.explore('camera')")
    second = ExplorerPage(book, place=1)
    first.play()
    second.play()
    first.until("Number(dataset.step) >= 4")
    second.until("Number(dataset.step) >= 4")
    first.pause()
    step = second.steps()
    second.until(f"Number(dataset.step) > {step}")
    first.shows(target="espresso")
    second.shows(target="tripod")
    book.python("second.close()")
    book.page.wait_for_function("() => document.querySelectorAll('.cx-explorer').length === 1")
    count = "import threading; print([t.name for t in threading.enumerate()].count('cartoonx-engine'))"
    eventually(lambda: book.python(count), "0\n")
    first.press("Take one step")


def test_a_reloaded_page_finds_the_run_again(explorer):
    book = explorer.book
    explorer.play()
    explorer.until("Number(dataset.step) >= 3")
    book.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    book.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    before = explorer.steps()
    book.page.reload()
    book.wait_for_kernel()
    again = ExplorerPage(book)
    again.until(f"Number(dataset.step) > {before}")
    again.pause()
    eventually(lambda: len(again.curve("loss")) == again.steps())
    again.until("Number(dataset.frames) >= 2")


def test_an_interrupted_kernel_leaves_the_run_alone(explorer):
    explorer.play()
    explorer.until("Number(dataset.step) >= 2")
    explorer.book.interrupt()
    step = explorer.steps()
    explorer.until(f"Number(dataset.step) > {step + 1}")
    explorer.pause()
    expect(explorer.root.locator(".cx-problem")).to_be_hidden()


def test_a_removed_output_leaves_no_trouble(explorer):
    """The output is cleared while it runs: the run goes on in Python, and a new view shows it."""
    book = explorer.book
    explorer.play()
    explorer.until("Number(dataset.step) >= 2")
    book.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    book.page.wait_for_function("() => document.querySelectorAll('.cx-explorer').length === 0")
    book.python("explorer.pause(); explorer.wait(30)")
    book.display("explorer")
    again = ExplorerPage(book)
    again.until("Number(dataset.step) >= 2")
    again.press("Take one step")
    again.rests()


def test_every_control_is_reached_by_keyboard(explorer):
    """Tab visits the controls in reading order, and space presses play."""
    named = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    explorer.root.get_by_label("Photograph", exact=True).focus()
    for control in (
        "Photograph",
        "Upload a photograph of your own",
        "Class to explain",
        "And not this class",
        "Method",
        "Settings",
        "▶ Play",
        "Take one step",
    ):
        eventually(lambda: explorer.page.evaluate(named), control)
        explorer.page.keyboard.press("Tab")
    explorer.root.locator(".cx-play").focus()
    explorer.page.keyboard.press("Space")
    explorer.until("dataset.playing === 'true'")
    explorer.page.keyboard.press("Space")
    explorer.until("dataset.playing === 'false'")


def test_a_value_out_of_range_is_said_in_place(explorer):
    price = explorer.root.get_by_role("spinbutton", name="lambda")
    price.fill("-3")
    price.press("Enter")
    explorer.says("lambda_l1=-3 must be a finite number of at least 0")
    explorer.root.locator(".cx-play").focus()
    explorer.press("Dismiss")
    rate = explorer.root.get_by_role("spinbutton", name="learning rate")
    rate.fill("0")
    rate.press("Enter")
    explorer.says("learning_rate=0 must be a finite number above 0")
    explorer.press("Take one step")
    explorer.until("dataset.shown === '1'")
    eventually(lambda: explorer.curve("l1"), [1])
    adds_up(explorer, price=20)


@pytest.fixture
def without_the_private_method(book):
    """The book with an ipykernel whose comms route no replies."""
    book.python("from ipykernel.comm.comm import BaseComm; kept = BaseComm._reply_subshell_for")
    book.python("del BaseComm._reply_subshell_for")
    yield book
    book.python("BaseComm._reply_subshell_for = kept")


def test_a_kernel_without_the_private_method_does_without(without_the_private_method):
    """The explorer works, its buttons wait for a busy cell."""
    book = without_the_private_method
    book.run(1)
    explorer = ExplorerPage(book)
    explorer.play()
    explorer.until("Number(dataset.step) >= 2")
    explorer.pause()


def test_the_verdict_comes_back_after_looking_back(explorer):
    book = explorer.book
    book.python("explorer.method = cx.methods.cartoonx_interactive(steps=4, samples=2)")
    explorer.until("dataset.step === '0' && dataset.shown === '0'")
    explorer.play()
    explorer.until("dataset.shown === '4' && dataset.settled === 'true'")
    summary = explorer.root.locator(".cx-summary")
    expect(summary).to_contain_text("kept")
    verdict = summary.inner_text()
    explorer.root.get_by_label("Frames of the run so far").press("Home")
    explorer.until("dataset.shown === '0'")
    expect(summary).to_have_text(re.compile("^Step 0:"))
    explorer.press("● Live")
    explorer.until("dataset.shown === '4'")
    expect(summary).to_have_text(verdict)
