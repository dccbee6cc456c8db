"""Two labs side by side: in a real JupyterLab, and where the page cannot show the second."""

from __future__ import annotations

import pytest
from bare import BarePage, Recorder
from harness import LabPage
from waiting import eventually, expect

import cartoonx_widgets as cx

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_user_compares_two_settings(book):
    book.display("(lab := __import__('cartoonx_widgets').sparsity_lab(size=64, representation='haar'))")
    lab = LabPage(book)
    lab.root.get_by_role("button", name="Side by side").press("Enter")
    other = LabPage(book, 1)
    second = lab.root.get_by_role("region", name="The second lab")
    expect(second).to_be_focused()
    about = lab.root.locator(".cx-about").first
    expect(about).to_contain_text("Both have the same settings. PSNR")
    other.root.get_by_label("Representation", exact=True).select_option("db2")
    expect(about).to_contain_text("They differ in representation (haar beside db2)")
    other.keep(100)
    lab.shows(k=100)

    stages = lab.root.locator(".cx-four .cx-stage")
    enlarged = lab.root.locator(".cx-four .cx-enlarged")
    stages.last.press("+")
    expect(enlarged).to_have_count(8)
    lab.root.get_by_role("button", name="same zoom").press("Enter")
    stages.last.press("0")
    expect(enlarged).to_have_count(4)

    lab.root.get_by_role("button", name="same k").press("Enter")
    expect(lab.root.get_by_role("button", name="same k")).to_have_attribute("aria-pressed", "false")
    other.keep(50)
    expect(about).to_contain_text("k (100 beside 50)")
    lab.root.get_by_role("button", name="Close the second lab").press("Enter")
    expect(book.page.locator(".cx-lab")).to_have_count(1)
    expect(lab.root.get_by_role("button", name="Side by side")).to_be_focused()


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("{ getWidget: () => Promise.reject(new Error('no <b>such</b> widget')) }", "no <b>such</b> widget"),
        ("undefined", "show lab.beside in a cell of its own"),
    ],
    ids=["fails", "cannot"],
)
def test_what_cannot_be_shown_is_said_in_its_place_and_the_lab_goes_on(chromium, host, words):
    lab = cx.sparsity_lab("figures", size=32)
    recorder = Recorder(lab)
    lab.beside = lab.copy()
    answers = recorder.answers({"type": "library"}, {"type": "ready"})
    page = BarePage(chromium, recorder, answers)
    page.page.evaluate(f"() => bare.open({{ host: {host} }})")
    expect(page.page.get_by_role("region", name="The second lab")).to_contain_text(words)
    page.page.get_by_role("button", name="Keep all").press("Enter")
    eventually(lambda: page.from_page[-1]["k"], lab.n)
    page.close()
    lab.close()
