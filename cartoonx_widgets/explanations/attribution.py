"""Explanations by the calls that other packages make: captum's `attribute`, and Quantus' `explain_func`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
import torch
from torch import nn

from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import Classifier
from cartoonx_widgets.images import check_given
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.methods import cartoonx_interactive
from cartoonx_widgets.masking.optimization import Optimization

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    from torch import Tensor

Target: TypeAlias = "int | Sequence[int] | Tensor | None"
_IMAGE_AXES = 4
_TOLERANCE = 1e-6  # what un-normalising an image may move it beyond [0, 1]


class MaskAttribution:
    """A mask explanation as an attribution method, called as those of captum are.

    The attribution of an image is its cartoon, A(s h) clamped to [0, 1]: the part of the image that suffices for the
    class, in the image's own shape and unit. With a mask on pixels that is mask times image.

    captum's `NoiseTunnel` and metrics take it as one of captum's own.

    Args:
        classifier: a `Classifier`; a bare module from images in [0, 1] to logits is wrapped in one.
        method: such as `methods.shearletx()`; `methods.cartoonx_interactive()` by default.
        clamp: whether values beyond [0, 1], as captum's noise gives them, are clamped rather than refused. Leave it
            False for images that were normalised: their cartoons would be wrong.

    Attributes:
        forward_func: the classifier, under the name that captum's methods have for it.
        multiplies_by_inputs: True, captum's name for an attribution that is a weight times the input.

    Raises:
        TypeError: `classifier` is neither a classifier nor a module, or `method` is no `Method`.
        ClassifierError: the module does not classify images.

    >>> from cartoonx_widgets import methods
    >>> module = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(48, 5))
    >>> attribution = MaskAttribution(module, methods.pixel_mask(steps=3, samples=2))
    >>> attribution.attribute(torch.rand(2, 3, 32, 32), target=[1, 4]).shape
    torch.Size([2, 3, 32, 32])
    """

    multiplies_by_inputs = True

    def __init__(
        self, classifier: Classifier | nn.Module, method: Method | None = None, *, clamp: bool = False
    ) -> None:
        if isinstance(classifier, nn.Module):
            classifier = Classifier(classifier)
        if not isinstance(classifier, Classifier):
            raise TypeError(f"classifier={classifier!r} must be a cartoonx_widgets.Classifier or a torch module")
        method = cartoonx_interactive() if method is None else method
        if not isinstance(method, Method):
            raise TypeError(f"method={method!r} must be a Method, such as cartoonx_widgets.methods.shearletx()")
        self.classifier, self.method, self.clamp = classifier, method, clamp

    @property
    def forward_func(self) -> Classifier:
        """Return the classifier."""
        return self.classifier

    def has_convergence_delta(self) -> bool:
        """Return False: there is no error of an approximation to be returned."""
        return False

    @overload
    def attribute(
        self, inputs: Tensor, target: Target = None, *, seed: int = 0, noise: Callable[[int], Tensor] | None = None
    ) -> Tensor: ...

    @overload
    def attribute(
        self,
        inputs: tuple[Tensor],
        target: Target = None,
        *,
        seed: int = 0,
        noise: Callable[[int], Tensor] | None = None,
    ) -> tuple[Tensor]: ...

    @neutral()
    def attribute(
        self,
        inputs: Tensor | tuple[Tensor],
        target: Target = None,
        *,
        seed: int = 0,
        noise: Callable[[int], Tensor] | None = None,
    ) -> Tensor | tuple[Tensor]:
        """Return the cartoons of a batch of images.

        Args:
            inputs: (B, C, H, W) in [0, 1], as the classifier takes them; or a tuple of it, as captum's metrics give.
            target: the index of a class for all images, or one for each in a sequence or a tensor (B,); the most
                probable class of each image by default. For copies of images captum repeats lists and tensors only.
            seed: of the noise.
            noise: function from the step, 0, 1, ..., to its raw noise (B, S, C, N); drawn by `seed` by default.

        Returns:
            (B, C, H, W) in [0, 1], on the device and in the dtype of `inputs`; a tuple of it for a tuple.

        Raises:
            ImageError: `inputs` is None.
            ValueError: images of another shape or range, a class that does not exist, or settings that do not fit.
            ClassifierError: the classifier's output is not finite.
        """
        if isinstance(inputs, tuple):
            if len(inputs) != 1:
                raise ValueError(f"inputs is a tuple of {len(inputs)}; a classifier of images takes one tensor")
            return (self.attribute(inputs[0], target, seed=seed, noise=noise),)
        return self._cartoons(inputs, target, seed, noise)

    # Apart from `attribute`, since captum's NoiseTunnel calls that without its decorator.
    @neutral()
    def _cartoons(self, inputs: Tensor, target: Target, seed: int, noise: Callable[[int], Tensor] | None) -> Tensor:
        images = self._checked(inputs)
        targets = self._targets(images, target)
        optimization = Optimization(images, self.classifier, targets, self.method, seed=seed, noise=noise)
        while not optimization.finished:
            optimization.step()
        optimization.check()
        return optimization.cartoon().to(inputs)

    def _checked(self, inputs: Tensor) -> Tensor:
        check_given(inputs, "inputs")
        colours = self.classifier.channels
        if not isinstance(inputs, torch.Tensor) or inputs.ndim != _IMAGE_AXES or inputs.shape[1] != colours:
            shape = tuple(inputs.shape) if isinstance(inputs, torch.Tensor) else type(inputs).__name__
            raise ValueError(f"inputs has shape {shape}; a tensor of images (B, {colours}, H, W) is needed")
        if not len(inputs) or not inputs.is_floating_point():
            raise ValueError(f"inputs has {len(inputs)} images of {inputs.dtype}; one or more are needed, of floats")
        images = inputs.detach().to(self.classifier.device, self.classifier.dtype)
        allowed = images.isfinite() if self.clamp else (images >= -_TOLERANCE) & (images <= 1 + _TOLERANCE)
        if not allowed.all():
            raise ValueError(
                f"inputs lie between {float(images.min()):.9g} and {float(images.max()):.9g}; images in [0, 1] are "
                "needed: give the normalisation to Classifier(mean=, std=) instead, or let MaskAttribution(..., "
                "clamp=True) clamp what noise has moved"
            )
        return images.clamp(0, 1)

    def _targets(self, images: Tensor, target: Target) -> list[int]:
        if target is None:
            most: list[int] = self.classifier.probabilities(images).argmax(-1).tolist()
            return most
        if isinstance(target, torch.Tensor | np.ndarray):
            target = target.tolist()
        classes: list[Any] = list(target) if isinstance(target, Sequence) and not isinstance(target, str) else [target]
        # captum also takes the indices of one output's axes, of which logits have one.
        classes = [one[0] if isinstance(one, tuple) and len(one) == 1 else one for one in classes]
        if len(classes) == 1:
            classes *= len(images)
        if len(classes) != len(images):
            raise ValueError(f"target={target!r} names {len(classes)} classes for {len(images)} images: give each one")
        return [self.classifier.class_index(index) for index in classes]


def explain_func(
    model: nn.Module,
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    method: Method | None = None,
    seed: int = 0,
    clamp: bool = False,
    **_: Any,  # noqa: ANN401 - Quantus hands over settings of its own, such as the device
) -> npt.NDArray[np.float32]:
    """Return the cartoons of a batch, as an `explain_func` for Quantus.

    Args:
        model: a module from images (B, C, H, W) in [0, 1], with C of 3 or 1, to logits.
        inputs: the images, (B, C, H, W) in [0, 1].
        targets: the index of the class of each, (B,).
        method: `methods.cartoonx_interactive()` by default; give it as `explain_func_kwargs={"method": ...}`.
        seed: of the noise.
        clamp: whether values beyond [0, 1], as Quantus' perturbations give them, are clamped rather than refused.

    Returns:
        (B, C, H, W) in [0, 1].

    Raises:
        ImageError: `inputs` is None.
        ValueError: images of another shape or range, or a class that does not exist.
        ClassifierError: the model does not classify images.
    """
    check_given(inputs, "inputs")
    images = torch.as_tensor(np.asarray(inputs, dtype=np.float32))
    if images.ndim != _IMAGE_AXES:
        raise ValueError(f"inputs has shape {tuple(images.shape)}; images (B, C, H, W) are needed")
    classifier = Classifier(model, size=(images.shape[-2], images.shape[-1]), channels=images.shape[1])
    cartoons = MaskAttribution(classifier, method, clamp=clamp).attribute(
        images, np.asarray(targets).tolist(), seed=seed
    )
    found: npt.NDArray[np.float32] = cartoons.numpy()
    return found
