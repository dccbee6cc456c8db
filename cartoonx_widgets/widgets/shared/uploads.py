"""Files that arrive from a page in parts: Jupyter's servers refuse messages of more than some 10 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.images import ImageError
from cartoonx_widgets.images.reading import check_upload
from cartoonx_widgets.widgets.shared.visitor_limits import upload_megabytes, upload_pixels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Upload:
    """Puts the parts of one file together, in whichever order they arrive; another key begins another file.

    >>> upload = Upload()
    >>> upload.add(b"on", key=1, index=1, count=2), upload.add(b"carto", key=1, index=0, count=2)
    (None, b'cartoon')
    """

    def __init__(self) -> None:
        self._key: int | None = None
        self._parts: dict[int, bytes] = {}
        self._refused = False

    def receive(
        self, show: Callable[..., object], *, name: str, buffers: Sequence[memoryview] = (), **place: int
    ) -> None:
        """Take a message that brings a part, with its key, index and count; `show` the whole file, by its name.

        Raises:
            ImageError: the message brings no part, or several; the file is too large, or has more pixels than allowed.
            ValueError: there is no such part.
        """
        if len(buffers) != 1:
            raise ImageError(
                f"image: a message of an upload brought {len(buffers)} parts in place of 1; upload it again"
            )
        data = self.add(bytes(buffers[0]), **place)
        if data is not None:
            show(data, name=name)

    def add(self, part: bytes, *, key: int, index: int, count: int) -> bytes | None:
        """Take a part; the whole file with the last that was missing, None before.

        Raises:
            ImageError: the file is too large, or has more pixels than allowed.
            ValueError: there is no such part.
        """
        if key != self._key:
            self._key, self._parts, self._refused = key, {}, False
        if self._refused:
            return None  # what still comes of a file that has been refused
        if not 0 <= index < count:
            raise ValueError(f"index={index!r} must be one of the {count} parts of the upload, from 0 on")
        self._parts[index] = part
        if sum(map(len, self._parts.values())) > 1e6 * upload_megabytes():
            self._parts, self._refused = {}, True
            raise ImageError(f"image: the upload exceeds {upload_megabytes():g} MB; use a smaller file")
        if len(self._parts) < count:
            return None
        parts, self._parts = self._parts, {}
        data = b"".join(parts[place] for place in range(count))
        check_upload(data, most=upload_pixels())
        return data
