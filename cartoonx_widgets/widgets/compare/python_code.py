"""The code that makes what the comparison shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.explanations.baselines import BASELINES
from cartoonx_widgets.widgets.compare.methods import specs_of
from cartoonx_widgets.widgets.shared.python_code import Script, WritesPython, call, photograph

if TYPE_CHECKING:
    import torch

    from cartoonx_widgets.explanations.method_specs import MethodSpec
    from cartoonx_widgets.widgets.compare.scene import Scene


class CompareWithCode(WritesPython):
    """A comparison that can tell the code that makes what it shows."""

    _scene: Scene

    def to_python(self) -> str:
        """Return Python code that makes the comparison, with only the settings that differ from a preset's.

        What it cannot name is left to fill in, with a comment: a photograph of your own is "photo.jpg", a classifier of
        your own `classifier`, and a function of your own has its label.
        """
        scene, script = self._scene, Script()
        classifier = scene.asked.classifier
        device = classifier.device
        arguments = script.classifier(classifier) | script.target(scene.asked.target, classifier, scene.case.image)
        if scene.seed:
            arguments["seed"] = str(scene.seed)
        positional = [photograph(scene.photograph, scene.case.image, classifier.prepare)]
        lines = []
        if list(scene.specs) != [spec.on(device) for spec in specs_of(None)]:
            inner = [f"    {script.value(spec.label, '')}: {_method(script, spec, device)},\n" for spec in scene.specs]
            lines.append(f"methods = {{\n{''.join(inner)}}}")
            positional.append("methods")
        lines += [
            f"comparison = {call('cx.compare', *positional, **arguments)}",
            "comparison.play()",
            "comparison.wait()",
            "comparison.table()",
        ]
        return script.text(*lines, imports="import cartoonx_widgets as cx")


def _method(script: Script, spec: MethodSpec, device: torch.device) -> str:
    if spec.method is not None:
        return script.method(spec.method, device)
    for name, make in BASELINES.items():
        if make is spec.make:
            return f'"{name}"'
    name = getattr(spec.make, "__name__", "")
    return script.given(name if name.isidentifier() else "own_function", "your function")
