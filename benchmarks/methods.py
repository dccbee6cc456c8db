"""A step of every method over the classifier's own forward and backward pass: `python benchmarks/methods.py`.

The classifier (EfficientNet-Lite0, frozen, batch norm folded) sees as many images in either. Steps and passes are
measured in turn, so that whatever else the machine does meets both. ShearletX at 256 x 256 is also measured beside
the published way to take its step: one inverse transform for each colour and sample, by complex FFTs, through
autograd; and the peak memory of both, each in a process of its own.
"""

from __future__ import annotations

import multiprocessing
import statistics

import torch
from network import SIDE, network
from report import SMALL, Figure, report
from speed import resident_peak
from timing import in_turn, seconds

import cartoonx_widgets as cx
from cartoonx_widgets.checking.timing import classifier_pass
from cartoonx_widgets.masking import Optimization
from cartoonx_widgets.representations import DualTree, Shearlet
from cartoonx_widgets.representations.shearlet import ShearletTransform, _system

ROUNDS = 1 if SMALL else 15
SAMPLES = 2 if SMALL else 16
SIDE_OF_SHEARLETS = 64 if SMALL else 256
ESPRESSO = 967
METHODS = (
    cx.methods.cartoonx_interactive(),
    cx.methods.cartoonx(samples=SAMPLES),
    cx.methods.cartoonx(representation=DualTree(), samples=SAMPLES).replace(name="CartoonX on dual-tree wavelets"),
    cx.methods.waveletx(samples=SAMPLES),
    cx.methods.pixel_rde(samples=SAMPLES),
    cx.methods.pixel_mask(samples=SAMPLES),
    cx.methods.smooth_mask(),
)


def main() -> None:
    """Measure, and write the table."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = (context.Pool(1).apply(peak_memory, (way,)) for way in ("ours", "published"))
    figures = [step_ratio(method, SIDE, 1.3) for method in METHODS]
    figures += [step_ratio(cx.methods.shearletx(), SIDE_OF_SHEARLETS, 7), published_ratio()]
    figures.append(
        Figure(
            "peak memory of a ShearletX step over the published way's (ratio)",
            ours / theirs,
            0.5,
            detail=f"{ours:.2f} GB over {theirs:.2f} GB, above the classifier and the image",
        )
    )
    figures.append(
        Figure(
            f"building the {SIDE_OF_SHEARLETS} x {SIDE_OF_SHEARLETS} shearlet system (s)",
            statistics.median(building()),
            2,
        )
    )
    report("methods", figures)


def prepared(method: cx.Method, side: int) -> Optimization:
    """The coffee cup at this size, before its first step."""
    classifier = network(side)
    return Optimization(classifier.prepare("coffee"), classifier, [ESPRESSO], method)


def step_ratio(method: cx.Method, side: int, bound: float) -> Figure:
    """A step over the classifier's pass over as many images."""
    optimization = prepared(method, side)
    seen = method.samples if method.obfuscation.random else 1
    alone, step = in_turn([classifier_pass(optimization.classifier, seen, (side, side)), optimization.step], ROUNDS)
    ratio = step / alone
    return Figure(
        f"{method.name}, {side} x {side}, {seen} samples: step over classifier (ratio)",
        ratio,
        bound,
        detail=f"{1000 * step:.0f} ms over {1000 * alone:.0f} ms",
    )


def published_ratio() -> Figure:
    """The published way to take ShearletX's step, over ours."""
    optimization = prepared(cx.methods.shearletx(), SIDE_OF_SHEARLETS)
    published, ours = in_turn([PublishedShearletX(optimization).step, optimization.step], 1 if SMALL else 3)
    return Figure(
        "the published way of a ShearletX step over ours (ratio)",
        published / ours,
        1,
        at_least=True,
        detail=f"{published:.1f} s over {ours:.2f} s",
    )


class PublishedShearletX:
    """A step as the authors' code takes it: every colour of every sample is transformed by itself."""

    def __init__(self, optimization: Optimization) -> None:
        transform = optimization.transform
        assert isinstance(transform, ShearletTransform)
        system = _system(transform.settings, transform.size)
        height, width = transform.size
        # The other half of a real symmetric spectrum.
        rest = system.spectra[:, (-torch.arange(height)) % height][..., 1 : (width + 1) // 2][..., ::-1].copy()
        self.spectra = torch.cat([torch.from_numpy(system.spectra), torch.from_numpy(rest)], -1).float()
        self.weights = self.spectra.square().sum(0)
        self.optimization = optimization
        shape = (1, 3, -1, height, width)
        self.coefficients = optimization.coefficients.reshape(shape)
        self.location, self.scale = (
            each.reshape(1, 1, -1, height, width)
            for each in (optimization.sampler._location, optimization.sampler._scale)  # noqa: SLF001
        )
        self.mask = torch.ones_like(self.coefficients[:, 0]).requires_grad_()
        self.adam = torch.optim.Adam([self.mask], lr=0.1)

    def synthesise(self, coefficients: torch.Tensor) -> torch.Tensor:
        """One image of the coefficients (S, bands, H, W) of each sample."""
        spectrum = (torch.fft.fft2(coefficients) * self.spectra).sum(1)
        image: torch.Tensor = torch.fft.ifft2(spectrum / self.weights).real
        return image

    def step(self) -> None:
        """Noise, mixture, synthesis colour by colour, classifier, penalties, backward, Adam."""
        samples = self.optimization.method.samples
        noise = torch.rand(samples, *self.mask.shape[1:]) * self.scale[0] + self.location[0]
        colours = [self.mask * self.coefficients[:, c] + (1 - self.mask) * noise for c in range(3)]
        images = torch.stack([self.synthesise(colour) for colour in colours], dim=1).clamp(0, 1)
        probabilities = self.optimization.classifier(images).softmax(-1)[:, ESPRESSO]
        grey = self.synthesise(self.mask * self.coefficients.mean(1)).clamp(0, 1)
        loss = ((1 - probabilities) ** 2).mean() + self.mask.abs().mean() + 2 * grey.mean()
        self.adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        with torch.no_grad():
            self.mask.clamp_(0, 1)


def peak_memory(way: str) -> float:
    """How much two steps add to this process's greatest resident memory, in GB."""
    optimization = prepared(cx.methods.shearletx(), SIDE_OF_SHEARLETS)
    step = optimization.step if way == "ours" else PublishedShearletX(optimization).step
    before = resident_peak()
    for _ in range(2):
        step()
    return resident_peak() - before


def building() -> list[float]:
    """Seconds to build the shearlet system, without its cache."""
    taken = []
    for _ in range(1 if SMALL else 5):
        _system.cache_clear()
        taken.append(seconds(lambda: Shearlet().transform((SIDE_OF_SHEARLETS, SIDE_OF_SHEARLETS))))
    return taken


if __name__ == "__main__":
    main()
