"""The lab's denoising as its page shows it, with a real lab behind it."""

from __future__ import annotations

import pytest
from bare import BarePage, Recorder
from waiting import eventually, expect, now

import cartoonx_widgets as cx

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_noise_and_thresholds_by_keyboard(chromium):
    lab = cx.sparsity_lab("figures", representation="haar", size=64)
    recorder = Recorder(lab)

    def answer():
        """Give what the page asked for to the lab, and its answer to the page."""
        asked = [message for message in page.from_page if message["type"] in ("denoise", "stop_denoising")]
        for message in asked[answer.given :]:
            sent = recorder.during(lambda message=message: (recorder.receive(message), lab.wait(60)))
            page.receive(*(one for one in sent if one["content"]["type"].startswith("denois")))
            answer.given, answer.last = answer.given + 1, message
        return answer.last

    answer.given, answer.last = 0, {}
    library = recorder.answers({"type": "library"})
    opening = recorder.during(lambda: (recorder.receive({"type": "ready"}), lab.wait(60)))
    page = BarePage(chromium, recorder, library | {"ready": opening})
    page.open()
    section = page.page.locator(".cx-denoise")
    expect(page.page.locator(".cx-lab[data-curves=complete]")).to_be_attached()
    expect(section.get_by_role("slider")).to_have_count(0)
    section.get_by_role("button", name="Denoise").press("Enter")
    eventually(lambda: answer().get("threshold", "nothing yet"), None)
    expect(section.locator(".cx-view")).to_have_count(5)
    expect(section.locator(".cx-view").first).to_contain_text("20.0 dB · SSIM")
    expect(section.get_by_role("img", name="The picture after a threshold: haar")).to_be_visible()

    section.get_by_role("slider", name="Threshold of scale 1").press("End")
    eventually(lambda: answer()["by_scale"][0], 8)
    section.get_by_label("Threshold", exact=True).select_option("hard")
    eventually(lambda: answer()["kind"], "hard")
    section.get_by_role("slider", name="Standard deviation of the noise").press("ArrowRight")
    eventually(lambda: answer()["sigma"], 0.11)
    expected = f"{lab.denoised_quality['representation'].psnr:.1f} dB"
    expect(section.locator(".cx-view").nth(1)).to_contain_text(expected)
    assert now(lab.denoising["by_scale"]) == {1: 8}
    section.get_by_role("button", name="Scale 1: back to the common threshold").press("Enter")
    eventually(lambda: answer()["by_scale"][0], None)
    universal = section.get_by_role("button", name="universal")
    expect(universal).to_have_attribute("aria-pressed", "true")
    section.get_by_role("slider", name="Threshold, in standard deviations").press("ArrowLeft")
    expect(universal).to_have_attribute("aria-pressed", "false")
    section.get_by_role("button", name="Denoise").press("Enter")
    eventually(lambda: answer()["type"], "stop_denoising")
    expect(section.get_by_role("slider")).to_have_count(0)
    assert now(page.wrong) == []
    page.close()
    lab.close()
