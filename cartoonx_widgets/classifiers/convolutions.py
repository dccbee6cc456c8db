"""Convolutions that do in their weights what stands beside them: a normalisation, a padding, a product of matrices."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

if TYPE_CHECKING:
    from torch import Tensor
_Kind = TypeVar("_Kind", bound=nn.Conv2d)


def normalised(conv: nn.Conv2d, norm: nn.Module) -> nn.Conv2d:
    """Fold the normalisation's scale and shift into the convolution's weights, as PyTorch's own fusion does."""
    made = copy.copy(conv)
    weight, bias = fuse_conv_bn_weights(  # type: ignore[call-arg]
        *(_single(tensor) for tensor in (conv.weight, conv.bias, norm.running_mean, norm.running_var)),  # type: ignore[arg-type]
        float(norm.eps),  # type: ignore[arg-type]
        *(_single(tensor) for tensor in (norm.weight, norm.bias)),  # type: ignore[arg-type]
    )
    kernel = weight.detach().to(conv.weight.dtype).contiguous(memory_format=torch.channels_last)
    made._parameters = conv._parameters | {  # noqa: SLF001
        "weight": nn.Parameter(kernel, requires_grad=False),
        "bias": nn.Parameter(bias.detach().to(conv.weight.dtype), requires_grad=False),
    }
    return made


def _single(tensor: Tensor | None) -> Tensor | None:
    """Return the tensor in float32, or in its own type where that is wider."""
    return None if tensor is None else tensor.detach().to(torch.promote_types(tensor.dtype, torch.float32))


def rest(norm: nn.Module) -> nn.Module:
    """Apply what a normalisation does after it has normalised."""
    after = [part for name in ("drop", "act") if isinstance(part := getattr(norm, name, None), nn.Module)]
    after = [part for part in after if type(part) is not nn.Identity]
    return nn.Sequential(*after).eval() if after else nn.Identity().eval()


def plainly(conv: nn.Conv2d) -> nn.Conv2d:
    """Return the convolution with the zeros that a part of it pads its input with as its own padding, without a copy.

    Where opposite sides differ, zeros at one end of the kernel make up for it; on a CPU, since GPUs have kernels of
    their own for the usual sizes. A convolution of another kind is returned as it is.
    """
    if type(conv).__name__ != "Conv2dStaticSamePadding" or conv.padding != (0, 0) or conv.padding_mode != "zeros":
        return conv
    (pad, *_) = conv.children()
    zeros = pad.padding if type(pad) is nn.ZeroPad2d else (0, 0, 0, 0)
    left, right, top, bottom = zeros
    uneven = (left, top) != (right, bottom)
    if min(zeros) < 0 or (uneven and not (conv.weight.is_cpu and tuple(conv.dilation) == (1, 1))):
        return conv
    made = _bare(conv, nn.Conv2d)
    made._modules = {}  # noqa: SLF001
    made.padding = (max(top, bottom), max(left, right))
    if uneven:
        more = [max(0, extra) for extra in (right - left, left - right, bottom - top, top - bottom)]
        kernel = nn.functional.pad(conv.weight, more).contiguous(memory_format=torch.channels_last)
        made._parameters["weight"] = nn.Parameter(kernel, requires_grad=False)  # noqa: SLF001
        made.kernel_size = (kernel.shape[2], kernel.shape[3])
    return made


def as_product(conv: nn.Conv2d) -> Pointwise | None:
    """Return a convolution of 1 x 1 pixels as a product of matrices, which a CPU with one thread computes faster."""
    plain = type(conv) is nn.Conv2d and conv.groups == 1 and conv.padding in ((0, 0), "valid", "same")
    if not (plain and conv.weight.is_cpu and conv.kernel_size == conv.stride == (1, 1)):
        return None
    return _bare(conv, Pointwise)


def _bare(conv: nn.Conv2d, kind: type[_Kind]) -> _Kind:
    """Return the same convolution, sharing its weights, as of another class."""
    made: Any = copy.copy(conv)
    made._parameters = dict(conv._parameters)  # noqa: SLF001
    made.__class__ = kind
    return made  # type: ignore[no-any-return]


class Pointwise(nn.Conv2d):
    """A 1 x 1 convolution, computed as a product of matrices where a CPU has one thread for it."""

    always = False

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - its name in PyTorch
        """Convolve images (B, C, H, W)."""
        if not (self.always or (input.is_cpu and torch.get_num_threads() == 1)):
            return super().forward(input)
        weight = self.weight[:, :, 0, 0]
        return nn.functional.linear(input.movedim(-3, -1), weight, self.bias).movedim(-1, -3)
