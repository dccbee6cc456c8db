"""Obfuscated images of a mask, the classifier's logits for them, and their gradients with respect to the mask."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch

from cartoonx_widgets.masking.evaluations import Chunk, Evaluation
from cartoonx_widgets.masking.obfuscation import Antithetic
from cartoonx_widgets.masking.penalties import through_clamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch import Generator, Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Transform

# Pixels that the classifier sees at once, by whether it runs on a CPU: there, more are slower and need more memory.
_MOST_PIXELS = {True: 4 * 224**2, False: 64 * 224**2}
# Numbers that are transformed at once, likewise: on a CPU what fits its caches, elsewhere what fills the device.
_MOST_COEFFICIENTS = {True: 2**22, False: 2**26}
# How much bfloat16 may move the distortion, in how many images, and which shares of the coefficients they keep.
_TOLERANCE, _TRIED, _KEPT_SHARES = 0.01, 12, (0.5, 0.8, 0.95)


class Draws(NamedTuple):
    """The noise of a step.

    Attributes:
        clean: Whether one of its samples is the clean cartoon: the cartoon itself, without noise.
        given: Raw noise (B, S, C, N) to be used; None where it is drawn.
    """

    clean: bool
    given: Tensor | None = None


class Sampler:
    """Draws noise, obfuscates, and evaluates the classifier, in chunks that fit the memory.

    z = A(s h + (1 - s) v) is the obfuscated image, clamped to [0, 1] where the method has `clamp`. Since A is
    linear, z = A(s h) + A((1 - s) v): the cartoon is synthesised once a step, the noise once a sample, and the gradient
    to the mask is h A*(gradient) - v A*(gradient), with A* the adjoint. Noise shared by the colours is synthesised once
    for all three. Where the method's acceleration is antithetic, each second sample of a step has the opposite noise of
    the one before it.

    Args:
        image: the photographs, (B, C, H, W) in [0, 1].
        coefficients: of the photographs, (B, C, N).
        classifier: the frozen classifier.
        method: the settings.
        transform: the representation at this size.
        generator: of the noise.
        noise: function of the step, 0, 1, ..., that returns its raw noise (B, S, C, N); None draws it.

    Attributes:
        left: asked between two chunks whether the step under way is left.
        computes_in: what the classifier computes in: its own `dtype`, or bfloat16.
        bfloat16_error: how much bfloat16 moved the distortion where `use_bfloat16` tried it, as a share of it; else
            None.
    """

    def __init__(
        self,
        image: Tensor,
        coefficients: Tensor,
        classifier: Classifier,
        method: Method,
        *,
        transform: Transform,
        generator: Generator,
        noise: Callable[[int], Tensor] | None,
    ) -> None:
        self._image, self._coefficients, self._classifier, self._transform = image, coefficients, classifier, transform
        self._method, self.generator, self._noise = method, generator, noise
        self._location, self._scale = method.obfuscation.adapt(image, coefficients, transform)
        opposed = method.acceleration is not None and method.acceleration.antithetic
        self._antithetic = method.obfuscation if opposed and isinstance(method.obfuscation, Antithetic) else None
        self._latest = image.new_zeros(0)  # the newest draw, where its opposite follows
        random = method.obfuscation.random
        self.samples = method.samples if random else 1
        self._share = method.clean_fraction if random else 0.0
        # Where one sample a step is more than the clean cartoon's share, only every so many steps have it.
        self._period = max(1, math.floor(1 / (self._share * self.samples) + 1e-9)) if self._share else 1
        self._on_cpu = image.device.type == "cpu"
        self.computes_in = classifier.dtype
        self.bfloat16_error: float | None = None
        self.left: Callable[[], bool] = never
        self.chunk_size = max(1, _MOST_PIXELS[self._on_cpu] // image[:, 0].numel())

    @property
    def chunk_size(self) -> int:
        """Return how many samples the classifier sees at once, for each photograph."""
        return self._chunk_size

    @chunk_size.setter
    def chunk_size(self, most: int) -> None:
        self._chunk_size = most
        self._chunks = {clean: self._split(clean=clean) for clean in (False, bool(self._share))}

    def use_bfloat16(self, measure: Callable[[Tensor], Tensor]) -> bool:
        """Let the classifier compute in bfloat16, if that moves the distortion by no more than 1 %.

        It is tried on this photograph, with masks that keep half, most and nearly all; the noise of the run is not
        touched. Where the classifier fails in bfloat16 it is left as it is.

        Args:
            measure: the distortion (B, s) of logits (B, s, K).

        Returns:
            Whether it does from now on.
        """
        generator = torch.Generator(self._image.device).manual_seed(0)
        shape = self._draws_shape(_TRIED)
        found: dict[bool, Tensor] = {}
        with torch.no_grad():
            noise = self._method.obfuscation.draw(shape, generator) * self._scale[:, None] + self._location[:, None]
            kept = self._image.new_tensor(_KEPT_SHARES).repeat_interleave(_TRIED // len(_KEPT_SHARES))[:, None, None]
            images = _each(self._transform.synthesise, kept * self._coefficients[:, None] + (1 - kept) * noise)
            shown = (images.clamp(0, 1) if self._method.clamp else images).flatten(0, 1)
            try:
                half = self._classifier.in_bfloat16()
                for precise, classifier in ((True, self._classifier), (False, half)):
                    found[precise] = measure(classifier(shown).reshape(len(self._image), _TRIED, -1)).mean(1)
            except Exception:  # noqa: BLE001 - a module's own code may refuse in any way
                return False
        self.bfloat16_error = float(((found[False] - found[True]).abs() / found[True].abs()).max())
        if not self.bfloat16_error <= _TOLERANCE:
            return False
        self._classifier, self.computes_in = half, torch.bfloat16
        return True

    def has_clean(self, step: int) -> bool:
        """Return whether the clean cartoon is one of the samples of this step, counted from 0."""
        return bool(self._share) and step % self._period == 0

    def draws(self, step: int) -> Draws:
        """Decide what a step, counted from 0, draws.

        Raises:
            ValueError: If the noise that was given for it has another shape.
        """
        clean = self.has_clean(step)
        if self._noise is None:
            return Draws(clean)
        given = torch.as_tensor(self._noise(step)).to(self._image)
        if given.shape != (needed := self._draws_shape(self.samples - clean)):
            raise ValueError(f"noise({step}) has shape {tuple(given.shape)}; (B, S, C, N) = {needed} is needed")
        return Draws(clean, given)

    def evaluate(
        self, mask: Tensor, cartoon: Tensor, draws: Draws, measure: Callable[[Tensor, Tensor], Tensor]
    ) -> Iterator[Evaluation]:
        """Show a step's samples to the classifier, chunk by chunk.

        Args:
            mask: (B, 1, N).
            cartoon: A(s h), (B, C, H, W), not clamped.
            draws: What the step draws.
            measure: Makes of logits (B, s, K) and weights (s,) what is differentiated, (B, s).

        Raises:
            StepLeft: the step is left between two chunks.
        """
        for number, chunk in enumerate(self._chunks[draws.clean]):
            if number and self.left():
                raise StepLeft
            with torch.no_grad():
                noise = self._draw(chunk.noisy, draws.given)
                hiding = (1 - mask)[:, None]
                hidden = [_each(self._transform.synthesise_masked, hiding, some) for some in self._portions(noise)]
                synthesised = torch.cat(
                    [*([cartoon[:, None]] if chunk.clean else []), *(cartoon[:, None] + image for image in hidden)],
                    dim=1,
                )
                shown = synthesised.clamp(0, 1) if self._method.clamp else synthesised
            with torch.enable_grad():
                shown.requires_grad_()
                logits = self._classifier(shown.flatten(0, 1)).reshape(*shown.shape[:2], -1)
                measured = measure(logits, chunk.weights)
                (gradient,) = torch.autograd.grad(measured.sum(), shown)
            if self._method.clamp:
                gradient = through_clamp(gradient, synthesised)
            yield Evaluation(chunk, noise, logits.detach(), measured.detach(), gradient)

    def gradient(self, evaluations: Iterable[Evaluation]) -> Tensor:
        """Carry the gradient of all that was measured in a step back to the masks, (B, 1, N)."""
        to_cartoon = torch.zeros_like(self._image)
        to_mask = torch.zeros_like(self._coefficients[:, :1])
        with torch.no_grad():
            for evaluation in evaluations:
                to_cartoon += evaluation.gradient.sum(1)
                to_noise = evaluation.of_noisy
                if evaluation.noise.shape[2] == 1:
                    to_noise = to_noise.sum(2, keepdim=True)
                for noise, images in self._in_portions(evaluation.noise, to_noise):
                    to_mask -= _each(self._transform.mask_gradient, images, noise).sum(1)
            return to_mask + self._transform.mask_gradient(to_cartoon, self._coefficients)

    def gradients(self, evaluation: Evaluation) -> Tensor:
        """Carry the gradient of what was measured of each sample back to the masks, (B, s, N)."""
        gradients = []
        with torch.no_grad():
            if evaluation.chunk.clean:
                gradients.append(self._transform.mask_gradient(evaluation.gradient[:, 0], self._coefficients))
            for noise, images in self._in_portions(evaluation.noise, evaluation.of_noisy):
                coefficients = self._coefficients[:, None]
                gradients.append(_each(self._transform.mask_gradient, images, coefficients, noise).squeeze(2))
            return torch.cat(gradients, dim=1)

    def _split(self, *, clean: bool) -> list[Chunk]:
        """Divide a step's samples into the chunks that the classifier sees at once."""
        noisy = self.samples - clean
        share = self._share * self._period if clean and noisy else float(clean)
        weights = [(1 - share) / max(1, noisy)] * noisy
        chunks = []
        for start in range(0, max(1, noisy), self._chunk_size):
            samples = slice(start, min(start + self._chunk_size, noisy))
            first = clean and start == 0
            chunks.append(Chunk(samples, first, self._image.new_tensor([share] * first + weights[samples])))
        return chunks

    def _portions(self, noise: Tensor) -> tuple[Tensor, ...]:
        """Split samples into portions that are transformed at once."""
        most = _MOST_COEFFICIENTS[self._on_cpu] // max(1, noise[:, :1].numel())
        return torch.split(noise, max(1, most), dim=1)

    def _in_portions(self, noise: Tensor, images: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Split noise into such portions, each with the images that belong to it."""
        portions = self._portions(noise)
        return zip(portions, torch.split(images, max(1, portions[0].shape[1]), dim=1), strict=True)

    def _draws_shape(self, samples: int) -> tuple[int, int, int, int]:
        """Return the shape of raw draws, (B, S, C, N)."""
        colours = 1 if self._method.obfuscation.colours == "shared" else self._image.shape[1]
        return len(self._image), samples, colours, self._transform.n_coefficients

    def _draw(self, samples: slice, given: Tensor | None) -> Tensor:
        """Return noise (B, s, C, N) for some of the step's samples, with the statistics of what it replaces."""
        location, scale = self._location[:, None], self._scale[:, None]
        if given is not None:
            return torch.addcmul(location, given[:, samples], scale)
        return torch.addcmul(location, self.draw_raw(samples).to(self._image.dtype), scale)

    def draw_raw(self, samples: slice) -> Tensor:
        """Draw raw noise (s, C, N) for some of a step's noisy samples, by their indices in the step."""
        # Sample by sample, and the same for all images: so noise depends neither on the chunks nor on the batch.
        shape = self._draws_shape(1)[1:]
        draws = [self._draw_one(index, shape) for index in range(samples.start, samples.stop)]
        return torch.cat(draws) if draws else self._image.new_zeros(0, *shape[1:])

    def _draw_one(self, index: int, shape: tuple[int, ...]) -> Tensor:
        """Draw raw noise (1, C, N) of the noisy sample of this index in its step."""
        if self._antithetic is None:
            return self._method.obfuscation.draw(shape, self.generator)
        if index % 2:
            return self._antithetic.opposite(self._latest)
        self._latest = self._method.obfuscation.draw(shape, self.generator)
        return self._latest


class StepLeft(Exception):  # noqa: N818 - nothing is wrong
    """A step was left between two of its chunks."""


def never() -> bool:
    """Leave no step."""
    return False


def _each(transform: Callable[..., Tensor], *samples: Tensor) -> Tensor:
    """Apply a transform of batches to samples (B, S, ...); where S is 1, it is the same for all samples."""
    counts = (len(samples[0]), max(some.shape[1] for some in samples))
    transformed = transform(*(some.expand(*counts, *some.shape[2:]).flatten(0, 1) for some in samples))
    return transformed.view(*counts, *transformed.shape[1:])
