"""A class that is served: visitors, followers and their teacher in real browsers."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import ExplorerPage
from PIL import Image
from proxy import CuttingProxy
from served import Visitor, serve_class
from waiting import eventually, expect, now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def visitors(chromium):
    """Make visitors: `visitors(served)`; whoever is still there at the end leaves."""
    made = []

    def come(served, **context) -> Visitor:
        made.append(Visitor(chromium, served, **context))
        return made[-1]

    yield come
    for visitor in made:
        if not visitor.page.is_closed():
            visitor.leave()


@pytest.fixture(scope="module")
def one_class():
    with serve_class() as served:
        yield served


def accessible(page) -> None:
    """Wait until an automated checker finds nothing."""
    eventually(lambda: Axe().run(page).response["violations"], [])


def test_a_visitor_sees_both_pages_and_nothing_comes_from_elsewhere(visitors, tmp_path):
    with serve_class("--visitors", "1", "--upload-limit", "1") as served:
        visitor = visitors(served)
        page = visitor.page
        assert visitor.open().status == 200
        expect(page).not_to_have_url(re.compile("token"))  # it would stay in the history
        expect(page.locator("html")).to_have_attribute("lang", "en")
        accessible(page)

        page.locator("main").get_by_role("link", name="Explorer").click()
        explorer = visitor.explorer()
        expect(page).to_have_title("Explorer | CartoonX")
        expect(page.get_by_role("main").locator(".cx-explorer")).to_have_count(1)
        expect(page.locator("#state")).to_be_hidden()
        explorer.play()
        explorer.until("Number(dataset.step) >= 10 && Number(dataset.frames) >= 3")
        explorer.pause()
        accessible(page)
        steps = explorer.steps()
        page.reload()
        visitor.explorer().shows(step=steps)  # the run has not been lost

        large = tmp_path / "large.png"
        large.write_bytes(bytes(1_500_000))
        explorer.root.locator("input[type=file]").set_input_files(large)
        explorer.says("the upload exceeds 1 MB")
        expect(explorer.root.locator(".cx-problem")).not_to_contain_text('File "')
        expect(explorer.root.locator(".cx-problem")).not_to_contain_text(".py")
        Image.linear_gradient("L").save(tmp_path / "small.png")
        explorer.root.locator("input[type=file]").set_input_files(tmp_path / "small.png")
        explorer.until("dataset.photograph === 'small.png' && dataset.shown === '0'")

        page.get_by_role("navigation").get_by_role(
            "link", name="Sparsity lab"
        ).click()  # there is one place: it is kept
        page.wait_for_url("**/lab")
        expect(page.locator(".cx-lab")).to_be_visible()
        expect(page).to_have_title("Sparsity lab | CartoonX")
        assert visitor.elsewhere == []
        assert visitor.problems == []
        visitor.leave()


def test_a_visitor_too_many_waits_and_comes_in_when_a_place_is_free(visitors):
    with serve_class("--visitors", "1", "--language", "de") as served:
        first, second = visitors(served), visitors(served, color_scheme="dark")
        first.open("explorer")
        explorer = first.explorer()
        expect(first.page.locator("html")).to_have_attribute("lang", "de")
        explorer.play()

        second.open("explorer")
        expect(second.page.get_by_role("status").first).to_contain_text("Nummer 1 von 1")
        accessible(second.page)
        first.leave()
        explorer = second.explorer()
        expect(second.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        explorer.play()
        explorer.until("Number(dataset.step) >= 2 && Number(dataset.shown) >= 1")
        assert second.elsewhere == first.elsewhere == []


def test_followers_watch_look_back_and_go_on_by_themselves(visitors):
    with serve_class() as served:
        follower, teacher = visitors(served), visitors(served)
        follower.open("follow")
        expect(follower.page.locator("#state")).to_contain_text("The teacher has not begun")
        teacher.page.goto(served.url("explorer", teaches=True))
        explorer = teacher.explorer()
        explorer.play()
        followed = follower.explorer()
        followed.until("Number(dataset.step) >= 8 && Number(dataset.frames) >= 3")
        explorer.pause()
        followed.shows(step=explorer.steps(), shown=explorer.steps())
        expect(follower.page.locator(".cx-play")).to_be_hidden()
        expect(follower.page.locator(".cx-stopping")).to_be_hidden()  # the kernel that it asks is the teacher's
        accessible(follower.page)
        frames = followed.root.get_by_label("Frames of the run so far")
        frames.focus()
        frames.press("Home")
        followed.shows(shown=0)

        follower.page.get_by_role("link", name="Go on from here by yourself").click()
        own = follower.explorer()
        own.shows(step=explorer.steps(), shown=explorer.steps())
        own.take_step()
        assert follower.elsewhere == follower.problems == teacher.problems == []


def test_an_open_page_says_when_the_server_is_gone_and_another_one_has_come(visitors):
    with serve_class() as served:
        visitor = visitors(served)
        visitor.open("lab")
        expect(visitor.page.locator(".cx-lab")).to_be_visible()
        port = served.port
    expect(visitor.page.locator("#state")).to_contain_text("The connection is lost")
    with serve_class(port=port):
        expect(visitor.page.locator("#state")).to_contain_text("The server was started again", timeout=30_000)


def test_without_the_token_nobody_gets_in(visitors):
    with serve_class() as served:
        visitor = visitors(served)
        page = visitor.page
        page.goto(served.address.partition("?")[0] + "explorer")
        expect(page.get_by_role("heading", level=1)).to_contain_text("token")
        accessible(page)
        page.get_by_label("Token").fill("guessed")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Token").fill(served.token)
        page.get_by_role("button", name="Open").click()
        page.locator("main").get_by_role("link", name="Explorer").click()
        ExplorerPage(visitor)
        assert visitor.elsewhere == []


def test_a_proxy_that_cuts_large_messages_is_told_in_the_page_with_what_to_do(visitors, tmp_path):
    photograph = tmp_path / "noise.tif"
    Image.effect_noise((2400, 2900), 80).save(photograph)  # of 7 MB, which browsers do not read: it comes as it is
    with serve_class() as served:

        def comes_by(proxy):
            visitor = visitors(served)
            visitor.page.goto(served.url("explorer").replace(f":{served.port}/", f":{proxy.port}/"))
            return visitor

        for tells in (True, False):
            with CuttingProxy(served.port, 400_000, tells=tells) as proxy:  # plotly.js has more
                visitor = comes_by(proxy)
                expect(visitor.page.locator("#state")).to_contain_text("let messages of 5 MB pass", timeout=30_000)
                visitor.leave()
        with CuttingProxy(served.port, 5_000_000) as proxy:
            visitor = comes_by(proxy)
            explorer = visitor.explorer()
            explorer.root.locator("input[type=file]").set_input_files(photograph)
            explorer.until("dataset.photograph === 'noise.tif' && dataset.shown === '0'")
            explorer.take_step()
            expect(visitor.page.locator("#state")).to_be_hidden()
            assert 3_000_000 < now(proxy.largest) < 5_000_000
            visitor.leave()


# What is wrong with the controls: each is to be seen whole, large enough, and beside the others.
MISPLACED = """
() => {
  const width = document.documentElement.clientWidth;
  const wrong = document.documentElement.scrollWidth > width ? ['the page scrolls sideways'] : [];
  const controls = [...document.querySelectorAll('.cx-explorer :is(button, select, input, summary, [tabindex="0"])')]
    .filter((it) => it.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && it.type !== 'file')
    .map((it) => [`${it.tagName} ${it.getAttribute('aria-label') ?? it.textContent}`, it.getBoundingClientRect()]);
  if (controls.length < 9) wrong.push(`${controls.length} controls`);
  controls.forEach(([name, { left, right, top, bottom }], index) => {
    if (left < 0 || right > width) wrong.push(`${name} is cut off`);
    if (right - left < 8 || bottom - top < 8) wrong.push(`${name} is small`);
    for (const [other, its] of controls.slice(0, index)) {
      const across = Math.min(right, its.right) - Math.max(left, its.left);
      const down = Math.min(bottom, its.bottom) - Math.max(top, its.top);
      if (Math.min(across, down) > 1) wrong.push(`${name} lies on ${other}`);
    }
  });
  return wrong;
}
"""
# Whether what has the focus has an outline, in another colour than what is behind it.
FOCUSED = """
() => {
  const it = document.activeElement;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(it);
  const behind = getComputedStyle(it.closest('.cx-widget') ?? document.body).backgroundColor;
  const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && outlineColor !== behind;
  return seen ? '' : `${it.tagName} ${it.className}: ${outlineStyle} ${outlineWidth} ${outlineColor} on ${behind}`;
}
"""


@pytest.mark.parametrize(
    "settings",
    [
        {"forced_colors": "active"},
        {"forced_colors": "active", "color_scheme": "dark"},
        {"viewport": {"width": 800, "height": 667}, "device_scale_factor": 1.5},  # 1200 x 1000 at 150 %
        {"viewport": {"width": 500, "height": 800}, "device_scale_factor": 1.5},
    ],
    ids=["forced colours", "forced dark colours", "150 %", "narrow at 150 %"],
)
def test_controls_are_seen_whole_and_apart_and_show_the_focus(visitors, one_class, settings):
    visitor = visitors(one_class, **settings)
    visitor.open("explorer")
    explorer, page = visitor.explorer(), visitor.page
    explorer.take_step()
    explorer.rests()
    eventually(lambda: page.evaluate(MISPLACED), [])
    explorer.root.locator(".cx-play").focus()
    for _ in range(7):
        page.keyboard.press("Tab")
        expect(explorer.root.locator(":focus")).to_have_count(1)
        eventually(lambda: page.evaluate(FOCUSED), "")
