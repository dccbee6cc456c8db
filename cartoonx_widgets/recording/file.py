"""The file of a recording: a zip archive of JSON and NumPy arrays, in which nothing is pickled and nothing is run.

Members of format 1:

- `recording.json`: what is text or a few numbers (see `_described`).
- `image.npy`: the photograph, (C, H, W) uint16, 65535 for 1; C is 3, or 1 of a classifier of grey images.
- `probabilities.npy`: (1 + F, K) float32, of the photograph and of each frame's cartoon, for the K classes that are
  among the five most probable ones of either somewhere, and the explained one.
- `curves.npy`: (curves, steps taken) float32.
- `masks.npy`: groups of masks one after the other (see `deltas`), as uint8; `groups.npy`: how many bytes each has.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from cartoonx_widgets._files import replacing
from cartoonx_widgets.classifiers.activations import checked_activation
from cartoonx_widgets.images import MIN_SIDE
from cartoonx_widgets.recording.deltas import packed, unpacked
from cartoonx_widgets.recording.frame import Frame
from cartoonx_widgets.recording.settings_json import as_json
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.representations.sizes import resolved, silent_transform

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from cartoonx_widgets.recording.recorded_run import RecordedRun
    from cartoonx_widgets.representations import Representation

FORMAT_VERSION = 1
"""What `save` writes, and the newest that `load` reads."""

_FORMAT = "cartoonx_widgets recording"
_GROUP = 16  # frames
_CLASSES_SHOWN = 5
_LEVELS = 65535
_REPRESENTATIONS: dict[str, type[Representation]] = {
    kind.__name__: kind for kind in (Wavelet, DualTree, Shearlet, Pixel)
}
_Run = TypeVar("_Run", bound="RecordedRun")
# More than a run can have that is looked at, and little enough for any machine.
_MOST_BYTES = 2_000_000_000
_MOST_JSON_BYTES = 20_000_000
_MOST_PIXELS = 2048 * 2048
_MOST_COEFFICIENTS = 2**26
_MOST_ENTRIES = 2**32
_MOST_CURVES = 20
_TEXTS = ("photograph", "method", "classifier", "warning")


class RecordingError(ValueError):
    """Something is wrong with the file of a recording; the message says what, and what to do."""


def save(recording: RecordedRun, path: str | os.PathLike[str], *, megabytes: float) -> None:
    """What `Recording.save` says."""
    if type(recording.representation) not in _REPRESENTATIONS.values():
        names = ", ".join(_REPRESENTATIONS)
        raise RecordingError(
            f"{path}: a recording on {type(recording.representation).__name__} cannot be saved, since who opens it may "
            f"not have that; {names} can"
        )
    budget = megabytes * 1e6
    for frames in thinned(recording.frames):
        archive = _archive(recording, frames)
        if len(archive) <= budget:
            break
    else:
        raise RecordingError(
            f"megabytes={megabytes!r} is too small for first and last frame, which need {len(archive) / 1e6:.1f} MB"
        )
    with replacing(path) as file:
        file.write(archive)


def thinned(frames: Sequence[Frame]) -> Iterator[tuple[Frame, ...]]:
    """All frames, then every second one, every fourth, ..., down to the first and the last, which are always there."""
    apart = 1
    while True:
        yield (*frames[:-1:apart], *frames[-1:])
        if apart >= len(frames) - 1:
            return
        apart *= 2


def load(path: str | os.PathLike[str], kind: type[_Run]) -> _Run:
    """What `Recording.load` says; the run that was read is of this kind."""
    with Path(path).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _read(archive, kind)
        except RecordingError as error:
            raise RecordingError(f"{path}: {error}") from error
        except zipfile.BadZipFile as error:
            raise RecordingError(f"{path} is no recording, or was cut off; save or fetch it again ({error})") from error
        except (KeyError, TypeError, ValueError, OverflowError, MemoryError, NotImplementedError, zlib.error) as error:
            raise RecordingError(f"{path} is a damaged recording; save or fetch it again ({error})") from error


def _archive(recording: RecordedRun, frames: Sequence[Frame]) -> bytes:
    classes = _classes_shown(recording, frames)
    groups = [packed([frame.levels() for frame in frames[i : i + _GROUP]]) for i in range(0, len(frames), _GROUP)]
    rows = [recording.probabilities, *(frame.probabilities for frame in frames)]
    curves = np.stack([np.asarray(values, np.float32) for values in recording.curves.values()])
    arrays = {
        "image": (recording.image.float() * _LEVELS).round().cpu().numpy().astype(np.uint16),
        "probabilities": np.stack([np.asarray(row, np.float32)[classes] for row in rows]),
        "curves": curves,
        "groups": np.array([len(group) for group in groups], np.int64),
        "masks": np.frombuffer(b"".join(groups), np.uint8),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "recording.json", json.dumps(_described(recording, frames, classes), allow_nan=False, indent=1)
        )
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            kind = zipfile.ZIP_STORED if name == "masks" else zipfile.ZIP_DEFLATED
            archive.writestr(f"{name}.npy", member.getvalue(), kind)
    return buffer.getvalue()


def _described(recording: RecordedRun, frames: Sequence[Frame], classes: Sequence[int]) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "version": FORMAT_VERSION,
        "photograph": recording.photograph,
        "representation": as_json(resolved(recording.representation, recording.transform.size)),
        "coefficients": recording.transform.n_coefficients,
        "labels": [recording.labels[i] for i in classes],
        "target": list(classes).index(recording.target),
        "frame_steps": [frame.step for frame in frames],
        "curves": list(recording.curves),
        "steps": recording.steps,
        "method": recording.method,
        "settings": recording.settings,
        "classifier": recording.classifier,
        "seed": recording.seed,
        "warning": recording.warning,
        "activation": recording.activation,
    }


def _classes_shown(recording: RecordedRun, frames: Sequence[Frame]) -> list[int]:
    shown = {recording.target}
    for probabilities in (recording.probabilities, *(frame.probabilities for frame in frames)):
        shown.update(np.argsort(-probabilities, kind="stable")[:_CLASSES_SHOWN].tolist())
    return sorted(shown)


def _read(archive: zipfile.ZipFile, kind: type[_Run]) -> _Run:
    described = _read_json(archive)
    image = torch.from_numpy(_read_array(archive, "image", np.uint16).astype(np.float32) / _LEVELS)
    height, width = image.shape[-2:]
    _require(image.ndim == 3 and len(image) in (1, 3), "the photograph has not one colour or three")  # noqa: PLR2004
    _require(min(height, width) >= MIN_SIDE, f"a photograph of {height} x {width} pixels is too small")
    _require(height * width <= _MOST_PIXELS, f"a photograph of {height} x {width} pixels is larger than allowed")
    representation = resolved(_representation(described["representation"]), (height, width))
    n = _whole(described, "coefficients", _MOST_COEFFICIENTS)
    if isinstance(representation, Shearlet):  # building a system takes long, so look first
        _require(representation.n_bands * height * width == n, "the representation does not fit the masks")
    transform = silent_transform(representation, (height, width))
    _require(transform.n_coefficients == n, "the representation does not fit the masks")
    labels = _texts(described["labels"], "labels")
    steps = described["frame_steps"]
    _require(isinstance(steps, list) and len(steps) > 0, "there are no frames")
    _require(len(steps) * n <= _MOST_ENTRIES, f"{len(steps):,} frames of {n:,} entries are more than allowed")
    _require(all(type(step) is int and step >= 0 for step in steps), "a frame has no step")
    _require(all(a < b for a, b in itertools.pairwise(steps)), "the frames are not in order")
    probabilities = _read_array(archive, "probabilities", np.float32)
    _require(probabilities.shape == (1 + len(steps), len(labels)), "not every frame has its probabilities")
    _require(bool(((probabilities >= 0) & (probabilities <= 1)).all()), "a probability is not between 0 and 1")
    frames = []
    for start, masks in _masks(archive, frames=len(steps), n=n):
        for i, mask in enumerate(masks, start=start):
            frames.append(Frame.of(step=steps[i], levels=mask, probabilities=probabilities[1 + i]))
    return kind(
        image=image,
        representation=representation,
        transform=transform,
        coefficients=transform.analyse(image[None])[0],
        labels=labels,
        probabilities=probabilities[0],
        target=_whole(described, "target", len(labels) - 1),
        frames=tuple(frames),
        curves=_curves(archive, described),
        steps=_whole(described, "steps", 2**31),
        settings=described["settings"] if isinstance(described["settings"], dict) else {},
        seed=_whole(described, "seed", 2**63),
        activation=checked_activation(described.get("activation", "softmax")),  # which 0.5.0 did not write
        **{name: _texts([described[name]], name)[0] for name in _TEXTS},
    )


def _read_json(archive: zipfile.ZipFile) -> dict[str, Any]:
    described = json.loads(_member(archive, "recording.json", _MOST_JSON_BYTES))
    if not isinstance(described, dict) or described.get("format") != _FORMAT:
        raise RecordingError("this is no recording of cartoonx_widgets")
    version = described["version"]
    if type(version) is int and version > FORMAT_VERSION:
        raise RecordingError(
            f"the recording has version {version} of the format, this package reads up to {FORMAT_VERSION}: "
            "install a newer cartoonx_widgets"
        )
    _require(version == FORMAT_VERSION, f"version {version!r} of the format does not exist")
    return described


def _representation(described: object) -> Representation:
    _require(isinstance(described, dict), "its representation is not known here")
    assert isinstance(described, dict)
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in described.items()}
    kind = str(settings.pop("kind"))
    _require(kind in _REPRESENTATIONS, f"its representation {kind!r} is not known here")
    known = {field.name for field in dataclasses.fields(_REPRESENTATIONS[kind])}  # type: ignore[arg-type]
    _require(set(settings) <= known, f"its representation {kind!r} has settings that are not known here")
    return _REPRESENTATIONS[kind](**settings)


def _curves(archive: zipfile.ZipFile, described: dict[str, Any]) -> dict[str, np.ndarray]:
    names, values = _texts(described["curves"], "curves"), _read_array(archive, "curves", np.float32)
    _require(len(names) <= _MOST_CURVES and values.ndim == 2 and len(values) == len(names), "curves are missing")  # noqa: PLR2004
    return dict(zip(names, values, strict=True))


def _masks(archive: zipfile.ZipFile, *, frames: int, n: int) -> Iterator[tuple[int, np.ndarray]]:
    """The place of each group's first frame, and the group's masks (F, N)."""
    sizes, data = _read_array(archive, "groups", np.int64), _read_array(archive, "masks", np.uint8)
    _require(sizes.shape == (-(-frames // _GROUP),) and data.ndim == 1, "masks are missing")
    _require(bool((sizes >= 0).all()) and int(sizes.sum()) == len(data), "masks are missing")
    ends = np.cumsum(sizes)
    for i, (end, size) in enumerate(zip(ends.tolist(), sizes.tolist(), strict=True)):
        start = i * _GROUP
        group = data[end - size : end].tobytes()
        yield start, unpacked(group, frames=min(_GROUP, frames - start), n=n)


def _read_array(archive: zipfile.ZipFile, name: str, dtype: type[np.generic]) -> np.ndarray:
    """An array, whose header is compared with the bytes that are there before room is made for it."""
    data = _member(archive, f"{name}.npy", _MOST_BYTES)
    header = io.BytesIO(data)
    _require(np.lib.format.read_magic(header) == (1, 0), f"{name} is no array that can be read")
    shape, by_columns, found = np.lib.format.read_array_header_1_0(header)
    _require(found == np.dtype(dtype) and not by_columns, f"{name} is an array of {found}")
    count = 1
    for side in shape:
        count *= side
    _require(count * found.itemsize == len(data) - header.tell(), f"{name} is not of the size that it claims")
    array: np.ndarray = np.frombuffer(data, found, offset=header.tell()).reshape(shape)
    return array


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        claimed = archive.getinfo(name).file_size
    except KeyError:
        raise RecordingError(f"it holds no {name}, so it is no recording, or was cut off") from None
    _require(claimed <= most, f"{name} has {claimed:,} bytes, more than the {most:,} allowed")
    with archive.open(name) as member:
        data = member.read(most + 1)
    _require(len(data) == claimed, f"{name} is not of the size that it claims")
    return data


def _texts(value: object, name: str) -> list[str]:
    _require(isinstance(value, list) and all(isinstance(entry, str) for entry in value), f"{name} is not text")
    return list(value)  # type: ignore[call-overload, no-any-return]


def _whole(described: dict[str, Any], name: str, most: int) -> int:
    value = described[name]
    _require(type(value) is int and 0 <= value <= most, f"{name}={value!r} must be a whole number from 0 to {most:,}")
    return int(value)


def _require(fine: bool, fault: str) -> None:
    if not fine:
        raise RecordingError(f"{fault}; it may be damaged: save or fetch it again")
