"""Scores that need further runs: over penalty weights, and with a classifier whose weights are randomised."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cartoonx_widgets._checks import whole
from cartoonx_widgets._deprecated import formerly_positional
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets._terminal import progress_bar
from cartoonx_widgets.explanations.explain import explain, run_to_end
from cartoonx_widgets.explanations.explanation import explanation_of
from cartoonx_widgets.masking.methods import cartoonx_interactive
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.scores.noise import check_classifier, expected_distortion
from cartoonx_widgets.scores.similarity import Similarity, similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.masking.method import Method

_LAMBDAS = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)


class LambdaPoint(NamedTuple):
    """The result of one weight of the l1 penalty.

    Attributes:
        lambda_l1: the weight.
        share_kept: mean mask entry, in [0, 1].
        distortion: with fresh noise (see `expected_distortion`).
        probability: of the explained class for the cartoon.
    """

    lambda_l1: float
    share_kept: float
    distortion: float
    probability: float


@formerly_positional("classifier")
def distortion_over_lambda(
    image: ImageSource,
    *,
    classifier: Classifier,
    method: Method | None = None,
    lambdas: Sequence[float] = _LAMBDAS,
    target: int | str | None = None,
    samples: int = 64,
    seed: int = 0,
    progress: bool = True,
) -> list[LambdaPoint]:
    """Explain with each of several weights of the l1 penalty: rate against distortion (ECCV 2022, section 4).

    Args:
        image: a path, the name of a sample photograph, encoded bytes, PIL image, array or tensor.
        classifier: to explain.
        method: whose `lambda_l1` is replaced; `methods.cartoonx_interactive()` by default.
        lambdas: the weights.
        target: index or label of the class to explain; the most probable one by default.
        samples: fresh noisy images for each distortion.
        seed: of the noise.
        progress: whether to show a progress bar.

    Raises:
        ValueError: no weight, one out of range, and what `explain` raises.
    """
    if not len(lambdas) or not all(isinstance(weight, Real) for weight in lambdas):
        raise ValueError(f"lambdas={lambdas!r} must be one or more weights")
    method = method or cartoonx_interactive()
    methods = [method.replace(lambda_l1=float(weight)) for weight in lambdas]
    points = []
    for weighted in progress_bar(methods, shown=progress, desc="weights"):
        found = explain(image, classifier=classifier, target=target, method=weighted, seed=seed, progress=False)
        distortion = expected_distortion(found, classifier=classifier, samples=samples, seed=seed)
        points.append(LambdaPoint(weighted.lambda_l1, found.share_kept, distortion, found.probability))
    return points


class Layer(NamedTuple):
    """The similarity of an explanation when a classifier's last layers are randomised.

    Attributes:
        name: of the first of these layers.
        randomised: how many layers there are from it to the output.
        similarity: to the explanation of the trained classifier.
        probability: that the randomised classifier gives to the class for the photograph.
    """

    name: str
    randomised: int
    similarity: Similarity
    probability: float


@neutral()
@formerly_positional("classifier")
def weight_randomisation(
    explanation: Explanation, *, classifier: Classifier, points: int = 4, seed: int = 0, progress: bool = True
) -> list[Layer]:
    """Test whether the explanation depends on the classifier's weights (Adebayo et al., NeurIPS 2018).

    From the output to the input, ever more layers get random weights, and the class is explained again with the same
    method and the same noise. An explanation that stays the same does not explain the classifier.

    Args:
        explanation: of one image.
        classifier: that was explained.
        points: how many classifiers are explained, with numbers of randomised layers evenly spaced from 1 to all.
        seed: of the random weights.
        progress: whether to show a progress bar.

    Returns:
        The points, the fewest randomised layers first.

    Raises:
        ValueError: an argument out of range, another classifier, or an explanation that was not optimised, such as a
            baseline's.
        ClassifierError: the randomised classifier's output is not finite.
    """
    check_classifier(explanation, classifier)
    if not explanation.steps_done:
        raise ValueError(
            "explanation was not optimised, so that it cannot be made again by its method: compare the baseline's "
            "explanations of classifier and classifier.with_random_weights(count) by similarity instead"
        )
    layers = classifier.layers
    points = min(whole("points", points, least=1, most=10_000), len(layers))
    counts = np.unique(np.linspace(1, len(layers), points).round().astype(int)).tolist()
    found = []
    for count in progress_bar(counts, shown=progress, desc="randomised layers"):
        randomised = classifier.with_random_weights(count, seed=seed)
        image = explanation.image[None].to(randomised.device, randomised.dtype)
        optimization = Optimization(
            image, randomised, [explanation.target.index], explanation.method, seed=explanation.seed
        )
        run_to_end(optimization, progress=False)
        again = explanation_of(optimization, seed=explanation.seed)
        alike = similarity(explanation, again)
        found.append(Layer(layers[-count], count, alike, again.target.probability))
    return found
