"""Open one method of a comparison in the explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cartoonx_widgets.languages import texts
from cartoonx_widgets.masking.masks import GivenMask
from cartoonx_widgets.masking.methods import cartoonx_interactive, pixel_mask
from cartoonx_widgets.representations import Pixel
from cartoonx_widgets.widgets.explorer.question import Question
from cartoonx_widgets.widgets.explorer.widget import Explorer

if TYPE_CHECKING:
    from cartoonx_widgets.explanations.method_specs import MethodSpec
    from cartoonx_widgets.live import Engine, MaskTask, TaskState
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.widgets.compare.scene import Scene


def open_explorer(scene: Scene, engine: Engine, index: int, *, language: str) -> Explorer:
    """Return an explorer of one method, with the scene's photograph and class.

    A run that is done goes over to it, with its frames; the engine keeps its result.

    Args:
        scene: what is compared.
        engine: that runs the scene's methods.
        index: of the method.
        language: of the labels.

    Raises:
        ValueError: the method is a baseline that has not been run.
    """
    spec, state = scene.specs[index], engine.states[index]
    classifier, target, seed = scene.case.classifier, scene.target.index, scene.seed
    if spec.method is not None and state.status == "done" and state.settled and not state.released:
        task, question = cast("MaskTask", engine.release(index)), Question.of(classifier, target)
        return Explorer._of_run(task, question, scene.photograph, seed, texts(language))  # noqa: SLF001
    method = _method(spec, state)
    return Explorer(scene.source, classifier=classifier, target=target, method=method, seed=seed, language=language)


def _method(spec: MethodSpec, state: TaskState) -> Method:
    """Return the spec's own method; where its run was given away, or for a baseline, one that starts from its mask."""
    reached = state.explanation() if state.steps_done > 0 and state.error is None else None
    if spec.method is not None and state.released and reached is not None:
        return spec.method.replace(name=f"{spec.label}, from its mask", mask=GivenMask(reached.mask))
    if spec.method is not None:
        return spec.method
    if reached is None:
        raise ValueError(f"{spec.label} has not been run: play it first, then the explorer can begin from its mask")
    representation = reached.method.representation
    if isinstance(representation, Pixel):
        return pixel_mask().replace(name=f"Pixel mask from {spec.label}", mask=GivenMask(reached.mask))
    begun = cartoonx_interactive(representation=representation)
    return begun.replace(name=f"CartoonX from {spec.label}", mask=GivenMask(reached.mask))
