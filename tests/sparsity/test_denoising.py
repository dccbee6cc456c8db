"""Thresholds and denoising: closed forms, PyWavelets, scikit-image, and what noise itself does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import pywt
import torch
from skimage.restoration import denoise_wavelet

from cartoonx_widgets import drawings, images, sparsity
from cartoonx_widgets.images import ImageError
from cartoonx_widgets.representations import DualTree, Shearlet, Wavelet
from cartoonx_widgets.sparsity.noise_norms import noise_norms

BASES = {
    "pixels": "pixels",
    "fourier": "fourier",
    "cosine": "cosine",
    "db3": Wavelet("db3", levels=3, mode="periodization"),
    "biorthogonal": Wavelet("bior2.2", levels=3, mode="periodization"),
    "dual-tree": DualTree(levels=3),
    "shearlets": Shearlet(scales=2),
}
KINDS = ("hard", "soft")


def photograph(side=64):
    return images.fit(images.sample("camera"), side)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 0.3, 1.0, 99])
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_a_threshold_is_that_of_pywavelets(kind, size, dtype):
    values = torch.randn(1000, dtype=dtype, generator=torch.Generator().manual_seed(1))
    found = sparsity.threshold(values, size, kind).numpy()
    np.testing.assert_allclose(found, pywt.threshold(values.numpy(), size, kind), rtol=1e-12, atol=1e-15)


def test_a_value_at_the_threshold_is_dropped_and_0_stays_0():
    assert sparsity.threshold(torch.zeros(2), 0.0).tolist() == [0, 0]  # where PyWavelets has NaN
    assert sparsity.threshold(torch.tensor([0.5, -0.5, 0.0]), 0.5, "hard").abs().tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_denoising_is_wavedec2_threshold_waverec2(kind):
    noisy = sparsity.add_noise(photograph(), 0.1)
    found = sparsity.denoise(
        sparsity.expand(noisy, BASES["db3"]), 0.1, kind=kind, threshold=2.0, by_scale={1: 4.0, 3: 0.5}
    )
    for colour, image in zip(found, noisy.double().numpy(), strict=True):
        lowpass, *details = pywt.wavedec2(image, "db3", "periodization", level=3)
        left = [
            tuple(pywt.threshold(detail, size, kind) for detail in level)
            for level, size in zip(details, (0.05, 0.2, 0.4), strict=True)
        ]
        expected = pywt.waverec2([lowpass, *left], "db3", "periodization")
        np.testing.assert_allclose(colour.numpy(), expected, atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_universal_threshold_is_that_of_visu_shrink(kind):
    """scikit-image takes log of the number of pixels, and no threshold in the lowpass either."""
    clean = drawings.draw("figures", 64)
    noisy = sparsity.add_noise(clean, 0.1)[0]
    expected = denoise_wavelet(
        noisy.numpy(), 0.1, "haar", mode=kind, wavelet_levels=4, method="VisuShrink", rescale_sigma=False
    )
    haar = sparsity.expand(noisy.expand(3, -1, -1), Wavelet("haar", levels=4, mode="periodization"))
    found = sparsity.denoise(haar, 0.1, kind=kind)[0].clamp(0, 1)
    np.testing.assert_allclose(found.numpy(), expected.clip(0, 1), atol=1e-5)


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_threshold_of_0_keeps_everything_and_an_endless_one_the_lowpass(name, kind):
    noisy = sparsity.expand(sparsity.add_noise(photograph(), 0.2), BASES[name])
    kept = sparsity.denoise(noisy, 0.2, kind=kind, threshold=0)
    torch.testing.assert_close(kept, noisy.image, atol=3e-5, rtol=0)
    least = sparsity.denoise(noisy, 0.2, kind=kind, threshold=1e6)
    if isinstance(BASES[name], str):
        assert float(least.abs().max()) < 1e-6
    else:
        names = {band.name for band in noisy.transform.bands} - {"lowpass"}
        torch.testing.assert_close(least, noisy.keep(noisy.n, noisy.allowed(names)), atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", BASES)
def test_noise_in_a_band_is_as_strong_as_its_norm_says(name):
    """Of noise alone, what lies in a band has the root mean square that `noise_norms` has, up to its borders."""
    noise = sparsity.add_noise(torch.zeros(3, 128, 128), 1.0, seed=3)
    expansion = sparsity.expand(noise, BASES[name])
    if isinstance(BASES[name], str):
        assert expansion.thresholded(5.5, "hard").abs().max() < 1e-6  # sqrt(2 log N) and a little
        return
    norms = noise_norms(expansion.transform)
    for band, norm in zip(expansion.transform.bands, norms, strict=True):
        values = expansion.coefficients[..., band.slice]
        # Neighbours in a redundant band are not independent, so its mean settles more slowly.
        assert float(values.square().mean().sqrt()) == pytest.approx(norm, rel=0.15), band.name


@pytest.mark.parametrize("name", BASES)
def test_noise_goes_where_the_image_is_sparse(name):
    clean = drawings.draw("figures", 128)
    noisy = sparsity.add_noise(clean, 0.1)
    before = sparsity.psnr(clean, noisy)
    after = sparsity.psnr(clean, sparsity.denoise(sparsity.expand(noisy, BASES[name]), 0.1, kind="hard"))
    assert before == pytest.approx(20, abs=0.1)  # -20 log10(sigma)
    assert (after > before + 4) == (name != "pixels"), (before, after)


def test_numbers_that_belong_together_get_the_same_factor():
    noisy = sparsity.expand(sparsity.add_noise(photograph(), 0.1), BASES["dual-tree"])
    factors = sparsity.expand(noisy.thresholded(0.0, "soft"), BASES["dual-tree"])
    torch.testing.assert_close(factors.coefficients, noisy.coefficients, atol=1e-4, rtol=0)
    seen = []
    noisy.transform.synthesise = lambda coefficients: (
        seen.append(coefficients) or torch.zeros(1, 1, *noisy.transform.size)
    )
    noisy.thresholded(0.2, "soft")
    for band in noisy.transform.bands[1:]:
        factor = band.of(seen[0][0, 0]) / band.of(noisy.coefficients[0, 0])
        torch.testing.assert_close(factor[0], factor[1], atol=1e-4, rtol=1e-3)
        assert bool((factor <= 1).all())
    assert 0 < float((seen[0] == 0).float().mean()) < 1


def test_the_same_seed_gives_the_same_noise():
    image = photograph()
    one, other = sparsity.add_noise(image, 0.1, seed=5) - image, sparsity.add_noise(image, 0.2, seed=5) - image
    torch.testing.assert_close(2 * one, other, atol=1e-6, rtol=0)
    assert not torch.equal(sparsity.add_noise(image, 0.1, seed=6), image + one)
    assert float(one.std()) == pytest.approx(0.1, rel=0.02)


def test_the_universal_threshold():
    assert sparsity.universal_threshold(1, 5) == 0
    assert sparsity.universal_threshold(4096, 0.5) == 0.5 * math.sqrt(2 * math.log(4096))


def test_what_is_refused():
    haar = sparsity.expand(photograph(), Wavelet("haar", levels=2, mode="periodization"))
    with pytest.raises(ValueError, match=r"by_scale has scale 3; the scales of coefficients are: 1, 2"):
        sparsity.denoise(haar, 0.1, by_scale={3: 1.0})
    with pytest.raises(ValueError, match=r"by_scale has scale 1; the scales of cosine are: none"):
        sparsity.denoise(sparsity.expand(photograph(), "cosine"), 0.1, by_scale={1: 1.0})
    for settings in ({"threshold": -1}, {"threshold": math.nan}, {"by_scale": {1: -1}}, {"kind": "firm"}):
        with pytest.raises(ValueError, match=rf"{next(iter(settings))}"):
            sparsity.denoise(haar, 0.1, **settings)
    with pytest.raises(ValueError, match=r"sigma=-0\.1"):
        sparsity.denoise(haar, -0.1)
    with pytest.raises(ValueError, match="sigma="):
        sparsity.add_noise(photograph(), math.inf)
    with pytest.raises(ImageError, match=r"float tensor"):
        sparsity.add_noise(torch.zeros(64, 64), 0.1)
    with pytest.raises(ValueError, match="n=0"):
        sparsity.universal_threshold(0)
    with pytest.raises(ValueError, match="at least 0"):
        sparsity.threshold(torch.ones(3), torch.tensor([1.0, -1.0, 1.0]))
    with pytest.raises(ValueError, match="kind='firm'"):
        sparsity.threshold(torch.ones(3), 1.0, "firm")
