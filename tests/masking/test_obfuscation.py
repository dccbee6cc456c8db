import math

import numpy as np
import pytest
import torch
import toys
from scipy import ndimage

import cartoonx_widgets as cx
from cartoonx_widgets.masking import BlurredImage, FreeMask, GaussianNoise, UniformNoise, Zeros
from cartoonx_widgets.representations import Pixel, Shearlet, Wavelet

REPRESENTATIONS = [Wavelet("db2", levels=2), Pixel(), Shearlet(scales=1), toys.Rotated()]
NOISES = [GaussianNoise, UniformNoise]


def pictures():
    """A bright picture and a dark one, (2, 3, 32, 32) in float64."""
    return torch.cat([toys.image(), 0.3 * toys.image(5)]).double()


def adapted(obfuscation, representation, images=None):
    """Coefficients (B, C, N), location and scale (B, 1 or C, N), and the transform."""
    images = pictures() if images is None else images
    transform = representation.transform(tuple(images.shape[2:]), dtype=images.dtype)
    coefficients = transform.analyse(images)
    location, scale = obfuscation.adapt(images, coefficients, transform)
    return coefficients, location, scale, transform


def groups(transform, per):
    """Sets of indices that share their statistics: each band, or the lowpass and each scale's other bands."""
    keys = {}
    for band in transform.bands:
        key = band.name if per == "band" or band.orientation == "lowpass" else band.scale
        keys.setdefault(key, []).extend(range(band.start, band.stop))
    return list(keys.values())


@pytest.mark.parametrize("colours", ["each", "shared"])
@pytest.mark.parametrize("per", ["scale", "band"])
@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
def test_statistics_are_those_of_what_is_replaced(representation, per, colours):
    """Mean and unbiased deviation over all colours of a group, or over its grey coefficients, image by image."""
    coefficients, mean, deviation, transform = adapted(GaussianNoise(per=per, colours=colours), representation)
    assert mean.shape == deviation.shape == (2, 1, transform.n_coefficients)
    assert len(groups(transform, per)) == (len(transform.bands) if per == "band" else len(transform.scales()))
    for i in range(2):
        values = coefficients[i].numpy()
        if colours == "shared":
            values = values.mean(0, keepdims=True)
        for group in groups(transform, per):
            assert np.ptp(mean[i, 0, group].numpy()) == np.ptp(deviation[i, 0, group].numpy()) == 0
            assert mean[i, 0, group[0]].item() == pytest.approx(values[:, group].mean(), rel=1e-9, abs=1e-14)
            assert deviation[i, 0, group[0]].item() == pytest.approx(values[:, group].std(ddof=1), rel=1e-9)
    assert not torch.allclose(deviation[0], deviation[1], rtol=0.1)


@pytest.mark.parametrize("colours", ["each", "shared"])
@pytest.mark.parametrize("per", ["scale", "band"])
def test_uniform_noise_reaches_one_deviation_from_the_mean(per, colours):
    representation = Wavelet("db2", levels=2)
    _, mean, deviation, _ = adapted(GaussianNoise(per=per, colours=colours), representation)
    _, lower, width, _ = adapted(UniformNoise(per=per, colours=colours), representation)
    assert torch.allclose(lower, mean - deviation, atol=1e-14)
    assert torch.allclose(lower + width, mean + deviation, atol=1e-14)


@pytest.mark.parametrize("make", NOISES)
def test_the_noise_itself_has_the_mean_and_the_spread(make):
    coefficients, location, scale, transform = adapted(make(), Wavelet("db2", levels=2))
    raw = make().draw((1000, 3, transform.n_coefficients), torch.Generator().manual_seed(0)).double()
    shrink = 1 if make is GaussianNoise else math.sqrt(3)  # a uniform variable of half width d deviates by d / sqrt(3)
    for i in range(2):
        for group in groups(transform, "scale"):
            band = coefficients[i, :, group].numpy()
            noise = (location[i, :, group] + scale[i, :, group] * raw[..., group]).numpy()
            deviation = band.std(ddof=1) / shrink
            assert abs(noise.mean() - band.mean()) < 5 * deviation / math.sqrt(noise.size)
            assert noise.std() == pytest.approx(deviation, rel=5 / math.sqrt(2 * noise.size))
            if make is UniformNoise:
                assert noise.min() >= band.mean() - band.std(ddof=1)
                assert noise.max() <= band.mean() + band.std(ddof=1)


@pytest.mark.parametrize("obfuscation", [GaussianNoise(), UniformNoise(), Zeros(), BlurredImage()])
def test_the_draws_of_a_seed(obfuscation):
    shape = (4, 2, 3, 500)
    first, again, other = (obfuscation.draw(shape, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert first.shape == shape
    assert first.dtype == torch.float32
    assert torch.equal(first, again)
    assert torch.equal(first, other) == (not obfuscation.random)
    if isinstance(obfuscation, GaussianNoise):
        assert (first.mean().item(), first.std().item()) == pytest.approx((0, 1), abs=0.05)
        assert first.abs().max() > 2.5
    elif isinstance(obfuscation, UniformNoise):
        assert 0 <= first.min() < 0.01
        assert 0.99 < first.max() < 1
    else:
        assert (first == 0).all()
        assert obfuscation.colours == "each"


def hidden(obfuscation, representation, mask):
    """What a constant mask shows the classifier, less the cartoon: (S, 3, H, W), not clamped."""
    seen = []

    class Keeping(toys.Toy):
        def forward(self, image):
            seen.append(image.detach())
            return super().forward(image)

    method = toys.small(
        "pixel_rde", representation=representation, obfuscation=obfuscation, mask=FreeMask(mask), samples=4
    )
    classifier = cx.Classifier(Keeping(), size=32, device="cpu", dtype=torch.float64)
    optimization = cx.Optimization(toys.image().double(), classifier, [0], method)
    kept = optimization.transform.synthesise(optimization.mask * optimization.coefficients)
    seen.clear()
    optimization.step()
    return torch.cat(seen) - kept


@pytest.mark.parametrize("make", NOISES)
@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
def test_noise_shared_by_the_colours_is_grey(representation, make):
    for per in ("scale", "band"):
        noise = hidden(make(per=per, colours="shared"), representation, 0.4)
        assert noise.shape == (4, 3, 32, 32)
        assert (noise - noise[:, :1]).abs().max() < 1e-12
        assert (noise[0] - noise[1]).std() > 0.01  # each sample has its own
        coloured = hidden(make(per=per), representation, 0.4)
        assert (coloured - coloured[:, :1]).abs().mean() > 0.01


@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
def test_zeros_leave_the_cartoon_alone(representation):
    coefficients, location, scale, _ = adapted(Zeros(), representation)
    assert location.shape == scale.shape == (2, 1, coefficients.shape[-1])
    assert (location == 0).all()
    assert (scale == 0).all()
    rest = hidden(Zeros(), representation, 0.4)
    assert rest.shape == (1, 3, 32, 32)
    assert rest.abs().max() < 1e-12


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sigma", [0.7, 3, 20.0])
@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda one: type(one).__name__)
def test_a_blurred_image_is_put_where_the_mask_deletes(representation, sigma, dtype):
    images = pictures().to(dtype)
    coefficients, location, scale, transform = adapted(BlurredImage(sigma=sigma), representation, images)
    assert location.dtype == scale.dtype == dtype
    assert location.shape == coefficients.shape
    assert (scale == 0).all()
    blurred = transform.synthesise(location).numpy()
    for i in range(2):
        for colour in range(3):
            expected = ndimage.gaussian_filter(images[i, colour].numpy(), sigma, mode="nearest")
            assert np.abs(blurred[i, colour] - expected).max() < 1e-5


def test_a_blur_keeps_what_is_plain_and_mixes_neither_colours_nor_images():
    plain = torch.tensor([0.2, 0.5, 0.9]).double().view(1, 3, 1, 1).expand(1, 3, 20, 30)
    _, location, _, _ = adapted(BlurredImage(sigma=5.0), Pixel(), plain)
    assert torch.allclose(location, plain.flatten(2), atol=1e-6)
    spot = torch.zeros(2, 3, 21, 31, dtype=torch.float64)
    spot[0, 1, 10, 15] = 1
    _, location, _, _ = adapted(BlurredImage(sigma=2.0), Pixel(), spot)
    blurred = location.view(spot.shape)
    assert (blurred[1] == 0).all()
    assert (blurred[0, [0, 2]] == 0).all()
    assert blurred[0, 1].sum() == pytest.approx(1, abs=1e-3)
    assert torch.allclose(blurred[0, 1], blurred[0, 1].flip(0, 1), atol=1e-12)
    rows = (torch.arange(21) - 10.0)[:, None]
    assert (blurred[0, 1] * rows**2).sum().sqrt() == pytest.approx(2, rel=0.02)


def test_a_mask_of_zeros_shows_the_blurred_photograph():
    rest = hidden(BlurredImage(sigma=2.0), Wavelet("db2", levels=2), 0.0)
    expected = ndimage.gaussian_filter(toys.image()[0].double().numpy(), (0, 2, 2), mode="nearest")
    assert rest.shape == (1, 3, 32, 32)
    assert np.abs(rest[0].numpy() - expected).max() < 1e-6


@pytest.mark.parametrize("make", NOISES)
def test_the_defaults_are_those_of_the_papers(make):
    noise = make()
    assert (noise.per, noise.colours, noise.random) == ("scale", "each", True)
    assert noise == make(per="scale", colours="each")
    assert noise != make(per="band")
    assert BlurredImage() == BlurredImage(sigma=20.0)
    assert not BlurredImage().random
    assert not Zeros().random


@pytest.mark.parametrize("make", NOISES)
@pytest.mark.parametrize("value", ["bands", "", None, 1])
def test_an_unknown_choice(make, value):
    with pytest.raises(ValueError, match=r"^per=.* must be 'scale' or 'band'"):
        make(per=value)
    with pytest.raises(ValueError, match=r"^colours=.* must be 'each' or 'shared'"):
        make(colours=value)
    with pytest.raises(TypeError):
        make("scale")


@pytest.mark.parametrize("sigma", [0, -1, math.inf, math.nan, "3", None, True])
def test_a_blur_out_of_range(sigma):
    with pytest.raises(ValueError, match=r"^sigma=.* must be a finite number of pixels above 0"):
        BlurredImage(sigma=sigma)


@pytest.mark.parametrize("make", NOISES)
def test_a_picture_without_contrast_has_noise_of_no_width(make):
    plain = torch.full((1, 3, 16, 16), 0.5, dtype=torch.float64)
    _, location, scale, transform = adapted(make(), Wavelet("haar", levels=2), plain)
    noise = location + scale * make().draw((1, 3, transform.n_coefficients), torch.Generator().manual_seed(0))
    assert (transform.synthesise(noise) - 0.5).abs().max() < 1e-9
