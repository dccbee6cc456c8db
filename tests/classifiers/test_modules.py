"""What a module may be: a `Classifier` gives its own logits, or says what to do."""

import copy
import functools
import threading
import warnings

import pytest
import torch
import toys
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

import cartoonx_widgets as cx

# TorchScript and what torch.export calls are deprecated, and still out there.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*torch.jit:DeprecationWarning", "ignore:.*LeafSpec:FutureWarning", "ignore:.*LeafSpec:DeprecationWarning"
)

SIDE = 32
QUICK = cx.methods.pixel_mask(steps=3, samples=3)


def head(width=8, classes=4):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)]


def network():
    """A plain network with a normalisation that can be folded."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), *head()).eval()


def pictures():
    """Noise, a bright, a dark and a smooth picture, and a photograph."""
    generator = torch.Generator().manual_seed(7)
    noise = torch.rand(1, 3, SIDE, SIDE, generator=generator)
    smooth = functional.interpolate(torch.rand(1, 3, 4, 4, generator=generator), size=SIDE, mode="bicubic").clamp(0, 1)
    photograph = cx.images.fit(cx.images.sample("camera"), SIDE)[None]
    return torch.cat([noise, torch.full_like(noise, 0.99), torch.full_like(noise, 0.01), smooth, photograph])


def classifier(module, **settings):
    return cx.Classifier(module, **{"size": SIDE, "device": "cpu", **settings})


def assert_same(module, expected=None, **settings):
    """The classifier gives the logits of this module, or of the function that is expected."""
    made = classifier(module, **settings)
    with torch.no_grad():
        logits = (expected or copy.deepcopy(module).eval())(pictures())
        torch.testing.assert_close(made(pictures()), logits, rtol=0, atol=2e-5 * float(logits.max() - logits.min()))
    return made


def assert_explained(module):
    explanation = cx.explain("coffee", classifier=classifier(module), method=QUICK, progress=False)
    assert explanation.steps_done == QUICK.steps
    assert explanation.mask.isfinite().all()


# What is faster only where it is the same


class LeNet(nn.Module):
    """The one of PyTorch's tutorial in small: `view` after a convolution."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 6, 5), nn.Linear(6 * 14 * 14, 10)

    def forward(self, x):
        x = functional.max_pool2d(self.conv(x).relu(), 2)
        return self.fc(x.view(x.size(0), -1))


class Standardised(nn.Conv2d):
    """A convolution that standardises its weights, by `view`."""

    def forward(self, x):
        flat = self.weight.view(len(self.weight), -1)
        weight = (self.weight - flat.mean(1)[:, None, None, None]) / flat.std(1)[:, None, None, None]
        return functional.conv2d(x, weight, self.bias)


class ReadsKernel(nn.Module):
    """Reads a convolution's kernel, and a parameter of four axes that is none, by `view`."""

    def __init__(self):
        super().__init__()
        self.conv, self.table = nn.Conv2d(3, 4, 3), nn.Parameter(torch.rand(2, 3, 4, 5))

    def forward(self, x):
        weights = torch.cat([self.conv.weight.view(-1), self.table.view(-1)])[:60]
        return self.conv(x).mean((2, 3)) @ weights.reshape(4, 15)


@pytest.mark.parametrize("make", [LeNet, ReadsKernel, lambda: nn.Sequential(Standardised(3, 8, 3), *head())])
def test_weights_are_laid_out_as_the_module_reads_them(make):
    torch.manual_seed(0)
    assert_same(make())


class ClippedNorm(nn.BatchNorm2d):
    def forward(self, x):
        return super().forward(x).clamp(max=0.7)


class ClippedConv(nn.Conv2d):
    def forward(self, x):
        return super().forward(x).clamp(max=0.5)


class CheckedConv(nn.Conv2d):
    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, weight, bias).clamp(max=0.5)


def averaging(conv, norm):
    """A network whose feature maps are the picture's local brightness."""
    nn.init.constant_(conv.weight, 1 / conv.weight[0].numel())
    torch.manual_seed(0)
    return nn.Sequential(conv, norm, *head(4, 2)).eval()


def wide(kind=nn.Conv2d):
    return kind(3, 4, 7, padding=3, padding_mode="replicate", bias=False)


@pytest.mark.parametrize(
    "make",
    [
        lambda: averaging(wide(), ClippedNorm(4)),
        lambda: averaging(wide(ClippedConv), nn.BatchNorm2d(4)),
        lambda: averaging(wide(CheckedConv), nn.BatchNorm2d(4)),
        lambda: averaging(ClippedConv(3, 4, 1), nn.BatchNorm2d(4)),
        lambda: averaging(CheckedConv(3, 4, 1), nn.Identity()),
    ],
)
def test_subclasses_with_code_of_their_own_are_left(make):
    made = assert_same(make())
    assert not any(note.startswith(("Folded 1", "1 1 x 1")) for note in made.notes)


def test_one_pair_that_cannot_be_folded_leaves_the_others_folded():
    torch.manual_seed(0)
    first = [nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8)]
    second = [nn.Conv2d(8, 8, 3), ClippedNorm(8), nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8)]
    made = assert_same(toys.lively(nn.Sequential(*first, nn.ReLU(), *second, *head())))
    assert "Folded 2 of 2 batch norms into their convolutions." in made.notes
    assert [type(part) for part in made.module.modules() if isinstance(part, nn.BatchNorm2d)] == [ClippedNorm]


class Branching(nn.Module):
    """Takes another convolution for a picture that is nearly white, by a value that leaves PyTorch."""

    def __init__(self, read):
        super().__init__()
        self.read = read
        self.usual, self.white, self.norm = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.head = nn.Sequential(*head())

    def forward(self, x):
        conv = self.white if self.read(x.detach().mean()) > 0.98 else self.usual
        return self.head(self.norm(conv(x)))


@pytest.mark.parametrize("read", [float, torch.Tensor.item, torch.Tensor.numpy, torch.Tensor.tolist, lambda x: x])
def test_what_depends_on_the_value_of_a_pixel_is_not_folded(read):
    module = toys.lively(Branching(read))
    made = classifier(module)
    white = torch.full((1, 3, SIDE, SIDE), 0.99)
    torch.testing.assert_close(made(white), module(white))
    torch.testing.assert_close(made(white - 0.5), module(white - 0.5))


def test_nothing_is_changed_where_that_is_asked_for():
    module = network()
    made = assert_same(module, fold=False)
    assert [type(part) for part in made.module.modules()] == [type(part) for part in module.modules()]
    assert made.notes == ()
    assert classifier(module).notes == ("Folded 1 of 1 batch norms into their convolutions.",)


def test_a_part_under_two_names_is_folded_under_both():
    class Aliased(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = network()
            self.norm = self.body[1]

        def forward(self, x):
            return self.body[2:](self.norm(self.body[0](x)))

    made = assert_same(toys.lively(Aliased()))
    assert not any(isinstance(part, nn.BatchNorm2d) for part in made.module.modules())


class Fourier(nn.Module):
    """Has a filter of complex numbers."""

    def __init__(self, dtype=torch.cfloat):
        super().__init__()
        self.filter, self.fc = nn.Parameter(torch.randn(3, SIDE, SIDE // 2 + 1, dtype=dtype)), nn.Linear(3072, 5)
        self.register_buffer("phase", torch.tensor(1j, dtype=dtype))

    def forward(self, x):
        spectrum = torch.fft.rfft2(x) * self.filter * self.phase
        return self.fc(torch.fft.irfft2(spectrum, s=x.shape[-2:]).to(x.dtype).flatten(1))


@pytest.mark.parametrize(("dtype", "kept"), [(torch.float32, torch.complex64), (torch.float64, torch.complex128)])
def test_complex_weights_stay_complex(dtype, kept):
    torch.manual_seed(0)
    module = Fourier()
    made = classifier(module, dtype=dtype)
    assert made.module.filter.dtype == made.module.phase.dtype == kept
    torch.testing.assert_close(made(pictures().to(dtype)).float(), module(pictures()), rtol=1e-4, atol=1e-4)


# What wraps a network


def scripted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and still out there
        return torch.jit.script(network())


def traced():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(network(), pictures()[:2])


def frozen():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.freeze(scripted())


def exported(**settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(network(), (pictures()[:2],), **settings)


def with_dynamic_batch():
    return exported(dynamic_shapes=({0: torch.export.Dim("batch")},))


@pytest.mark.parametrize(
    "make",
    [
        scripted,
        traced,
        frozen,
        lambda: nn.Sequential(scripted()),
        lambda: nn.DataParallel(network()),
        lambda: torch.compile(network()),
        lambda: nn.Sequential(torch.compile(network())),
        with_dynamic_batch,
        lambda: with_dynamic_batch().module(),
    ],
    ids=["script", "trace", "freeze", "inside", "parallel", "compile", "compiled inside", "export", "exported module"],
)
def test_what_wraps_a_network_is_explained(make):
    module = make()
    assert_same(module, network())
    assert_explained(module)


def test_a_compiled_network_is_taken_out_and_folded():
    module = network()
    module.compile()
    made = assert_same(module, network())
    assert "Folded 1 of 1 batch norms into their convolutions." in made.notes
    assert "Taken out of its DataParallel." in classifier(nn.DataParallel(network())).notes


@pytest.mark.parametrize("make", [exported, lambda: exported().module()])
def test_an_export_with_a_fixed_batch_is_refused(make):
    with pytest.raises(cx.ClassifierError, match=r"Guard failed.*takes 2 at a time: batches of any size.*dynamic"):
        classifier(make())


# What cannot be copied, or has nothing to copy


def test_what_cannot_be_copied_is_shared(tmp_path):
    module = LeNet()
    module.lock, module.generator = threading.Lock(), (number for number in range(3))
    module.kept = [module(pictures())]  # with its graph, which deepcopy refuses
    module.last = module.kept[0]
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        module.log = log
        made = assert_same(module, functools.partial(LeNet.forward, module))
    assert made.notes[0] == "Shared with the module given, as it cannot be copied: lock, generator, kept, log."
    assert made.with_random_weights(1).n_classes == 10
    copied = copy.deepcopy(made)
    assert torch.equal(copied(pictures()), made(pictures()))


def test_a_module_without_weights_is_refused():
    with torch.device("meta"):
        meta = LeNet()
    with pytest.raises(cx.ClassifierError, match=r"LeNet has no weights: conv.weight is on .* 'meta'.*load_state"):
        classifier(meta)
    lazy = nn.Sequential(nn.LazyConv2d(8, 3), *head())
    with pytest.raises(cx.ClassifierError, match=r"no weights yet: 0.weight of a lazy layer.*Call the module"):
        classifier(lazy)
    lazy(pictures())
    assert_same(lazy)


class Overriding(LeNet):
    """Has its own ideas of what the methods of a module do."""

    def to(self, device):
        """Move nothing."""

    def train(self, mode):
        """Switch nothing."""

    def eval(self):
        raise RuntimeError("always training")

    def requires_grad_(self):
        """Freeze nothing."""


def test_methods_of_its_own_change_nothing():
    torch.manual_seed(0)
    module = Overriding()
    made = assert_same(module, functools.partial(LeNet.forward, module))
    assert not any(part.training for part in made.module.modules())
    assert not any(weight.requires_grad for weight in made.module.parameters())
    assert all(weight.requires_grad for weight in module.parameters())


# Hooks


def test_hooks_that_change_an_answer_are_kept_on_any_picture():
    module = averaging(wide(), nn.BatchNorm2d(4))
    module[1].register_forward_hook(lambda part, given, output: output.clamp(max=0.7))
    seen = []
    module[0].register_forward_hook(lambda part, given, output: seen.append(output))
    made = assert_same(module, copy.deepcopy(module))
    assert made.notes[:2] == (
        "Left out the forward hooks of 0, which change no answer.",
        "Kept the forward hooks of 1, which change the answers and see every image.",
    )


def test_hooks_that_collect_see_no_run():
    module, seen, gradients = network(), [], []
    module[0].register_forward_hook(lambda part, given, output: seen.append(output))
    module[0].register_full_backward_hook(lambda part, given, output: gradients.append(output))
    made = classifier(module)
    assert all(type(output) is torch.Tensor and not output.requires_grad for output in seen)
    before = len(seen)
    cx.explain("coffee", classifier=made, method=QUICK, progress=False)
    assert (len(seen), gradients) == (before, [])
    module(pictures())
    assert len(seen) == before + 1  # the module given has kept its own


def test_hooks_of_the_module_belong_to_the_copy():
    class Scaling(LeNet):
        def __init__(self):
            super().__init__()
            self.factor = nn.Parameter(torch.tensor(2.0))
            self.conv.register_forward_pre_hook(self.scale)

        def scale(self, part, given):
            return (given[0] * self.factor,)

    module = Scaling()
    made = assert_same(module)
    before = made(pictures())
    with torch.no_grad():
        module.factor.zero_()
    assert torch.equal(made(pictures()), before)


# Gradients


class Through(nn.Module):
    """Does something to a picture before a network, or around it."""

    def __init__(self, function):
        super().__init__()
        torch.manual_seed(0)
        self.function, self.net = function, nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(48, 5))

    def forward(self, x):
        return self.function(self.net, x)


@torch.no_grad()
def without_gradients(net, x):
    return net(x)


@torch.inference_mode()
def in_inference_mode(net, x):
    return net(x)


def quantised():
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 5)).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(module, {nn.Linear})


@pytest.mark.filterwarnings("ignore:None of the inputs:UserWarning", "ignore:quantized:UserWarning")
@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (Through(without_gradients), "passes no gradient .* under torch.no_grad"),
        (Through(in_inference_mode), "passes no gradient .* inference_mode"),
        (Through(lambda net, x: net(x.detach())), "passes no gradient .* detaches"),
        (Through(lambda net, x: net(torch.from_numpy(x.numpy()))), r"passes no gradient .* leaves PyTorch \(NumPy\)"),
        (Through(lambda net, x: net((255 * x).byte() / 255)), "passes no gradient .* computes with integers"),
        (quantised(), "passes no gradient .* give the one in floating point"),
        (Through(lambda net, x: checkpoint(net, x, use_reentrant=True)), "use_reentrant=False"),
        (Through(lambda net, x: net((255 * x).round() / 255)), r"a gradient of 0 .* x \+ \(x.round\(\) - x\).detach"),
        (Through(lambda net, x: net((x > 0.5).float() + 0 * x)), "a gradient of 0 .* thresholds the picture"),
        (Through(lambda net, x: net(x) + (0 * x).sqrt().sum()), "NaN or infinite .* square root"),
    ],
)
def test_a_module_from_whose_gradient_nothing_is_learned_is_refused(module, reason):
    with pytest.raises(cx.ClassifierError, match=reason):
        classifier(module)


def test_a_module_may_change_its_picture_in_place():
    module = Through(lambda net, x: net(x.sub_(0.5)))
    assert_same(module, lambda images: module.net(images - 0.5))
    assert_explained(module)


def test_checkpoints_that_are_not_reentrant_are_explained():
    assert_explained(Through(lambda net, x: checkpoint(net, x, use_reentrant=False)))


def test_rounding_that_passes_its_gradient_on_is_explained():
    assert_explained(Through(lambda net, x: net(x + ((255 * x).round() / 255 - x).detach())))


# What works, and is warned of


def standardised(net, x):
    return net((x - x.mean((1, 2, 3), keepdim=True)) / x.std((1, 2, 3), keepdim=True))


def stretched(net, x):
    low, high = x.amin((1, 2, 3), keepdim=True), x.amax((1, 2, 3), keepdim=True)
    return net((x - low) / (high - low))


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (Through(standardised), "NaN or infinite logits for plain pictures"),
        (Through(stretched), "NaN or infinite logits for plain pictures"),
        (Through(lambda net, x: functional.dropout(net(x), 0.5)), "another answer each time"),
        (Through(lambda net, x: net(torch.zeros_like(x)) + 0 * x.sum()), "gives every picture the same logits"),
        (nn.Sequential(*head(3), nn.Softmax(-1)), "remove its softmax, for a second one is applied"),
        (nn.Sequential(*head(3), nn.Sigmoid()), "remove its sigmoid and set activation='sigmoid'"),
    ],
)
def test_what_may_mislead_is_warned_of(module, reason):
    torch.manual_seed(0)
    with pytest.warns(UserWarning, match=reason) as caught:
        made = cx.Classifier(module, size=SIDE, device="cpu")
    assert [warning.filename for warning in caught] == [__file__]
    explanation = cx.explain("coffee", classifier=made, method=QUICK, progress=False)
    assert explanation.mask.isfinite().all()


def test_a_normalisation_for_levels_is_warned_of():
    with pytest.warns(UserWarning, match=r"=\(.*, .*divide it by 255") as caught:
        cx.Classifier(network(), mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375), size=SIDE, device="cpu")
    assert [warning.filename for warning in caught] == [__file__, __file__]


# What it returns, and takes


class Output:
    def __init__(self, logits):
        self.logits = logits


@pytest.mark.parametrize(
    "wrapped",
    [
        Output,
        lambda logits: {"logits": logits, "hidden": None},
        lambda logits: (logits, logits[:, :2]),
        lambda logits: [logits],
    ],
)
def test_logits_are_found_in_what_it_returns(wrapped):
    module = Through(lambda net, x: wrapped(net(x)))
    assert_same(module, module.net)
    assert_explained(module)


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (
            Through(lambda net, x: net(x.to(torch.bfloat16))),
            r"BFloat16.*in test_modules.py, line \d+.*casts to",
        ),
        (
            Through(lambda net, x: net(x).reshape(1, -1)),
            r"shape \(1, 10\) for 2 images.*x.reshape\(1, -1\)",
        ),
        (nn.Sequential(nn.Conv2d(1, 8, 3), *head()), "It takes grey images: set channels=1"),
        (nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 1)), "explained with activation='sigmoid'"),
        (Through(lambda net, x: net(x)[:, 0]), r"return logits\[:, None\], and set activation='sigmoid'"),
    ],
)
def test_what_it_takes_or_returns_is_told_with_a_remedy(module, reason):
    with pytest.raises(cx.ClassifierError, match=reason):
        classifier(module)
