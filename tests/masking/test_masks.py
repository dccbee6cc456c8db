import math

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.masking import FreeMask, GivenMask, SmoothMask
from cartoonx_widgets.representations import Pixel, Wavelet

N = 1267  # of the toys' wavelet


def wavelet(dtype=torch.float32):
    return Wavelet("db2", levels=2).transform((32, 32), dtype=dtype)


def pixels(size=(32, 32), dtype=torch.float64):
    return Pixel().transform(size, dtype=dtype)


def random(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def optimization(mask, **settings):
    picture = torch.cat([toys.image(), toys.image(5)])
    return cx.Optimization(picture, toys.classifier(), [0, 1], toys.small("cartoonx", mask=mask, **settings))


@pytest.mark.parametrize("initial", [0, 0.25, 1, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_free_mask_is_its_own_parameters(initial, dtype):
    transform = wavelet(dtype)
    start = FreeMask(initial).start(transform, 3)
    assert start.shape == (3, 1, N)
    assert start.dtype == dtype
    assert (start == initial).all()
    assert torch.equal(FreeMask().mask(start, transform), start)
    assert (optimization(FreeMask(initial)).mask == initial).all()


def test_the_published_start_is_ones():
    assert FreeMask() == FreeMask(1.0)
    assert SmoothMask().initial == 1


@pytest.mark.parametrize("make", [FreeMask, SmoothMask])
@pytest.mark.parametrize("initial", [-1e-9, 1.1, math.nan, math.inf, "1", None, True])
def test_a_start_out_of_range(make, initial):
    with pytest.raises(ValueError, match=r"^initial=.* must be a number in \[0, 1\]"):
        make(initial=initial)


@pytest.mark.parametrize("shape", [(N,), (1, 1, N), (2, 1, N)])
def test_a_given_mask_is_where_the_run_starts(shape):
    values = random(*shape)
    for given in (values, values.float(), values.numpy(), values.tolist()):
        begun = optimization(GivenMask(given))
        assert begun.mask.shape == (2, 1, N)
        assert torch.allclose(begun.mask, values.float().expand(2, 1, N), atol=1e-7)


def test_a_given_mask_is_not_changed_by_the_run():
    values = random(N).float()
    before = values.clone()
    for _ in range(2):
        begun = optimization(GivenMask(values))
        begun.step()
        assert torch.equal(values, before)
        assert not torch.equal(begun.mask[0, 0], values)
        assert not torch.equal(begun.mask[0], begun.mask[1])  # though they have one start


def test_a_given_mask_may_be_part_of_a_graph():
    values = random(N).requires_grad_()
    begun = optimization(GivenMask(values))
    begun.step()
    assert values.grad is None


@pytest.mark.parametrize("shape", [(7,), (N + 1,), (1, N), (3, 1, N), (2, 3, N), (1, 2, N), (), (0,), (N, 1)])
def test_a_given_mask_of_another_shape(shape):
    with pytest.raises(ValueError, match=rf"values has shape \(.*\); this .* of shape \({N},\) or \(2, 1, {N}\)"):
        optimization(GivenMask(torch.full(shape, 0.5)))


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf])
def test_a_given_mask_out_of_range(value):
    values = torch.full((N,), 0.5)
    values[17] = value
    with pytest.raises(ValueError, match=r"values lie between .* and .*; a mask needs values in \[0, 1\]"):
        GivenMask(values)


def test_a_given_mask_has_one_entry_for_all_parts_of_a_coefficient():
    values = random(3 * 1024)
    with pytest.raises(ValueError, match="differ between real and imaginary part"):
        optimization(GivenMask(values), representation=toys.Rotated())
    values[2048:] = values[1024:2048]
    begun = optimization(GivenMask(values), representation=toys.Rotated())
    real, imaginary = begun.transform.bands[1].of(begun.mask).unbind(2)
    assert torch.equal(real, imaginary)


@pytest.mark.parametrize("values", [None, "ones", object()])
def test_what_is_no_mask_at_all(values):
    with pytest.raises(TypeError, match="must be numbers"):
        GivenMask(values)


def test_a_given_mask_does_not_print_its_values():
    assert len(repr(GivenMask(torch.ones(N)))) < 100


# Smooth masks.


def naive(parameters, grid, sigma, temperature):
    """The smooth maximum at each point of a grid of spacing 1, by its formula, over the square around the bump."""
    rows, columns = grid
    reach = int(sigma)
    a = np.pad(parameters.reshape(grid), reach)
    mask = np.empty(grid)
    for row in range(rows):
        for column in range(columns):
            values = []
            for i in range(-reach, reach + 1):
                for j in range(-reach, reach + 1):
                    d = math.hypot(i, j)
                    k = math.exp(-2 * max(0, d / sigma - 0.5) ** 2) if d <= sigma else 0
                    values.append(k * a[row + reach + i, column + reach + j])
            weights = np.exp(np.array(values) / temperature)
            mask[row, column] = (values * weights).sum() / weights.sum()
    return mask


@pytest.mark.parametrize(("sigma", "temperature"), [(3.0, 0.05), (2.5, 0.5), (1.0, 0.2)])
def test_a_smooth_mask_is_its_formula(sigma, temperature):
    size = (8, 11)
    smooth = SmoothMask(step=1, sigma=sigma, temperature=temperature)
    parameters = random(2, 1, 88)
    mask = smooth.mask(parameters, pixels(size))
    assert mask.shape == (2, 1, 88)
    for i in range(2):
        expected = naive(parameters[i].numpy(), size, sigma, temperature)
        assert np.abs(mask[i, 0].view(size).numpy() - expected).max() < 1e-12


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (20, 31), (8, 50), (224, 224)])
@pytest.mark.parametrize(
    "smooth", [SmoothMask(), SmoothMask(step=4, sigma=9.0), SmoothMask(step=10, sigma=3.0)], ids=repr
)
def test_a_smooth_mask_of_ones_keeps_nearly_all_and_one_of_zeros_nothing(smooth, size):
    transform = pixels(size)
    ones = smooth.start(transform, 2)
    assert ones.shape == (2, 1, ones.shape[-1])
    assert ones.shape[-1] == math.prod(1 + math.ceil((side - 1) / smooth.resolved(size).step) for side in size)
    assert ones.shape[-1] <= math.prod(size) / (4 if smooth.step else 1)
    mask = smooth.mask(ones, transform)
    assert mask.shape == (2, 1, transform.n_coefficients)
    assert 0.9 < mask.min() <= mask.max() <= 1 + 1e-15  # the interpolation rounds
    assert (smooth.mask(torch.zeros_like(ones), transform) == 0).all()


def test_the_mask_of_a_smooth_run_can_be_given_to_another():
    method = cx.methods.smooth_mask().replace(mask=SmoothMask(step=10, sigma=3.0))  # whose interpolation rounds above 1
    optimization = cx.Optimization(toys.image(), toys.classifier(), [0], method)
    assert torch.equal(GivenMask(optimization.mask[0, 0]).values, optimization.mask[0, 0])


@pytest.mark.parametrize("seed", range(5))
def test_a_smooth_mask_lies_between_0_and_1_and_below_its_largest_parameter(seed):
    transform = pixels((33, 47), torch.float32)
    smooth = SmoothMask(step=3, sigma=7.0)
    parameters = random(3, 1, smooth.start(transform, 1).shape[-1], seed=seed).float() ** 3
    mask = smooth.mask(parameters, transform)
    assert mask.dtype == torch.float32
    assert 0 <= mask.min() < mask.max() <= 1
    assert (mask.amax(-1) <= parameters.amax(-1) + 1e-6).all()
    alone = torch.cat([smooth.mask(parameters[i : i + 1], transform) for i in range(3)])
    assert torch.allclose(mask, alone, atol=1e-6)


@pytest.mark.parametrize("centre", [(32, 32), (0, 0), (64, 16)])
def test_a_single_bump_has_its_radius(centre):
    """1 within half the radius, falling to exp(-1/2) at the radius, 0 beyond it but for the interpolation."""
    smooth, transform = SmoothMask(step=4, sigma=20.0), pixels((65, 65))
    grid = torch.zeros(17, 17, dtype=torch.float64)
    grid[centre[0] // 4, centre[1] // 4] = 1
    mask = smooth.mask(grid.view(1, 1, -1), transform).view(65, 65)
    rows, columns = torch.meshgrid(torch.arange(65.0), torch.arange(65.0), indexing="ij")
    distance = torch.hypot(rows - centre[0], columns - centre[1])
    assert mask[distance <= 10 - 4].min() > 0.999
    assert (mask[distance > 20 + 4 * 2**0.5] == 0).all()
    for row, column in ((16, 0), (0, 16), (0, -16), (12, 12), (20, 0), (-12, 16)):
        if 0 <= centre[0] + row < 65 and 0 <= centre[1] + column < 65:
            expected = math.exp(-2 * (math.hypot(row, column) / 20 - 0.5) ** 2)
            assert mask[centre[0] + row, centre[1] + column].item() == pytest.approx(expected, abs=2e-3)
    # Along a row it falls.
    line = mask[centre[0], centre[1] :]
    assert (line.diff() <= 1e-12).all()


def test_a_smooth_mask_treats_all_sides_alike():
    smooth, transform = SmoothMask(step=4, sigma=9.0), pixels((33, 33))
    parameters = random(1, 1, 81).view(9, 9)
    mask = smooth.mask(parameters.reshape(1, 1, -1), transform).view(33, 33)
    for turn in (lambda x: x.flip(0), lambda x: x.flip(1), lambda x: x.T):
        turned = smooth.mask(turn(parameters).reshape(1, 1, -1), transform).view(33, 33)
        assert torch.allclose(turned, turn(mask), atol=1e-12)


def test_a_smooth_mask_is_smooth():
    """Bumps of radius 21 change by at most their steepest slope, 1 / sigma, from pixel to pixel."""
    smooth, transform = SmoothMask(step=7, sigma=21.0), pixels((64, 64))
    parameters = (random(1, 1, 100) > 0.9).double()
    mask = smooth.mask(parameters, transform).view(64, 64)
    assert mask.max() > 0.99
    assert max(mask.diff(dim=0).abs().max(), mask.diff(dim=1).abs().max()) < 1.5 / 7


@pytest.mark.parametrize("size", [(9, 11), (8, 6)])
def test_the_gradient_of_a_smooth_mask(size):
    smooth, transform = SmoothMask(step=2, sigma=4.0), pixels(size)
    parameters = random(2, 1, smooth.start(transform, 1).shape[-1]).requires_grad_()
    assert torch.autograd.gradcheck(lambda a: smooth.mask(a, transform), (parameters,))


def test_a_smooth_mask_lies_on_pixels():
    for representation in (Wavelet("haar", levels=1), toys.Rotated()):
        with pytest.raises(ValueError, match=r"a smooth mask lies on pixels: use representations.Pixel\(\)"):
            optimization(SmoothMask(), representation=representation)


def test_a_smooth_mask_in_a_run_moves_its_parameters():
    smooth = SmoothMask(initial=0.5, step=4, sigma=9.0)
    begun = optimization(smooth, representation=Pixel())
    assert begun.mask.shape == (2, 1, 1024)
    assert begun.descent.parameters.shape == (2, 1, 81)
    for _ in range(3):
        begun.step()
    expected = smooth.mask(begun.descent.parameters.detach(), begun.transform)
    assert torch.equal(begun.mask, expected)
    assert not begun.mask.requires_grad
    assert begun.curves()["l1"].shape == (3, 2)
    assert 0 <= begun.mask.min() < begun.mask.max() <= 1


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        *[("step", value, "a whole number of pixels of at least 1") for value in (0, -1, 1.5, 7.0, "7", True)],
        *[("sigma", value, "a finite number above 0") for value in (0, -1, math.inf, math.nan, "9", True)],
        *[("temperature", value, "a finite number above 0") for value in (0, -1, math.inf, math.nan, "9", None, True)],
    ],
)
def test_settings_of_a_smooth_mask_out_of_range(setting, value, reason):
    with pytest.raises(ValueError, match=rf"^{setting}=.* must be {reason}"):
        SmoothMask(**{setting: value})
