"""Print lines and show progress bars: what cannot be written is lost, and raises nothing.

A stream may be None (pythonw, services), closed, on a full disk, a pipe that nobody reads, or in an encoding without
the characters.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from cartoonx_widgets._silence import silenced_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = str.maketrans({"→": "->"})


def print_line(text: str, *, error: bool = False) -> None:
    """Print a line on standard output, or on standard error.

    >>> print_line("class kept")
    class kept
    """
    stream = sys.stderr if error else sys.stdout
    if stream is not None:
        Forgiving(stream).write(f"{text}\n")


def progress_bar(steps: Iterable[Any] | None = None, *, shown: bool, **settings: Any) -> Any:  # noqa: ANN401 - tqdm is not typed
    """Make a progress bar of tqdm on standard error, or one that does nothing.

    Args:
        steps: to iterate over, where the bar is to count them.
        shown: whether to show it.
        settings: of tqdm, such as `total` and `desc`.
    """
    stream = sys.stderr
    with silenced_warnings():
        from tqdm.auto import tqdm  # noqa: PLC0415 - takes time, and the package is to load quickly

        return tqdm(
            steps, file=None if stream is None else Forgiving(stream), disable=not shown or stream is None, **settings
        )


def flush() -> None:
    """Write out what standard output and standard error still hold, so that nothing fails when Python ends."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            Forgiving(stream).flush()


class Forgiving:
    """A text stream that raises nothing: characters that its encoding lacks are escaped, other faults lose the text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, and flush it."""
        with contextlib.suppress(Exception):  # whatever a stream may raise, it is not worth a run
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                encoding = self._stream.encoding or "ascii"
                self._stream.write(text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding))
        self.flush()
        return len(text)

    def flush(self) -> None:
        """Flush the stream; what cannot be written is dropped, or Python would try again when it ends, and fail."""
        with contextlib.suppress(Exception):
            try:
                self._stream.flush()
            except OSError:
                self._drop()

    def _drop(self) -> None:
        """Let the stream write into nothing what it holds."""
        descriptor = self._stream.fileno()
        kept = os.dup(descriptor)
        try:
            with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a device, and its descriptor
                os.dup2(nothing.fileno(), descriptor)
            self._stream.flush()
        finally:
            os.dup2(kept, descriptor)
            os.close(kept)
