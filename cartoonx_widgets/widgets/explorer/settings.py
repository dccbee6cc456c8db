"""What a method lets one set, for the settings panel: names, symbols, ranges, one sentence each, and what applies.

A setting is named by its path in the method: "lambda_l1", or "representation.levels" for one of a part.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from cartoonx_widgets.masking.masks import FreeMask, GivenMask, SmoothMask, starts_by_gradient
from cartoonx_widgets.masking.method import STEERABLE
from cartoonx_widgets.masking.obfuscation import GaussianNoise, UniformNoise
from cartoonx_widgets.representations import Pixel
from cartoonx_widgets.widgets.explorer.setting_list import ONLY_WEIGHT, PARTS, SETTINGS, Kind, Setting

if TYPE_CHECKING:
    from cartoonx_widgets.masking import Method
# Left to the photograph's size where they are None.
_LEFT_OPEN = ("representation.levels", "representation.scales", "mask.sigma")


class ShownSetting(TypedDict):
    """A setting as the page shows it.

    Attributes:
        path: its place in the method.
        label: of its control.
        symbol: the papers' symbol, an index after "_"; "" without one.
        kind: of control; "log" is a number over powers of ten.
        low: least value of its slider.
        high: largest value of its slider.
        choices: of a choice.
        about: one sentence for a tooltip.
        steerable: whether it can be moved while a run plays; otherwise the run begins again.
        prominent: whether it is in the row above the panels.
        value: the current one.
        preset: that of the method which was chosen; null where it does not apply there.
    """

    path: str
    label: str
    symbol: str
    kind: Kind
    low: float
    high: float
    choices: tuple[str, ...]
    about: str
    steerable: bool
    prominent: bool
    value: float | str | bool
    preset: float | str | bool | None


_BY_PATH = {setting.path: setting for setting in SETTINGS}


def value(method: Method, path: str) -> Any:  # noqa: ANN401
    """Return the value of a setting; of a part, its name."""
    owner, _, name = path.rpartition(".")
    if owner:
        return getattr(getattr(method, owner), name)
    found = getattr(method, path)
    if path == "keep" and found is None:
        return 1.0
    if path not in PARTS:
        return found
    return next((name for name, kind in PARTS[path].items() if type(found) is kind), type(found).__name__)


def applies(method: Method, path: str) -> bool:
    """Return whether a setting means something for this method."""
    owner, _, name = path.rpartition(".")
    if owner:
        part = getattr(method, owner)
        if path == "mask.initial" and starts_by_gradient(part):
            return False
        known = type(part) in PARTS[owner].values() and not isinstance(part, GivenMask)
        return known and name in {field.name for field in dataclasses.fields(part)}
    on_pixels = isinstance(method.representation, Pixel)
    return {
        "lambda_tv": on_pixels,
        "lambda_area": method.area is not None,
        "area": method.area is not None,
        "keep": not isinstance(method.mask, SmoothMask),
        "samples": method.obfuscation.random,
        "clean_fraction": method.obfuscation.random and method.samples > 1,
    }.get(path, True)


def describe(method: Method, preset: Method, size: tuple[int, int] | None = None) -> list[ShownSetting]:
    """Return the settings that apply, with their values now and those of the preset, as the page shows them.

    A number that is left to the photograph's `size` is shown as what it comes to there.
    """
    shown: list[ShownSetting] = []
    for setting in SETTINGS:
        if not applies(method, setting.path):
            continue
        now = value(method, setting.path)
        published = value(preset, setting.path) if applies(preset, setting.path) else None
        high = setting.high
        if setting.path in _LEFT_OPEN and size is not None:
            high = _most(method, setting, size) if setting.kind == "whole" else high
            by_itself = _by_itself(method, setting.path, size)
            now = by_itself if now is None else now
            published = by_itself if published is None and applies(preset, setting.path) else published
        known = _choices(method, setting)
        choices = known if now in known or setting.kind != "choice" else (*known, now)
        shown.append(
            {
                **dataclasses.asdict(setting),  # type: ignore[typeddict-item]  # its fields have the same names
                "high": high,
                "choices": choices,
                "steerable": setting.steerable,
                # A row of its own for what the method is about; the rest stands in the panel.
                "prominent": setting.steerable and bool(published),
                "value": _plain(now),
                "preset": _plain(published),
            }
        )
    return shown


def change(
    method: Method,
    path: str,
    new: Any,  # noqa: ANN401
    preset: Method | None = None,
    size: tuple[int, int] | None = None,
) -> Method:
    """Return the method with another value of one setting; what then no longer fits is set back.

    A part that is the preset's own kind is the preset's own, and a number that the preset leaves to the photograph's
    `size` is left to it again where it is what it comes to.

    Raises:
        ValueError: an unknown setting, or a value out of range.
    """
    if path not in _BY_PATH:
        raise ValueError(f"{path!r} is no setting; choose one of {', '.join(_BY_PATH)}")
    if not applies(method, path):
        raise ValueError(f"{path}={new!r} does not apply to this method")
    new = _typed(_BY_PATH[path], new)
    owner, _, name = path.rpartition(".")
    if path in _LEFT_OPEN:
        left_open = preset is not None and applies(preset, path) and value(preset, path) is None
        if left_open and size is not None and new == _by_itself(method, path, size):
            new = None
        return _with_number(method, path, new)
    if owner:
        return method.replace(**{owner: dataclasses.replace(getattr(method, owner), **{name: new})})
    if path == "keep":
        return _with_budget(method, new, preset)
    return _with_part(method, path, new, preset) if path in PARTS else method.replace(**{path: new})


def _with_part(method: Method, path: str, new: str, preset: Method | None) -> Method:
    """Return the method with a part of another kind; the preset's own where that is its kind."""
    if new == value(method, path):
        return method
    if preset is not None and new == value(preset, path):
        return _fitting(method.replace(**{path: getattr(preset, path)}), path, preset)
    if new not in _choices(method, _BY_PATH[path]):
        allowed = ", ".join(map(repr, _choices(method, _BY_PATH[path])))
        raise ValueError(f"{path}={new!r} must be one of {allowed}")
    keep = {"keep": None} if new == "smooth" else {}  # which has an area
    return _fitting(method.replace(**{path: PARTS[path][new]()}, **keep), path, preset)


def _with_budget(method: Method, keep: float, preset: Method | None) -> Method:
    """Return the method with a budget in place of the l1 penalty, or with that again where the budget is 1."""
    if keep != 1:
        return method.replace(keep=keep, lambda_l1=0.0)
    by_itself = ONLY_WEIGHT if preset is None or preset.keep is not None else preset.lambda_l1
    return method.replace(keep=None, lambda_l1=method.lambda_l1 or by_itself)


def _fitting(method: Method, path: str, preset: Method | None) -> Method:
    """Return a method whose part at `path` is new, with what no longer fits it set back."""
    if preset is not None and method.representation == preset.representation and path == "representation":
        return method.replace(mask=preset.mask, obfuscation=preset.obfuscation)
    if path == "representation":
        method = method.replace(lambda_tv=0.0)
        if not isinstance(method.mask, FreeMask):
            method = method.replace(mask=FreeMask(), lambda_area=0.0, area=None)
        if not any(getattr(method, name) for name in STEERABLE if name.startswith("lambda")):
            method = method.replace(lambda_l1=ONLY_WEIGHT)
    noise = method.obfuscation
    own = preset is not None and noise == preset.obfuscation
    if path in ("representation", "obfuscation") and not own and isinstance(noise, GaussianNoise | UniformNoise):
        # Noise of its own for each colour costs three times as much, which the redundant transforms make felt.
        suited = type(noise)(per="band", colours="shared") if method.representation.redundant else type(noise)()
        method = method.replace(obfuscation=suited, samples=max(2, method.samples))
    return method


def _by_itself(method: Method, path: str, size: tuple[int, int]) -> float:
    """Return what a number that is left open comes to at a size."""
    found: float = value(_with_number(method, path, None).resolved(size), path)
    return found


def _most(method: Method, setting: Setting, size: tuple[int, int]) -> float:
    """Return the largest number, within its slider, that a size allows."""
    for number in range(int(setting.high), int(setting.low), -1):
        try:
            _with_number(method, setting.path, number).resolved(size)
        except ValueError:
            continue
        return number
    return setting.low


def _with_number(method: Method, path: str, number: float | None) -> Method:
    """Return the method with another number, or none, for what can be left open."""
    owner, _, name = path.rpartition(".")
    settings = {name: number} | ({"shear_levels": None} if name == "scales" else {})
    return method.replace(**{owner: dataclasses.replace(getattr(method, owner), **settings)})


def _plain(found: Any) -> Any:  # noqa: ANN401
    """Return a value that JSON has."""
    return found.item() if isinstance(found, np.generic) else found


def _choices(method: Method, setting: Setting) -> tuple[str, ...]:
    if setting.path != "mask":
        return setting.choices
    smooth = ("smooth",) if isinstance(method.representation, Pixel) else ()
    given = ("given",) if isinstance(method.mask, GivenMask) else ()
    return ("free", *smooth, *given)


def _typed(setting: Setting, new: Any) -> Any:  # noqa: ANN401
    """Return the value as the setting's type: JSON has one type of number."""
    if setting.kind == "whole" and isinstance(new, float) and new.is_integer():
        return int(new)
    return new
