"""Small classifiers, pictures, methods and a representation that the tests share."""

import os
import signal
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import torch
from paths import DATA
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets.masking import BlurredImage, SmoothMask
from cartoonx_widgets.representations import Band, Transform

SIDE = 32
N_CLASSES = 5


class Toy(nn.Module):
    """The classifier of the published traces: tanh(pool(x) W1^T) W2^T, with pool to 8 x 8."""

    def __init__(self):
        super().__init__()
        with np.load(DATA / "common.npz") as common:
            self.w1 = nn.Parameter(torch.from_numpy(common["W1"]))
            self.w2 = nn.Parameter(torch.from_numpy(common["W2"]))

    def forward(self, image):
        pooled = nn.functional.adaptive_avg_pool2d(image, 8).flatten(1)
        return torch.tanh(pooled @ self.w1.T) @ self.w2.T


class Switch:
    """Something that breaks when told to; the copy inside a Classifier obeys the same switch."""

    def __init__(self):
        self.on = False

    def __deepcopy__(self, memo):
        return self


class Breaking(Toy):
    """Raises, or returns NaN, while its switch is on."""

    def __init__(self, switch, *, error=None):
        super().__init__()
        self.switch, self.error = switch, error

    def forward(self, image):
        if self.switch.on and self.error is not None:
            raise self.error
        logits = super().forward(image)
        return logits * float("nan") if self.switch.on else logits


class Mortal(Toy):
    """Kills the process that it runs in, where it is not its first one and `dies(image)`."""

    def __init__(self, dies):
        super().__init__()
        self.dies, self.home = dies, os.getpid()

    def forward(self, image):
        if os.getpid() != self.home and self.dies(image):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(image)


class Brightness(nn.Module):
    """Class 0 is a bright picture: probability 0.018 at brightness 0.5, and 0.0003 for a black one."""

    def forward(self, image):
        logit = 8 * image.mean((1, 2, 3)) - 8
        return torch.stack([logit, torch.zeros_like(logit)], dim=1)


def lively(module, seed=0):
    """The same module with weights and running statistics that are far from their defaults."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d) and part.running_mean is not None:
                part.running_mean.copy_(torch.randn(part.num_features, generator=generator) / 3)
                part.running_var.copy_(0.3 + torch.rand(part.num_features, generator=generator))
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / 3)
    return module.eval()


def image(seed=None):
    """The picture of the published traces, or a random smooth one, (1, 3, 32, 32) in [0, 1]."""
    if seed is None:
        with np.load(DATA / "common.npz") as common:
            return torch.from_numpy(common["image"])
    coarse = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
    return nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic").clamp(0, 1)


def target():
    """The class of the published traces, which the toy gives 0.446."""
    with np.load(DATA / "common.npz") as common:
        return int(common["target"])


def classifier(module=None, **settings):
    return cx.Classifier(module or Toy(), **{"size": SIDE, "device": "cpu", **settings})


def method(*, clean_fraction=0.0, schedule="constant", **settings):
    """A quick method on few, small bands."""
    defaults = {
        "representation": cx.representations.Wavelet("db2", levels=2),
        "lambda_l1": 1.0,
        "learning_rate": 0.05,
        "steps": 6,
        "samples": 4,
    }
    return cx.methods.cartoonx(**{**defaults, **settings}).replace(clean_fraction=clean_fraction, schedule=schedule)


def optimization(module=None, *, picture=None, targets=None, seed=0, noise=None, dtype=torch.float32, **settings):
    """An optimisation before its first step, on the toy by default."""
    picture = image() if picture is None else picture
    targets = [target()] * len(picture) if targets is None else targets
    return cx.Optimization(
        picture.to(dtype), classifier(module, dtype=dtype), targets, method(**settings), seed=seed, noise=noise
    )


def gaussian(shape, seed):
    """The draws of a step, the same for the same seed: a `noise` for `lambda step: gaussian(shape, step)`."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def noise_shape(optimization):
    """(B, S, C, N) that the optimisation asks for."""
    method, (count, colours, n) = optimization.method, optimization.coefficients.shape
    bare = optimization.sampler.has_clean(optimization.steps_done)
    noisy = method.samples - bare if method.obfuscation.random else 1
    return (count, noisy, 1 if method.obfuscation.colours == "shared" else colours, n)


def draws(optimization, step=0):
    """Noise of the shape that the optimisation asks for, the same for the same step."""
    return gaussian(noise_shape(optimization), step).to(optimization.coefficients)


def replaying(pictures, targets, method, *, only=None, dtype=torch.float64, module=None):
    """An optimisation of the toy on pictures, or `only` on one of them, with that one's share of the same noise."""

    @cache  # the portions of a step ask again
    def noise(step):
        whole = gaussian((len(pictures), *noise_shape(optimization)[1:]), step)
        return whole if only is None else whole[only][None]

    if only is not None:
        chosen, targets = pictures[only][None], [targets[only]]
    else:
        chosen = pictures
    optimization = cx.Optimization(chosen.to(dtype), classifier(module, dtype=dtype), targets, method, noise=noise)
    return optimization


def small(name, **settings):
    """A method of `cx.methods` by name: its own kind of objective, with settings for 32 x 32 pixels and a few steps."""
    own = {}
    if name.removesuffix("_interactive") in ("cartoonx", "waveletx"):
        own["representation"] = cx.representations.Wavelet("db2", levels=2)
    if name.removesuffix("_interactive") == "shearletx":
        own["representation"] = cx.representations.Shearlet(scales=1)
    if name == "smooth_mask":
        own |= {"mask": SmoothMask(step=4, sigma=9.0), "obfuscation": BlurredImage(sigma=4.0), "area": 0.3}
    else:
        own |= {"samples": 3, "lambda_l1": 0.1}  # a low price: the classifier's share of the gradient counts
    return cx.methods.PRESETS[name]().replace(**{**own, "learning_rate": 0.05, "steps": 5, **settings})


@dataclass(frozen=True)
class Rotated:
    """A representation of half complex coefficients: x / sqrt(2), and exp(i phi) x / sqrt(2) with a phase per pixel."""

    redundant: ClassVar[bool] = True

    def transform(self, size, *, device="cpu", dtype=torch.float32):
        return RotatedTransform(size, torch.device(device), dtype)


class RotatedTransform(Transform):
    def __init__(self, size, device, dtype):
        self.size, self.device, self.dtype = size, device, dtype
        n = size[0] * size[1]
        self.bands = (
            Band(scale=1, orientation="lowpass", shape=size, start=0),
            Band(scale=1, orientation="+45°", angle=45.0, shape=size, parts=2, start=n),
        )
        phase = torch.rand(n, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 6.3
        weights = torch.stack([torch.ones_like(phase), phase.cos(), phase.sin()]) / 2**0.5
        self._weights = weights.to(device, dtype)

    def analyse(self, image):
        pixels = image.to(self.device, self.dtype).flatten(2)
        return (pixels[:, :, None] * self._weights).flatten(2)

    adjoint = analyse

    def _synthesise(self, coefficients):
        return (coefficients.unflatten(-1, (3, -1)) * self._weights).sum(2).unflatten(-1, self.size)


def photographs(folder, count):
    """Make a folder with so many pictures, 0.png and so on."""
    folder.mkdir()
    for seed in range(count):
        (folder / f"{seed}.png").write_bytes(cx.images.to_png(image(seed)[0]))
    return folder
