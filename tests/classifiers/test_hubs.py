"""Models of torchvision, timm and transformers in one line: the picture that they see is their library's own."""

import pickle
from functools import cache

import numpy as np
import pytest
import torch
import toys
from hub_libraries import import_or_skip
from PIL import Image
from torch import nn

import cartoonx_widgets as cx

CLOSE = 1e-5


def pictures():
    """Ten pictures of several shapes and kinds."""
    generator = np.random.default_rng(0)
    coffee = Image.fromarray(cx.images.to_uint8(cx.images.sample("coffee")))
    noise = Image.fromarray(generator.integers(0, 256, (101, 67, 3), dtype=np.uint8))
    clear = coffee.resize((180, 120)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((180, 120)))
    return {
        "landscape": coffee,
        "portrait": coffee.rotate(90, expand=True),
        "square": coffee.crop((0, 0, 300, 300)),
        "tiny": coffee.resize((30, 20)),
        "odd": noise,
        "long": coffee.resize((500, 64)),
        "grey": coffee.convert("L"),
        "palette": coffee.quantize(16),
        "transparent": clear,
        "16 bits": Image.fromarray((generator.random((90, 70)) * 65535).astype(np.uint16)),
    }


def as_read(picture):
    """The picture in 8 bits and colours, as libraries want it."""
    return Image.fromarray(cx.images.to_uint8(cx.images.read(picture)))


def tiny(classes=1000):
    """A quick network for pictures of any size, whose logits tell pictures apart."""
    torch.manual_seed(0)
    return nn.Sequential(nn.AdaptiveAvgPool2d(8), nn.Flatten(), nn.Linear(192, classes))


def assert_prepared_as(classifier, module, transform, mean, std):
    """The classifier sees what the library's transform makes of each picture, and says what the module says of it."""
    mean, std = (torch.tensor(values).reshape(-1, 1, 1) for values in (mean, std))
    for name, picture in pictures().items():
        seen = transform(as_read(picture))
        prepared = classifier.prepare(picture)
        assert prepared[0].shape == seen.shape, name
        assert (prepared[0] - (seen * std + mean)).abs().max() <= CLOSE, name
        with torch.no_grad():
            output = module.eval()(seen[None])
        logits = getattr(output, "logits", output)
        expected = logits.sigmoid() if classifier.activation == "sigmoid" else logits.softmax(-1)
        assert torch.allclose(classifier.probabilities(prepared), expected, atol=1e-5), name


# torchvision


TORCHVISION = (
    "ResNet18_Weights.IMAGENET1K_V1",
    "ResNet50_Weights.IMAGENET1K_V2",
    "EfficientNet_B0_Weights.IMAGENET1K_V1",
    "EfficientNet_B3_Weights.IMAGENET1K_V1",
    "EfficientNet_V2_S_Weights.IMAGENET1K_V1",
    "ConvNeXt_Tiny_Weights.IMAGENET1K_V1",
    "Swin_T_Weights.IMAGENET1K_V1",
    "ViT_B_16_Weights.IMAGENET1K_SWAG_LINEAR_V1",
    "RegNet_Y_16GF_Weights.IMAGENET1K_SWAG_E2E_V1",
    "Inception_V3_Weights.IMAGENET1K_V1",
)


@pytest.mark.parametrize("name", TORCHVISION)
def test_weights_of_torchvision(name):
    models = import_or_skip("torchvision").models
    kind, entry = name.split(".")
    weights = getattr(models, kind)[entry]
    module, preset = tiny(), weights.transforms()
    classifier = cx.Classifier.of(module, weights, device="cpu")
    assert_prepared_as(classifier, module, preset, preset.mean, preset.std)
    assert classifier.labels == tuple(weights.meta["categories"])
    side = preset.crop_size[0]
    assert classifier.size == (side, side)


def test_a_network_of_torchvision_with_its_weights():
    models = import_or_skip("torchvision").models
    weights = models.SqueezeNet1_1_Weights.DEFAULT
    module = models.squeezenet1_1()
    preset = weights.transforms()
    classifier = cx.Classifier.of(module, weights, device="cpu")
    assert_prepared_as(classifier, module, preset, preset.mean, preset.std)
    assert classifier.class_index("cardigan") == 474
    assert classifier.class_index("Cardigan") == 264
    transform = cx.Classifier.of(module, preset, device="cpu")  # which has no labels
    assert torch.equal(transform.prepare("coffee"), classifier.prepare("coffee"))
    assert transform.labels[0] == "class 0"


# timm


TIMM = {
    "as it comes": {},
    "narrow crop": {"crop_pct": 0.875},
    "whole": {"crop_pct": 1.0, "test_crop_pct": None},
    "squash": {"crop_mode": "squash", "crop_pct": 1.0},
    "border": {"crop_mode": "border", "crop_pct": 0.9},
    "bilinear": {"interpolation": "bilinear"},
    "nearest": {"interpolation": "nearest"},
    "inception's mean": {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)},
    "another size": {"input_size": (3, 128, 128), "test_input_size": None},
    "larger in tests": {"input_size": (3, 96, 96), "test_input_size": (3, 128, 128), "test_crop_pct": 0.95},
}


@pytest.mark.parametrize("name", TIMM)
def test_a_model_of_timm(name):
    timm = import_or_skip("timm")
    torch.manual_seed(0)
    module = timm.create_model("test_resnet", pretrained_cfg_overlay=TIMM[name])
    data = timm.data.resolve_model_data_config(module, use_test_size=True)
    transform = timm.data.create_transform(**data, is_training=False)
    classifier = cx.Classifier.of(module, device="cpu")
    assert_prepared_as(classifier, module, transform, data["mean"], data["std"])
    assert len(classifier.labels) == 1000
    assert classifier.class_index("tench") == 0  # of "tench, Tinca tinca"


def test_a_model_of_timm_with_another_head_has_no_labels():
    timm = import_or_skip("timm")
    assert cx.Classifier.of(timm.create_model("test_resnet", num_classes=3), device="cpu").labels[0] == "class 0"
    named = cx.Classifier.of(timm.create_model("test_resnet", num_classes=3), labels=["a", "b", "c"], device="cpu")
    assert named.labels == ("a", "b", "c")


# transformers


TRANSFORMERS = {
    "ViTImageProcessor": {"size": {"height": 64, "width": 64}},
    "ViTImageProcessor, not square": {"size": {"height": 48, "width": 80}, "resample": 3},
    "ConvNextImageProcessor": {"size": {"shortest_edge": 96}, "crop_pct": 0.875},
    "BitImageProcessor": {"size": {"shortest_edge": 72}, "crop_size": {"height": 64, "width": 64}},
    "CLIPImageProcessor": {"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}},
    "DeiTImageProcessor": {"size": {"height": 80, "width": 80}, "crop_size": {"height": 64, "width": 64}},
    "LevitImageProcessor": {"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}},
    "PoolFormerImageProcessor": {"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}},
    "BeitImageProcessor": {"size": {"height": 64, "width": 64}, "do_center_crop": False},
    "ViTImageProcessorPil": {"size": {"height": 64, "width": 64}},
    "ViTImageProcessor, without normalisation": {"size": {"height": 64, "width": 64}, "do_normalize": False},
}


@cache
def of_transformers(**config):
    transformers = import_or_skip("transformers")
    torch.manual_seed(0)
    settings = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"}
    labels = {0: "cat", 1: "dog", 2: "cup"}
    return transformers.ResNetForImageClassification(transformers.ResNetConfig(**settings, id2label=labels, **config))


def processor(name, **settings):
    kind = getattr(import_or_skip("transformers"), name, None)
    if kind is None:
        pytest.skip(f"this version of transformers has no {name}")
    return kind(**settings)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_processor_of_transformers(name):
    module, made = of_transformers(), processor(name.split(",")[0], **TRANSFORMERS[name])

    def transform(picture):
        return made(images=picture, return_tensors="pt")["pixel_values"][0]

    classifier = cx.Classifier.of(module, made, device="cpu")
    normalises = made.do_normalize
    mean, std = (made.image_mean, made.image_std) if normalises else ([0.0] * 3, [1.0] * 3)
    assert_prepared_as(classifier, module, transform, mean, std)
    assert classifier.labels == ("cat", "dog", "cup")
    assert classifier.activation == "softmax"


def test_several_labels_take_the_sigmoid():
    made = processor("ViTImageProcessor", size={"height": 64, "width": 64})
    module = of_transformers(problem_type="multi_label_classification")
    classifier = cx.Classifier.of(module, made, device="cpu")
    assert classifier.activation == "sigmoid"
    picture = classifier.prepare("coffee")
    with torch.no_grad():
        seen = made(images=as_read(cx.images.sample("coffee")), return_tensors="pt")["pixel_values"]
        assert torch.allclose(classifier.probabilities(picture), module.eval()(seen).logits.sigmoid(), atol=1e-5)
    with pytest.raises(ValueError, match=r"is a regression by its config.problem_type"):
        cx.Classifier.of(of_transformers(problem_type="regression"), made)


# What goes for all


def test_a_processor_that_reverses_colours():
    made = processor("MobileViTImageProcessor", size={"shortest_edge": 72}, crop_size={"height": 64, "width": 64})
    module = of_transformers()
    classifier = cx.Classifier.of(module, made, device="cpu")
    assert classifier.name == "ResNetForImageClassification"
    for picture in pictures().values():
        seen = made(images=as_read(picture), return_tensors="pt")["pixel_values"]
        prepared = classifier.prepare(picture)
        assert (prepared - seen.flip(1)).abs().max() <= CLOSE
        with torch.no_grad():
            assert torch.allclose(classifier.probabilities(prepared), module.eval()(seen).logits.softmax(-1), atol=1e-5)


def test_a_transform_to_grey_makes_a_grey_classifier():
    def transform(picture):
        grey = np.asarray(picture.convert("L").resize((48, 48)), dtype=np.float32)
        return torch.from_numpy(grey)[None] / 127.5 - 1

    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64, 3))
    classifier = cx.Classifier(module, transform=transform, device="cpu")
    assert (classifier.channels, classifier.size) == (1, (48, 48))
    prepared = classifier.prepare("coffee")
    assert (prepared[0] - (transform(as_read(cx.images.sample("coffee"))) + 1) / 2).abs().max() <= CLOSE


def test_it_is_explained_and_pickled():
    made = processor("ConvNextImageProcessor", size={"shortest_edge": 64})
    classifier = cx.Classifier.of(of_transformers(), made, device="cpu")
    explanation = cx.explain("coffee", classifier=classifier, method=toys.method(steps=2), progress=False)
    assert explanation.steps_done == 2
    again = pickle.loads(pickle.dumps(classifier))
    assert torch.equal(again.prepare("coffee"), classifier.prepare("coffee"))


def test_what_is_given_anew_takes_the_place_of_what_is_found():
    weights = import_or_skip("torchvision").models.ResNet18_Weights.DEFAULT
    classifier = cx.Classifier.of(tiny(), weights, size=96, labels=None, name="mine", device="cpu")
    assert (classifier.size, classifier.labels[0], classifier.name) == ((96, 96), "class 0", "mine")
    assert classifier.crop == pytest.approx(224 / 256)
    squashed = cx.Classifier.of(tiny(), weights, resize="squash", device="cpu")
    expected = cx.images.fit(cx.images.sample("coffee"), 224, 224 / 256, resize="squash", interpolation="bilinear")
    assert torch.allclose(squashed.prepare("coffee")[0], expected, atol=1e-6)


def random_crop(picture):
    left = int(torch.randint(picture.width - 32, ()))
    return torch.rand(3, 32, 32) + left


@pytest.mark.parametrize(
    ("source", "error", "reason"),
    [
        (
            None,
            ValueError,
            r"Sequential does not carry its preprocessing.*ResNet50_Weights.DEFAULT.*AutoImageProcessor",
        ),
        ("ResNet50", ValueError, r"weights_or_processor='ResNet50' is neither weights of torchvision"),
        (dict, TypeError, r"weights_or_processor=dict is a class: give one of it"),
        (random_crop, ValueError, r"transform=random_crop is random: give the one for evaluation"),
        (lambda picture: picture, ValueError, r"turned a picture into Image: a tensor \(3, H, W\) is needed"),
        (lambda picture: 1 / 0, ValueError, r"failed on an RGB picture of 96 x 128 pixels \(ZeroDivisionError"),
        (lambda picture: torch.ones(3, 32, 32), ValueError, r"changes colours by more than \(x - mean\) / std"),
    ],
)
def test_what_does_not_say_how_pictures_are_prepared(source, error, reason):
    with pytest.raises(error, match=reason):
        cx.Classifier.of(tiny(), source)


def test_what_does_not_fit():
    weights = import_or_skip("torchvision").models.ResNet18_Weights.DEFAULT
    with pytest.raises(TypeError, match=r"weights_or_processor=ResNet18_Weights is a class.*ResNet18_Weights.DEFAULT"):
        cx.Classifier.of(tiny(), type(weights))
    with pytest.raises(ValueError, match=r"labels has 1000 entries where Sequential has 10 classes.*They come from"):
        cx.Classifier.of(tiny(10), weights)
    with pytest.raises(TypeError, match=r"model is of type str, not a torch.nn.Module"):
        cx.Classifier.of("resnet18", weights)
    with pytest.raises(ValueError, match=r"transform= cannot be given beside mean, std, size"):
        cx.Classifier(tiny(), transform=weights.transforms(), size=64)
