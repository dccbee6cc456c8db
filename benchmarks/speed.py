"""What a step and a run cost on a CPU: `python benchmarks/speed.py`; for a GPU there is `gpu.py`.

The classifier is EfficientNet-Lite0 at 224 x 224. A step is compared with the prepared classifier's own forward and
backward pass over as many images (frozen, batch norm folded, channels last), measured in turn. A run is compared with
the published way to make it: 300 steps of 16 samples, each differentiated from end to end by autograd, through the
inverse transform of pytorch_wavelets, with weights that can be trained.
"""

from __future__ import annotations

import math
import multiprocessing
import resource
import sys
from typing import TYPE_CHECKING

import torch
from network import SIDE, bare, network
from report import SMALL, Figure, report
from timing import in_turn, seconds

import cartoonx_widgets as cx
from cartoonx_widgets.checking.timing import classifier_pass
from cartoonx_widgets.masking import Optimization
from cartoonx_widgets.representations import Wavelet
from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS, FEW_ROUNDS = (1, 1) if SMALL else (25, 5)
LARGE = 96 if SMALL else 1024
ESPRESSO = 967
PUBLISHED_STEPS, PUBLISHED_SAMPLES = 300, 2 if SMALL else 16
DEFAULT = cx.methods.cartoonx_interactive(steps=3) if SMALL else cx.methods.cartoonx_interactive()


def main() -> None:
    """Measure, and write the table."""
    figures = [run_of_the_default(12)]  # in a fresh process, as in a notebook just opened
    for samples, bound in ((4, 1.2), (8, 1.1), (16, 1.1), (32, 1.1)):
        figures.append(step_ratio(cx.methods.waveletx(samples=samples), bound))
    preset = cx.methods.waveletx_interactive()
    figures += [step_ratio(preset, 1.2), step_ratio(preset.replace(samples=8), 1.1)]
    figures += [over_published(preset), growth_in_samples(), growth_in_pixels()]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        peak = pool.apply(peak_memory)
    figures.append(Figure(f"peak memory, {LARGE} x {LARGE}, 64 samples, the whole process (GB)", peak, 8))
    report("speed", figures)


def prepared(method: cx.Method, side: int = SIDE) -> Optimization:
    """The coffee cup at this size, before its first step."""
    classifier = network(side)
    return Optimization(classifier.prepare("coffee"), classifier, [ESPRESSO], method)


def step_ratio(method: cx.Method, bound: float) -> Figure:
    """A step over the classifier's pass."""
    optimization = prepared(method)
    method = optimization.method  # with the samples of this device
    classifier = classifier_pass(optimization.classifier, method.samples, (SIDE, SIDE))
    alone, step = in_turn([classifier, optimization.step], ROUNDS)
    return Figure(
        f"{method.name}, {method.samples} samples: step over classifier (ratio)",
        step / alone,
        bound,
        detail=f"{1000 * step:.1f} ms over {1000 * alone:.1f} ms, {optimization.execution}",
    )


def run_of_the_default(bound: float) -> Figure:
    """The interactive default from its first step to its explanation."""
    cx.explain(
        "camera", classifier=network(), progress=False, method=cx.methods.cartoonx_interactive(steps=8)
    )  # the first use loads code
    taken = seconds(lambda: cx.explain("coffee", classifier=network(), method=DEFAULT, progress=False))
    return Figure("the interactive default, from play to done (s)", taken, bound)


def over_published(preset: cx.Method) -> Figure:
    """The published way of WaveletX over our preset, in seconds of a whole run."""
    published, ours = PublishedWaveletX(), prepared(preset)
    theirs, step = in_turn([published.step, ours.step], 1 if SMALL else 8)
    return Figure(
        "a run of WaveletX, the published way over our preset (ratio of seconds)",
        PUBLISHED_STEPS * theirs / (preset.steps * step),
        10,
        at_least=True,
        detail=f"{PUBLISHED_STEPS} steps of {1000 * theirs:.0f} ms over {preset.steps} steps of {1000 * step:.0f} ms",
    )


class PublishedWaveletX:
    """A step as the authors' code takes it."""

    def __init__(self) -> None:
        self.device = network().device
        self.module = bare().to(self.device)
        wavelets = import_pytorch_wavelets()
        settings = cx.methods.waveletx().resolved((SIDE, SIDE)).representation
        assert isinstance(settings, Wavelet)
        forward = wavelets.DWTForward(J=settings.levels, wave=settings.wavelet, mode=settings.mode).to(self.device)
        self.inverse = wavelets.DWTInverse(wave=settings.wavelet, mode=settings.mode).to(self.device)
        lowpass, details = forward(prepared(cx.methods.waveletx()).image)
        self.coefficients = [lowpass, *details]
        self.masks = [torch.ones_like(band[:, :1]).requires_grad_() for band in self.coefficients]
        self.adam = torch.optim.Adam(self.masks, lr=0.1)

    def synthesise(self, bands: list[torch.Tensor]) -> torch.Tensor:
        """The inverse transform, cropped to the image."""
        image: torch.Tensor = self.inverse((bands[0], bands[1:]))
        return image[..., :SIDE, :SIDE]

    def step(self) -> None:
        """Noise, mixture, synthesis, classifier, penalties, backward, Adam, clamp, and the loss read back."""
        mixed = []
        for band, mask in zip(self.coefficients, self.masks, strict=True):
            noise = torch.rand(PUBLISHED_SAMPLES, *band.shape[1:], device=self.device)
            noise = 2 * band.std() * noise + band.mean() - band.std()
            mixed.append(mask * band + (1 - mask) * noise)
        images = self.synthesise(mixed).clamp(0, 1)
        probabilities = self.module((images * 255 - 127) / 128).softmax(-1)[:, ESPRESSO]
        kept = [mask * band for band, mask in zip(self.coefficients, self.masks, strict=True)]
        spatial = self.synthesise(kept).mean(1).clamp(0, 1).mean()
        l1 = sum(mask.abs().sum() for mask in self.masks) / sum(mask.numel() for mask in self.masks)
        loss = ((1 - probabilities) ** 2).mean() + 2 * l1 + 10 * spatial
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        with torch.no_grad():
            for mask in self.masks:
                mask.clamp_(0, 1)
        loss.item()


def growth_in_samples() -> Figure:
    """The exponent of a step's time in its samples."""
    counts = (1, 4) if SMALL else (1, 4, 16, 64)
    times = in_turn([prepared(cx.methods.waveletx(samples=count)).step for count in counts], FEW_ROUNDS)
    return growth(f"samples, {counts[0]} to {counts[-1]}", counts, times)


def growth_in_pixels() -> Figure:
    """The exponent of a step's time in the pixels of the image."""
    sides = (48, 64) if SMALL else (128, 256, 512)
    times = in_turn([prepared(cx.methods.waveletx(samples=4), side).step for side in sides], FEW_ROUNDS)
    return growth(f"pixels, {sides[0]} x {sides[0]} to {sides[-1]} x {sides[-1]}", [side**2 for side in sides], times)


def growth(what: str, amounts: Sequence[int], times: list[float]) -> Figure:
    """The exponent between the least and the largest amount."""
    exponent = math.log(times[-1] / times[0]) / math.log(amounts[-1] / amounts[0])
    detail = ", ".join(f"{1000 * taken:.0f} ms" for taken in times)
    return Figure(f"time over {what} (exponent)", exponent, 1.1, detail=detail)


def peak_memory() -> float:
    """The greatest resident memory of a process that takes two steps on large pictures with 64 samples, in GB."""
    optimization = prepared(cx.methods.waveletx(samples=64), LARGE)
    optimization.step()
    optimization.step()
    return resident_peak()


def resident_peak() -> float:
    """The greatest resident memory of this process so far, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


if __name__ == "__main__":
    main()
