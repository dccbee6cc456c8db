"""Find the feature maps that Grad-CAM weights: where in a network they are, and how they lie in its tensors.

Nothing here goes by names. A tensor counts as the network's maps if every path from the picture to the logits leads
through it, as the autograd graph shows: then it is no branch of a residual block without its sum. Which axes are the
channels, the rows and the columns is read off the shape where one reading alone goes with the picture's shape, and else
measured: what lies in a quarter of the maps has to depend most on that quarter of the picture.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from cartoonx_widgets.classifiers.tensor_outputs import find_cuts, quarter_of, tensors_in, with_exchanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor
    from torch.utils.hooks import RemovableHandle

    from cartoonx_widgets.classifiers import Classifier

_COPIES = 4  # of the picture: as it is, and mirrored
_MOST_EXTRA_TOKENS = 16  # class, distillation and register tokens
_LIKE = 1.5  # how far the aspect ratio of maps may be from the picture's, since convolutions without padding change it
_CLEARLY = 1.05  # how much more quarters have to depend on their own than on those of any other order
_HALVINGS = 3  # of a grid, which later stages may have
_NAMED = 4  # candidates in a message
_PICTURES, _SEQUENCES = 4, 3  # dimensions of (B, C, h, w) and of (B, N, D)


class Layout(NamedTuple):
    """How maps (B, C, h, w) lie in a tensor.

    Attributes:
        axes: the tensor's axes in the order (B, C, h, w), or (B, C, N) where it holds tokens.
        grid: (h, w).
        first: how many tokens stand before those of the grid, such as a class token.
    """

    axes: tuple[int, ...]
    grid: tuple[int, int]
    first: int = 0

    def maps(self, tensor: Tensor) -> Tensor:
        """Return the maps (B, C, h, w) in a tensor."""
        turned = tensor.permute(self.axes)
        if turned.ndim == _PICTURES:
            return turned
        return turned.narrow(2, self.first, math.prod(self.grid)).reshape(*turned.shape[:2], *self.grid)

    def put(self, maps: Tensor, tensor: Tensor) -> Tensor:
        """Return a tensor with other maps (B, C, h, w) in place of its own."""
        if tensor.ndim == _SEQUENCES:
            before, own, after = tensor.permute(self.axes).tensor_split(
                (self.first, self.first + math.prod(self.grid)), dim=2
            )
            maps = torch.cat((before, maps.flatten(2).to(own), after), dim=2)
        return maps.permute(tuple(self.axes.index(axis) for axis in range(tensor.ndim)))


@dataclass(frozen=True)
class FeatureMaps:
    """Where a network's feature maps are.

    Attributes:
        part: the name of the part that gives them.
        call: which of its calls, from 0.
        output_index: which tensor of its output, from 0.
        layout: how they lie in it.
    """

    part: str
    call: int
    output_index: int
    layout: Layout

    def through(self, classifier: Classifier, seat: nn.Module) -> RemovableHandle:
        """Let the maps (B, C, h, w) pass through a module of yours, until the hook that is returned is removed."""
        calls = 0

        def lead(_part: nn.Module, _given: object, output: object) -> object:
            nonlocal calls
            calls += 1
            if calls != self.call + 1:
                return None
            return with_exchanged(
                output, self.output_index, lambda tensor: self.layout.put(seat(self.layout.maps(tensor)), tensor)
            )

        return classifier.module.get_submodule(self.part).register_forward_hook(lead)


def find(classifier: Classifier, image: Tensor, layer: str | None = None) -> FeatureMaps:
    """Find the last feature maps that all of the network's answer depends on, or those of one part.

    Args:
        classifier: hooks are set on its parts for a while, so no other thread may use it.
        image: (1, C, H, W) in [0, 1].
        layer: the part's name; the last call of the part counts.

    Raises:
        ValueError: there is no such part, its output is no maps, or no part's output is beyond doubt.
    """
    parts: dict[str, nn.Module] = dict(classifier.module.named_modules())
    if layer is not None and layer not in parts:
        known = ", ".join(repr(name) for name in list(parts)[-_NAMED:] if name)
        raise ValueError(f"layer={layer!r} is no part of {classifier.name}; among its last ones are {known}")
    if any(isinstance(part, torch.jit.ScriptModule) for part in parts.values()):
        raise ValueError(
            f"{classifier.name} has parts in TorchScript, which do not show what they give to Grad-CAM: make its "
            "Classifier of the module that was scripted or traced"
        )
    with torch.enable_grad():
        search = _Search(classifier, image)
        return search.last() if layer is None else search.of_part(layer)


class _Output(NamedTuple):
    """A tensor that a part gave, and where it stood in the autograd graph when it was given."""

    part: str
    call: int
    output_index: int
    tensor: Tensor
    node: Any
    number: int

    @property
    def pooled(self) -> bool:
        """Return whether a pooling made it, which passes maps on, but makes none."""
        return "Pool" in self.node.name()


class _Search:
    """One pass of a few copies of the picture through the network, and what its parts gave."""

    def __init__(self, classifier: Classifier, image: Tensor) -> None:
        self._classifier = classifier
        self._size = (image.shape[-2], image.shape[-1])
        self._grids: set[tuple[int, int]] = set()  # of maps that were seen
        mirrored = [image.detach().flip(axes) for axes in ((), (2,), (3,), (2, 3))]
        self._copies = torch.cat(mirrored).requires_grad_()
        self._outputs: list[_Output] = []
        self._inside: set[int] = set()  # which of them were given within a part that takes maps and gives none, a head
        self._calls: dict[str, int] = defaultdict(int)
        self._begun: list[
            tuple[int, bool]
        ] = []  # of each part at work: how many outputs there were, and if it got maps
        hooks: list[RemovableHandle] = []
        for name, part in list(classifier.module.named_modules())[1:]:
            hooks.append(part.register_forward_pre_hook(self._begin, with_kwargs=True))
            hooks.append(part.register_forward_hook(functools.partial(self._end, name)))
        try:
            self._logits: Tensor = classifier(self._copies)
        finally:
            for hook in hooks:
                hook.remove()
        if self._logits.grad_fn is None:
            raise ValueError(f"no gradient of {classifier.name}'s logits reaches the picture, which Grad-CAM needs")

    def _begin(self, _part: nn.Module, args: object, kwargs: object) -> None:
        self._begun.append((len(self._outputs), any(self._has_maps(one) for one in tensors_in((args, kwargs)))))

    def _end(self, name: str, part: nn.Module, _given: object, output: object) -> None:
        start, had_maps = self._begun.pop()
        inner = range(start, len(self._outputs))
        for index, tensor in enumerate(tensors_in(output)):
            if tensor.ndim in (_PICTURES, _SEQUENCES) and tensor.grad_fn is not None:
                self._see(tensor)
                self._outputs.append(_Output(name, self._calls[name], index, tensor, tensor.grad_fn, tensor.output_nr))
        self._calls[name] += 1
        # A network behind a normalisation is no head; and of a sequence, any part may be the last that gives maps.
        may_be_head = had_maps and start > len(inner) and not isinstance(part, nn.Sequential)
        if may_be_head and not any(self._has_maps(one) for one in tensors_in(output)):
            self._inside |= set(inner)

    def last(self) -> FeatureMaps:
        """Return the last maps on every path from the picture to the logits that the logits depend on."""
        shown = [output for index, output in enumerate(self._outputs) if index not in self._inside]
        own = [output for output in self._first(shown) if not output.pooled and self._possible(output.tensor)]
        cuts = find_cuts(self._logits, self._copies, {(output.node, output.number) for output in own})
        indices = [index for index, output in enumerate(own) if (output.node, output.number) in cuts]
        # Where most of the layers come behind, the maps that count are in tensors which no part gives.
        if indices and 2 * self._layers(own[: indices[-1] + 1]) > self._layers(own):
            for index in reversed(indices):
                if self._matters(own[index].tensor):
                    layout = self._layout(own[index].tensor, [own[earlier].tensor for earlier in indices])
                    if layout is None:
                        break  # what comes earlier is not the last there is
                    return FeatureMaps(*own[index][:3], layout)
        if not self._gradient_to(self._copies).any():
            raise ValueError(f"the logits of {self._classifier.name} do not depend on this picture: check its weights")
        known = self._candidates()
        raise ValueError(
            f"no part of {self._classifier.name} gives feature maps that all of its answer certainly depends on"
            + (f": name the part that Grad-CAM is to weight by layer=, such as {known}" if known else "")
        )

    def of_part(self, layer: str) -> FeatureMaps:
        """Return the maps in what a part gave last."""
        outputs = [output for output in self._outputs if output.part == layer]
        which, known = f"layer={layer!r} of {self._classifier.name}", self._candidates()
        others = f"; name another part, such as {known}" if known else ""
        if not outputs:
            raise ValueError(f"{which} gives no feature maps or tokens of the picture{others}")
        outputs = [output for output in outputs if output.call == outputs[-1].call]
        for output in outputs:
            layout = self._layout(output.tensor)
            if layout is None:
                continue
            if not self._reached(output.tensor, layout):
                raise ValueError(
                    f"{which} gives maps that the logits do not depend on, as where a class token alone is read{others}"
                )
            [first] = [one for one in self._first(self._outputs) if one[4:] == output[4:]]
            return FeatureMaps(*first[:3], layout)
        shape = (1, *outputs[0].tensor.shape[1:])
        if len(shape) == _PICTURES and math.prod(shape[2:]) == 1:
            raise ValueError(f"{which} gives feature maps of one pixel, {shape}{others}")
        raise ValueError(
            f"{which} gives a tensor of shape {shape}, in which the picture's rows and columns are not to be told"
            f"{others}"
        )

    @staticmethod
    def _first(outputs: list[_Output]) -> list[_Output]:
        """Return each tensor as the part that made it gave it, not as parts that passed it on did."""
        return list({(one.node, one.number): one for one in reversed(outputs)}.values())[::-1]

    def _has_maps(self, tensor: Tensor) -> bool:
        return tensor.grad_fn is not None and tensor.ndim in (_PICTURES, _SEQUENCES) and bool(self._possible(tensor))

    def _possible(self, tensor: Tensor) -> list[Layout]:
        """Return the layouts that go with a tensor's shape."""
        return self._pictures(tensor) if tensor.ndim == _PICTURES else list(self._tokens(tensor))

    def _pictures(self, tensor: Tensor) -> list[Layout]:
        if len(tensor) != _COPIES:
            return []
        layouts = [
            Layout(axes, (tensor.shape[axes[2]], tensor.shape[axes[3]])) for axes in ((0, 1, 2, 3), (0, 3, 1, 2))
        ]
        alike = [one for one in layouts if math.prod(one.grid) > 1 and self._is_like_picture(one)]
        return alike or [one for one in layouts if min(one.grid) > 1]

    def _is_like_picture(self, layout: Layout) -> bool:
        (height, width), (rows, columns) = self._size, layout.grid
        return 1 / _LIKE <= (rows * width) / (columns * height) <= _LIKE

    def _tokens(self, tensor: Tensor) -> Iterator[Layout]:
        for axes in ((0, 2, 1), (0, 1, 2), (1, 2, 0)):
            if tensor.shape[axes[0]] != _COPIES or tensor.shape[axes[1]] == 1:
                continue
            count = tensor.shape[axes[2]]
            for extra in range(min(_MOST_EXTRA_TOKENS + 1, count)):
                grids = self._grids_of(count - extra)
                yield from (Layout(axes, grid, first) for grid in grids for first in sorted({extra, 0}, reverse=True))
                if grids:
                    break

    def _grids_of(self, count: int) -> set[tuple[int, int]]:
        """Return grids of so many tokens: seen ones, and those of the picture's own aspect ratio."""
        rows = math.isqrt(count * self._size[0] // self._size[1])
        found = {grid for grid in self._grids if math.prod(grid) == count}
        if rows > 1 and count % rows == 0 and rows * self._size[1] == count // rows * self._size[0]:
            found.add((rows, count // rows))
        return {grid for grid in found if min(grid) > 1}

    def _certain(self, tensor: Tensor) -> Layout | None:
        """Return the layout that the shape alone determines."""
        layouts = self._pictures(tensor) if tensor.ndim == _PICTURES else []
        return layouts[0] if len(layouts) == 1 and self._is_like_picture(layouts[0]) else None

    def _see(self, tensor: Tensor) -> None:
        """Remember the grid of maps, and those that later stages may make of it."""
        layout = self._certain(tensor)
        if layout is not None:
            rows, columns = layout.grid
            self._grids |= {(-(-rows // 2**times), -(-columns // 2**times)) for times in range(_HALVINGS + 1)}

    def _layout(self, tensor: Tensor, cuts: Sequence[Tensor] = ()) -> Layout | None:
        """Return the layout of a tensor's maps, or None where there are none, or there is a doubt."""
        certain = self._certain(tensor)
        if certain is not None:
            return certain
        layouts = self._possible(tensor)
        measured = {layout: self._located(layout.maps(tensor), self._copies) for layout in layouts}
        best = max(measured, key=lambda layout: measured[layout], default=None)
        if best is not None and measured[best] > 0:
            return best
        carried = [layout for layout in layouts if self._is_carried_on(tensor, layout, cuts)]
        return carried[0] if len(carried) == 1 else None

    def _is_carried_on(self, tensor: Tensor, layout: Layout, cuts: Sequence[Tensor]) -> bool:
        """Return whether maps that were in their positions early are kept in them from one tensor to the next.

        Many blocks together may mix the positions beyond recognition, but not one alone.
        """
        alike = [one for one in cuts if one.shape == tensor.shape]
        chain = alike[: 1 + next((index for index, one in enumerate(alike) if one is tensor), -1)]
        if len(chain) < 2 or not self._located(layout.maps(chain[0]), self._copies):  # noqa: PLR2004
            return False
        return all(self._located(layout.maps(after), before, layout) for before, after in itertools.pairwise(chain))

    def _located(self, maps: Tensor, source: Tensor, layout: Layout | None = None) -> float:
        """Return how much of what a quarter of maps depends on lies in that quarter of a source; 0 if not clearly most.

        The source is the picture, or a tensor with maps in a layout.

        The gradients are of sums with random signs. Each quarter has its turn in each copy, and the copies are
        mirrored, so that a lively quarter of the picture does not count more.
        """
        if min(maps.shape[2:]) < 2:  # noqa: PLR2004 - it has no quarters
            return 0.0
        generator = torch.Generator().manual_seed(0)
        weights = torch.zeros(_COPIES, _COPIES, dtype=torch.float64)
        for turn in range(_COPIES):
            quarters = [(copy + turn) % _COPIES for copy in range(_COPIES)]
            signs = torch.randn(maps.shape, generator=generator).to(maps)
            own = torch.stack([quarter.sum() for quarter in map(quarter_of, maps * signs, quarters)]).sum()
            (gradient,) = torch.autograd.grad(own, source, retain_graph=True)
            gradient = gradient if layout is None else layout.maps(gradient)
            for quarter, size in zip(quarters, gradient.cpu().double().abs(), strict=True):
                weights[quarter] += torch.stack([quarter_of(size, index).sum() for index in range(_COPIES)])
        for _ in range(_COPIES):
            weights = weights / weights.sum(1, keepdim=True)
            weights = weights / weights.sum(0, keepdim=True)
        in_order, *others = (
            sum(float(weights[index]) for index in enumerate(order)) for order in itertools.permutations(range(_COPIES))
        )
        return in_order / _COPIES if in_order > _CLEARLY * max(others) else 0.0

    def _matters(self, tensor: Tensor) -> bool:
        """Return whether the logits depend on a tensor's maps in each possible layout: not on a class token alone."""
        return all(self._reached(tensor, layout) for layout in self._possible(tensor))

    def _reached(self, tensor: Tensor, layout: Layout) -> bool:
        return bool(layout.maps(self._gradient_to(tensor)).any())

    def _gradient_to(self, tensor: Tensor) -> Tensor:
        """Return the gradient of the logits, with random weights, to a tensor."""
        weights = torch.randn(self._logits.shape, generator=torch.Generator().manual_seed(0)).to(self._logits)
        logits = (weights * self._logits).sum()
        return torch.autograd.grad(logits, tensor, retain_graph=True, allow_unused=True, materialize_grads=True)[0]

    def _layers(self, outputs: list[_Output]) -> int:
        """Return how many of these outputs are those of layers with weights."""
        module = self._classifier.module
        return sum(any(True for _ in module.get_submodule(one.part).parameters(recurse=False)) for one in outputs)

    def _candidates(self) -> str:
        """Return names of parts whose outputs may be maps, the last ones of whole blocks."""
        own = [output.part for output in self._outputs if not output.pooled and self._possible(output.tensor)]
        latest = list(dict.fromkeys(reversed(own)))[: 3 * _NAMED]
        return ", ".join(repr(name) for name in sorted(latest, key=lambda name: name.count("."))[:_NAMED])
