"""Write the types of the page's code, `page/messages.d.ts` of each widget, from the TypedDicts in its `messages.py`."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import re
import types
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NotRequired,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import cartoonx_widgets

if TYPE_CHECKING:
    from collections.abc import Callable

WIDGETS = Path(cartoonx_widgets.__file__).parent / "widgets"
_PACKAGE = "cartoonx_widgets.widgets"
_HEAD = "// Written by scripts/page_types.py from ../messages.py: change that, and run the script."
_LINE = 120  # characters, as the formatter has it
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "unknown"}
_TypedDict: TypeAlias = Any  # there is no type of TypedDict classes


def written() -> dict[Path, str]:
    """Return the text of each file, by its path."""
    folders = sorted(path.parent.name for path in WIDGETS.glob("*/messages.py"))
    return {WIDGETS / folder / "page" / "messages.d.ts": _file(folder) for folder in folders}


def _file(folder: str) -> str:
    module = importlib.import_module(f"{_PACKAGE}.{folder}.messages")
    own = [one for one in vars(module).values() if is_typeddict(one) and _home(one) in (folder, "")]
    bases = _bases(module)
    imported: dict[str, set[str]] = {}

    def named(one: _TypedDict) -> str:
        name: str = one.__name__
        if (home := _home(one)) not in (folder, ""):
            imported.setdefault(home, set()).add(name)
        return name

    unions = [name for name in ("ToPage", "FromPage") if hasattr(module, name)]
    parts = [
        *(_interface(one, bases.get(one.__name__, []), named) for one in own),
        *(
            "\n  | ".join([f"export type {name} =", *map(named, get_args(getattr(module, name)))]) + ";"
            for name in unions
        ),
    ]
    imports = [_import(names, source) for source, names in sorted(imported.items())]
    return "\n\n".join([_HEAD, *(["\n".join(imports)] if imports else []), *parts]) + "\n"


def _home(one: _TypedDict) -> str:
    """The folder whose messages a TypedDict belongs to; "" where it is described in another module."""
    found = re.fullmatch(rf"{_PACKAGE}\.(\w+)\.messages", one.__module__)
    return found[1] if found else ""


def _bases(module: types.ModuleType) -> dict[str, list[_TypedDict]]:
    """What each class of a module inherits from, which a TypedDict itself does not tell."""
    return {
        node.name: [functools.reduce(getattr, ast.unparse(base).split("."), module) for base in node.bases]
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
    }


def _import(names: set[str], folder: str) -> str:
    source = f'from "../../{folder}/page/messages.d.ts";'
    short = f"import type {{ {', '.join(sorted(names))} }} {source}"
    if len(short) <= _LINE:
        return short
    return "\n".join(["import type {", *(f"  {name}," for name in sorted(names)), f"}} {source}"])


def _interface(one: _TypedDict, bases: list[_TypedDict], named: Callable[[_TypedDict], str]) -> str:
    """One TypedDict as an interface, with its docstring as comments."""
    about, attributes = _documented(inspect.getdoc(one) or "")
    bases = [base for base in bases if is_typeddict(base)]
    inherited = set().union(*(get_type_hints(base) for base in bases))
    lines = []
    for name, hint in get_type_hints(one, include_extras=True).items():
        if name in inherited:
            continue
        if name in attributes:
            lines += _comment(attributes[name], "  ")
        optional = get_origin(hint) is NotRequired
        allowed = get_args(hint)[0] if optional else hint
        lines.append(f"  {name}{'?' if optional else ''}: {_type(allowed, named)};")
    extended = f" extends {', '.join(map(named, bases))}" if bases else ""
    return "\n".join([*_comment(about, ""), f"export interface {one.__name__}{extended} {{", *lines, "}"])


def _documented(docstring: str) -> tuple[str, dict[str, str]]:
    """What a docstring says of the whole, and of each attribute."""
    about, _, listed = docstring.partition("\n\nAttributes:\n")
    found = re.findall(r"^    (\w+): (.+(?:\n     .+)*)", listed, re.MULTILINE)
    return about, {name: re.sub(r"\n\s+", "\n", text) for name, text in found}


def _comment(text: str, indent: str) -> list[str]:
    lines = text.splitlines()
    if len(lines) == 1:
        return [f"{indent}/** {text} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


def _type(hint: Any, named: Callable[[_TypedDict], str]) -> str:  # noqa: ANN401 - a type of any form
    """A type as TypeScript writes it.

    Raises:
        TypeError: a form that no message has needed so far.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint) or hint in _PLAIN:
        return _PLAIN.get(hint) or named(hint)
    if origin is Literal:
        return " | ".join(map(json.dumps, arguments))
    inner = [_type(one, named) for one in arguments if one is not ...]
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(inner))
    if origin is list or (origin is tuple and arguments[-1] is ...):
        return f"({inner[0]})[]" if " | " in inner[0] else f"{inner[0]}[]"
    if origin is tuple:
        return f"[{', '.join(inner)}]"
    if origin is dict:
        return f"Record<{', '.join(inner)}>"
    raise TypeError(f"{hint!r} has no form in TypeScript yet; add it to _type")


def main() -> None:
    """Write the files anew, and name those that have changed."""
    for path, text in written().items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            print(path.relative_to(WIDGETS.parents[1]))


if __name__ == "__main__":
    main()
