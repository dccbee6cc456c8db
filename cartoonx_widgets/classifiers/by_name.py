"""A classifier by its name on the command line: `--classifier nets:resnet`, from a module of the user's."""

from __future__ import annotations

import importlib
import operator
import re
import sys
from pathlib import Path

from cartoonx_widgets.classifiers.classifier import Classifier


def classifier_by_name(name: str) -> Classifier:
    """Import what is named, and call it where it is a function.

    Args:
        name: "module:function" or "module:classifier"; after the colon there may be dots. The module is looked for in
            the current folder first, as with `python -m`.

    Raises:
        ValueError: it cannot be imported, there is no such thing, or the function fails.
        TypeError: it is, or returns, no `Classifier`.
    """
    where = f"--classifier {name}"
    module, _, path = name.partition(":")
    if not re.fullmatch(r"\w+(\.\w+)*:\w+(\.\w+)*", name) or module.endswith(".py"):
        raise ValueError(
            f"{where}: module:function is needed, such as nets:resnet for the function resnet of nets.py in the "
            "current folder, without the ending .py"
        )
    home = str(Path.cwd())
    if home not in sys.path:
        sys.path.insert(0, home)
    try:
        found = importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"{where}: module {module} cannot be imported: {_described(error)}; it is looked for in {home} and among "
            "what is installed"
        ) from error
    try:
        made = operator.attrgetter(path)(found)
    except AttributeError as error:
        raise ValueError(f"{where}: {module} ({getattr(found, '__file__', None)}) has no {path}") from error
    if not isinstance(made, Classifier):
        remedy = "wrap the module in a cartoonx_widgets.Classifier, and return that"
        if not callable(made) or hasattr(made, "forward"):
            raise TypeError(f"{where}: {path} is of type {type(made).__name__}, and no function: {remedy}")
        try:
            made = made()
        except (Exception, SystemExit) as error:
            raise ValueError(f"{where}: calling {path}() failed: {_described(error)}") from error
        if not isinstance(made, Classifier):
            raise TypeError(f"{where}: {path}() returned {type(made).__name__}: {remedy}")
    return made


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
