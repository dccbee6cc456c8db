"""Batch normalisation folded into the convolution before it: the same function in fewer passes over memory."""

from __future__ import annotations

from collections import Counter

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_TOLERANCE = 1e-4


def fold_batch_norms(module: nn.Module, example: torch.Tensor) -> bool:
    """Fold each BatchNorm2d of a frozen module, in place, into the Conv2d that alone feeds it.

    Which convolution feeds which normalisation is read off a symbolic trace; a module that cannot be traced (control
    flow that depends on data) is left alone. So is one whose logits for `example` (B, 3, H, W) would change by more
    than rounding.

    Returns:
        Whether the module was changed.
    """
    try:
        pairs = _pairs(module)
    except Exception:  # noqa: BLE001 - tracing runs the module's own code on proxies, which may fail in any way
        return False
    before = module(example)
    originals = {name: module.get_submodule(name) for pair in pairs for name in pair}
    for conv, norm in pairs:
        fused = fuse_conv_bn_eval(originals[conv], originals[norm])  # type: ignore[type-var, arg-type]
        module.set_submodule(conv, fused)
        module.set_submodule(norm, nn.Identity())
    after = module(example)
    if torch.allclose(before, after, rtol=_TOLERANCE, atol=_TOLERANCE * float(before.abs().max())):
        return bool(pairs)
    for name, original in originals.items():
        module.set_submodule(name, original)
    return False


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.Conv2d | nn.BatchNorm2d) or super().is_leaf_module(m, module_qualified_name)


def _pairs(module: nn.Module) -> list[tuple[str, str]]:
    """Names of (convolution, normalisation), each called once and the first feeding the second alone."""
    nodes = list(_Tracer().trace(module).nodes)
    calls = Counter(str(node.target) for node in nodes if node.op == "call_module")
    pairs = []
    for node in nodes:
        feeding = node.args[0] if node.args else None
        if not (isinstance(feeding, fx.Node) and node.op == feeding.op == "call_module"):
            continue
        conv, norm = str(feeding.target), str(node.target)
        parts = module.get_submodule(conv), module.get_submodule(norm)
        alone = len(feeding.users) == calls[conv] == calls[norm] == 1
        if alone and isinstance(parts[0], nn.Conv2d) and isinstance(parts[1], nn.BatchNorm2d):
            pairs.append((conv, norm))
    return pairs
