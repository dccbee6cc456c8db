"""Watch, pause, step, scrub and steer mask explanations of image classifiers, live in a notebook: CartoonX and its kin.

>>> import cartoonx_widgets as cx
>>> explorer = cx.explore()  # doctest: +SKIP
>>> explanation = cx.explain("coffee", target="espresso")  # doctest: +SKIP

What is named here loads when it is first used, so that importing the package costs little beside torch; Jupyter and
Plotly load with the first widget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from cartoonx_widgets._version import __version__ as __version__

if TYPE_CHECKING:
    from cartoonx_widgets import drawings, images, masking, representations, scores, sparsity
    from cartoonx_widgets._versions import show_versions
    from cartoonx_widgets.classifiers import Classifier, ClassifierError, efficientnet_lite0
    from cartoonx_widgets.explanations import baselines
    from cartoonx_widgets.explanations.attribution import MaskAttribution, explain_func
    from cartoonx_widgets.explanations.explain import explain
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.images import ImageError
    from cartoonx_widgets.masking import methods
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.masking.optimization import Optimization
    from cartoonx_widgets.recording import Recording, RecordingError, record
    from cartoonx_widgets.studies import Results, StudyError
    from cartoonx_widgets.studies.study import study
    from cartoonx_widgets.widgets.compare.widget import Compare, compare
    from cartoonx_widgets.widgets.explorer.widget import Explorer, explore
    from cartoonx_widgets.widgets.replay.replay import replay
    from cartoonx_widgets.widgets.replay.widget import Replay
    from cartoonx_widgets.widgets.signal_lab.widget import SignalLab, signal_lab
    from cartoonx_widgets.widgets.sparsity_lab.widget import SparsityLab, sparsity_lab

__all__ = [
    "Classifier",
    "ClassifierError",
    "Compare",
    "Explanation",
    "Explorer",
    "ImageError",
    "MaskAttribution",
    "Method",
    "Optimization",
    "Recording",
    "RecordingError",
    "Replay",
    "Results",
    "SignalLab",
    "SparsityLab",
    "StudyError",
    "baselines",
    "compare",
    "drawings",
    "efficientnet_lite0",
    "explain",
    "explain_func",
    "explore",
    "images",
    "masking",
    "methods",
    "record",
    "replay",
    "representations",
    "scores",
    "show_versions",
    "signal_lab",
    "sparsity",
    "sparsity_lab",
    "study",
]

_HOMES = {
    "Classifier": "classifiers",
    "ClassifierError": "classifiers",
    "Compare": "widgets.compare.widget",
    "Explanation": "explanations.explanation",
    "Explorer": "widgets.explorer.widget",
    "ImageError": "images",
    "MaskAttribution": "explanations.attribution",
    "Method": "masking.methods",
    "Optimization": "masking.optimization",
    "Recording": "recording",
    "RecordingError": "recording",
    "Replay": "widgets.replay.widget",
    "Results": "studies",
    "SignalLab": "widgets.signal_lab.widget",
    "SparsityLab": "widgets.sparsity_lab.widget",
    "StudyError": "studies",
    "compare": "widgets.compare.widget",
    "efficientnet_lite0": "classifiers",
    "explain": "explanations.explain",
    "explain_func": "explanations.attribution",
    "explore": "widgets.explorer.widget",
    "record": "recording",
    "replay": "widgets.replay.replay",
    "show_versions": "_versions",
    "signal_lab": "widgets.signal_lab.widget",
    "sparsity_lab": "widgets.sparsity_lab.widget",
    "study": "studies.study",
}
_MODULES = {name: name for name in ("drawings", "images", "masking", "representations", "scores", "sparsity")}
_MODULES |= {"baselines": "explanations.baselines", "methods": "masking.methods"}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{_MODULES[name]}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
