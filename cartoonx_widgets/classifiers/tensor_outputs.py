"""Tensors in whatever a layer returns, and those that cut the way from the picture to the logits."""

from __future__ import annotations

import copy
import itertools
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor


def tensors_in(output: object) -> Iterator[Tensor]:
    """Yield the tensors in what a part gives: itself, or those in its tuples, lists and mappings."""
    if isinstance(output, torch.Tensor):
        yield output
    elif isinstance(output, Mapping):
        for one in output.values():
            yield from tensors_in(one)
    elif isinstance(output, tuple | list):
        for one in output:
            yield from tensors_in(one)


def with_exchanged(output: Any, index: int, exchange: Callable[[Tensor], Tensor]) -> Any:  # noqa: ANN401
    """Return what a part gives, with the tensor at one index exchanged."""
    counter = itertools.count()

    def with_exchanged(one: Any) -> Any:  # noqa: ANN401
        if isinstance(one, torch.Tensor):
            return exchange(one) if next(counter) == index else one
        if isinstance(one, Mapping):
            found = copy.copy(one)
            for key, value in one.items():
                found[key] = with_exchanged(value)  # type: ignore[index]
            return found
        if isinstance(one, tuple | list):
            values = [with_exchanged(value) for value in one]
            return type(one)(*values) if hasattr(one, "_fields") else type(one)(values)
        return one

    return with_exchanged(output)


def quarter_of(picture: Tensor, index: int) -> Tensor:
    """Return a quarter of a picture (C, H, W), without the middle row and column of an odd number."""
    rows, columns = (side // 2 for side in picture.shape[1:])
    bottom, right = divmod(index, 2)
    upper = picture[:, -rows:] if bottom else picture[:, :rows]
    return upper[:, :, -columns:] if right else upper[:, :, :columns]


def find_cuts(logits: Tensor, image: Tensor, outputs: set[tuple[Any, int]]) -> set[tuple[Any, int]]:
    """Return which of a graph's outputs (node, number) lie on every path from the logits back to the image.

    The paths through an output are as many as lead to it times as many as lead on from it.
    """
    order = _sorted(logits.grad_fn)
    onwards: dict[Any, int] = {}
    for node in reversed(order):
        leaf = getattr(node, "variable", None) is image
        onwards[node] = int(leaf) + sum(onwards[one] for one, _ in node.next_functions if one is not None)
    arriving: dict[tuple[Any, int], int] = defaultdict(int)
    at_node: dict[Any, int] = defaultdict(int)
    at_node[logits.grad_fn] = arriving[logits.grad_fn, logits.output_nr] = 1
    for node in order:
        for one, number in node.next_functions:
            if one is not None:
                arriving[one, number] += at_node[node]
                at_node[one] += at_node[node]
    whole = onwards[logits.grad_fn]
    return {output for output in outputs if whole and arriving[output] * onwards.get(output[0], 0) == whole}


def _sorted(root: Any) -> list[Any]:  # noqa: ANN401 - PyTorch's nodes have no public type with all of this
    """Return the nodes of an autograd graph, each before those that it leads to."""
    found: list[Any] = []
    seen = {root}
    stack = [(root, iter(root.next_functions))]
    while stack:
        node, rest = stack[-1]
        following = next((one for one, _ in rest if one is not None and one not in seen), None)
        if following is None:
            found.append(node)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(following.next_functions)))
    return found[::-1]
