"""A mask that starts at the quantiles of the gradient."""

import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.masking import FreeMask, SmoothMask
from cartoonx_widgets.representations import DualTree, Shearlet
from cartoonx_widgets.widgets.explorer import settings


@pytest.mark.parametrize("representation", [None, DualTree(levels=2), Shearlet(scales=1)], ids=str)
def test_an_entry_starts_at_the_share_of_smaller_gradients(representation):
    method = toys.method(**({"representation": representation} if representation else {}))
    method = method.replace(mask=FreeMask("gradient"))
    [mask] = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method).mask[0]
    found = baselines.wam(
        toys.image(), classifier=toys.classifier(), target=toys.target(), representation=method.representation
    )
    size = found.transform.tie(found.relevance.square().sum(0)[None, None])[0, 0].sqrt()
    size = size.where(size > 1e-6 * size.max(), 0.0)  # what is only rounding
    smaller = torch.tensor([float((size < one).sum()) for one in size[::97]]) / (len(size) - 1)
    torch.testing.assert_close(mask[::97], smaller, atol=2e-3, rtol=0)
    assert float(mask.min()) == 0
    assert 0.2 < mask.mean() < 0.52  # those without a gradient start at 0
    for band in found.transform.bands:
        values = band.of(mask)
        assert band.parts == 1 or torch.equal(values[0], values[1])


@pytest.mark.parametrize("name", cx.methods.PRESETS)
def test_every_method_takes_it(name):
    method = toys.small(name)
    if isinstance(method.mask, SmoothMask):
        method = method.replace(mask=SmoothMask(initial="gradient", step=4, sigma=9.0))
    else:
        method = method.replace(mask=FreeMask("gradient"))
    optimization = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method)
    first = optimization.mask
    assert 0 <= float(first.min()) < 0.4  # bumps are wide
    assert 0.6 < float(first.max()) <= 1
    while not optimization.finished:
        optimization.step()
    assert not torch.equal(optimization.mask, first)
    assert 0 <= float(optimization.mask.min()) <= float(optimization.mask.max()) <= 1
    described = settings.describe(method, toys.small(name))
    assert "mask.initial" not in [one["path"] for one in described]


def test_images_of_a_batch_start_alone():
    pictures = torch.cat([toys.image(), toys.image(1)])
    method = toys.method().replace(mask=FreeMask("gradient"))
    together = cx.Optimization(pictures, toys.classifier(), [0, 3], method).mask
    for index, target in enumerate((0, 3)):
        alone = cx.Optimization(pictures[index][None], toys.classifier(), [target], method).mask
        torch.testing.assert_close(together[index], alone[0], atol=2e-3, rtol=0)


def test_a_picture_without_a_gradient_starts_empty():
    class Indifferent(toys.Toy):
        def forward(self, image):
            return super().forward(image.clamp(0.2, 0.8))

    method = toys.method().replace(mask=FreeMask("gradient"))
    optimization = cx.Optimization(torch.ones(1, 3, 32, 32), toys.classifier(Indifferent()), [0], method)
    assert optimization.mask.max() == 0


@pytest.mark.parametrize("initial", ["gradients", "", 1.5, None, True])
@pytest.mark.parametrize("kind", [FreeMask, SmoothMask])
def test_another_start_is_refused(kind, initial):
    with pytest.raises(ValueError, match=r"must be a number in \[0, 1\], or 'gradient'"):
        kind(initial=initial)
