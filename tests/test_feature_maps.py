"""Which feature maps Grad-CAM weights by itself, in networks of the libraries and in ones that mislead."""

from __future__ import annotations

import importlib

import pytest
import torch
from hub_libraries import import_or_skip
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets import baselines

pytest.importorskip("captum", reason="baselines need the [dev] extra")


def channels_last(tensor):
    return tensor.permute(0, 3, 1, 2)


def tokens(rows, columns, first=0):
    return lambda tensor: tensor[:, first : first + rows * columns].transpose(1, 2).unflatten(2, (rows, columns))


def plain(tensor):
    return tensor


class LogitsOf(nn.Module):
    """A network of transformers, from pixels to logits."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(pixel_values=image).logits


def small_timm(name, **settings):
    return lambda: import_or_skip("timm").create_model(name, num_classes=7, **settings)


def small_torchvision(make):
    return lambda: make(import_or_skip("torchvision").models)


def small_transformers(kind, **settings):
    def make():
        library = import_or_skip("transformers")
        config = getattr(library, f"{kind}Config")(num_labels=7, **settings)
        return LogitsOf(getattr(library, f"{kind}ForImageClassification")(config))

    return make


def timm_caformer():
    import_or_skip("timm")
    metaformer = importlib.import_module("timm.models.metaformer")
    mixers = [metaformer.SepConv, metaformer.SepConv, metaformer.Attention, metaformer.Attention]
    norms = [metaformer.LayerNorm2dNoBias] * 2 + [metaformer.LayerNormNoBias] * 2
    return metaformer.MetaFormer(
        depths=(1, 1, 1, 2), dims=(8, 16, 32, 64), token_mixers=mixers, norm_layers=norms, num_classes=7
    )


def torchvision_convnext(models):
    setting = models.convnext.CNBlockConfig
    return models.ConvNeXt([setting(16, 24, 2), setting(24, None, 2)], num_classes=7, stochastic_depth_prob=0.1)


def torchvision_vit(models):
    network = models.VisionTransformer(64, 16, num_layers=3, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=7)
    nn.init.normal_(network.heads.head.weight)  # zero as it comes
    return network


TIMM_VIT = {"depth": 3, "embed_dim": 32, "num_heads": 2}
HF_VIT = {"hidden_size": 32, "num_attention_heads": 2, "num_hidden_layers": 3}
NETWORKS = {
    "timm swin": (
        small_timm(
            "swin_tiny_patch4_window7_224", img_size=64, window_size=4, depths=(1, 2), num_heads=(2, 2), embed_dim=16
        ),
        64,
        ("norm", channels_last),
    ),
    "timm convnext": (small_timm("convnext_atto", depths=(1, 1, 1, 2), dims=(8, 16, 24, 32)), 64, ("stages.3", plain)),
    "timm caformer": (
        timm_caformer,
        (64, 96),
        ("stages.3", plain),
    ),
    "timm maxvit": (
        small_timm("maxvit_rmlp_pico_rw_256", img_size=64, depths=(1, 1), embed_dim=(32, 64)),
        64,
        ("norm", plain),
    ),
    "timm vit": (small_timm("vit_tiny_patch16_224", img_size=64, **TIMM_VIT), 64, ("blocks.1", tokens(4, 4, 1))),
    "timm vit, not square, registers": (
        small_timm("vit_tiny_patch16_224", img_size=(48, 80), reg_tokens=4, **TIMM_VIT),
        (48, 80),
        ("blocks.1", tokens(3, 5, 5)),
    ),
    "timm vit without a class token": (
        small_timm("vit_tiny_patch16_224", img_size=64, class_token=False, global_pool="avg", **TIMM_VIT),
        64,
        ("blocks.2", tokens(4, 4)),
    ),
    "timm deit, distilled": (
        small_timm("deit_tiny_distilled_patch16_224", img_size=64, **TIMM_VIT),
        64,
        ("blocks.1", tokens(4, 4, 2)),
    ),
    "timm vit, attention pooling": (
        small_timm("vit_base_patch16_siglip_224", img_size=64, **TIMM_VIT),
        64,
        ("norm", tokens(4, 4)),
    ),
    "torchvision swin": (
        small_torchvision(lambda models: models.SwinTransformer([4, 4], 16, [1, 2], [2, 2], [4, 4], num_classes=7)),
        64,
        ("norm", channels_last),
    ),
    "torchvision convnext": (small_torchvision(torchvision_convnext), 64, ("features.3.1", plain)),
    "torchvision vit": (small_torchvision(torchvision_vit), 64, ("encoder.layers.encoder_layer_1", tokens(4, 4, 1))),
    "torchvision resnet": (small_torchvision(lambda models: models.resnet18()), 64, ("layer4.1", plain)),
    "torchvision densenet": (
        small_torchvision(lambda models: models.DenseNet(8, (2, 2), 16)),
        64,
        ("features.norm5", plain),
    ),
    "torchvision vgg": (small_torchvision(lambda models: models.vgg11_bn()), 64, ("features.27", plain)),
    "torchvision efficientnet": (small_torchvision(lambda models: models.efficientnet_b0()), 64, ("features.8", plain)),
    "transformers vit, not square": (
        small_transformers("ViT", image_size=(48, 80), intermediate_size=64, **HF_VIT),
        (48, 80),
        ("network.vit.layers.1", tokens(3, 5, 1)),
    ),
    "transformers dinov2, registers": (
        small_transformers("Dinov2WithRegisters", image_size=56, patch_size=14, **HF_VIT),
        56,
        ("network.dinov2_with_registers.layernorm", tokens(4, 4, 5)),
    ),
    "transformers swin": (
        small_transformers("Swin", image_size=64, embed_dim=16, depths=[1, 2], num_heads=[2, 2], window_size=4),
        64,
        ("network.swin.layernorm", tokens(8, 8)),
    ),
    "transformers convnext": (
        small_transformers("ConvNext", hidden_sizes=[8, 16], depths=[1, 2], num_stages=2),
        64,
        ("network.convnext.encoder", plain),
    ),
}


def by_hand(module, image, target, part, layout):
    """ReLU(sum_k mean(gradient) A^k) of what a part gave last, enlarged to the image."""
    kept = []

    def keep(_part, _given, output):
        kept.append(output if isinstance(output, torch.Tensor) else output[0])
        return output.clone() if isinstance(output, torch.Tensor) else None  # which what follows may write into

    hook = module.get_submodule(part).register_forward_hook(keep)
    logits = module(image)
    hook.remove()
    [tensor] = kept
    (gradient,) = torch.autograd.grad(logits[0, target], tensor)
    maps, gradient = layout(tensor.detach()), layout(gradient)
    heat = (gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True).relu()
    return nn.functional.interpolate(heat, size=image.shape[2:], mode="bilinear")[0, 0]


def correlation(mask, heat):
    return float(torch.corrcoef(torch.stack([mask.flatten(), heat.flatten()]))[0, 1])


def agrees(module, size, part, layout, **settings):
    """Whether the map of the first class that has one is the one by hand."""
    module = module.eval()
    classifier = cx.Classifier(module, size=size, device="cpu")
    image = classifier.prepare("coffee")
    heats = (by_hand(module, image, target, part, layout) for target in range(classifier.n_classes))
    target, heat = next((target, heat) for target, heat in enumerate(heats) if heat.std() > 0)
    mask = baselines.grad_cam("coffee", classifier=classifier, target=target, **settings).mask
    return correlation(mask, heat) > 0.99


@pytest.mark.parametrize("name", NETWORKS)
def test_the_right_maps_of_networks_of_the_libraries(name):
    make, size, (part, layout) = NETWORKS[name]
    torch.manual_seed(0)
    assert agrees(make(), size, part, layout)
