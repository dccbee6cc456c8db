"""How many levels an image size bears."""

from __future__ import annotations

import pywt

from cartoonx_widgets._checks import whole

MOST_LEVELS = 5
"""What is taken where no number is given and the size bears it, as in the CartoonX paper at 224 x 224."""


def checked_levels(levels: object) -> None:
    """Refuse what is neither None nor a whole number of at least 1.

    Raises:
        ValueError: it is none.
    """
    if levels is not None:
        whole("levels", levels, more=f", or None for as many as the image size bears, at most {MOST_LEVELS}")


def borne(size: tuple[int, int], taps: int) -> int:
    """Return how many levels a filter of so many taps bears: PyWavelets' `dwt_max_level` of the shorter side.

    From the next level on, the lowpass that is split is not even as long as two filters, so that each of its
    coefficients reaches over the border.
    """
    return int(pywt.dwt_max_level(min(size), taps))
