"""The same function in less time: normalisation and padding folded into convolutions, 1 x 1 ones as products.

Nothing here is believed: each change is of parts whose forward is known line by line, and is undone where the logits of
any of several pictures change by more than rounding.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cartoonx_widgets.classifiers.convolutions import Pointwise, as_product, normalised, plainly, rest
from cartoonx_widgets.classifiers.copying import duplicate
from cartoonx_widgets.classifiers.probing import Probe, Prober

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor


# Subclasses that pad their input and then do what nn.Conv2d does, and normalisations with an activation of their own.
_PADDING = frozenset({
    "efficientnet_lite_pytorch.utils.Conv2dStaticSamePadding",
    "efficientnet_pytorch.utils.Conv2dStaticSamePadding",
    "efficientnet_pytorch.utils.Conv2dDynamicSamePadding",
    "timm.layers.conv2d_same.Conv2dSame",
})  # fmt: skip
_NORMS = frozenset({
    "timm.layers.norm_act.BatchNormAct2d",
    "timm.layers.norm_act.FrozenBatchNormAct2d",
    "torchvision.ops.misc.FrozenBatchNorm2d",
})  # fmt: skip


class _Pair(NamedTuple):
    """The names of a convolution and of the normalisation that alone reads its output."""

    conv: str
    norm: str


class _Change(NamedTuple):
    """Parts to put in place of others, by all names that those have."""

    what: frozenset[str]
    parts: dict[str, nn.Module]


_READING = frozenset({
    torch.ops.aten._local_scalar_dense.default,  # noqa: SLF001 - the operation's name
    torch.ops.aten.is_nonzero.default,
    torch.ops.aten.equal.default,
    torch.ops.aten.nonzero.default,
})  # fmt: skip
_LEAVING = frozenset({torch.Tensor.numpy, torch.Tensor.tolist, torch.Tensor.__array__, torch.Tensor.__dlpack__})
# In parts of the logits' spread: what needs no further look, what rounding may do, what is exact in double precision.
_CERTAIN, _ROUNDING, _EXACT = 1e-5, 5e-5, 1e-9
_NORM, _PAD, _POINT = "batch norm", "padding", "1 x 1 convolution"


def accelerate(module: nn.Module, prober: Prober) -> tuple[list[Tensor], list[str]]:
    """Make a frozen module faster, in place, where that does not change its output.

    Convolutions get channels-last weights; each batch normalisation is folded into the convolution that alone feeds it,
    and zero padding into its convolution; on a CPU with one thread, as in a study, 1 x 1 convolutions are computed as
    products of matrices, since PyTorch then takes a way of its own that moves more memory. The module must be nobody
    else's while this runs.

    Returns:
        The module's logits before, batch by batch, and what was done, one sentence each.

    Raises:
        Exception: whatever the module's own forward raises.
    """
    recorder = _Recorder(module)
    before = []
    with recorder:
        for batch in prober.pictures:
            before.append(prober.ask(batch))
            recorder.end_pass()
    pairs = recorder.pairs()
    changes = _changes(module, pairs)
    _lay_out(module, torch.channels_last)
    undo = _swap(module, changes)
    if _distance(prober, before, changes) <= _CERTAIN:
        return before, _notes(changes, changes, channels_last=True)
    _swap(module, undo)
    kept, channels_last = _carefully(module, prober, before, changes, _Precise(module, pairs, prober))
    return before, _notes(changes, kept, channels_last=channels_last)


def _carefully(
    module: nn.Module, prober: Prober, before: Sequence[Tensor], changes: Sequence[_Change], precise: _Precise
) -> tuple[list[_Change], bool]:
    """Make as many changes as change nothing; which, and whether with channels-last weights."""
    every = range(len(changes))

    def holds(indices: Sequence[int]) -> bool:
        distance = _distance(prober, before, [changes[index] for index in indices])
        return distance <= _CERTAIN or (distance <= _ROUNDING and precise.exact(indices))

    def tried(indices: Sequence[int]) -> bool:
        undo = _swap(module, [changes[index] for index in indices])
        if holds(indices):
            return True
        _swap(module, undo)
        return False

    for layout in (torch.channels_last, torch.contiguous_format):
        _lay_out(module, layout)
        if tried(every):
            return list(changes), layout == torch.channels_last
    _lay_out(module, torch.channels_last)
    channels_last = holds([])
    if not channels_last:
        _lay_out(module, torch.contiguous_format)
    return [changes[index] for index in _bisected(every, tried)], channels_last


def _bisected(indices: Sequence[int], tried: Callable[[Sequence[int]], bool]) -> list[int]:
    """Return those that can be made: all of them, or of each half, one by one if need be."""
    if not indices or tried(indices):
        return list(indices)
    if len(indices) == 1:
        return []
    half = len(indices) // 2
    return [*_bisected(indices[:half], tried), *_bisected(indices[half:], tried)]


class _Precise:
    """The same changes on a copy in double precision, where rounding is out of the question."""

    def __init__(self, module: nn.Module, pairs: Sequence[_Pair], prober: Prober) -> None:
        pictures = [batch.cpu().double() for batch in prober.pictures]
        try:
            self._module = duplicate(module, torch.float64)
            pictures = [batch.to(like.device) for batch, like in zip(pictures, prober.pictures, strict=True)]
        except TypeError:  # Apple's GPU has no double precision, the CPU has
            self._module = duplicate(module, torch.float64, torch.device("cpu"))
        self._prober = Prober(self._module, Probe(*pictures), prober.name)
        self._changes = _changes(self._module, pairs)
        try:
            self._before = self._prober.answers()
        except Exception:  # noqa: BLE001 - not every module or device has double precision
            self._before = []

    def exact(self, indices: Sequence[int]) -> bool:
        """Tell whether these changes are exact; where that cannot be found out, they are not."""
        if not self._before:
            return False
        changes = [self._changes[index] for index in indices]
        undo = _swap(self._module, changes)
        distance = _distance(self._prober, self._before, changes)
        _swap(self._module, undo)
        return distance <= _EXACT


def _notes(changes: Sequence[_Change], kept: Sequence[_Change], *, channels_last: bool) -> list[str]:
    notes = []
    if foldable := sum(_NORM in change.what for change in changes):
        folded = sum(_NORM in change.what for change in kept)
        notes.append(f"Folded {folded} of {foldable} batch norms into their convolutions.")
    for kind, text in (
        (_PAD, "Folded the padding of {} convolutions."),
        (_POINT, "{} 1 x 1 convolutions as products."),
    ):
        if count := sum(kind in change.what for change in kept):
            notes.append(text.format(count))
    if len(kept) < len(changes):
        notes.append(f"Left {len(changes) - len(kept)} convolutions as they were, as the logits would have changed.")
    if not channels_last:
        notes.append("Left the weights contiguous, as the module needs them so.")
    return notes


def _swap(module: nn.Module, changes: Iterable[_Change]) -> list[_Change]:
    """Put the parts in place, and return what undoes it."""
    undo = []
    for change in changes:
        undo.append(_Change(change.what, {name: module.get_submodule(name) for name in change.parts}))
        for name, part in change.parts.items():
            module.set_submodule(name, part)
    return undo


def _distance(prober: Prober, before: Sequence[Tensor], changes: Sequence[_Change]) -> float:
    """Return how far the logits are from what they were, by matrix products for any number of threads."""
    products = [part for change in changes for part in change.parts.values() if isinstance(part, Pointwise)]
    for part in products:
        part.always = True
    try:
        return prober.distance(before)
    finally:
        for part in products:
            part.always = False


def _lay_out(module: nn.Module, layout: torch.memory_format) -> None:
    """Store the kernels of convolutions in one layout; those that are computed anew each time are left."""
    for part in module.modules():
        if not _is_plain(part):
            continue
        kernel = part._parameters.get("weight")  # noqa: SLF001 - the parameter, not what an attribute makes of it
        if kernel is not None:
            kernel.data = kernel.data.contiguous(memory_format=layout)


def _changes(module: nn.Module, pairs: Sequence[_Pair]) -> list[_Change]:
    """Return what can be made faster, convolution by convolution."""
    names = defaultdict(list)
    for name, part in module.named_modules(remove_duplicate=False):
        if name:
            names[part].append(name)
    norms = {module.get_submodule(pair.conv): module.get_submodule(pair.norm) for pair in pairs}
    changes = []
    for conv in names:
        if not isinstance(conv, nn.Conv2d) or not _is_plain(conv) or _is_hooked(conv) or is_parametrized(conv):
            continue
        made: nn.Conv2d = conv
        what: set[str] = set()
        parts: dict[str, nn.Module] = {}
        if (norm := norms.get(conv)) is not None:
            made = normalised(made, norm)
            what.add(_NORM)
            parts |= dict.fromkeys(names[norm], rest(norm))
        plain = plainly(made)
        if plain is not made and plain.padding != (0, 0):
            what.add(_PAD)
        made = plain
        if (product := as_product(made)) is not None:
            made = product
            what.add(_POINT)
        if what:
            changes.append(_Change(frozenset(what), parts | dict.fromkeys(names[conv], made)))
    return changes


def _is_plain(part: nn.Module) -> bool:
    """Return whether a part computes what nn.Conv2d does, perhaps after padding: by its code, not by its name."""
    if not isinstance(part, nn.Conv2d) or "forward" in vars(part) or "_conv_forward" in vars(part):
        return False
    kind = type(part)
    own = kind.forward is nn.Conv2d.forward and kind._conv_forward is nn.Conv2d._conv_forward  # noqa: SLF001
    return own or isinstance(part, Pointwise) or _name(kind) in _PADDING


def _is_known_norm(part: nn.Module) -> bool:
    """Return whether a part normalises by fixed statistics, and perhaps activates afterwards."""
    kind = type(part)
    if "forward" in vars(part) or getattr(part, "running_var", None) is None:
        return False
    return (isinstance(part, nn.BatchNorm2d) and kind.forward is nn.BatchNorm2d.forward) or _name(kind) in _NORMS


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_hooked(part: nn.Module) -> bool:
    return bool(part._forward_hooks or part._forward_pre_hooks)  # noqa: SLF001 - there is no public way to ask


class _Leaving(TorchFunctionMode):
    """Notices when a forward pass takes numbers out of PyTorch."""

    noticed = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        self.noticed |= func in _LEAVING
        return func(*args, **(kwargs or {}))


class _Recorder(TorchDispatchMode):
    """Watches forward passes, and finds which normalisation alone reads what a convolution returns.

    Every operation of this thread is seen, also those of code that no tracer gets through. Whoever reads a
    convolution's output, or the weights of either, outside the two parts themselves, rules the pair out; so does a part
    that is called twice in a pass, and a pass in which another pair meets. Where the module's code looks at the value
    of a tensor, another picture may go another way, and nothing is found.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._names = {part: name for name, part in module.named_modules()}
        parts = [part for part in self._names if not _is_hooked(part) and not is_parametrized(part)]
        self._convs = [part for part in parts if isinstance(part, nn.Conv2d) and _is_plain(part)]
        self._norms = {part for part in parts if _is_known_norm(part)}
        self._owners = {
            id(tensor): part
            for part in (*self._convs, *self._norms)
            for tensor in (*part.parameters(recurse=False), *part.buffers(recurse=False))
        }
        self._outputs: dict[int, tuple[weakref.ref[Tensor], nn.Conv2d]] = {}
        self._inside: list[nn.Module] = []
        self._met: list[tuple[nn.Conv2d | None, nn.Module]] = []
        self._called: dict[nn.Module, int] = defaultdict(int)
        self._passes: list[dict[nn.Module, int]] = []
        self._ruled_out: set[nn.Module] = set()
        self._depends_on_values, self._leaving = False, _Leaving()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Leave out PyTorch's compiler, which takes seconds to load and has nothing to do here."""
        return False

    def __enter__(self) -> Self:
        self._handles = [
            handle
            for part in (*self._convs, *self._norms)
            for handle in (part.register_forward_pre_hook(self._enter), part.register_forward_hook(self._leave))
        ]
        self._leaving.__enter__()  # type: ignore[no-untyped-call]
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        self._leaving.__exit__(*error)  # type: ignore[no-untyped-call]
        for handle in self._handles:
            handle.remove()

    def _enter(self, part: nn.Module, given: tuple[Any, ...]) -> None:
        self._called[part] += 1
        if not isinstance(part, nn.Conv2d):
            read = self._of(given[0]) if given else None
            self._met.append((read, part))
        self._inside.append(part)

    def _leave(self, part: nn.Module, _given: object, output: object) -> None:
        self._inside.pop()
        if isinstance(part, nn.Conv2d) and isinstance(output, torch.Tensor):
            self._outputs[id(output)] = (weakref.ref(output), part)

    def end_pass(self) -> None:
        """Note that a forward pass has ended."""
        self._ruled_out.update(part for part, count in self._called.items() if count > 1)
        self._passes.append(dict(self._called))
        self._called.clear()
        self._outputs.clear()

    def _of(self, tensor: object) -> nn.Conv2d | None:
        """Return the convolution that has returned this very tensor."""
        reference, conv = self._outputs.get(id(tensor), (None, None))
        return conv if reference is not None and reference() is tensor else None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        inside = self._inside[-1] if self._inside else None
        self._depends_on_values |= func in _READING
        for value in tree_leaves((args, kwargs)):
            if not isinstance(value, torch.Tensor):
                continue
            owner = self._owners.get(id(value))
            if owner is not None and owner is not inside:
                self._ruled_out.add(owner)
            conv = self._of(value)
            if conv is not None and (inside not in self._norms or self._met[-1][0] is not conv):
                self._ruled_out.add(conv)
        return func(*args, **(kwargs or {}))

    def pairs(self) -> list[_Pair]:
        """Return each convolution and normalisation of which every pass shows that the first feeds the second alone."""
        if self._depends_on_values or self._leaving.noticed:
            return []
        feeding: dict[nn.Module, set[nn.Conv2d | None]] = defaultdict(set)
        fed: dict[nn.Conv2d, set[nn.Module]] = defaultdict(set)
        for conv, norm in self._met:
            feeding[norm].add(conv)
            if conv is not None:
                fed[conv].add(norm)
        found = []
        for norm, convs in feeding.items():
            (conv, *others) = convs
            if others or conv is None or fed[conv] != {norm} or {conv, norm} & self._ruled_out:
                continue
            if all(seen.get(conv, 0) == seen.get(norm, 0) for seen in self._passes):
                found.append(_Pair(self._names[conv], self._names[norm]))
        return found
