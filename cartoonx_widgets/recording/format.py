"""The format of a recording's file: a zip archive of JSON and NumPy arrays; nothing is pickled and nothing is run.

Members of format 2:

- `recording.json`: what is text or a few numbers (see `file`).
- `image.npy`: the photograph, (C, H, W) uint16, 65535 for 1; C is 3, or 1 of a classifier of grey images.
- `probabilities.npy`: (1 + F + R, K) float32, of the photograph, of each frame's cartoon and of the rest of those R
  frames that have it classified (`rest_steps`; without that, of all frames), for the K classes that are among the five
  most probable ones of any of them somewhere, and the explained one.
- `curves.npy`: (curves, steps taken) float32.
- `masks.npy`: groups of masks one after the other (see `deltas`), as uint8; `groups.npy`: how many bytes each has.

Format 1, which version 0.5 wrote and which is written where the rests were never classified, has none of the rests:
`probabilities.npy` is (1 + F, K).

It holds at most what a run has that is looked at, and little enough for any machine. What is written is held to the
limits of what is read, so that whatever `save` wrote, `load` reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.images import MIN_SIDE
from cartoonx_widgets.recording.errors import RecordingError
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet

if TYPE_CHECKING:
    from cartoonx_widgets.representations import Representation

FORMAT_VERSION = 2
"""What `save` writes, and the newest that `load` reads."""
WITHOUT_RESTS = 1
"""The version of a file that does not say what the classifier makes of the rests."""

FORMAT = "cartoonx_widgets recording"
MEMBERS = ("recording.json", "image.npy", "probabilities.npy", "curves.npy", "groups.npy", "masks.npy")
GROUP = 16  # frames whose masks are packed together
LEVELS = 65535
TEXTS = ("photograph", "method", "classifier", "warning")
REPRESENTATIONS: dict[str, type[Representation]] = {
    kind.__name__: kind for kind in (Wavelet, DualTree, Shearlet, Pixel)
}
MOST_FRAMES = 100_000
MOST_CURVES = 20
MOST_STEPS = 1_000_000  # of a curve
MOST_NUMBER = 2**31
MOST_PROBABILITIES = 20_000_000
MOST_JSON_BYTES = 4_000_000
LONGEST_TEXT = 1000  # characters
_MOST_SIDE, _MOST_PIXELS = 4096, 2048 * 2048
_MOST_SIDE_REDUNDANT, _MOST_COEFFICIENTS = 1024, 2**23
_SMALL = 1_000_000  # bytes of a file
_MOST_ENTRIES, _MOST_ENTRIES_SMALL = 2**30, 2**28


def check_size(representation: Representation, height: int, width: int) -> None:
    """Check how large a photograph is, before anything is made for it.

    Raises:
        RecordingError: it is too small or too large, for any representation or for this one.
    """
    if min(height, width) < MIN_SIDE:
        raise RecordingError(f"a photograph of {height} x {width} pixels is too small")
    redundant = representation.redundant
    side = _MOST_SIDE_REDUNDANT if redundant else _MOST_SIDE
    if max(height, width) > side or height * width > _MOST_PIXELS:
        what = f" on {type(representation).__name__}" if redundant else f" and {_MOST_PIXELS:,} in all"
        raise RecordingError(
            f"a photograph of {height} x {width} pixels is larger than allowed: at most {side} a side{what}"
        )


def check_coefficients(n: int) -> None:
    """Check how many numbers represent one colour.

    Raises:
        RecordingError: there are too many.
    """
    if n > _MOST_COEFFICIENTS:
        raise RecordingError(f"masks of {n:,} entries are more than the {_MOST_COEFFICIENTS:,} allowed")


def most_entries(size: int) -> int:
    """Return how many entries all masks together may have in a file of `size` bytes; small files are read at once."""
    return _MOST_ENTRIES_SMALL if size <= _SMALL else _MOST_ENTRIES
