"""What an engine can run: a mask's optimisation, step by step, or a heat map, which is made in one step."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from cartoonx_widgets.explanations.explanation import explanation_of
from cartoonx_widgets.recording.frame import Frame, frame_of, newest_classified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.masking import Optimization


class Snapshot(NamedTuple):
    """A frame that was just recorded.

    Attributes:
        optimization: the run that it belongs to.
        frame_index: of the frame in the recording of that run.
        frame: the step, the mask, and the classifier's probabilities for the cartoon and, in some frames, the rest.
        classified: the newest frame so far whose rest was classified.
    """

    optimization: Optimization
    frame_index: int
    frame: Frame
    classified: Frame

    @property
    def probability(self) -> float:
        """Return the probability of the explained class for the cartoon, in [0, 1]."""
        return float(self.frame.probabilities[self.optimization.target])

    @property
    def probability_rest(self) -> float:
        """Return the probability of the explained class for the newest rest that was classified, in [0, 1]."""
        return float(cast("np.ndarray", self.classified.probabilities_rest)[self.optimization.target])


class Task(Protocol):
    """Something that takes steps and ends in an explanation."""

    @property
    def steps(self) -> int:
        """Return how many steps are planned."""
        ...

    @property
    def steps_done(self) -> int:
        """Return how many steps have been taken."""
        ...

    @property
    def frames(self) -> Sequence[Frame]:
        """Return the frames recorded so far, the oldest first; none where nothing is optimised."""
        ...

    def step(self, left: Callable[[], bool] | None = None) -> bool:
        """Take one step, and return whether it was taken; a long one is abandoned once `left` returns True."""
        ...

    @property
    def frame_ready(self) -> bool:
        """Return whether the next frame costs no pass of the classifier, but for its rest."""
        ...

    def record(self, *, final: bool, rest: bool = True) -> Snapshot | None:
        """Record a frame, unless there is nothing new.

        Args:
            final: whether the frame must be of the newest mask, with its rest.
            rest: whether its rest must be classified.
        """
        ...

    def explanation(self) -> Explanation:
        """Return the explanation reached so far; call it after the first step."""
        ...


class MaskTask:
    """An optimisation of one image's mask, which keeps its frames; the first is recorded at once.

    Args:
        optimization: of one image; it may have taken steps.
        seed: of its noise, noted in the explanation.

    Attributes:
        optimization: the optimisation.

    Raises:
        ClassifierError: the classifier's output is NaN or infinite.
    """

    def __init__(self, optimization: Optimization, seed: int) -> None:
        self.optimization = optimization
        self._seed = seed
        self._frames = [frame_of(optimization)]

    @property
    def steps(self) -> int:
        """Return how many steps are planned."""
        return self.optimization.method.steps

    @property
    def steps_done(self) -> int:
        """Return how many steps have been taken."""
        return self.optimization.steps_done

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Return the frames recorded so far, the oldest first."""
        return tuple(self._frames)

    def step(self, left: Callable[[], bool] | None = None) -> bool:
        """Take one step, also beyond the planned ones, and return whether it was taken (see `Optimization.step`)."""
        return self.optimization.step(left)

    @property
    def frame_ready(self) -> bool:
        """Return whether a step has classified the cartoon of a mask that is newer than the last frame."""
        measured = self.optimization.step_measured
        return measured is not None and measured > self._frames[-1].step

    def record(self, *, final: bool, rest: bool = True) -> Snapshot | None:
        """Record a frame, unless there is nothing new.

        Where one is ready it is of the mask that a step has classified, otherwise of the newest. The last frame of all
        has its rest classified afterwards, if it has not been yet.

        Args:
            final: whether it must be of the newest mask, with its rest.
            rest: whether its rest must be classified.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        last = self._frames[-1]
        if last.step == self.steps_done and (not final or last.probabilities_rest is not None):
            return None
        frame = frame_of(self.optimization, measured=self.frame_ready and not final, rest=final or rest)
        if frame.step == last.step:
            self._frames[-1] = frame
        else:
            self._frames.append(frame)
        classified = cast("Frame", newest_classified(self._frames))  # the first one is
        return Snapshot(self.optimization, len(self._frames) - 1, frame, classified)

    def copy(self) -> MaskTask:
        """Return an independent task in the same state, with the same frames."""
        copied = copy.copy(self)
        copied.optimization, copied._frames = self.optimization.copy(), list(self._frames)  # noqa: SLF001 - our own
        return copied

    def explanation(self) -> Explanation:
        """Return the explanation reached so far.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return explanation_of(self.optimization, seed=self._seed)


class HeatMapTask:
    """A heat map, which is made in one step.

    Args:
        make: returns its explanation.

    Attributes:
        steps: always 1.
        frames: always empty.
    """

    def __init__(self, make: Callable[[], Explanation]) -> None:
        self._make = make
        self._made: Explanation | None = None
        self.steps = 1
        self.frames: tuple[Frame, ...] = ()

    @property
    def steps_done(self) -> int:
        """Return 1 when it is made, else 0."""
        return int(self._made is not None)

    def step(self, left: Callable[[], bool] | None = None) -> bool:  # noqa: ARG002
        """Make it."""
        self._made = self._make()
        return True

    @property
    def frame_ready(self) -> bool:
        """Return True, since there is none to make."""
        return True

    def record(self, *, final: bool, rest: bool = True) -> None:
        """Record nothing: there is only the result."""

    def explanation(self) -> Explanation:
        """Return what was made.

        Raises:
            RuntimeError: it has not been made yet.
        """
        if self._made is None:
            raise RuntimeError("this heat map has not been made yet")
        return self._made
