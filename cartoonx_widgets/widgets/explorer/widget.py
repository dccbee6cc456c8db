"""The explorer: an optimisation of one photograph, live."""

from __future__ import annotations

import threading
from functools import partial, partialmethod
from typing import TYPE_CHECKING, Any, cast

import traitlets

from cartoonx_widgets import images
from cartoonx_widgets._checks import one_of, whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers.default import default_or_checked
from cartoonx_widgets.explanations.explain import prepare
from cartoonx_widgets.images import DEFAULT_SAMPLE
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.live import Engine, MaskTask
from cartoonx_widgets.live.step_cost import check_step
from cartoonx_widgets.masking.method import STEERABLE
from cartoonx_widgets.recording.recording import Recording, name_of, recording_of
from cartoonx_widgets.widgets.explorer import messages
from cartoonx_widgets.widgets.explorer.method_list import MethodList
from cartoonx_widgets.widgets.explorer.python_code import ExplorerWithCode
from cartoonx_widgets.widgets.explorer.question import Question
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.engine_widget import EngineWidget
from cartoonx_widgets.widgets.shared.messages import error as error_message
from cartoonx_widgets.widgets.shared.snapshots import snapshot
from cartoonx_widgets.widgets.shared.traits import Settable, shown
from cartoonx_widgets.widgets.shared.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.classifiers.contrast import Target
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.live import Snapshot, TaskState
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.masking.optimization import Optimization
    from cartoonx_widgets.recording import Frame


def explore(
    image: ImageSource = DEFAULT_SAMPLE,
    *,
    classifier: Classifier | None = None,
    target: Target = None,
    method: Method | None = None,
    seed: int = 0,
    language: str = ENGLISH,
) -> Explorer:
    """Return a live widget that explains one decision, to watch, pause, step, scrub and steer.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor; a sample by default.
        classifier: EfficientNet-Lite0 with ImageNet weights by default.
        target: index or label of the class to explain; the most probable one by default. A pair explains why it is the
            first and not the second, a function of the logits explains what it returns, as in `explain`.
        method: `methods.cartoonx_interactive()` by default; the widget's list has the published settings too.
        seed: of the noise; the same seed on the same device gives the same run.
        language: of the labels, "en" or "de".

    Raises:
        TypeError: the classifier is no `Classifier`, or the method no `Method`.
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a class, a setting or a language that does not exist or does not fit.
        ClassifierError: the classifier's output for the image is not finite.
    """
    return Explorer(image, classifier=classifier, target=target, method=method, seed=seed, language=language)


class Explorer(ExplorerWithCode, EngineWidget):
    """The live widget, which `explore` makes; every button is a method too.

    It never blocks a cell: the optimisation runs in a thread of its own. Its traits can be observed and linked: they
    change with the frames, at most ten times a second, and observers are called in that thread.
    """

    _esm = assets.script("explorer")
    _css = assets.style("explorer")
    _from_page = messages.FromPage

    # What may be set, also while the run plays.
    target = Settable(
        help="Label of what is explained; set a label, an index, a pair or a score, and the run begins again."
    )
    method = Settable(
        help="The current `Method`; set another, or the name of one in the list, and the run begins again.",
        to_json=lambda method: method and method.name,
    )
    band = Settable(help="Name of the band that is seen alone, such as 'd1'; None for the whole photograph.")
    # Penalty weights and the learning rate hold from the next step on.
    lambda_l1 = Settable(0.0, help="Weight of the mask's mean entry.")
    lambda_spatial_l1 = Settable(0.0, help="Weight of the grey cartoon's mean.")
    lambda_spatial_l2 = Settable(0.0, help="Weight of the grey cartoon's root mean square.")
    lambda_tv = Settable(0.0, help="Weight of the total variation of a mask on pixels.")
    lambda_area = Settable(0.0, help="Weight of the distance from a mask of the method's area.")
    learning_rate = Settable(0.0, help="Adam's learning rate, before the schedule's factor.")

    # What is known of the newest frame.
    photograph = shown(traitlets.Unicode, help="Name of the photograph.")
    steps = shown(traitlets.Int, help="Planned steps of the run.")
    steps_done = shown(traitlets.Int, help="Steps taken.")
    probability_before = shown(traitlets.Float, help="Of the explained class for the photograph, in [0, 1].")
    probability = shown(traitlets.Float, help="Of the explained class for the cartoon, in [0, 1].")
    share_kept = shown(traitlets.Float, help="Mean mask entry, in [0, 1].")
    class_kept = shown(traitlets.Bool, help="Whether the cartoon keeps the class, as in `explanation.outcome.kept`.")

    def __init__(
        self,
        image: ImageSource = DEFAULT_SAMPLE,
        *,
        classifier: Classifier | None = None,
        target: Target = None,
        method: Method | None = None,
        seed: int = 0,
        language: str = ENGLISH,
    ) -> None:
        translations = texts(language)
        classifier = default_or_checked(classifier)
        optimization = prepare(image, classifier=classifier, target=target, method=method, seed=seed)
        question = Question.of(classifier, optimization.target if target is None else target)
        self._take(MaskTask(optimization, seed), question, name_of(image), seed, translations)

    @classmethod
    def _of_run(cls, *run: Any) -> Explorer:  # noqa: ANN401 - what `_take` takes
        """Return an explorer that goes on with a run, which is its own from here on."""
        explorer = cls.__new__(cls)
        explorer._take(*run)  # noqa: SLF001 - in place of what `__init__` makes
        explorer.on_result(0, explorer._state.explanation())  # noqa: SLF001
        return explorer

    def _take(
        self, task: MaskTask, question: Question, photograph: str, seed: int, translations: Mapping[str, str]
    ) -> None:
        self._lock, self._upload = threading.RLock(), Upload()
        self._question, self._photograph, self._seed = question, photograph, seed
        self._methods = MethodList(task.optimization.settings, question.classifier.device)
        self._band: int | None = None
        self._engine = Engine([task], self)
        self._show_settings(task.optimization)
        self._show_newest()
        super().__init__(translations)

    def play(self) -> None:
        """Take steps until the last one, or until paused."""
        self._engine.play()

    def pause(self) -> None:
        """Pause after the step under way; a long step is abandoned instead, and taken again on `play` or `step`."""
        self._engine.pause()

    def step(self) -> None:
        """Take one step, also beyond the last one."""
        self._engine.step()

    def reset(self) -> None:
        """Begin again from the initial mask, with the current settings."""
        self._restart()

    @property
    def recording(self) -> Recording:
        """Return the recording since the last reset; after a failure, up to the step that failed."""
        task = self._task
        return self._recorded(task.optimization, task.frames)

    @property
    def explanation(self) -> Explanation:
        """Return the explanation reached so far, waiting for a step under way.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return self._state.explanation()

    @neutral()
    def show(self, image: ImageSource, *, target: Target = None, name: str | None = None) -> None:
        """Explain another photograph, by default for its most probable class; the run begins again.

        Raises:
            ImageError: the image cannot be read, or is too small or too large; the present run stays.
            ValueError: there is no such class.
        """
        with self._lock:
            classifier = self._question.classifier
            fitted = classifier.prepare(image)
            question = Question.of(classifier, target, fitted)
            self._restart(image=fitted, question=question, photograph=name or name_of(image))

    def copy(self) -> Explorer:
        """Return an independent explorer in the same state, to go on from here in another way."""
        with self._lock, self._state.between_steps():
            task = self._task.copy()
        return Explorer._of_run(task, self._question, self._photograph, self._seed, self.texts)

    @property
    def _state(self) -> TaskState:
        return self._engine.states[0]

    @property
    def _task(self) -> MaskTask:
        return cast("MaskTask", self._state.task)

    def _in_words(self) -> str:
        return f"The live explorer of {self.target!r}: run this cell to see it."

    def on_frames(self, snapshots: Mapping[int, Snapshot], serial: int) -> None:  # noqa: ARG002 - a frame's index here
        """Show a frame that was recorded."""
        [(optimization, index, frame, classified)] = snapshots.values()
        recording = self._show_frame(optimization, [frame] if frame is classified else [classified, frame])
        self.on_status()
        self._send_frame(recording, frame, run=id(optimization), index=index, live=True)

    def on_status(self) -> None:
        """Show where the run is, and once it rests what it has come to."""
        state = self._state
        self._show(playing=state.playing, error=state.error)
        self._send_message(messages.status(state, self._task.optimization.notes))

    def on_result(self, index: int, explanation: Explanation) -> None:  # noqa: ARG002 - there is one run
        """Show the explanation that the run rests with."""
        self._show(snapshot=snapshot(explanation.to_image(), explanation.summary))

    def on_error(self, index: int, error: BaseException) -> None:  # noqa: ARG002 - there is one run
        """Show what stopped the run."""
        self._send_message(error_message(error, step=self._state.steps_done + 1))

    def _set_target(self, value: Target) -> None:
        self._restart(question=Question.of(self._question.classifier, value))

    def _set_method(self, value: Method | str) -> None:
        method = self._methods.find(value)
        self._restart(method=method, preset=method)

    def _set_band(self, value: str | None) -> None:
        names = [band.name for band in self._task.optimization.transform.bands]
        name = one_of("band", value, [None, *names])
        self._pick_band(None if name is None else names.index(name), None)

    def _steer(self, name: str, value: float) -> None:
        with self._lock:
            self._task.optimization.steer(**{name: value})
        self._send_controls()

    _set_lambda_l1 = partialmethod(_steer, "lambda_l1")
    _set_lambda_spatial_l1 = partialmethod(_steer, "lambda_spatial_l1")
    _set_lambda_spatial_l2 = partialmethod(_steer, "lambda_spatial_l2")
    _set_lambda_tv = partialmethod(_steer, "lambda_tv")
    _set_lambda_area = partialmethod(_steer, "lambda_area")
    _set_learning_rate = partialmethod(_steer, "learning_rate")

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "ready": self._send_everything,
            "seen": self._engine.pacer.answered,
            "play": self.play,
            "pause": self.pause,
            "step": self.step,
            "reset": self.reset,
            "frame": self._send_recorded,
            "photograph": self._show_sample,
            "upload": partial(self._upload.receive, self.show),
            "target": lambda index, versus: setattr(self, "target", index if versus is None else (index, versus)),
            "method": lambda index: setattr(self, "method", self._methods.at(index)),
            "setting": self._change_setting,
            "band": self._pick_band,
            "coefficients": lambda: self._send_of_run(messages.coefficients),
            "scores": lambda: self._send_of_run(messages.scores),
        }

    def _show_sample(self, name: str) -> None:
        # By name alone: a page must not choose files of the kernel's machine.
        self.show(images.sample(name), name=name)

    def _change_setting(self, path: str, value: object) -> None:
        if path in STEERABLE:
            setattr(self, path, value)
            return
        with self._lock:
            run = self._task.optimization
            changed = self._methods.changed(run.settings, path, value, run.transform.size)
            if path == "samples":
                check_step(run, changed)
            self._restart(method=changed)

    def _pick_band(self, index: int | None, frame: int | None) -> None:
        with self._lock:
            bands = self._task.optimization.transform.bands
            if index is not None:
                whole("band", index, least=0, most=len(bands) - 1)
            self._band = index
            self._show(band=None if index is None else bands[index].name)
            self._send_recorded(frame)

    def _send_of_run(self, made: Callable[..., Any]) -> None:
        run, frames = self._task.optimization, self._task.frames
        self._send_message(made(self._recorded(run, frames), run=id(run)))

    def _send_recorded(self, index: int | None) -> None:
        """Send one frame of the recording again; the newest for None."""
        optimization, frames = self._task.optimization, self._task.frames
        last = len(frames) - 1
        index_shown = last if index is None else max(0, min(index, last))
        recording = self._recorded(optimization, frames)
        self._send_frame(recording, frames[index_shown], run=id(optimization), index=index_shown, live=index is None)

    @neutral()
    def _restart(
        self,
        *,
        image: Tensor | None = None,
        question: Question | None = None,
        method: Method | None = None,
        preset: Method | None = None,
        photograph: str | None = None,
    ) -> None:
        """Run anew what is not given as it was; what has been steered stays unless the method changes."""
        with self._lock:
            old, question = self._task.optimization, question or self._question
            new = question.optimization(old.image if image is None else image, method or old.settings, self._seed)
            task = MaskTask(new, self._seed)
            playing = self._state.playing
            self._engine.load([task])
            self._question, self._band = question, None
            self._show(band=None)
            if preset is not None:
                self._methods.take(preset)
            self._photograph = photograph or self._photograph
            self._show_newest()
            self._send_everything()
            if playing:
                self._engine.play()

    def _send_everything(self) -> None:
        optimization, frames = self._task.optimization, self._task.frames
        recording = self._recorded(optimization, frames)
        run, question, methods = id(optimization), self._question, self._methods.methods
        self._send_message(messages.setup(recording, run=run, question=question, methods=methods))
        self._send_controls()
        self.on_status()
        self._send_frame(recording, frames[-1], run=id(optimization), index=len(frames) - 1, live=True)
        if (error := self._state.error) is not None:
            self.on_error(0, error)

    def _show_newest(self) -> None:
        """Show the newest frame of a run that was not there before, as one that the page is sent now."""
        task = self._task
        self._engine.pacer.sent(len(task.frames) - 1, 0.0)
        self._show_frame(task.optimization, task.frames[-1:])

    def _show_frame(self, optimization: Optimization, frames: Sequence[Frame]) -> Recording:
        """Show the last of these frames."""
        recording = self._recorded(optimization, frames)
        outcome = recording.outcome()
        self._show(
            steps_done=frames[-1].step,
            probability=outcome.probability,
            share_kept=outcome.share_kept,
            class_kept=outcome.kept,
        )
        return recording

    def _send_frame(self, recording: Recording, frame: Frame, *, run: int, index: int, live: bool) -> None:
        self._send_message(messages.frame(recording, frame, run=run, index=index, live=live, band=self._band))

    def _recorded(self, optimization: Optimization, frames: Sequence[Frame]) -> Recording:
        return recording_of(optimization, frames, photograph=self._photograph, seed=self._seed)

    def _send_controls(self) -> None:
        """Send what the controls show; after a refusal too, so that none shows a choice that was not taken."""
        optimization = self._task.optimization
        self._show_settings(optimization)
        shown = self._methods.describe(optimization.settings, optimization.transform.size)
        method = self._methods.index
        self._send_message(messages.settings(self._photograph, question=self._question, method=method, shown=shown))

    def _show_settings(self, optimization: Optimization) -> None:
        target, method = optimization.target, optimization.settings
        self._show(
            photograph=self._photograph,
            target=optimization.classifier.labels[target],
            probability_before=float(optimization.probabilities[0, target]),
            method=method,
            steps=method.steps,
            **{name: getattr(method, name) for name in STEERABLE},
        )
