"""The code that makes what the explorer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.widgets.shared.python_code import Script, WritesPython, call, photograph

if TYPE_CHECKING:
    import threading

    from cartoonx_widgets.live import MaskTask
    from cartoonx_widgets.widgets.explorer.question import Question


class ExplorerWithCode(WritesPython):
    """An explorer that can tell the code that makes what it shows."""

    _lock: threading.RLock
    _photograph: str
    _question: Question
    _seed: int

    @property
    def _task(self) -> MaskTask:
        raise NotImplementedError

    def to_python(self) -> str:
        """Return Python code that makes the explanation, with only the settings that differ from a preset's.

        The code runs to the end, with the current penalty weights from the first step on. What it cannot name is left
        to fill in, with a comment: a photograph of your own is "photo.jpg", a classifier of your own `classifier`.
        """
        with self._lock:
            run, question, script = self._task.optimization, self._question, Script()
            steps_done = self._task.frames[-1].step
        classifier = question.classifier
        method = script.method(run.settings, classifier.device)
        arguments = script.classifier(classifier) | script.target(question.asked, classifier, run.image)
        if method != "cx.methods.cartoonx_interactive()":
            arguments["method"] = method
        if self._seed:
            arguments["seed"] = str(self._seed)
        notes = []
        if steps_done and run.settings != run.method:
            notes.append("# Weights were moved during the run; here they hold from the first step on.")
        if 0 < steps_done < run.method.steps:
            notes.append(f"# The explorer is at step {steps_done}; this goes on to step {run.method.steps}.")
        source = photograph(self._photograph, run.image, classifier.prepare)
        lines = [f"explanation = {call('cx.explain', source, **arguments)}", "explanation.to_image()"]
        return script.text(*notes, *lines, imports="import cartoonx_widgets as cx")
