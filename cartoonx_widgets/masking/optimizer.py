"""The optimisation of a mask, one step at a time."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

import torch

from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.masking.methods import MOST_PRICE, STEERABLE
from cartoonx_widgets.masking.objective import (
    AreaConstraint,
    MaskL1,
    Penalty,
    SpatialL1,
    SpatialL2,
    TotalVariation,
    is_inside,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.methods import Method
    from cartoonx_widgets.representations import Transform

OUT_OF_MEMORY = "Out of memory: use fewer samples, a smaller image or a smaller classifier."
_ADAM_BETAS = (0.9, 0.999)
_SEEDS = 2**63
# Images that the classifier sees at once, by whether it runs on a CPU: there, more are slower and need more memory.
_MOST_AT_ONCE = {True: 16, False: 64}
# Numbers that are transformed at once, likewise: on a CPU what fits its caches, elsewhere what fills the device.
_MOST_COEFFICIENTS = {True: 2**22, False: 2**26}


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this says that memory ran out, as CUDA, MPS and the CPU's allocator say it in their own ways."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in words)


def _checked_seed(seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= int(seed) < _SEEDS:
        raise ValueError(f"seed={seed!r} must be a whole number of at least 0 and below 2**63")
    return int(seed)


def _checked_targets(targets: Sequence[int], count: int, n_classes: int) -> list[int]:
    whole = [int(target) for target in targets if isinstance(target, Integral) and not isinstance(target, bool)]
    if len(targets) != count or len(whole) != count or not all(0 <= target < n_classes for target in whole):
        raise ValueError(
            f"targets={targets!r} must name one class for each of the {count} images, by a whole number from 0 to "
            f"{n_classes - 1}"
        )
    return whole


class Moment(NamedTuple):
    """A mask (B, 1, N), after how many steps, and the classifier's probabilities (B, K) for its cartoon."""

    step: int
    mask: Tensor
    probabilities: Tensor


class Optimization:
    """Minimises E[d(x, z)] + prices on the mask and the cartoon over masks s in [0, 1] (ECCV 2022, equation 5).

    z = A(s h + (1 - s) v) is the obfuscated image, clamped to [0, 1] unless the method says otherwise: h the
    coefficients of the photograph, v noise, A the synthesis. The mask's parameters are clamped to [0, 1] after each
    step of Adam. Nothing is read back from the device within a step; `curves` and `check` do that when asked. Images
    do not see each other: a batch gives the masks of its images alone, given the same noise.

    Since A is linear, z = A(s h) + A((1 - s) v): the cartoon is synthesised once a step, the noise once a sample, and
    the gradient to the mask is h A*(sum of the samples' gradients) - sum of v A*(gradient), with A* the adjoint.
    Noise shared by the colours is synthesised once for all three.

    Args:
        image: (B, 3, H, W) in [0, 1], on the classifier's device.
        classifier: the frozen classifier.
        targets: the class to explain for each of the B images.
        method: the settings.
        seed: of the noise; the same seed on the same device gives the same run.
        noise: raw draws (B, S, C, N) for step 0, 1, ..., in place of fresh ones, to repeat a recorded run; C is 3, or
            1 where the colours share the noise.

    Raises:
        ValueError: the representation, the mask or a penalty does not fit the images, the targets do not fit, or a
            seed out of range.
        ClassifierError: the classifier's output for the image is not finite.
    """

    def __init__(
        self,
        image: Tensor,
        classifier: Classifier,
        targets: Sequence[int],
        method: Method,
        *,
        seed: int = 0,
        noise: Callable[[int], Tensor] | None = None,
    ) -> None:
        self.image, self.classifier, self.method = image, classifier, method
        self.targets = torch.tensor(_checked_targets(targets, len(image), classifier.n_classes), device=image.device)
        self.transform = method.representation.transform(
            (image.shape[-2], image.shape[-1]), device=image.device, dtype=image.dtype
        )
        self.steps_done = 0
        self._penalties = _fitting_penalties(method, self.transform)
        self._parameters = method.mask.start(self.transform, len(image)).requires_grad_()
        self.coefficients = self.transform.analyse(image)
        self.probabilities = classifier.probabilities(image)
        self._generator = torch.Generator(image.device).manual_seed(_checked_seed(seed))
        self._noise = noise
        self._location, self._scale = method.obfuscation.adapt(image, self.coefficients, self.transform)
        self._at_once = max(1, _MOST_AT_ONCE[image.device.type == "cpu"] // len(image))
        self._parts = self._split_samples()
        with torch.no_grad():
            self._original = classifier(image)
        self._adam = torch.optim.Adam([self._parameters], lr=method.learning_rate, betas=_ADAM_BETAS)
        self._curves = image.new_zeros(method.steps, len(self.curve_names), len(image))
        self._checked = 0
        self._measured: Moment | None = None
        self._settings = method

    @property
    def settings(self) -> Method:
        """The method with what has been steered since the start."""
        return self._settings

    def steer(self, **settings: float) -> None:
        """Change prices or the learning rate; they hold from the next step on.

        Raises:
            ValueError: a setting out of range, one that only a new run can take, or a price that does not fit.
        """
        for name in settings:
            if name not in STEERABLE:
                reason = "holds for a whole run: begin another" if hasattr(self.method, name) else "is no setting"
                raise ValueError(f"{name} {reason}; {', '.join(STEERABLE)} can be steered")
        changed = self._settings.replace(**settings)
        _fitting_penalties(changed, self.transform)
        self._settings = changed

    @property
    def curve_names(self) -> tuple[str, ...]:
        """What `curves` holds: the distortion, each penalty that fits the representation, and the loss."""
        return ("distortion", *(penalty.name for penalty in self._penalties), "loss")

    @property
    def finished(self) -> bool:
        """Whether the run has taken the method's number of steps; more can still be taken."""
        return self.steps_done >= self.method.steps

    @property
    def mask(self) -> Tensor:
        """A copy of the mask, (B, 1, N) in [0, 1]."""
        with torch.no_grad():
            # A parametrisation may round beyond 1.
            return self.method.mask.mask(self._parameters.detach(), self.transform).clamp(0, 1)

    def moment(self, *, measured: bool = False) -> Moment:
        """The mask and what the classifier says of its cartoon.

        Args:
            measured: rather the mask that the last step began with, where that step measured the cartoon anyway (a
                method with noise-free samples): it costs no look by the classifier.
        """
        if measured and self._measured is not None:
            return self._measured
        return Moment(self.steps_done, self.mask, self.classifier.probabilities(self.cartoon()))

    def step(self) -> None:
        """Take one step: noise, obfuscation, classifier, distortion and prices, gradient to the mask, Adam."""
        mask = self.mask
        with torch.no_grad():
            cartoon = self.transform.synthesise(mask * self.coefficients)
        penalties, priced, price_gradient, image_gradient = self._priced(mask, cartoon)
        distortion, mask_gradient = torch.zeros_like(priced), torch.zeros_like(mask)
        given = self._given_draws()
        for part in self._parts:
            share, image_share, mask_share = self._distorted(mask, cartoon, part, given)
            distortion += share
            image_gradient += image_share
            mask_gradient += mask_share
        with torch.no_grad():
            mask_gradient += (self.coefficients * self.transform.adjoint(image_gradient)).sum(1, keepdim=True)
            mask_gradient += price_gradient
        self._record(torch.stack([distortion, *penalties, distortion + priced]))
        self._descend(self.transform.tie(mask_gradient))
        self.steps_done += 1

    def curves(self) -> dict[str, np.ndarray]:
        """Each of `curve_names` in each step taken so far, (steps, B), measured before its update."""
        values = self._curves[: self.steps_done].to("cpu", copy=True).numpy()
        return {name: values[:, i] for i, name in enumerate(self.curve_names)}

    def check(self) -> None:
        """Look for losses that are not finite in the steps since the last check.

        Raises:
            ClassifierError: there is one; the message names the step.
        """
        finite = torch.isfinite(self._curves[self._checked : self.steps_done, -1]).all(-1)
        bad = (~finite).nonzero().flatten()
        if len(bad):
            raise ClassifierError(
                f"{self.classifier.name} returned NaN or infinite logits in step {self._checked + int(bad[0]) + 1}: "
                "the mask is unusable from there on. Check the classifier on noisy images, then reset"
            )
        self._checked = self.steps_done

    def cartoon(self) -> Tensor:
        """The masked image A(s h), (B, 3, H, W) clamped to [0, 1]."""
        with torch.no_grad():
            return self.transform.synthesise(self.mask * self.coefficients).clamp(0, 1)

    def _priced(self, mask: Tensor, cartoon: Tensor) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
        """Each penalty (B,), their sum with prices (B,), and its gradients to the masks and to the cartoons."""
        mask, cartoon = mask.detach().requires_grad_(), cartoon.detach().requires_grad_()
        with torch.enable_grad():
            penalties = [penalty(mask, cartoon, self.transform) for penalty in self._penalties]
            priced = torch.stack(
                [self._price(p) * value for p, value in zip(self._penalties, penalties, strict=True)]
            ).sum(0)
            to_mask, to_cartoon = torch.autograd.grad(priced.sum(), (mask, cartoon))
        return [value.detach() for value in penalties], priced.detach(), to_mask, to_cartoon

    def _price(self, penalty: Penalty) -> float:
        price: float = getattr(self._settings, f"lambda_{penalty.name}")
        if not isinstance(penalty, AreaConstraint):
            return price
        return min(MOST_PRICE, price * math.exp(min(self.steps_done * math.log(self.method.area_growth), 60)))

    def _distorted(
        self, mask: Tensor, cartoon: Tensor, part: _Part, given: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What some samples add to the distortion (B,), and to its gradients to the cartoons and to the masks.

        The gradient to the masks is that by way of the noise; the cartoons' part is the caller's.
        """
        with torch.no_grad():
            noise = self._draw(part.samples, given)
            hiding = (1 - mask)[:, None]
            hidden = [self._each(self.transform.synthesise, hiding * chunk) for chunk in self._chunks(noise)]
            synthesised = cartoon[:, None] + torch.cat(hidden, dim=1)
            if part.noise_free:
                synthesised = torch.cat([cartoon[:, None], synthesised], dim=1)
            seen = synthesised.clamp(0, 1) if self.method.clamp else synthesised
        with torch.enable_grad():
            seen.requires_grad_()
            logits = self.classifier(seen.flatten(0, 1)).reshape(*seen.shape[:2], -1)
            distortion = (part.weights * self.method.distortion(self._original, logits, self.targets)).sum(1)
            (gradient,) = torch.autograd.grad(distortion.sum(), seen)
        if self.method.clamp:
            gradient *= is_inside(synthesised)
        if part.noise_free:
            self._measured = Moment(self.steps_done, mask, logits[:, 0].detach().softmax(-1))
        with torch.no_grad():
            to_noise = gradient[:, int(part.noise_free) :]
            if self.method.obfuscation.colours == "shared":
                to_noise = to_noise.sum(2, keepdim=True)
            to_mask = torch.zeros_like(mask)
            chunks = self._chunks(noise)
            for chunk, pulled in zip(chunks, torch.split(to_noise, chunks[0].shape[1], dim=1), strict=True):
                to_mask -= (self._each(self.transform.adjoint, pulled) * chunk).sum((1, 2))[:, None]
        return distortion.detach(), gradient.sum(1), to_mask

    @staticmethod
    def _each(transform: Callable[[Tensor], Tensor], samples: Tensor) -> Tensor:
        """A transform of batches, applied to samples (B, S, ...)."""
        transformed = transform(samples.flatten(0, 1))
        return transformed.reshape(*samples.shape[:2], *transformed.shape[1:])

    def _chunks(self, noise: Tensor) -> tuple[Tensor, ...]:
        """The samples in portions that are transformed at once."""
        most = _MOST_COEFFICIENTS[noise.device.type == "cpu"] // noise[:, :1].numel()
        return torch.split(noise, max(1, most), dim=1)

    def _draws_shape(self) -> tuple[int, int, int, int]:
        """(B, S, C, N) of a step's raw draws."""
        colours = 1 if self.method.obfuscation.colours == "shared" else self.image.shape[1]
        return len(self.image), self._parts[-1].samples.stop, colours, self.transform.n_coefficients

    def _given_draws(self) -> Tensor | None:
        """The raw draws (B, S, C, N) that were given for this step, if any were."""
        if self._noise is None:
            return None
        draws = torch.as_tensor(self._noise(self.steps_done)).to(self.image)
        if draws.shape != (needed := self._draws_shape()):
            raise ValueError(
                f"noise({self.steps_done}) has shape {tuple(draws.shape)}; (B, S, C, N) = {needed} is needed"
            )
        return draws

    def _draw(self, samples: slice, given: Tensor | None) -> Tensor:
        """Noise (B, s, C, N) for some of the step's samples, with the statistics of what it replaces."""
        location, scale = self._location[:, None], self._scale[:, None]
        if given is not None:
            return given[:, samples] * scale + location
        count, _, colours, n = self._draws_shape()
        draws = self.method.obfuscation.draw((count, samples.stop - samples.start, colours, n), self._generator)
        return draws.to(self.image.dtype).mul_(scale).add_(location)

    def _descend(self, mask_gradient: Tensor) -> None:
        """One step of Adam along the gradient to the masks, carried back to their parameters."""
        with torch.enable_grad():
            mask = self.method.mask.mask(self._parameters, self.transform)
            (self._parameters.grad,) = torch.autograd.grad(mask, self._parameters, mask_gradient)
        for group in self._adam.param_groups:
            group["lr"] = self._settings.learning_rate * self._schedule()
        self._adam.step()
        with torch.no_grad():
            self._parameters.clamp_(0, 1)

    def _split_samples(self) -> list[_Part]:
        """A step's samples, in the parts that the classifier sees at once."""
        random = self.method.obfuscation.random
        share = self.method.noise_free if random else 0.0
        noisy = self.method.samples - bool(share) if random else 1
        weights = torch.split(self.image.new_full((noisy,), (1 - share) / noisy), self._at_once)
        starts = range(0, noisy, self._at_once)
        parts = [
            _Part(slice(start, start + len(some)), noise_free=False, weights=some)
            for start, some in zip(starts, weights, strict=True)
        ]
        if share:
            first = torch.cat([weights[0].new_full((1,), share), weights[0]])
            parts[0] = parts[0]._replace(noise_free=True, weights=first)
        return parts

    def _schedule(self) -> float:
        if self.method.schedule == "constant":
            return 1.0
        # Steps beyond the method's number stay at the schedule's last value above 0.
        done = min(self.steps_done, self.method.steps - 1) / self.method.steps
        return (1 + math.cos(math.pi * done)) / 2

    def _record(self, values: Tensor) -> None:
        if self.steps_done == len(self._curves):
            self._curves = torch.cat([self._curves, torch.zeros_like(self._curves)])
        self._curves[self.steps_done] = values


class _Part(NamedTuple):
    """Noisy samples that the classifier sees at once, with the cartoon before them or not, and their weights."""

    samples: slice
    noise_free: bool
    weights: Tensor


def _fitting_penalties(settings: Method, transform: Transform) -> list[Penalty]:
    """The penalties that fit the representation.

    Raises:
        ValueError: one that has a price does not fit.
    """
    penalties: list[Penalty] = [MaskL1(), SpatialL1(), SpatialL2(), TotalVariation()]
    if settings.area is not None:
        penalties.append(AreaConstraint(settings.area))
    for penalty in penalties:
        setting = f"lambda_{penalty.name}"
        if (price := getattr(settings, setting)) and (misfit := penalty.misfit(transform)):
            raise ValueError(f"{setting}={price!r} does not fit the representation: it {misfit}. Set {setting}=0")
    return [penalty for penalty in penalties if not penalty.misfit(transform)]
