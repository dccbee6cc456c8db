"""Runs on a device that has no hardware, as a GPU would run them: nothing stays on the CPU, nothing is read back.

PyTorch's fake tensors follow shapes, devices and dtypes and compute nothing. Where two devices meet, or a value would
have to be known, they raise: that is where a run on a GPU would fail, or wait. (Frames and summaries read back.)
"""

from __future__ import annotations

import contextlib

import pytest
import torch
import toys

import cartoonx_widgets as cx

backend = pytest.importorskip("torch.utils.backend_registration")
fake_tensor = pytest.importorskip("torch._subclasses.fake_tensor")
if not hasattr(backend, "_setup_privateuseone_for_python_backend"):
    pytest.skip("this PyTorch has no device without hardware", allow_module_level=True)

NAME = "absent"
# While the tests are collected: the first backward pass of a process counts the devices that there are.
if not hasattr(torch, NAME):
    backend._setup_privateuseone_for_python_backend(NAME)

PLAIN = (str, bytes, int, float, complex, bool, type(None), type, torch.device, torch.dtype, torch.Size)


class Generator:
    """Stands for a generator on the device, where none can be made."""

    def __init__(self):
        self.device = torch.device(NAME)

    def get_state(self):
        return torch.zeros(4, dtype=torch.uint8)

    def set_state(self, state):
        pass


class Moving:
    """Exchanges all tensors below an object for fake ones on the device."""

    def __init__(self, mode):
        self.mode = mode
        self.moved, self.kept = {}, []  # by the old one's id, which lasts as long as what is kept

    def __call__(self, found):
        if id(found) in self.moved:
            return self.moved[id(found)]
        self.kept.append(found)
        new = self.moved[id(found)] = self.exchanged(found)
        self.moved[id(new)] = new
        return new

    def exchanged(self, found):
        if isinstance(found, torch.Tensor):
            return self.fake(found)
        if isinstance(found, torch.Generator):
            return Generator()
        if isinstance(found, tuple) and not isinstance(found, torch.Size):
            parts = [self(part) for part in found]
            return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)
        if not isinstance(found, PLAIN):
            self.moved[id(found)] = found  # it may be met again below itself
            self.fill(found)
        return found

    def fake(self, tensor):
        with self.mode, torch.inference_mode(False), torch.enable_grad():
            new = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=NAME)
            if isinstance(tensor, torch.nn.Parameter):
                return torch.nn.Parameter(new, requires_grad=tensor.requires_grad)
            return new.requires_grad_(tensor.requires_grad)

    def fill(self, holder):
        if isinstance(holder, list):
            holder[:] = map(self, holder)
        elif isinstance(holder, dict):
            for key in holder:
                holder[key] = self(holder[key])
        else:
            slots = [name for kind in type(holder).__mro__ for name in getattr(kind, "__slots__", ())]
            for name in [*getattr(holder, "__dict__", ()), *slots]:
                if (old := getattr(holder, name, None)) is not None and (new := self(old)) is not old:
                    object.__setattr__(holder, name, new)


@pytest.fixture
def absent(monkeypatch):
    """Take an optimisation to the device: `absent(method)`; whatever follows in the test runs there."""
    with contextlib.ExitStack() as stack:

        def take(method, *, images=1, bfloat16=False):
            picture = torch.cat([toys.image(seed) for seed in range(images)])
            optimization = cx.Optimization(picture, toys.classifier(), [toys.target()] * images, method)
            if bfloat16:
                assert optimization.sampler.use_bfloat16(optimization.objective.distortion)
            for name in ("rand", "randn"):
                monkeypatch.setattr(torch, name, without_generator(getattr(torch, name)))
            mode = fake_tensor.FakeTensorMode()
            Moving(mode)(optimization)
            stack.enter_context(mode)
            return optimization

        yield take


def without_generator(draw):
    def drawn(*shape, generator=None, **named):
        return draw(*shape, **named)

    return drawn


@pytest.mark.parametrize("name", cx.methods.PRESETS)
def test_three_steps_of_a_preset(absent, name):
    optimization = absent(cx.methods.PRESETS[name]())
    for _ in range(3):
        optimization.step()
    assert optimization.mask.device.type == NAME


def test_a_batch(absent):
    optimization = absent(cx.methods.cartoonx_interactive(), images=3)
    optimization.step()
    assert optimization.mask.shape[0] == 3


def test_steering_and_steps_beyond_the_last(absent):
    optimization = absent(cx.methods.waveletx_interactive(steps=2))
    optimization.step()
    optimization.steer(lambda_l1=3.0, learning_rate=0.1)
    for _ in range(3):
        optimization.step()
    assert optimization.steps_done == 4


def test_fewer_samples_at_once_where_memory_runs_out(absent, monkeypatch):
    optimization = absent(cx.methods.cartoonx(samples=4))
    # Numbers go to a GPU; here there is no way for them.
    monkeypatch.setattr(torch.Tensor, "new_tensor", lambda like, numbers: like.new_empty(len(numbers)))
    run, failures = optimization._run, iter([torch.OutOfMemoryError("out of memory")])

    def fails_once(draws, left):
        for error in failures:
            raise error
        run(draws, left)

    monkeypatch.setattr(optimization, "_run", fails_once)
    optimization.step()
    assert optimization.steps_done == 1
    assert "2 images at once" in optimization.notes[-1]


def test_bfloat16(absent):
    optimization = absent(cx.methods.cartoonx_interactive(), bfloat16=True)
    assert optimization.sampler.computes_in == torch.bfloat16
    optimization.step()


def test_what_a_gpu_would_wait_for_or_fail_on_is_found(absent):
    """The test itself would notice: a tensor that was left behind, and a value that is read."""
    optimization = absent(cx.methods.cartoonx_interactive())
    with pytest.raises(fake_tensor.DataDependentOutputException):
        optimization.mask.sum().item()
    optimization.coefficients = torch.zeros(1)
    with pytest.raises(RuntimeError, match="device"):
        optimization.mask + torch.ones(1, device="cpu")
