"""The work of a study: a batch of photographs explained and scored, by whoever has the classifier."""

from __future__ import annotations

import io
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cartoonx_widgets import images, scores
from cartoonx_widgets._version import __version__
from cartoonx_widgets.explanations.explanation import explanations_of
from cartoonx_widgets.masking.optimization import Optimization
from cartoonx_widgets.studies.jobs import Finished, Job, Loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.explanations.explanation import Explanation
    from cartoonx_widgets.explanations.method_specs import MethodSpec
    from cartoonx_widgets.masking.method import Method

_THUMBNAIL = 112  # pixels a side
_QUALITY = 80  # of its JPEG
_DISTORTION_STEPS = 10  # the last ones, whose mean is the distortion of the record
_MOST_ERROR = 1000  # characters


def explain_batch(
    classifier: Classifier,
    method: MethodSpec,
    photographs: Sequence[Loaded],
    *,
    seed: int,
    save_masks: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Finished | None:
    """Explain photographs together, and score each; None where it was stopped.

    What cannot be read, or what the classifier fails on, becomes a record with its error. Where the classifier fails on
    the batch, each photograph is explained alone, so that only those are lost that it fails on.

    Args:
        classifier: that is explained.
        method: of ours, which explains them together, or a baseline, which explains one after the other.
        photographs: of one batch.
        seed: of the noise.
        save_masks: whether the masks are kept.
        stopped: asked before each step.
    """
    records: dict[str, dict[str, Any]] = {}
    masks: dict[str, np.ndarray] = {}
    ready: list[tuple[Loaded, Tensor, int]] = []
    for photograph in photographs:
        try:
            ready.append((photograph, *_prepared(classifier, photograph)))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it is recorded
            records[photograph.key] = _failed(photograph, error)
    for group in _groups(classifier, method, ready):
        if method.method is not None:
            explained = _explained(classifier, method.method, group, seed, stopped)
        else:
            ((photograph, _, target),) = group
            explained = None if stopped() else [_made(classifier, method, photograph, target)]
        if explained is None:
            return None
        for photograph, found in zip((entry[0] for entry in group), explained, strict=True):
            if isinstance(found, BaseException):
                records[photograph.key] = _failed(photograph, found)
                continue
            explanation, seconds = found
            records[photograph.key] = _record(photograph, explanation, seconds)
            masks[photograph.key] = (explanation.mask * 255).round().to(torch.uint8).numpy()
    common = _common(classifier, method.label, seed)
    return Finished(
        [{**common, **records[photograph.key]} for photograph in photographs], _packed(masks) if save_masks else b""
    )


def lost(classifier: Classifier, job: Job, reason: str) -> Finished:
    """Return the records of photographs whose work came to nothing for this reason."""
    common = _common(classifier, job.batch.method, job.batch.seed)
    return Finished([{**common, **_failed(photograph, RuntimeError(reason))} for photograph in job.photographs])


def _common(classifier: Classifier, name: str, seed: int) -> dict[str, Any]:
    return {
        "method": name,
        "seed": seed,
        "classifier": classifier.name,
        "device": classifier.device.type,
        "version": __version__,
        "torch": str(torch.__version__),
    }


def _prepared(classifier: Classifier, photograph: Loaded) -> tuple[Tensor, int]:
    if photograph.error:
        raise RuntimeError(photograph.error)
    image = classifier.prepare(photograph.image)
    if photograph.target is not None:
        return image, classifier.class_index(photograph.target)
    return image, int(classifier.probabilities(image)[0].argmax())


def _groups(
    classifier: Classifier, method: MethodSpec, ready: Sequence[tuple[Loaded, Tensor, int]]
) -> list[Sequence[tuple[Loaded, Tensor, int]]]:
    """Group what is explained together: photographs of one size, all of them at once or each alone."""
    # A batch of a redundant representation would not fit a CPU's memory any more.
    redundant = method.method is not None and method.method.representation.redundant
    if method.method is None or (redundant and classifier.device.type == "cpu"):
        return [[entry] for entry in ready]
    sizes: dict[tuple[int, ...], list[tuple[Loaded, Tensor, int]]] = {}
    for entry in ready:
        sizes.setdefault(tuple(entry[1].shape), []).append(entry)
    return list(sizes.values())


def _explained(
    classifier: Classifier,
    method: Method,
    group: Sequence[tuple[Loaded, Tensor, int]],
    seed: int,
    stopped: Callable[[], bool],
) -> list[tuple[Explanation, float] | BaseException] | None:
    """Explain each, and say the seconds it took, or what went wrong; None where it was stopped."""
    started = time.perf_counter()
    try:
        optimization = Optimization(
            torch.cat([image for _, image, _ in group]), classifier, [target for *_, target in group], method, seed=seed
        )
        while not optimization.finished:
            if stopped():
                return None
            optimization.step(stopped)
        found = explanations_of(optimization, seed=seed)
    except Exception as error:  # noqa: BLE001
        if len(group) == 1:
            return [error]
        each = [_explained(classifier, method, [entry], seed, stopped) for entry in group]
        return None if None in each else [single for one in each if one is not None for single in one]
    seconds = (time.perf_counter() - started) / len(group)
    return [(explanation, seconds) for explanation in found]


def _made(
    classifier: Classifier, method: MethodSpec, photograph: Loaded, target: int
) -> tuple[Explanation, float] | BaseException:
    """Make the explanation of a baseline, and say the seconds it took, or what went wrong."""
    started = time.perf_counter()
    try:
        found = method.explain(photograph.image, classifier=classifier, target=target)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is recorded
        return error
    return found, time.perf_counter() - started


def _record(photograph: Loaded, explanation: Explanation, seconds: float) -> dict[str, Any]:
    predicted, first = explanation.photograph_top[0], explanation.cartoon_top[0]
    values = explanation.curves["distortion"][-_DISTORTION_STEPS:]
    return {
        "photograph": photograph.key,
        "sha256": photograph.sha256,
        "target": explanation.target.index,
        "label": explanation.target.label,
        "predicted": predicted.index,
        "predicted_label": predicted.label,
        "probability_before": explanation.probability_before,
        "probability": explanation.probability,
        "cartoon_label": first.label,
        "class_kept": explanation.class_kept,
        "collapsed": explanation.collapsed,
        "distortion": float(np.mean(values)) if len(values) else math.nan,
        **scores.compute(explanation),
        **_profile(explanation),
        "steps_done": explanation.steps_done,
        "seconds": seconds,
        "error": "",
        "thumbnail": _thumbnail(explanation.image),
        "cartoon_thumbnail": _thumbnail(explanation.cartoon),
    }


def _profile(explanation: Explanation) -> dict[str, list[float]]:
    """Say on which scales lies what is kept, the coarsest first."""
    shares = scores.scale_profile(explanation)
    return {"profile_mask": [one.mask for one in shares], "profile_energy": [one.energy for one in shares]}


def _failed(photograph: Loaded, error: BaseException) -> dict[str, Any]:
    return {
        "photograph": photograph.key,
        "sha256": photograph.sha256,
        "target": -1,
        "label": "",
        "predicted": -1,
        "predicted_label": "",
        "probability_before": math.nan,
        "probability": math.nan,
        "cartoon_label": "",
        "class_kept": False,
        "collapsed": False,
        "distortion": math.nan,
        **dict.fromkeys(scores.NAMES, math.nan),
        "profile_mask": [],
        "profile_energy": [],
        "steps_done": 0,
        "seconds": math.nan,
        "error": photograph.error or in_words(error),
        "thumbnail": b"",
        "cartoon_thumbnail": b"",
    }


def in_words(error: BaseException) -> str:
    """Return an error's kind and message, shortened, and without what cannot be written down."""
    kind = type(error).__name__
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - of other people's errors
        message = ""
    text = f"{kind}: {message}" if message else kind
    return text[:_MOST_ERROR].encode("utf-8", "backslashreplace").decode()


def _thumbnail(image: Tensor) -> bytes:
    height, width = image.shape[-2:]
    by = _THUMBNAIL / max(height, width)
    size = (max(1, round(height * by)), max(1, round(width * by)))
    small = torch.nn.functional.interpolate(image[None].float(), size=size, mode="area" if by < 1 else "nearest")
    return images.to_jpeg(small[0].clamp(0, 1), quality=_QUALITY)


def _packed(masks: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {f"mask {place}": mask for place, mask in enumerate(masks.values())}
    np.savez_compressed(buffer, keys=np.array(list(masks), dtype=np.str_), **arrays)
    return buffer.getvalue()
