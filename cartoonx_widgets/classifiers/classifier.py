"""The classifier that is explained: any module from RGB images to logits, frozen."""

from __future__ import annotations

import copy
import difflib
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from cartoonx_widgets import images
from cartoonx_widgets.classifiers.folding import fold_batch_norms, fold_paddings, multiply_pointwise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.images import ImageSource

_MIN_CLASSES = 2
_PROBE_SIDE = 224


class ClassifierError(RuntimeError):
    """The classifier cannot be used, or returned something that cannot be explained."""


@dataclass(frozen=True)
class Prediction:
    """One class and its softmax probability in [0, 1]."""

    index: int
    label: str
    probability: float


def best_device() -> torch.device:
    """CUDA where there is one, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


class Classifier:
    """A frozen copy of a module, with its labels and its own normalisation inside.

    The module given is copied, never touched: its training flag, its parameters' `requires_grad` and its device
    stay as they are, and training it further does not change a `Classifier` made before.

    Args:
        module: maps images (B, 3, H, W) to logits (B, K), before any softmax.
        labels: the K class names; without them classes are called "class 0", "class 1", ...
        mean: per colour (or one for all), subtracted from images in [0, 1] before the module sees them.
        std: likewise, divides them; give neither where the module normalises its input itself.
        size: side of the square that the module expects, or (H, W); None takes images as they come.
        crop: share of the shorter side that is kept, centred, before resizing to `size`.
        device: where to run; by itself CUDA, else MPS, else the CPU.
        dtype: float32, or float64 to compare figures (slow, and not on MPS).
        name: what a reader should know it by; the module's class name by default.

    Raises:
        TypeError: `module` is not a `torch.nn.Module`.
        ValueError: labels, mean, std, size or crop out of range.
        ClassifierError: the module cannot be copied, or its output is not finite logits (B, K).

    >>> net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> Classifier(net, labels=["red", "green", "blue"], size=32, device="cpu").labels
    ('red', 'green', 'blue')
    """

    def __init__(
        self,
        module: nn.Module,
        labels: Sequence[str] | None = None,
        *,
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
        size: int | tuple[int, int] | None = None,
        crop: float = 1.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float32,
        name: str | None = None,
    ) -> None:
        if not isinstance(module, nn.Module):
            raise TypeError(f"module={module!r} is not a torch.nn.Module; wrap a function in one")
        self.name = name or type(module).__name__
        self.device = torch.device(device) if device is not None else best_device()
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype={dtype!r} must be torch.float32 or torch.float64")
        self.dtype = self._computes_in = dtype
        self.size = _checked_size(size)
        if not 0 < crop <= 1:
            raise ValueError(f"crop={crop!r} must be above 0 and at most 1")
        self.crop = crop
        with torch.inference_mode(mode=False):
            self._mean = self._per_colour("mean", mean, default=0.0)
            self._std = self._per_colour("std", std, default=1.0)
        if not (self._std > 0).all():
            raise ValueError(f"std={std!r} must be above 0 for every colour")
        with torch.inference_mode(mode=False):
            self._module = _frozen_copy(module).to(self.device, dtype)
            for tensor in (*self._module.parameters(), *self._module.buffers()):
                if tensor.ndim == 4:  # noqa: PLR2004 - kernels of convolutions, which run faster so
                    tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
            self.n_classes = self._probe()
        self.labels = self._checked_labels(labels)

    def __repr__(self) -> str:
        return f"Classifier({self.name}, {self.n_classes} classes, size={self.size}, device={str(self.device)!r})"

    def __call__(self, image: Tensor) -> Tensor:
        """Logits (B, K) of images (B, 3, H, W) in [0, 1]; differentiable in the images alone."""
        logits: Tensor = self._module(self._normalise(image).to(self._computes_in)).to(self.dtype)
        if logits.shape != (len(image), self.n_classes):
            raise ClassifierError(
                f"{self.name} returned shape {tuple(logits.shape)} for {len(image)} images, where it returned "
                f"{self.n_classes} logits for each before: check its forward"
            )
        return logits

    def in_bfloat16(self) -> Classifier:
        """The same classifier with its layers in bfloat16, for a GPU; images and logits stay in its `dtype`."""
        half = copy.copy(self)
        half._module = copy.deepcopy(self._module).to(torch.bfloat16)  # noqa: SLF001 - our own
        half._computes_in = torch.bfloat16  # noqa: SLF001
        return half

    @property
    def module(self) -> nn.Module:
        """The frozen copy that is explained, for hooks on its parts; it sees normalised images. To be left as it is."""
        return self._module

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the parts with weights of their own, as the module registers them, the output's last."""
        return tuple(name or self.name for name, _ in self._layers())

    def with_random_weights(self, count: int, *, seed: int = 0) -> Classifier:
        """The same classifier with random weights in its last `count` layers.

        Each weight is drawn anew from a normal distribution with the mean and the deviation of the tensor that it is
        part of, so that the sizes of what the layers pass on stay about as they were.

        Raises:
            ValueError: `count` is no number of layers.
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= len(self.layers):
            raise ValueError(f"count={count!r} must be a whole number from 0 to {len(self.layers)}, of all layers")
        changed = copy.copy(self)
        changed._module = copy.deepcopy(self._module)  # noqa: SLF001 - our own
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            layers = changed._layers()  # noqa: SLF001
            for _, layer in reversed(layers[len(layers) - count :]):
                for weights in layer.parameters(recurse=False):
                    draws = torch.randn(weights.shape, generator=generator, dtype=torch.float32).to(weights)
                    weights.copy_(draws * weights.std(correction=0) + weights.mean())
        changed.name = f"{self.name}, {count} layers randomised" if count else self.name
        return changed

    def _layers(self) -> list[tuple[str, nn.Module]]:
        parts = self._module.named_modules()
        return [(name, part) for name, part in parts if next(part.parameters(recurse=False), None) is not None]

    def _normalise(self, image: Tensor) -> Tensor:
        return (image - self._mean) / self._std

    def probabilities(self, image: Tensor) -> Tensor:
        """Softmax probabilities (B, K) of images (B, 3, H, W) in [0, 1], without a gradient.

        Raises:
            ClassifierError: they are not finite.
        """
        with torch.no_grad():
            probabilities = self(image).softmax(-1)
        if not torch.isfinite(probabilities).all():
            raise ClassifierError(f"{self.name} returned NaN or infinite logits for this image: check its weights")
        return probabilities

    def prepare(self, image: ImageSource) -> Tensor:
        """Read an image and fit it to the classifier: (1, 3, H, W) in [0, 1] on its device.

        Raises:
            ImageError: it cannot be read, or is too small or too large.
        """
        return images.fit(images.read(image), self.size, self.crop)[None].to(self.device, self.dtype)

    def class_index(self, target: int | str) -> int:
        """The index of a class given by its index or its label (case does not matter).

        Raises:
            ValueError: there is no such class; the message names the closest labels.
            TypeError: neither a whole number nor a string.
        """
        if isinstance(target, str):
            return self._label_index(target)
        try:
            index = int(target.__index__())
        except (AttributeError, TypeError):
            raise TypeError(f"target={target!r} must be a class index or a label") from None
        if isinstance(target, bool):
            raise TypeError(f"target={target!r} must be a class index or a label")
        if not 0 <= index < self.n_classes:
            raise ValueError(f"target={index} is not a class of {self.name}: use 0 to {self.n_classes - 1}, or a label")
        return index

    def top(self, probabilities: Tensor, k: int = 5) -> list[Prediction]:
        """The k most probable classes of one image's probabilities (K,), the most probable first."""
        values, indices = probabilities.topk(min(k, self.n_classes))
        return [
            Prediction(index, self.labels[index], value)
            for index, value in zip(indices.tolist(), values.tolist(), strict=True)
        ]

    def _label_index(self, label: str) -> int:
        folded = {name.casefold(): index for index, name in reversed(list(enumerate(self.labels)))}
        index = folded.get(label.strip().casefold())
        if index is not None:
            return index
        near = difflib.get_close_matches(label.casefold(), folded, n=3, cutoff=0.5)
        near += [name for name in folded if label.casefold() in name and name not in near][: 3 - len(near)]
        names = ", ".join(repr(self.labels[folded[name]]) for name in near)
        hint = f"the closest are {names}" if near else "see the classifier's labels"
        raise ValueError(f"target={label!r} is not a class of {self.name}; {hint}")

    def _per_colour(self, argument: str, value: float | Sequence[float] | None, default: float) -> Tensor:
        try:
            tensor = torch.as_tensor(default if value is None else value, dtype=torch.float64).flatten()
        except (TypeError, ValueError):
            tensor = torch.empty(0)
        if len(tensor) not in (1, 3) or not torch.isfinite(tensor).all():
            raise ValueError(f"{argument}={value!r} must be one finite number or three, for red, green and blue")
        return tensor.reshape(1, -1, 1, 1).to(self.dtype).to(self.device)

    def _probe(self) -> int:
        """Fold and run the module on a grey image: the number of classes, or what is wrong with its output."""
        height, width = self.size or (_PROBE_SIDE, _PROBE_SIDE)
        grey = torch.full((2, 3, height, width), 0.5, device=self.device, dtype=self.dtype)
        try:
            with torch.no_grad():
                noise = torch.rand(grey.shape, generator=torch.Generator().manual_seed(0))
                example = self._normalise(noise.to(grey))
                fold_batch_norms(self._module, example)
                fold_paddings(self._module, example)
                multiply_pointwise(self._module, example)
                logits = self._module(self._normalise(grey))
        except Exception as error:
            raise ClassifierError(
                f"{self.name} could not classify images of shape (2, 3, {height}, {width}): {error}. "
                "Set size= to what it expects, and wrap a module that takes other input"
            ) from error
        if not isinstance(logits, torch.Tensor):
            raise ClassifierError(
                f"{self.name} returned {type(logits).__name__}, not a tensor of logits (B, K); "
                "wrap it in a module that returns the logits alone"
            )
        if logits.ndim != 2 or len(logits) != 2 or logits.shape[1] < _MIN_CLASSES:  # noqa: PLR2004
            raise ClassifierError(
                f"{self.name} returned shape {tuple(logits.shape)} for 2 images; logits of shape (2, K) are "
                "needed, with K of at least 2"
            )
        if not torch.isfinite(logits).all():
            raise ClassifierError(f"{self.name} returned NaN or infinite logits for a grey image: check its weights")
        if (logits >= 0).all() and torch.allclose(logits.sum(-1), torch.ones_like(logits[:, 0]), atol=1e-4):
            warnings.warn(
                f"{self.name} seems to return probabilities; remove its softmax, for a second one is applied",
                stacklevel=3,
            )
        return logits.shape[1]

    def _checked_labels(self, labels: Sequence[str] | None) -> tuple[str, ...]:
        if labels is None:
            return tuple(f"class {index}" for index in range(self.n_classes))
        if isinstance(labels, str) or len(labels) != self.n_classes:
            raise ValueError(
                f"labels has {len(labels)} entries where {self.name} has {self.n_classes} classes: give one name each"
            )
        return tuple(str(label) for label in labels)


def _checked_size(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    sides = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2 or any(not isinstance(side, int) or side < images.MIN_SIDE for side in sides):  # noqa: PLR2004
        raise ValueError(f"size={size!r} must be a side or (H, W), each a whole number of at least {images.MIN_SIDE}")
    return sides[0], sides[1]


def _frozen_copy(module: nn.Module) -> nn.Module:
    # deepcopy refuses tensors with a history, such as the weight that a weight_norm recomputes.
    history = {
        id(value): value.detach().clone()
        for part in module.modules()
        for value in vars(part).values()
        if isinstance(value, torch.Tensor) and not value.is_leaf
    }
    try:
        frozen = copy.deepcopy(module, history)
    except Exception as error:
        raise ClassifierError(
            f"module {type(module).__name__} cannot be copied ({error}); give one that copy.deepcopy accepts"
        ) from error
    return frozen.eval().requires_grad_(requires_grad=False)
