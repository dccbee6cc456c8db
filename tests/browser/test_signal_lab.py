"""The signal lab as a user meets it: in a real JupyterLab and Chromium."""

from __future__ import annotations

import json

import pytest
from harness import SignalPage
from waiting import eventually, expect, now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_user_draws_drags_and_takes_back(book):
    book.display("(lab := __import__('cartoonx_widgets').signal_lab('flat', representation='haar', size=64))")
    lab = SignalPage(book)
    root, page = lab.root, lab.page

    def kernel(expression):
        return json.loads(book.python(f"import json; print(json.dumps({expression}))"))

    expect(root.locator(".cx-summary")).to_have_text("All samples are 0: draw a line, or drag a stem.")
    lab.drag(lab.signal, (0.25, 0.2), (0.5, 0.2), (0.7, 0.9))
    lab.until("dataset.name === '' && Number(dataset.energy) > 0.5 && dataset.lag")
    eventually(lambda: kernel("[float(lab.signal[20]) > 0.6, float(lab.signal[44]) < -0.6]"), [True, True])
    drawn = now(kernel("lab.signal.tolist()"))
    assert drawn[:16] == [0] * 16
    assert 0 not in drawn[16:45]  # a fast pen leaves no gap
    expect(root.get_by_label("Signal", exact=True)).to_have_value("")

    lab.drag(lab.scale("scale 3"), (0.06, 0.5), (0.06, -1))  # beyond its row
    lab.until("dataset.atom === '8'")
    eventually(lambda: kernel("[float(lab.coefficients[8]) > 1, float(lab.signal[0]) > 0.3]"), [True, True])
    page.keyboard.press("Control+z")
    eventually(lambda: kernel("lab.signal.tolist()"), drawn)
    page.keyboard.press("Escape")
    lab.shows(chosen="")

    lab.signal.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    root.get_by_role("button", name="Undo", exact=True).click()
    eventually(lambda: kernel("lab.signal.tolist()"), drawn)
    root.get_by_role("button", name="Undo", exact=True).click()
    eventually(lambda: kernel("lab.signal.any().item()"), False)
    expect(root.get_by_role("button", name="Undo", exact=True)).to_be_disabled()

    root.get_by_label("Signal", exact=True).select_option("noise")
    lab.until("dataset.name === 'noise'")
    root.get_by_role("button", name="Split the lowpass once more").click()
    lab.until("dataset.levels === '6'")
    root.get_by_role("spinbutton", name="Coefficients kept").fill("65")
    page.keyboard.press("Enter")
    expect(root.locator(".cx-problem strong")).to_contain_text("k=65 must be a whole number from 0 to 64")
    expect(root.get_by_role("spinbutton", name="Coefficients kept")).to_have_value("4")
