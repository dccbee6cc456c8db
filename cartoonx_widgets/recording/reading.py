"""Read the file of a recording, which may come from a stranger.

What is read can be shown, saved and written as a page or a picture: each number is finite and each text can be written,
and sizes are compared with what is allowed before anything is unpacked or computed.
"""

from __future__ import annotations

import dataclasses
import itertools
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from cartoonx_widgets._json import strict_json
from cartoonx_widgets._memory import is_out_of_memory
from cartoonx_widgets.classifiers.activations import checked_activation
from cartoonx_widgets.recording.archive import Archive
from cartoonx_widgets.recording.deltas import unpacked
from cartoonx_widgets.recording.errors import RecordingError, require
from cartoonx_widgets.recording.format import (
    FORMAT,
    FORMAT_VERSION,
    GROUP,
    LEVELS,
    LONGEST_TEXT,
    MEMBERS,
    MOST_CURVES,
    MOST_FRAMES,
    MOST_JSON_BYTES,
    MOST_NUMBER,
    MOST_PROBABILITIES,
    MOST_STEPS,
    REPRESENTATIONS,
    TEXTS,
    WITHOUT_RESTS,
    check_coefficients,
    check_size,
    most_entries,
)
from cartoonx_widgets.recording.frame import Frame
from cartoonx_widgets.representations import Shearlet
from cartoonx_widgets.representations.sizes import resolved, silent_transform

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from cartoonx_widgets.recording.recorded_run import RecordedRun
    from cartoonx_widgets.representations import Representation, Transform

_Run = TypeVar("_Run", bound="RecordedRun")
_AXES = 3  # of a photograph: colours, rows, columns


def load(path: str | os.PathLike[str], kind: type[_Run]) -> _Run:
    """Do what `Recording.load` says; the run that was read is of this kind."""
    with Path(path).open("rb") as file:
        try:
            return _read(file, kind)
        except RecordingError as error:
            raise RecordingError(f"{path}: {error}") from error
        except zipfile.BadZipFile as error:
            raise RecordingError(f"{path} is no recording, or was cut off; save or fetch it again ({error})") from error
        except Exception as error:  # readers raise whatever a damaged file makes them trip over
            if is_out_of_memory(error):
                raise RecordingError(f"{path} takes more memory than there is; free some and read it again") from error
            raise RecordingError(f"{path} is a damaged recording; save or fetch it again ({error!r:.200})") from error


def _read(file: IO[bytes], kind: type[_Run]) -> _Run:
    archive = Archive(file)
    described = _described(archive)
    archive.check_names(MEMBERS)
    labels, steps = _labels(described), _frame_steps(described)
    n = _whole(described, "coefficients")
    check_coefficients(n)
    entries = len(steps) * n
    most = n * 2 if len(steps) <= 2 else most_entries(archive.size)  # noqa: PLR2004
    require(entries <= most, f"{len(steps):,} frames of {n:,} entries are more than the {most:,} allowed")
    image, representation, transform = _image(archive, described["representation"], n)
    rest_steps = _rest_steps(described, steps)
    probabilities = _probabilities(archive, rows=1 + len(steps) + len(rest_steps), classes=len(labels))
    curves = _curves(archive, described)
    frames = _frames(archive, steps, rest_steps, probabilities, n)
    return kind(
        image=image,
        representation=representation,
        transform=transform,
        coefficients=transform.analyse(image[None])[0],
        labels=labels,
        probabilities=probabilities[0],
        target=_whole(described, "target", len(labels) - 1),
        frames=frames,
        curves=curves,
        steps=_whole(described, "steps"),
        settings=described["settings"] if isinstance(described["settings"], dict) else {},
        seed=_whole(described, "seed", 2**63),
        activation=checked_activation(described.get("activation", "softmax")),  # which 0.5.0 did not write
        **{name: _texts([described[name]], name)[0] for name in TEXTS},
    )


def _described(archive: Archive) -> dict[str, Any]:
    described = strict_json(archive.read("recording.json", MOST_JSON_BYTES))
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise RecordingError("this is no recording of cartoonx_widgets")
    version = described["version"]
    if type(version) is int and version > FORMAT_VERSION:
        raise RecordingError(
            f"the recording has version {version} of the format, this package reads up to {FORMAT_VERSION}: "
            "install a newer cartoonx_widgets"
        )
    require(version in (WITHOUT_RESTS, FORMAT_VERSION), f"version {version!r:.60} of the format does not exist")
    return described


def _labels(described: dict[str, Any]) -> list[str]:
    labels = _texts(described["labels"], "labels")
    require(len(labels) > 0, "labels are missing")
    return labels


def _frame_steps(described: dict[str, Any]) -> list[int]:
    steps = described["frame_steps"]
    require(isinstance(steps, list) and len(steps) > 0, "there are no frames")
    require(len(steps) <= MOST_FRAMES, f"{len(steps):,} frames are more than the {MOST_FRAMES:,} allowed")
    require(all(type(step) is int and 0 <= step <= MOST_NUMBER for step in steps), "a frame has no step")
    require(all(a < b for a, b in itertools.pairwise(steps)), "the frames are not in order")
    return list(steps)


def _rest_steps(described: dict[str, Any], frame_steps: list[int]) -> list[int]:
    """Return the steps of those frames whose rest was classified; of all where the file does not say."""
    if described["version"] == WITHOUT_RESTS:
        return []
    steps = described.get("rest_steps", frame_steps)
    known = set(frame_steps)
    require(isinstance(steps, list), "a rest is no frame's")
    require(all(type(step) is int and step in known for step in steps), "a rest is no frame's")
    require(all(a < b for a, b in itertools.pairwise(steps)), "the rests are not in order")
    return list(steps)


def _image(archive: Archive, described: object, n: int) -> tuple[torch.Tensor, Representation, Transform]:
    """Read the photograph and its transform, of `n` coefficients."""
    settings = _representation(described)

    def check(shape: tuple[int, ...]) -> bool:
        require(len(shape) == _AXES and shape[0] in (1, 3), "the photograph has not one colour or three")
        check_size(settings, *shape[1:])
        fitting = resolved(settings, shape[1:])  # type: ignore[arg-type]
        if isinstance(fitting, Shearlet):  # building a system takes long, so look first
            require(fitting.n_bands * shape[1] * shape[2] == n, "the representation does not fit the masks")
        return True

    pixels = archive.array("image", np.uint16, check)
    height, width = pixels.shape[1:]
    representation = resolved(settings, (height, width))
    transform = silent_transform(representation, (height, width))
    require(transform.n_coefficients == n, "the representation does not fit the masks")
    values = pixels.astype(np.float32)
    values /= LEVELS
    return torch.from_numpy(values), representation, transform


def _representation(described: object) -> Representation:
    if not isinstance(described, dict):
        raise RecordingError("its representation is not known here; it may be damaged: save or fetch it again")
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in described.items()}
    kind = str(settings.pop("kind"))
    require(kind in REPRESENTATIONS, f"its representation {kind!r:.60} is not known here")
    known = {field.name for field in dataclasses.fields(REPRESENTATIONS[kind])}  # type: ignore[arg-type]
    require(set(settings) <= known, f"its representation {kind!r} has settings that are not known here")
    return REPRESENTATIONS[kind](**settings)


def _probabilities(archive: Archive, *, rows: int, classes: int) -> np.ndarray:
    """Return those of the photograph, of each frame's cartoon and of the rests that were classified."""
    count = rows * classes
    require(count <= MOST_PROBABILITIES, f"{count:,} probabilities are more than the {MOST_PROBABILITIES:,} allowed")

    def check(shape: tuple[int, ...]) -> bool:
        require(shape == (rows, classes), "not every frame has its probabilities")
        return True

    found = archive.array("probabilities", np.float32, check)
    require(bool(((found >= 0) & (found <= 1)).all()), "a probability is not between 0 and 1")
    return found


def _curves(archive: Archive, described: dict[str, Any]) -> dict[str, np.ndarray]:
    names = _texts(described["curves"], "curves")
    require(1 <= len(names) <= MOST_CURVES and len(set(names)) == len(names), "curves are missing, or there twice")

    def check(shape: tuple[int, ...]) -> bool:
        require(len(shape) == 2 and shape[0] == len(names), "curves are missing")  # noqa: PLR2004
        require(shape[1] <= MOST_STEPS, f"curves of {shape[1]:,} steps are more than the {MOST_STEPS:,} allowed")
        return True

    values = archive.array("curves", np.float32, check)
    require(bool(np.isfinite(values).all()), "a curve is not finite")
    return dict(zip(names, values, strict=True))


def _frames(
    archive: Archive, steps: list[int], rest_steps: list[int], probabilities: np.ndarray, n: int
) -> tuple[Frame, ...]:
    frames: list[Frame] = []
    last = None
    cartoons, rests = probabilities[1 : 1 + len(steps)], probabilities[1 + len(steps) :]
    rest_at = dict(zip(rest_steps, rests, strict=True))
    for index, mask in enumerate(_masks(archive, len(steps), n)):
        known = {"probabilities": cartoons[index], "probabilities_rest": rest_at.get(steps[index])}
        if mask is last:  # nothing has changed, so nothing is packed again
            frames.append(dataclasses.replace(frames[-1], step=steps[index], **known))
        else:
            frames.append(Frame.of(step=steps[index], levels=mask, **known))
        last = mask
    return tuple(frames)


def _masks(archive: Archive, frames: int, n: int) -> Iterator[np.ndarray]:
    """Yield each frame's mask (N,), unpacked one at a time."""
    groups = -(-frames // GROUP)
    sizes = archive.array("groups", np.int64, lambda shape: shape == (groups,)).tolist()
    data = archive.parts("masks", np.uint8)
    longest = GROUP * n + GROUP * n // 1000 + 1000  # of what zlib cannot shorten
    require(all(0 <= size <= longest for size in sizes) and sum(sizes) == data.length, "masks are missing")
    for i, size in enumerate(sizes):
        yield from unpacked(data.next(size), frames=min(GROUP, frames - i * GROUP), n=n)
    data.close()


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise RecordingError(f"{name} is not text; it may be damaged: save or fetch it again")
    require(all(len(entry) <= LONGEST_TEXT for entry in value), f"{name} has more than {LONGEST_TEXT:,} characters")
    return list(value)


def _whole(described: dict[str, Any], name: str, most: int = MOST_NUMBER) -> int:
    value = described[name]
    fine = type(value) is int and 0 <= value <= most
    require(fine, f"{name}={value!r:.60} must be a whole number from 0 to {most:,}")
    return int(value)
