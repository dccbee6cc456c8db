"""The explorer: an optimisation of one photograph, live."""

from __future__ import annotations

import threading
from functools import partialmethod
from typing import TYPE_CHECKING

import traitlets

from cartoonx_widgets import images
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import Classifier, efficientnet_lite0
from cartoonx_widgets.explanations.explain import prepare
from cartoonx_widgets.explanations.explanation import Explanation, explanation_of
from cartoonx_widgets.images import DEFAULT_SAMPLE
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.live import Runner
from cartoonx_widgets.masking.method import STEERABLE, Method
from cartoonx_widgets.masking.methods import PRESETS, cartoonx_interactive
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.recording.recording import Recording, name_of, recording_of
from cartoonx_widgets.widgets.explorer import messages, settings
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.messages import error as error_message
from cartoonx_widgets.widgets.shared.snapshots import snapshot
from cartoonx_widgets.widgets.shared.traits import Settable, failure, one_band, shown, true_or_false
from cartoonx_widgets.widgets.shared.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.recording import Frame


def explore(
    image: ImageSource = DEFAULT_SAMPLE,
    *,
    classifier: Classifier | None = None,
    target: int | str | None = None,
    method: Method | None = None,
    seed: int = 0,
    language: str = ENGLISH,
) -> Explorer:
    """The live widget: watch, pause, step, scrub and steer the explanation of one decision.

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor; a sample by default.
        classifier: EfficientNet-Lite0 with ImageNet weights by default.
        target: index or label of the class to explain; the most probable one by default.
        method: `methods.cartoonx_interactive()` by default; the published settings are one choice away.
        seed: of the noise; the same seed on the same device gives the same run.
        language: of the labels, "en" or "de".

    Raises:
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a class, a setting or a language that does not exist or does not fit.
        ClassifierError: the classifier's output for the image is not finite.
    """
    return Explorer(image, classifier=classifier, target=target, method=method, seed=seed, language=language)


class Explorer(Widget):
    """The live widget, which `explore` makes; every button is a method too.

    It never blocks a cell: the optimisation runs in a thread of its own, whether or not somebody watches. Its traits
    can be observed and linked: they follow the frames, at most ten a second, and observers are called in that thread.
    """

    _esm = assets.script("explorer")
    _css = assets.style("explorer")
    _from_page = messages.FromPage

    # What may be set, also while the run plays.
    playing = Settable(False, help="Whether steps are being taken; set it to play or to pause.")
    target = Settable(help="Label of the explained class; set it by label or index, and the run begins again.")
    method = Settable(
        help="The `Method` of now; set another, or the name of one in the list, and the run begins again.",
        to_json=lambda method: method and method.name,
    )
    band = Settable(help="Name of the band that is seen alone, such as 'd1'; None for the whole photograph.")
    # Prices and the learning rate hold from the next step on.
    lambda_l1 = Settable(0.0, help="Price of the mask's mean entry.")
    lambda_spatial_l1 = Settable(0.0, help="Price of the grey cartoon's mean.")
    lambda_spatial_l2 = Settable(0.0, help="Price of the grey cartoon's root mean square.")
    lambda_tv = Settable(0.0, help="Price of the total variation of a mask on pixels.")
    lambda_area = Settable(0.0, help="Price of the distance from a mask of the method's area.")
    learning_rate = Settable(0.0, help="Adam's learning rate, before the schedule's factor.")

    # What is known of the newest frame.
    photograph = shown(traitlets.Unicode, help="Name of the photograph.")
    steps = shown(traitlets.Int, help="Planned steps of the run.")
    steps_done = shown(traitlets.Int, help="Steps taken.")
    probability_before = shown(traitlets.Float, help="Of the explained class for the photograph, in [0, 1].")
    probability = shown(traitlets.Float, help="Of the explained class for the cartoon, in [0, 1].")
    share_kept = shown(traitlets.Float, help="Mean mask entry, in [0, 1].")
    class_kept = shown(traitlets.Bool, help="Whether the cartoon keeps the class, as `explanation.outcome.kept` says.")
    error = failure("The exception that stopped the run, with its traceback; None where nothing did.")

    def __init__(
        self,
        image: ImageSource = DEFAULT_SAMPLE,
        *,
        classifier: Classifier | None = None,
        target: int | str | None = None,
        method: Method | None = None,
        seed: int = 0,
        language: str = ENGLISH,
    ) -> None:
        said = texts(language)
        self._lock = threading.RLock()
        self._seed = seed
        self._classifier = classifier if classifier is not None else efficientnet_lite0()
        chosen = cartoonx_interactive() if method is None else method
        self._presets = [make() for make in PRESETS.values()]
        self._preset = 0
        self._photograph = name_of(image)
        optimization = prepare(image, classifier=self._classifier, target=target, method=chosen, seed=seed)
        self._take_preset(chosen)
        self._upload = Upload()
        self._band: int | None = None
        self._runner = Runner(optimization, self)
        self._show_settings(optimization)
        self._runner.record()  # before there is a page to be told of it
        super().__init__(said)

    # What a user calls.

    def play(self) -> None:
        """Take steps until the last one, or until paused."""
        self._runner.play()

    def pause(self) -> None:
        """Stand still after the step under way."""
        self._runner.pause()

    def step(self) -> None:
        """Take one step, also beyond the last one."""
        self._runner.step()

    def reset(self) -> None:
        """Begin again from the first mask, with the settings of now."""
        self._restart()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run stands still; False if it does not within `timeout` seconds.

        Raises:
            Exception: what stopped the run, if a step failed.
        """
        return self._runner.wait(timeout)

    @property
    def recording(self) -> Recording:
        """What was recorded since the last reset: save it, play it, or make a page or an animation of it.

        It is there after a failure too, up to the step that failed.
        """
        return self._recorded(*self._runner.recording)

    @property
    def explanation(self) -> Explanation:
        """The explanation reached by now; pause first for one that holds still.

        Raises:
            ClassifierError: the classifier's output became NaN or infinite.
        """
        return explanation_of(self._runner.optimization, seed=self._seed)

    @neutral()
    def show(self, image: ImageSource, *, target: int | str | None = None, name: str | None = None) -> None:
        """Explain another photograph, by default for its most probable class; the run begins again.

        Raises:
            ImageError: the image cannot be read, or is too small or too large; the present run stays.
            ValueError: there is no such class.
        """
        with self._lock:
            tensor = self._classifier.prepare(image)
            index = int(self._classifier.probabilities(tensor)[0].argmax())
            if target is not None:
                index = self._classifier.class_index(target)
            self._restart(image=tensor, target=index, photograph=name or name_of(image))

    def close(self) -> None:
        """End the run and the widget; a second call does nothing."""
        # ipywidgets closes what is deleted, also where __init__ raised before there was a runner.
        if runner := getattr(self, "_runner", None):
            runner.close()
        super().close()

    def _in_words(self) -> str:
        return f"The live explorer of {self.target!r}: run this cell to see it."

    # What the runner tells, from its thread.

    def on_frame(self, optimization: Optimization, index: int, frame: Frame) -> None:
        """Show a frame that was recorded."""
        recording = self._recorded(optimization, [frame])
        outcome = recording.outcome()
        self._show(
            steps_done=frame.step,
            probability=outcome.probability,
            share_kept=outcome.share_kept,
            class_kept=outcome.kept,
        )
        self.on_status(still=False)
        self._tell_frame(recording, frame, run=id(optimization), index=index, live=True)

    def on_status(self, *, still: bool) -> None:
        """Show where the run stands, and what it has come to once it stands still."""
        explanation = self._come_to() if still else None
        if explanation is not None:
            self._show(snapshot=snapshot(explanation.to_image(), explanation.summary))
        self._tell_status(explanation)

    def on_error(self, error: BaseException) -> None:
        """Show what stopped the run."""
        self._tell(error_message(error, step=self._runner.status.step + 1))
        self.on_status(still=False)

    # What is set, by a user or by the page.

    def _set_playing(self, value: object) -> None:
        if true_or_false("playing", value):
            self.play()
        else:
            self.pause()

    def _set_target(self, value: int | str) -> None:
        self._restart(target=self._classifier.class_index(value))

    def _set_method(self, value: Method | str) -> None:
        named = {method.name: method for method in self._presets}
        method = named.get(value) if isinstance(value, str) else value
        if not isinstance(method, Method):
            raise TypeError(
                f"method={value!r} must be a Method, such as cartoonx_widgets.methods.cartoonx(), or one of "
                f"{', '.join(map(repr, named))}"
            )
        self._restart(method=method, preset=method)

    def _set_band(self, value: str | None) -> None:
        names = [band.name for band in self._runner.optimization.transform.bands]
        name = one_band(value, names)
        self._pick_band(None if name is None else names.index(name), None)

    def _steer(self, name: str, value: float) -> None:
        with self._lock:
            self._runner.optimization.steer(**{name: value})
        self._tell_settings()

    _set_lambda_l1 = partialmethod(_steer, "lambda_l1")
    _set_lambda_spatial_l1 = partialmethod(_steer, "lambda_spatial_l1")
    _set_lambda_spatial_l2 = partialmethod(_steer, "lambda_spatial_l2")
    _set_lambda_tv = partialmethod(_steer, "lambda_tv")
    _set_lambda_area = partialmethod(_steer, "lambda_area")
    _set_learning_rate = partialmethod(_steer, "learning_rate")

    # What the page asks for.

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "ready": self._tell_everything,
            "seen": self._runner.pacer.answered,
            "play": self.play,
            "pause": self.pause,
            "step": self.step,
            "reset": self.reset,
            "frame": self._tell_recorded,
            "photograph": self._show_sample,
            "upload": self._receive,
            "target": lambda index: setattr(self, "target", index),
            "method": self._choose_preset,
            "setting": self._change_setting,
            "band": self._pick_band,
            "coefficients": self._tell_coefficients,
        }

    def _show_sample(self, name: str) -> None:
        # By name alone: a page must not choose files of the kernel's machine.
        self.show(images.sample(name), name=name)

    def _receive(self, *, name: str, index: int, count: int, buffers: Sequence[memoryview]) -> None:
        data = self._upload.add(bytes(buffers[0]), index=index, count=count)
        if data is not None:
            self.show(data, name=name)

    def _choose_preset(self, index: int) -> None:
        if index not in range(len(self._presets)):
            raise ValueError(f"method={index!r} must be one of the {len(self._presets)} methods")
        self.method = self._presets[index]

    def _change_setting(self, path: str, value: object) -> None:
        if path in STEERABLE:
            setattr(self, path, value)
            return
        with self._lock:
            preset = self._presets[self._preset]
            changed = settings.change(
                self._runner.optimization.settings, path, value, preset, self._runner.optimization.transform.size
            )
            name = preset.name if changed.replace(name=preset.name) == preset else f"{preset.name}, changed"
            self._restart(method=changed.replace(name=name))

    def _take_preset(self, method: Method) -> None:
        """Note which preset runs; a method of the user's own takes the place after the published ones."""
        if method not in self._presets:
            self._presets[len(PRESETS) :] = [method]
        self._preset = self._presets.index(method)

    def _pick_band(self, index: int | None, frame: int | None) -> None:
        with self._lock:
            bands = self._runner.optimization.transform.bands
            if index is not None and index not in range(len(bands)):
                raise ValueError(f"band={index!r} must be one of the {len(bands)} bands, or None")
            self._band = index
            self._show(band=None if index is None else bands[index].name)
            self._tell_recorded(frame)

    def _tell_coefficients(self) -> None:
        optimization, frames = self._runner.recording
        self._tell(messages.coefficients(self._recorded(optimization, frames), run=id(optimization)))

    def _tell_recorded(self, index: int | None) -> None:
        """Send one frame of the recording again; the newest for None."""
        optimization, frames = self._runner.recording
        last = len(frames) - 1
        place = last if index is None else max(0, min(index, last))
        recording = self._recorded(optimization, frames)
        self._tell_frame(recording, frames[place], run=id(optimization), index=place, live=index is None)

    @neutral()
    def _restart(
        self,
        *,
        image: Tensor | None = None,
        target: int | None = None,
        method: Method | None = None,
        preset: Method | None = None,
        photograph: str | None = None,
    ) -> None:
        """Run anew what is not given as it was; what has been steered stays unless the method changes."""
        with self._lock:
            old = self._runner.optimization
            new = Optimization(
                old.image if image is None else image,
                self._classifier,
                [_target(old) if target is None else target],
                old.settings if method is None else method,
                seed=self._seed,
            )
            playing = self._runner.status.playing
            self._band = None
            self._show(band=None)
            self._runner.load(new)
            if preset is not None:
                self._take_preset(preset)
            self._photograph = photograph or self._photograph
            self._tell_everything()
            if playing:
                self._runner.play()

    # What the page is told.

    def _tell_state(self) -> None:
        self._tell_settings()

    def _tell_everything(self) -> None:
        optimization, frames = self._runner.recording
        recording = self._recorded(optimization, frames)
        top = self._classifier.top(optimization.probabilities[0])
        self._tell(messages.setup(recording, run=id(optimization), top=top, methods=self._presets))
        self._tell_settings()
        self._tell_status(None if self._runner.status.playing else self._come_to())
        self._tell_frame(recording, frames[-1], run=id(optimization), index=len(frames) - 1, live=True)
        if self._runner.error is not None:
            self.on_error(self._runner.error)

    def _come_to(self) -> Explanation | None:
        """What a run that stands still has come to; None before its first step, or where it failed."""
        return self.explanation if self._runner.status.step and self._runner.error is None else None

    def _tell_status(self, explanation: Explanation | None) -> None:
        status = self._runner.status
        self._show(playing=status.playing, error=self._runner.error)
        self._tell(messages.status(status, self._runner.optimization.notes, explanation=explanation))

    def _tell_frame(self, recording: Recording, frame: Frame, *, run: int, index: int, live: bool) -> None:
        self._tell(messages.frame(recording, frame, run=run, index=index, live=live, band=self._band))

    def _recorded(self, optimization: Optimization, frames: Sequence[Frame]) -> Recording:
        return recording_of(optimization, frames, photograph=self._photograph, seed=self._seed)

    def _tell_settings(self) -> None:
        """What the controls stand at; sent after a refusal too, so that none shows a choice that was not taken."""
        optimization = self._runner.optimization
        self._show_settings(optimization)
        preset, size = self._presets[self._preset], optimization.transform.size
        shown = settings.describe(optimization.settings, preset, size)
        target = _target(optimization)
        self._tell(messages.settings(self._photograph, target=target, method=self._preset, shown=shown))

    def _show_settings(self, optimization: Optimization) -> None:
        target, method = _target(optimization), optimization.settings
        self._show(
            photograph=self._photograph,
            target=self._classifier.labels[target],
            probability_before=float(optimization.probabilities[0, target]),
            method=method,
            steps=method.steps,
            **{name: getattr(method, name) for name in STEERABLE},
        )


def _target(optimization: Optimization) -> int:
    return int(optimization.targets[0])
