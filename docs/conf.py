"""How `make docs` builds these pages into a site, with Sphinx.

The pages are plain Markdown that is also read in the repository, so Sphinx' source folder is the repository itself:
links from `docs/` to the changelog or to measured tables lead to the same files in both. What Markdown alone does not
say is added here: the tables of contents, formulas as MathML, which a browser shows without a script, and pages to play
with in place of pictures, where `scripts/play.py` has written some.
"""  # noqa: INP001 - a folder of pages, no package

from __future__ import annotations

import html
import os
import posixpath
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

from cartoonx_widgets import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

project = "cartoonx_widgets"
author = "The cartoonx_widgets developers"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["docs/**", "benchmarks/results/*", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
exclude_patterns = [".*", "build", "dist", "cartoonx_widgets", "scripts", "tests"]  # not even looked into

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4  # by GitHub's rule
highlight_language = "none"
smartquotes = False

default_role = "py:obj"  # what docstrings have in backticks
suppress_warnings = ["ref.python"]  # two packages have a Frame, and a type is named without its package
add_module_names = False
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"cartoonx-widgets {version}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_copyright = False
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

# Pages to play with, each named after the picture that it takes the place of.
PLAY = Path(os.environ.get("CARTOONX_WIDGETS_PLAY", Path(__file__).parents[1] / "build" / "play"))
PICTURE = re.compile(r"^!\[([^]]*)\]\(images/([\w-]+)\.\w+\)$", re.MULTILINE)

# In these pages, what a row of a table begins with a link to lies below the page.
CONTENTS = ("docs/index", "docs/results", "docs/api/index")
FRACTION = re.compile(r"\\[dt]?frac(\d)(\d)")
ROW = re.compile(r"^\| \[[^]]+\]\(([^)#]+)\.(?:md|rst)\)", re.MULTILINE)


def add_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Append a table of contents that is not shown in the page, and would be in the repository."""
    if page in CONTENTS:
        below = [posixpath.normpath(posixpath.join(posixpath.dirname(page), link)) for link in ROW.findall(source[0])]
        source[0] += "\n".join(["\n```{toctree}", ":hidden:", "", *(f"/{name}" for name in below), "```\n"])


def add_pages_to_play(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put a page to play with in place of the picture of its name."""
    if page.startswith("docs/"):
        source[0] = PICTURE.sub(_frame, source[0])


def _frame(picture: re.Match[str]) -> str:
    name, alt = picture[2], html.escape(picture[1])
    if not (PLAY / f"{name}.html").exists():
        return picture[0]
    address = f"../play/{name}.html"
    return (
        f'```{{raw}} html\n<iframe class="play" src="{address}" title="{alt}" loading="lazy"></iframe>\n'
        f'<p class="play"><a href="{address}">Open it as a page of its own</a></p>\n```'
    )


def copy_pages_to_play(app: Sphinx, exception: Exception | None) -> None:
    """Put the pages to play with beside the others."""
    if exception is None and app.builder.format == "html" and PLAY.is_dir():
        shutil.copytree(PLAY, Path(app.outdir) / "play", dirs_exist_ok=True)


def inline_formula(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node))
    raise nodes.SkipNode


def formula(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula of its own."""
    translator.body.append(f'<div class="math">{mathml(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def mathml(node: nodes.Element, *, as_block: bool = False) -> str:
    """The formula as MathML, by docutils' own translation of LaTeX."""
    latex = FRACTION.sub(r"\\frac{\1}{\2}", node.astext())  # docutils takes the two digits for one number
    try:
        return tex2mathml(latex, as_block=as_block)
    except MathError as error:
        logging.getLogger(__name__).warning("%s: %s", latex, error, location=node)
        return ""


def leave_out_fields(
    _app: Sphinx, _what: str, _name: str, member: object, _skip: bool, _options: object
) -> bool | None:
    """Leave out the fields of named tuples, which are told of under Attributes."""
    return True if (getattr(member, "__doc__", None) or "").startswith("Alias for field number") else None


def add_first_page(app: Sphinx, exception: Exception | None) -> None:
    """Let the site's own address lead to its first page."""
    if exception is None and app.builder.format == "html":
        leads = f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={root_doc}.html"><title>{project}</title>\n'
        (Path(app.outdir) / "index.html").write_text(leads, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("autodoc-skip-member", leave_out_fields)
    app.connect("source-read", add_contents)
    app.connect("source-read", add_pages_to_play)
    app.connect("build-finished", add_first_page)
    app.connect("build-finished", copy_pages_to_play)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
