"""Every public name with its signature, as text: `python tests/signatures.py` writes tests/golden/signatures.txt anew.

What a class has counts as its own wherever in the package it is defined, and so does what its `__init__` sets; what
comes from another package does not. The text is the same for every version of Python.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from dataclasses import MISSING, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ForwardRef

import traitlets

import cartoonx_widgets as cx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SNAPSHOT = Path(__file__).parent / "golden" / "signatures.txt"
PACKAGE = cx.__name__


def written() -> str:
    """The whole snapshot."""
    seen: dict[int, str] = {}
    return "\n".join(line for module in modules() for line in described_module(module, seen)) + "\n"


def modules() -> Iterator[ModuleType]:
    """The package, the modules among its public names, and the packages in it that name what is public."""
    yield cx
    packages = (importlib.import_module(f"{PACKAGE}.{info.name}") for info in pkgutil.iter_modules(cx.__path__))
    found = {module.__name__: module for module in packages if hasattr(module, "__all__")}
    found |= {value.__name__: value for name in cx.__all__ if inspect.ismodule(value := getattr(cx, name))}
    yield from (found[name] for name in sorted(found))


def described_module(module: ModuleType, seen: dict[int, str]) -> Iterator[str]:
    """Each public name of a module; of what has been described before, only where."""
    for name in public(module):
        value = getattr(module, name)
        full = f"{module.__name__}.{name}"
        if inspect.ismodule(value):
            yield f"{full}: module {value.__name__}"
        elif callable(value) and id(value) in seen:
            yield f"{full}: as {seen[id(value)]}"
        else:
            seen[id(value)] = full
            yield from described(full, value)


def public(module: ModuleType) -> list[str]:
    """The names in `__all__`; without one the functions and classes that are defined there."""
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and callable(value) and getattr(value, "__module__", "") == module.__name__
    )


def described(name: str, value: Any) -> Iterator[str]:
    """A function, a class with what it has, or a constant."""
    if inspect.isclass(value):
        yield f"{name}: class{constructor(value)}"
        yield from (f"    {member}" for member in members(value))
    elif callable(value):
        yield f"{name}{signature(value)}"
    else:
        yield f"{name} = {value!r}"


def own_classes(kind: type) -> list[type]:
    """The class and those of its bases that are this package's."""
    return [base for base in kind.__mro__ if base.__module__.partition(".")[0] == PACKAGE]


def constructor(kind: type) -> str:
    """How an instance is made; empty where that is not the package's own way."""
    own = any({"__init__", "__new__"} & vars(base).keys() for base in own_classes(kind))
    return signature(kind).removesuffix(" -> None") if own and not getattr(kind, "_is_protocol", False) else ""


def members(kind: type) -> list[str]:
    """Public fields, attributes, properties, traits and methods, by name."""
    found: dict[str, str] = {}
    for base in reversed(own_classes(kind)):
        for name, annotation in vars(base).get("__annotations__", {}).items():
            found[name] = f"{name}: {typed(annotation)}"
        found.update((name, f"{name}: attribute") for name in attributes_set(base) if name not in found)
        for name, value in vars(base).items():
            if text := member(name, value):
                found[name] = text
            else:
                found.setdefault(name, f"{name}: attribute")
    if is_dataclass(kind):
        for field in fields(kind):
            found[field.name] += "" if field.default is MISSING else f" = {default(field.default)}"
    return [text for name, text in sorted(found.items()) if name == "__call__" or not name.startswith("_")]


def member(name: str, value: Any) -> str:
    """A property, trait or method in the body of a class; empty for what is none."""
    if isinstance(value, property | cached_property):
        getter = value.fget if isinstance(value, property) else value.func
        kind = "settable property" if isinstance(value, property) and value.fset else "property"
        return f"{name}: {kind}{signature(getter).partition(')')[2]}"
    if isinstance(value, traitlets.TraitType):
        kind = " ".join(
            word for word in ("read_only", "sync") if getattr(value, word, False) or value.metadata.get(word)
        )
        return f"{name}: trait {type(value).__name__} {kind}".strip()
    if isinstance(value, classmethod | staticmethod):
        return f"{name}: {type(value).__name__} {signature(value.__func__)}"
    return f"{name}{signature(value)}" if inspect.isfunction(value) else ""


def attributes_set(kind: type) -> Iterator[str]:
    """The attributes that the `__init__` of a class sets, but for a dataclass's, which no file holds."""
    made = vars(kind).get("__init__")
    if made is None or is_dataclass(kind) or not inspect.isfunction(made):
        return
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(made)))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield node.attr


def signature(value: Any) -> str:
    """Parameters and result, with the annotations as they are written."""
    found = inspect.signature(value)
    parts: list[str] = []
    keyword_only = False
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            parts.append("*")
        keyword_only |= parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        annotated = "" if parameter.annotation is parameter.empty else f": {typed(parameter.annotation)}"
        preset = "" if parameter.default is parameter.empty else f" = {default(parameter.default)}"
        parts.append(f"{stars}{parameter.name}{annotated}{preset}")
    result = "" if found.return_annotation is found.empty else f" -> {typed(found.return_annotation)}"
    return f"({', '.join(parts)}){result}"


def default(value: Any) -> str:
    """A default as text; an object by its kind, since its address differs from run to run."""
    return f"<{type(value).__name__}>" if " at 0x" in repr(value) else repr(value)


def typed(annotation: Any) -> str:
    """An annotation as text."""
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


if __name__ == "__main__":
    SNAPSHOT.write_text(written(), "utf-8", newline="\n")
