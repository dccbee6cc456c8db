"""Every method in the real explorer: chosen from the list, on each representation."""

from __future__ import annotations

import json

import pytest
from harness import SMALL_CLASSIFIER, ExplorerPage
from waiting import eventually, expect, now

from cartoonx_widgets.masking.methods import PRESETS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NAMES = [make().name for make in PRESETS.values()]
ON_PIXELS = {"Pixel RDE", "Pixel mask", "Smooth mask"}
WITHOUT_NOISE = {"Smooth mask"}


def strokes(explorer):
    """How many strokes the mosaic shows, and their directions in degrees, counter-clockwise from the horizontal."""
    found = (
        explorer.panel("Mosaic")
        .locator(".cx-mosaic line.cx-line")
        .evaluate_all(
            """(lines) => lines.map(({ x1, x2, y1, y2 }) =>
            Math.atan2(y1.baseVal.value - y2.baseVal.value, x2.baseVal.value - x1.baseVal.value) * 180 / Math.PI)"""
        )
    )
    return sorted(round(angle % 180) for angle in found)


def bands(explorer):
    """(scale, orientation, angle) of each band, as the kernel knows them."""
    code = "import json; print(json.dumps([(b.scale, b.orientation, b.angle) for b in {}.transform.bands]))"
    return json.loads(explorer.book.python(code.format("explorer.explanation")))


def test_every_preset_is_chosen_and_takes_steps(book):
    book.python(SMALL_CLASSIFIER)
    book.display("explorer := cx.explore('coffee', classifier=small)")
    explorer = ExplorerPage(book)
    explorer.press("Settings")
    for name in [*NAMES[1:], NAMES[0]]:
        explorer.choose(name)
        explorer.shows(changed="false")
        samples = explorer.root.get_by_role("spinbutton", name="samples", exact=True)
        expect(samples).to_have_count(int(name not in WITHOUT_NOISE))
        if name not in WITHOUT_NOISE:
            samples.fill("3")  # which is no preset's own
            samples.press("Enter")
            explorer.shows(changed="true")
        explorer.take_step()
        explorer.take_step()
        eventually(lambda: len(explorer.curve("loss")), 2)
        pixels = name in ON_PIXELS
        words = "The mask. Share kept: " if pixels else "The mask as a mosaic of bands. Share kept: "
        explorer.describes("Mask" if pixels else "Mosaic", words)
        expect(explorer.root.get_by_label("Band to see alone")).to_be_visible(visible=not pixels)
        bars = explorer.panel("Share kept").locator(".barlayer .point path")
        expect(bars).to_have_count(len(bands(explorer)))
        expect(explorer.root.locator(".cx-problem")).to_be_hidden()


@pytest.mark.parametrize(
    "method",
    [
        "cx.methods.shearletx().replace(samples=2)",
        "cx.methods.cartoonx_interactive(representation=DualTree(), samples=2)",
    ],
    ids=["shearlets", "dual-tree"],
)
def test_strokes_show_the_direction_of_each_band(explorer, method):
    eventually(lambda: strokes(explorer), [])
    explorer.book.python("from cartoonx_widgets.representations import DualTree")
    explorer.book.python(f"explorer.method = {method}")
    explorer.until("dataset.step === '0' && dataset.shown === '0'")
    explorer.take_step()
    angles = [angle for _, _, angle in bands(explorer) if angle is not None]
    eventually(lambda: strokes(explorer), sorted(round(angle % 180) for angle in angles))

    # The same bands stand in the list and as bars; a click on a bar picks its band.
    listed = explorer.root.get_by_label("Band to see alone").locator("option")
    expect(listed).to_have_count(len(angles) + 2)
    names = now(listed.all_inner_texts())
    assert names[:2] == ["all", "lowpass"]
    bars = explorer.panel("Share kept of each band").locator(".barlayer .point path")
    expect(bars).to_have_count(len(angles) + 1)
    bars.nth(2).click(force=True)
    explorer.until(f"dataset.band === {json.dumps(names[3])}")
    explorer.press("Back to the photograph")
    explorer.until("dataset.band === ''")


def test_hover_tells_the_direction_and_the_rows_of_a_cell(explorer):
    explorer.book.python("explorer.method = cx.methods.shearletx().replace(samples=2)")
    explorer.until("dataset.method === 'ShearletX (yours)' && dataset.shown === '0'")
    plot = explorer.panel("Mosaic").locator(".cx-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 0.5, "y": box["height"] * 0.6})
    tip = explorer.root.locator(".cx-tip")
    expect(tip).to_be_visible()
    for words in ("edges at", "rows ", "mean mask 1.00", "mean magnitude, red green blue"):
        expect(tip).to_contain_text(words)
