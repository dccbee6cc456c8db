"""What an optimisation ends in: the cartoon, the mask, the curves, and what they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from cartoonx_widgets.classifiers import Prediction
from cartoonx_widgets.explanations.outcome import Outcome, has_collapsed, warning_of

if TYPE_CHECKING:
    import os

    import numpy as np
    import plotly.graph_objects as go
    from PIL.Image import Image
    from torch import Tensor

    from cartoonx_widgets.classifiers.activations import ActivationName
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.masking.optimization import Optimization
    from cartoonx_widgets.representations import Transform


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """One decision of a classifier, explained. All tensors are on the CPU.

    Attributes:
        image: the photograph, (C, H, W) in [0, 1], as the classifier saw it; C is 1 if that takes grey images, else 3.
        cartoon: the masked photograph, (C, H, W) in [0, 1].
        mask: flat (N,) in [0, 1], shared by the colours; `band` and `transform.split` give it by scale.
        coefficients: of the photograph, flat (C, N).
        transform: the representation at this size, with its bands.
        target: the explained class, with its probability for the photograph.
        probability: of the explained class for the cartoon, in [0, 1].
        probability_rest: of the explained class for the rest, in [0, 1].
        photograph_top: the photograph's five most probable classes.
        cartoon_top: the cartoon's five most probable classes.
        rest_top: the rest's five most probable classes.
        curves: "distortion", "l1", "spatial_l1", "spatial_l2", on pixels "tv", with an area "area", and "loss", each
            (steps,), measured in each step before its update.
        method: the settings, with the penalty weights of the last step (they can be moved while a run is live).
        seed: of the noise.
        classifier: the classifier's name.
        activation: of the classifier, "softmax" or "sigmoid".
    """

    image: Tensor
    cartoon: Tensor
    mask: Tensor
    coefficients: Tensor
    transform: Transform
    target: Prediction
    probability: float
    probability_rest: float
    photograph_top: list[Prediction]
    cartoon_top: list[Prediction]
    rest_top: list[Prediction]
    curves: dict[str, np.ndarray]
    method: Method
    seed: int
    classifier: str
    activation: ActivationName = "softmax"

    @property
    def steps(self) -> int:
        """Return how many steps were planned."""
        return self.method.steps

    @property
    def steps_done(self) -> int:
        """Return how many steps were taken."""
        return len(self.curves["loss"])

    @property
    def probability_before(self) -> float:
        """Return the probability of the explained class for the photograph, in [0, 1]."""
        return self.target.probability

    @property
    def share_kept(self) -> float:
        """Return the mean mask entry, which is the share of the coefficients that is kept, in [0, 1]."""
        return float(self.mask.mean())

    @property
    def class_kept(self) -> bool:
        """Return whether the cartoon's most probable class is the explained one; with sigmoids, if it is over 0.5."""
        return self.outcome.kept

    @property
    def class_needed(self) -> bool:
        """Return whether the rest's most probable class is another; with sigmoids, if the class is under 0.5."""
        return bool(self.outcome.needed)

    @property
    def collapsed(self) -> bool:
        """Return whether the mask fell to under 1 % of the coefficients and lost over half of the class's probability.

        A mask of fixed area does not count: there the area decides.
        """
        return has_collapsed(self.outcome, self.curves, self.method)

    @property
    def outcome(self) -> Outcome:
        """Return the class, its probabilities before and after, the share kept, and what is said of the rest."""
        return Outcome(
            self.target,
            self.probability,
            self.share_kept,
            self.cartoon_top[0],
            self.activation,
            self.probability_rest,
            self.rest_top[0],
        )

    @property
    def summary(self) -> str:
        """Return one sentence on whether the cartoon keeps the class and whether the rest does."""
        return self.outcome.sentence

    @property
    def warning(self) -> str:
        """Return what went wrong and its remedy where the mask collapsed, else an empty string."""
        return warning_of(self.outcome, self.curves, self.method)

    @property
    def rest(self) -> Tensor:
        """Return the photograph without what is kept, A((1 - s) h), (C, H, W) in [0, 1]."""
        return self.transform.synthesise(((1 - self.mask) * self.coefficients)[None])[0].clamp(0, 1)

    def band(self, scale: int, orientation: str) -> Tensor:
        """Return the mask of one band, (rows, columns) in [0, 1].

        Raises:
            ValueError: there is no such band.
        """
        return self.transform.band(scale, orientation).of_mask(self.mask)

    def part(self, scale: int, orientation: str) -> Tensor:
        """Return what one masked band alone contributes to the cartoon, (C, H, W); not clamped, details are around 0.

        Raises:
            ValueError: there is no such band.
        """
        kept = self.mask * self.coefficients
        return self.transform.part(kept[None], self.transform.band(scale, orientation))[0]

    def figure(self) -> go.Figure:
        """Return a Plotly figure: photograph, cartoon, rest, mask, the share kept of each band, probabilities.

        The mask is laid out by scale and orientation; at each of its cells the pointer shows band, scale, orientation,
        row and column in the band, and the mask's value. Where it has more than 80,000 entries, a cell is the mean of
        several. Shares are those of the scales where there are more than 16 bands. A class that is not among the five
        most probable has no bar.

        The figure takes Plotly's current template (`plotly.io.templates.default`) and can be changed and written by
        Plotly's own means: `update_layout`, `write_html`, and with kaleido installed `write_image`.
        """
        from cartoonx_widgets.figures.explanation import figure  # noqa: PLC0415

        return figure(self)

    def to_image(self) -> Image:
        """Return photograph, cartoon, rest and mask side by side with their captions, as a PIL picture."""
        from cartoonx_widgets.figures.strip import compose  # noqa: PLC0415

        return compose(self)

    def save(self, path: str | os.PathLike[str], *, figure: bool | None = None) -> None:
        """Write the cartoon as a picture, or the whole figure for a paper; a file is replaced whole.

        Args:
            path: of the file; its ending decides the format.
            figure: whether to write the figure, which matplotlib draws as .pdf, .svg or .png: photograph, cartoon,
                rest and mask, the share kept of each band, and probabilities; text stays text in PDF and SVG. False
                writes the cartoon alone. By default true for .pdf and .svg, and false for other endings.

        Raises:
            ValueError: the ending is not that of a picture that can be written; for the figure, not one of these three.
            ModuleNotFoundError: the figure is asked for, and matplotlib is not installed
                (`pip install 'cartoonx-widgets[figures]'`).
            OSError: it cannot be written.

        >>> explanation.save("cartoon.png")  # doctest: +SKIP
        >>> explanation.save("figure.pdf")  # doctest: +SKIP
        >>> explanation.save("figure.png", figure=True)  # doctest: +SKIP
        """
        from cartoonx_widgets.figures.saving import save  # noqa: PLC0415

        save(self, path, figure=figure)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from cartoonx_widgets.figures.notebook import mime_bundle  # noqa: PLC0415

        return mime_bundle(self)

    def __repr__(self) -> str:
        return f"Explanation({self.summary})"


def explanation_of(optimization: Optimization, *, seed: int) -> Explanation:
    """Return the explanation that an optimisation of one image has reached so far.

    Raises:
        ClassifierError: the classifier's output became NaN or infinite in some step.
    """
    (explanation,) = explanations_of(optimization, seed=seed)
    return explanation


def explanations_of(optimization: Optimization, *, seed: int) -> list[Explanation]:
    """Return the explanations that an optimisation has reached, one of each of its images.

    Raises:
        ClassifierError: the classifier's output became NaN or infinite in some step.
    """
    optimization.check()
    classifier, transform = optimization.classifier, optimization.transform
    if transform.device.type != "cpu":
        transform = optimization.method.representation.transform(transform.size, dtype=transform.dtype)
    moment, cartoons, curves = optimization.moment(), optimization.cartoon(), optimization.curves()
    rests = cast("Tensor", moment.probabilities_rest)  # which a moment has unless told otherwise
    found = []
    for index, target in enumerate(optimization.targets.tolist()):
        before, after, rest = optimization.probabilities[index], moment.probabilities[index], rests[index]
        found.append(
            Explanation(
                image=optimization.image[index].cpu(),
                cartoon=cartoons[index].cpu(),
                mask=moment.mask[index, 0].cpu(),
                coefficients=optimization.coefficients[index].cpu(),
                transform=transform,
                target=Prediction(target, classifier.labels[target], float(before[target])),
                probability=float(after[target]),
                probability_rest=float(rest[target]),
                photograph_top=classifier.top(before),
                cartoon_top=classifier.top(after),
                rest_top=classifier.top(rest),
                curves={name: values[:, index] for name, values in curves.items()},
                method=optimization.settings,
                seed=seed,
                classifier=classifier.name,
                activation=classifier.activation,
            )
        )
    return found
