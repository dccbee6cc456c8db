"""The methods that the explorer offers, and what changing one of their settings makes of the method that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets._checks import whole
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.widgets.explorer import settings

if TYPE_CHECKING:
    import torch

    from cartoonx_widgets.widgets.explorer.settings import ShownSetting


class MethodList:
    """The presets, and one method of the user's own, with the steps and samples that a device takes; one is taken.

    Args:
        method: that is taken.
        device: that runs them.

    Attributes:
        methods: in the order of the page's list; what follows the presets is the user's own.
        index: of the one that is taken, whose values are shown beside the current ones.
    """

    def __init__(self, method: Method, device: torch.device) -> None:
        self._device = device
        self.methods = [make().on(device) for make in PRESETS.values()]
        self.index = 0
        self.take(method)

    @property
    def taken(self) -> Method:
        """Return the method that was taken last."""
        return self.methods[self.index]

    def take(self, method: Method) -> None:
        """Take a method; one that is no preset replaces the user's own before it."""
        method = method.on(self._device)
        if method not in self.methods:
            self.methods[len(PRESETS) :] = [method]
        self.index = self.methods.index(method)

    def find(self, value: object) -> Method:
        """Return a method that is given by itself or by its name in the list.

        Raises:
            TypeError: it is neither.
        """
        named = {method.name: method for method in self.methods}
        method = named.get(value) if isinstance(value, str) else value
        if not isinstance(method, Method):
            raise TypeError(
                f"method={value!r} must be a Method, such as cartoonx_widgets.methods.cartoonx(), or one of "
                f"{', '.join(map(repr, named))}"
            )
        return method

    def at(self, index: int) -> Method:
        """Return the method at an index of the list.

        Raises:
            ValueError: there is none.
        """
        return self.methods[whole("method", index, least=0, most=len(self.methods) - 1)]

    def changed(self, method: Method, path: str, value: object, size: tuple[int, int]) -> Method:
        """Return a method with another value of one setting, named after the one that was taken.

        Args:
            method: that runs.
            path: of the setting, such as "representation.levels".
            value: of the setting.
            size: rows and columns of the photograph.

        Raises:
            ValueError: an unknown setting, or a value out of range.
        """
        preset = self.taken
        changed = settings.change(method, path, value, preset, size)
        same = changed.replace(name=preset.name) == preset
        return changed.replace(name=preset.name if same else f"{preset.name}, changed")

    def describe(self, method: Method, size: tuple[int, int]) -> list[ShownSetting]:
        """Return the settings of a method that apply, beside those of the one that was taken."""
        return settings.describe(method, self.taken, size)
