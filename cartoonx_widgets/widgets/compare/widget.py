"""The comparison: several methods on one photograph, side by side, live."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import traitlets

from cartoonx_widgets import tables
from cartoonx_widgets._deprecated import warn_renamed
from cartoonx_widgets._files import write_whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.figures import comparison, paper
from cartoonx_widgets.images import DEFAULT_SAMPLE
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.live import Engine
from cartoonx_widgets.widgets.compare import build_messages, export, messages
from cartoonx_widgets.widgets.compare.methods import specs_of
from cartoonx_widgets.widgets.compare.open_explorer import open_explorer
from cartoonx_widgets.widgets.compare.outcomes import Outcomes
from cartoonx_widgets.widgets.compare.python_code import CompareWithCode
from cartoonx_widgets.widgets.compare.scene import Scene
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.cells import as_in_this_cell
from cartoonx_widgets.widgets.shared.engine_widget import EngineWidget
from cartoonx_widgets.widgets.shared.snapshots import snapshot
from cartoonx_widgets.widgets.shared.traits import Settable, shown

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.explanations.method_specs import MethodLike
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.live import Snapshot
    from cartoonx_widgets.widgets.explorer.widget import Explorer


def compare(
    image: ImageSource = DEFAULT_SAMPLE,
    methods: Mapping[str, MethodLike] | Sequence[MethodLike] | None = None,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    seed: int = 0,
    language: str = ENGLISH,
) -> Compare:
    """Return a live widget that compares two to six methods on one photograph: explanations, curves and scores.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor; a sample by default.
        methods: two to six, in a list or by label in a dict. Each is a `Method`; the name of a function of `methods`,
            such as "waveletx_interactive"; the name of a baseline, "wam", "integrated_gradients", "occlusion", "rise",
            "sobol_indices" or "grad_cam"; or a function of (image, classifier=, target=) that returns an
            `Explanation`. By default CartoonX, WaveletX and a pixel mask, accelerated and with few steps, and Grad-CAM
            where captum is installed.
        classifier: EfficientNet-Lite0 with ImageNet weights by default.
        target: index or label of the class to explain; the most probable one by default. A pair or a function of the
            logits does as well, as in `explain`.
        seed: of the noise; the same seed on the same device gives the same runs.
        language: of the labels, "en" or "de".

    Raises:
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a class, a method, a setting or a language that does not exist or does not fit.
        TypeError: something that cannot be compared.
        ModuleNotFoundError: Grad-CAM is asked for, and captum is not installed.
        ClassifierError: the classifier's output for the image is not finite.

    >>> comparison = compare("coffee", ["cartoonx_interactive", "pixel_mask"], target="espresso")  # doctest: +SKIP
    >>> comparison.play()  # doctest: +SKIP
    """
    return Compare(image, methods, classifier=classifier, target=target, seed=seed, language=language)


class Compare(CompareWithCode, EngineWidget):
    """Several methods on one photograph, which `compare` makes; every button is a method too.

    It never blocks a cell: a thread takes a step of each method in turn. Its traits can be observed and linked.

    Attributes:
        explorer: the explorer that is open; None without one.
    """

    _esm = assets.script("compare")
    _css = assets.style("compare")
    _from_page = messages.FromPage

    explored = Settable(help="Label of the method that is open in the explorer, or None; set another to open it.")
    photograph = shown(traitlets.Unicode, help="Name of the photograph.")
    target = shown(traitlets.Unicode, help="Label of the explained class.")
    probability_before = shown(traitlets.Float, help="Of the explained class for the photograph, in [0, 1].")
    steps_done = shown(traitlets.Dict, {}, help="Steps taken, by label.")
    probability = shown(traitlets.Dict, {}, help="Of the explained class for each cartoon, in [0, 1], by label.")
    share_kept = shown(traitlets.Dict, {}, help="Mean mask entry, in [0, 1], by label.")
    class_kept = shown(traitlets.Dict, {}, help="Whether the cartoon keeps the class, by label; not while playing.")

    def __init__(
        self,
        image: ImageSource = DEFAULT_SAMPLE,
        methods: Mapping[str, MethodLike] | Sequence[MethodLike] | None = None,
        *,
        classifier: Classifier | None = None,
        target: Target = None,
        seed: int = 0,
        language: str = ENGLISH,
    ) -> None:
        translations = texts(language)
        self.explorer: Explorer | None = None
        self._explored: str | None = None
        self._lock = threading.RLock()
        self._in_its_cell = as_in_this_cell()
        self._language = language
        self._scene = Scene.of(image, specs_of(methods), classifier=classifier, target=target, seed=seed)
        self._run = 0
        self._engine = Engine(self._scene.tasks(), self)
        self._outcomes = Outcomes(self._engine, self.labels)
        super().__init__(translations)
        explained = self._scene.target
        self._show(photograph=self._scene.photograph, target=explained.label, probability_before=explained.probability)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the methods, in the order given."""
        return self._scene.labels

    def play(self, label: str | None = None) -> None:
        """Let one method take steps until its last one, or until paused; all of them together without a label.

        Raises:
            ValueError: there is no such method.
        """
        self._engine.play(self._indices(label))

    def pause(self, label: str | None = None) -> None:
        """Pause one method, or all, after the step under way.

        Raises:
            ValueError: there is no such method.
        """
        self._engine.pause(self._indices(label))

    @neutral()
    def reset(self) -> None:
        """Begin all methods again from their initial masks; those that were playing go on playing."""
        with self._lock:
            tasks = self._scene.tasks()
            playing = [index for index, state in enumerate(self._engine.states) if state.playing]
            self._run += 1  # first, so that the page drops what the old tasks still say
            self._engine.load(tasks)
            self._outcomes.forget()
            self._show(steps_done={}, probability={}, share_kept={}, class_kept={}, error=None)
            self._send_everything()
            if playing:
                self._engine.play(playing)

    @property
    def errors(self) -> dict[str, BaseException]:
        """Return what stopped a method, with its traceback, by label; empty where nothing did."""
        found = zip(self.labels, self._engine.states, strict=True)
        return {label: state.error for label, state in found if state.error is not None}

    @property
    def explanations(self) -> dict[str, Explanation]:
        """Return the explanations reached so far, by label, of methods that have taken a step and have not failed.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return {self.labels[index]: found for index, found in self._outcomes.explanations().items()}

    @property
    def scores(self) -> dict[str, dict[str, float]]:
        """Return the scores of these explanations by label, those of `scores.compute` by name.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        found = self._outcomes.explanations().items()
        return {self.labels[index]: dict(self._outcomes.scores(index, explanation)) for index, explanation in found}

    def table(self) -> list[dict[str, Any]]:
        """Return the table: a row for each explanation.

        Returns:
            Dictionaries with "method", "class_kept", "probability" of the explained class for the cartoon, the scores,
            "steps_done", and the "seconds" that the steps took.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return [dict(outcome.row) for outcome in self._outcomes.all().values()]

    def explore(self, label: str) -> Explorer:
        """Open one method in the explorer, below the comparison, with this photograph and this class.

        A finished run is shown as it ended, with its frames; an unfinished one begins again at the first step. A
        baseline, which has no run, opens as a pixel mask that starts from its heat map. The explorer that was open
        before is closed, unless it is that of the same method.

        Raises:
            ValueError: there is no such method, or a baseline that has not been run.
        """
        with self._lock:
            [index] = self._indices(label)
            if self._explored != label or self.explorer is None or self.explorer.comm is None:
                with self._in_its_cell():
                    opened = open_explorer(self._scene, self._engine, index, language=self._language)
                self.close_explorer()
                self.explorer, self._explored = opened, label
            self._send_explorer()
            assert self.explorer is not None
            return self.explorer

    def close_explorer(self) -> None:
        """Close the explorer, if one is open."""
        with self._lock:
            if self.explorer is not None:
                self.explorer.close()
            self.explorer, self._explored = None, None
            self._send_explorer()

    def figure(self) -> go.Figure:
        """Return a Plotly figure: the cartoons side by side, and the distortion over the share of each run.

        Methods that have taken no step are left out. The figure takes Plotly's current template, and can be changed
        and written by Plotly's own means.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return comparison.figure(export.compared(self._scene, self._outcomes.all(), language=self._language))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write pictures, curves and table as a figure for a paper, with matplotlib; a file is replaced whole.

        Args:
            path: of the file; its ending decides the format: .pdf or .svg, in which text stays text, or .png.

        Raises:
            ValueError: another ending.
            ModuleNotFoundError: matplotlib is not installed (`pip install 'cartoonx-widgets[figures]'`).
            OSError: it cannot be written.
        """
        paper.save(path, self._file)

    def to_png(self, path: str | os.PathLike[str]) -> None:
        """Write the figure that `save` writes, as PNG. Deprecated: write `save(path)`."""
        warn_renamed("Compare.to_png(path)", "Compare.save(path)")
        write_whole(path, self._file("png"))

    def to_svg(self, path: str | os.PathLike[str]) -> None:
        """Write the figure that `save` writes, as SVG. Deprecated: write `save(path)`."""
        warn_renamed("Compare.to_svg(path)", "Compare.save(path)")
        write_whole(path, self._file("svg"))

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
        write_whole(path, self._file("csv"))

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write a self-contained page: pictures with linked zoom, curves, and a table that can be sorted.

        Raises:
            OSError: it cannot be written.
        """
        write_whole(path, self._file("html"))

    def close(self) -> None:
        """End the runs, the explorer and the widget; a second call does nothing."""
        if explorer := getattr(self, "explorer", None):
            explorer.close()
        super().close()

    def _in_words(self) -> str:
        return f"A comparison of {', '.join(self.labels)} on {self._scene.photograph!r}: run this cell to see it."

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
        self._send_message(build_messages.snapshots(snapshots, run=self._run, serial=serial))

    def on_status(self) -> None:
        """Send the status of each method."""
        engine, run = self._engine, self._run
        playing, left = engine.playing, engine.seconds_left
        self._show(playing=playing)
        self._send_message(build_messages.status(engine.states, run=run, playing=playing, seconds_left=left))

    def on_result(self, index: int, explanation: Explanation) -> None:
        """Send what a method has come to."""
        label = self.labels[index]
        self._show(
            steps_done=self.steps_done | {label: explanation.steps_done},
            probability=self.probability | {label: explanation.probability},
            share_kept=self.share_kept | {label: explanation.share_kept},
            class_kept=self.class_kept | {label: explanation.outcome.kept},
        )
        self._send_result(index, explanation)
        if all(state.settled for other, state in enumerate(self._engine.states) if other != index):
            self._take_snapshot()

    def on_error(self, index: int, error: BaseException) -> None:
        """Show what stopped a method."""
        note = f"(in {self.labels[index]})"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        self._show(error=error)
        self._send_message(build_messages.failure(error, self._engine.states[index], index=index, run=self._run))

    def _set_explored(self, value: str | None) -> None:
        if value is None:
            self.close_explorer()
        else:
            self.explore(value)

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "ready": self._send_everything,
            "seen": self._engine.pacer.answered,
            "play": lambda index: self.play(self._label(index)),
            "pause": lambda index: self.pause(self._label(index)),
            "reset": self.reset,
            "open": lambda index: self.explore(self._label(index) or ""),
            "close_explorer": self.close_explorer,
            "export": self._send_file,
        }

    def _send_file(self, form: str) -> None:
        data = self._file(form)
        name = export.name_of_file(self._scene.photograph, self._scene.target.label, form)
        self._send_message(build_messages.file(data, name=name, mime=export.FORMS[form]))

    def _indices(self, label: str | None) -> list[int]:
        if label is None:
            return list(range(len(self.labels)))
        if label not in self.labels:
            raise ValueError(f"label={label!r} must be one of {', '.join(map(repr, self.labels))}")
        return [self.labels.index(label)]

    def _label(self, index: int | None) -> str | None:
        if index is not None and index not in range(len(self.labels)):
            raise ValueError(f"index={index!r} must be one of the {len(self.labels)} methods, from 0 on")
        return None if index is None else self.labels[index]

    def _file(self, form: str) -> bytes:
        outcomes = self._outcomes.all()
        return export.made(self._scene, outcomes, self._engine.states, form=form, language=self._language)

    def _take_snapshot(self) -> None:
        found = self.explanations
        summaries = "; ".join(f"{label}: {one.summary}" for label, one in found.items())
        self._show(snapshot=snapshot(export.strip_of(self._scene, found), summaries))

    def _send_everything(self) -> None:
        self._send_message(build_messages.setup(self._scene, run=self._run))
        for index, state in enumerate(self._engine.states):
            if state.error is not None:
                self.on_error(index, state.error)
            elif state.result is not None:
                self._send_result(index, state.result)
        self.on_status()
        self._send_explorer()

    def _send_result(self, index: int, explanation: Explanation) -> None:
        run = self._run  # scores take a moment, in which another run may begin
        row = self._outcomes.row(index, explanation)
        self._send_message(build_messages.result(explanation, row, index=index, run=run))

    def _send_explorer(self) -> None:
        model = None if self.explorer is None else self.explorer.model_id
        self._show(explored=self._explored)
        self._send_message(build_messages.explorer(model, label=self._explored or ""))
