"""A recording played again: as a page opened from disk without a network, and in a notebook."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
import toys
from harness import ReplayPage
from waiting import eventually, expect, now

import cartoonx_widgets as cx
from cartoonx_widgets.recording import Frame

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HOSTILE = "</script><img src=x onerror=alert(1)><b>cup</b>"


@pytest.fixture(scope="module")
def recording():
    method = cx.methods.cartoonx_interactive(steps=20, samples=2)
    return cx.record("coffee", target="espresso", method=method, progress=False)


@pytest.fixture
def replayed(from_disk, tmp_path):
    """Open a recording's page from disk: its `ReplayPage`, and what went wrong in it."""

    def open_page(recording, **settings):
        recording.to_html(tmp_path / "run.html", progress=False, **settings)
        page, wrong = from_disk(tmp_path / "run.html", viewport={"width": 1200, "height": 900})
        return ReplayPage(page), wrong

    return open_page


def test_a_page_from_disk_plays_scrubs_and_shows_bands(recording, replayed):
    replay, wrong = replayed(recording)
    page, root = replay.page, replay.root
    replay.shows(shown=20, frames=21, settled=20)
    expect(root.locator(".cx-summary")).to_have_text(recording.summary())
    last = replay.picture("Cartoon")
    share = float(recording.frames[-1].levels()[recording.transform.bands[0].slice].mean() / 255)
    assert round(100 * share) < 100
    replay.describes("Mosaic", f"lowpass {round(100 * share)} %")
    replay.describes("Class probabilities", f"espresso {recording.probabilities[recording.target]:.2f}")

    replay.scrub(0)
    replay.shows(shown=0)
    eventually(lambda: replay.picture("Cartoon") != last)
    replay.describes("Mosaic", "lowpass 100 %")

    root.locator(".cx-play").click()
    replay.until("dataset.playing === 'true'")
    replay.until("dataset.playing === 'false' && dataset.shown === '20' && dataset.settled === '20'")
    eventually(lambda: replay.picture("Cartoon"), last)

    photograph = replay.picture("Photograph")
    root.get_by_label("Band to see alone").select_option("h3")
    replay.until("dataset.band === 'h3'")
    eventually(lambda: replay.picture("h3 alone") != photograph)
    page.keyboard.press("Escape")
    replay.until("dataset.band === ''")
    plot = replay.panel("Mosaic").locator(".cx-plot")
    box = plot.bounding_box()
    place = {"x": box["width"] * 0.62, "y": box["height"] * 0.75}
    plot.hover(position=place)
    tip = root.locator(".cx-tip").first
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("d1: scale 1, diagonal")
    plot.click(position=place)
    replay.until("dataset.band === 'd1'")

    root.locator(".cx-zoom").first.focus()  # photograph, cartoon and rest are enlarged together
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    eventually(lambda: "scale(1.25)" in replay.places()[0] and len({*replay.places()}) == 1)
    page.keyboard.press("0")
    eventually(replay.places, ["translate(0%, 0%) scale(1)"] * 3)
    replay.shows(frame=20)  # the frame is another only where no picture can be moved
    page.keyboard.press("Home")
    replay.until("dataset.frame === '0'")
    page.keyboard.press("ArrowRight")
    replay.until("dataset.frame === '1'")
    page.keyboard.press("End")
    replay.until("dataset.frame === '20'")
    page.keyboard.press("Space")
    replay.until("dataset.playing === 'true'")
    page.keyboard.press("Space")
    replay.until("dataset.playing === 'false'")
    assert wrong == []


@pytest.mark.parametrize(
    "representation",
    [cx.representations.Shearlet(scales=1), cx.representations.DualTree(levels=2), cx.representations.Pixel()],
    ids=lambda value: type(value).__name__,
)
def test_every_representation_has_a_page(representation, replayed):
    method = toys.method(representation=representation)
    recording = cx.record(toys.image(), classifier=toys.classifier(), method=method, progress=False)
    replay, wrong = replayed(recording)
    replay.scrub(3)
    replay.shows(shown=recording.frames[3].step)
    mask = torch.from_numpy(recording.frames[3].levels().copy()) / 255
    shares = [float(band.of_mask(mask).mean()) for band in recording.transform.bands]
    eventually(replay.shares, pytest.approx(shares, abs=1e-4))
    assert wrong == []


def test_names_of_strangers_are_text(replayed, tmp_path):
    photograph = tmp_path / "<b>my & 'photo'.png"
    photograph.write_bytes(cx.images.to_png(toys.image()[0]))
    classifier = toys.classifier(labels=[HOSTILE, "&amp;", "c", HOSTILE[::-1], "{step}"])
    recording = cx.record(photograph, classifier=classifier, target=0, method=toys.method(), progress=False)
    recording.save(tmp_path / "run.cxr")
    replay, wrong = replayed(cx.Recording.load(tmp_path / "run.cxr"))
    expect(replay.root.locator(".cx-summary")).to_contain_text(HOSTILE)
    expect(replay.root.locator(".cx-about")).to_contain_text(photograph.name)
    expect(replay.root.locator("b, img:not(.cx-picture)")).to_have_count(0)
    assert wrong == []


def test_german(recording, replayed):
    replay, wrong = replayed(recording, language="de")
    expect(replay.page.locator("html")).to_have_attribute("lang", "de")
    expect(replay.root.get_by_role("heading", name="Klassenwahrscheinlichkeiten")).to_be_visible()
    assert wrong == []


def test_a_replay_in_a_notebook_plays_while_a_cell_runs(recording, book, tmp_path):
    path = tmp_path / "run.cxr"
    recording.save(path)
    book.display(f"(cx := __import__('cartoonx_widgets')).replay({json.dumps(str(path))})")
    replay = ReplayPage(book.page)
    book.page.evaluate(
        """() => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            kernel.requestExecute({ code: "import time; time.sleep(60)", store_history: false });
        }"""
    )
    replay.scrub(5)
    replay.shows(shown=5)
    book.interrupt()
    book.idle()


@pytest.mark.parametrize("level", [0, 1], ids=["empty", "nearly empty"])
def test_an_axis_of_shares_says_no_figure_twice(replayed, level):
    method = toys.method(steps=1)
    recording = cx.record(toys.image(), classifier=toys.classifier(), method=method, progress=False)
    masks = [np.zeros(recording.transform.n_coefficients, np.uint8) for _ in recording.frames]
    for mask in masks:
        mask[:3] = level
    frames = tuple(
        Frame.of(step=frame.step, levels=mask, probabilities=frame.probabilities)
        for frame, mask in zip(recording.frames, masks, strict=True)
    )
    replay, wrong = replayed(dataclasses.replace(recording, frames=frames))
    ticks = replay.panel("Share kept of each band").locator(".yaxislayer-above .ytick text")
    expect(ticks.first).to_be_visible()
    said = now(ticks.all_text_contents())
    assert len(said) > 2
    assert len(set(said)) == len(said)
    assert wrong == []


def test_the_policy_of_a_page_lets_nothing_be_fetched(replayed, recording):
    replay, wrong = replayed(recording)
    replay.shows(shown=20, frames=21, settled=20)
    assert wrong == []
    refused = """(code) => new Promise((done) => {
        addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
        new Function(code)();
    })"""
    for code, directive in (
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "connect-src"),
        ("new Image().src = 'http://127.0.0.1:9/'", "img-src"),
        (
            "document.body.append(Object.assign(document.createElement('iframe'), { src: 'http://127.0.0.1:9/' }))",
            "frame-src",
        ),
    ):
        assert now(replay.page.evaluate(refused, code)) == directive
