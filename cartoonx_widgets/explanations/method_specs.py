"""What a user may name as a method: one of ours or a baseline, by value, by name, or as a function."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.explanations.explanation import Explanation
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.methods import PRESETS

if TYPE_CHECKING:
    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.images import ImageSource

Choice: TypeAlias = Method | str | Callable[..., Method | Explanation]
_TITLES = {"integrated_gradients": "Integrated gradients", "grad_cam": "Grad-CAM", "occlusion": "Occlusion"}


class Chosen(NamedTuple):
    """What a choice comes to.

    Attributes:
        label: what it is called.
        method: that is optimised; None for a baseline.
        make: of a baseline: makes its explanation of an image, by `classifier` and `target`.
    """

    label: str
    method: Method | None
    make: Callable[..., Explanation] | None

    def made(self, image: ImageSource, *, classifier: Classifier, target: int) -> Explanation:
        """What a baseline makes of an image.

        Raises:
            TypeError: it made something else than an explanation.
        """
        assert self.make is not None
        found = self.make(image, classifier=classifier, target=target)
        if not isinstance(found, Explanation):
            raise TypeError(f"{self.label} returned {type(found).__name__}, where an Explanation is needed")
        return found


def chosen(label: str, choice: Choice, where: str) -> Chosen:
    """What a choice comes to; without a label it is called as the method is, or the function.

    Args:
        label: what it is to be called, or nothing.
        choice: a method, the name of a preset or of a baseline, or a function.
        where: it was given, for errors.

    Raises:
        TypeError: something that is none of these.
        ValueError: a name that does not exist.
        ModuleNotFoundError: it is computed by captum, which is not installed.
    """
    if isinstance(choice, str):
        choice = _named(choice, where)
    name = getattr(getattr(choice, "func", choice), "__name__", "")  # of a partial, what it is a part of
    if PRESETS.get(name) is choice:
        choice = PRESETS[name]()
    if isinstance(choice, Method):
        return Chosen(label or choice.name, choice, None)
    if not callable(choice):
        raise TypeError(
            f"{where}={choice!r} must be a Method, such as methods.cartoonx(), one of the names {_known()}, or a "
            "function of (image, classifier=, target=) that returns an Explanation"
        )
    if choice in baselines.BASELINES.values() and not baselines.installed():
        raise ModuleNotFoundError(f"{where}={name!r} is computed by captum, which is not installed: pip install captum")
    return Chosen(label or _TITLES.get(name, name) or "own", None, choice)  # type: ignore[arg-type]  # seen when it runs


def _named(name: str, where: str) -> Choice:
    known: dict[str, Choice] = {**PRESETS, **baselines.BASELINES}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{where}={name!r} must be one of {_known()}{hint}")


def _known() -> str:
    return ", ".join(map(repr, [*PRESETS, *baselines.BASELINES]))
