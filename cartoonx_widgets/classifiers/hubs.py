"""Read from a model of torchvision, timm or transformers the arguments of a `Classifier`.

None of the three is imported here: an object that carries its preprocessing comes from a library that is there already.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from torch import nn

from cartoonx_widgets.classifiers.copying import unwrapped
from cartoonx_widgets.classifiers.preprocessing import BY_TRANSFORM, LibraryFit, ReversedColours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image
    from torch import Tensor

    from cartoonx_widgets.classifiers.preprocessing import PictureTransform

Made = TypeVar("Made")

_PILLOW = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}
_TIMM_RESIZE = {"center": "crop", "squash": "squash", "border": "pad"}


@dataclass(frozen=True)
class _ProcessorTransform:
    """A processor of transformers as a function of one picture."""

    processor: Any

    @property
    def __name__(self) -> str:
        return type(self.processor).__name__

    def __call__(self, picture: Image.Image) -> Tensor:
        pictures: Tensor = self.processor(images=picture, return_tensors="pt")["pixel_values"]
        return pictures[0]


@dataclass(frozen=True)
class _Fitting:
    """A library's transform, and the arguments of `Classifier` that fit pictures alike, where they are known."""

    transform: PictureTransform
    words: Mapping[str, Any] | None = None


def make(kind: Callable[..., Made], model: nn.Module, source: object, overrides: Mapping[str, Any]) -> Made:
    """Make the `Classifier` of a model, from what the model and `source` carry, and `overrides`.

    Args:
        kind: `Classifier`, or a class of that kind.
        model: a model of torchvision, timm or transformers, or one that is used like theirs.
        source: weights of torchvision, an image processor of transformers, or a transform from a PIL picture to what
            the model sees; None where the model carries its preprocessing itself, as timm's do.
        overrides: arguments of `Classifier` that take the place of what is found.

    Raises:
        TypeError: `model` is not a module.
        ValueError: neither carries what is needed, `source` is of a kind that cannot be used, or the labels are of
            another number than the model's outputs.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is of type {type(model).__name__}, not a torch.nn.Module: make the network first")
    model, _ = unwrapped(model)
    fitting = _fitting(model, source)
    found: dict[str, Any] = {"transform": fitting.transform}
    network = model
    if given := [argument for argument in BY_TRANSFORM if argument in overrides]:
        measured = LibraryFit.measure(fitting.transform)
        found = {"name": type(model).__name__, **_in_words(fitting, measured, given)}
        network = ReversedColours(model) if measured.reverses_colours else model
    config = getattr(model, "config", None)
    if (labels := _labels(model, source)) is not None:
        found["labels"] = labels
    if _is_multi_label(config):
        found["activation"] = "sigmoid"
    if getattr(config, "problem_type", None) == "regression" and "activation" not in overrides:
        raise ValueError(
            f"model {type(model).__name__} is a regression by its config.problem_type and has no classes: give "
            'activation="softmax" or "sigmoid" where its outputs are logits all the same'
        )
    try:
        return kind(network, **{**found, **overrides})
    except ValueError as error:
        if "labels" in found.keys() - overrides.keys() and str(error).startswith("labels"):
            raise ValueError(
                f"{error}. They come from {_origin(source, model)}: give what belongs to this model, or labels= of "
                "your own (None for numbers)"
            ) from error
        raise


def _fitting(model: nn.Module, source: object) -> _Fitting:
    if source is None:
        if (config := _timm_config(model)) is not None:
            return _fitting_of_timm(config)
        raise ValueError(
            f"model {type(model).__name__} does not carry its preprocessing. Give it as the second argument: "
            "torchvision's weights (ResNet50_Weights.DEFAULT), transformers' image processor "
            "(AutoImageProcessor.from_pretrained(name)), or a transform from a PIL picture to a tensor; "
            "or say it in words: Classifier(model, labels, size=224, mean=..., std=...)"
        )
    if isinstance(source, type):
        raise TypeError(f"weights_or_processor={source.__name__} is a class: give one of it, as {_example(source)}")
    if callable(transforms := getattr(source, "transforms", None)):  # weights of torchvision
        return _fitting_of_transform(transforms())
    processor = getattr(source, "image_processor", source)  # of pictures and text together, as CLIP's
    if callable(getattr(processor, "preprocess", None)):
        return _fitting_of_processor(processor)
    if callable(source):
        return _fitting_of_transform(source)
    raise ValueError(
        f"weights_or_processor={source!r} is neither weights of torchvision (ResNet50_Weights.DEFAULT), nor an image "
        "processor of transformers (AutoImageProcessor.from_pretrained(name)), nor a transform from a PIL picture to a "
        "tensor (3, H, W)"
    )


def _example(kind: type) -> str:
    return f"{kind.__name__}.DEFAULT" if hasattr(kind, "DEFAULT") else f"{kind.__name__}()"


def _fitting_of_transform(transform: PictureTransform) -> _Fitting:
    """Return a transform, and what the presets of torchvision's weights call what it does."""
    interpolation = getattr(getattr(transform, "interpolation", None), "value", None)
    kept, resized = (_side(getattr(transform, name, None)) for name in ("crop_size", "resize_size"))
    if not (interpolation and kept and resized):
        return _Fitting(transform)
    return _Fitting(transform, {"crop": kept / resized, "resize": "crop", "interpolation": interpolation})


def _timm_config(model: nn.Module) -> Mapping[str, Any] | None:
    config = getattr(model, "pretrained_cfg", None)
    return config if isinstance(config, Mapping) and "timm" in sys.modules else None


def _fitting_of_timm(config: Mapping[str, Any]) -> _Fitting:
    data = importlib.import_module("timm.data")
    # Networks that bear other sizes are tested at one of their own, mostly larger than that of the training.
    resolved = data.resolve_data_config(pretrained_cfg=dict(config), use_test_size=not config.get("fixed_input_size"))
    words = {
        "crop": resolved["crop_pct"],
        "resize": _TIMM_RESIZE.get(resolved["crop_mode"], "crop"),
        "interpolation": resolved["interpolation"],
    }
    return _Fitting(data.create_transform(**resolved, is_training=False), words)


def _fitting_of_processor(processor: Any) -> _Fitting:  # noqa: ANN401 - of some class of transformers
    size, crop_size = (_edges(getattr(processor, name, None)) for name in ("size", "crop_size"))
    crop = getattr(processor, "crop_pct", None) or 1.0
    if getattr(processor, "do_center_crop", False) and (kept := _side(crop_size)) and (resized := _side(size)):
        crop = kept / resized
    resample = getattr(processor, "resample", None)
    words = {
        "crop": crop,
        "resize": "squash" if "height" in size else "crop",
        "interpolation": _PILLOW.get(2 if resample is None else int(resample)),
    }
    return _Fitting(_ProcessorTransform(processor), words)


def _edges(size: Any) -> dict[str, int]:  # noqa: ANN401 - a number, or one of the mappings of transformers
    return {"shortest_edge": size} if isinstance(size, int) else dict(size or {})


def _side(size: object) -> int | None:
    """Return the shorter side of a size: a number, a list, or a mapping of edges."""
    if isinstance(size, dict):
        size = [size[key] for key in ("height", "width", "shortest_edge") if size.get(key)]
    if isinstance(size, list | tuple):
        return min(size, default=None)
    return size if isinstance(size, int) else None


def _in_words(fitting: _Fitting, measured: LibraryFit, given: Sequence[str]) -> dict[str, Any]:
    """Return the arguments that come nearest to a transform, where some of them are given anew."""
    if fitting.words is None:
        raise ValueError(
            f"{'=, '.join(given)}= cannot be given beside a transform that does not tell how it fits pictures: change "
            "the transform, or say all in words: Classifier(model, labels, size=..., mean=..., std=...)"
        )
    crop = min(1.0, fitting.words["crop"])
    words = {"mean": measured.mean, "std": measured.std, "channels": measured.channels, "size": measured.size}
    return {**words, **fitting.words, "crop": crop}


def _is_multi_label(config: object) -> bool:
    """Return whether transformers gives each label a probability of its own, as its pipeline for images does."""
    problem = getattr(config, "problem_type", None)
    return problem == "multi_label_classification" or (problem is None and getattr(config, "num_labels", None) == 1)


def _origin(source: object, model: nn.Module) -> str:
    return str(source) if hasattr(source, "meta") else f"what {type(model).__name__} carries"


def _labels(model: nn.Module, source: object) -> list[str] | None:
    """Return the names of the classes, by the weights, by the model's config, or by the data set of timm's weights."""
    if isinstance(meta := getattr(source, "meta", None), Mapping) and "categories" in meta:
        return list(meta["categories"])
    if isinstance(names := getattr(getattr(model, "config", None), "id2label", None), Mapping):
        return [names[index] for index in sorted(names, key=int)]
    config = _timm_config(model)
    if config is None or config.get("num_classes") != getattr(model, "num_classes", None):
        return None  # another head than that of the weights
    if names := config.get("label_names"):
        descriptions = config.get("label_descriptions") or {}
        return [descriptions.get(name, name) for name in names]
    data = importlib.import_module("timm.data")
    subset = data.infer_imagenet_subset(model)
    return data.ImageNetInfo(subset).label_descriptions() if subset else None
