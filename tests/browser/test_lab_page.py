"""The sparsity lab written as a page: opened from disk, without a network and without a kernel."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import tabs
from harness import WrittenLabPage
from PIL import Image
from waiting import eventually, expect, now

import cartoonx_widgets as cx
from cartoonx_widgets import images, sparsity
from cartoonx_widgets._spacing import log_spaced
from cartoonx_widgets.representations import Wavelet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SIDE = 99  # odd, so that the last row and the last column are continued


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The page of a lab that was set to something."""
    path = tmp_path_factory.mktemp("lab") / "lab.html"
    lab = cx.sparsity_lab("camera", representation="db4", size=SIDE)
    lab.kept, lab.levels = 700, 2
    lab.bands_off = {"d1"}
    lab.to_html(path)
    lab.close()
    return path


@pytest.fixture
def opened(from_disk, written):
    page, wrong = from_disk(written)
    return WrittenLabPage(page), wrong


def has_figures_of(lab, path, name, levels, off=()):
    """Compare the page's curve and its sorted magnitudes with those of the kernel for the same file."""
    lab.shows(photograph=path.name, representation=name, levels=levels, off=" ".join(off), curves="complete")
    image = images.fit(images.read(path), SIDE)
    expansion = sparsity.expand(image, Wavelet(name, levels=levels, mode="periodization"))
    allowed = expansion.allowed(off)
    places, values = now(lab.drawn_line("PSNR", name))
    assert places == log_spaced(1, expansion.n, 25).tolist()
    expected = [min(60.0, sparsity.psnr(image, expansion.keep(k, allowed))) for k in places]
    assert values == pytest.approx(expected, abs=1e-4)
    ranks, sizes = now(lab.drawn_line("Sorted magnitudes", name))
    np.testing.assert_allclose(sizes, expansion.magnitudes[np.array(ranks) - 1], atol=1e-4)


def test_it_begins_where_the_lab_stood_and_has_the_figures_of_the_kernel(opened, tmp_path):
    lab, wrong = opened
    lab.shows(photograph="camera", representation="db4", levels=2, k=700, off="d1", n=50 * 50 * 4)
    path = tmp_path / "my <b>cup.png"
    path.write_bytes(images.to_png(images.sample("coffee")))
    lab.upload(path)
    has_figures_of(lab, path, "db4", 2, ["d1"])
    expect(lab.root.locator("b", has_text="cup")).to_have_count(0)
    assert wrong == []


def test_it_is_used_by_keyboard(opened):
    lab, wrong = opened
    page, root = lab.page, lab.root
    slider = root.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("End")
    lab.shows(k=50 * 50 * 4)
    page.keyboard.press("Home")
    lab.shows(k=0)
    page.keyboard.press("PageUp")
    lab.until("Number(dataset.k) > 0")
    root.get_by_label("Representation", exact=True).focus()
    page.keyboard.type("haar")
    lab.shows(representation="haar", levels=2)
    root.get_by_role("button", name="Split the lowpass once more").press("Enter")
    lab.shows(levels=3)
    root.get_by_role("button", name="All on").press("Enter")
    lab.shows(off="")
    root.get_by_role("button", name="horizontal").first.press("Enter")
    lab.shows(off="h1 h2 h3")

    target = lab.panel("Picture").locator(".cx-target")
    target.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    lab.shows(picked="pixel 49 50")
    expect(root.locator(".cx-figures").first).to_have_text("Row 49, column 50: 10 coefficients cover this pixel")
    page.keyboard.press("Escape")
    lab.shows(picked="")
    lab.panel("Coefficients").locator(".cx-target").focus()
    page.keyboard.press("Enter")
    lab.until("dataset.picked.startsWith('coefficient')")
    root.get_by_role("button", name="Reset everything but the picture").press("Enter")
    lab.shows(picked="", representation="db4", levels=2, k=700, off="d1")
    assert wrong == []


def test_what_is_no_picture_is_refused_in_place_and_a_large_one_is_taken(opened, tmp_path):
    lab, wrong = opened
    (text, tiny, large) = (tmp_path / name for name in ("words.png", "tiny.png", "large.png"))
    text.write_text("no picture", "utf-8")
    Image.new("RGB", (200, 1)).save(tiny)
    problem = lab.root.locator(".cx-problem strong")
    for path, words in (
        (text, "words.png is no picture that this browser reads"),
        (tiny, "tiny.png has 200 \N{MULTIPLICATION SIGN} 1 pixels"),
    ):
        lab.upload(path)
        expect(problem).to_contain_text(words)
    lab.root.get_by_role("spinbutton", name="Coefficients kept").fill("99999")
    lab.page.keyboard.press("Enter")
    expect(problem).to_contain_text("k = 99999 must be a whole number from 0 (none) to 10000")
    expect(lab.root.get_by_role("spinbutton", name="Coefficients kept")).to_have_value("700")
    lab.shows(photograph="camera", k=700)

    cat = Image.fromarray(images.to_uint8(images.fit(images.sample("chelsea"), 250)))
    cat.resize((5000, 5000), Image.Resampling.NEAREST).save(large, compress_level=1)
    drop = """async ([name, text]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], name));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }"""
    lab.page.evaluate(drop, [large.name, base64.b64encode(large.read_bytes()).decode()])
    has_figures_of(lab, large, "db4", 2, ["d1"])
    expect(problem).not_to_be_visible()
    assert wrong == []


def test_german(from_disk, tmp_path):
    lab = cx.sparsity_lab("edge", representation=Wavelet("db3"), size=64, language="de")
    lab.to_html(tmp_path / "labor.html")
    lab.close()
    page, wrong = from_disk(tmp_path / "labor.html")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    written = WrittenLabPage(page)
    eventually(
        lambda: written.drawn_line("Sortierte Beträge", "Wavelet(wavelet='db3', levels=None, mode='zero')")[0][0], 1
    )
    assert wrong == []


@pytest.mark.parametrize("name", ["Firefox", "WebKit"])
def test_other_browsers_compute_it_too(written, name):
    if words := tabs.missing(name):
        pytest.skip(words)
    with getattr(tabs, name.lower())() as driver:
        tab = tabs.Tab(driver)
        tab.goto(written.as_uri())
        tab.shows(".cx-lab[data-photograph=camera][data-k='700'][data-curves=complete]")
