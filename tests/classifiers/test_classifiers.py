import contextlib
import threading
import warnings

import numpy as np
import pytest
import torch
import toys
from efficientnet_lite_pytorch.utils import Conv2dStaticSamePadding
from torch import nn
from torch.nn.utils import parametrizations

import cartoonx_widgets as cx

COLOURS = ["red", "green", "blue", "Green screen", "tomato red"]


def batch(n=2):
    return torch.rand(n, 3, toys.SIDE, toys.SIDE, generator=torch.Generator().manual_seed(1))


def norms(classifier):
    return sum(isinstance(part, nn.BatchNorm2d) for part in classifier._module.modules())


class Head(nn.Sequential):
    """From features (B, 8, h, w) to logits (B, 5)."""

    def __init__(self):
        super().__init__(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 5))


class Residual(nn.Module):
    """Every convolution feeds one normalisation, some through a subclass of Sequential and a residual."""

    def __init__(self, *, affine=True, bias=False):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=bias), nn.BatchNorm2d(8, affine=affine))
        self.conv = nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=bias)
        self.norm = nn.BatchNorm2d(8, eps=1e-3, affine=affine)
        self.head = Head()

    def forward(self, image):
        x = self.stem(image).relu()
        return self.head(x + self.norm(self.conv(x)).relu())


class UsedTwice(nn.Module):
    """The convolution's output is normalised and also used as it is."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), Head()

    def forward(self, image):
        x = self.conv(image)
        return self.head(self.norm(x) + x)


class SharedNorm(nn.Module):
    """Two convolutions, one normalisation."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3)
        self.norm, self.head = nn.BatchNorm2d(8), Head()

    def forward(self, image):
        return self.head(self.norm(self.second(self.norm(self.first(image)).relu())))


class SharedConvolution(nn.Module):
    """One convolution called twice, normalised the first time only."""

    def __init__(self):
        super().__init__()
        self.stem, self.conv = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 3, padding=1)
        self.norm, self.head = nn.BatchNorm2d(8), Head()

    def forward(self, image):
        return self.head(self.conv(self.norm(self.conv(self.stem(image))).relu()))


class SharedUnderTwoNames(SharedNorm):
    """The same, but the one normalisation has two names."""

    def __init__(self):
        super().__init__()
        self.other = self.norm

    def forward(self, image):
        return self.head(self.other(self.second(self.norm(self.first(image)).relu())))


class TiedWeight(nn.Module):
    """The convolution's weight is used a second time, without its module."""

    def __init__(self):
        super().__init__()
        self.stem, self.conv = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 3, padding=1)
        self.norm, self.head = nn.BatchNorm2d(8), Head()

    def forward(self, image):
        x = self.norm(self.conv(self.stem(image))).relu()
        return self.head(nn.functional.conv2d(x, self.conv.weight))


class TiedWeightOnDifferences(nn.Module):
    """Likewise, and the second use is 0 for a plain picture."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 3, 3, bias=False), nn.BatchNorm2d(3), nn.Linear(3, 5)

    def forward(self, image):
        x = self.norm(self.conv(image))
        differences = x - x.mean((2, 3), keepdim=True)
        return self.head(x.mean((2, 3)) + nn.functional.conv2d(differences, self.conv.weight).abs().mean((2, 3)))


class Branching(nn.Module):
    """What runs depends on the picture."""

    def __init__(self):
        super().__init__()
        self.bright, self.dark = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)
        self.norm, self.head = nn.BatchNorm2d(8), Head()

    def forward(self, image):
        conv = self.bright if image.mean() > 0.5 else self.dark
        return self.head(self.norm(conv(image)))


class ByBatch(Residual):
    """Statistics of the batch even in eval mode."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(8, track_running_stats=False)


class Patches(nn.Module):
    """A small vision transformer."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 16, 8, stride=8)
        self.place = nn.Parameter(torch.zeros(1, 16, 16))
        layer = nn.TransformerEncoderLayer(16, nhead=2, dim_feedforward=32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.head = nn.Linear(16, 5)

    def forward(self, image):
        tokens = self.embed(image).flatten(2).transpose(1, 2) + self.place
        return self.head(self.encoder(tokens).mean(1))


class Normalising(toys.Toy):
    """Has its normalisation inside."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.5, 0.4, 0.3]).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.2, 0.25, 0.3]).reshape(1, 3, 1, 1))

    def forward(self, image):
        return super().forward((image - self.mean) / self.std)


class Dropping(toys.Toy):
    """Drops half of the picture while it trains."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, image):
        return super().forward(self.drop(image))


def weight_normed(after=None):
    """A network with the old weight_norm, used once with gradients: its weight then has a history."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it is deprecated, and still out there
        conv = nn.utils.weight_norm(nn.Conv2d(3, 8, 3))
    module = nn.Sequential(conv, after or nn.ReLU(), Head())
    toys.lively(module)(batch()).sum().backward()
    module.zero_grad()
    assert not conv.weight.is_leaf
    return module


def weight_and_batch_normed():
    return weight_normed(nn.BatchNorm2d(8))


def spectrally_normed():
    """A network with the new spectral_norm before a normalisation."""
    return nn.Sequential(parametrizations.spectral_norm(nn.Conv2d(3, 8, 3)), nn.BatchNorm2d(8), Head())


@pytest.mark.parametrize("settings", [{}, {"affine": False}, {"bias": True}])
def test_batch_norms_are_folded_into_their_convolutions(settings):
    module = toys.lively(Residual(**settings))
    expected = module(batch()).detach()
    classifier = toys.classifier(module)
    assert norms(classifier) == 0
    assert (classifier(batch()) - expected).abs().max() < 1e-5
    assert sum(isinstance(part, nn.BatchNorm2d) for part in module.modules()) == 2


@pytest.mark.parametrize(
    "make",
    [
        UsedTwice,
        SharedNorm,
        SharedUnderTwoNames,
        SharedConvolution,
        TiedWeight,
        TiedWeightOnDifferences,
        Branching,
        ByBatch,
        weight_and_batch_normed,
        spectrally_normed,
    ],
)
def test_what_cannot_be_folded_is_classified_as_before(make):
    module = toys.lively(make())
    expected = module(batch()).detach()
    classifier = toys.classifier(module)
    assert (classifier(batch()) - expected).abs().max() < 1e-5


@pytest.mark.parametrize("make", [UsedTwice, SharedNorm, SharedUnderTwoNames, SharedConvolution, TiedWeight, Branching])
def test_what_cannot_be_folded_is_left(make):
    assert norms(toys.classifier(toys.lively(make()))) == 1


class Gate(toys.Switch):
    """Lets a test hold a module inside its first call."""

    def __init__(self):
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self):
        self.reached.set()
        assert self.go_on.wait(60)


class Held(toys.Toy):
    def __init__(self, gate):
        super().__init__()
        self.gate = gate

    def forward(self, image):
        self.gate()
        return super().forward(image)


def test_a_classifier_may_be_made_while_another_thread_runs_one():
    """Looking for what can be folded changes nothing that other modules share."""
    gate, made = Gate(), []
    optimization = toys.optimization(Residual())
    making = threading.Thread(target=lambda: made.append(toys.classifier(Held(gate))))
    making.start()
    assert gate.reached.wait(60)
    try:
        optimization.step()
    finally:
        gate.go_on.set()
        making.join(60)
    optimization.step()
    optimization.check()
    assert made[0].n_classes == 5


@pytest.mark.parametrize(
    "make", [Patches, Normalising, Dropping, weight_normed, spectrally_normed, Residual, Branching, toys.Toy]
)
def test_a_module_is_explained_as_it_stands_and_left_as_it_is(make):
    torch.manual_seed(0)
    module = make().train()
    module.eval()
    expected = module(batch()).detach()
    module.train()
    flags = [part.training for part in module.modules()]
    before = {name: (value.detach().clone(), value.device, value.dtype) for name, value in module.state_dict().items()}
    wanted = [weight.requires_grad for weight in module.parameters()]
    classifier = toys.classifier(module)
    assert (classifier(batch()) - expected).abs().max() < 1e-5
    explanation = cx.explain(toys.image(), classifier=classifier, method=toys.method(steps=2), progress=False)
    assert explanation.steps_done == 2
    assert explanation.share_kept < 1
    assert [part.training for part in module.modules()] == flags
    assert [weight.requires_grad for weight in module.parameters()] == wanted
    assert all(weight.grad is None for weight in module.parameters())
    after = module.state_dict()
    assert list(after) == list(before)
    for name, (value, device, dtype) in before.items():
        assert torch.equal(after[name], value)
        assert (after[name].device, after[name].dtype) == (device, dtype)


def test_frozen_weights_and_a_mixed_training_state_stay():
    module = Residual().train()
    module.norm.eval()
    module.stem.requires_grad_(requires_grad=False)
    flags = [part.training for part in module.modules()]
    wanted = [weight.requires_grad for weight in module.parameters()]
    toys.classifier(module)
    assert [part.training for part in module.modules()] == flags
    assert [weight.requires_grad for weight in module.parameters()] == wanted


def test_training_the_module_on_changes_no_classifier_made_before():
    module = toys.Toy()
    classifier = toys.classifier(module)
    before = classifier(batch())
    with torch.no_grad():
        module.w1.mul_(0)
    assert torch.equal(classifier(batch()), before)


def global_state():
    return {
        "random numbers": torch.get_rng_state().tolist(),
        "numpy's random numbers": str(np.random.get_state()),  # noqa: NPY002 - the global state is what is looked at
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "cudnn": (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark, torch.backends.cudnn.enabled),
        "precision": torch.get_float32_matmul_precision(),
        "anomalies": torch.is_anomaly_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "warnings": list(warnings.filters),
    }


def test_no_global_state_changes():
    module = Residual()
    before = global_state()
    cx.explain(toys.image(), classifier=toys.classifier(module), method=toys.method(), progress=False)
    assert global_state() == before


def explained():
    return cx.explain(toys.image(), classifier=toys.classifier(), method=toys.method(), progress=False)


def test_it_works_where_gradients_are_switched_off():
    expected = explained()
    with torch.set_grad_enabled(False):
        explanation = explained()
        optimization = toys.optimization()
        while not optimization.finished:
            optimization.step()
        assert not torch.is_grad_enabled()
    assert torch.equal(explanation.mask, expected.mask)
    assert torch.equal(optimization.mask[0, 0], expected.mask)


def test_it_works_in_inference_mode():
    expected = explained()
    with torch.inference_mode():
        explanation = explained()
    assert torch.equal(explanation.mask, expected.mask)


def test_it_works_with_another_default_dtype():
    expected = explained()
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        explanation = explained()
    finally:
        torch.set_default_dtype(before)
    assert explanation.mask.dtype == torch.float32
    assert torch.allclose(explanation.mask, expected.mask, atol=1e-6)


@contextlib.contextmanager
def default_device(device):
    before = torch.get_default_device()
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(before)


SURROUNDINGS = {
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "inference": torch.inference_mode,
    "default device": lambda: default_device("meta"),
}


@pytest.mark.parametrize("around", SURROUNDINGS)
@pytest.mark.parametrize("representation", ["Wavelet", "DualTree", "Shearlet"])
def test_what_stands_around_a_call_changes_nothing(representation, around):
    made, picture = toys.classifier(Residual()), toys.image()
    made_of = getattr(cx.representations, representation)()
    method = cx.methods.waveletx_interactive(representation=made_of, steps=3)

    def everything():
        explanation = cx.explain(picture, classifier=made, method=method, progress=False)
        transform = made_of.transform((toys.SIDE, toys.SIDE))
        coefficients = transform.analyse(picture)
        parts = coefficients, transform.synthesise(coefficients), made(picture), made.probabilities(picture)
        scored = torch.tensor(cx.scores.expected_distortion(explanation, classifier=made, samples=2), device="cpu")
        return [explanation.mask, explanation.coefficients, explanation.cartoon, *parts, scored]

    expected = everything()
    with SURROUNDINGS[around]():
        found = everything()
    for before, after in zip(expected, found, strict=True):
        assert (after.dtype, after.device) == (before.dtype, before.device)
        assert torch.equal(after.clone(), before.clone())


@pytest.mark.parametrize("around", SURROUNDINGS)
def test_a_classifier_is_the_same_whatever_stands_around_its_making(around):
    torch.manual_seed(0)
    module = Residual()
    expected = toys.classifier(module)(batch())
    with SURROUNDINGS[around]():
        made = toys.classifier(module)
    assert torch.equal(made(batch()), expected)


@pytest.mark.parametrize(("mean", "std"), [([0.5, 0.4, 0.3], [0.2, 0.25, 0.3]), (0.5, 0.25), (None, None)])
def test_normalisation_is_that_of_a_module_with_its_own(mean, std):
    inside = Normalising()
    inside.mean.copy_(torch.tensor(0.0 if mean is None else mean).reshape(-1, 1, 1))
    inside.std.copy_(torch.tensor(1.0 if std is None else std).reshape(-1, 1, 1))
    ours = toys.classifier(toys.Toy(), mean=mean, std=std)
    assert torch.allclose(ours(batch()), toys.classifier(inside)(batch()), atol=1e-6)


def test_only_the_image_gets_a_gradient():
    classifier = toys.classifier(Residual())
    picture = batch().requires_grad_()
    classifier(picture).sum().backward()
    assert picture.grad.abs().sum() > 0
    assert all(weight.grad is None and not weight.requires_grad for weight in classifier._module.parameters())


def test_float64_runs_in_float64():
    classifier = toys.classifier(dtype=torch.float64)
    assert classifier.prepare(toys.image()).dtype == torch.float64
    assert classifier.probabilities(classifier.prepare(toys.image())).dtype == torch.float64


def test_an_image_of_any_source_and_size_is_fitted():
    classifier = toys.classifier(size=(20, 30))
    assert classifier.prepare("coffee").shape == (1, 3, 20, 30)
    assert toys.classifier(size=None).prepare(np.zeros((40, 50, 3), np.uint8)).shape == (1, 3, 40, 50)


# Labels


@pytest.mark.parametrize(
    ("target", "index"),
    [
        ("red", 0),
        ("RED", 0),
        (" Red ", 0),
        ("green screen", 3),
        ("TOMATO RED", 4),
        (0, 0),
        (4, 4),
        (np.int64(2), 2),
        (torch.tensor(2), 2),
    ],
)
def test_a_class_by_index_or_label(target, index):
    assert toys.classifier(labels=COLOURS).class_index(target) == index


@pytest.mark.parametrize(("target", "hint"), [("gren", "'green'"), ("tomato", "'tomato red'"), ("bluee", "'blue'")])
def test_a_label_that_is_not_there_names_the_closest(target, hint):
    with pytest.raises(ValueError, match=rf"target='{target}' is not a class of Toy; the closest are .*{hint}"):
        toys.classifier(labels=COLOURS).class_index(target)


CASED = ["Cardigan", "cardigan", " tench", "tench, Tinca tinca", "crane", "cup", "crane", "crane (bird), wader, Crane"]


@pytest.mark.parametrize(
    ("target", "index"),
    [
        ("cardigan", 1),
        ("Cardigan", 0),
        (" tench", 2),
        ("tench", 2),
        ("TENCH, tinca tinca", 3),
        ("tinca tinca", 3),
        ("wader", 7),
        ("CUP ", 5),
    ],
)
def test_an_exact_label_goes_first_then_one_without_case_then_a_synonym(target, index):
    assert cx.Classifier(nn.Sequential(nn.Flatten(), nn.Linear(768, 8)), CASED, size=16).class_index(target) == index


@pytest.mark.parametrize(
    ("target", "candidates"),
    [
        ("CARDIGAN", r"2 classes of Sequential, 'Cardigan' \(0\), 'cardigan' \(1\): give an index"),
        ("crane", r"2 classes of Sequential, 'crane' \(4\), 'crane' \(6\): give an index"),
        ("Crane", r"2 classes of Sequential, 'crane' \(4\), 'crane' \(6\): give an index"),
    ],
)
def test_a_label_of_several_classes_names_them(target, candidates):
    classifier = cx.Classifier(nn.Sequential(nn.Flatten(), nn.Linear(768, 8)), CASED, size=16)
    with pytest.raises(ValueError, match=candidates):
        classifier.class_index(target)
    assert classifier.class_index(6) == 6


@pytest.mark.parametrize(
    "labels",
    [
        {0: "red", 1: "green", 2: "blue", 3: "x", 4: "y"},
        {4: "y", 3: "x", 2: "blue", 1: "green", 0: "red"},
        {np.int64(index): label for index, label in enumerate(["red", "green", "blue", "x", "y"])},
        np.array(["red", "green", "blue", "x", "y"]),
        ("red", "green", "blue", "x", "y"),
    ],
)
def test_labels_in_the_order_of_the_classes(labels):
    assert toys.classifier(labels=labels).labels == ("red", "green", "blue", "x", "y")


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (set("abcde"), "labels=.* is of type set, which gives the 5 classes no order"),
        (frozenset("abcde"), "of type frozenset"),
        (dict.fromkeys("abcde").keys(), "of type dict_keys"),
        ((letter for letter in "abcde"), "of type generator"),
        (b"abcde", "of type bytes"),
        (7, "of type int"),
        ({"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}, "whose key 'a' is no whole number: turn it round"),
        ({letter: letter for letter in "abcde"}, "whose key 'a' is no whole number: use the classes' indices"),
        ({0.0: "a", 1: "b", 2: "c", 3: "d", 4: "e"}, "whose key 0.0 is no whole number"),
        ({1: "a", 2: "b", 3: "c", 4: "d", 5: "e"}, "without the class 0: its keys must be 0 to 4"),
        ({0: "a", 1: "b"}, "labels has 2 entries where Toy has 5 classes"),
    ],
)
def test_labels_without_an_order_are_refused(labels, reason):
    with pytest.raises((TypeError, ValueError), match=reason):
        toys.classifier(labels=labels)


def test_a_label_that_resembles_nothing():
    with pytest.raises(ValueError, match=r"target='zzzz' is not a class of Toy; see the classifier's labels"):
        toys.classifier(labels=COLOURS).class_index("zzzz")


@pytest.mark.parametrize("target", [-1, 5, 10**9])
def test_an_index_out_of_range(target):
    with pytest.raises(ValueError, match=rf"target={target} is not a class of Toy: use 0 to 4, or a label"):
        toys.classifier().class_index(target)


@pytest.mark.parametrize("target", [True, False, 1.0, None, [1], b"red"])
def test_what_is_no_class(target):
    with pytest.raises(TypeError, match="must be a class index or a label"):
        toys.classifier().class_index(target)


def test_classes_without_labels_are_counted():
    assert toys.classifier().labels == ("class 0", "class 1", "class 2", "class 3", "class 4")


@pytest.mark.parametrize("labels", [[], ["one"], COLOURS[:4], [*COLOURS, "six"], "abcde"])
def test_labels_that_do_not_fit(labels):
    with pytest.raises(ValueError, match=rf"labels has {len(labels)} entries where Toy has 5 classes"):
        toys.classifier(labels=labels)


def test_the_top_classes_are_in_order():
    classifier = toys.classifier(labels=COLOURS)
    top = classifier.top(torch.tensor([0.1, 0.2, 0.05, 0.6, 0.05]), k=3)
    assert [(one.index, one.label) for one in top] == [(3, "Green screen"), (1, "green"), (0, "red")]
    assert [one.probability for one in top] == pytest.approx([0.6, 0.2, 0.1])
    assert len(classifier.top(torch.rand(5), k=10)) == 5


# What cannot be explained


class Returning(nn.Module):
    """Returns whatever it is told to make of a picture."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, image):
        return self.function(image)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda image: image, r"returned shape \(2, 3, 32, 32\) for 2 images; logits of shape \(2, K\)"),
        (lambda image: image.mean((1, 2, 3)), r"returned shape \(2,\) for 2 images"),
        (lambda image: image.mean((1, 2, 3))[:, None], r"returned shape \(2, 1\) for 2 images.*K of at least 2"),
        (lambda image: image.mean((0, 2, 3))[None], r"returned shape \(1, 3\) for 2 images"),
        (lambda image: image.sum((1, 2, 3)) > 0, r"returned shape \(2,\) for 2 images"),
        (lambda image: image.mean((2, 3)) > 0, r"returned logits of torch.bool; floating point is needed"),
        (lambda image: (None, image.mean((2, 3))), r"returned tuple, in which there is no tensor of logits"),
        (lambda image: {"logits": image}, r"returned shape \(2, 3, 32, 32\) for 2 images.*look like maps"),
        (lambda image: {"boxes": image}, r"returned dict with the keys 'boxes', in which there is no tensor of logits"),
        (lambda image: None, r"returned NoneType, in which there is no tensor"),
        (lambda image: image.mean((2, 3)) / 0 - 1 / image.new_zeros(1), r"returned NaN or infinite logits for a photo"),
        (lambda image: image.mean((2, 3)) * float("inf"), r"returned NaN or infinite logits for a photograph"),
        (lambda image: image @ torch.zeros(7, 7), r"could not classify images of shape \(2, 3, 32, 32\).*Set size="),
    ],
)
def test_output_that_is_no_logits(function, reason):
    with pytest.raises(cx.ClassifierError, match=reason):
        toys.classifier(Returning(function))


def test_the_error_of_the_module_is_kept():
    switch = toys.Switch()
    switch.on = True
    with pytest.raises(cx.ClassifierError, match="my own") as caught:
        toys.classifier(toys.Breaking(switch, error=KeyError("my own")))
    assert isinstance(caught.value.__cause__, KeyError)


def test_an_input_size_that_the_module_does_not_take():
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 4))
    assert toys.classifier(linear).n_classes == 4
    with pytest.raises(cx.ClassifierError, match=r"could not classify images of shape \(2, 3, 30, 30\): .*Set size="):
        toys.classifier(linear, size=30)


def test_probabilities_in_place_of_logits_are_warned_of():
    with pytest.warns(UserWarning, match="Sequential seems to return probabilities; remove its softmax") as caught:
        toys.classifier(nn.Sequential(toys.Toy(), nn.Softmax(-1)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        toys.classifier(toys.Toy())
    assert caught[0].filename == toys.__file__  # the line that made the Classifier


class Uncopied(toys.Toy):
    def __deepcopy__(self, memo):
        raise TypeError("one of a kind")


def test_a_module_that_cannot_be_copied():
    with pytest.raises(cx.ClassifierError, match=r"Uncopied cannot be copied: one of a kind.*deepcopy"):
        toys.classifier(Uncopied())


@pytest.mark.parametrize("module", [lambda image: image, None, "efficientnet", toys.Toy])
def test_what_is_no_module(module):
    with pytest.raises(TypeError, match=r"module=.* is not a torch.nn.Module; wrap a function in one"):
        cx.Classifier(module)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"size": 0}, "size=0 must be a side"),
        ({"size": 15}, "size=15 must be a side .*at least 16"),
        ({"size": (32,)}, r"size=\(32,\) must be"),
        ({"size": (32, 32, 3)}, "size=.* must be"),
        ({"size": (32, 32.5)}, "size=.* must be"),
        ({"size": 224.0}, "size=224.0 must be"),  # of the wrong type, but the argument is named all the same
        ({"size": "224"}, "size='224' must be"),
        ({"size": True}, "size=True must be"),
        ({"std": 0}, "std=0 must be above 0"),
        ({"std": [0.2, 0.0, 0.2]}, "std=.* must be above 0 for every colour"),
        ({"std": [0.2, -1, 0.2]}, "std=.* must be above 0"),
        ({"std": float("nan")}, "std=nan must be one finite number or three"),
        ({"mean": [0.5, 0.5]}, "mean=.* must be one finite number or three"),
        ({"mean": float("inf")}, "mean=inf must be one finite number"),
        ({"mean": "imagenet"}, "mean='imagenet' must be one finite number"),
        ({"crop": 0.0}, r"crop.*0\.0"),
        ({"crop": 1.5}, r"crop.*1\.5"),
        ({"dtype": torch.float16}, "dtype=torch.float16 must be torch.float32 or torch.float64"),
    ],
)
def test_settings_out_of_range(settings, reason):
    with pytest.raises((ValueError, TypeError), match=reason):
        toys.classifier(**settings)


# The embedded classifier


@pytest.mark.parametrize(("photograph", "label"), [("coffee", "espresso"), ("camera", "tripod")])
def test_efficientnet_names_the_photographs(photograph, label):
    classifier = cx.efficientnet_lite0()
    (first, *_) = classifier.top(classifier.probabilities(classifier.prepare(photograph))[0])
    assert first.label == label
    assert first.probability > 0.9


def test_efficientnet_is_folded_frozen_and_labelled():
    classifier = cx.efficientnet_lite0()
    assert classifier is cx.efficientnet_lite0()
    assert norms(classifier) == 0
    assert (classifier.n_classes, classifier.size) == (1000, (224, 224))
    assert len(set(classifier.labels)) == 1000
    assert len({label.casefold() for label in classifier.labels}) == 1000
    assert all(label == label.strip() != "" for label in classifier.labels)
    assert classifier.class_index("espresso") == 967


def test_loading_prints_nothing(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cx.efficientnet_lite0.__wrapped__().n_classes == 1000
    assert capfd.readouterr() == ("", "")


def padded(*padding, **settings):
    """A convolution of the embedded network, which pads its own input as TensorFlow's "same" does."""
    conv = Conv2dStaticSamePadding(3, 8, 3, image_size=32, **settings)
    conv.static_padding = nn.ZeroPad2d(padding)
    return conv


class Padding(nn.Conv2d):
    """A convolution of somebody else's, whose code is not known."""

    def __init__(self, *padding):
        super().__init__(3, 8, 3)
        self.static_padding = nn.ZeroPad2d(padding)

    def forward(self, image):
        return super().forward(self.static_padding(image)).clamp(max=0.5)


@pytest.mark.parametrize(("conv", "folded"), [
    (padded(1, 1, 1, 1), True),
    (padded(2, 2, 0, 0), True),
    (padded(0, 1, 0, 1, stride=2), True),
    (padded(2, 0, 1, 3, stride=(1, 2)), True),
    (padded(0, 1, 0, 1, dilation=2), False),  # zeros in its kernel would be two pixels wide
    (padded(-1, 2, 0, 1), False),
    (Padding(1, 1, 1, 1), False),
])  # fmt: skip
def test_padding_is_folded_into_its_convolution_where_that_is_exact(conv, folded):
    torch.manual_seed(0)
    module = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4)).eval()
    classifier = cx.Classifier(module, size=32, device="cpu")
    image = torch.rand(2, 3, 32, 32)
    assert torch.allclose(classifier(image), module(image), atol=1e-6)
    pads = [part for part in classifier.module.modules() if isinstance(part, nn.ZeroPad2d)]
    assert (not pads) == folded
    assert any("padding" in note for note in classifier.notes) == folded
    assert isinstance(module[0].static_padding, nn.ZeroPad2d)
    assert module[0].padding == (0, 0)


def operations(call):
    with torch.profiler.profile() as seen:
        call()
    return {event.key for event in seen.key_averages()}


@pytest.fixture
def threads():
    """Set the number of PyTorch's threads; what it was comes back."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_one_thread_multiplies_where_a_convolution_has_one_pixel(threads):
    """PyTorch has a way of its own for that, a slow one, and only where there is one thread."""
    classifier, image = cx.efficientnet_lite0("cpu"), torch.rand(2, 3, 224, 224)
    threads(2)
    expected = classifier(image)
    threads(1)
    torch.testing.assert_close(classifier(image), expected, rtol=1e-4, atol=1e-4)
    pictures = image.clone().requires_grad_()
    used = operations(lambda: torch.autograd.grad(classifier(pictures).sum(), pictures))
    assert not any("slow_conv" in name for name in used)


class Doubled(torch.nn.Conv2d):
    def forward(self, image):
        return 2 * super().forward(image)


@pytest.mark.parametrize(
    ("conv", "multiplied"),
    [
        (torch.nn.Conv2d(3, 4, 1), True),
        (torch.nn.Conv2d(3, 4, 1, bias=False, padding="same"), True),
        (torch.nn.Conv2d(3, 3, 1, groups=3), False),
        (torch.nn.Conv2d(3, 4, 1, stride=2), False),
        (torch.nn.Conv2d(3, 4, 1, padding=1), False),
        (torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(3, 4, 1)), False),
        (Doubled(3, 4, 1), False),
    ],
    ids=["plain", "without bias", "groups", "stride", "padding", "weight norm", "its own forward"],
)
def test_only_a_plain_convolution_is_multiplied(conv, multiplied, threads):
    module = torch.nn.Sequential(conv, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    expected = module(torch.full((1, 3, 32, 32), 0.25))
    classifier = cx.Classifier(module, size=32, device="cpu")
    threads(1)
    assert (type(classifier._module[0]).__name__ == "Pointwise") == multiplied
    torch.testing.assert_close(classifier(torch.full((1, 3, 32, 32), 0.25)), expected)
    assert torch.get_num_threads() == 1


def test_double_precision_runs_on_the_cpu_where_apples_gpu_is_the_best_device(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.warns(UserWarning, match="Apple's GPU has no float64: this classifier runs on the CPU"):
        classifier = cx.Classifier(toys.Toy(), size=toys.SIDE, dtype=torch.float64)
    assert classifier.device.type == "cpu"
    with pytest.raises(ValueError, match=r"dtype=torch.float64 does not exist on device='mps': use torch.float32, or"):
        cx.Classifier(toys.Toy(), size=toys.SIDE, dtype=torch.float64, device="mps")
