"""The comparison: several methods on one photograph, side by side, live."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import traitlets

from cartoonx_widgets import scores, tables
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import Classifier, Prediction, efficientnet_lite0
from cartoonx_widgets.figures import comparison, paper
from cartoonx_widgets.images import DEFAULT_SAMPLE
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.live import Engine, HeatMapTask, MaskTask
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.recording.recording import name_of
from cartoonx_widgets.widgets.compare import export, messages, table
from cartoonx_widgets.widgets.compare import methods as choices
from cartoonx_widgets.widgets.compare.messages import Scene
from cartoonx_widgets.widgets.explorer.widget import Explorer
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.snapshots import snapshot
from cartoonx_widgets.widgets.shared.traits import Settable, failure, shown, true_or_false

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.explanations.method_specs import Choice
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.live import Snapshot, Task


def compare(
    image: ImageSource = DEFAULT_SAMPLE,
    methods: Mapping[str, Choice] | Sequence[Choice] | None = None,
    *,
    classifier: Classifier | None = None,
    target: int | str | None = None,
    seed: int = 0,
    language: str = ENGLISH,
) -> Compare:
    """The widget that shows two to six methods on one photograph: their explanations, curves and scores.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor; a sample by default.
        methods: two to six, in a list or by label in a dict. Each is a `Method`; the name of a function of `methods`,
            such as "waveletx_interactive"; the name of a baseline that captum computes, "integrated_gradients",
            "grad_cam" or "occlusion"; or a function of (image, classifier=, target=) that returns an `Explanation`.
            By default CartoonX, WaveletX and a pixel mask with few steps, and Grad-CAM where captum is installed.
        classifier: EfficientNet-Lite0 with ImageNet weights by default.
        target: index or label of the class to explain; the most probable one by default.
        seed: of the noise; the same seed on the same device gives the same runs.
        language: of the labels, "en" or "de".

    Raises:
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a class, a method, a setting or a language that does not exist or does not fit.
        TypeError: something that cannot be compared.
        ModuleNotFoundError: a baseline is asked for, and captum is not installed.
        ClassifierError: the classifier's output for the image is not finite.

    >>> comparison = compare("coffee", ["cartoonx_interactive", "pixel_mask"], target="espresso")  # doctest: +SKIP
    >>> comparison.play()  # doctest: +SKIP
    """
    return Compare(image, methods, classifier=classifier, target=target, seed=seed, language=language)


class Compare(Widget):
    """Several methods on one photograph, which `compare` makes; every button is a method too.

    It never blocks a cell: one thread takes a step of each method in turn, whether or not somebody watches.

    Attributes:
        explorer: the explorer that was opened last; None without one.
    """

    _esm = assets.script("compare")
    _css = assets.style("compare")
    _from_page = messages.FromPage

    playing = Settable(False, help="Whether some method takes steps; set it to play or to pause all of them.")
    explored = Settable(help="Label of the method that is open in the explorer; None for none. Set another.")
    photograph = shown(traitlets.Unicode, help="Name of the photograph.")
    target = shown(traitlets.Unicode, help="Label of the explained class.")
    probability_before = shown(traitlets.Float, help="Of the explained class for the photograph, in [0, 1].")
    steps_done = shown(traitlets.Dict, {}, help="Steps taken, by label.")
    probability = shown(traitlets.Dict, {}, help="Of the explained class for each cartoon, in [0, 1], by label.")
    share_kept = shown(traitlets.Dict, {}, help="Mean mask entry, in [0, 1], by label.")
    class_kept = shown(traitlets.Dict, {}, help="Whether the cartoon keeps the class, of methods at rest, by label.")
    error = failure("The exception that stopped a method last; `errors` has all, by label.")

    def __init__(
        self,
        image: ImageSource = DEFAULT_SAMPLE,
        methods: Mapping[str, Choice] | Sequence[Choice] | None = None,
        *,
        classifier: Classifier | None = None,
        target: int | str | None = None,
        seed: int = 0,
        language: str = ENGLISH,
    ) -> None:
        said = texts(language)
        if classifier is not None and not isinstance(classifier, Classifier):
            raise TypeError(f"classifier={classifier!r} must be a cartoonx_widgets.Classifier: wrap your module in one")
        self.explorer: Explorer | None = None
        self._explored: str | None = None
        self._lock = threading.RLock()
        self._language = language
        self._entries = choices.entries(methods)
        self._source = image
        self._classifier = classifier or efficientnet_lite0()
        self._scene = self._look(target, seed)
        self._run = 0
        self._scores: dict[int, tuple[Explanation, dict[str, float]]] = {}
        self._engine = Engine(self._tasks(), self)
        super().__init__(said)
        target_seen = self._scene.target
        self._show(
            photograph=self._scene.photograph, target=target_seen.label, probability_before=target_seen.probability
        )

    # What a user calls.

    @property
    def labels(self) -> tuple[str, ...]:
        """What the methods are called, in their order."""
        return tuple(entry.label for entry in self._entries)

    def play(self, label: str | None = None) -> None:
        """Let one method take steps until its last one, or until paused; all of them together without a label.

        Raises:
            ValueError: there is no such method.
        """
        self._engine.play(self._indices(label))

    def pause(self, label: str | None = None) -> None:
        """Let one method, or all, rest after the step under way.

        Raises:
            ValueError: there is no such method.
        """
        self._engine.pause(self._indices(label))

    @neutral()
    def reset(self) -> None:
        """Begin all again from their first masks; those that were playing play on."""
        with self._lock:
            tasks = self._tasks()
            playing = [index for index, state in enumerate(self._engine.states) if state.playing]
            self._run += 1  # first, so that the page drops what the old tasks still say
            self._engine.load(tasks)
            self._scores.clear()
            self._show(steps_done={}, probability={}, share_kept={}, class_kept={}, error=None)
            self._tell_everything()
            if playing:
                self._engine.play(playing)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until all methods rest; False if they do not within `timeout` seconds.

        Raises:
            Exception: what stopped a method, the first if several failed; `errors` has all.
        """
        return self._engine.wait(timeout)

    @property
    def errors(self) -> dict[str, BaseException]:
        """What stopped a method, with its traceback, by label; empty where nothing did."""
        found = zip(self.labels, self._engine.states, strict=True)
        return {label: state.error for label, state in found if state.error is not None}

    @property
    def explanations(self) -> dict[str, Explanation]:
        """The explanations reached by now, by label: of the methods that have taken a step and have not failed.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return {self.labels[index]: found for index, found in self._reached().items()}

    @property
    def scores(self) -> dict[str, dict[str, float]]:
        """The scores of these explanations, by label; `scores.compute` says which.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return {self.labels[index]: dict(self._scored(index, found)) for index, found in self._reached().items()}

    def table(self) -> list[dict[str, Any]]:
        """The table: a row for each explanation.

        Returns:
            Rows with "method", "class_kept", "probability" of the explained class for the cartoon, the scores,
            "steps_done", and the "seconds" that these took.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return [self._row(index, found) for index, found in self._reached().items()]

    def explore(self, label: str) -> Explorer:
        """Open one method in the explorer, below the comparison, with this photograph and this class.

        A run that is finished is there as it ended, with its frames; another begins at its first step. A baseline,
        which has no run, opens as a pixel mask that starts from its heat map. The explorer that was open before is
        closed, unless it is that of the same method.

        Raises:
            ValueError: there is no such method, or a baseline that has not been run.
        """
        with self._lock:
            [index] = self._indices(label)
            if self._explored != label or self.explorer is None or self.explorer.comm is None:
                self._open(index)
            self._tell_explorer()
            assert self.explorer is not None
            return self.explorer

    def close_explorer(self) -> None:
        """Close the explorer, if one is open."""
        with self._lock:
            if self.explorer is not None:
                self.explorer.close()
            self.explorer, self._explored = None, None
            self._tell_explorer()

    def figure(self) -> go.Figure:
        """Return a Plotly figure: the cartoons side by side, and the distortion over the share of each run.

        Methods that have taken no step are left out. The figure takes Plotly's current template, and can be changed
        and written by Plotly's own means.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return comparison.figure(export.compared(self._scene, self._compared(), language=self._language))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write pictures, curves and table as a figure for a paper, with matplotlib; a file is replaced whole.

        Args:
            path: of the file; its ending decides: .pdf and .svg, in which text is text, or .png.

        Raises:
            ValueError: another ending.
            ModuleNotFoundError: matplotlib is not installed (`pip install 'cartoonx-widgets[figures]'`).
            OSError: it cannot be written.
        """
        paper.save(path, self._file)

    def to_png(self, path: str | os.PathLike[str]) -> None:
        """Write the figure that `save` writes, as PNG. Deprecated: write `save(path)`."""
        export.write_deprecated(path, self._file("png"), form="png")

    def to_svg(self, path: str | os.PathLike[str]) -> None:
        """Write the figure that `save` writes, as SVG. Deprecated: write `save(path)`."""
        export.write_deprecated(path, self._file("svg"), form="svg")

    def to_dataframe(self) -> pd.DataFrame:
        """Return the table, a row for each explanation, as a data frame of pandas.

        Raises:
            ModuleNotFoundError: pandas is not installed.
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return tables.to_dataframe(self.table())

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table as CSV, in UTF-8.

        Raises:
            OSError: it cannot be written.
        """
        export.write(path, self._file("csv"))

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write a page with all of it: pictures with linked zoom, curves, a table that sorts; it needs nothing else.

        Raises:
            OSError: it cannot be written.
        """
        export.write(path, self._file("html"))

    def close(self) -> None:
        """End the runs, the explorer and the widget; a second call does nothing."""
        # ipywidgets closes what is deleted, also where __init__ raised before there were runs.
        if engine := getattr(self, "_engine", None):
            engine.close()
        if explorer := getattr(self, "explorer", None):
            explorer.close()
        super().close()

    def _in_words(self) -> str:
        named = ", ".join(self.labels)
        return f"A comparison of {named} on {self._scene.photograph!r}: run this cell to see it."

    # What the engine tells, from its thread.

    def on_frames(self, snapshots: Mapping[int, Snapshot], serial: int) -> None:
        """Show the methods that took steps."""
        found = {self.labels[index]: one for index, one in snapshots.items()}
        self._show(
            steps_done=self.steps_done | {label: one.frame.step for label, one in found.items()},
            probability=self.probability | {label: one.probability for label, one in found.items()},
            share_kept=self.share_kept | {label: one.frame.share_kept for label, one in found.items()},
            class_kept={label: kept for label, kept in self.class_kept.items() if label not in found},
        )
        self.on_status()
        self._tell(messages.snapshots(snapshots, run=self._run, serial=serial))

    def on_status(self) -> None:
        """Send the status of each method."""
        engine, run = self._engine, self._run
        playing, left = engine.playing, engine.seconds_left
        self._show(playing=playing)
        self._tell(messages.status(engine.states, run=run, playing=playing, seconds_left=left))

    def on_result(self, index: int, explanation: Explanation) -> None:
        """Send what a method has come to."""
        label = self.labels[index]
        self._show(
            steps_done=self.steps_done | {label: explanation.steps_done},
            probability=self.probability | {label: explanation.probability},
            share_kept=self.share_kept | {label: explanation.share_kept},
            class_kept=self.class_kept | {label: explanation.outcome.kept},
        )
        self._tell_result(index, explanation)
        if all(state.settled for other, state in enumerate(self._engine.states) if other != index):
            self._take_snapshot()

    def on_error(self, index: int, error: BaseException) -> None:
        """Show what stopped a method."""
        note = f"(in {self.labels[index]})"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        self._show(error=error)
        self._tell(messages.failure(error, self._engine.states[index], index=index, run=self._run))

    # What is set, by a user or by the page.

    def _set_playing(self, value: object) -> None:
        if true_or_false("playing", value):
            self.play()
        else:
            self.pause()

    def _set_explored(self, value: str | None) -> None:
        if value is None:
            self.close_explorer()
        else:
            self.explore(value)

    # What the page asks for.

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "ready": self._tell_everything,
            "seen": self._engine.pacer.answered,
            "play": lambda index: self.play(self._label(index)),
            "pause": lambda index: self.pause(self._label(index)),
            "reset": self.reset,
            "open": lambda index: self.explore(cast("str", self._label(index))),
            "close_explorer": self.close_explorer,
            "export": self._send_file,
        }

    def _send_file(self, form: str) -> None:
        if form not in export.FORMS:
            raise ValueError(f"form={form!r} must be one of {', '.join(map(repr, export.FORMS))}")
        data = self._file(form)
        name = export.name_of_file(self._scene.photograph, self._scene.target.label, form)
        self._tell(messages.file(data, name=name, mime=export.FORMS[form]))

    # What there is.

    @neutral()
    def _look(self, target: int | str | None, seed: int) -> Scene:
        """What the classifier says of the photograph."""
        classifier = self._classifier
        self._tensor = classifier.prepare(self._source)
        probabilities = classifier.probabilities(self._tensor)[0]
        index = int(probabilities.argmax()) if target is None else classifier.class_index(target)
        return Scene(
            image=self._tensor[0].cpu(),
            photograph=name_of(self._source),
            target=Prediction(index, classifier.labels[index], float(probabilities[index])),
            classifier=classifier.name,
            seed=seed,
            labels=self.labels,
            optimised=[entry.method is not None for entry in self._entries],
            steps=[1 if entry.method is None else entry.method.steps for entry in self._entries],
        )

    @neutral()
    def _tasks(self) -> list[Task]:
        tasks: list[Task] = []
        target = self._scene.target.index
        for entry in self._entries:
            if entry.make is not None:
                tasks.append(HeatMapTask(partial(entry.made, self._source, classifier=self._classifier, target=target)))
            elif entry.method is not None:
                try:
                    run = Optimization(self._tensor, self._classifier, [target], entry.method, seed=self._scene.seed)
                except ValueError as error:
                    error.add_note(f"(in {entry.label})")
                    raise
                tasks.append(MaskTask(run, self._scene.seed))
        return tasks

    def _indices(self, label: str | None) -> list[int]:
        if label is None:
            return list(range(len(self._entries)))
        if label not in self.labels:
            raise ValueError(f"label={label!r} must be one of {', '.join(map(repr, self.labels))}")
        return [self.labels.index(label)]

    def _label(self, index: int | None) -> str | None:
        if index is not None and index not in range(len(self.labels)):
            raise ValueError(f"index={index!r} must be one of the {len(self.labels)} methods, from 0 on")
        return None if index is None else self.labels[index]

    def _reached(self) -> dict[int, Explanation]:
        states = enumerate(self._engine.states)
        return {index: state.explanation() for index, state in states if state.steps_done and state.error is None}

    def _scored(self, index: int, explanation: Explanation) -> dict[str, float]:
        """Return the scores of an explanation, computed once for that of a method at rest."""
        known = self._scores.get(index)
        if known is None or known[0] is not explanation:
            known = self._scores[index] = explanation, scores.compute(explanation)
        return known[1]

    def _row(self, index: int, explanation: Explanation) -> dict[str, Any]:
        state = self._engine.states[index]
        return table.row(self.labels[index], state, explanation, self._scored(index, explanation))

    def _file(self, form: str) -> bytes:
        return export.made(self._scene, self._compared(), self._engine.states, form=form, language=self._language)

    def _compared(self) -> dict[int, export.Reached]:
        return {index: export.Reached(found, self._row(index, found)) for index, found in self._reached().items()}

    def _take_snapshot(self) -> None:
        found = self.explanations
        summaries = "; ".join(f"{label}: {one.summary}" for label, one in found.items())
        self._show(snapshot=snapshot(export.strip_of(self._scene, found), summaries))

    def _open(self, index: int) -> None:
        entry, state = self._entries[index], self._engine.states[index]
        moved = state.steps_done > 0 and state.error is None
        method = choices.explored(entry, state.explanation() if moved else None, from_mask=state.released)
        explorer = Explorer(
            self._source,
            classifier=self._classifier,
            target=self._scene.target.index,
            method=method,
            seed=self._scene.seed,
            language=self._language,
        )
        self.close_explorer()
        self.explorer, self._explored = explorer, entry.label
        if entry.method is not None and state.status == "done" and state.settled and not state.released:
            # The run itself goes over to the explorer; what is shown here is its explanation, which stays.
            explorer._take_over(cast("MaskTask", self._engine.release(index)))  # noqa: SLF001 - our own

    # What the page is told.

    def _tell_everything(self) -> None:
        self._tell(messages.setup(self._scene, run=self._run))
        for index, state in enumerate(self._engine.states):
            if state.error is not None:
                self.on_error(index, state.error)
            elif state.result is not None:
                self._tell_result(index, state.result)
        self.on_status()
        self._tell_explorer()

    def _tell_result(self, index: int, explanation: Explanation) -> None:
        run = self._run  # of now: scores take a moment, in which another may begin
        row = self._row(index, explanation)
        self._tell(messages.result(explanation, row, index=index, run=run))

    def _tell_explorer(self) -> None:
        model = None if self.explorer is None else self.explorer.model_id
        self._show(explored=self._explored)
        self._tell(messages.explorer(model, label=self._explored or ""))
