"""Which feature maps Grad-CAM weights by itself, in networks of the libraries and in ones that mislead."""

from __future__ import annotations

import importlib

import pytest
import torch
import toys
from hub_libraries import import_or_skip
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets.explanations import baselines

# TorchScript and what torch.export calls are deprecated, and still out there.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*torch.jit:DeprecationWarning", "ignore:.*LeafSpec:FutureWarning", "ignore:.*LeafSpec:DeprecationWarning"
)

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


def torchvision_vgg(models):
    network = models.vgg11_bn(init_weights=False)
    network.classifier = nn.Linear(512 * 7 * 7, 7)  # its own has 120 million weights
    return network


TIMM_SWIN = {"depths": (1, 2), "num_heads": (2, 2), "embed_dim": 16}
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
    "torchvision vgg": (small_torchvision(torchvision_vgg), 64, ("features.27", plain)),
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
        # What follows may write into what it gets.
        if isinstance(output, torch.Tensor):
            return output.clone()
        return type(output)([output[0].clone(), *output[1:]]) if isinstance(output, tuple | list) else None

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


class ChannelsLast(nn.Module):
    """Maps whose last axis is the channels, as many as there are rows if so asked."""

    def __init__(self, channels, patch):
        super().__init__()
        self.stem, self.mlp = nn.Conv2d(3, channels, patch, stride=patch), nn.Linear(channels, channels)
        self.head = nn.Linear(channels, 5)

    def forward(self, image):
        return self.head(self.mlp(self.stem(image).permute(0, 2, 3, 1)).mean((1, 2)))


class Branched(nn.Module):
    """A stem, then a block whose sum is its output or is added by the network itself; maps come in a tuple or dict."""

    def __init__(self, form):
        super().__init__()
        self.form = form
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(inplace=True))
        self.middle = nn.Conv2d(8, 8, 3, 4, padding=1)
        self.block = Block(form)
        self.head = nn.Linear(8, 5)

    def forward(self, image):
        maps = self.block(self.middle(self.stem(image)))
        while not isinstance(maps, torch.Tensor):
            maps = maps["maps"] if isinstance(maps, dict) else maps[0]
        return self.head(maps.relu_().mean((2, 3)))


class Block(nn.Module):
    def __init__(self, form):
        super().__init__()
        self.form = form
        self.branch = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))

    def forward(self, maps):
        return self.form(maps + self.branch(maps))


class LeNet(nn.Module):
    """The network of PyTorch's tutorial."""

    def __init__(self):
        super().__init__()
        self.conv1, self.pool, self.conv2 = nn.Conv2d(3, 6, 5), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(16 * 5 * 5, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, image):
        maps = self.pool(torch.relu(self.conv1(image)))
        maps = self.pool(torch.relu(self.conv2(maps)))
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(torch.flatten(maps, 1))))))


class Tokens(nn.Module):
    """A small transformer; its class token comes first, last or not at all, its batch is the first or second axis."""

    def __init__(self, grid, *, where="first", batch_first=True):
        super().__init__()
        self.where, self.batch_first = where, batch_first
        self.patches = nn.Conv2d(3, 24, 8, stride=8)
        self.special = nn.Parameter(torch.randn(1, 1, 24))
        self.position = nn.Parameter(torch.randn(1, grid[0] * grid[1] + (where != "none"), 24) / 4)
        layer = nn.TransformerEncoderLayer(24, 2, 48, dropout=0, batch_first=batch_first, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
        self.head = nn.Linear(24, 5)

    def forward(self, image):
        tokens = self.patches(image).flatten(2).transpose(1, 2)
        special = self.special.expand(len(tokens), -1, -1)
        if self.where != "none":
            tokens = torch.cat((special, tokens) if self.where == "first" else (tokens, special), dim=1)
        tokens = tokens + self.position
        tokens = self.encoder(tokens) if self.batch_first else self.encoder(tokens.transpose(0, 1)).transpose(0, 1)
        read = {"first": tokens[:, 0], "last": tokens[:, -1], "none": tokens.mean(1)}
        return self.head(read[self.where])


def sequence_first(layout):
    return lambda tensor: layout(tensor.transpose(0, 1))


MISLEADING = {
    "channels last": (lambda: ChannelsLast(24, 8), 64, ("mlp", channels_last)),
    "as many channels as rows": (lambda: ChannelsLast(8, 8), 64, ("mlp", channels_last)),
    "channels last, not square": (lambda: ChannelsLast(10, 8), (64, 96), ("mlp", channels_last)),
    "as many channels first": (
        lambda: nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)),
        64,
        ("0", plain),
    ),
    "a residual sum": (lambda: Branched(plain), 32, ("block", plain)),
    "in a tuple": (lambda: Branched(lambda maps: (maps, [maps.mean((2, 3))])), 32, ("block", plain)),
    "in a list": (lambda: Branched(lambda maps: [maps]), 32, ("block", plain)),
    "LeNet": (LeNet, 32, ("conv2", plain)),
    "a class token first": (lambda: Tokens((8, 8)), 64, ("encoder.layers.1", tokens(8, 8, 1))),
    "a class token last": (lambda: Tokens((8, 8), where="last"), 64, ("encoder.layers.1", tokens(8, 8))),
    "no class token": (lambda: Tokens((4, 6), where="none"), (32, 48), ("encoder.layers.2", tokens(4, 6))),
    "the batch second": (
        lambda: Tokens((4, 4), batch_first=False),
        32,
        ("encoder.layers.1", sequence_first(tokens(4, 4, 1))),
    ),
    "behind a normalisation": (
        lambda: nn.Sequential(nn.BatchNorm2d(3), LeNet()),
        32,
        ("1.conv2", plain),
    ),
}


@pytest.mark.parametrize("name", MISLEADING)
def test_the_right_maps_of_networks_that_mislead(name):
    make, size, (part, layout) = MISLEADING[name]
    torch.manual_seed(1)
    module = make()
    assert agrees(module, size, part, layout)
    assert agrees(module, size, part, layout, layer=part)


def test_maps_in_a_mapping():
    torch.manual_seed(1)
    of_dict, of_tensor = Branched(lambda maps: {"size": 8, "maps": maps}), Branched(plain)
    of_tensor.load_state_dict(of_dict.state_dict())
    masks = [
        baselines.grad_cam("coffee", classifier=toys.classifier(one), target=2).mask for one in (of_dict, of_tensor)
    ]
    assert torch.equal(*masks)
    assert masks[0].max() > 0


class Added(nn.Module):
    """The network itself adds the branches, so that no part gives the last maps."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.convs = nn.ModuleList(nn.Conv2d(8, 8, 3, padding=1) for _ in range(3))
        self.head = nn.Linear(8, 5)

    def forward(self, image):
        maps = self.stem(image)
        for conv in self.convs:
            maps = maps + conv(maps).relu()
        return self.head(maps.mean((2, 3)))


class Latents(nn.Module):
    """As many latent vectors as could be a grid, each of which sees the whole picture."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 24, 8, stride=8)
        self.latents = nn.Parameter(torch.randn(1, 16, 24))
        self.attend = nn.MultiheadAttention(24, 2, batch_first=True)
        self.norm, self.head = nn.LayerNorm(24), nn.Linear(24, 5)

    def forward(self, image):
        tokens = self.patches(image).flatten(2).transpose(1, 2)
        latents, _ = self.attend(self.latents.expand(len(image), -1, -1), tokens, tokens)
        return self.head(self.norm(latents).mean(1))


class Shuffled(nn.Module):
    """Maps in an order that is not the picture's."""

    def __init__(self):
        super().__init__()
        self.patches, self.mlp, self.head = nn.Conv2d(3, 24, 8, stride=8), nn.Linear(24, 24), nn.Linear(24, 5)
        self.order = torch.randperm(16)

    def forward(self, image):
        return self.head(self.mlp(self.patches(image).flatten(2).transpose(1, 2)[:, self.order]).relu().mean(1))


@pytest.mark.parametrize(
    ("make", "names"), [(Added, "layer=, such as .*'stem'"), (Latents, "'norm'"), (Shuffled, "'mlp'")]
)
def test_where_the_last_maps_are_not_certain_it_asks_for_a_layer(make, names):
    torch.manual_seed(0)
    classifier = toys.classifier(make())
    with pytest.raises(ValueError, match=f"no part of {make.__name__} gives feature maps .* certainly.*{names}"):
        baselines.grad_cam("coffee", classifier=classifier)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in classifier.module.modules())


def test_parts_that_cannot_be_watched_are_told():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5)).eval()
    classifier = toys.classifier(torch.jit.trace(module, torch.rand(1, 3, 32, 32)))
    for layer in (None, "0"):
        with pytest.raises(ValueError, match=r"TorchScript.*make its Classifier of the module that was scripted"):
            baselines.grad_cam("coffee", classifier=classifier, layer=layer)


def test_logits_that_depend_on_nothing_are_told():
    classifier = toys.classifier(Tokens((4, 4)))
    nn.init.zeros_(classifier.module.head.weight)
    with pytest.raises(ValueError, match="the logits of Tokens do not depend on this picture"):
        baselines.grad_cam("coffee", classifier=classifier)


def test_a_part_named_by_hand():
    torch.manual_seed(0)
    assert agrees(Added(), 32, "convs.1", plain, layer="convs.1")  # a branch may be asked for
    assert agrees(Tokens((4, 4)), 32, "encoder.layers.0.norm2", tokens(4, 4, 1), layer="encoder.layers.0.norm2")


@pytest.mark.parametrize(
    ("make", "layer", "said"),
    [
        (lambda: Tokens((4, 4)), "encoder", "the logits do not depend on.*class token.*such as 'encoder"),
        (lambda: Tokens((4, 4)), "head", "gives no feature maps or tokens"),
        (Shuffled, "mlp", r"shape \(1, 16, 24\), in which the picture's rows and columns are not to be told"),
        (Latents, "norm", r"shape \(1, 16, 24\), in which the picture's rows and columns are not to be told"),
    ],
)
def test_a_part_named_by_hand_that_gives_no_maps(make, layer, said):
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=f"layer='{layer}' of .*{said}"):
        baselines.grad_cam("coffee", classifier=toys.classifier(make()), layer=layer)


@pytest.mark.parametrize("layer", ["0", "1", "3"])
def test_it_is_captums_grad_cam_where_channels_come_first(layer):
    attr = pytest.importorskip("captum.attr")
    torch.manual_seed(3)
    module = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(6, 9, 3), nn.Flatten(), nn.Linear(1521, 4)
    )
    classifier = toys.classifier(module)
    image = classifier.prepare("coffee")
    theirs = attr.LayerGradCam(classifier, classifier.module.get_submodule(layer)).attribute(
        image.clone().requires_grad_(), target=1, relu_attributions=True
    )
    theirs = nn.functional.interpolate(theirs.detach(), size=image.shape[2:], mode="bilinear").flatten()
    ours = baselines.grad_cam("coffee", classifier=classifier, target=1, layer=layer).mask
    torch.testing.assert_close(ours, theirs / theirs.max())
