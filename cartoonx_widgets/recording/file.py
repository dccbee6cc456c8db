"""Write the file of a recording; `format` says what it holds, and `reading` reads it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from cartoonx_widgets._files import write_whole
from cartoonx_widgets.recording.deltas import packed
from cartoonx_widgets.recording.errors import RecordingError
from cartoonx_widgets.recording.format import (
    FORMAT,
    FORMAT_VERSION,
    GROUP,
    LEVELS,
    LONGEST_TEXT,
    MOST_CURVES,
    MOST_FRAMES,
    MOST_STEPS,
    REPRESENTATIONS,
    WITHOUT_RESTS,
    check_coefficients,
    check_size,
    most_entries,
)
from cartoonx_widgets.recording.settings_json import as_json
from cartoonx_widgets.representations.sizes import resolved

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from cartoonx_widgets.recording.frame import Frame
    from cartoonx_widgets.recording.recorded_run import RecordedRun

_CLASSES_SHOWN = 5


def save(recording: RecordedRun, path: str | os.PathLike[str], *, megabytes: float) -> None:
    """Do what `Recording.save` says."""
    if type(recording.representation) not in REPRESENTATIONS.values():
        names = ", ".join(REPRESENTATIONS)
        raise RecordingError(
            f"{path}: a recording on {type(recording.representation).__name__} cannot be saved, since who opens it may "
            f"not have that; {names} can"
        )
    _check_limits(recording)
    budget, n = megabytes * 1e6, recording.transform.n_coefficients
    for frames in thinned(recording.frames):
        last = len(frames) <= 2  # noqa: PLR2004
        if not last and (len(frames) > MOST_FRAMES or len(frames) * n > most_entries(int(budget))):
            continue
        archive = _archive(recording, frames)
        if len(archive) <= budget and (last or len(frames) * n <= most_entries(len(archive))):
            break
    else:
        raise RecordingError(
            f"megabytes={megabytes!r} is too small for first and last frame, which need {len(archive) / 1e6:.1f} MB"
        )
    write_whole(path, archive)


def _check_limits(recording: RecordedRun) -> None:
    """Refuse, before a file is made, what could not be read again."""
    check_size(recording.representation, *recording.transform.size)
    check_coefficients(recording.transform.n_coefficients)
    curves = list(recording.curves.values())
    if not 1 <= len(curves) <= MOST_CURVES or any(len(values) > MOST_STEPS for values in curves):
        raise RecordingError(
            f"{len(curves)} curves of {max(map(len, curves), default=0):,} steps cannot be saved: allowed are 1 to "
            f"{MOST_CURVES} curves of {MOST_STEPS:,} steps"
        )
    if not all(np.isfinite(values).all() for values in curves):
        raise RecordingError("a curve with NaN or infinity cannot be saved; cut the curves off before it")


def thinned(frames: Sequence[Frame]) -> Iterator[tuple[Frame, ...]]:
    """Yield all frames, then every second one, every fourth, ..., down to the first and the last, which stay."""
    apart = 1
    while True:
        yield (*frames[:-1:apart], *frames[-1:])
        if apart >= len(frames) - 1:
            return
        apart *= 2


def _archive(recording: RecordedRun, frames: Sequence[Frame]) -> bytes:
    classes = _classes_shown(recording, frames)
    groups = [packed([frame.levels() for frame in frames[i : i + GROUP]]) for i in range(0, len(frames), GROUP)]
    rows = _probabilities(recording, frames)
    curves = np.stack([np.asarray(values, np.float32) for values in recording.curves.values()])
    arrays = {
        "image": (recording.image.float() * LEVELS).round().cpu().numpy().astype(np.uint16),
        "probabilities": np.stack([np.asarray(row, np.float32)[classes] for row in rows]),
        "curves": curves,
        "groups": np.array([len(group) for group in groups], np.int64),
        "masks": np.frombuffer(b"".join(groups), np.uint8),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "recording.json", json.dumps(_storable(_described(recording, frames, classes)), allow_nan=False, indent=1)
        )
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            kind = zipfile.ZIP_STORED if name == "masks" else zipfile.ZIP_DEFLATED
            archive.writestr(f"{name}.npy", member.getvalue(), kind)
    return buffer.getvalue()


def _described(recording: RecordedRun, frames: Sequence[Frame], classes: Sequence[int]) -> dict[str, Any]:
    rest_steps = [frame.step for frame in frames if frame.probabilities_rest is not None]
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION if rest_steps else WITHOUT_RESTS,
        "photograph": recording.photograph,
        "representation": as_json(resolved(recording.representation, recording.transform.size)),
        "coefficients": recording.transform.n_coefficients,
        "labels": [recording.labels[i] for i in classes],
        "target": list(classes).index(recording.target),
        "frame_steps": [frame.step for frame in frames],
        "rest_steps": rest_steps,
        "curves": list(recording.curves),
        "steps": recording.steps,
        "method": recording.method,
        "settings": recording.settings,
        "classifier": recording.classifier,
        "seed": recording.seed,
        "warning": recording.warning,
        "activation": recording.activation,
    }


def _storable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return the same without texts that are very long, or that UTF-8 cannot hold, as names of files may be."""
    if isinstance(value, dict):
        return {name: _storable(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_storable(entry) for entry in value]
    if not isinstance(value, str):
        return value
    text = value.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _probabilities(recording: RecordedRun, frames: Sequence[Frame]) -> list[np.ndarray]:
    """Return those of the photograph, of the cartoons and of the rests that were classified."""
    rests = (frame.probabilities_rest for frame in frames)
    return [recording.probabilities, *(frame.probabilities for frame in frames), *(r for r in rests if r is not None)]


def _classes_shown(recording: RecordedRun, frames: Sequence[Frame]) -> list[int]:
    shown = {recording.target}
    for probabilities in _probabilities(recording, frames):
        shown.update(np.argsort(-probabilities, kind="stable")[:_CLASSES_SHOWN].tolist())
    return sorted(shown)
