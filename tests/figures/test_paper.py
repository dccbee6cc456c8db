"""Figures for papers: their forms, their text in letters of any script, and what is said where something is missing."""

import itertools
import sys
import warnings
from xml.etree import ElementTree as ET

import numpy as np
import pypdf
import pytest
import toys
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager, rcParams
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets import images, tables
from cartoonx_widgets.figures import paper

CYRILLIC, ARABIC, CHINESE = "кофе эспрессо", "قهوة", "咖啡"
MATH = "$x_1$ & <b>"


def explained(label=MATH):
    labels = ["zero", label, "two", "three", "four"]
    classifier = toys.classifier(labels=labels)
    return cx.explain(toys.image(), classifier=classifier, target=1, method=toys.method(), progress=False)


@pytest.fixture
def quiet(monkeypatch):
    """Scripts that were warned of before are warned of again."""
    monkeypatch.setattr(paper, "_warned", set())


def svg_words(path):
    return [element.text.strip() for element in ET.parse(path).getroot().iter("{http://www.w3.org/2000/svg}text")]


def pdf_text(path):
    return pypdf.PdfReader(path).pages[0].extract_text()


def font_with(letters, path, *, family):
    """A font in which each of these letters is a block, in a file that matplotlib is told of."""
    names = {ord(letter): f"u{ord(letter):04X}" for letter in letters}
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 900), (900, 900), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    block = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf(dict.fromkeys([".notdef", *names.values()], block))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (1000, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=900)
    builder.setupPost()
    builder.save(path)
    font_manager.fontManager.addfont(path)


@pytest.fixture
def chinese_font(tmp_path):
    font_with(CHINESE, tmp_path / "chinese.ttf", family="Chinese of the tests")
    yield
    kept = [font for font in font_manager.fontManager.ttflist if font.name != "Chinese of the tests"]
    font_manager.fontManager.ttflist[:] = kept


def test_the_cartoon_or_the_figure_by_the_ending(tmp_path):
    explanation = explained()
    explanation.save(tmp_path / "cartoon.png")
    with Image.open(tmp_path / "cartoon.png") as picture:
        assert np.array_equal(np.asarray(picture), images.to_uint8(explanation.cartoon))
    explanation.save(tmp_path / "figure.png", figure=True)
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.width > 2000
    explanation.save(tmp_path / "figure.pdf")
    explanation.save(tmp_path / "cartoon.pdf", figure=False)
    assert "most probable classes" in pdf_text(tmp_path / "figure.pdf")
    assert pdf_text(tmp_path / "cartoon.pdf").strip() == ""


@pytest.mark.parametrize("label", [MATH, CYRILLIC, ARABIC])
def test_text_is_text_in_svg_and_pdf(tmp_path, label):
    explanation = explained(label)
    explanation.save(tmp_path / "figure.svg")
    words = svg_words(tmp_path / "figure.svg")
    assert label in words
    assert any(word.startswith(f"{label} is ") for word in words)
    assert {"photograph", "cartoon", "share kept", *(band.name for band in explanation.transform.bands)} <= set(words)
    explanation.save(tmp_path / "figure.pdf")
    assert sorted(label.replace(" ", "")) in [
        sorted(line.replace(" ", "")) for line in pdf_text(tmp_path / "figure.pdf").splitlines()
    ]


def test_letters_that_no_font_has_are_said_once(tmp_path, quiet):
    explanation = explained("\N{EGYPTIAN HIEROGLYPH A001}")
    with pytest.warns(UserWarning, match=r"no font on this machine has the letters of: EGYPTIAN\. .* install a font"):
        explanation.save(tmp_path / "figure.svg")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explanation.save(tmp_path / "figure.svg")
        explanation.save(tmp_path / "figure.png", figure=True)


def test_chinese_in_a_font_that_the_machine_has(tmp_path, quiet, chinese_font):
    """The figure with the font has blocks where that font has them, and the file names both fonts."""
    explanation = explained(CHINESE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explanation.save(tmp_path / "figure.pdf")
        explanation.save(tmp_path / "figure.svg")
    assert CHINESE in pdf_text(tmp_path / "figure.pdf")
    fonts = pypdf.PdfReader(tmp_path / "figure.pdf").pages[0]["/Resources"]["/Font"]
    assert len(fonts) >= 2
    assert CHINESE in svg_words(tmp_path / "figure.svg")
    assert "Chinese of the tests" in (tmp_path / "figure.svg").read_text("utf-8")


def test_the_same_figure_is_the_same_file(tmp_path):
    explanation = explained()
    for ending, copy in itertools.product(("pdf", "svg"), "ab"):
        explanation.save(tmp_path / f"{copy}.{ending}")
    for ending in ("pdf", "svg"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_settings_of_matplotlib_stay_as_they_are(tmp_path):
    before = dict(rcParams)
    explained().save(tmp_path / "figure.svg")
    assert dict(rcParams) == before


def test_a_figure_of_another_ending(tmp_path):
    with pytest.raises(ValueError, match=r"has the ending '\.jpg'; a figure is written as \.pdf, \.svg or \.png"):
        explained().save(tmp_path / "figure.jpg", figure=True)
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # an import of it raises
    explanation = explained()
    explanation.save(tmp_path / "cartoon.png")
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cartoonx-widgets\[figures\]'"):
        explanation.save(tmp_path / "figure.pdf")


def test_without_pandas_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        tables.to_dataframe([])
