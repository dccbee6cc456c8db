"""A class that is served: the command, its visitors' kernels, and several real browsers."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import ExplorerPage
from served import Visitor, serve_class
from waiting import eventually, expect, now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# In the page: what its kernel answers to code, and to a harmless question after it.
ASK = """
async () => {
  const { baseUrl, kernelId } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const socket = new WebSocket(`ws://${location.host}${baseUrl}api/kernels/${kernelId}/channels?session_id=test`);
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  const ask = (msg_type, content) => {
    const header = { msg_id: msg_type, msg_type, session: "test", username: "", version: "5.3", date: "" };
    socket.send(JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content }));
  };
  const answered = [];
  const done = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const { parent_header, msg_type } = JSON.parse(data);
      answered.push(parent_header.msg_id);
      if (parent_header.msg_id === "kernel_info_request" && msg_type === "kernel_info_reply") resolve();
    };
  });
  ask("execute_request", { code: "1 + 1", silent: false });
  ask("kernel_info_request", {});
  await done;
  socket.close();
  return answered;
}
"""


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


def accessible(page) -> None:
    """Wait until an automated checker finds nothing."""
    eventually(lambda: Axe().run(page).response["violations"], [])


def test_a_visitor_sees_both_pages_and_nothing_comes_from_elsewhere(visitors, tmp_path):
    with serve_class("--visitors", "1", "--upload-limit", "1") as served:
        visitor = visitors(served)
        page = visitor.page
        assert visitor.open().status == 200
        expect(page.locator("html")).to_have_attribute("lang", "en")
        accessible(page)
        assert now(served.kernels()) == []

        page.locator("main").get_by_role("link", name="Explorer").click()
        explorer = visitor.explorer()
        expect(page).to_have_title("Explorer | CartoonX")
        expect(page.get_by_role("main").locator(".cx-explorer")).to_have_count(1)
        expect(page.get_by_role("status").filter(has_text="Starting")).to_have_count(0)  # hidden: it has no role
        expect(page.locator("body")).not_to_contain_text("import", use_inner_text=True)  # no code
        explorer.play()
        explorer.until("Number(dataset.step) >= 10 && Number(dataset.frames) >= 3")
        explorer.pause()

        large = tmp_path / "large.png"
        large.write_bytes(bytes(1_500_000))
        explorer.root.locator("input[type=file]").set_input_files(large)
        explorer.says("the upload exceeds 1 MB")
        expect(explorer.root.locator(".cx-problem")).not_to_contain_text('File "')
        expect(explorer.root.locator(".cx-problem")).not_to_contain_text(".py")

        assert "execute_request" not in now(page.evaluate(ASK))

        [kernel] = served.kernels()
        page.get_by_role("navigation").get_by_role("link", name="Sparsity lab").click()
        page.wait_for_url("**/lab")
        expect(page.locator(".cx-lab")).to_be_visible()
        expect(page).to_have_title("Sparsity lab | CartoonX")
        eventually(lambda: kernel not in served.kernels())  # there is one place: the explorer's has ended
        assert visitor.elsewhere == []
        assert visitor.problems == []
        visitor.leave()


def test_a_visitor_too_many_is_told_and_nobody_else_notices(visitors):
    with serve_class("--visitors", "1", "--language", "de") as served:
        first, second = visitors(served), visitors(served, color_scheme="dark")
        first.open("explorer")
        explorer = first.explorer()
        expect(first.page.locator("html")).to_have_attribute("lang", "de")
        explorer.play()
        kernels = now(served.kernels())

        assert second.open("explorer").status == 503
        expect(second.page.get_by_role("heading", level=1)).to_contain_text("Alle Plätze sind belegt")
        accessible(second.page)
        assert now(served.kernels()) == kernels
        step = explorer.steps()
        explorer.until(f"Number(dataset.step) > {step}")

        # Who reloads keeps the place, also where the page is not complete yet: the second time.
        for _ in range(2):
            first.page.reload(wait_until="commit")
            first.page.locator("#loading").wait_for(state="attached")
        first.explorer()
        eventually(lambda: len(served.kernels()) == 1 and served.kernels() != kernels)

        first.leave()
        second.page.get_by_role("link", name="Noch einmal versuchen").click()
        explorer = second.explorer()
        expect(second.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        explorer.play()
        explorer.until("Number(dataset.step) >= 2 && Number(dataset.shown) >= 1")
        assert second.elsewhere == first.elsewhere == []
        eventually(lambda: len(served.kernels()), 1)


def test_without_the_token_nobody_gets_in(visitors):
    with serve_class() as served:
        visitor = visitors(served)
        page = visitor.page
        address, _, token = served.address.partition("?token=")
        page.goto(f"{address}explorer")
        expect(page.get_by_role("heading", level=1)).to_contain_text("token")
        accessible(page)
        page.get_by_label("Token").fill("guessed")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert now(served.kernels()) == []
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Open").click()
        ExplorerPage(visitor)
        for path in ("voila/render/explorer.ipynb", "voila/files/explorer.ipynb", "voila/api/contents", "voila/tree"):
            assert page.request.get(f"{address}{path}").status == 404
        assert page.request.get(f"{address}api/kernels").status == 404
        assert visitor.elsewhere == []
