"""The same function in less time: normalisation and padding folded into convolutions, 1 x 1 ones as products."""

from __future__ import annotations

import copy
import functools
from collections import Counter
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.parametrize import is_parametrized

_TOLERANCE = 1e-4


def fold_batch_norms(module: nn.Module, example: torch.Tensor) -> bool:
    """Fold each BatchNorm2d of a frozen module, in place, into the Conv2d that alone feeds it.

    Which convolution feeds which normalisation is read off a symbolic trace. A module that cannot be traced (control
    flow that depends on data) or fused is left alone, and so is one whose logits for `example` (B, 3, H, W) would
    change by more than rounding. The module must be nobody else's while this runs.

    Returns:
        Whether the module was changed.
    """
    try:
        pairs = _pairs(module)
    except Exception:  # noqa: BLE001 - tracing runs the module's own code on proxies, which may fail in any way
        return False
    if not pairs:
        return False
    try:
        replacements: dict[str, nn.Module] = {}
        for conv, norm in pairs:
            parts = module.get_submodule(conv), module.get_submodule(norm)
            replacements[conv] = fuse_conv_bn_eval(*parts)  # type: ignore[type-var, arg-type]
            replacements[norm] = nn.Identity()
    except Exception:  # noqa: BLE001 - weights made by hooks, or statistics of the batch, refuse in their own ways
        return False
    return _replaced(module, replacements, example)


def fold_paddings(module: nn.Module, example: torch.Tensor) -> bool:
    """Give each Conv2d with a ZeroPad2d of its own that padding itself.

    It saves writing the padded input. Where opposite sides differ, zeros at one end of the kernel make up for it; on a
    CPU, since GPUs have kernels of their own for the usual sizes. In place; left alone where the logits for `example`
    (B, 3, H, W) would change by more than rounding.

    Returns:
        Whether the module was changed.
    """
    replacements: dict[str, nn.Module] = {}
    for name, conv in module.named_modules():
        if not isinstance(conv, nn.Conv2d) or conv.padding != (0, 0) or conv.padding_mode != "zeros":
            continue
        for child, pad in conv.named_children():
            if not (name and isinstance(pad, nn.ZeroPad2d) and min(pad.padding) >= 0):
                continue
            left, right, top, bottom = pad.padding
            even = left == right and top == bottom
            if even or (example.is_cpu and conv.dilation == (1, 1)):
                replacements[name] = _padding_itself(conv, child, pad)
    return bool(replacements) and _replaced(module, replacements, example)


def _padding_itself(conv: nn.Conv2d, child: str, pad: nn.ZeroPad2d) -> nn.Conv2d:
    left, right, top, bottom = pad.padding
    itself = copy.copy(conv)  # which shares the weights
    itself._modules = conv._modules | {child: nn.Identity()}  # noqa: SLF001
    itself.padding = (max(top, bottom), max(left, right))
    zeros = [max(0, more) for more in (right - left, left - right, bottom - top, top - bottom)]
    if any(zeros):
        kernel = nn.functional.pad(conv.weight, zeros).contiguous(memory_format=torch.channels_last)
        itself._parameters = conv._parameters | {"weight": nn.Parameter(kernel, requires_grad=False)}  # noqa: SLF001
        itself.kernel_size = (kernel.shape[2], kernel.shape[3])
    return itself


def multiply_pointwise(module: nn.Module, example: torch.Tensor) -> bool:
    """Compute each 1 x 1 Conv2d as a matrix product where a CPU has one thread for it, as in a study.

    PyTorch then takes a way of its own, which moves more memory. In place; left alone where the logits for `example`
    (B, 3, H, W) would change by more than rounding.

    Returns:
        Whether the module was changed.
    """
    replacements: dict[str, nn.Module] = {}
    for name, conv in module.named_modules():
        if name and isinstance(conv, nn.Conv2d) and _is_pointwise(conv):
            product = copy.copy(conv)  # which shares the weights
            product.__class__ = _Pointwise
            replacements[name] = product
    if not (replacements and example.is_cpu):
        return False
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _replaced(module, replacements, example)
    finally:
        torch.set_num_threads(threads)


def _is_pointwise(conv: nn.Conv2d) -> bool:
    plain = conv.groups == 1 and conv.padding in ((0, 0), "valid", "same") and not is_parametrized(conv)
    return plain and conv.kernel_size == conv.stride == (1, 1)


class _Pointwise(nn.Conv2d):
    """A 1 x 1 convolution."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - its name in PyTorch
        if not (input.is_cpu and torch.get_num_threads() == 1):
            return super().forward(input)
        weight = self.weight[:, :, 0, 0]
        return nn.functional.linear(input.movedim(-3, -1), weight, self.bias).movedim(-1, -3)


def _replaced(module: nn.Module, replacements: dict[str, nn.Module], example: torch.Tensor) -> bool:
    """Replace parts of a module, by name, unless that changes its logits by more than rounding."""
    before = module(example)
    originals = {name: module.get_submodule(name) for name in replacements}
    try:
        for name, part in replacements.items():
            module.set_submodule(name, part)
        after = module(example)
        exact = torch.allclose(before, after, rtol=_TOLERANCE, atol=_TOLERANCE * float(before.abs().max()))
    except Exception:  # noqa: BLE001 - a module's own code may refuse in any way
        exact = False
    if not exact:
        for name, original in originals.items():
            module.set_submodule(name, original)
    return exact


class _Tracer(fx.proxy.GraphAppendingTracer):
    """Records the calls of a module's parts.

    torch.fx's own tracer patches torch.nn.Module for the whole process, which would break a run in another thread.
    """

    def create_arg(self, a: Any) -> Any:  # noqa: ANN401
        if isinstance(a, torch.Tensor):
            return self.create_node("get_attr", _name_of(a), (), {})
        return super().create_arg(a)

    def call(self, name: str, *args: Any, **kwargs: Any) -> fx.Proxy:  # noqa: ANN401
        """The output of the part of this name, when it is called."""
        return self.create_proxy("call_module", name, args, kwargs)


def _name_of(tensor: torch.Tensor) -> str:
    return f"tensor_{id(tensor)}"


def _is_leaf(part: nn.Module) -> bool:
    torchs_own = type(part).__module__.startswith("torch.nn") and not isinstance(part, nn.Sequential)
    return torchs_own or isinstance(part, nn.Conv2d | nn.BatchNorm2d)


def _trace(module: nn.Module) -> list[fx.Node]:
    """Every use of a part and of a weight in one forward pass, in their order."""
    tracer = _Tracer(fx.Graph())
    leaves = {name: part for name, part in module.named_modules() if name and _is_leaf(part)}
    own = {name: vars(part)["forward"] for name, part in leaves.items() if "forward" in vars(part)}
    try:
        for name, part in leaves.items():
            part.forward = functools.partial(tracer.call, name)
        module(tracer.create_proxy("placeholder", "image", (), {}))
    finally:
        for name, part in leaves.items():
            del part.forward
            if name in own:
                part.forward = own[name]
    return list(tracer.graph.nodes)


def _pairs(module: nn.Module) -> list[tuple[str, str]]:
    """Names of (convolution, normalisation), each used once and the first feeding the second alone."""
    nodes = _trace(module)
    tensors = [*module.named_parameters(), *module.named_buffers()]
    owners = {_name_of(tensor): name.rpartition(".")[0] for name, tensor in tensors}
    uses = Counter(str(node.target) for node in nodes if node.op == "call_module")
    # A weight that is also read without its part would be read folded.
    uses.update(owners.get(str(node.target), "") for node in nodes if node.op == "get_attr")
    pairs = []
    for node in nodes:
        feeding = node.args[0] if node.args else None
        if not (isinstance(feeding, fx.Node) and node.op == feeding.op == "call_module"):
            continue
        conv, norm = str(feeding.target), str(node.target)
        parts = module.get_submodule(conv), module.get_submodule(norm)
        alone = len(feeding.users) == uses[conv] == uses[norm] == 1
        if alone and isinstance(parts[0], nn.Conv2d) and isinstance(parts[1], nn.BatchNorm2d):
            pairs.append((conv, norm))
    return pairs
