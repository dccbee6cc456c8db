"""The optimisation of a mask, one step at a time."""

from __future__ import annotations

import copy
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

import torch

from cartoonx_widgets._checks import whole
from cartoonx_widgets._memory import is_out_of_memory
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.classifiers import ClassifierError
from cartoonx_widgets.classifiers.gradients import require_gradient
from cartoonx_widgets.masking.cuda_graphs import GraphedSteps
from cartoonx_widgets.masking.descent import Descent
from cartoonx_widgets.masking.evaluations import CleanCartoon
from cartoonx_widgets.masking.gradient_start import gradient_start
from cartoonx_widgets.masking.gradients import AcceleratedGradient, PublishedGradient
from cartoonx_widgets.masking.masks import starts_by_gradient
from cartoonx_widgets.masking.method import STEERABLE
from cartoonx_widgets.masking.objective import Objective, fitting_penalties
from cartoonx_widgets.masking.sampling import Sampler, StepLeft, never
from cartoonx_widgets.masking.schedule import Schedule
from cartoonx_widgets.representations.sizes import advice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from torch import Tensor

    from cartoonx_widgets.classifiers import Classifier
    from cartoonx_widgets.masking.gradients import Gradient
    from cartoonx_widgets.masking.method import Method
    from cartoonx_widgets.masking.sampling import Draws

_MEMORY_RAN_OUT = "Memory ran out"
_LAST_SEED = 2**63 - 1


def checked_seed(seed: object) -> int:
    """Check a seed, and return it as a whole number.

    Raises:
        ValueError: it is none, or out of range.
    """
    return whole("seed", seed, least=0, most=_LAST_SEED)


def _checked_targets(targets: Sequence[int], count: int, n_classes: int) -> list[int]:
    whole = [int(target) for target in targets if isinstance(target, Integral) and not isinstance(target, bool)]
    if len(targets) != count or len(whole) != count or not all(0 <= target < n_classes for target in whole):
        raise ValueError(
            f"targets={targets!r} must name one class for each of the {count} images, by a whole number from 0 to "
            f"{n_classes - 1}"
        )
    return whole


class Moment(NamedTuple):
    """Masks at some step, and the classifier's probabilities for their cartoons and rests.

    Attributes:
        step: the number of steps before it.
        mask: (B, 1, N) in [0, 1].
        probabilities: the classifier's for the cartoons A(s h), (B, K).
        probabilities_rest: the classifier's for the rests A((1 - s) h), (B, K); None where they were not asked for.
    """

    step: int
    mask: Tensor
    probabilities: Tensor
    probabilities_rest: Tensor | None


class Optimization:
    """Minimises E[d(x, z)] + penalties over masks s in [0, 1], one step at a time (ECCV 2022, equation 5).

    x is the photograph, with coefficients h; z = A(s h + (1 - s) v) is an obfuscated image, with noise v and synthesis
    A, clamped to [0, 1] where `method.clamp` is set; d is the distortion of the classifier's output. After each update
    by Adam the mask's parameters are clamped to [0, 1]. A step does not wait for the device; `curves` and `check` do.
    The images of a batch are independent and share the raw noise: up to rounding, each gets the mask that it would get
    alone with the same seed.

    Without `method.acceleration` a step is that of the paper: one update by the gradient of its own samples. With it,
    the mask is updated several times a step, by the gradients of the last steps' samples (see `Acceleration`).

    Args:
        image: (B, C, H, W) in [0, 1], on the classifier's device.
        classifier: the frozen classifier.
        targets: the class to explain for each of the B images.
        method: the settings; its `on_gpu` replaces `steps` and `samples` where the images are not on a CPU.
        seed: of the noise; the same seed on the same device gives the same run.
        noise: function from the step, 0, 1, ..., to its raw noise (B, S, C, N), to repeat a recorded run: C is 1 where
            the colours share the noise, and S does not count the clean cartoon. It is drawn by `seed` by default.

    Attributes:
        method: the settings of the run on this device.
        notes: sentences for the user: that memory ran out, or that the representation has too many levels for the
            image's size.

    Raises:
        ValueError: the representation, the mask or a penalty does not fit the images; there is not one class for each
            image; or the seed is out of range.
        ClassifierError: the classifier's output for the image is not finite, or it has no gradient.
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
        method = method.on(image.device)
        require_gradient(classifier, "A mask")
        self.image, self.classifier, self.method = image, classifier, method
        self.targets = torch.tensor(_checked_targets(targets, len(image), classifier.n_classes), device=image.device)
        size = (image.shape[-2], image.shape[-1])
        self.transform = method.representation.transform(size, device=image.device, dtype=image.dtype)
        self.coefficients = self.transform.analyse(image)
        self.probabilities = classifier.probabilities(image)
        self.steps_done = 0
        self.notes: tuple[str, ...] = tuple(filter(None, [advice(method.representation, size)]))
        self.objective = Objective(
            image, self.coefficients, self.targets, classifier=classifier, method=method, transform=self.transform
        )
        self.descent = Descent(method, self.transform, len(image))
        if starts_by_gradient(method.mask):
            start = gradient_start(
                method.mask, self.transform, classifier=classifier, image=image, targets=self.targets
            )
            self.descent.parameters.data.copy_(start)
        self.schedule = Schedule(method, self.objective.penalties, image)
        generator = torch.Generator(image.device).manual_seed(checked_seed(seed))
        self.sampler = Sampler(
            image, self.coefficients, classifier, method, transform=self.transform, generator=generator, noise=noise
        )
        self._on_gpu = image.device.type == "cuda"
        if self._on_gpu and image.dtype == torch.float32 and torch.cuda.is_bf16_supported(including_emulation=False):
            self.sampler.use_bfloat16(self.objective.distortion)
        self._graphs = GraphedSteps(image.device) if self._on_gpu else None
        self._steps_done_on_device = torch.zeros(1, dtype=torch.long, device=image.device)
        self._curves = image.new_zeros(method.steps, len(self.curve_names), len(image))
        self._clean = CleanCartoon(self.mask, self.probabilities, self.objective.activation)
        self.gradient = self._gradient(method)
        self._checked = 0
        self._settings = self._settings_in_use = method

    def _gradient(self, method: Method) -> Gradient:
        if method.acceleration is None:
            return PublishedGradient(self.sampler, self.objective, self._clean)
        return AcceleratedGradient(
            self.sampler,
            self.objective,
            self._clean,
            settings=method.acceleration,
            transform=self.transform,
            steps_done=self._steps_done_on_device,
        )

    def copy(self) -> Optimization:
        """Return an independent run in the same state, which goes on as this one would, with the same noise."""
        shared = (self.classifier, self.transform, self.image)
        self._forget_graphs()
        return copy.deepcopy(self, {id(part): part for part in shared})

    @property
    def settings(self) -> Method:
        """Return the method with the weights and the learning rate that were steered since the start."""
        return self._settings

    def steer(self, **settings: float) -> None:
        """Change penalty weights or the learning rate; they hold from the next step on.

        Raises:
            ValueError: a setting out of range, one that only a new run can take, or a penalty that does not fit.
        """
        for name in settings:
            if name not in STEERABLE:
                reason = "holds for a whole run: begin another" if hasattr(self.method, name) else "is no setting"
                raise ValueError(f"{name} {reason}; {', '.join(STEERABLE)} can be steered")
        changed = self._settings.replace(**settings)
        fitting_penalties(changed, self.transform)  # which refuses what does not fit
        self._settings = changed

    @property
    def curve_names(self) -> tuple[str, ...]:
        """Return the names in `curves`, which are distortion, each penalty that fits the representation, and loss."""
        return self.objective.names

    @property
    def execution(self) -> str:
        """Return how steps run, such as "float32, eager" or "bfloat16, CUDA graphs", and why a capture failed."""
        precision = str(self.sampler.computes_in).removeprefix("torch.")
        if self._graphs is not None and self._graphs.captured:
            return f"{precision}, CUDA graphs"
        return f"{precision}, eager" + (f", since a capture failed: {self.graph_failure}" if self.graph_failure else "")

    @property
    def graph_failure(self) -> str:
        """Return why steps are not captured as CUDA graphs; empty where they are, or where that was not tried."""
        return "" if self._graphs is None else self._graphs.reason

    @property
    def target(self) -> int:
        """Return the index of the class that the first image is explained for."""
        return int(self.targets[0])

    @property
    def finished(self) -> bool:
        """Return whether the run has taken the method's number of steps; more can still be taken."""
        return self.steps_done >= self.method.steps

    @property
    def mask(self) -> Tensor:
        """Return a copy of the mask, (B, 1, N) in [0, 1]."""
        return self.descent.mask

    @property
    def step_measured(self) -> int | None:
        """Return after how many steps the mask stood that `moment(measured=True)` returns; None if it is the newest."""
        return self._clean.step

    @neutral()
    def moment(self, *, measured: bool = False, rest: bool = True) -> Moment:
        """Return the mask, and the classifier's probabilities for its cartoon and for the rest.

        Args:
            measured: whether to return, where the method has a clean fraction, the last mask whose clean cartoon a step
                has classified, so that at most its rest is to be classified.
            rest: whether to classify the rest.
        """
        clean, cartoon = self._clean, None
        if measured and clean.step is not None:
            step, mask, cartoon = clean.step, clean.mask.clone(), clean.probabilities.clone()
        else:
            step, mask = self.steps_done, self.mask
        shown = ([self._masked(mask)] if cartoon is None else []) + ([self._masked(1 - mask)] if rest else [])
        found = self.classifier.probabilities(torch.cat(shown)).chunk(len(shown)) if shown else []
        return Moment(step, mask, found[0] if cartoon is None else cartoon, found[-1] if rest else None)

    @neutral()
    def step(self, left: Callable[[], bool] | None = None) -> bool:
        """Take one step: draw noise, obfuscate, classify, measure distortion and penalties, update the mask by Adam.

        Where memory runs out, the samples are split into smaller chunks, and the step is taken again.

        Args:
            left: called on a CPU between the chunks of samples that the classifier sees; where it returns True, the
                step is abandoned and changes nothing, and when it is taken later it gives the same result.

        Returns:
            Whether it was taken.
        """
        self._take_up_settings()
        if self.steps_done == len(self._curves):
            self._curves = torch.cat([self._curves, torch.zeros_like(self._curves)])
            self._forget_graphs()
        draws = self.sampler.draws(self.steps_done)
        before = self.sampler.generator.get_state()
        while True:
            try:
                self._run(draws, never if left is None or self._on_gpu else left)
                break
            except StepLeft:
                self.sampler.generator.set_state(before)
                if draws.clean:  # which is in the first chunk
                    self._clean.step = self.steps_done
                return False
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or min(self.sampler.chunk_size, self.sampler.samples) == 1:
                    raise
            # Outside of the except block, since the error keeps the step's tensors alive.
            self._halve_chunks(before)
        if draws.clean:
            self._clean.step = self.steps_done
        self.steps_done += 1
        return True

    def curves(self) -> dict[str, np.ndarray]:
        """Return each of `curve_names` in each step taken so far, (steps, B), measured before its update."""
        values = self._curves[: self.steps_done].to("cpu", copy=True).numpy()
        return {name: values[:, i] for i, name in enumerate(self.curve_names)}

    def check(self) -> None:
        """Check that the losses of the steps since the last check are finite.

        Raises:
            ClassifierError: one is not; the message names the step.
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
        """Return the masked image A(s h), (B, C, H, W) clamped to [0, 1]."""
        return self._masked(self.mask)

    def _masked(self, mask: Tensor) -> Tensor:
        with torch.no_grad():
            return self.objective.cartoon(mask).clamp(0, 1)

    def _take_up_settings(self) -> None:
        """Use what was steered since the last step, between two steps: `steer` may be called during one."""
        settings = self._settings
        if settings is not self._settings_in_use:
            if self.objective.update(settings):
                self._forget_graphs()
            self.schedule.update(settings)
            self._settings_in_use = settings

    def _run(self, draws: Draws, left: Callable[[], bool]) -> None:
        """Do the work of a step, as a CUDA graph where that can be."""

        def work() -> None:
            with torch.no_grad():
                self._take_step(draws)

        self.sampler.left = left
        try:
            if self._graphs is None or draws.given is not None:
                work()
            else:
                self.sampler.generator = self._graphs.run(draws.clean, work, self.sampler.generator)
        finally:
            self.sampler.left = never

    def _halve_chunks(self, generator_state: Tensor) -> None:
        self._forget_graphs()
        self.sampler.chunk_size = min(self.sampler.chunk_size, self.sampler.samples) // 2
        self.sampler.generator.set_state(generator_state)
        if self._on_gpu:
            torch.cuda.empty_cache()
        count = self.sampler.chunk_size * len(self.image)
        self.notes = (
            *(note for note in self.notes if not note.startswith(_MEMORY_RAN_OUT)),
            f"{_MEMORY_RAN_OUT}: the classifier now sees {count} image{'s' * (count > 1)} at once, which is slower and "
            "changes no result",
        )

    def _forget_graphs(self) -> None:
        if self._graphs is not None:
            self._graphs.forget()

    def _take_step(self, draws: Draws) -> None:
        """Do a step's work on the device."""
        mask = self.mask
        cartoon = self.objective.cartoon(mask)
        grey = cartoon.mean(1, keepdim=True)
        settings = self.schedule.at(self.steps_done, self._steps_done_on_device)
        distortion = self.gradient.evaluate(mask, cartoon, draws)
        for update in range(self.gradient.updates):
            if update:
                mask = self.mask
                if self.objective.needs_cartoon:
                    grey = self.objective.grey_cartoon(mask)
            penalty_gradient = self.objective.penalty_gradient(mask, grey, settings.penalty_weights)
            if not update:
                penalties = self.objective.penalise(mask, grey)
                terms = self.objective.terms(distortion, penalties, settings.penalty_weights)
                self._curves.index_copy_(0, self._steps_done_on_device, terms[None])
            gradient = self.gradient.at(mask, penalty_gradient, settings.remaining)
            self.descent.step(gradient, settings.learning_rate, settings.budget)
        self._steps_done_on_device += 1
