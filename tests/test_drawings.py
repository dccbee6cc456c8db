"""The drawings: their size and range, that they are the same each time, and what each is made for."""

from __future__ import annotations

import pytest
import torch

from cartoonx_widgets.drawings import DRAWINGS, draw
from cartoonx_widgets.images import ImageError

NAMES = pytest.mark.parametrize("name", DRAWINGS)


@NAMES
@pytest.mark.parametrize("size", [16, 33, 256])
def test_a_drawing_is_a_picture(name, size):
    picture = draw(name, size)
    assert picture.shape == (3, size, size)
    assert picture.dtype == torch.float32
    assert 0 <= float(picture.min()) < float(picture.max()) <= 1


@NAMES
def test_a_drawing_is_the_same_each_time(name):
    torch.manual_seed(3)
    first = draw(name, 48)
    torch.rand(5)
    assert torch.equal(first, draw(name, 48))


@pytest.mark.parametrize("name", ["figures", "edge"])
def test_a_drawing_shows_the_same_at_each_size(name):
    large = torch.nn.functional.avg_pool2d(draw(name, 256), 4)
    assert float((large - draw(name, 64)).abs().mean()) < 0.003


def test_an_edge_has_two_values_and_little_between_them():
    picture = draw("edge", 128)
    assert float(((picture - 0.2).abs() < 1e-6).float().mean() + ((picture - 0.8).abs() < 1e-6).float().mean()) > 0.98


def test_figures_are_smooth_but_for_few_edges():
    picture = draw("figures", 256).mean(0)
    steps = (picture[:, 1:] - picture[:, :-1]).abs()
    assert float((steps > 0.03).float().mean()) < 0.02
    assert float(steps.max()) > 0.15


def test_noise_is_uniform_and_uncorrelated():
    picture = draw("noise", 256)[0] - 0.5
    assert float(picture.mean()) == pytest.approx(0, abs=0.005)
    assert float(picture.var()) == pytest.approx(1 / 12, rel=0.02)
    assert float((picture[:, 1:] * picture[:, :-1]).mean() * 12) == pytest.approx(0, abs=0.02)


def test_a_drawing_that_is_not_there():
    with pytest.raises(ImageError, match=r"name 'circle' is no drawing; allowed are figures, edge, texture, noise"):
        draw("circle", 64)


@pytest.mark.parametrize("size", [15, 0, -3, 2049, 64.0, True, "64", None])
def test_a_size_that_is_out_of_range(size):
    with pytest.raises(ValueError, match=r"size=.* must be a whole number from 16 to 2048"):
        draw("edge", size)
