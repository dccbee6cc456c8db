"""The translations: nothing that is shown is missing, nothing is left over, and figures find their places."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.drawings import DRAWINGS
from cartoonx_widgets.images import SAMPLES
from cartoonx_widgets.languages import languages, texts
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.recording import recording
from cartoonx_widgets.scores import SCORES
from cartoonx_widgets.sparsity import SIGNALS
from cartoonx_widgets.widgets.explorer.setting_list import SETTINGS
from cartoonx_widgets.widgets.run_view import messages

PACKAGE = Path(cx.__file__).parent
# `t("...")` says a text in a script, and `phrase("...")` marks one in a table that `t` says later.
LITERAL = r'("(?:[^"\\]|\\.)*")'
MARKED = re.compile(rf"\b(?:t|phrase)\(\s*{LITERAL}")
TRANSLATED = re.compile(rf"\btranslated\(\s*{LITERAL}")
# What these offer are names of filters, the same in all languages.
FILTERS = ("representation.wavelet", "representation.fan", "representation.biort", "representation.qshift")
TRANSLATIONS = [language for language in languages() if language != "en"]


def found(pattern: re.Pattern, folder: str, *endings: str) -> set[str]:
    files = [file for file in (PACKAGE / folder).rglob("*") if file.suffix in endings]
    return {json.loads(text) for file in files for text in pattern.findall(file.read_text("utf-8"))}


def of_the_widgets() -> set[str]:
    return found(MARKED, "widgets", ".js")


def of_the_served_pages() -> set[str]:
    return found(TRANSLATED, "serving", ".py", ".html") | found(MARKED, "serving/page", ".js")


def of_python() -> set[str]:
    """What Python sends in English, for the page to say it with `t`."""
    shown = {picture.title for picture in (*SAMPLES.values(), *DRAWINGS.values())}
    shown |= {text for signal in SIGNALS.values() for text in (signal.title, signal.about)}
    shown |= {make().name for make in PRESETS.values()}
    shown |= {text for score in SCORES.values() for text in (score.label, score.about)}
    for setting in SETTINGS:
        shown |= {setting.label, setting.about}
        if setting.path not in FILTERS:
            shown |= set(setting.choices)
        if setting.steerable:  # in its row the symbol says "lambda"
            shown |= {setting.label.removesuffix("lambda").strip()} - {""}
    return shown


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_every_text_and_no_other(language):
    needed = of_the_widgets() | of_python() | of_the_served_pages()
    assert len(needed) > 150
    translated = set(texts(language))
    assert sorted(needed - translated) == []
    assert sorted(translated - needed) == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_the_places_of_its_text(language):
    for english, translation in texts(language).items():
        assert translation.strip() == translation != ""
        assert sorted(re.findall(r"{\w*}", english)) == sorted(re.findall(r"{\w*}", translation)), english


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_is_sorted_and_says_nothing_twice(language):
    text = (PACKAGE / "languages" / f"{language}.json").read_text("utf-8")
    pairs = json.loads(text, object_pairs_hook=list)
    keys = [english for english, _ in pairs]
    assert keys == sorted(set(keys))


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="language='tlh' must be 'en' or 'de'"):
        texts("tlh")
    with pytest.raises(ValueError, match="language='tlh'"):
        cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method(), language="tlh")


def test_the_page_knows_what_python_calls_a_photograph_without_a_name():
    assert recording._OWN_PHOTOGRAPH in of_the_widgets()


@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("target", [0, 3])
def test_the_page_says_a_summary_in_pythons_words(target, steps):
    explanation = cx.explain(
        toys.image(), classifier=toys.classifier(), method=toys.method(steps=steps), target=target, progress=False
    )
    parts = messages.summary(explanation.outcome)
    begin = "{label} is kept:" if parts["kept"] else "{label} is not kept:"
    end = "" if parts["kept"] else "({probability})"
    [sentence] = [text for text in of_the_widgets() if text.startswith(begin) and text.endswith(end)]
    rest = parts["rest"]
    begin = "without them: {first}" if rest["needed"] else "without them: still"
    [of_rest] = [text for text in of_the_widgets() if text.startswith(begin)]
    assert f"{sentence.format(**parts)}; {of_rest.format(label=parts['label'], **rest)}" == explanation.summary
