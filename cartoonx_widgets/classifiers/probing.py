"""Classify a few pictures by a module: whether it can be explained, and whether a change has changed its output."""

from __future__ import annotations

import functools
import math
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn import functional

from cartoonx_widgets import images
from cartoonx_widgets._memory import is_out_of_memory
from cartoonx_widgets._warning import warn_user
from cartoonx_widgets.classifiers.errors import ClassifierError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor, nn

    from cartoonx_widgets.classifiers.copying import Hook

# In parts of the logits' spread: rounding moves them less far, and dropout or noise further.
_SAME, _RANDOM = 2e-5, 1e-3
_BRIGHT, _DARK, _DIMMED = 0.95, 0.05, 0.3
_COARSE = 6
_EXTREME = 100.0
_COLOURS = 3
_ANY_BATCH = (
    "batches of any size are needed. Keep the first axis in its forward, as x.flatten(1) does and x.reshape(1, -1) "
    "does not; export a program with a dynamic first axis"
)
_DTYPES = ("BFloat16", "Half", "bfloat16", "float16", "same dtype", "scalar type")
_OURS = str(Path(__file__).parents[1])
_TORCHS = str(Path(torch.__file__).parent)


class Probe(NamedTuple):
    """Pictures that a module is asked of, in batches of several sizes; each (B, C, H, W), normalised.

    Attributes:
        lively: a picture of noise and a photograph.
        bright: a picture of one bright colour.
        dim: one of a dark colour, a smooth one and a dark photograph.
    """

    lively: Tensor
    bright: Tensor
    dim: Tensor


def probe(size: tuple[int, int], channels: int) -> Probe:
    """Make the pictures, in [0, 1], float32 and on the CPU."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(1, channels, *size, generator=generator, dtype=torch.float32)
    coarse = torch.rand(1, channels, _COARSE, _COARSE, generator=generator, dtype=torch.float32)
    smooth = functional.interpolate(coarse, size=size, mode="bilinear", align_corners=True)
    photograph = _photograph(size)[None, :channels]
    dark = torch.full_like(noise, _DARK)
    return Probe(
        lively=torch.cat([noise, photograph]),
        bright=torch.full_like(noise, _BRIGHT),
        dim=torch.cat([dark, smooth, _DIMMED * photograph]),
    )


@functools.lru_cache(maxsize=4)
def _photograph(size: tuple[int, int]) -> Tensor:
    return images.fit(images.sample(images.sample_names()[0]), size)


def logits_of(output: object, name: str) -> Tensor:
    """Take the logits out of what a module returns.

    Args:
        output: a tensor; an object or a mapping with `logits`; or a tuple whose first entry is one, as networks with
            auxiliary heads return.
        name: of the module.

    Raises:
        ClassifierError: there are none in it.
    """
    found = output
    if isinstance(found, Mapping):
        found = found.get("logits", found)
    elif not isinstance(found, torch.Tensor) and hasattr(found, "logits"):
        found = found.logits
    elif isinstance(found, tuple | list) and found:
        found = found[0]
    if isinstance(found, torch.Tensor):
        return found
    kind = type(output).__name__
    if isinstance(output, Mapping):
        kind += f" with the keys {', '.join(map(repr, output))}"
    raise ClassifierError(
        f"{name} returned {kind}, in which there is no tensor of logits (B, K): wrap it in a module that returns the "
        "logits alone"
    )


class Prober:
    """Asks one module of the same pictures again and again.

    Args:
        module: frozen; its parts may be exchanged between two questions.
        pictures: normalised.
        name: of the module.
    """

    def __init__(self, module: nn.Module, pictures: Probe, name: str) -> None:
        self._module, self.pictures, self.name = module, pictures, name

    def answers(self) -> list[Tensor]:
        """Compute the logits of all pictures, batch by batch."""
        return [self.ask(batch) for batch in self.pictures]

    def ask(self, batch: Tensor, *, seed: int = 0) -> Tensor:
        """Compute the logits (B, K) of pictures (B, C, H, W); what the module draws, it draws from this seed."""
        with torch.random.fork_rng(devices=_devices(batch)):
            torch.manual_seed(seed)
            return logits_of(self._module(batch.clone()), self.name)  # which it may change in place

    def distance(self, expected: Sequence[Tensor]) -> float:
        """Measure how far the answers are from these, in parts of their spread; infinite where the module fails."""
        try:
            return max(
                _distance(logits, self.ask(batch)) for logits, batch in zip(expected, self.pictures, strict=True)
            )
        except Exception:  # noqa: BLE001 - a module's own code may refuse in any way
            return math.inf

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the module classifies pictures of another shape (B, C, H, W)."""
        try:
            with torch.no_grad():
                return self.ask(torch.rand(shape, dtype=torch.float32).to(self.pictures.lively)).shape[:-1] == shape[:1]
        except Exception:  # noqa: BLE001 - a module's own code may refuse in any way
            return False

    def stays_within_shares(self) -> bool:
        """Tell whether outputs are in [0, 1] for pictures of extreme values too, as those of a sigmoid are."""
        with torch.no_grad():
            extremes = [self.ask(factor * self.pictures.lively) for factor in (-_EXTREME, _EXTREME)]
        return all(_are_shares(logits) for logits in extremes)

    def gradient(self) -> tuple[Tensor, Tensor] | None:
        """Compute the logits (2, K) of the lively pictures, and the gradient of a mix of them to each picture.

        None where memory runs out; a run will show fewer images at once.

        Raises:
            ClassifierError: there is no gradient.
        """
        pictures = self.pictures.lively.clone().requires_grad_()
        try:
            with torch.enable_grad():
                logits = self.ask(pictures, seed=1)
                mix = torch.linspace(1, 2, logits.numel(), device=logits.device, dtype=logits.dtype)
                (gradient,) = torch.autograd.grad((logits.flatten() * mix).sum(), pictures)
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                return None
            raise ClassifierError(f"{self.name} {_without_gradient(error)}") from error
        return logits.detach(), gradient


def _devices(batch: Tensor) -> list[int]:
    return [batch.device.index or 0] if batch.is_cuda else []


def _distance(expected: Tensor, found: Tensor) -> float:
    """Return how far logits are from others, in parts of the spread of those; where neither is finite, 0."""
    finite = expected.isfinite()
    if expected.shape != found.shape or not torch.equal(finite, found.isfinite()):
        return math.inf
    if not finite.any():
        return 0.0
    known, difference = expected[finite], (expected - found)[finite].abs().max()
    spread = max(float(known.max() - known.min()), torch.finfo(known.dtype).eps * float(known.abs().max()) / _SAME)
    return float(difference) / spread if spread else 0.0 if not difference else math.inf


def _are_shares(logits: Tensor) -> bool:
    return bool(((logits >= 0) & (logits <= 1)).all())


def _without_gradient(error: BaseException) -> str:
    text = str(error).rstrip(".")
    if "heckpoint" in text:
        return (
            "passes no gradient to the picture: its activation checkpoints are reentrant. Call "
            "torch.utils.checkpoint.checkpoint(..., use_reentrant=False), or switch checkpointing off"
        )
    if any(words in text for words in ("does not require grad", "not have been used in the graph", "call numpy()")):
        return (
            "passes no gradient to the picture, and a mask is learned by it: its forward is under torch.no_grad or "
            "inference_mode, detaches, leaves PyTorch (NumPy), computes with integers, or is quantised. Take that out; "
            "of a quantised network, give the one in floating point"
        )
    return f"failed when its gradient in the picture was asked for: {text}. Its forward has to be differentiable"


def settle_hooks(hooks: Sequence[Hook], prober: Prober) -> list[str]:
    """Leave out the forward hooks that change no answer; they would see every image of every run.

    Returns:
        What was done, one sentence each.
    """
    if not hooks:
        return []
    try:
        expected = prober.answers()
    except Exception:  # noqa: BLE001 - a hook may count on gradients, or on its own kind of picture
        expected = None
    for hook in hooks:
        hook.remove()
    kept: list[Hook] = []
    if expected is not None and prober.distance(expected) > _SAME:
        for hook in hooks:
            hook.restore()
        for hook in hooks:
            hook.remove()
            if prober.distance(expected) > _SAME:
                hook.restore()
                kept.append(hook)
    dropped = [hook for hook in hooks if hook not in kept]
    notes = []
    if dropped:
        notes.append(f"Left out the forward hooks of {_names(dropped)}, which change no answer.")
    if kept:
        notes.append(f"Kept the forward hooks of {_names(kept)}, which change the answers and see every image.")
    return notes


def _names(hooks: Sequence[Hook]) -> str:
    return ", ".join(dict.fromkeys(hook.name for hook in hooks))


def check_answers(answers: Sequence[Tensor], prober: Prober, activation: str) -> int:
    """Check that answers are logits, and return the number of classes.

    Raises:
        ClassifierError: they are not.
    """
    least = 1 if activation == "sigmoid" else 2
    for logits, batch in zip(answers, prober.pictures, strict=True):
        if logits.ndim != 2 or len(logits) != len(batch) or logits.shape[1] < least:  # noqa: PLR2004
            raise ClassifierError(f"{prober.name} {_misshapen(logits, len(batch), least)}")
    lively = answers[0]
    if not lively.is_floating_point():
        raise ClassifierError(f"{prober.name} returned logits of {lively.dtype}; floating point is needed")
    if not lively.isfinite().all():
        raise ClassifierError(
            f"{prober.name} returned NaN or infinite logits for a photograph or for noise: check its weights"
        )
    return lively.shape[1]


def _misshapen(logits: Tensor, count: int, least: int) -> str:
    shape = tuple(logits.shape)
    found = f"returned shape {shape} for {count} images; logits of shape ({count}, K) are needed"
    if shape == (count, 1):
        return f"{found}, with K of at least 2. A single logit is explained with activation='sigmoid'"
    if shape == (count,):
        return f"{found}: return logits[:, None], and set activation='sigmoid'"
    if logits.ndim == 2 and len(logits) == 1:  # noqa: PLR2004
        return f"{found}: {_ANY_BATCH}"
    if logits.ndim == 4:  # noqa: PLR2004
        return f"{found}: these look like maps; pool them, or give a network that classifies whole pictures"
    return f"{found}, with K of at least {least}"


def failure(error: Exception, prober: Prober) -> str:
    """Say why a module could not classify pictures, where, and what to do."""
    count, channels, height, width = shape = tuple(prober.pictures.lively.shape)
    message = f"{prober.name} could not classify images of shape {shape}: {str(error).rstrip('.')}{_location(error)}. "
    other = _COLOURS if channels == 1 else 1
    if prober.takes((count, other, height, width)):
        kind = "grey images" if other == 1 else "colour images"
        return message + f"It takes {kind}: set channels={other}"
    for number in (1, count):
        if prober.takes((number, channels, height, width)):
            return message + f"It takes {number} at a time: {_ANY_BATCH}"
    if any(word in str(error) for word in _DTYPES):
        return message + (
            "Its weights are float32 here, and so are the images: if its forward casts to another dtype, take that out"
        )
    return message + "Set size= to what it expects, and wrap a module that takes other input"


def _location(error: Exception) -> str:
    """Return the line of the user's own code that failed."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith((_OURS, _TORCHS, "<")) or frame.filename.startswith("<ipython"):
            return f" (in {Path(frame.filename).name}, line {frame.lineno}: {frame.line})"
    return ""


def check_gradient(gradient: Tensor, logits: Tensor, name: str) -> None:
    """Refuse a gradient from which nothing can be learned.

    Args:
        gradient: of the logits in the pictures.
        logits: (B, K) of these pictures.
        name: of the module.

    Raises:
        ClassifierError: it is not finite, or 0 everywhere though the logits differ from picture to picture.
    """
    if not gradient.isfinite().all():
        raise ClassifierError(
            f"{name} passes a gradient that is NaN or infinite to a photograph or to noise: look for a square root or "
            "a division at 0, and add a small number inside it"
        )
    if not gradient.any() and not torch.equal(logits[:1].expand_as(logits), logits):
        raise ClassifierError(
            f"{name} passes a gradient of 0 to every pixel, so no mask can be learned: it rounds or thresholds the "
            "picture. Replace x.round() by x + (x.round() - x).detach()"
        )


def warn_of_answers(answers: Sequence[Tensor], again: Tensor, prober: Prober, activation: str) -> None:
    """Warn of answers that can be explained, and may not be what they seem.

    Args:
        answers: the logits of all pictures.
        again: those of the lively pictures, asked a second time.
        prober: that asked.
        activation: that is applied to the logits.
    """
    logits, lively, name = torch.cat(list(answers)), answers[0], prober.name
    if _distance(lively, again) > _RANDOM:
        warn_user(
            f"{name} gives another answer each time it is asked of the same picture, so a run cannot be repeated: look "
            "for dropout or noise that does not stop in evaluation mode, as F.dropout(x, training=self.training) does"
        )
    if torch.equal(logits[:1].expand_as(logits), logits):
        warn_user(
            f"{name} gives every picture the same logits, so there is nothing to explain: load its weights, or train it"
        )
    elif not logits.isfinite().all():
        warn_user(
            f"{name} returns NaN or infinite logits for plain pictures, of one colour, and a black cartoon is one: add "
            "a small number where it divides by the picture's own deviation"
        )
    elif _are_shares(logits) and prober.stays_within_shares():
        if logits.shape[1] > 1 and torch.allclose(logits.sum(-1), torch.ones_like(logits[:, 0]), atol=1e-4):
            remedy = f"remove its softmax, for a {'second one' if activation == 'softmax' else 'sigmoid'} is applied"
        else:
            remedy = (
                "remove its sigmoid and set activation='sigmoid', which applies it; or, where it cannot be removed, "
                "return torch.logit(output, eps=1e-6)"
            )
        warn_user(f"{name} seems to return probabilities; {remedy}")
