"""Everything on a device that refuses what Apple's GPU has not: float64, kernels that are missing, a way to NumPy.

It has no hardware: its tensors have their numbers on the CPU, and PyTorch takes them for another device's. So what
reads values back runs to its end as well: scores, recordings, widgets, studies. Which kernels there are for MPS is read
from PyTorch's own table of them, `native_functions.yaml`, which every installation of it has.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
from pathlib import Path

import pytest
import torch
import toys
from torch import nn
from torch.utils import _pytree as pytree
from widget_page import WidgetPage

import cartoonx_widgets as cx
from cartoonx_widgets import scores, sparsity
from cartoonx_widgets.classifiers import folding
from cartoonx_widgets.explanations.explain import prepare
from cartoonx_widgets.masking import CrossEntropy, KLDivergence, Optimization, SquaredL2, Zeros

backend = pytest.importorskip("torch.utils.backend_registration")
yaml = pytest.importorskip("yaml")
if not hasattr(backend, "_setup_privateuseone_for_python_backend"):
    pytest.skip("this PyTorch has no device without hardware", allow_module_level=True)

NAME = "absent"
if not hasattr(torch, NAME):
    backend._setup_privateuseone_for_python_backend(NAME)
REFUSED = (torch.float64, torch.complex128)
MOVES = (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)
LIBRARY = torch.library.Library("aten", "IMPL")


class Tensor(torch.Tensor):
    """A tensor that says it is on the device, and has its numbers in `values`, on the CPU."""

    @staticmethod
    def __new__(cls, values):
        if values.dtype in REFUSED:
            raise TypeError(f"cannot convert an MPS tensor to {values.dtype}")
        layout = {"strides": values.stride(), "storage_offset": values.storage_offset(), "dtype": values.dtype}
        return torch.Tensor._make_wrapper_subclass(cls, values.shape, device=torch.device(NAME, 0), **layout)

    def __init__(self, values):
        self.values = values

    def tolist(self):
        return self.values.tolist()

    def numpy(self, **_):
        raise TypeError("cannot convert an MPS tensor to NumPy: use Tensor.cpu() first")

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        leaves = pytree.tree_leaves((args, kwargs))
        ours = {id(leaf.values): leaf for leaf in leaves if isinstance(leaf, Tensor)}
        if function not in MOVES:
            check(function, leaves)
        asked = kwargs.get("device")
        values, named = pytree.tree_map_only(Tensor, lambda tensor: tensor.values, (args, kwargs))
        result = function(*values, **(named if asked is None else {**named, "device": "cpu"}))
        if function is torch.ops.aten.copy_.default:
            return args[0]
        if asked is not None and asked.type != NAME:
            return result

        def wrapped(found):  # what is changed in place is returned
            return ours[id(found)] if id(found) in ours else Tensor(found)

        return pytree.tree_map_only(torch.Tensor, wrapped, result)


def check(function, leaves):
    """Refuse what would fail on the device."""
    if not has_kernel(function):
        raise NotImplementedError(f"{function} has no kernel for MPS")
    if any(isinstance(leaf, torch.Tensor) and not isinstance(leaf, Tensor) and leaf.dim() for leaf in leaves):
        raise RuntimeError(f"{function}: expected all tensors on the same device, found {NAME} and cpu")


@functools.cache
def table():
    folder = Path(importlib.util.find_spec("torchgen").origin).parent
    text = (folder / "packaged" / "ATen" / "native" / "native_functions.yaml").read_text("utf-8")
    entries = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {entry["func"].partition("(")[0]: entry for entry in entries}


@functools.cache
def has_kernel(function):
    """Whether an operation is computed on MPS: by a kernel for it, or by other operations."""
    name = f"{function._schema.name}.{function._overloadname}".removeprefix("aten::").removesuffix(".default")
    while "structured_delegate" in (entry := table().get(name, {})):
        name = entry["structured_delegate"]
    keys = {key.strip() for keys in entry.get("dispatch", {}) for key in keys.split(",")}
    return not keys or "MPS" in keys or any(key.startswith("Composite") for key in keys)


@functools.partial(LIBRARY.impl, "empty.memory_format", dispatch_key="PrivateUse1")
def empty(size, *, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):
    return Tensor(torch.empty(size, dtype=dtype))


@functools.partial(LIBRARY.impl, "empty_strided", dispatch_key="PrivateUse1")
def empty_strided(size, stride, *, dtype=None, layout=None, device=None, pin_memory=None):
    return Tensor(torch.empty_strided(size, stride, dtype=dtype))


class Generator:
    """A generator of the device, which draws on the CPU."""

    def __init__(self, device="cpu"):
        self.device, self.on_cpu = torch.device(device), torch._C.Generator()

    def manual_seed(self, seed):
        self.on_cpu.manual_seed(seed)
        return self

    def get_state(self):
        return self.on_cpu.get_state()

    def set_state(self, state):
        self.on_cpu.set_state(state)

    def __deepcopy__(self, memo):
        copied = Generator(self.device)
        copied.set_state(self.get_state())
        return copied


def drawn(draw):
    def on_device(*shape, generator=None, device="cpu", **named):
        return draw(*shape, generator=getattr(generator, "on_cpu", generator), **named).to(device)

    return on_device


def made(make):
    def on_device(data, *given, device="cpu", **named):
        return make(data, *given, **named).to(device)

    return on_device


def new_tensor(like, data):
    return torch.tensor(data, dtype=like.dtype, device=like.device)


@pytest.fixture(autouse=True)
def device(monkeypatch):
    monkeypatch.setattr(torch, "Generator", Generator)
    for name in ("rand", "randn", "randint"):
        monkeypatch.setattr(torch, name, drawn(getattr(torch, name)))
    monkeypatch.setattr(torch, "tensor", made(torch.tensor))
    monkeypatch.setattr(Tensor, "new_tensor", new_tensor, raising=False)


@pytest.fixture(scope="module")
def classifier():
    return cx.Classifier(toys.Toy(), size=toys.SIDE, device=NAME)


def explained(classifier, method=None):
    method = toys.small("waveletx") if method is None else method
    return cx.explain(toys.image(), classifier=classifier, target=toys.target(), method=method, progress=False)


def test_the_device_refuses_what_mps_has_not():
    x = torch.ones(3).to(NAME)
    assert (x + 1).cpu().tolist() == [2, 2, 2]
    for refused in (x.double, x.numpy, lambda: torch.ones(3, dtype=torch.float64).to(NAME)):
        with pytest.raises(TypeError, match="cannot convert an MPS tensor"):
            refused()
    with pytest.raises(NotImplementedError, match=r"aten.take.default has no kernel for MPS"):
        torch.take(x, torch.zeros(1, dtype=torch.long).to(NAME))
    with pytest.raises(RuntimeError, match="expected all tensors on the same device"):
        x + torch.ones(3)


def assert_same_masks(one, other):
    difference = (one.mask - other.mask).abs()
    assert difference.mean() < 1e-3  # rounding alone, which Adam makes larger


@pytest.mark.parametrize("name", cx.methods.PRESETS)
def test_a_run_of_a_preset_gives_the_cpus_mask(classifier, name):
    assert_same_masks(*(explained(one, toys.small(name)) for one in (classifier, toys.classifier())))


@pytest.mark.parametrize(
    "settings",
    [
        {"representation": cx.representations.DualTree(levels=2)},
        {"representation": cx.representations.Wavelet("db2", levels=2, mode="symmetric")},
        {"representation": cx.representations.Wavelet("haar", levels=2, mode="periodization")},
        {"distortion": KLDivergence()},
        {"distortion": SquaredL2()},
        {"distortion": CrossEntropy(), "obfuscation": Zeros()},
        {"lambda_spatial_l2": 1.0},
    ],
    ids=["dual tree", "symmetric", "periodization", "KL", "squared l2", "cross-entropy on zeros", "spatial l2"],
)
def test_a_run_with_another_part_gives_the_cpus_mask(classifier, settings):
    method = toys.small("waveletx").replace(**settings)
    assert_same_masks(*(explained(one, method) for one in (classifier, toys.classifier())))


def test_a_pair_of_classes_and_a_score_of_the_logits(classifier):
    for question in ((3, 1), lambda logits: logits[:, 0] - logits[:, 2]):
        masks = [
            cx.explain(toys.image(), classifier=one, target=question, method=toys.small("waveletx"), progress=False)
            for one in (classifier, toys.classifier())
        ]
        assert_same_masks(*masks)


def test_the_same_seed_gives_the_same_run_of_few_large_steps(classifier):
    def begun(seed, on=classifier):
        method = cx.methods.cartoonx_interactive(representation=cx.representations.Pixel())
        return prepare(toys.image(), classifier=on, method=method, seed=seed)

    runs = [begun(seed) for seed in (1, 1, 2)]
    for run in runs:
        assert (run.method.steps, run.method.samples) == (60, 16)
        run.step()
        run.step()
    assert torch.equal(runs[0].mask, runs[1].mask)
    assert not torch.equal(runs[0].mask, runs[2].mask)
    on_cpu = begun(1, toys.classifier()).method
    assert (on_cpu.steps, on_cpu.samples) == (135, 2)


def test_the_explorers_panel_shows_the_steps_of_this_device_as_the_presets_own(classifier):
    with contextlib.closing(cx.explore(toys.image(), classifier=classifier)) as explorer:
        page = WidgetPage(explorer)
        for index, preset in enumerate(cx.methods.PRESETS.values()):
            shown = page.ask(type="method", index=index)["settings"]["settings"]
            values = {setting["path"]: (setting["value"], setting["preset"]) for setting in shown}
            steps = 60 if preset.__name__.endswith("_interactive") else preset().steps
            assert values["steps"] == (steps, steps)
        assert "on a GPU" in next(setting["about"] for setting in shown if setting["path"] == "steps")
        explorer.method = "CartoonX, interactive"
        recorded = explorer.recording.settings
        assert (recorded["steps"], recorded["samples"]) == (60, 16)
        assert "on_gpu" not in recorded


def test_a_comparison_plans_few_large_steps(classifier):
    for methods in (None, ["cartoonx_interactive", "waveletx_interactive"]):
        with contextlib.closing(cx.compare(toys.image(), methods, classifier=classifier)) as compared:
            planned = [state.task.optimization.method for state in compared._engine.states[: 2 if methods else 3]]
            assert {(method.steps, method.samples) for method in planned} == {(60, 16)}


def test_a_study_plans_few_large_steps(classifier, tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(Optimization, "finished", property(lambda run: run.steps_done >= 1))
    method = cx.methods.cartoonx_interactive(representation=cx.representations.Pixel())
    cx.study(["coffee"], method, out=tmp_path / "study", classifier=classifier, progress=False)
    (settings,) = json.loads((tmp_path / "study" / "study.json").read_text("utf-8"))["methods"].values()
    assert (settings["steps"], settings["samples"]) == (60, 16)


def test_scores_are_the_cpus(classifier):
    found, expected = explained(classifier), explained(toys.classifier())
    ours, theirs = scores.compute(found), scores.compute(expected)
    assert ours == pytest.approx(theirs, rel=0.01, abs=1e-3)
    for score in (scores.expected_distortion, scores.rate_distortion, scores.insertion, scores.deletion):
        values = [
            getattr(value := score(one, classifier=its), "values", value)
            for one, its in ((found, classifier), (expected, toys.classifier()))
        ]
        assert values[0] == pytest.approx(values[1], abs=1e-2), score
    scores.weight_randomisation(found, classifier=classifier, progress=False)
    (point,) = scores.distortion_over_lambda(
        toys.image(), method=found.method, classifier=classifier, lambdas=[1.0], progress=False
    )
    assert 0 < point.distortion < 1


@pytest.mark.parametrize("name", cx.baselines.BASELINES)
def test_baselines(name):
    pytest.importorskip("captum")
    torch.manual_seed(0)
    parts = [nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)]
    classifier = cx.Classifier(nn.Sequential(*parts), size=toys.SIDE, device=NAME)
    found = getattr(cx.baselines, name)(toys.image(), classifier=classifier, target=1)
    assert found.mask.device.type == "cpu"


def test_a_recording_its_page_and_its_picture(classifier, tmp_path):
    recording = cx.record(toys.image(), classifier=classifier, method=toys.small("shearletx"), progress=False)
    recording.save(tmp_path / "run.cxr")
    recording = cx.Recording.load(tmp_path / "run.cxr")
    recording.to_html(tmp_path / "run.html", progress=False)
    recording.to_png(tmp_path / "run.png")
    recording.to_gif(tmp_path / "run.gif", progress=False)


def test_batches_by_captums_call(classifier):
    attribution = cx.MaskAttribution(classifier, toys.small("waveletx"))
    cartoons = attribution.attribute(torch.rand(2, 3, toys.SIDE, toys.SIDE), target=[0, 2])
    assert cartoons.shape == (2, 3, toys.SIDE, toys.SIDE)


def test_the_explorer_plays_is_steered_and_begins_again(classifier):
    with contextlib.closing(cx.explore(toys.image(), classifier=classifier, method=toys.small("waveletx"))) as explorer:
        explorer.play()
        assert explorer.wait(60)
        explorer.lambda_l1 = 3.0
        explorer.reset()
        explorer.step()
        assert explorer.wait(60)
        assert explorer.error is None
        assert len(explorer.recording.frames) == 2


def test_the_comparison_of_a_method_and_a_baseline(classifier):
    methods = {"a": toys.small("waveletx"), "b": "occlusion"}
    with contextlib.closing(cx.compare(toys.image(), methods, classifier=classifier)) as comparison:
        comparison.play()
        assert comparison.wait(100)
        assert comparison.error is None
        assert len(comparison.explanations) == 2


def test_a_study(classifier, tmp_path):
    pytest.importorskip("pyarrow")
    settings = {"classifier": classifier, "save_masks": True, "progress": False}
    results = cx.study(["coffee", "camera"], toys.small("waveletx"), out=tmp_path / "study", **settings)
    assert len(results) == 2
    assert not results.errors()


def test_expansions_of_the_lab():
    picture = toys.image()[0].to(NAME)
    for basis in ("pixels", "fourier", "cosine", cx.representations.Wavelet("db2"), cx.representations.Shearlet()):
        ours, theirs = (sparsity.expand(image, basis).keep(50) for image in (picture, picture.cpu()))
        assert (ours.cpu() - theirs).abs().max() < 1e-4


def test_what_folding_tries_in_double_precision_is_tried_on_the_cpu(monkeypatch):
    monkeypatch.setattr(folding, "_CERTAIN", -1.0)  # as where the logits are sensitive to rounding
    parts = [nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    module = toys.lively(nn.Sequential(*parts, nn.Linear(4, 3)))
    classifier = cx.Classifier(module, size=toys.SIDE, device=NAME)
    assert "Folded 1 of 1 batch norms into their convolutions." in classifier.notes
    assert all(parameter.device.type == NAME for parameter in classifier.module.parameters())
