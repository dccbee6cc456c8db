"""The settings of a method in the real explorer: what is shown, what begins again, what is refused."""

from __future__ import annotations

from collections import Counter

import pytest
from waiting import eventually, expect, now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def panel(explorer):
    """The open settings of the notebook's own explorer."""
    explorer.press("Settings")
    return explorer.root.locator(".cx-settings")


def enter(field, value):
    field.fill(value)
    field.press("Enter")


def trace(explorer, name):
    return explorer.root.evaluate(
        "(root, name) => [...root.querySelectorAll('.js-plotly-plot')].flatMap((plot) => plot.data)"
        ".find((trace) => trace.name === name)?.visible ?? null",
        name,
    )


def test_only_what_applies_is_shown(explorer, panel):
    def shows(*, role, **there):
        """Wait until each control of a role is there or not; underscores are spaces in its name."""
        for name, is_there in there.items():
            control = explorer.root.get_by_role(role, name=name.replace("_", " "), exact=True)
            expect(control).to_have_count(int(is_there))

    shows(role="combobox", wavelet=True, mask=False)  # on wavelets there is one mask to choose
    shows(role="spinbutton", levels=True, total_variation_lambda=False, area=False)
    explorer.choose("Pixel mask")
    shows(role="combobox", wavelet=False, mask=True)
    shows(role="spinbutton", levels=False, total_variation_lambda=True)
    eventually(lambda: trace(explorer, "total variation"), expected=True)
    eventually(lambda: trace(explorer, "spatial l1"), "legendonly")
    explorer.choose("Smooth mask")
    shows(role="combobox", reference=False)
    shows(role="spinbutton", area_lambda=True, area=True, samples=False)
    # A choice that changes what applies keeps the focus.
    representation = panel.get_by_role("combobox", name="representation")
    representation.focus()
    representation.select_option("wavelets")
    explorer.until("dataset.changed === 'true'")
    expect(panel.get_by_role("combobox", name="wavelet", exact=True)).to_be_visible()
    expect(representation).to_be_focused()


def test_prices_are_steered_and_other_settings_begin_again(explorer, panel):
    explorer.take_step()
    explorer.shows(changed="false")
    enter(panel.get_by_role("spinbutton", name="spatial lambda"), "5")
    explorer.until("dataset.changed === 'true'")
    eventually(lambda: trace(explorer, "spatial l1"), expected=True)
    explorer.shows(step=1)
    explorer.take_step()

    def rest():
        loss, distortion, l1, spatial = (
            explorer.curve(name)[-1] for name in ("loss", "distortion", "l1", "spatial l1")
        )
        return (loss - distortion - 20 * l1 - 5 * spatial) / loss

    eventually(rest, pytest.approx(0, abs=1e-3))

    levels = panel.get_by_role("spinbutton", name="levels")
    enter(levels, "3")
    explorer.until("dataset.step === '0' && dataset.shown === '0'")
    expect(levels).to_be_focused()
    bands = explorer.root.get_by_label("Band to see alone").locator("option")
    expect(bands).to_have_count(1 + 10)
    panel.get_by_role("slider", name="levels").press("ArrowLeft")
    expect(bands).to_have_count(1 + 7)
    expect(levels).to_have_value("2")

    # What was changed is marked, and undone by one or all together.
    expect(panel.locator(".cx-changed")).to_have_count(2)
    panel.get_by_role("button", name="levels: back to 5").click()
    expect(bands).to_have_count(1 + 16)
    expect(levels).to_be_focused()
    panel.get_by_role("button", name="Reset to the preset's values").click()
    explorer.until("dataset.changed === 'false'")
    expect(panel.get_by_role("spinbutton", name="spatial lambda")).to_have_value("0")
    expect(panel.get_by_role("button", name="Reset to the preset's values")).to_be_disabled()
    expect(panel.locator(".cx-changed")).to_have_count(0)


def test_a_slider_steers_while_it_is_moved(explorer):
    price = explorer.root.get_by_role("slider", name="lambda, logarithmic")
    explorer.take_step()
    for _ in range(10):
        price.press("ArrowRight")
    explorer.until("dataset.changed === 'true'")
    expect(explorer.root.get_by_role("spinbutton", name="lambda")).to_have_value("63")
    explorer.take_step()
    explorer.shows(step=2)
    eventually(lambda: explorer.book.python("print(explorer.lambda_l1)"), "63.0\n")


def test_a_refused_setting_is_said_in_place_and_goes_back(explorer, panel):
    explorer.take_step()
    levels = panel.get_by_role("spinbutton", name="levels")
    enter(levels, "50")
    explorer.says("levels=50")
    expect(levels).to_have_value("5")
    explorer.shows(changed="false", step=1)
    explorer.take_step()
    levels.fill("")
    levels.blur()
    expect(levels).to_have_value("5")


def test_the_papers_values_come_back(explorer, panel):
    explorer.choose("WaveletX")
    expect(panel.get_by_role("button", name="Reset to the paper's values")).to_be_disabled()
    enter(explorer.root.get_by_role("spinbutton", name="spatial lambda"), "0.5")
    explorer.until("dataset.changed === 'true'")
    panel.get_by_role("button", name="Reset to the paper's values").click()
    explorer.until("dataset.changed === 'false'")
    expect(explorer.root.get_by_role("spinbutton", name="spatial lambda")).to_have_value("10")


def test_settings_by_keyboard(explorer):
    page, root = explorer.page, explorer.root
    root.get_by_label("Band to see alone").select_option("d1")
    explorer.until("dataset.band === 'd1'")
    button = root.get_by_role("button", name="Settings")
    panel = root.locator(".cx-settings")
    button.focus()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_have_attribute("aria-controls", panel.get_attribute("id"))
    for _ in range(40):
        page.keyboard.press("Tab")
        if now(panel.evaluate("(panel) => panel.contains(document.activeElement)")):
            break
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    explorer.shows(band="d1")  # this Escape was for the settings
    page.keyboard.press("Escape")
    explorer.until("dataset.band === ''")


def test_every_control_has_a_name_and_a_tooltip(explorer, panel):
    def controls():
        return explorer.root.evaluate(
            """(root) => [...root.querySelectorAll('button, select, input, progress, [role=listbox]')]
                .map((control) => ({
                    name: control.getAttribute('aria-label') || control.textContent.trim(),
                    title: control.title,
                    what: control.outerHTML,
                    needs: control.matches('button, select, input:not(.cx-file)'),
                }))"""
        )

    def visible():
        return explorer.root.evaluate(
            """(root) => [...root.querySelectorAll('button, select, input')]
                .filter((control) => control.checkVisibility({ visibilityProperty: true }))
                .map((control) => `${control.type} ${control.getAttribute('aria-label') || control.textContent}`)"""
        )

    for name in ("CartoonX, interactive", "Pixel mask", "Smooth mask"):
        if name != "CartoonX, interactive":  # which is there at first
            explorer.choose(name)
        eventually(lambda: len(controls()) > 40)
        eventually(lambda: [control["what"] for control in controls() if not control["name"]], [])
        eventually(lambda: [control["what"] for control in controls() if control["needs"] and not control["title"]], [])
        eventually(lambda: [one for one, count in Counter(visible()).items() if count > 1], [])
