"""The zip archive of a recording, read so that no file makes more room than it was allowed.

It is as `save` writes it: a handful of members one after the other from the first byte to the last, stored or
deflated. Whatever else a zip archive may be is refused before Python's own reader follows it.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
from typing import IO, TYPE_CHECKING

import numpy as np

from cartoonx_widgets.recording.errors import RecordingError, require

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_END = struct.Struct("<4s4H2LH")  # the end of the directory: signature, disks, entries, size, offset, comment
_LOCAL = struct.Struct("<4s22x2H")  # what precedes a member: signature, ..., lengths of its name and of what is extra
_MOST_DIRECTORY = 4096  # bytes; ours has some 400
_ENCRYPTED = 0x2061  # flags of encryption, old and new, and of patches
_HEADER_START = 10  # bytes: magic, version, length
_HEADER = re.compile(
    rb"\{'descr': '([|<][uif][1248])', 'fortran_order': False, 'shape': \((\d{1,10}(?:, \d{1,10})*),?\), \} *\n"
)


class Archive:
    """The members of an archive.

    Args:
        file: opened to be read.

    Raises:
        RecordingError: it is no such archive.
        zipfile.BadZipFile: it is damaged.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.size = file.seek(0, os.SEEK_END)
        directory = _directory(file, self.size)
        self._archive = zipfile.ZipFile(file)
        place = 0
        for info in sorted(self._archive.infolist(), key=lambda info: info.header_offset):
            kind = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            require(kind and not info.flag_bits & _ENCRYPTED, f"{info.filename} is packed in a way that is not read")
            require(info.header_offset == place, "there are bytes that belong to no member")
            file.seek(place)
            signature, *lengths = _LOCAL.unpack(file.read(_LOCAL.size))
            require(signature == b"PK\x03\x04", "a member does not begin where it should")
            place += _LOCAL.size + sum(lengths) + info.compress_size
        require(place == directory, "there are bytes that belong to no member")

    def check_names(self, names: Collection[str]) -> None:
        """Check that it has these members, and no others.

        Raises:
            RecordingError: one is missing, or there are more.
        """
        found = self._archive.namelist()
        for name in names:
            if name not in found:
                raise RecordingError(f"it holds no {name}, so it is no recording, or was cut off")
        require(len(found) == len(names), "it holds more than a recording")

    def read(self, name: str, most: int) -> bytes:
        """Read a member of at most so many bytes."""
        try:
            claimed = self._archive.getinfo(name).file_size
        except KeyError:
            raise RecordingError(f"it holds no {name}, so it is no recording, or was cut off") from None
        require(claimed <= most, f"{name} has {claimed:,} bytes, more than the {most:,} allowed")
        with self._archive.open(name) as member:
            return _exactly(member, claimed, name)

    def array(self, name: str, dtype: type[np.generic], fits: Callable[[tuple[int, ...]], object]) -> np.ndarray:
        """Read an array whose shape `fits` accepts, by its header alone, before the rest is unpacked.

        What `fits` raises is raised; it may return False, too.
        """
        with self._archive.open(f"{name}.npy") as member:
            shape = self._shape(member, name, dtype)
            require(bool(fits(shape)), f"{name} has a shape {shape} that does not fit")
            count = int(np.prod(shape, dtype=object))
            data = _exactly(member, count * np.dtype(dtype).itemsize, name)
        array: np.ndarray = np.frombuffer(data, dtype).reshape(shape)
        return array

    def parts(self, name: str, dtype: type[np.generic]) -> Parts:
        """Open an array of one axis whose entries are read one part after the other."""
        member = self._archive.open(f"{name}.npy")
        (length, *more) = self._shape(member, name, dtype)
        require(not more, f"{name} has several axes")
        return Parts(member, name, length)

    def _shape(self, member: IO[bytes], name: str, dtype: type[np.generic]) -> tuple[int, ...]:
        start = member.read(_HEADER_START)
        require(start[:8] == b"\x93NUMPY\x01\x00" and len(start) == _HEADER_START, f"{name} is no array that is read")
        length = int.from_bytes(start[8:], "little")
        found = _HEADER.fullmatch(member.read(length))
        if found is None:
            raise RecordingError(f"{name} is no array that is read; save or fetch it again")
        kind = np.dtype(found[1].decode())
        require(kind == np.dtype(dtype), f"{name} is an array of {kind}")
        shape = tuple(map(int, found[2].split(b",")))
        claimed = self._archive.getinfo(f"{name}.npy").file_size - _HEADER_START - length
        fits = int(np.prod(shape, dtype=object)) * kind.itemsize == claimed
        require(fits, f"{name} is not of the size that it claims")
        return shape


class Parts:
    """An array of one axis, of bytes, that is read in parts."""

    def __init__(self, member: IO[bytes], name: str, length: int) -> None:
        self._member, self._name, self.length = member, name, length

    def next(self, count: int) -> bytes:
        """Read the next bytes."""
        return _exactly(self._member, count, self._name)

    def close(self) -> None:
        """Check that nothing is left."""
        require(self._member.read(1) == b"", f"{self._name} is not of the size that it claims")
        self._member.close()


def _directory(file: IO[bytes], size: int) -> int:
    """Find where the archive's directory begins, of an archive that ends with the file and has few members."""
    file.seek(max(0, size - _END.size))
    end = file.read(_END.size)
    if len(end) < _END.size or end[:4] != b"PK\x05\x06":
        raise RecordingError("it is no recording, was cut off, or has something behind it; save or fetch it again")
    _, *disks, here, entries, length, offset, comment = _END.unpack(end)
    require(disks == [0, 0] and here == entries and comment == 0, "it holds more than a recording")
    whole = length <= _MOST_DIRECTORY and offset + length + _END.size == size
    require(whole, "there are bytes before or within its directory")
    return int(offset)


def _exactly(member: IO[bytes], count: int, name: str) -> bytes:
    data = member.read(count)
    require(len(data) == count, f"{name} is not of the size that it claims")
    return data
