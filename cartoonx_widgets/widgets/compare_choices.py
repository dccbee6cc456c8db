"""What is compared: methods and baselines, by value or by name, and what each is called."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cartoonx_widgets import baselines
from cartoonx_widgets.masking.explanation import Explanation
from cartoonx_widgets.masking.masks import GivenMask
from cartoonx_widgets.masking.methods import (
    PRESETS,
    Method,
    cartoonx_interactive,
    pixel_mask,
    waveletx_interactive,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Choice: TypeAlias = Method | str | Callable[..., Method | Explanation]
LEAST, MOST = 2, 6
_STEPS = 60  # of each by default: a quarter to a third of what our presets take
_INTERACTIVE = ", interactive"
_TITLES = {"integrated_gradients": "Integrated gradients", "grad_cam": "Grad-CAM", "occlusion": "Occlusion"}


class Entry(NamedTuple):
    """One of those that are compared.

    Attributes:
        label: what it is called.
        method: that is optimised; None for a baseline.
        make: of a baseline: makes its explanation of an image, by `classifier` and `target`.
    """

    label: str
    method: Method | None
    make: Callable[..., Explanation] | None


def defaults() -> dict[str, Choice]:
    """Ours with few steps, and Grad-CAM where captum is installed."""
    found: dict[str, Choice] = {
        "CartoonX": cartoonx_interactive(steps=_STEPS),
        "WaveletX": waveletx_interactive(steps=_STEPS),
        "Pixel mask": pixel_mask().accelerated(steps=_STEPS),
    }
    return found | {"Grad-CAM": "grad_cam"} if baselines.installed() else found


def entries(methods: Mapping[str, Choice] | Sequence[Choice] | None) -> list[Entry]:
    """What is compared, in order.

    A label that is not given is the method's name, without ", interactive"; where two would share it, the whole name,
    or a number behind it.

    Raises:
        TypeError: something that is none of what can be compared.
        ValueError: fewer than two or more than six, a name that does not exist, or a label that is no text.
        ModuleNotFoundError: a baseline is asked for, and captum is not installed.
    """
    if methods is None:
        methods = defaults()
    if isinstance(methods, str | Method) or not isinstance(methods, Mapping | Sequence):
        raise TypeError(f"methods={methods!r} must be a list of two to six methods, or a dict from labels to methods")
    if not LEAST <= len(methods) <= MOST:
        raise ValueError(f"methods has {len(methods)} entries; from {LEAST} to {MOST} can be compared")
    if isinstance(methods, Mapping):
        for label in methods:
            if not isinstance(label, str) or not label.strip():
                raise ValueError(f"methods has the label {label!r}; a label must be a text that is not empty")
        return [_entry(label, choice, f"methods[{label!r}]") for label, choice in methods.items()]
    found = [_entry("", choice, f"methods[{place}]") for place, choice in enumerate(methods)]
    labels = _labels(entry.label for entry in found)
    return [entry._replace(label=label) for entry, label in zip(found, labels, strict=True)]


def explored(entry: Entry, explanation: Explanation | None) -> Method:
    """The method that the explorer opens with: the entry's own, or for a baseline a pixel mask that starts from it."""
    if entry.method is not None:
        return entry.method
    if explanation is None:
        raise ValueError(f"{entry.label} has not been run: play it first, then the explorer can begin from its mask")
    return pixel_mask().replace(name=f"Pixel mask from {entry.label}", mask=GivenMask(explanation.mask))


def _entry(label: str, choice: Choice, where: str) -> Entry:
    if isinstance(choice, str):
        choice = _named(choice, where)
    name = getattr(getattr(choice, "func", choice), "__name__", "")  # of a partial, what it is a part of
    if PRESETS.get(name) is choice:
        choice = PRESETS[name]()
    if isinstance(choice, Method):
        return Entry(label or choice.name, choice, None)
    if not callable(choice):
        raise TypeError(
            f"{where}={choice!r} must be a Method, such as methods.cartoonx(), one of the names {_known()}, or a "
            "function of (image, classifier=, target=) that returns an Explanation"
        )
    if choice in baselines.BASELINES.values() and not baselines.installed():
        raise ModuleNotFoundError(f"{where}={name!r} is computed by captum, which is not installed: pip install captum")
    return Entry(label or _TITLES.get(name, name) or "own", None, choice)  # type: ignore[arg-type]  # seen when it runs


def _named(name: str, where: str) -> Choice:
    known: dict[str, Choice] = {**PRESETS, **baselines.BASELINES}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{where}={name!r} must be one of {_known()}{hint}")


def _known() -> str:
    return ", ".join(map(repr, [*PRESETS, *baselines.BASELINES]))


def _labels(names: Iterable[str]) -> list[str]:
    whole = list(names)
    short = [name.removesuffix(_INTERACTIVE) for name in whole]
    shared = Counter(short)
    chosen = [name if shared[brief] > 1 else brief for name, brief in zip(whole, short, strict=True)]
    seen: Counter[str] = Counter()
    labels = []
    for name in chosen:
        seen[name] += 1
        labels.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return labels
