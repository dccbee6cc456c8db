"""A frozen copy of a module, whatever the module may be; the one given is never touched."""

from __future__ import annotations

import contextlib
import copy
import functools
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cartoonx_widgets.classifiers.errors import ClassifierError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REAL = {torch.float32: torch.float32, torch.float64: torch.float64}
_COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}
_FORWARD_HOOKS = ("_forward_hooks", "_forward_pre_hooks")
_OTHER_HOOKS = (
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)
_HOOK_FLAGS = ("_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks_with_kwargs")
_REGISTERED = ("_modules", "_parameters", "_buffers")


class Hook(NamedTuple):
    """A forward hook that is not the module's own, on a part of the copy.

    Attributes:
        part: that has it.
        name: of the part, as the module registers it.
        kind: the part's dictionary that holds hooks of this kind.
        key: its key there.
        function: what is called.
    """

    part: nn.Module
    name: str
    kind: str
    key: int
    function: Any

    def remove(self) -> None:
        """Take it off its part."""
        vars(self.part)[self.kind].pop(self.key, None)

    def restore(self) -> None:
        """Put it back."""
        vars(self.part)[self.kind][self.key] = self.function


class Copy(NamedTuple):
    """A copy of a module.

    Attributes:
        module: frozen, in evaluation mode.
        hooks: forward hooks of somebody else that it has.
        notes: what a user should know of how it was made, one sentence each.
    """

    module: nn.Module
    hooks: list[Hook]
    notes: list[str]


def frozen_copy(given: object, device: torch.device, dtype: torch.dtype) -> Copy:
    """Copy a module, in evaluation mode, without gradients for its weights, on `device` in the precision of `dtype`.

    What wraps a network without changing its output (`torch.compile`, `DataParallel`) is taken off, and an exported
    program is unpacked. Whatever does not let itself be copied, such as a lock, an open file or kept activations, is
    shared with the module given. Hooks that PyTorch or the module itself has registered belong to the copy; backward
    hooks of others are left out, forward hooks of others are listed.

    Raises:
        TypeError: `given` is no module.
        ClassifierError: it has no weights to copy yet, or cannot be copied.
    """
    module, notes = unwrapped(given)
    _check_weights(module)
    copied, shared = _copied(module)
    if shared:
        notes.append(f"Shared with the module given, as it cannot be copied: {', '.join(shared)}.")
    hooks = _copy_hooks(module, copied)
    copied = _without_wrappers(copied)
    _freeze(copied)
    _convert(copied, device, dtype)
    return Copy(copied, hooks, notes)


def duplicate(module: nn.Module, dtype: torch.dtype | None = None, device: torch.device | None = None) -> nn.Module:
    """Copy a frozen copy once more, with its hooks; share what cannot be copied.

    Args:
        module: the frozen copy.
        dtype: of its copy; None for its own.
        device: likewise, where a `dtype` is given.
    """
    copied, _ = _copied(module)
    _copy_hooks(module, copied)
    if dtype is not None:
        _convert(copied, device, dtype)
    return copied


def unwrapped(given: object) -> tuple[nn.Module, list[str]]:
    """Take a network out of its wrappers, and say what was taken off.

    Raises:
        TypeError: `given` is no module.
    """
    exported = getattr(sys.modules.get("torch.export"), "ExportedProgram", ())
    if isinstance(given, exported):
        return given.module(), ["Unpacked from the exported program."]
    if not isinstance(given, nn.Module):
        raise TypeError(f"module={given!r} is not a torch.nn.Module; wrap a function in one")
    module, notes = given, []
    while (inner := _inside(module)) is not None:
        notes.append(f"Taken out of its {type(module).__name__}.")
        module = inner
    return module, notes


def _inside(module: nn.Module) -> nn.Module | None:
    """Return what a wrapper that changes no output wraps."""
    name = {"OptimizedModule": "_orig_mod", "DataParallel": "module", "DistributedDataParallel": "module"}
    if isinstance(module, torch.jit.ScriptModule) or not type(module).__module__.startswith("torch."):
        return None
    inner = module._modules.get(name.get(type(module).__name__, ""))  # noqa: SLF001 - the compiled one forwards getattr
    return inner if isinstance(inner, nn.Module) else None


def _without_wrappers(module: nn.Module) -> nn.Module:
    """Return the same module with the parts of it taken out of their wrappers."""
    for part in list(_python_parts(module)):
        for name, child in part.named_children():
            inner = child
            while (inside := _inside(inner)) is not None:
                inner = inside
            if inner is not child:
                part._modules[name] = inner  # noqa: SLF001 - a setattr of the module's own may refuse
    return module


def _python_parts(module: nn.Module) -> Iterator[nn.Module]:
    """Return the parts, each once, that are no TorchScript: those have neither hooks nor attributes of their own."""
    return (part for part in module.modules() if not isinstance(part, torch.jit.ScriptModule))


def _tensors(part: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    for tensors in (part.named_parameters(recurse=False), part.named_buffers(recurse=False)):
        yield from tensors


def _check_weights(module: nn.Module) -> None:
    for path, part in module.named_modules():
        for name, tensor in _tensors(part):
            full = f"{path}.{name}" if path else name
            if is_lazy(tensor):
                raise ClassifierError(
                    f"{type(module).__name__} has no weights yet: {full} of a lazy layer is made when it first sees a "
                    "picture. Call the module on a batch of pictures, train it or load its weights, then wrap it"
                )
            if tensor.is_meta:
                raise ClassifierError(
                    f"{type(module).__name__} has no weights: {full} is on the device 'meta'. Load its weights with "
                    "module.to_empty(device='cpu') and module.load_state_dict(...), then wrap it"
                )


def _copied(module: nn.Module) -> tuple[nn.Module, list[str]]:
    """Return a deep copy without hooks, and the names of attributes that it shares with its original."""
    shared: dict[str, Any] = {}
    try:
        return _deep_copy(module, shared), []
    except Exception:  # noqa: BLE001 - an attribute's own code may refuse in any way; which one is looked for
        shared = _refusing(module)
    try:
        return _deep_copy(module, shared), list(shared)
    except Exception as error:
        raise ClassifierError(
            f"{type(module).__name__} cannot be copied: {error}. Give the network inside it, or one that "
            "copy.deepcopy accepts"
        ) from error


@torch.no_grad()
def _deep_copy(module: nn.Module, shared: dict[str, Any]) -> nn.Module:
    return copy.deepcopy(module, _memo(module, shared))


def _memo(module: nn.Module, shared: dict[str, Any]) -> dict[int, Any]:
    """Return what a deep copy shares with its original, and what it leaves out."""
    memo: dict[int, Any] = {id(value): value for value in shared.values()}
    for part in _python_parts(module):
        held = vars(part)
        for hooks in (*_FORWARD_HOOKS, *_OTHER_HOOKS, *_HOOK_FLAGS):
            if held.get(hooks):
                memo[id(held[hooks])] = OrderedDict()
        for value in held.values():
            # deepcopy refuses tensors with a history, such as the weight that a weight_norm recomputes.
            if isinstance(value, torch.Tensor) and not value.is_leaf:
                memo[id(value)] = value.detach().clone()
        if (compiled := held.get("_compiled_call_impl")) is not None:
            memo[id(compiled)] = compiled
    return memo


def _refusing(module: nn.Module) -> dict[str, Any]:
    """Return the attributes that cannot be copied, by name."""
    found: dict[str, Any] = {}
    parts = {id(part): part for part in module.modules()}
    for path, part in module.named_modules():
        if isinstance(part, torch.jit.ScriptModule):
            continue
        for name, value in vars(part).items():
            if name in (*_REGISTERED, *_FORWARD_HOOKS, *_OTHER_HOOKS) or isinstance(value, torch.Tensor):
                continue
            try:
                copy.deepcopy(value, {**parts})  # whose modules are looked at by themselves
            except Exception:  # noqa: BLE001 - an attribute's own code may refuse in any way
                found[f"{path}.{name}" if path else name] = value
    return found


def _copy_hooks(module: nn.Module, copied: nn.Module) -> list[Hook]:
    """Give the copy the module's forward hooks, and list those that are somebody else's."""
    named = dict(copied.named_modules())
    pairs = [(name, part, named[name]) for name, part in module.named_modules() if name in named]
    twins = {id(part): twin for _, part, twin in pairs}
    others = []
    for name, part, twin in pairs:
        if isinstance(part, torch.jit.ScriptModule):
            continue
        # The copy of an exported graph would lack what checks its input.
        for key, value in vars(part).items():
            vars(twin).setdefault(key, value)  # type: ignore[attr-defined]
        for kind in _FORWARD_HOOKS:
            for key, function in vars(part)[kind].items():
                own = _is_own(function, twins)
                vars(twin)[kind][key] = _rebound(function, twins) if own else function
                if not own:
                    others.append(Hook(twin, name or type(module).__name__, kind, key, function))
        for flags in _HOOK_FLAGS:
            vars(twin)[flags].update(vars(part)[flags])
    return others


def _is_own(hook: Any, twins: dict[int, nn.Module]) -> bool:  # noqa: ANN401 - hooks are any callables
    """Return whether PyTorch (as weight_norm and pruning do) or the module itself has registered this hook."""
    function = hook.func if isinstance(hook, functools.partial) else hook
    if id(getattr(function, "__self__", None)) in twins:
        return True
    where = getattr(function, "__module__", None) or type(function).__module__
    return where.startswith("torch.")


def _rebound(hook: Any, twins: dict[int, nn.Module]) -> Any:  # noqa: ANN401
    """Return the hook as the copy has it: a method of a part becomes that of the part's twin."""
    if isinstance(hook, functools.partial):
        return functools.partial(_rebound(hook.func, twins), *hook.args, **hook.keywords)
    owner = getattr(hook, "__self__", None)
    return hook.__func__.__get__(twins[id(owner)]) if id(owner) in twins else copy.deepcopy(hook)


def _freeze(module: nn.Module) -> None:
    with contextlib.suppress(Exception):  # exported programs refuse, and have nothing to switch
        module.eval()  # one of its own may have more to do than to set the flag
    for part in _python_parts(module):
        vars(part)["training"] = False  # whatever an overridden `train` or `eval` has made of it
        vars(part).pop("_compiled_call_impl", None)  # which would call the module that was given
    for parameter in module.parameters():
        parameter.requires_grad_(False)


def _convert(module: nn.Module, device: torch.device | None, dtype: torch.dtype) -> None:
    """Move everything that computes to a device and a precision, complex numbers to the complex one."""

    def converted(tensor: torch.Tensor) -> torch.Tensor:
        kinds = _COMPLEX if tensor.is_complex() else _REAL if tensor.is_floating_point() else {}
        return tensor.to(device or tensor.device, kinds.get(dtype, tensor.dtype))

    module._apply(converted)  # type: ignore[no-untyped-call]  # noqa: SLF001 - `to` may be overridden, and would make complex numbers real
    for part in _python_parts(module):
        for name, value in list(vars(part).items()):
            if isinstance(value, torch.Tensor):  # one that the module has not registered
                vars(part)[name] = converted(value)
