"""The sparsity lab as a user meets it: in a real JupyterLab and Chromium."""

from __future__ import annotations

import pytest
from harness import LabPage
from PIL import Image
from waiting import eventually, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def opened(book):
    book.display("(lab := __import__('cartoonx_widgets').sparsity_lab(size=128))")
    return LabPage(book)


def test_a_user_keeps_splits_picks_and_switches(opened, tmp_path):
    lab = opened
    root, page = lab.root, lab.page
    before = lab.picture("db3")
    lab.keep(100)
    eventually(lambda: lab.picture("db3") != before)
    few = lab.picture("db3")
    lab.keep(0)
    eventually(lambda: lab.picture("db3") != few)
    lab.keep(128 * 128)
    lab.until("Number(dataset.ssim) > 0.999")

    slider = root.get_by_role("slider").first
    slider.focus()
    for _ in range(20):
        slider.press("ArrowLeft")
    lab.until(f"Number(dataset.k) < {128 * 128}")

    lab.until("dataset.levels === '4'")  # as many as 128 x 128 pixels bear
    root.locator(".cx-depth").locator("xpath=..").get_by_role("button").first.click()
    lab.until("dataset.levels === '3'")
    root.get_by_label("Representation", exact=True).select_option("haar")
    lab.until("dataset.representation === 'haar'")

    mosaic = lab.panel("Coefficients").locator(".cx-target")
    box = mosaic.bounding_box()
    mosaic.click(position={"x": 0.75 * box["width"], "y": 0.75 * box["height"]})
    lab.until("dataset.picked.startsWith('coefficient d1')")
    page.keyboard.press("Escape")
    lab.until("dataset.picked === ''")
    lab.panel("Picture").locator(".cx-target").click(position={"x": 40, "y": 50})
    lab.until("dataset.picked.startsWith('pixel')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    lab.until("dataset.picked.startsWith('pixel')")

    root.get_by_role("button", name="diagonal", exact=False).first.click()
    lab.until("dataset.off.includes('d1')")

    name = "red <b>square.png"
    Image.new("RGB", (100, 80), "red").save(tmp_path / name)
    with page.expect_file_chooser() as chooser:
        root.get_by_role("button", name="Upload a photograph of your own").click()
    chooser.value.set_files(tmp_path / name)
    lab.until("dataset.photograph === 'red <b>square.png'")
    expect(root.locator("b", has_text="square")).to_have_count(0)


def test_what_is_refused_is_shown_in_place(opened, tmp_path):
    lab = opened
    thin = tmp_path / "thin.png"
    Image.new("RGB", (200, 1)).save(thin)
    with lab.page.expect_file_chooser() as chooser:
        lab.root.get_by_role("button", name="Upload a photograph of your own").click()
    chooser.value.set_files(thin)
    problem = lab.root.locator(".cx-problem")
    expect(problem.locator("strong")).to_contain_text("1 x 200")
    lab.keep(50)
