"""The pages that one can play with in the site of the documentation: from disk, without a network."""

from __future__ import annotations

import subprocess
import sys

import pytest
from paths import ROOT
from waiting import expect

pytestmark = [pytest.mark.browser, pytest.mark.docs]
DRAWN = {
    "figure-recording": ".js-plotly-plot .main-svg",
    "sparsity-lab": ".cx-lab canvas",
    "compare": ".cx-compare img",
    "results": ".cx-results canvas",
}


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    folder = tmp_path_factory.mktemp("play")
    command = [sys.executable, "scripts/play.py", "--small", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture
def page(chromium):
    context = chromium.new_context(offline=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", DRAWN)
def test_each_is_drawn(page, play, name):
    page.goto((play / f"{name}.html").as_uri())
    expect(page.locator(DRAWN[name]).first).to_be_visible()


def test_the_first_one_plays_to_its_end(page, play):
    page.goto((play / "run.html").as_uri())
    run = page.frame_locator("iframe")
    run.get_by_role("button", name="Play").click()
    expect(run.locator(".cx-where")).to_have_text("step 3 of 3")
    expect(run.locator(".cx-replay")).to_have_attribute("data-playing", "false")
