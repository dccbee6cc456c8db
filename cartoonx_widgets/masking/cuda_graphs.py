"""Steps replayed as CUDA graphs: one launch in place of many hundreds, which is what a small classifier waits for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Generator

_WARM_UP = 3  # calls before a capture: libraries choose their algorithms, and optimisers make their state


class GraphedSteps:
    """Runs the work of steps, from the fourth of each kind on as a captured CUDA graph.

    The work must change tensors in place and read nothing back. Where it cannot be captured, it runs as it is from
    then on, and `reason` has the reason.

    Args:
        device: the GPU that the work is for, which need not be the current one.

    Attributes:
        reason: why nothing is captured; empty while that has not been tried, or where it works.
    """

    def __init__(self, device: torch.device) -> None:
        self.reason, self._device = "", device
        self._graphs: dict[object, torch.cuda.CUDAGraph] = {}
        self._calls: Counter[object] = Counter()
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    @property
    def captured(self) -> bool:
        """Return whether steps are replayed by now."""
        return bool(self._graphs)

    def forget(self) -> None:
        """Capture anew: some tensor that the work uses has been replaced."""
        self._graphs.clear()
        self._calls.clear()

    def run(self, kind: object, work: Callable[[], None], generator: Generator) -> Generator:
        """Do the work of this kind once.

        Returns:
            The generator to draw from: another one, in the same state, where a capture failed with the given one.
        """
        with torch.cuda.device(self._device):
            return self._run(kind, work, generator)

    def _run(self, kind: object, work: Callable[[], None], generator: Generator) -> Generator:
        if graph := self._graphs.get(kind):
            graph.replay()
            return generator
        if self.reason or self._calls[kind] < _WARM_UP:
            self._calls[kind] += 1
            self._beside(work)
            return generator
        state = generator.get_state()
        try:
            self._graphs[kind] = self._captured(work, generator)
        except Exception as error:  # noqa: BLE001 - a classifier may do anything that a capture does not allow
            self.reason = f"{type(error).__name__}: {error}".splitlines()[0]
            self._graphs.clear()
            torch.cuda.synchronize()
            generator = torch.Generator(generator.device)
            generator.set_state(state)
        return self._run(kind, work, generator)

    def _captured(self, work: Callable[[], None], generator: Generator) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(generator)
        # Another thread may use the device meanwhile: a widget shows an older frame.
        with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
            work()
        return graph

    def _beside(self, work: Callable[[], None]) -> None:
        """Put work on a stream of its own, as it must be before a capture."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            work()
        torch.cuda.current_stream().wait_stream(self._stream)
