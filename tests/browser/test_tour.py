"""The tour of explorer and lab: offered once, taken by keyboard."""

from __future__ import annotations

import pytest
from harness import SMALL_CLASSIFIER, ExplorerPage
from test_accessibility import grave
from waiting import eventually, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_the_tour_is_offered_once_and_taken_by_keyboard(book):
    page = book.page
    page.evaluate("() => localStorage.removeItem('cartoonx_widgets tour: explorer')")
    book.python(SMALL_CLASSIFIER)
    book.display("explorer := cx.explore('coffee', classifier=small)")
    explorer = ExplorerPage(book)
    book.display("explorer")  # a second view, which offers nothing
    ExplorerPage(book, 1)
    offers = page.get_by_role("button", name="Take the tour: 7 steps")
    expect(offers.filter(visible=True)).to_have_count(1)
    offers.filter(visible=True).press("Enter")
    card = page.get_by_role("dialog")
    expect(offers.filter(visible=True)).to_have_count(0)
    expect(card.get_by_role("button", name="Next")).to_be_focused()
    for step in range(1, 8):
        expect(card).to_contain_text(f"{step} of 7")
        expect(explorer.root.locator(".cx-pointed:visible")).to_have_count(1)
        if step == 4:
            eventually(lambda: grave(page, ".cx-tour"), [])
            page.keyboard.press("ArrowLeft")
            expect(card).to_contain_text("3 of 7")
            page.keyboard.press("ArrowRight")
            expect(card).to_contain_text("4 of 7")
        page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(page.locator(".cx-pointed")).to_have_count(0)
    again = explorer.root.get_by_role("button", name="Tour", exact=True)
    expect(again).to_be_focused()

    book.clear()
    book.display("cx.explore('coffee', classifier=small)")  # another explorer does not offer it
    explorer = ExplorerPage(book)
    expect(offers.filter(visible=True)).to_have_count(0)
    explorer.root.get_by_role("button", name="Tour", exact=True).click()
    expect(card).to_contain_text("1 of 7")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("2 of 7")
    explorer.press("Take one step")  # the explorer is as usable as before
    explorer.shows(step=1)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
