"""What is compared: methods and baselines, by value or by name, and what each is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.explanations.method_specs import MethodLike, MethodSpec, method_spec
from cartoonx_widgets.masking.method import LARGE_STEPS, Method
from cartoonx_widgets.masking.methods import cartoonx_interactive, pixel_mask, waveletx_interactive

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST, MOST = 2, 6
_STEPS = 60  # of each by default: a quarter to a third of what our presets take
_INTERACTIVE = ", interactive"


def defaults() -> dict[str, MethodLike]:
    """Return three of our presets, with few steps on a CPU, and Grad-CAM where captum is installed."""
    found: dict[str, MethodLike] = {
        "CartoonX": cartoonx_interactive().replace(steps=_STEPS, on_gpu=LARGE_STEPS),
        "WaveletX": waveletx_interactive().replace(steps=_STEPS, on_gpu=LARGE_STEPS),
        "Pixel mask": pixel_mask().accelerated().replace(steps=_STEPS, on_gpu=LARGE_STEPS),
    }
    return found | {"Grad-CAM": "grad_cam"} if baselines.installed() else found


def specs_of(methods: Mapping[str, MethodLike] | Sequence[MethodLike] | None) -> list[MethodSpec]:
    """Return the specs of methods as a user gives them, in order; of the default ones for None.

    Where no label is given it is the method's name, without ", interactive"; where two would share it, the whole name,
    or the name with a number.

    Raises:
        TypeError: `methods`, or one of them, is none.
        ValueError: fewer than two or more than six, a name that does not exist, or a label that is no text.
        ModuleNotFoundError: Grad-CAM is asked for, and captum is not installed.
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
        return [method_spec(label, given, f"methods[{label!r}]") for label, given in methods.items()]
    found = [method_spec("", given, f"methods[{index}]") for index, given in enumerate(methods)]
    labels = _labels(spec.label for spec in found)
    return [spec._replace(label=label) for spec, label in zip(found, labels, strict=True)]


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
