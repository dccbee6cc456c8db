"""Whether a classifier says what its network says, over torchvision's and timm's: `python benchmarks/classifiers.py`.

Weights are random, and the running statistics of normalisations far from their defaults, so that a wrong fold shows.
`--small` tries a few networks.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import torch
from report import SMALL, Figure, report
from torch import nn
from torch.nn import functional

import cartoonx_widgets as cx

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from hub_libraries import import_or_skip

ROUNDS = 1 if SMALL else 5
SIDE = 64
# Networks that take no smaller pictures, or lose their last maps in them.
SIDES = {
    "alexnet": 96,
    "inception_v3": 96,
    "xception41": 96,
    "convmixer_768_32": 96,
    "vit_b_32": 224,
    "maxvit_t": 224,
    "levit_128s": 224,
    "coat_lite_tiny": 224,
    "efficientformer_l1": 224,
    "xcit_nano_12_p16_224": 224,
    "edgenext_xx_small": 256,
    "mobilevit_xxs": 256,
    "mobilevitv2_050": 256,
}
TORCHVISION = (
    "alexnet", "vgg11_bn", "resnet18", "resnet50", "wide_resnet50_2", "resnext50_32x4d", "densenet121",
    "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x1_0", "mnasnet1_0", "googlenet",
    "inception_v3", "efficientnet_b0", "efficientnet_v2_s", "regnet_x_400mf", "regnet_y_400mf",
    "convnext_tiny", "swin_t", "vit_b_32", "maxvit_t",
)  # fmt: skip
TIMM = (
    "resnet18", "resnet26d", "resnetv2_50", "resnest14d", "seresnet18", "ecaresnet26t", "res2net50_26w_4s",
    "dla34", "dpn48b", "densenet121", "vgg11_bn", "hrnet_w18_small", "mobilenetv2_050",
    "mobilenetv3_small_050", "mobilenetv4_conv_small", "efficientnet_b0", "efficientnet_lite0",
    "tf_efficientnet_b0", "tf_efficientnetv2_b0", "mixnet_s", "fbnetc_100", "mnasnet_050", "spnasnet_100",
    "ghostnet_050", "ghostnetv2_100", "tinynet_e", "lcnet_050", "regnetx_002", "regnety_002", "nfnet_l0",
    "rexnet_100", "hardcorenas_a", "repvgg_a0", "mobileone_s0", "cspresnet50", "cspdarknet53", "darknet17",
    "selecsls42b", "skresnet18", "gernet_s", "vovnet39a", "inception_v3", "inception_next_tiny",
    "convnext_atto", "convnextv2_atto", "convmixer_768_32", "edgenext_xx_small", "mobilevit_xxs",
    "mobilevitv2_050", "levit_128s", "efficientformer_l1", "fastvit_t8", "poolformer_s12", "caformer_s18",
    "swin_tiny_patch4_window7_224", "vit_tiny_patch16_224", "deit_tiny_patch16_224", "cait_xxs24_224",
    "coat_lite_tiny", "pit_ti_224", "xcit_nano_12_p16_224", "maxvit_pico_rw_256", "repghostnet_050",
    "semnasnet_050", "starnet_s1", "tresnet_m", "xception41",
)  # fmt: skip
FEW = ("resnet18", "mobilenetv3_small_050")


class Tried(NamedTuple):
    """One network: the largest difference of its logits over their spread, and pairs folded of those that can be."""

    name: str
    difference: float
    folded: int
    foldable: int


def main() -> None:
    """Try the networks, and time the making of one classifier."""
    names = [("timm", name) for name in TIMM] + [("torchvision", name) for name in TORCHVISION]
    tried = [attempt(*one) for one in names if not SMALL or one[1] in FEW]
    worst = max(tried, key=lambda one: one.difference)
    whole = [one for one in tried if one.folded == one.foldable]
    seconds = [making() for _ in range(ROUNDS)]
    figures = [
        Figure(
            "networks whose logits are theirs to 1e-4 of their spread (share)",
            sum(one.difference <= 1e-4 for one in tried) / len(tried),
            1,
            at_least=True,
            detail=f"{len(tried)} tried; largest {worst.difference:.1e}, {worst.name}",
        ),
        Figure(
            "of those, every pair that can be folded is (share)",
            len(whole) / len(tried),
            1,
            at_least=True,
            detail=f"{sum(one.folded for one in tried):,} of {sum(one.foldable for one in tried):,} pairs",
        ),
        Figure(
            "make a Classifier of ResNet-50 (s)",
            statistics.median(seconds),
            2,
            detail=f"{min(seconds):.2f} to {max(seconds):.2f} in {ROUNDS} rounds",
        ),
    ]
    report("classifiers", figures)


def attempt(library: str, name: str) -> Tried:
    """Compare one network with its classifier, on six kinds of picture."""
    module = lively(network(library, name))
    config = getattr(module, "pretrained_cfg", {})
    side = config["input_size"][-1] if config.get("fixed_input_size") else SIDES.get(name, SIDE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a head of zeros says the same of every picture
        classifier = cx.Classifier(module, size=side, device="cpu")
    with torch.no_grad():
        expected, found = module(pictures(side)), classifier(pictures(side))
    expected = expected if isinstance(expected, torch.Tensor) else expected[0]
    spread = float(expected.max() - expected.min())
    counts = [re.match(r"Folded (\d+) of (\d+) batch norms", note) for note in classifier.notes]
    folded, foldable = next(((int(count[1]), int(count[2])) for count in counts if count), (0, 0))
    difference = float((found - expected).abs().max())
    tried = Tried(f"{library} {name}", difference / spread if difference else 0.0, folded, foldable)
    print(*tried, flush=True)
    return tried


def network(library: str, name: str) -> nn.Module:
    """Make a network with random weights."""
    torch.manual_seed(0)
    if library == "timm":
        made: nn.Module = import_or_skip("timm").create_model(name)
        return made
    models = import_or_skip("torchvision").models
    made = models.get_model(name, **({"init_weights": False} if name in ("googlenet", "inception_v3") else {}))
    return made  # noqa: RET504 - typed above


def lively(module: nn.Module) -> nn.Module:
    """Move the running statistics and the scales of all normalisations away from their defaults."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for part in module.modules():
            mean, variance = getattr(part, "running_mean", None), getattr(part, "running_var", None)
            if mean is None or variance is None:
                continue
            shape = mean.shape
            mean.copy_(torch.randn(shape, generator=generator) / 10)
            variance.copy_(0.5 + torch.rand(shape, generator=generator))
            weight, bias = getattr(part, "weight", None), getattr(part, "bias", None)
            if weight is not None and bias is not None:
                weight.copy_(0.8 + 0.6 * torch.rand(shape, generator=generator))
                bias.copy_(torch.randn(shape, generator=generator) / 10)
    return module.eval()


def pictures(side: int) -> torch.Tensor:
    """Make noise, a bright, a dark and a smooth picture, and two photographs."""
    generator = torch.Generator().manual_seed(3)
    noise = torch.rand(1, 3, side, side, generator=generator)
    smooth = functional.interpolate(torch.rand(1, 3, 5, 5, generator=generator), size=side, mode="bicubic").clamp(0, 1)
    photographs = [cx.images.fit(cx.images.sample(name), side)[None] for name in ("camera", "chelsea")]
    return torch.cat([noise, torch.full_like(noise, 0.97), torch.full_like(noise, 0.03), smooth, *photographs])


def making() -> float:
    """Time the making of a classifier, in seconds."""
    module = network("torchvision", "resnet50").eval()
    started = time.perf_counter()
    cx.Classifier(module, size=224, device="cpu")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
