"""Networks of torchvision and timm as their libraries make them: folded, with the logits that they had.

`benchmarks/classifiers.py` goes over many more.
"""

import pytest
import torch
import toys
from hub_libraries import import_or_skip
from torch import nn
from torch.nn import functional

import cartoonx_widgets as cx

SIDE = 64

# By library and name: how many normalisations are folded, and how many are left, since none of them follows a
# convolution alone.
NETWORKS = {
    ("torchvision", "resnet18"): (20, 0),
    ("torchvision", "densenet121"): (59, 62),
    ("torchvision", "mobilenet_v3_small"): (34, 0),
    ("torchvision", "googlenet"): (57, 2),
    ("torchvision", "convnext_tiny"): (0, 0),
    ("timm", "tf_efficientnet_b0"): (49, 0),  # which pads by a convolution of its own
    ("timm", "resnetv2_50"): (32, 17),
    ("timm", "semnasnet_050"): (49, 0),  # whose logits are sensitive to rounding
    ("timm", "ghostnet_050"): (80, 0),
    ("timm", "mixnet_s"): (15, 34),
    ("timm", "repvgg_a0"): (44, 17),
    ("timm", "nfnet_l0"): (0, 0),  # whose convolutions standardise their weights
}


def network(library, name):
    torch.manual_seed(0)
    if library == "timm":
        return import_or_skip("timm").create_model(name)
    models = import_or_skip("torchvision").models
    return models.get_model(name, **({"init_weights": False} if name == "googlenet" else {}))


def lively(module):
    """The same module with running statistics that are far from their defaults."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for part in module.modules():
            if getattr(part, "running_mean", None) is not None:
                shape = part.running_mean.shape
                part.running_mean.copy_(torch.randn(shape, generator=generator) / 10)
                part.running_var.copy_(0.5 + torch.rand(shape, generator=generator))
    return module.eval()


def pictures():
    """Noise, a bright, a dark and a smooth picture, and two photographs."""
    generator = torch.Generator().manual_seed(3)
    noise = torch.rand(1, 3, SIDE, SIDE, generator=generator)
    smooth = functional.interpolate(torch.rand(1, 3, 5, 5, generator=generator), size=SIDE, mode="bicubic").clamp(0, 1)
    photographs = [cx.images.fit(cx.images.sample(name), SIDE)[None] for name in ("camera", "chelsea")]
    return torch.cat([noise, torch.full_like(noise, 0.97), torch.full_like(noise, 0.03), smooth, *photographs])


def norms(module):
    return sum(isinstance(part, nn.BatchNorm2d) for part in module.modules())


@pytest.mark.parametrize(("library", "name"), NETWORKS)
def test_a_network_is_folded_and_says_what_it_said(library, name):
    module = lively(network(library, name))
    classifier = cx.Classifier(module, size=SIDE, device="cpu")
    with torch.no_grad():
        expected, found = module(pictures()), classifier(pictures())
    assert (found - expected).abs().max() <= 1e-4 * (expected.max() - expected.min())
    folded, left = NETWORKS[library, name]
    notes = [f"Folded {folded} of {folded} batch norms into their convolutions."] if folded else []
    assert [note for note in classifier.notes if "batch norm" in note] == notes
    assert norms(classifier.module) == left
    assert norms(module) == folded + left


def test_a_frozen_normalisation_is_folded():
    misc = import_or_skip("torchvision").ops.misc
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 8, 3), misc.FrozenBatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 900, 4)
    )
    classifier = toys.classifier(lively(module))
    image = torch.rand(2, 3, toys.SIDE, toys.SIDE)
    torch.testing.assert_close(classifier(image), module(image))
    assert classifier.notes == ("Folded 1 of 1 batch norms into their convolutions.",)
