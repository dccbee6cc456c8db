"""The site that `make docs` builds: no warning, nothing from a network, every public name."""

import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys

import pytest
from paths import ROOT

import cartoonx_widgets as cx

pytestmark = pytest.mark.docs
# What a page loads by itself: not what it links to.
LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\b(?:src|srcset)=[\"']?\s*(?:https?:)?//[^>]*>"
    r"|<link\b(?![^>]*\brel=[\"']?(?:canonical|next|prev|search)\b)[^>]*?\bhref=[\"']?\s*(?:https?:)?//[^>]*>"
    r"|@import[^;]*//[^;]*;|url\([\"']?\s*(?:https?:)?//[^)]*\)",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    play = [sys.executable, "scripts/play.py", "--small", "--out", str(folder / "play")]
    subprocess.run(play, cwd=ROOT, check=True, capture_output=True)
    environment = {**os.environ, "CARTOONX_WIDGETS_PLAY": str(folder / "play")}
    options = ["-E", "-W", "--keep-going", "-q", "-c", "docs", "-d", str(folder / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, ".", str(folder / "html")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert built.returncode == 0, built.stderr
    assert not built.stderr
    return folder / "html"


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ('<script src="https://cdn.example/a.js"></script>', True),
        ('<link rel="stylesheet" href="//cdn.example/a.css">', True),
        ("<img alt='' src='http://example/a.png'>", True),
        ("@font-face { src: url(https://example/a.woff2) }", True),
        ('<a href="https://example">an address to follow</a>', False),
        ('<script src="_static/a.js"></script>', False),
        ("background: url('data:image/svg+xml;charset=utf-8,<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", False),
    ],
)
def test_what_a_page_loads_is_found(text, loads):
    assert bool(LOADED.search(text)) == loads


def test_the_site_needs_no_network(site):
    files = [path for path in site.rglob("*") if path.suffix in {".html", ".css"}]
    assert len(files) > len(list((ROOT / "docs").glob("*.md")))
    found = {path.name: LOADED.findall(path.read_text(encoding="utf-8")) for path in files}
    assert not {name: addresses for name, addresses in found.items() if addresses}


def test_the_first_page_is_found(site):
    assert 'url=docs/index.html"' in (site / "index.html").read_text(encoding="utf-8")
    assert (site / "docs" / "index.html").is_file()


@pytest.mark.parametrize(("page", "name"), [("index", "run"), ("figures", "figure-recording"), ("sparsity-lab",) * 2])
def test_a_page_to_play_with_takes_the_place_of_its_picture(site, page, name):
    assert f'<iframe class="play" src="../play/{name}.html"' in (site / "docs" / f"{page}.html").read_text("utf-8")
    assert (site / "play" / f"{name}.html").exists()


def test_the_first_page_weighs_what_a_school_can_load(site):
    first = sum((site / "play" / name).stat().st_size for name in ("run.html", "run-coffee-cartoonx.html"))
    assert first < 3e6


def test_formulas_are_there_and_complete(site):
    page = (site / "docs" / "method.html").read_text(encoding="utf-8")
    assert page.count("<math") > 25
    assert "$" not in re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    third = re.search(r"<mfrac>\s*<mn>1</mn>\s*<mn>3</mn>\s*</mfrac>", page)
    assert third, "one third is written as two digits, which are no number"


def subpackages():
    """Those that name what is public."""
    found = (info.name for info in pkgutil.iter_modules(cx.__path__) if info.ispkg)
    modules = (importlib.import_module(f"cartoonx_widgets.{name}") for name in found)
    return [module for module in modules if hasattr(module, "__all__")]


def public_names():
    """Each public name, with the places where the reference may have it."""
    public = {name: getattr(cx, name) for name in cx.__all__}
    modules = {name: value for name, value in public.items() if inspect.ismodule(value)}
    places = {name: [f"cartoonx_widgets.{name}"] for name in public.keys() - modules.keys()}
    for package in subpackages():
        for name in package.__all__:
            if not name.isupper():
                places.setdefault(name, []).append(f"{package.__name__}.{name}")
    for home, module in modules.items():
        for name, value in inspect.getmembers(module, inspect.isfunction):
            if value.__module__ == module.__name__ and not name.startswith("_"):
                homes = (f"cartoonx_widgets.{home}", module.__name__)
                places.setdefault(name, []).extend(f"{one}.{name}" for one in homes)
    return places


def test_the_reference_has_every_public_name(site):
    text = "".join(page.read_text(encoding="utf-8") for page in (site / "docs" / "api").glob("*.html"))
    there = set(re.findall(r'<dt class="[^"]*"\s+id="([^"]+)"', text))
    assert not {name for name, places in public_names().items() if not there.intersection(places)}


def test_the_reference_explains_every_name(site):
    """An entry without a word under it is a public thing without a docstring."""
    text = "".join(page.read_text(encoding="utf-8") for page in (site / "docs" / "api").glob("*.html"))
    entries = re.findall(r'<dt class="[^"]*"\s+id="([^"]+)"(?:(?!</dt>).)*</dt>\s*<dd>(.*?)</dd>', text, re.DOTALL)
    assert entries
    assert not [name for name, words in entries if not re.sub(r"<[^>]*>", "", words).strip()]


def test_no_sentence_of_the_reference_is_taken_for_a_type(site):
    """What is before a colon in the first line of a property is its type to Sphinx, and is torn from the sentence."""
    pages = {page.name: page.read_text("utf-8") for page in (site / "docs" / "api").glob("*.html")}
    assert pages
    assert not [name for name, text in pages.items() if re.search(r'<dt class="field-\w+">Type<', text)]
