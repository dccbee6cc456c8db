"""The hallucination score: edges of an explanation that the photograph does not have."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from cartoonx_widgets._checks import number, one_of, whole
from cartoonx_widgets._deprecated import formerly_positional

if TYPE_CHECKING:
    from torch import Tensor

    from cartoonx_widgets.explanations.explained import Scored

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
RelativeTo = Literal["explanation", "photograph"]
_MOST_DILATION = 64  # pixels


class EdgeDetector(Protocol):
    """Finds the edges of a grey picture."""

    def __call__(self, grey: Floats) -> Booleans:
        """Return whether each pixel of a picture (H, W) in [0, 1] is on an edge, (H, W)."""
        ...


@dataclass(frozen=True)
class Canny:
    """Canny's detector, of scikit-image: thin edges, followed where they fade.

    Attributes:
        sigma: of the Gaussian blur before it, in pixels; at least 0.
        low: gradient magnitude down to which an edge is followed, for a picture in [0, 1].
        high: gradient magnitude from which an edge begins; at least `low`.

    Raises:
        ValueError: a setting out of range.
    """

    _: KW_ONLY
    sigma: float = 1.0
    low: float = 0.1
    high: float = 0.2

    def __post_init__(self) -> None:
        number("sigma", self.sigma, least=0)
        number("low", self.low, least=0)
        if not (isinstance(self.high, Real) and self.low <= float(self.high) < math.inf):
            raise ValueError(f"high={self.high!r} must be a finite number of at least low={self.low}")

    def __call__(self, grey: Floats) -> Booleans:
        """Return whether each pixel is on an edge."""
        from skimage.feature import canny  # noqa: PLC0415 - slow to import

        found: Booleans = canny(  # type: ignore[no-untyped-call]
            grey, sigma=self.sigma, low_threshold=self.low, high_threshold=self.high
        )
        return found


@dataclass(frozen=True)
class Sobel:
    """Where the gradient by Sobel's filters, of scikit-image, is above a threshold: edges as thick as they are soft.

    Attributes:
        threshold: of the gradient magnitude, for a picture in [0, 1]; at least 0.

    Raises:
        ValueError: the threshold is out of range.
    """

    _: KW_ONLY
    threshold: float = 0.1

    def __post_init__(self) -> None:
        number("threshold", self.threshold, least=0)

    def __call__(self, grey: Floats) -> Booleans:
        """Return whether each pixel is on an edge."""
        from skimage.filters import sobel  # noqa: PLC0415 - slow to import

        found: Booleans = sobel(grey) > self.threshold  # type: ignore[no-untyped-call]
        return found


@formerly_positional("detector")
def edges(image: Tensor, *, detector: EdgeDetector | None = None, rescale: bool = False) -> Booleans:
    """Return the edges (H, W) of an image (3, H, W) in [0, 1], made grey as the mean of its colours, in floating point.

    Args:
        image: (3, H, W) in [0, 1].
        detector: `Canny()` by default.
        rescale: whether the grey picture is divided by its largest value first.

    Raises:
        ValueError: the detector returns anything but a Boolean for each pixel.
    """
    picture = image.detach().cpu().double()
    if rescale and picture.max() > 0:
        picture = picture / picture.max()
    grey: Floats = picture.mean(0).numpy()
    found = np.asarray((detector or Canny())(grey))
    if found.shape != grey.shape or found.dtype != np.bool_:
        raise ValueError(
            f"detector={detector!r} returned an array of {found.dtype}, {found.shape}; one Boolean for each of "
            f"{grey.shape} pixels is needed"
        )
    return found


@formerly_positional("detector")
def hallucination(
    explanation: Scored,
    *,
    detector: EdgeDetector | None = None,
    dilation: int = 1,
    relative_to: RelativeTo = "explanation",
) -> float:
    """Return the hallucination score: how many of the cartoon's edges the photograph does not have; smaller is better.

    An edge pixel of the cartoon is hallucinated where no edge pixel of the photograph is within `dilation` pixels, to
    the sides and diagonally. The cartoon is divided by its largest value before its edges are sought, as in the
    authors' code, so that a dark one is not taken to have none (CVPR 2023, section 5).

    **Not comparable with the paper's tables**: those are with a shearlet-based detector, which finds other edges, and
    count per edge pixel of the photograph.

    Args:
        explanation: of one image.
        detector: what finds the edges: `Canny()` by default, `Sobel()`, or any function of a picture (H, W).
        dilation: how far, in pixels, an edge may have moved; 1 as in the authors' code.
        relative_to: whose number of edge pixels divides that of the hallucinated ones: the cartoon's ("explanation"),
            which gives a share of its edges, or the "photograph"'s, as in the authors' code.

    Returns:
        A share in [0, 1], or relative to the photograph a number of at least 0; 0 where the cartoon has no edges.

    Raises:
        ValueError: an argument out of range.
    """
    dilation = whole("dilation", dilation, least=0, most=_MOST_DILATION, unit="pixels")
    one_of("relative_to", relative_to, get_args(RelativeTo))
    own = edges(explanation.cartoon, detector=detector, rescale=True)
    real = edges(explanation.image, detector=detector)
    invented = int((own & ~_dilated(real, dilation)).sum())
    if not invented:
        return 0.0
    count = int((own if relative_to == "explanation" else real).sum())
    return invented / count if count else math.inf


def _dilated(found: Booleans, by: int) -> Booleans:
    """Return the pixels within `by` pixels of one that is found."""
    if not by:
        return found
    from scipy.ndimage import maximum_filter  # type: ignore[import-untyped]  # noqa: PLC0415

    near: Booleans = maximum_filter(found, size=2 * by + 1, mode="constant")
    return near
