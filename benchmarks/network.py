"""The default network at any size."""

from __future__ import annotations

from functools import cache

from report import SMALL

import cartoonx_widgets as cx

SIDE = 64 if SMALL else 224


@cache
def network(side: int = SIDE) -> cx.Classifier:
    """EfficientNet-Lite0 for pictures of this many pixels a side; it was trained on 224."""
    own = cx.efficientnet_lite0()
    if own.size == (side, side):
        return own
    settings = {"mean": 127 / 255, "std": 128 / 255, "size": side}
    return cx.Classifier(own._module, own.labels, name=own.name, **settings)  # type: ignore[arg-type]  # noqa: SLF001
