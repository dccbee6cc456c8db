"""The page code of the widgets: their modules joined into one each, their styles, and plotly.js."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PLOTLY = "plotly-4.1.1.js.gz"
"""The copy of plotly.js that the widgets draw with, which `scripts/renew_plotly.py` writes."""

_WIDGETS = files("cartoonx_widgets.widgets")
# For readers and checkers alone: comments that have lines of their own, and indentation (which HTML does
# not show, where a text spans lines).
_LEFT_OUT = re.compile(r"^ *(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/ *)\n|^ +", re.MULTILINE)
# The forms of import and export that can be joined; whatever else begins a line with these words is refused.
_IMPORT = re.compile(r'^import \{([\w\s,]+)\} from "(\.{1,2}/[\w./]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default (?=\S)", re.MULTILINE)
_REFUSED = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


@cache
def script(widget: str, entry: str = "main") -> str:
    """Join the module `page/<entry>.js` of a widget's folder with all that it imports.

    It is small: anywidget gives up on a module that is not there after two seconds.

    Raises:
        ValueError: a module that cannot be joined.
    """
    return joined(f"{widget}/page/{entry}.js", text)


@cache
def style(widget: str) -> str:
    """Return the style sheet of a widget: what all share, and its own where it has one."""
    own = sorted(file.name for file in _WIDGETS.joinpath(widget, "page").iterdir() if file.name.endswith(".css"))
    return "\n".join(map(text, ["shared/page/widget.css", *(f"{widget}/page/{name}" for name in own)]))


@cache
def library() -> bytes:
    """Return plotly.js (MIT) with scatter, bar and box, compressed by gzip, as one JavaScript expression."""
    return _WIDGETS.joinpath("shared", "plotly", PLOTLY).read_bytes()


def joined(entry: str, read: Callable[[str], str]) -> str:
    r"""Join ES modules into one, each in a scope of its own, in the order that their imports give.

    Args:
        entry: path of the module that is asked for; if it has a default export, so has the joined one.
        read: returns the text of a path, or raises FileNotFoundError.

    Raises:
        ValueError: a form of import or export that cannot be joined, a module or a name that is not there, or modules
            that import each other in a circle.

    >>> modules = {"page/a.js": 'import { b } from "./b.js";\n\nb();\n', "page/b.js": "export const b = () => 1;\n"}
    >>> print(joined("page/a.js", modules.__getitem__))
    // page/b.js
    const module0 = (() => {
    const b = () => 1;
    return { b };
    })();
    // page/a.js
    const module1 = (() => {
    const { b } = module0;
    b();
    return {};
    })();
    <BLANKLINE>
    """
    modules: dict[str, _Module] = {}
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules[path] = _parsed(path, read)
            waiting += modules[path].imports
    try:
        order = list(TopologicalSorter({path: module.imports for path, module in modules.items()}).static_order())
    except CycleError as error:
        raise ValueError(f"modules import each other in a circle: {' -> '.join(error.args[1])}") from error
    names = {path: f"module{index}" for index, path in enumerate(order)}
    parts = [_scoped(path, names, modules) for path in order]
    if "default: _default" in modules[entry].exports:
        parts.append(f"export default {names[entry]}.default;\n")
    return "".join(parts)


class _Module(NamedTuple):
    body: str
    imports: Mapping[str, str]  # the imported names as they are written, by the path of their module
    exports: tuple[str, ...]


def _parsed(path: str, read: Callable[[str], str]) -> _Module:
    try:
        text = read(path)
    except (FileNotFoundError, KeyError) as error:
        raise ValueError(f"{path}: there is no such module") from error
    folder = posixpath.dirname(path)
    imports: dict[str, str] = {}
    for found in _IMPORT.finditer(text):
        imports[posixpath.normpath(posixpath.join(folder, found[2]))] = " ".join(found[1].split()).rstrip(",")
    exports = [found[1] for found in _EXPORT.finditer(text)]
    body = _LEFT_OUT.sub("", _EXPORT.sub("", _IMPORT.sub("", text)))
    if _DEFAULT.search(body):
        exports.append("default: _default")
        body = _DEFAULT.sub("const _default = ", body, count=1)
    if refused := _REFUSED.search(body):
        raise ValueError(
            f'{path}: {refused[0]!r} cannot be joined; import by `import {{ name }} from "./file.js";`, and export '
            "functions, classes and constants where they are declared"
        )
    return _Module(body.strip("\n"), imports, tuple(exports))


def _scoped(path: str, names: Mapping[str, str], modules: Mapping[str, _Module]) -> str:
    """Return the module as a function that is called at once and returns what the module exports."""
    module = modules[path]
    taken = []
    for source, imported in module.imports.items():
        for name in re.split(r",\s*", imported):
            if name.partition(" as ")[0] not in modules[source].exports:
                raise ValueError(f"{path}: {source} does not export {name.partition(' as ')[0]}")
        taken.append(f"const {{ {imported.replace(' as ', ': ')} }} = {names[source]};\n")
    given = ", ".join(module.exports)
    returned = f"return {{ {given} }};" if given else "return {};"
    return f"// {path}\nconst {names[path]} = (() => {{\n{''.join(taken)}{module.body}\n{returned}\n}})();\n"


def text(path: str) -> str:
    """Return the text of a file below `widgets/`."""
    return _WIDGETS.joinpath(path).read_text("utf-8")
