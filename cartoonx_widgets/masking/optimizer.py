"""The optimisation of a mask, one step at a time."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

import torch

from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.masking.methods import check_lambda_l1, check_learning_rate
from cartoonx_widgets.masking.objective import mask_l1

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.methods import Method
    from cartoonx_widgets.representations import Band

CURVES = ("distortion", "l1", "loss")
OUT_OF_MEMORY = "Out of memory: use fewer samples, a smaller image or a smaller classifier."
_ADAM_BETAS = (0.9, 0.999)
_SEEDS = 2**63
# Images that the classifier sees at once, by whether it runs on a CPU: there, more are slower and need more memory.
_MOST_AT_ONCE = {True: 16, False: 64}


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


class Moment(NamedTuple):
    """A mask (B, 1, N), after how many steps, and the classifier's probabilities (B, K) for its cartoon."""

    step: int
    mask: Tensor
    probabilities: Tensor


class Optimization:
    """Minimises E[d(x, z)] + lambda_l1 * mean|s| over masks s in [0, 1] (ECCV 2022, equation 5).

    z = clamp(A(s h + (1 - s) v), 0, 1) is the obfuscated image: h the coefficients of the photograph, v noise, A
    the synthesis. The mask starts at ones and is clamped to [0, 1] after each step of Adam. Nothing is read back
    from the device within a step; `curves` and `check` do that when asked.

    `lambda_l1` and `learning_rate` may be set at any time, and hold from the next step on.

    Args:
        image: (B, 3, H, W) in [0, 1], on the classifier's device.
        classifier: the frozen classifier.
        targets: the class to explain for each of the B images.
        method: the settings.
        seed: of the noise; the same seed on the same device gives the same run.
        noise: raw draws (B, S, 3, N) for step 0, 1, ..., in place of fresh ones: to repeat a recorded run.

    Raises:
        ValueError: the representation does not fit the image's size, the targets do not fit the images, or a seed out
            of range.
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
        if len(targets) != len(image):
            raise ValueError(f"targets={targets!r} must name one class for each of the {len(image)} images")
        self.image, self.classifier, self.method = image, classifier, method
        self.targets = torch.as_tensor(targets, device=image.device)
        self.transform = method.representation.transform(
            (image.shape[-2], image.shape[-1]), device=image.device, dtype=image.dtype
        )
        self.coefficients = self.transform.analyse(image)
        self.probabilities = classifier.probabilities(image)
        self.steps_done = 0
        self._generator = torch.Generator(image.device).manual_seed(_checked_seed(seed))
        self._noise = noise
        self._location, self._scale = method.obfuscation.adapt(self.coefficients, self.transform)
        self._at_once = max(1, _MOST_AT_ONCE[image.device.type == "cpu"] // len(image))
        self._weights = self._split_weights()
        self._original = self._original_probability()
        self._mask = torch.ones_like(self.coefficients[:, :1]).requires_grad_()
        self._adam = torch.optim.Adam([self._mask], lr=method.learning_rate, betas=_ADAM_BETAS)
        self._curves = image.new_zeros(method.steps, len(CURVES), len(image))
        self._checked = 0
        self._measured: Moment | None = None
        self.lambda_l1 = method.lambda_l1
        self.learning_rate = method.learning_rate

    @property
    def lambda_l1(self) -> float:
        """Price of the mask's mean entry, at least 0; may be set between steps."""
        return self._lambda_l1

    @lambda_l1.setter
    def lambda_l1(self, value: float) -> None:
        check_lambda_l1(value)
        self._lambda_l1 = float(value)

    @property
    def learning_rate(self) -> float:
        """Adam's learning rate before the schedule's factor, above 0; may be set between steps."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        check_learning_rate(value)
        self._learning_rate = float(value)

    @property
    def finished(self) -> bool:
        """Whether the run has taken the method's number of steps; more can still be taken."""
        return self.steps_done >= self.method.steps

    @property
    def mask(self) -> Tensor:
        """A copy of the mask, (B, 1, N) in [0, 1]."""
        return self._mask.detach().clone()

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
        """Take one step: noise, obfuscation, classifier, distortion and price, gradient to the mask, Adam."""
        noisy = self.method.samples - bool(self.method.noise_free)
        draws = self._draw((len(self.image), noisy, *self.coefficients.shape[1:]))
        with torch.enable_grad():
            l1 = mask_l1(self._mask)
            (gradient,) = torch.autograd.grad(self._lambda_l1 * l1.sum(), self._mask)
            distortion = torch.zeros_like(l1)
            for part, weights in zip(torch.split(draws, self._at_once, dim=1), self._weights, strict=True):
                share = self._distortion(part, weights)
                gradient += torch.autograd.grad(share.sum(), self._mask)[0]
                distortion += share.detach()
        self._record(torch.stack([distortion, l1.detach(), distortion + self._lambda_l1 * l1.detach()]))
        self._mask.grad = gradient
        for group in self._adam.param_groups:
            group["lr"] = self._learning_rate * self._schedule()
        self._adam.step()
        with torch.no_grad():
            self._mask.clamp_(0, 1)
        self.steps_done += 1

    def curves(self) -> dict[str, np.ndarray]:
        """Distortion, l1 and loss of each step taken so far, each (steps, B) float32, measured before its update."""
        values = self._curves[: self.steps_done].to("cpu", copy=True).numpy()
        return {name: values[:, i] for i, name in enumerate(CURVES)}

    def check(self) -> None:
        """Look for losses that are not finite in the steps since the last check.

        Raises:
            ClassifierError: there is one; the message names the step.
        """
        finite = torch.isfinite(self._curves[self._checked : self.steps_done, CURVES.index("loss")]).all(-1)
        bad = (~finite).nonzero().flatten()
        if len(bad):
            raise ClassifierError(
                f"{self.classifier.name} returned NaN or infinite logits in step {self._checked + int(bad[0]) + 1}: "
                "the mask is unusable from there on. Check the classifier on noisy images, then reset"
            )
        self._checked = self.steps_done

    def cartoon(self, band: Band | None = None) -> Tensor:
        """The masked image A(s h), (B, 3, H, W) clamped to [0, 1]; with a band, the part of it alone, not clamped."""
        with torch.no_grad():
            kept = self._mask * self.coefficients
            if band is None:
                return self.transform.synthesise(kept).clamp(0, 1)
            part = torch.zeros_like(kept)
            part[..., band.slice] = kept[..., band.slice]
            return self.transform.synthesise(part)

    def _distortion(self, draws: Tensor, weights: Tensor) -> Tensor:
        """What some draws (B, s, C, N) add to the distortion (B,), each with its weight.

        One weight more than draws: the first is that of the cartoon itself, without noise.
        """
        # s h + (1 - s) (location + scale * draw), arranged so that the samples meet one multiply-add.
        mask, location = self._mask[:, None], self._location[:, None]
        centre = torch.lerp(location, self.coefficients[:, None], mask)
        mixed = torch.addcmul(centre, (1 - mask) * self._scale[:, None], draws)
        noise_free = len(weights) > draws.shape[1]
        if noise_free:
            mixed = torch.cat([(self._mask * self.coefficients)[:, None], mixed], dim=1)
        obfuscated = self.transform.synthesise(mixed.flatten(0, 1)).clamp(0, 1)
        probabilities = self.classifier(obfuscated).softmax(-1).reshape(*mixed.shape[:2], -1)
        if noise_free:
            self._measured = Moment(self.steps_done, self.mask, probabilities[:, 0].detach())
        targets = self.targets[:, None, None].expand(*mixed.shape[:2], 1)
        distortions = self.method.distortion(self._original, probabilities.gather(2, targets)[..., 0])
        return (weights * distortions).sum(1)

    def _split_weights(self) -> list[Tensor]:
        """The weights of a step's samples, in the parts that the classifier sees at once."""
        share, samples = self.method.noise_free, self.method.samples
        noisy = samples - bool(share)
        weights = list(torch.split(self.image.new_full((noisy,), (1 - share) / noisy), self._at_once))
        if share:
            weights[0] = torch.cat([weights[0].new_full((1,), share), weights[0]])
        return weights

    def _original_probability(self) -> Tensor:
        """p(x) of the explained class, (B,), in a batch as large as those of a step.

        Kernels round differently by batch size; a mask of ones should start without a distortion.
        """
        times = min(self.method.samples, self._at_once)
        probabilities = self.classifier.probabilities(self.image.repeat_interleave(times, 0))[::times]
        return probabilities.gather(1, self.targets[:, None])[:, 0]

    def _draw(self, shape: tuple[int, ...]) -> Tensor:
        if self._noise is None:
            return self.method.obfuscation.draw(shape, self._generator).to(self.image.dtype)
        draws = torch.as_tensor(self._noise(self.steps_done)).to(self.image)
        if draws.shape != shape:
            raise ValueError(
                f"noise({self.steps_done}) has shape {tuple(draws.shape)}; (B, S, 3, N) = {shape} is needed"
            )
        return draws

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
