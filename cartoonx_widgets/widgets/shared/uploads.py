"""Files that arrive from a page in parts: Jupyter's servers refuse messages of more than some 10 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets.images import ImageError
from cartoonx_widgets.images.reading import check_upload
from cartoonx_widgets.widgets.shared.visitor_limits import upload_megabytes, upload_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = int(1e6 * upload_megabytes())
_REFUSED = -1


class Upload:
    """Puts the parts of one file together; a part 0 begins a new one.

    >>> upload = Upload()
    >>> upload.add(b"carto", index=0, count=2), upload.add(b"on", index=1, count=2)
    (None, b'cartoon')
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._next = 0

    def add(self, part: bytes, *, index: int, count: int) -> bytes | None:
        """Take the next part; the whole file with its last, None before.

        Raises:
            ImageError: the file is too large, has more pixels than allowed, or a part is missing.
        """
        if index == 0:
            self._data.clear()
            self._next = 0
        if self._next == _REFUSED:
            return None  # what still comes of a file that has been refused
        if index != self._next:
            raise ImageError(f"image: part {index + 1} of {count} of the upload came out of turn; upload it again")
        self._next += 1
        self._data += part
        if len(self._data) > MAX_BYTES:
            self._data.clear()
            self._next = _REFUSED
            raise ImageError(f"image: the upload exceeds {MAX_BYTES / 1e6:g} MB; use a smaller file")
        if self._next != count:
            return None
        data = bytes(self._data)
        self._data.clear()
        check_upload(data, most=upload_pixels())
        return data


def the_part(buffers: Sequence[memoryview]) -> bytes:
    """The one part that a message brings.

    Raises:
        ImageError: it brings none, or several.
    """
    if len(buffers) != 1:
        raise ImageError(f"image: a message of an upload brought {len(buffers)} parts in place of 1; upload it again")
    return bytes(buffers[0])
