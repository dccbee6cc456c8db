"""The optimisation of a mask, one step at a time."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from cartoonx_widgets._memory import is_out_of_memory
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.classifiers.activations import ACTIVATIONS
from cartoonx_widgets.masking.cuda_graphs import GraphedSteps
from cartoonx_widgets.masking.gradient_memory import Memory
from cartoonx_widgets.masking.method import MOST_PRICE, STEERABLE
from cartoonx_widgets.masking.penalties import AreaConstraint, MaskL1, Penalty, SpatialL1, SpatialL2, TotalVariation
from cartoonx_widgets.masking.sampling import Sampler
from cartoonx_widgets.representations.sizes import advice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.evaluations import Seen
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.representations import Transform

_MEMORY_RAN_OUT = "Memory ran out"
_ADAM_BETAS = (0.9, 0.999)
_ACCELERATED_BETAS = (0.9, 0.99)
_SEEDS = 2**63


def checked_seed(seed: object) -> int:
    """The seed as a whole number.

    Raises:
        ValueError: it is none, or out of range.
    """
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
    do not see each other, and all meet the same raw draws: the mask of an image is that which it gets alone with the
    same seed, but for the last digits.

    Without acceleration a step is the published one: one update along the gradient of its own samples. With it, the
    samples of the last steps are remembered and the mask is updated several times (see `Acceleration`).

    Args:
        image: (B, C, H, W) in [0, 1], on the classifier's device.
        classifier: the frozen classifier.
        targets: the class to explain for each of the B images.
        method: the settings.
        seed: of the noise; the same seed on the same device gives the same run.
        noise: raw draws (B, S, C, N) for step 0, 1, ..., in place of fresh ones, to repeat a recorded run; C is 3, or
            1 where the colours share the noise, and S is without the sample that is the bare cartoon.

    Attributes:
        notes: what a user should know of how the run is executed, one sentence each: that memory ran out, or that
            there are more levels than the size bears.

    Raises:
        ValueError: the representation, the mask or a penalty does not fit the images, the targets do not fit, or a
            seed out of range.
        ClassifierError: the classifier's output for the image is not finite.
    """

    @neutral()
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
        self._activation = ACTIVATIONS[classifier.activation]
        self.targets = torch.tensor(_checked_targets(targets, len(image), classifier.n_classes), device=image.device)
        size = (image.shape[-2], image.shape[-1])
        self.transform = method.representation.transform(size, device=image.device, dtype=image.dtype)
        self.steps_done = 0
        self._penalties = _fitting_penalties(method, self.transform)
        self._parameters = method.mask.start(self.transform, len(image)).requires_grad_()
        self.coefficients = self.transform.analyse(image)
        self._grey = self.coefficients.mean(1, keepdim=True)
        self.probabilities = classifier.probabilities(image)
        generator = torch.Generator(image.device).manual_seed(checked_seed(seed))
        self._sampler = Sampler(
            image, self.coefficients, classifier, method, transform=self.transform, generator=generator, noise=noise
        )
        with torch.no_grad():
            self._original = classifier(image)
        self._on_gpu = image.device.type == "cuda"
        if self._on_gpu and image.dtype == torch.float32 and torch.cuda.is_bf16_supported(including_emulation=False):
            self._sampler.use_bfloat16(self._measured)
        # On a GPU Adam keeps its state there, and takes its learning rate from there.
        self._adam = torch.optim.Adam(
            [self._parameters],
            lr=torch.zeros((), device=image.device) if self._on_gpu else method.learning_rate,
            betas=_ACCELERATED_BETAS if method.acceleration else _ADAM_BETAS,
            capturable=self._on_gpu,
        )
        self._curves = image.new_zeros(method.steps, len(self.curve_names), len(image))
        self._place = torch.zeros(1, dtype=torch.long, device=image.device)  # the steps done, for the device
        self._memory = None
        if method.acceleration:
            self._memory = Memory(
                method.acceleration,
                method.distortion,
                self._original,
                self.targets,
                self.transform,
                activation=self._activation,
                samples=self._sampler.samples,
            )
        self._graphs = GraphedSteps() if self._on_gpu else None
        self.notes: tuple[str, ...] = tuple(filter(None, [advice(method.representation, size)]))
        self._checked = 0
        self._bare_mask, self._bare_probabilities = self.mask, self.probabilities.clone()
        self._bare_step: int | None = None
        self._settings = method
        self._schedule = self._scheduled()

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
        before = self._priced_now()
        self._settings = changed
        if self._priced_now() != before:
            self._forget_graphs()
        self._schedule.copy_(self._scheduled())

    @property
    def curve_names(self) -> tuple[str, ...]:
        """What `curves` holds: the distortion, each penalty that fits the representation, and the loss."""
        return ("distortion", *(penalty.name for penalty in self._penalties), "loss")

    @property
    def execution(self) -> str:
        """How steps are executed, such as "float32, eager" or "bfloat16, CUDA graphs", and why if a capture failed."""
        precision = str(self._sampler.computes_in).removeprefix("torch.")
        if self._graphs is None or not (self._graphs.captured or self._graphs.reason):
            return f"{precision}, eager"
        if self._graphs.captured:
            return f"{precision}, CUDA graphs"
        return f"{precision}, eager, since a capture failed: {self._graphs.reason}"

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
            measured: rather the last mask whose cartoon a step measured anyway (with a method that has noise-free
                samples): it costs no look by the classifier.
        """
        if measured and self._bare_step is not None:
            return Moment(self._bare_step, self._bare_mask.clone(), self._bare_probabilities.clone())
        return Moment(self.steps_done, self.mask, self.classifier.probabilities(self.cartoon()))

    @neutral()
    def step(self) -> None:
        """Take one step: noise, obfuscation, classifier, distortion and prices, gradient to the mask, Adam.

        Where memory runs out, fewer samples are shown to the classifier at once, and the step is taken again.
        """
        if self.steps_done == len(self._curves):
            self._curves = torch.cat([self._curves, torch.zeros_like(self._curves)])
            self._forget_graphs()
        bare, given = self._sampler.is_bare(self.steps_done), self._sampler.given_draws(self.steps_done)
        before = self._sampler.generator.get_state()
        while True:
            try:
                self._run(bare=bare, given=given)
                break
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or min(self._sampler.at_once, self._sampler.samples) == 1:
                    raise
            # Out of the handler: what the error holds of the step is released.
            self._show_fewer_at_once(before)
        if bare:
            self._bare_step = self.steps_done
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

    @neutral()
    def cartoon(self) -> Tensor:
        """The masked image A(s h), (B, C, H, W) clamped to [0, 1]."""
        with torch.no_grad():
            return self.transform.synthesise(self.mask * self.coefficients).clamp(0, 1)

    def _run(self, *, bare: bool, given: Tensor | None) -> None:
        """A step's work, as a graph where that can be."""

        def work() -> None:
            with torch.no_grad():
                self._take_step(given, bare=bare)

        if self._graphs is None or given is not None:
            work()
        else:
            self._sampler.generator = self._graphs.run(bare, work, self._sampler.generator)

    def _show_fewer_at_once(self, generator_state: Tensor) -> None:
        self._forget_graphs()
        self._sampler.at_once = min(self._sampler.at_once, self._sampler.samples) // 2
        self._sampler.generator.set_state(generator_state)
        if self._on_gpu:
            torch.cuda.empty_cache()
        count = self._sampler.at_once * len(self.image)
        self.notes = (
            *(note for note in self.notes if not note.startswith(_MEMORY_RAN_OUT)),
            f"{_MEMORY_RAN_OUT}: the classifier now sees {count} image{'s' * (count > 1)} at once, which is slower and "
            "changes no result",
        )

    def _forget_graphs(self) -> None:
        if self._graphs is not None:
            self._graphs.forget()

    def _take_step(self, given: Tensor | None, *, bare: bool) -> None:
        """A step's work on the device; with the bare cartoon among its samples or not."""
        mask = self.mask
        cartoon = self.transform.synthesise(mask * self.coefficients)
        grey = cartoon.mean(1, keepdim=True)
        now = self._now()
        if self._memory is None:
            penalties, to_mask = self._priced(mask, grey, now.prices)
            distortion, gradient = self._distorted(mask, cartoon, given, bare=bare)
            self._record(distortion, penalties, now.prices)
            self._descend(gradient + to_mask, now)
        else:
            self._remember(self._memory, mask, cartoon, given, bare=bare)
            for update in range(self._memory.updates):
                if update:
                    mask = self.mask
                    if self._prices_cartoon():
                        grey = self.transform.synthesise(mask * self._grey)
                penalties, to_mask = self._priced(mask, grey, now.prices)
                if not update:
                    self._record(self._memory.distortion(), penalties, now.prices)
                gradient = self._memory.gradient(mask, to_mask, now.left)
                self._descend(gradient, now)
        self._place += 1

    def _distorted(self, mask: Tensor, cartoon: Tensor, given: Tensor | None, *, bare: bool) -> tuple[Tensor, Tensor]:
        """The distortion (B,) of a step's samples, and its gradient to the masks (B, 1, N)."""
        distortion = torch.zeros_like(self._original[:, 0])

        def weighted(logits: Tensor, weights: Tensor) -> Tensor:
            return weights * self._measured(logits)

        def looks() -> Iterator[Seen]:
            for seen in self._sampler.look(mask, cartoon, given, weighted, bare=bare):
                distortion.add_(seen.measured.sum(1))
                self._note(seen, mask)
                yield seen

        return distortion, self._sampler.summed(looks())

    def _measured(self, logits: Tensor) -> Tensor:
        """Distortions (B, s) of logits (B, s, K)."""
        return self.method.distortion(self._original, logits, self.targets, self._activation)

    def _remember(self, memory: Memory, mask: Tensor, cartoon: Tensor, given: Tensor | None, *, bare: bool) -> None:
        """Show a step's samples to the classifier, and note what they say of the masks."""
        first = 0
        for seen in self._sampler.look(mask, cartoon, given, memory.measure, bare=bare):
            memory.add(self._place, first, mask, seen, self._sampler.separate(seen))
            self._note(seen, mask)
            first += len(seen.part.weights)

    def _note(self, seen: Seen, mask: Tensor) -> None:
        """Keep what the classifier says of a bare cartoon."""
        if seen.part.bare:
            self._bare_mask.copy_(mask)
            self._bare_probabilities.copy_(self._activation.probabilities(seen.logits[:, 0]))

    def _priced(self, mask: Tensor, grey: Tensor, prices: Tensor) -> tuple[Tensor, Tensor]:
        """The penalties (P, B) of masks and their grey cartoons, and the gradient (B, 1, N) of their priced sum.

        Only those that have a price now are differentiated.
        """
        gradient = torch.zeros_like(mask)
        mask, grey = mask.detach().requires_grad_(), grey.detach().requires_grad_()
        priced = self._priced_now()
        values = []
        for penalty, has_price in zip(self._penalties, priced, strict=True):
            with torch.set_grad_enabled(has_price):
                values.append(penalty(mask, grey, self.transform))
        with torch.enable_grad():
            penalties = torch.stack(values)
            if any(priced):
                to_mask, to_grey = torch.autograd.grad((prices @ penalties).sum(), (mask, grey), allow_unused=True)
                if to_mask is not None:
                    gradient += to_mask
                if to_grey is not None:
                    gradient += self._grey * self.transform.adjoint(to_grey)
        return penalties.detach(), gradient

    def _prices_cartoon(self) -> bool:
        """Whether some penalty of the cartoon has a price now."""
        return self._settings.lambda_spatial_l1 > 0 or self._settings.lambda_spatial_l2 > 0

    def _priced_now(self) -> tuple[bool, ...]:
        """Which penalties have a price, by the settings of now."""
        return tuple(getattr(self._settings, f"lambda_{penalty.name}") > 0 for penalty in self._penalties)

    def _record(self, distortion: Tensor, penalties: Tensor, prices: Tensor) -> None:
        values = torch.cat([distortion[None], penalties, (distortion + prices @ penalties)[None]])
        self._curves.index_copy_(0, self._place, values[None])

    def _descend(self, mask_gradient: Tensor, now: _Now) -> None:
        """One step of Adam along the gradient to the masks, carried back to their parameters."""
        with torch.enable_grad():
            mask = self.method.mask.mask(self._parameters, self.transform)
            (gradient,) = torch.autograd.grad(mask, self._parameters, self.transform.tie(mask_gradient))
        self._parameters.grad = gradient
        for group in self._adam.param_groups:
            if self._on_gpu:
                group["lr"].copy_(now.learning_rate)
            else:
                group["lr"] = float(self._rates[min(self.steps_done, len(self._rates) - 1)])
        self._adam.step()
        self._parameters.clamp_(0, 1)

    def _scheduled(self) -> Tensor:
        """What holds in each step, (steps, columns of `_Now`), by the settings of now."""
        settings = self._settings
        steps = np.arange(settings.steps)
        done = steps / settings.steps
        rates = np.full(len(steps), settings.learning_rate)
        if settings.schedule == "cosine":
            rates *= (1 + np.cos(np.pi * done)) / 2
        if settings.acceleration:
            rates *= settings.acceleration.rise(done)
        columns = [rates, 1 - done]
        for penalty in self._penalties:
            price = np.full(len(steps), getattr(settings, f"lambda_{penalty.name}"))
            if isinstance(penalty, AreaConstraint):
                growth = np.exp(np.minimum(steps * math.log(settings.area_growth), 60))
                price = np.minimum(MOST_PRICE, price * growth)
            columns.append(price)
        self._rates = columns[0]
        return torch.from_numpy(np.stack(columns, axis=1)).to(self.image)

    def _now(self) -> _Now:
        """What holds in this step; steps beyond the method's number stay with the last one."""
        row = self._schedule.index_select(0, self._place.clamp(max=len(self._schedule) - 1))[0]
        return _Now(row[0], row[1], row[2:])


class _Now(NamedTuple):
    """What holds in one step, on the device.

    Attributes:
        learning_rate: of Adam.
        left: the part of the run that is left, from 1 towards 0.
        prices: of each penalty, (P,).
    """

    learning_rate: Tensor
    left: Tensor
    prices: Tensor


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
