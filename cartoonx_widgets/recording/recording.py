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
    """The frames of a run, with all that shows them. `record` and `explorer.recording` make it, `load` reads it.

    Attributes:
        image: the photograph, (C, H, W) in [0, 1], as the classifier saw it; C is 1 if that takes grey images, else 3.
        representation: whose coefficients the mask multiplies.
        transform: the representation at this size, with its bands.
        coefficients: of the photograph, (C, N).
        labels: of the K classes; in a recording that was loaded, only of those that are shown for some frame.
        probabilities: of the classes for the photograph, (K,) in [0, 1].
        target: index of the explained class.
        frames: the frames, the oldest first; not every step is one.
        curves: "distortion", "l1", the method's other penalties and "loss", each (steps taken,).
        steps: how many steps were planned.
        photograph: the photograph's name.
        method: the method's name.
        settings: the method's settings as JSON values; a `Method` cannot be made of them.
        classifier: the classifier's name.
        seed: of the noise.
        warning: what went wrong and its remedy where the mask collapsed, else an empty string.
        activation: of the classifier, "softmax" or "sigmoid".
    """

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Read a recording. Files from strangers are safe to open: nothing in them is run, and sizes are checked.

        Raises:
            RecordingError: the file is no recording, damaged, of a newer version, or larger than allowed.
            OSError: it cannot be opened.
        """
        from cartoonx_widgets.recording.reading import load  # noqa: PLC0415

        return load(path, cls)

    def save(self, path: str | os.PathLike[str], *, megabytes: float = 20) -> None:
        """Write the recording to a file, usually ending in .cxr; an existing one is replaced whole, or left as it is.

        Args:
            path: of the file.
            megabytes: the largest size of the file; where all frames need more, only every second one is written, or
                every fourth, and so on, always with the first and the last.

        Raises:
            RecordingError: the representation is not one of the package's, or `megabytes` is too small for two frames.
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
            megabytes: the largest size of the file; where all frames need more, some are left out, as by `save`.
            language: of the labels, "en" or "de".
            progress: whether to show a progress bar.

        Raises:
            ValueError: there is no such language, or `megabytes` is too small for two frames.
            OSError: it cannot be written.
        """
        from cartoonx_widgets.widgets.replay.page import write_page  # noqa: PLC0415

        write_page(self, path, megabytes=megabytes, language=language, progress=progress)

    def to_png(self, path: str | os.PathLike[str], *, frame: int = -1) -> None:
        """Write photograph, cartoon, rest and mask of one frame side by side as PNG.

        Args:
            path: of the file.
            frame: its index, from the end where it is negative; the last by default.

        Raises:
            ValueError: there is no such frame.
            OSError: it cannot be written.
        """
        from cartoonx_widgets.recording.pictures import write_png  # noqa: PLC0415

        write_png(self, path, frame=frame)

    def to_gif(self, path: str | os.PathLike[str], *, seconds: float = 6, progress: bool = True) -> None:
        """Write an animation of photograph, cartoon, rest and mask as GIF, for slides.

        Args:
            path: of the file.
            seconds: how long it plays, above 0 and at most 600, at no more than ten frames a second; the last frame
                then stays for two seconds more.
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
            frames: how many frames, evenly spaced, the slider has; each adds some 40 to 100 kB.

        Raises:
            ValueError: `frames` is no whole number of at least 1.
        """
        from cartoonx_widgets.recording.figure import figure  # noqa: PLC0415

        return figure(self, frames=frames)

    def scores(self, *, frames: int = 30, detector: EdgeDetector | None = None) -> dict[str, np.ndarray]:
        """Return the scores of some frames by name, to see when the run could have been stopped.

        They need the recording alone, without the classifier, and some 10 ms for each frame.

        Args:
            frames: how many frames, evenly spaced, the first and the last included.
            detector: of the hallucination score; `Canny()` by default.

        Returns:
            "step", "probability" and each of `scores.NAMES`, (frames,) each; NaN where a score is not known.
            `pandas.DataFrame` takes it as it is.

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
    """Explain one decision of a classifier, as `explain` does, and record frames of the run.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: EfficientNet-Lite0 with ImageNet weights by default.
        target: index or label of the class to explain, a pair of classes, or a function of the logits, as in `explain`;
            the most probable class by default.
        method: `methods.cartoonx_interactive()` by default.
        seed: of the noise; the same seed on the same device gives the same recording.
        every: number of steps from one frame to the next; the start and the end are frames in any case.
        progress: whether to show a progress bar.

    Raises:
        TypeError: the classifier is no `Classifier`, or the method no `Method`.
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: `every` is no whole number of at least 1, or a class or a setting does not exist or does not fit.
        ClassifierError: the classifier's output is not finite; the message names the step.
        MemoryError: memory ran out; the message says what to lower.
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
