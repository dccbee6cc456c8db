"""What all widgets have in common, in a page with nothing but their modules: messages, plotly.js, ends, snapshots."""

from __future__ import annotations

import base64
import re

import pytest
import toys
from bare import BarePage, Recorder
from waiting import eventually, expect, now

import cartoonx_widgets as cx

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

READY, LIBRARY = {"type": "ready"}, {"type": "library"}
DRAWN = {
    "explorer": ".cx-explorer[data-shown] .js-plotly-plot",
    "sparsity_lab": ".cx-lab[data-curves=complete]",
    "signal_lab": ".cx-signal-lab[data-k]",
    "compare": ".cx-compare[data-results='2']",
    "replay": ".cx-replay[data-shown] .js-plotly-plot",
    "results": ".cx-results[data-drawn]",
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Each kind of widget, and what it answered."""
    made = {}
    explorer = cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method(steps=6))
    explorer.play()
    explorer.wait(60)
    made["explorer"] = explorer
    made["sparsity_lab"] = cx.sparsity_lab("figures", size=32)
    made["signal_lab"] = cx.signal_lab(size=64)
    methods = {"one": toys.method(steps=3), "two": toys.method(steps=5)}
    comparison = cx.compare(toys.image(), methods, classifier=toys.classifier())
    comparison.play()
    comparison.wait(60)
    made["compare"] = comparison
    made["replay"] = cx.replay(explorer.recording)
    folder = tmp_path_factory.mktemp("study")
    source = toys.photographs(folder / "photographs", 4)
    made["results"] = cx.study(
        source, {"one": toys.method(steps=3)}, out=folder / "out", classifier=toys.classifier(), progress=False
    ).show()
    found = {}
    for name, widget in made.items():
        recorder = Recorder(widget)
        answers = recorder.answers(LIBRARY)

        def tell_everything(widget=widget, recorder=recorder):
            recorder.receive(READY)
            widget.wait(60) if hasattr(widget, "wait") else None

        found[name] = recorder, answers | {"ready": recorder.during(tell_everything)}
    yield found
    for widget in made.values():
        widget.close()


@pytest.fixture
def bare(chromium, recorded):
    """Open a page with a widget of a kind, which answers as it did; `answers` are other ones."""
    opened = []

    def open_page(name, *, answers=None, clock=False, view=True, **state):
        recorder, known = recorded[name]
        opened.append(BarePage(chromium, recorder, known if answers is None else answers, clock=clock, **state))
        if view:
            opened[-1].open()
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_opened_and_closed_fifty_times_leaves_nothing(bare, name):
    page = bare(name, view=False)
    empty = page.counts()
    page.open()
    expect(page.page.locator(DRAWN[name]).first).to_be_attached()
    page.close_view()
    eventually(lambda: page.counts()["running"], empty["running"])
    before = page.counts()
    for turn in range(50):
        page.open()
        if turn % 5 == 0:  # others are closed while they load
            expect(page.page.locator(DRAWN[name]).first).to_be_attached()
        page.close_view()
    eventually(
        lambda: {key: page.counts()[key] for key in ("listeners", "nodes", "of the model", "running")},
        {key: before[key] for key in ("listeners", "nodes", "of the model", "running")},
    )
    assert now(before)["of the model"] == 0
    assert now(page.counts()["bytes"] - before["bytes"]) < 50 * 500_000
    assert now(page.wrong) == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_failure_is_shown_and_the_next_message_is_taken(bare, recorded, name):
    page = bare(name, answers={"library": recorded[name][1]["library"]})
    opening, *others = recorded[name][1]["ready"]
    page.receive({"content": {"type": "no_such_message"}, "buffers": []})
    alert = page.page.get_by_role("alert")
    expect(alert).to_contain_text("unknown message no_such_message")
    page.receive({"content": {"type": opening["content"]["type"]}, "buffers": []})  # without all that belongs to it
    expect(alert).to_contain_text("The page failed")
    page.receive(opening, *others)
    expect(page.page.locator(DRAWN[name]).first).to_be_attached()
    page.receive(
        {"content": {"type": "error", "message": "It is <b>broken</b>.", "details": "somewhere"}, "buffers": []}
    )
    expect(alert.locator("strong")).to_have_text("It is <b>broken</b>.")
    page.receive(opening, *others)
    assert now(page.wrong) == []


@pytest.mark.parametrize("name", ["explorer", "replay"])
def test_a_term_of_the_objective_lights_its_curve_and_its_panels(bare, name):
    page = bare(name).page
    expect(page.locator(DRAWN[name]).first).to_be_attached()
    lit = page.locator(".cx-panel.cx-lit h3")
    term = page.get_by_role("group", name="Objective").get_by_role("button", name="times l1")
    ours = ["Distortion, l1 and loss", "Mosaic", "Share kept of each band"]

    def opacities():
        return page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('.cx-plot')].flatMap(({ data = [] }) => data)"
            ".filter(({ name }) => ['l1', 'loss'].includes(name)).map(({ name, opacity }) => [name, opacity]))"
        )

    def is_lit(titles):
        eventually(lambda: sorted(lit.all_inner_texts()), sorted(titles))
        eventually(lambda: opacities()["l1"] > opacities()["loss"], bool(titles))

    term.hover()
    is_lit(ours)
    expect(page.get_by_text("The mean of the mask:")).to_be_visible()
    page.mouse.move(0, 0)
    is_lit([])
    term.focus()
    page.keyboard.press("Enter")  # keeps it lit
    page.keyboard.press("Tab")
    is_lit(ours)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    is_lit([])
    # A page of nowhere remembers nothing, so nothing is offered in it.
    expect(page.get_by_role("button", name="Take the tour: 7 steps")).to_have_count(0)


@pytest.mark.parametrize("name", ["explorer", "replay"])
def test_when_to_stop_is_told_on_demand(bare, recorded, name):
    recorder, known = recorded[name]
    page = bare(name, answers=known | (recorder.answers({"type": "scores"}) if name == "explorer" else {}))
    expect(page.page.locator(DRAWN[name]).first).to_be_attached()
    plots = page.page.locator(".cx-stopping .cx-plot")
    expect(plots.first).to_be_hidden()
    button = page.page.get_by_role("button", name="When to stop?")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.page.locator(".cx-stopping[data-last='6']")).to_be_attached()
    for place, lines in enumerate((4, 3)):
        expect(plots.nth(place).locator(".scatterlayer .trace")).to_have_count(lines)
    of_class = [recorder.widget.recording.outcome(frame).probability for frame in (0, -1)]
    expect(plots.first).to_have_attribute("aria-label", re.compile("Probability {:.2f} → {:.2f}".format(*of_class)))
    button.press("Enter")
    expect(plots.first).to_be_hidden()
    assert now(page.wrong) == []


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in ("compare", "signal_lab")])
def test_pictures_and_sentences_do_not_wait_for_plotly(bare, recorded, name):
    answers = {"ready": recorded[name][1]["ready"]}
    page = bare(name, answers=answers)
    eventually(
        lambda: [message["type"] for message in page.from_page][:2], ["library", "ready"]
    )  # more follows in its time
    if name in ("explorer", "replay"):
        for place in range(4):  # photograph, cartoon, rest, mosaic
            expect(page.page.locator(".cx-pictures .cx-panel").nth(place).locator(".cx-picture")).to_be_visible()
        expect(page.page.locator(".cx-summary")).to_contain_text("class 3")
    if name == "sparsity_lab":
        expect(page.page.locator(".cx-figures").filter(has_text="dB").first).to_be_visible()
    if name == "results":
        expect(page.page.get_by_text("4 explanations")).to_be_visible()
    page.receive(*recorded[name][1]["library"])
    expect(page.page.locator(DRAWN[name]).first).to_be_attached()
    expect(page.page.locator(".js-plotly-plot").first).to_be_visible()
    assert now(page.wrong) == []


@pytest.mark.parametrize("name", ["explorer", "sparsity_lab", "compare"])
def test_the_code_is_shown_and_copied(bare, recorded, name):
    widget, (recorder, answers) = recorded[name][0].widget, recorded[name]
    page = bare(name, answers=answers | recorder.answers({"type": "code"}))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.page.locator(DRAWN[name]).first).to_be_attached()
    page.page.get_by_role("button", name="Copy as Python").press("Enter")
    dialog = page.page.get_by_role("dialog", name="Copy as Python")
    area = dialog.get_by_role("textbox", name="Python code")
    expect(area).to_be_focused()
    expect(area).to_have_value(widget.to_python())
    eventually(lambda: page.page.evaluate("() => getSelection().toString()"), widget.to_python())
    dialog.get_by_role("button", name="Copy", exact=True).click()
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"Copied\.|press Ctrl"))  # as the page may
    page.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert now(page.wrong) == []


def test_plotly_is_asked_for_once_a_page_and_again_if_no_answer_comes(bare, recorded):
    answers = {"ready": recorded["explorer"][1]["ready"]}
    page = bare("explorer", answers=answers, clock=True)

    def asked():
        return sum(message["type"] == "library" for message in page.from_page)

    page.open()
    page.open()
    eventually(asked, 1)
    page.close_view()
    page.page.clock.run_for(9_000)
    eventually(asked, 1)
    page.page.clock.run_for(3_000)  # its kernel may have ended
    eventually(asked, 2)
    page.receive(*recorded["explorer"][1]["library"])
    page.page.clock.resume()
    expect(page.page.locator(DRAWN["explorer"]).first).to_be_attached()
    page.open()
    expect(page.page.locator(".cx-explorer")).to_have_count(3)
    assert now(asked()) == 2


def test_plotly_cut_short_is_told_and_asked_for_again(bare, recorded):
    [library] = recorded["explorer"][1]["library"]
    cut = library | {"buffers": [base64.b64encode(base64.b64decode(library["buffers"][0])[:200_000]).decode()]}
    page = bare("explorer", answers={"ready": recorded["explorer"][1]["ready"]}, clock=True)
    page.receive(cut)
    expect(page.page.get_by_role("alert")).to_contain_text("plotly.js did not arrive whole")
    page.page.clock.run_for(11_000)
    eventually(lambda: [message["type"] for message in page.from_page].count("library"), 2)
    page.receive(library)
    page.page.clock.resume()
    expect(page.page.locator(DRAWN["explorer"]).first).to_be_attached()


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "silent"])
def test_a_kernel_that_does_not_answer_is_told(bare, recorded, gone):
    page = bare("explorer", clock=True)
    page.page.clock.resume()
    expect(page.page.locator(DRAWN["explorer"]).first).to_be_attached()
    alert = page.page.get_by_role("alert")
    expect(alert).to_be_hidden()
    page.page.evaluate("gone => { bare.model.isGone = gone; bare.model.answers = {}; }", gone)
    page.page.get_by_role("button", name="Begin again").click()
    page.page.clock.fast_forward(20_000)
    expect(alert).to_contain_text("The kernel does not answer")
    page.page.evaluate("() => { bare.model.isGone = false; }")  # it was busy, or has been started again
    page.receive(*recorded["explorer"][1]["ready"])
    expect(alert).to_be_hidden()


@pytest.mark.parametrize("name", DRAWN)
def test_without_a_kernel_the_snapshot_is_seen(bare, recorded, name):
    page = bare(name, answers={})
    widget = recorded[name][0].widget
    still = page.page.locator(".cx-snapshot")
    expect(still).to_contain_text(widget.snapshot["summary"])
    expect(still).to_contain_text("As it was saved. Run the cell to see it live.")
    if name != "results":
        assert now(still.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")) > 300
    expect(page.page.get_by_role("button")).to_have_count(0)
    page.receive(*recorded[name][1]["ready"], *recorded[name][1]["library"])
    expect(page.page.locator(DRAWN[name]).first).to_be_attached()
    expect(still).to_have_count(0)


def test_two_kinds_of_widget_share_what_they_draw_with(bare, recorded):
    """Two kernels in one page: the second has nothing to send."""
    page = bare("explorer")
    expect(page.page.locator(DRAWN["explorer"]).first).to_be_attached()
    recorder, answers = recorded["sparsity_lab"]
    state = {key: value for key, value in recorder.widget.get_state().items() if key in ("texts", "_library")}
    page.page.evaluate(
        "async ([esm, state, answers]) => { globalThis.second = await Bare.load(esm, state, answers); second.open(); }",
        [recorder.widget._esm, state, {"ready": answers["ready"]}],
    )
    expect(page.page.locator(".cx-lab .js-plotly-plot").first).to_be_visible()
    assert now(page.page.evaluate("() => second.model.sent.map(({ type }) => type)")) == ["ready"]


def test_an_explorer_that_is_opened_twice_is_shown_once(bare, recorded):
    """The comparison has it shown by the host, which ends it by its signal."""
    page = bare("compare", view=False)
    page.page.evaluate(
        """() => {
            globalThis.signals = [];
            const render = ({ el, signal }) => {
                el.append("an explorer");
                signals.push(signal);
                signal.addEventListener("abort", () => el.replaceChildren());
            };
            bare.open({ host: { getWidget: (ref) => Promise.resolve({ ref, render }) } });
        }"""
    )
    expect(page.page.locator(DRAWN["compare"])).to_be_attached()
    for label in ("one", "two"):
        page.receive({"content": {"type": "explorer", "model": f"id of {label}", "label": label}, "buffers": []})
    expect(page.page.locator(".cx-compare[data-explorer=two]")).to_be_attached()
    expect(page.page.locator(".cx-slot")).to_have_text("an explorer")
    assert now(page.page.evaluate("() => signals.map(({ aborted }) => aborted)")) == [True, False]
    page.close_view()
    assert now(page.page.evaluate("() => signals.map(({ aborted }) => aborted)")) == [True, True]
