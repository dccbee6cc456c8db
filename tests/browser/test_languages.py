"""The explorer in German, in the real notebook: every label is translated, the figures are where they belong."""

from __future__ import annotations

import re

import pytest
from harness import ExplorerPage
from waiting import eventually, expect

from cartoonx_widgets.languages import texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# Words that no German sentence has, and no class of this photograph.
ENGLISH = re.compile(
    r"\b(the|of|with|and|is|to|from|step|steps|mask|share|class|photograph|run|settings|method|alone)\b", re.IGNORECASE
)


def said(explorer: ExplorerPage) -> list[str]:
    """All that is read or heard: texts, those in plots included, names and tooltips."""
    return explorer.root.evaluate(
        """(root) => {
            const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
            const found = [];
            while (walker.nextNode())
                if (!walker.currentNode.parentElement.closest('style')) found.push(walker.currentNode.data);
            for (const element of [root, ...root.querySelectorAll('*')])
                for (const name of ['title', 'aria-label', 'aria-valuetext']) found.push(element.getAttribute(name));
            return found.filter(Boolean).map((text) => text.trim());
        }"""
    )


def test_an_explorer_in_german(book):
    german = texts("de")
    book.python("import cartoonx_widgets as cx; short = cx.methods.cartoonx_interactive(steps=12, samples=4)")
    book.display("w := cx.explore('coffee', method=short, language='de')")
    explorer = ExplorerPage(book)
    root, summary = explorer.root, explorer.root.locator(".cx-summary")
    expect(summary).to_have_text(
        german["Press play to see which part of the photograph suffices for {label}."].format(label="espresso")
    )
    for heading in ("Foto", "Cartoon", "Mosaik", "Verzerrung, l1 und Verlust", "Behaltener Anteil je Band"):
        expect(root.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    for name in ("Ein eigenes Foto hochladen", "▶ Start", "Einen Schritt ausführen", "Einstellungen", "● Live"):
        expect(root.get_by_role("button", name=name, exact=True)).to_be_visible()
    photographs = root.get_by_label("Foto", exact=True).locator("option")
    expect(photographs.nth(0)).to_have_text("Kaffeetasse")
    expect(photographs.nth(1)).to_have_text("Katze Chelsea")
    methods = root.get_by_label("Methode", exact=True).locator("option")
    expect(methods.first).to_have_text("CartoonX, interaktiv")
    expect(methods.last).to_have_text("CartoonX, interaktiv (eigene)")

    root.locator(".cx-play").click()
    explorer.until("dataset.playing === 'false' && dataset.shown === '12' && dataset.settled === 'true'")
    kept = book.python("print(w.explanation.summary)").strip()
    for english, words in {
        "is kept": "bleibt erhalten",
        "without them": "ohne sie",
        "with": "mit",
        "of the coefficients": "der Koeffizienten",
    }.items():
        kept = kept.replace(english, words)
    expect(summary).to_have_text(kept)
    expect(root.locator(".cx-where")).to_contain_text("Schritt 12 von 12")

    explorer.press("Einstellungen")
    settings = root.locator(".cx-settings")
    settings.get_by_role("combobox", name="Abstieg").select_option(label="wie veröffentlicht")
    explorer.until("dataset.changed === 'true' && dataset.step === '0' && dataset.shown === '0'")
    expect(settings.get_by_role("button", name="Abstieg: zurück auf beschleunigt")).to_be_visible()

    root.get_by_label("Einzeln gezeigtes Band").select_option("Tiefpass")
    explorer.until("dataset.band === 'lowpass'")
    expect(root.get_by_role("heading", name="Tiefpass allein")).to_be_visible()
    plot = explorer.panel("Mosaik").locator(".cx-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 0.62, "y": box["height"] * 0.75})
    expect(root.locator(".cx-tip")).to_contain_text("d1: Skala 1, diagonal")

    eventually(lambda: len(said(explorer)) > 200)
    eventually(lambda: [text for text in said(explorer) if ENGLISH.search(text)], [])
    translated = set(german) - set(german.values())
    eventually(lambda: translated & set(said(explorer)), set())
