"""A function from images to logits or probabilities, as a module without a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import torch
from torch import nn

from cartoonx_widgets._checks import one_of
from cartoonx_widgets.classifiers.activations import checked_activation
from cartoonx_widgets.classifiers.errors import ClassifierError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from cartoonx_widgets.classifiers.activations import ActivationName

Output = Literal["logits", "probabilities"]
_SETTINGS = {"channels", "size", "crop", "resize", "interpolation", "name", "device"}
_SUM_TOLERANCE = 1e-3
_LEAST = 1e-12  # probability whose logarithm is still taken


class FunctionModule(nn.Module):
    """Calls a function, which is shared by all copies and sees images clamped to [0, 1].

    Args:
        function: from images (B, C, H, W), a float32 tensor, to (B, K), a tensor, a NumPy array or nested lists.
        output: whether these are logits or probabilities.
        activation: that makes probabilities of logits.
        name: for errors.
    """

    def __init__(
        self, function: Callable[[Tensor], object], output: Output, activation: ActivationName, name: str
    ) -> None:
        super().__init__()
        self._call, self._output, self._activation, self.original_name = (function,), output, activation, name

    def __deepcopy__(self, memo: dict[int, object]) -> FunctionModule:
        """Copy all but the function, which may hold a session or a connection."""
        return FunctionModule(self._call[0], self._output, self._activation, self.original_name)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, K).

        Raises:
            ClassifierError: the function returned no numbers, or probabilities that are none.
        """
        with torch.no_grad():
            found = self._call[0](images.detach().clamp(0, 1))
        returned = self._tensor(found).to(images.device, images.dtype)
        if self._output == "logits" or returned.ndim != 2:  # noqa: PLR2004 - the classifier says what shape is needed
            return returned
        self._check(returned)
        if self._activation == "sigmoid":
            return torch.logit(returned.double(), eps=_LEAST).to(images.dtype)
        return returned.clamp(min=_LEAST).log()

    def _tensor(self, found: object) -> Tensor:
        if isinstance(found, torch.Tensor):
            return found.detach()
        try:
            # None is NaN for NumPy.
            return torch.from_numpy(np.array([] if found is None else found, dtype=np.float32))
        except (TypeError, ValueError):
            raise ClassifierError(
                f"{self.original_name} returned {type(found).__name__}, which is no array of numbers: return logits or "
                "probabilities (B, K) as a tensor or a NumPy array"
            ) from None

    def _check(self, returned: Tensor) -> None:
        fits = (returned >= -_SUM_TOLERANCE).all() and (returned <= 1 + _SUM_TOLERANCE).all()
        if self._activation == "softmax" and fits:
            fits = ((returned.sum(-1) - 1).abs() <= _SUM_TOLERANCE).all()
        if returned.isfinite().all() and not fits:
            which = "between 0 and 1 that add up to 1" if self._activation == "softmax" else "between 0 and 1"
            raise ClassifierError(
                f"{self.original_name} returned numbers from {float(returned.min()):.3g} to "
                f"{float(returned.max()):.3g} with output='probabilities'; numbers {which} are needed. Set "
                "output='logits', or activation='sigmoid' where each label is true or not by itself"
            )


def arguments(
    function: Callable[[Tensor], object], output: Output, activation: ActivationName, settings: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments of `Classifier` for what `Classifier.of_function` describes."""
    if isinstance(function, nn.Module) or not callable(function):
        raise TypeError(f"function={function!r} must be a function of images; a module is given to Classifier")
    one_of("output", output, get_args(Output))
    if unknown := settings.keys() - _SETTINGS:
        raise TypeError(f"{min(unknown)}= is not for a function, which gets images in [0, 1]: normalise them in it")
    name = settings["name"] or str(getattr(function, "__name__", type(function).__name__))
    module = FunctionModule(function, output, checked_activation(activation), name)
    return {**settings, "module": module, "activation": activation, "fold": False, "name": name}
