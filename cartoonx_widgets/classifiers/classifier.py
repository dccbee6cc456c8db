"""The classifier that is explained: any module from images to logits, frozen."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch

from cartoonx_widgets import images
from cartoonx_widgets._checks import whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.classifiers import functions, hubs
from cartoonx_widgets.classifiers.activations import ACTIVATIONS, checked_activation
from cartoonx_widgets.classifiers.contrast import Questions
from cartoonx_widgets.classifiers.copying import duplicate, frozen_copy
from cartoonx_widgets.classifiers.errors import ClassifierError
from cartoonx_widgets.classifiers.folding import accelerate
from cartoonx_widgets.classifiers.functions import FunctionModule, Output
from cartoonx_widgets.classifiers.labels import checked_labels, label_index
from cartoonx_widgets.classifiers.preprocessing import (
    BY_TRANSFORM,
    Fit,
    LibraryFit,
    ReversedColours,
    checked_levels,
    checked_size,
    warn_of_levels,
)
from cartoonx_widgets.classifiers.probing import (
    Probe,
    Prober,
    check_answers,
    check_gradient,
    failure,
    logits_of,
    probe,
    settle_hooks,
    warn_of_answers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor, nn

    from cartoonx_widgets.classifiers.activations import ActivationName
    from cartoonx_widgets.classifiers.copying import Hook
    from cartoonx_widgets.classifiers.preprocessing import PictureTransform
    from cartoonx_widgets.images import ImageSource, Interpolation, Resize

_PROBE_SIDE = 224
_COLOURS, _GREY = 3, 1


@dataclass(frozen=True)
class Prediction:
    """One class and its probability in [0, 1], by softmax or sigmoid."""

    index: int
    label: str
    probability: float


def best_device() -> torch.device:
    """Return CUDA where there is one, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _device_for(dtype: torch.dtype, asked: torch.device | str | None) -> torch.device:
    """Return the device that is asked for, or the best one, which has this precision.

    Raises:
        ValueError: the one that is asked for has not.
    """
    device = best_device() if asked is None else torch.device(asked)
    if device.type != "mps" or dtype != torch.float64:
        return device
    if asked is not None:
        raise ValueError(f"dtype={dtype!r} does not exist on device={str(asked)!r}: use torch.float32, or device='cpu'")
    warn_user("Apple's GPU has no float64: this classifier runs on the CPU")
    return torch.device("cpu")


class Classifier(Questions):
    """A frozen copy of a module, with its labels and its own normalisation inside.

    The module given is copied, never touched: its training flag, its parameters' `requires_grad` and its device
    stay as they are, and training it further does not change a `Classifier` made before. The copy is made faster where
    that leaves the logits as they are, which is checked on several kinds of image.

    Args:
        module: maps images (B, 3, H, W) to logits (B, K), before any softmax or sigmoid: a tensor, an object or a
            mapping with `logits`, or a tuple that begins with them.
        labels: the K class names, or a mapping from 0 ... K - 1 to them; without them classes are called "class 0",
            "class 1", ...
        activation: "softmax" where an image has one of K classes; "sigmoid" where each of K labels is true or not
            independently of the others, K = 1 included.
        channels: 3 for RGB; 1 for a module that takes grey images (B, 1, H, W).
        mean: per colour (or one for all), subtracted from images in [0, 1] before the module sees them.
        std: per colour (or one for all), by which the difference is divided; leave both out where the module normalises
            its input itself.
        size: side of the square that the module expects, or (H, W); None takes images as they come.
        crop: share of the sides that is kept, centred, before resizing to `size`; in (0, 1].
        resize: for images of another aspect ratio than `size`: "crop" cuts off what is too long, "squash" changes the
            aspect ratio, "pad" adds black.
        interpolation: "bicubic", "bilinear" or "lanczos", with antialiasing, or "nearest".
        transform: a library's own preprocessing, from a PIL picture to what the module sees, (3, H, W), in place of
            `mean`, `std`, `size`, `crop`, `resize` and `interpolation`.
        fold: whether batch normalisation and padding may be folded into convolutions, and their weights be stored
            channels last.
        device: where to run; by default CUDA, else MPS, else the CPU.
        dtype: float32, or float64 to compare figures (slow, and on the CPU where there is Apple's MPS).
        name: shown in widgets, figures and errors; the module's class name by default.

    Attributes:
        labels: the K class names.
        n_classes: how many there are, K.
        notes: sentences on what was changed in the copy, and what could not be.

    Raises:
        TypeError: `module` is not a `torch.nn.Module`, or `labels` is a mapping or a set that gives no order.
        ValueError: another argument out of range, or labels of another number.
        ClassifierError: the module cannot be copied, its output is not finite logits (B, K), or it passes no gradient
            to the image.

    >>> net = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, 3))
    >>> Classifier(net, labels=["red", "green", "blue"], size=32, device="cpu").labels
    ('red', 'green', 'blue')
    """

    @neutral()
    def __init__(
        self,
        module: nn.Module,
        labels: Sequence[str] | Mapping[int, str] | None = None,
        *,
        activation: ActivationName = "softmax",
        channels: int = 3,
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
        size: int | tuple[int, int] | None = None,
        crop: float = 1.0,
        resize: Resize = "crop",
        interpolation: Interpolation = "bicubic",
        transform: PictureTransform | None = None,
        fold: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float32,
        name: str | None = None,
    ) -> None:
        self.activation = checked_activation(activation)
        if isinstance(channels, bool) or channels not in (_COLOURS, _GREY):
            raise ValueError(f"channels={channels!r} must be 3, for RGB, or 1, for grey images")
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype={dtype!r} must be torch.float32 or torch.float64")
        self.device = _device_for(dtype, device)
        self.dtype = self._computes_in = dtype
        self._fit: Fit | LibraryFit = Fit(
            size=checked_size(size), crop=crop, resize=resize, interpolation=interpolation
        )
        if transform is not None:
            if self._fit != Fit() or mean is not None or std is not None:
                raise ValueError(f"transform= cannot be given beside {', '.join(BY_TRANSFORM)}: it does what they say")
            self._fit = LibraryFit.measure(transform)
            mean, std, channels = self._fit.mean, self._fit.std, self._fit.channels
            if self._fit.reverses_colours:
                name, module = name or type(module).__name__, ReversedColours(module)
        self.channels, self.size, self.crop = channels, self._fit.size, crop
        self._mean, self._std = (one.to(dtype).to(self.device) for one in checked_levels(mean, std, channels))
        copied = frozen_copy(module, self.device, dtype)
        network = copied.module
        self.name: str = name or str(getattr(network, "original_name", type(network).__name__))  # TorchScript's own
        self._module = network
        self.n_classes, notes = self._probe(copied.hooks, fold=fold)
        self.notes = (*copied.notes, *notes)
        self.labels = checked_labels(labels, self.n_classes, self.name)
        warn_of_levels(mean, std)

    @classmethod
    def of(cls, model: nn.Module, weights_or_processor: object = None, **overrides: Any) -> Self:  # noqa: ANN401
        """Make the classifier of a model from torchvision, timm or transformers, as its library prepares pictures.

        Args:
            model: the network.
            weights_or_processor: for torchvision, the weights with which the model was made; for transformers, the
                image processor; for timm, nothing. A transform from a PIL image to the model's input does as well.
            overrides: arguments of `Classifier` that replace what is read from these objects.

        Raises:
            TypeError: `model` is not a module, or a class was given in place of weights or a processor.
            ValueError: they do not tell how images are prepared, or have another number of labels than the model.
            ClassifierError: as `Classifier` does.
        """
        return hubs.make(cls, model, weights_or_processor, overrides)

    @classmethod
    def of_function(
        cls,
        function: Callable[[Tensor], object],
        labels: Sequence[str] | Mapping[int, str] | None = None,
        *,
        output: Output = "logits",
        activation: ActivationName = "softmax",
        device: torch.device | str = "cpu",
        name: str | None = None,
        **settings: Any,  # noqa: ANN401
    ) -> Self:
        """Make the classifier of a function without a gradient, such as an ONNX session or a service.

        `baselines.rise`, `sobol_indices`, `occlusion`, `from_heat_map` and scores take it; what needs a gradient, such
        as the optimisation of a mask, refuses it.

        Args:
            function: from images (B, C, H, W), a float tensor in [0, 1], to (B, K), a tensor, an array or nested lists.
                It is called with several images at once, and never copied.
            labels: the K class names, as `Classifier` takes them.
            output: "logits", or "probabilities" that have been through softmax or sigmoid.
            activation: "softmax" or "sigmoid", which makes probabilities of logits.
            device: where images and logits lie.
            name: shown in widgets, figures and errors; the function's name by default.
            settings: `channels`, `size`, `crop`, `resize` or `interpolation` of `Classifier`.

        Raises:
            TypeError: `function` cannot be called, or is a module; or an argument that is not for functions.
            ValueError: an argument out of range, or labels of another number.
            ClassifierError: the function raises, or does not return finite numbers (B, K).

        >>> def bright(images):
        ...     return [[level, 1 - level] for level in images.numpy().mean((1, 2, 3))]
        >>> Classifier.of_function(bright, ["bright", "dark"], output="probabilities", size=32).differentiable
        False
        """
        settings |= {"name": name, "device": device}
        return cls(labels=labels, **functions.arguments(function, output, activation, settings))

    def __repr__(self) -> str:
        return f"Classifier({self.name}, {self.n_classes} classes, size={self.size}, device={str(self.device)!r})"

    @neutral()
    def __call__(self, image: Tensor) -> Tensor:
        """Compute the logits (B, K) of images (B, C, H, W) in [0, 1]; differentiable in the images alone."""
        output = self._module(self._normalise(image).to(self._computes_in))
        logits = logits_of(output, self.name).to(self.dtype)
        if logits.shape != (len(image), self.n_classes):
            raise ClassifierError(
                f"{self.name} returned shape {tuple(logits.shape)} for {len(image)} images, where it returned "
                f"{self.n_classes} logits for each before: check its forward"
            )
        return logits

    def __deepcopy__(self, memo: dict[int, object]) -> Classifier:
        """Copy the module too; what it cannot copy is shared."""
        copied = copy.copy(self)
        copied._module = duplicate(self._module)  # noqa: SLF001 - our own
        return copied

    def in_bfloat16(self) -> Classifier:
        """Return the same classifier with its layers in bfloat16, for a GPU; images and logits stay in its `dtype`."""
        half = copy.copy(self)
        half._module = duplicate(self._module).to(torch.bfloat16)  # noqa: SLF001 - our own
        half._computes_in = torch.bfloat16  # noqa: SLF001
        return half

    @property
    def differentiable(self) -> bool:
        """Return whether logits have a gradient to the images; False for a classifier that `of_function` made."""
        return not any(isinstance(part, FunctionModule) for part in self._module.modules())

    @property
    def module(self) -> nn.Module:
        """Return the frozen copy that is explained, for hooks on its submodules; it takes normalised images."""
        return self._module

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the names of the submodules with parameters of their own, in the order of `named_modules()`."""
        return tuple(name or self.name for name, _ in self._layers())

    def with_random_weights(self, count: int, *, seed: int = 0) -> Classifier:
        """Return the same classifier with random weights in its last `count` layers.

        Each parameter is drawn from a normal distribution with its own mean and standard deviation, so that activations
        keep about their size.

        Args:
            count: how many of `layers`, from 0 to all, counted from the last.
            seed: of the weights.

        Raises:
            ValueError: `count` is out of range.
        """
        whole("count", count, least=0, most=len(self.layers), more=", of all layers")
        changed = copy.copy(self)
        changed._module = duplicate(self._module)  # noqa: SLF001 - our own
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

    @neutral()
    def probabilities(self, image: Tensor) -> Tensor:
        """Compute the probabilities (B, K) of images (B, C, H, W) in [0, 1], without a gradient.

        Raises:
            ClassifierError: the logits are not finite.
        """
        with torch.no_grad():
            probabilities = ACTIVATIONS[self.activation].probabilities(self(image))
        if not torch.isfinite(probabilities).all():
            raise ClassifierError(f"{self.name} returned NaN or infinite logits for this image: check its weights")
        return probabilities

    def prepare(self, image: ImageSource) -> Tensor:
        """Read an image and fit it to the classifier: (1, 3, H, W) in [0, 1] on its device.

        Raises:
            ImageError: it cannot be read, or is too small or too large.
        """
        fitted = self._fit(images.read(image))
        if self.channels == _GREY:
            fitted = images.to_grey(fitted)
        return fitted[None].to(self.device, self.dtype)

    def class_index(self, target: int | str) -> int:
        """Return the index of a class that is given by its index or its label.

        Case does not matter, and one of several synonyms will do: "tench" for "tench, Tinca tinca".

        Raises:
            ValueError: there is no such class, or several; the message names candidates.
            TypeError: neither a whole number nor a string.
        """
        if isinstance(target, str):
            return label_index(target, self.labels, self.name)
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
        """Return the k most probable classes of one image's probabilities (K,), the most probable first."""
        values, indices = probabilities.topk(min(k, self.n_classes))
        return [
            Prediction(index, self.labels[index], value)
            for index, value in zip(indices.tolist(), values.tolist(), strict=True)
        ]

    def _probe(self, hooks: Sequence[Hook], *, fold: bool) -> tuple[int, list[str]]:
        """Ask the module of a few pictures: how many classes it has, whether it can be explained, what is exact."""
        pictures = probe(self.size or (_PROBE_SIDE, _PROBE_SIDE), self.channels)
        batches = Probe(*(self._normalise(batch.to(self._mean)) for batch in pictures))
        prober = Prober(self._module, batches, self.name)
        try:
            with torch.no_grad():
                notes = settle_hooks(hooks, prober)
                answers, done = accelerate(self._module, prober) if fold else (prober.answers(), [])
        except ClassifierError:
            raise
        except Exception as error:
            raise ClassifierError(failure(error, prober)) from error
        n_classes = check_answers(answers, prober, self.activation)
        again = answers[0]
        if self.differentiable and (probed := prober.gradient()) is not None:
            again, gradient = probed
            check_gradient(gradient, again, self.name)
        warn_of_answers(answers, again, prober, self.activation)
        return n_classes, [*notes, *done]
