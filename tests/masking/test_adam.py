"""Adam against `torch.optim.Adam`."""

import pytest
import torch

from cartoonx_widgets.masking.adam import Adam


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.9, 0.99)])
def test_moves_as_that_of_pytorch_does(dtype, betas):
    """To the last bit, with a learning rate that changes and gradients of very different sizes."""
    generator = torch.Generator().manual_seed(0)
    ours = torch.rand(2, 1, 37, generator=generator, dtype=dtype)
    theirs = ours.clone()
    adam, reference = Adam(ours, betas=betas), torch.optim.Adam([theirs], betas=betas)
    for step in range(30):
        gradient = torch.randn(2, 1, 37, generator=generator, dtype=dtype) * 10.0 ** (step % 7 - 4)
        gradient[0, 0, :5] = 0
        rate = 0.1 / (1 + step)
        adam.step(gradient, rate)
        reference.param_groups[0]["lr"] = rate
        theirs.grad = gradient
        reference.step()
        assert torch.equal(ours, theirs)


def test_a_learning_rate_and_a_count_in_tensors_move_alike():
    """As they are on a GPU, where nothing is to be read back."""
    generator = torch.Generator().manual_seed(0)
    one = torch.rand(5, generator=generator, dtype=torch.float64)
    other = one.clone()
    numbers, tensors = Adam(one, betas=(0.9, 0.99)), Adam(other, betas=(0.9, 0.99))
    tensors._count = torch.zeros((), dtype=torch.float64)
    for _ in range(5):
        gradient = torch.randn(5, generator=generator, dtype=torch.float64)
        numbers.step(gradient, 0.1)
        tensors.step(gradient, torch.tensor(0.1, dtype=torch.float64))
    assert torch.allclose(one, other, rtol=1e-12)
