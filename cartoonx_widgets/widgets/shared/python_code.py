"""The Python code that makes what a widget shows: short, with only the settings that differ from a preset's."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cartoonx_widgets import images, masking, representations
from cartoonx_widgets.classifiers.default import is_default
from cartoonx_widgets.images import SAMPLES
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.messages import CodeMessage, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.masking.method import Method

_WIDTH = 88  # of a line, beyond which a call is broken
_OWN_PHOTOGRAPH = '"photo.jpg"'


class WritesPython(Widget):
    """A widget that can tell the code that makes what it shows."""

    def to_python(self) -> str:
        """Return Python code that makes what is shown, with only the settings that differ from a preset's.

        What it cannot name is left to fill in, with a comment: a photograph of your own is "photo.jpg", a classifier of
        your own `classifier`.
        """
        raise NotImplementedError

    def _shared_handlers(self) -> dict[str, Callable[..., object]]:
        return super()._shared_handlers() | {"code": self._send_code}

    def _send_code(self) -> None:
        content: CodeMessage = {"type": "code", "code": self.to_python()}
        self._send_message(Message(content, []))


class Script:
    """Code on its way: what it imports, and the names in it that the reader has to give a value."""

    def __init__(self) -> None:
        self._imports: dict[str, set[str]] = {}
        self._given: dict[str, str] = {}

    def imported(self, module: str, name: str) -> str:
        """Return a name, which is imported from a module."""
        self._imports.setdefault(module, set()).add(name)
        return name

    def given(self, name: str, what: str) -> str:
        """Return a name that the reader gives a value."""
        self._given[name] = what
        return name

    def text(self, *lines: str, imports: str = "") -> str:
        """Return the whole: imports, what is to be given, and these lines."""
        found = [imports] if imports else []
        found += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self._imports.items())]
        found.append("")
        found += [f"# {name}: {what}" for name, what in self._given.items()]
        return "\n".join([*found, *lines]) + "\n"

    def value(self, value: object, name: str) -> str:
        """Return an expression for a value; `name` is that of one which only its owner has."""
        if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
            return f'"{value}"' if isinstance(value, str) and value.isprintable() and '"' not in value else repr(value)
        if isinstance(value, tuple):
            inner = [self.value(one, name) for one in value]
            return f"({', '.join(inner)}{',' * (len(inner) == 1)})"
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.value(k, name)}: {self.value(v, name)}" for k, v in value.items()) + "}"
        for module in (representations, masking):
            kind = type(value).__name__
            if getattr(module, kind, None) is type(value) and dataclasses.is_dataclass(value):
                return f"{self.imported(module.__name__, kind)}({', '.join(self._fields(value))})"
        return self.given(name, "your own")

    def _fields(self, value: Any) -> list[str]:  # noqa: ANN401 - any frozen dataclass of ours
        found = []
        for field in dataclasses.fields(value):
            own = getattr(value, field.name)
            default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
            if own != default:
                found.append(f"{field.name}={self.value(own, field.name)}")
        return found

    def method(self, method: Method, device: torch.device) -> str:
        """Return an expression for a method that runs on a device: the nearest preset, and what differs from it."""
        differing = {name: _difference(make(), method, device) for name, make in PRESETS.items()}
        nearest = min(differing, key=lambda name: len(differing[name]))
        settings = [f"{name}={self.value(getattr(method, name), name)}" for name in differing[nearest]]
        return f"cx.methods.{nearest}()" + (f".replace({', '.join(settings)})" if settings else "")

    def classifier(self, classifier: Classifier) -> dict[str, str]:
        """Return the argument for a classifier; none for the default."""
        if is_default(classifier):
            return {}
        return {"classifier": self.given("classifier", f"your own, {classifier.name}")}

    def target(self, target: Target, classifier: Classifier, image: Tensor) -> dict[str, str]:
        """Return the argument for a target; none for the most probable class of an image, (1, 3, H, W)."""
        if callable(target):
            return {"target": self.given("score", "your function of the logits")}
        if isinstance(target, tuple):
            first, second = (self.value(_named(classifier, one), "target") for one in target)
            return {"target": f"({first}, {second})"}
        if target is None or classifier.class_index(target) == int(classifier.probabilities(image)[0].argmax()):
            return {}
        return {"target": self.value(_named(classifier, target), "target")}


def photograph(name: str, image: Tensor, fit: Callable[[Tensor], Tensor]) -> str:
    """Return an expression for a photograph: the name of a sample, if it is one, or that of a file of the reader's.

    Args:
        name: what it is called.
        image: as it is shown, in any shape.
        fit: makes the same of what was read.
    """
    if name in SAMPLES and bool((fit(images.sample(name)).cpu().reshape(-1) == image.cpu().reshape(-1)).all()):
        return f'"{name}"'
    return _OWN_PHOTOGRAPH


def call(function: str, *positional: str, **named: str) -> str:
    """Return a call, on one line where it fits and needs no comment."""
    arguments = [*positional, *(f"{name}={value}" for name, value in named.items())]
    line = f"{function}({', '.join(arguments)})"
    if _OWN_PHOTOGRAPH not in positional and len(line) <= _WIDTH:
        return line
    comments = {_OWN_PHOTOGRAPH: "  # your photograph"}
    inner = "".join(f"    {argument},{comments.get(argument, '')}\n" for argument in arguments)
    return f"{function}(\n{inner})"


def _difference(preset: Method, method: Method, device: torch.device) -> list[str]:
    """Return the names of the settings in which a method differs from a preset."""
    names = [field.name for field in dataclasses.fields(method) if field.name not in ("name", "on_gpu")]
    there = preset.on(device)
    found = [name for name in names if getattr(there, name) != getattr(method, name)]
    if {"steps", "samples"} & set(found):  # one of both that is given holds on every device, and so does the other
        found = [name for name in names if getattr(preset, name) != getattr(method, name)]
    return found


def _named(classifier: Classifier, target: int | str) -> int | str:
    """Return the label of a class where it names this one alone, else its index."""
    index = classifier.class_index(target)
    label = classifier.labels[index]
    try:
        return label if classifier.class_index(label) == index else index
    except ValueError:
        return index
