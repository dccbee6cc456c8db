"""What can run beside others: an optimisation step by step, or a heat map that is made at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import numpy as np

from cartoonx_widgets.explanations.explanation import explanation_of
from cartoonx_widgets.recording.frame import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.masking import Optimization
    from cartoonx_widgets.representations import Band

State = Literal["ready", "playing", "paused", "done", "failed"]
_LEVELS = 255
_RATE_WINDOW = 20


class Glance(NamedTuple):
    """What there is to see of a task by now.

    Attributes:
        step: how many steps had been taken.
        cartoon: (3, H, W) in [0, 1].
        mask: (N,) in levels of 0 to 255.
        bands: where they lie.
        share_kept: mean mask entry, in [0, 1].
        probability: of the explained class for the cartoon.
        distortion: in each step taken so far; empty where nothing is optimised.
    """

    step: int
    cartoon: Tensor
    mask: np.ndarray
    bands: Sequence[Band]
    share_kept: float
    probability: float
    distortion: np.ndarray


class Task(Protocol):
    """Something that takes steps and ends in an explanation."""

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        ...

    @property
    def steps_done(self) -> int:
        """How many have been taken."""
        ...

    def step(self) -> None:
        """Take one."""
        ...

    def glance(self) -> Glance:
        """What there is to see by now; after the first step."""
        ...

    def explanation(self) -> Explanation:
        """What has been reached by now; after the first step."""
        ...


class MaskTask:
    """A mask's optimisation.

    Args:
        optimization: of one image, before its first step.
        seed: of its noise.
    """

    def __init__(self, optimization: Optimization, seed: int) -> None:
        self._run: Optimization | None = optimization
        self._seed = seed
        self._stands = 0

    @property
    def optimization(self) -> Optimization:
        """The optimisation.

        Raises:
            RuntimeError: it was handed over.
        """
        if self._run is None:
            raise RuntimeError("this run was handed over: reset to begin another")
        return self._run

    @property
    def steps(self) -> int:
        """Steps of the run."""
        return self._stands if self._run is None else self._run.method.steps

    @property
    def steps_done(self) -> int:
        """Steps taken."""
        return self._stands if self._run is None else self._run.steps_done

    @property
    def handed_over(self) -> bool:
        """Whether the run was given away."""
        return self._run is None

    def hand_over(self) -> Optimization:
        """Give the run away, to be looked at or continued elsewhere.

        The task then counts as done, and its explanation has to be known already.

        Raises:
            RuntimeError: it was handed over before.
        """
        run = self.optimization
        self._stands = run.steps_done
        self._run = None
        return run

    def step(self) -> None:
        """Take one step."""
        self.optimization.step()

    def glance(self) -> Glance:
        """The newest mask, or the one that the last step asked the classifier about anyway.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        run = self.optimization
        frame = frame_of(run, measured=True)
        return Glance(
            frame.step,
            frame.cartoon(run.coefficients[0], run.transform).cpu(),
            frame.levels(),
            run.transform.bands,
            frame.share_kept,
            float(frame.probabilities[int(run.targets[0])]),
            run.curves()["distortion"][:, 0],
        )

    def explanation(self) -> Explanation:
        """The explanation reached by now.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return explanation_of(self.optimization, seed=self._seed)


class HeatTask:
    """A heat map, which is made in one step.

    Args:
        make: makes its explanation.
    """

    def __init__(self, make: Callable[[], Explanation]) -> None:
        self._make = make
        self._made: Explanation | None = None
        self.steps = 1

    @property
    def steps_done(self) -> int:
        """1 when it is made."""
        return int(self._made is not None)

    def step(self) -> None:
        """Make it."""
        self._made = self._make()

    def glance(self) -> Glance:
        """The heat map as a mask."""
        made = self.explanation()
        levels = (made.mask * _LEVELS).round().numpy().astype(np.uint8)
        return Glance(
            self.steps_done,
            made.cartoon,
            levels,
            made.transform.bands,
            made.share_kept,
            made.probability,
            made.curves["distortion"],
        )

    def explanation(self) -> Explanation:
        """What was made."""
        if self._made is None:
            raise RuntimeError("this heat map has not been made yet")
        return self._made


@dataclass(frozen=True, kw_only=True)
class LaneStatus:
    """Where a task stands.

    Attributes:
        state: "ready" before its first step, "playing", "paused", "done" after its last one, or "failed".
        step: steps taken.
        steps: steps in all.
        seconds: that its steps have taken so far.
        seconds_left: that those which are left will take, alone, by the newest ones; None where unknown.
    """

    state: State
    step: int
    steps: int
    seconds: float
    seconds_left: float | None


class Lane:
    """A task, and what is known of its way.

    Attributes:
        task: that runs.
        playing: whether it is its turn again.
        error: what stopped it.
        result: its explanation where it stands still, None before the first and while it moves.
        shown: after which step it was last shown.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.playing = False
        self.error: BaseException | None = None
        self.result: Explanation | None = None
        self.shown = 0
        self._still = threading.Lock()
        self._seconds = 0.0
        self._newest: deque[float] = deque(maxlen=_RATE_WINDOW)

    @property
    def finished(self) -> bool:
        """Whether no step is left."""
        return self.task.steps_done >= self.task.steps

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be done for it now: it stands, and its explanation is known."""
        moved = self.task.steps_done > 0
        return not self.playing and (self.error is not None or not moved or self.result is not None)

    @property
    def status(self) -> LaneStatus:
        """Where it stands."""
        step, steps = self.task.steps_done, self.task.steps
        each = sum(self._newest) / len(self._newest) if self._newest else None
        left = max(steps - step, 0)
        return LaneStatus(
            state=self._state(step),
            step=step,
            steps=steps,
            seconds=self._seconds,
            seconds_left=0.0 if not left else None if each is None else each * left,
        )

    def advance(self) -> None:
        """Take a step."""
        started = time.perf_counter()
        with self._still:
            self.task.step()
        taken = time.perf_counter() - started
        self._seconds += taken
        self._newest.append(taken)
        self.result = None

    def explanation(self) -> Explanation:
        """What has been reached by now, after the first step; a step under way is waited for."""
        result = self.result
        if result is not None:
            return result
        with self._still:
            return self.task.explanation()

    def _state(self, step: int) -> State:
        if self.error is not None:
            return "failed"
        if self.playing:
            return "playing"
        if self.finished:
            return "done"
        return "paused" if step else "ready"
