"""Limits for the visitors of a served widget, which `cartoonx-widgets serve` sets in their kernels' environment."""

from __future__ import annotations

import os

from cartoonx_widgets.images import MAX_PIXELS

UPLOAD_MEGABYTES = "CARTOONX_WIDGETS_UPLOAD_MEGABYTES"
UPLOAD_PIXELS = "CARTOONX_WIDGETS_UPLOAD_PIXELS"
TRACEBACKS = "CARTOONX_WIDGETS_TRACEBACKS"


def upload_megabytes() -> float:
    """Return the size of the largest file that may be uploaded, in megabytes; 64 by default.

    >>> upload_megabytes()
    64.0
    """
    return float(os.environ.get(UPLOAD_MEGABYTES, "64"))


def upload_pixels() -> int:
    """Return the most pixels of a file that is uploaded; as many as any picture may have where nothing is said.

    >>> upload_pixels()
    100000000
    """
    return int(os.environ.get(UPLOAD_PIXELS, MAX_PIXELS))


def may_see_tracebacks() -> bool:
    """Return whether errors are shown with a traceback, which names files of the kernel's machine.

    >>> may_see_tracebacks()
    True
    """
    return os.environ.get(TRACEBACKS, "yes") != "no"
