"""A run that was recorded: its frames, and all that is needed to look at them without the classifier."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets._checks import whole
from cartoonx_widgets.explanations.explain import prepare, run_to_end
from cartoonx_widgets.explanations.outcome import warning_of
from cartoonx_widgets.recording.frame import frame_of
from cartoonx_widgets.recording.recorded_run import RecordedRun
from cartoonx_widgets.recording.settings_json import as_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.masking.optimization import Optimization
    from cartoonx_widgets.recording.frame import Frame
    from cartoonx_widgets.scores import EdgeDetector

_OWN_PHOTOGRAPH = "own photograph"


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording(RecordedRun):
    """The frames of a run, and what they show. `record` and `explorer.recording` make it, `load` reads it.

    Attributes:
        image: the photograph, (C, H, W) in [0, 1], as the classifier saw it; C is 1 if that takes grey images, else 3.
        representation: what the mask multiplies.
        transform: the representation at this size, with its bands.
        coefficients: of the photograph, (C, N).
        labels: of the K classes; one that was loaded holds only those which some frame shows.
        probabilities: the classifier's for the photograph, (K,) in [0, 1].
        target: index of the explained class.
        frames: the frames, the oldest first; not every step is one.
        curves: "distortion", "l1", the method's other penalties and "loss", each (steps taken,).
        steps: how many steps the run was to take.
        photograph: what the photograph is called.
        method: the method's name.
        settings: the method's settings, as JSON knows them: to be read, not to be run.
        classifier: name of the classifier.
        seed: of the noise.
        warning: what went wrong and its remedy where the mask collapsed, else empty.
        activation: of the classifier, "softmax" or "sigmoid".
    """

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Read a recording. It is safe to open one from a stranger: nothing in it is run, and sizes are checked.

        Raises:
            RecordingError: it is no recording, damaged, of a newer version, or larger than allowed.
            OSError: it cannot be opened.
        """
        from cartoonx_widgets.recording.reading import load  # noqa: PLC0415

        return load(path, cls)

    def save(self, path: str | os.PathLike[str], *, megabytes: float = 20) -> None:
        """Write the recording to a file, usually with the ending .cxr, or leave the file that was there as it is.

        Args:
            path: of the file.
            megabytes: how large it may be; where all frames need more, every second one is left out, then every
                fourth, and so on. First and last remain.

        Raises:
            RecordingError: the representation is none of the package's own, or `megabytes` is too small for two frames.
            OSError: it cannot be written.
        """
        from cartoonx_widgets.recording.file import save  # noqa: PLC0415

        save(self, path, megabytes=megabytes)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        megabytes: float = 10,
        language: str = "en",
        progress: bool = True,
    ) -> None:
        """Write a page that plays the recording in any browser, with neither kernel nor network.

        Args:
            path: of the file.
            megabytes: how large it may be; where all frames need more, every second one is left out, and so on.
            language: of the labels, "en" or "de".
            progress: whether to show a progress bar.

        Raises:
            ValueError: there is no such language, or `megabytes` is too small for two frames.
            OSError: it cannot be written.
        """
        from cartoonx_widgets.widgets.replay.page import write_page  # noqa: PLC0415

        write_page(self, path, megabytes=megabytes, language=language, progress=progress)

    def to_png(self, path: str | os.PathLike[str], *, frame: int = -1) -> None:
        """Write photograph, cartoon, rest and mask of one frame side by side, by default of the last.

        Raises:
            ValueError: there is no such frame.
            OSError: it cannot be written.
        """
        from cartoonx_widgets.recording.pictures import write_png  # noqa: PLC0415

        write_png(self, path, frame=frame)

    def to_gif(self, path: str | os.PathLike[str], *, seconds: float = 6, progress: bool = True) -> None:
        """Write an animation of photograph, cartoon, rest and mask, for slides.

        Args:
            path: of the file.
            seconds: how long it takes; at most ten frames a second are shown, and the last one for two seconds more.
            progress: whether to show a progress bar.

        Raises:
            ValueError: `seconds` is not above 0 and at most 600.
            OSError: it cannot be written.
        """
        from cartoonx_widgets.recording.pictures import write_gif  # noqa: PLC0415

        write_gif(self, path, seconds=seconds, progress=progress)

    def figure(self, *, frames: int = 30) -> go.Figure:
        """Return a Plotly figure: photograph, cartoon, rest and mask with a slider over frames, and curves over steps.

        The curves are the distortion, the penalties, and the explained class's probability for cartoon and rest at each
        frame; a line shows where the slider stands. The figure takes Plotly's current template, and can be changed and
        written by Plotly's own means (`update_layout`, `write_html`).

        Args:
            frames: how many of them, evenly chosen, the slider goes through; each adds some 40 to 100 kB.

        Raises:
            ValueError: `frames` is no whole number of at least 1.
        """
        from cartoonx_widgets.recording.figure import figure  # noqa: PLC0415

        return figure(self, frames=frames)

    def scores(self, *, frames: int = 30, detector: EdgeDetector | None = None) -> dict[str, np.ndarray]:
        """Return the scores of some frames by name, to see when the run could have been stopped.

        They need the recording alone, neither classifier nor another run, and some 10 ms for each frame.

        Args:
            frames: of how many frames, evenly chosen, first and last included.
            detector: of the hallucination score; `Canny()` by default.

        Returns:
            "step", "probability" and each of `scores.NAMES`, (frames,) each; NaN where a score is not known. A data
            frame of pandas takes it as it is.

        Raises:
            ValueError: `frames` is no whole number of at least 1.

        >>> from cartoonx_widgets import methods
        >>> run = record("coffee", method=methods.waveletx(steps=2, samples=2), progress=False)
        >>> run.scores(frames=2)["step"].tolist()
        [0, 2]
        """
        from cartoonx_widgets.recording.scoring import over_steps  # noqa: PLC0415

        return over_steps(self, frames=frames, detector=detector)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:  # noqa: ANN401
        from cartoonx_widgets.widgets.replay.widget import Replay  # noqa: PLC0415

        return Replay(self)._repr_mimebundle_(**kwargs)

    def __repr__(self) -> str:
        return f"Recording({len(self.frames)} frames of {self.method}; {self.summary()})"


def recording_of(
    optimization: Optimization,
    frames: Sequence[Frame],
    *,
    photograph: str = _OWN_PHOTOGRAPH,
    seed: int = 0,
) -> Recording:
    """Make the recording of an optimisation of one image, from the frames that were made of it.

    Its curves end where a classifier's output was not finite any more.
    """
    settings = optimization.settings.resolved(optimization.transform.size)
    curves = {name: values[:, 0] for name, values in optimization.curves().items()}
    finite = int(np.logical_and.accumulate(np.isfinite(curves["loss"])).sum())
    recording = Recording(
        image=optimization.image[0],
        representation=settings.representation,
        transform=optimization.transform,
        coefficients=optimization.coefficients[0],
        labels=optimization.classifier.labels,
        probabilities=optimization.probabilities[0].float().cpu().numpy(),
        target=optimization.target,
        frames=tuple(frames),
        curves={name: values[:finite] for name, values in curves.items()},
        steps=settings.steps,
        photograph=photograph,
        method=settings.name,
        settings=as_json(settings),
        classifier=optimization.classifier.name,
        seed=seed,
        warning="",
        activation=optimization.classifier.activation,
    )
    return replace(recording, warning=warning_of(recording.outcome(), recording.curves, settings))


def record(
    image: ImageSource,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    method: Method | None = None,
    seed: int = 0,
    every: int = 1,
    progress: bool = True,
) -> Recording:
    """Explain one decision from start to end, as `explain` does, and keep the way there.

    Args:
        image: as for `explain`, like `classifier`, `target`, `method`, `seed` and `progress`.
        classifier: EfficientNet-Lite0 by default.
        target: the most probable class by default.
        method: `methods.cartoonx_interactive()` by default.
        seed: of the noise.
        every: after how many steps a frame is made; beside them the first moment and the last are frames.
        progress: whether to show a progress bar.

    Raises:
        ValueError: `every` is no whole number of at least 1; and what `explain` raises.
    """
    every = whole("every", every)
    optimization = prepare(image, classifier=classifier, target=target, method=method, seed=seed)
    frames = [frame_of(optimization)]

    def keep() -> None:
        if optimization.steps_done % every == 0 or optimization.finished:
            frames.append(frame_of(optimization))

    run_to_end(optimization, progress=progress, after_step=keep)
    return recording_of(optimization, frames, photograph=name_of(image), seed=seed)


def name_of(image: ImageSource) -> str:
    """Return what a photograph is called: by its file's name, or as a sample."""
    return Path(image).name if isinstance(image, str | os.PathLike) else _OWN_PHOTOGRAPH
