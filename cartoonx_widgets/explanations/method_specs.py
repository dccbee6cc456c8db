"""Methods as a user may give them: a `Method`, a name of one or of a baseline, or a function."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.explanations.explanation import Explanation
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.methods import PRESETS

if TYPE_CHECKING:
    import torch

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.images import ImageSource

MethodLike: TypeAlias = Method | str | Callable[..., Method | Explanation]
_TITLES = {
    "integrated_gradients": "Integrated gradients",
    "grad_cam": "Grad-CAM",
    "occlusion": "Occlusion",
    "wam": "WAM",
    "rise": "RISE",
    "sobol_indices": "Total Sobol indices",
}


class MethodSpec(NamedTuple):
    """A method with its label: either one that is optimised, or a function that explains at once.

    Attributes:
        label: shown for it.
        method: to optimise; None for a function.
        make: the function of (image, classifier=, target=) that returns an `Explanation`, such as a baseline; None for
            a method.
    """

    label: str
    method: Method | None
    make: Callable[..., Explanation] | None

    def on(self, device: torch.device) -> MethodSpec:
        """Return the spec with the steps and samples that a run on this device takes."""
        return self if self.method is None else self._replace(method=self.method.on(device))

    def explain(self, image: ImageSource, *, classifier: Classifier, target: int) -> Explanation:
        """Return the explanation that the function makes of an image.

        Raises:
            TypeError: it returns something else than an `Explanation`.
        """
        assert self.make is not None
        found = self.make(image, classifier=classifier, target=target)
        if not isinstance(found, Explanation):
            raise TypeError(f"{self.label} returned {type(found).__name__}, where an Explanation is needed")
        return found


def method_spec(label: str, given: MethodLike, where: str) -> MethodSpec:
    """Return the spec of a method as a user gives it.

    Args:
        label: shown for it; "" for the name of the method or of the function.
        given: a method, the name of a preset or of a baseline, or a function.
        where: the argument's name, for errors.

    Raises:
        TypeError: something that is none of these.
        ValueError: a name that does not exist.
        ModuleNotFoundError: it is Grad-CAM, which captum computes, and that is not installed.
    """
    if isinstance(given, str):
        given = _named(given, where)
    name = getattr(getattr(given, "func", given), "__name__", "")  # of a partial, what it is a part of
    if PRESETS.get(name) is given:
        given = PRESETS[name]()
    if isinstance(given, Method):
        return MethodSpec(label or given.name, given, None)
    if not callable(given):
        raise TypeError(
            f"{where}={given!r} must be a Method, such as methods.cartoonx(), one of the names {_known()}, or a "
            "function of (image, classifier=, target=) that returns an Explanation"
        )
    if given is baselines.grad_cam and not baselines.installed():
        raise ModuleNotFoundError(f"{where}={name!r} is computed by captum, which is not installed: pip install captum")
    return MethodSpec(label or _TITLES.get(name, name) or "own", None, given)  # type: ignore[arg-type]  # seen when it runs


def _named(name: str, where: str) -> MethodLike:
    known: dict[str, MethodLike] = {**PRESETS, **baselines.BASELINES}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{where}={name!r} must be one of {_known()}{hint}")


def _known() -> str:
    return ", ".join(map(repr, [*PRESETS, *baselines.BASELINES]))
