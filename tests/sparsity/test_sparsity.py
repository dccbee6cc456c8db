"""Approximation by the k largest coefficients: what holds in every basis, in orthonormal ones, and known figures."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import pywt
import scipy.fft
import torch
from skimage.metrics import structural_similarity

from cartoonx_widgets import drawings, images, sparsity
from cartoonx_widgets.images import ImageError
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.sparsity.atoms import norms

# Many levels are taken on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:levels=:UserWarning")

ORTHONORMAL = {
    "pixels": "pixels",
    "fourier": "fourier",
    "cosine": "cosine",
    "haar": Wavelet("haar", levels=4, mode="periodization"),
    "db3": Wavelet("db3", levels=3, mode="periodization"),
    "sym6": Wavelet("sym6", levels=2, mode="periodization"),
}
REDUNDANT = {
    "padded": Wavelet("db3", levels=3),
    "biorthogonal": Wavelet("bior2.2", levels=3),
    "dual-tree": DualTree(levels=3),
    "shearlets": Shearlet(scales=2),
}
ALL = {**ORTHONORMAL, **REDUNDANT}


def photograph(height=64, width=64):
    return images.fit(images.sample("astronaut"), (height, width))


@pytest.fixture(params=ALL)
def expansion(request):
    return sparsity.expand(photograph(), ALL[request.param])


@pytest.fixture(params=ORTHONORMAL)
def orthonormal(request):
    return sparsity.expand(photograph(), ORTHONORMAL[request.param])


def squared_error(expansion, k):
    return float((expansion.image - expansion.keep(k)).double().square().sum())


def test_all_coefficients_give_the_image(expansion):
    assert float((expansion.keep(expansion.n) - expansion.image).abs().max()) < 2e-5


def test_no_coefficient_gives_black(expansion):
    assert torch.equal(expansion.keep(0), torch.zeros_like(expansion.image))


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (33, 47)])
@pytest.mark.parametrize("basis", ALL)
def test_any_size_will_do(basis, size):
    expansion = sparsity.expand(photograph(*size), ALL[basis])
    assert float((expansion.keep(expansion.n) - expansion.image).abs().max()) < 2e-5
    kept = expansion.kept(expansion.n // 7)
    assert expansion.n // 7 - 1 <= kept.sum() <= expansion.n // 7


def test_what_is_kept_is_at_least_as_large_as_what_is_dropped(expansion):
    for k in (1, 2, 10, 333, expansion.n - 1):
        kept = expansion.kept(k)
        assert k - 1 <= kept.sum() <= k
        assert kept.any() or k == 1
        if kept.any():
            assert expansion.importance[kept].min() >= expansion.importance[~kept].max()


def test_magnitudes_are_the_importances_in_descending_order(expansion):
    assert expansion.magnitudes.shape == (expansion.n,)
    assert (np.diff(expansion.magnitudes) <= 0).all()
    assert expansion.magnitudes.sum(dtype=float) == pytest.approx(expansion.importance.sum(dtype=float))


@pytest.mark.parametrize("k", [-1, 1.5, True, "3", None, math.nan, 10**9])
def test_a_k_out_of_range(expansion, k):
    with pytest.raises(ValueError, match=rf"k=.* must be a whole number from 0 \(none\) to {expansion.n}"):
        expansion.keep(k)


def test_more_coefficients_are_never_worse_in_an_orthonormal_basis(orthonormal):
    errors = [squared_error(orthonormal, k) for k in (0, 1, 2, 5, 20, 100, 500, 2000, 4000, 4096)]
    assert orthonormal.n == 4096
    assert all(later <= earlier + 1e-6 for earlier, later in itertools.pairwise(errors))


@pytest.mark.parametrize("k", [0, 1, 7, 100, 1234, 4096])
def test_the_squared_error_is_the_energy_that_was_dropped(orthonormal, k):
    dropped = orthonormal.importance[~orthonormal.kept(k)].astype(float)
    assert squared_error(orthonormal, k) == pytest.approx(np.square(dropped).sum(), rel=1e-4, abs=1e-6)


def test_no_other_choice_of_positions_is_nearer(orthonormal):
    """In an orthonormal basis; at 50 random choices."""
    random = np.random.default_rng(0)
    best = squared_error(orthonormal, 200)
    for _ in range(50):
        mask = orthonormal.kept(200)
        swapped = random.choice(np.flatnonzero(mask)), random.choice(np.flatnonzero(~mask))
        mask[list(swapped)] = False, True
        other = orthonormal.image - orthonormal.synthesise(mask)
        if isinstance(orthonormal, sparsity.Fourier):
            continue  # half of a pair is no real image
        assert float(other.double().square().sum()) >= best - 1e-6


def test_a_frame_has_an_energy_of_its_own():
    """The dual-tree transform is nearly a tight frame of four times as many numbers, with pictures of norm 1/2."""
    frame = sparsity.expand(photograph(), DualTree(levels=3))
    assert frame.n == 4 * 64 * 64
    assert 4 * sum(frame.energies().values()) == pytest.approx(float(frame.image.square().sum()), rel=0.02)


def test_energies_are_those_of_the_bands(orthonormal):
    if not isinstance(orthonormal, sparsity.Frame):
        return
    energies = orthonormal.energies()
    assert sum(energies.values()) == pytest.approx(float(orthonormal.image.square().sum()), rel=1e-4)
    band = orthonormal.transform.bands[-1]
    own = orthonormal.transform.part(orthonormal.coefficients, band)
    assert energies[band.name] == pytest.approx(float(own.square().sum()), rel=1e-4)
    assert sum(orthonormal.energies(np.zeros(orthonormal.n, dtype=bool)).values()) == 0


def test_bands_that_are_off_are_left_out():
    frame = sparsity.expand(photograph(), ALL["db3"])
    assert frame.allowed(()) is None
    allowed = frame.allowed({"d1", "lowpass"})
    off = [frame.transform.band(3, "lowpass"), frame.transform.band(1, "diagonal")]
    assert allowed.sum() == frame.n - sum(band.shape[0] * band.shape[1] for band in off)
    kept = frame.kept(500, allowed)
    assert not kept[off[0].slice].any()
    assert (frame.kept(500)[allowed] == kept[allowed]).all()
    parts = sum(frame.transform.part(frame.coefficients, band) for band in off)
    assert torch.allclose(frame.keep(frame.n, allowed) + parts[0], frame.image, atol=2e-5)


def test_ties_are_broken_by_position():
    image = torch.full((3, 16, 16), 0.5)
    expansion = sparsity.expand(image, "pixels")
    assert expansion.kept(40).nonzero()[0].tolist() == list(range(40))
    halves = torch.cat([torch.zeros(3, 16, 8), torch.ones(3, 16, 8)], dim=2)
    assert sparsity.expand(halves, "pixels").keep(128).equal(halves)
    assert sparsity.expand(halves, Wavelet("haar", levels=2, mode="periodization")).kept(100).sum() == 100


class TestFourier:
    @pytest.mark.parametrize("size", [(64, 64), (33, 48), (32, 47), (31, 33)])
    def test_pairs_are_kept_together(self, size):
        expansion = sparsity.expand(photograph(*size), "fourier")
        for k in (1, 2, 3, 50, 51, 200, expansion.n - 1):
            kept = expansion.kept(k).reshape(size)
            opposite = np.roll(kept[::-1, ::-1], (1, 1), axis=(0, 1))
            assert (kept == opposite).all()
            assert kept.sum() in (k, k - 1)

    def test_the_approximation_is_what_the_whole_spectrum_says(self):
        image = photograph(32, 47).double()
        expansion = sparsity.expand(image, "fourier")
        kept = torch.from_numpy(expansion.kept(301).reshape(32, 47))
        whole = torch.fft.ifft2(torch.fft.fft2(image) * kept)
        assert float(whole.imag.abs().max()) < 1e-12
        assert torch.allclose(expansion.keep(301), whole.real, atol=1e-12)

    def test_importance_is_the_size_of_the_orthonormal_coefficient(self):
        image = photograph(33, 48)
        spectrum = torch.fft.fft2(image, norm="ortho").abs().square().sum(0).sqrt()
        assert np.allclose(sparsity.expand(image, "fourier").importance, spectrum.flatten(), atol=1e-4)

    def test_ties_keep_whole_pairs(self):
        one = torch.zeros(3, 16, 16)
        one[:, 3, 5] = 1  # all frequencies have the same size, but for rounding
        expansion = sparsity.expand(one, "fourier")
        expansion.importance[:] = 1
        for k in (1, 2, 7, 100, 255):
            kept = expansion.kept(k).reshape(16, 16)
            assert (kept == np.roll(kept[::-1, ::-1], (1, 1), axis=(0, 1))).all()
            assert kept.sum() in (k, k - 1)


def test_cosine_is_scipys():
    image = photograph(33, 48).double()
    expansion = sparsity.expand(image, "cosine")
    assert np.allclose(expansion.coefficients, scipy.fft.dctn(image.numpy(), axes=(1, 2), norm="ortho"))
    assert expansion.coefficients[0, 0, 0] == pytest.approx(float(image[0].mean()) * math.sqrt(33 * 48))


def test_wavelets_are_those_of_pywavelets():
    image = photograph().double()
    expansion = sparsity.expand(image, Wavelet("db3", levels=3, mode="periodization"))
    found = [
        pywt.coeffs_to_array(pywt.wavedec2(colour, "db3", "periodization", level=3))[0] for colour in image.numpy()
    ]
    theirs = np.sort(np.sqrt(np.square(found).sum(0)).ravel())[::-1]
    assert np.allclose(expansion.magnitudes, theirs, atol=1e-8)


def test_complex_coefficients_are_kept_whole():
    frame = sparsity.expand(photograph(), DualTree(levels=3))
    for k in (1, 100, 101, 5000):
        kept = frame.kept(k)
        for band in frame.transform.bands[1:]:
            real, imaginary = kept[band.slice].reshape(2, -1)
            assert (real == imaginary).all()


@pytest.mark.parametrize("basis", [*REDUNDANT, "haar", "db3"])
def test_norms_are_those_of_the_pictures(basis):
    transform = ALL[basis].transform((64, 64))
    for band, norm in zip(transform.bands, norms(transform), strict=True):
        middle = (band.shape[0] // 2, band.shape[1] // 2)
        parts = [sparsity.atom(transform, band, *middle, part).square().sum() for part in range(band.parts)]
        assert norm == pytest.approx(float(sum(parts) / band.parts) ** 0.5, rel=1e-4)


@pytest.mark.parametrize("basis", [*REDUNDANT, "haar", "db3"])
def test_what_covers_a_pixel_has_a_picture_there(basis):
    transform = ALL[basis].transform((64, 64))
    values = sparsity.covering(transform, 20, 33)
    assert values.shape == (transform.n_coefficients,)
    for index in (0, *values.abs().topk(4).indices.tolist(), *torch.randint(0, len(values), (3,)).tolist()):
        band = next(band for band in transform.bands if index < band.stop)
        part, place = divmod(index - band.start, band.shape[0] * band.shape[1])
        picture = sparsity.atom(transform, band, *divmod(place, band.shape[1]), part)
        assert float(picture[20, 33]) == pytest.approx(float(values[index]), abs=1e-5)


def test_haar_covers_a_pixel_with_three_a_scale_and_the_lowpass():
    transform = Wavelet("haar", levels=4, mode="periodization").transform((64, 64))
    assert int((sparsity.covering(transform, 5, 60).abs() > 1e-6).sum()) == 3 * 4 + 1


@pytest.mark.parametrize("place", [(-1, 0), (64, 0), (0, 64), (0, 1.5)])
def test_a_pixel_or_coefficient_that_is_not_there(place):
    transform = ALL["haar"].transform((64, 64))
    with pytest.raises(ValueError, match=r"row=.*, column=.* is no pixel of the image"):
        sparsity.covering(transform, *place)
    with pytest.raises(ValueError, match=r"is no coefficient of band lowpass"):
        sparsity.atom(transform, transform.bands[0], *place)


class TestMeasures:
    def test_psnr_of_known_errors(self):
        image = torch.full((3, 20, 30), 0.5)
        assert sparsity.psnr(image, image + 0.1) == pytest.approx(20, abs=1e-4)
        assert sparsity.psnr(image, image - 0.01) == pytest.approx(40, abs=1e-3)
        assert sparsity.psnr(image, image) == math.inf

    def test_psnr_is_the_mean_over_pixels_and_colours(self):
        image = torch.zeros(3, 16, 16)
        other = image.clone()
        other[1, 3, 4] = 0.6
        assert sparsity.psnr(image, other) == pytest.approx(-10 * math.log10(0.36 / (3 * 256)), abs=1e-5)

    def test_ssim_is_that_of_scikit_image_on_the_luminance(self):
        image = photograph()
        other = (image + 0.1 * torch.randn(image.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 1)
        grey = [np.tensordot([0.299, 0.587, 0.114], picture.double().numpy(), axes=1) for picture in (image, other)]
        settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
        assert sparsity.ssim(image, other) == pytest.approx(structural_similarity(*grey, **settings), abs=1e-5)
        assert sparsity.ssim(image, image) == pytest.approx(1)

    def test_ssim_of_constant_pictures_is_its_formula(self):
        """Without structure only the luminance's factor is left, with C1 = 0.01^2."""
        first, second = torch.full((3, 32, 32), 0.2), torch.full((3, 32, 32), 0.5)
        expected = (2 * 0.2 * 0.5 + 1e-4) / (0.2**2 + 0.5**2 + 1e-4)
        assert sparsity.ssim(first, second) == pytest.approx(expected, abs=1e-5)

    @pytest.mark.parametrize("measure", [sparsity.psnr, sparsity.ssim])
    def test_shapes_that_differ(self, measure):
        with pytest.raises(ImageError, match=r"approximation has shape \(3, 16, 17\); allowed is that of image"):
            measure(torch.zeros(3, 16, 16), torch.zeros(3, 16, 17))

    @pytest.mark.parametrize("rate", [0.0, 0.5, 1.0, 2.5])
    @pytest.mark.parametrize("n", [1024, 65536])
    def test_the_decay_of_an_exact_power_law(self, rate, n):
        magnitudes = 3 * np.arange(1, n + 1.0) ** -rate
        decay = sparsity.fit_decay(magnitudes, first=10)
        assert decay.rate == pytest.approx(rate, abs=1e-6)
        assert decay.scale == pytest.approx(3, rel=1e-6)
        # Below 1e-5 of the largest nothing is fitted: with rate 2.5 that is from rank 100 on.
        assert decay.last == min(n // 20, 99 if rate == 2.5 else n)
        assert decay(7) == pytest.approx(3 * 7**-rate, rel=1e-5)
        assert sparsity.decay_rate(magnitudes, first=10) == decay.rate

    def test_the_range_of_the_fit(self):
        magnitudes = np.concatenate([np.full(100, 5.0), 5 * np.arange(1, 901.0) ** -1.0 * 0.9])
        decay = sparsity.fit_decay(magnitudes, first=101, last=1000)
        assert (decay.first, decay.last) == (101, 1000)
        assert sparsity.fit_decay(np.ones(65536)).first == 131
        assert sparsity.fit_decay(np.ones(65536)).last == 3276

    def test_too_little_to_fit(self):
        magnitudes = np.zeros(4096)
        magnitudes[:5] = [5, 4, 3, 2, 1]
        assert math.isnan(sparsity.decay_rate(magnitudes))
        assert math.isnan(sparsity.decay_rate(np.zeros(4096)))

    @pytest.mark.parametrize(
        ("magnitudes", "fault"),
        [
            ([1, 2, 3], "not descending"),
            ([3, -1], "negative or not finite"),
            ([math.inf, 1], "negative or not finite"),
            ([[1.0]], "shape"),
        ],
    )
    def test_magnitudes_that_are_none(self, magnitudes, fault):
        with pytest.raises(ValueError, match=fault):
            sparsity.decay_rate(magnitudes)

    @pytest.mark.parametrize("ranks", [(0, 10), (10, 5), (1, 1000)])
    def test_ranks_out_of_range(self, ranks):
        with pytest.raises(ValueError, match=r"first=.* and last=.* must be ranks"):
            sparsity.decay_rate(np.ones(100), *ranks)


def rate(drawing, basis, size=256):
    return sparsity.decay_rate(sparsity.expand(drawings.draw(drawing, size), basis).magnitudes)


def test_a_step_edge_is_sparser_in_haar_than_in_pixels():
    haar = Wavelet("haar", levels=6, mode="periodization")
    assert rate("edge", haar) > 1
    assert rate("edge", "pixels") < 0.2


def test_figures_are_sparser_in_wavelets_than_in_fourier():
    image = drawings.draw("figures", 256)
    wavelets = sparsity.expand(image, Wavelet("db3", levels=6, mode="periodization"))
    fourier = sparsity.expand(image, "fourier")
    # Where the theory, for images without pixels, says 1 and 3/4.
    assert sparsity.decay_rate(wavelets.magnitudes) == pytest.approx(1, abs=0.1)
    assert sparsity.decay_rate(fourier.magnitudes) == pytest.approx(0.75, abs=0.05)
    for k in (1000, 3000, 10_000):
        assert sparsity.psnr(image, wavelets.keep(k)) > sparsity.psnr(image, fourier.keep(k)) + 3


def test_a_texture_is_sparser_in_fourier_than_in_wavelets():
    image = drawings.draw("texture", 256)
    wavelets = sparsity.expand(image, Wavelet("db3", levels=6, mode="periodization"))
    fourier = sparsity.expand(image, "fourier")
    assert sparsity.psnr(image, fourier.keep(100)) > sparsity.psnr(image, wavelets.keep(100)) + 3


@pytest.mark.parametrize("basis", ["pixels", "fourier", "cosine"])
def test_noise_is_sparse_in_nothing(basis):
    assert rate("noise", basis) < 0.3


def test_pixels_by_name_and_as_a_representation_are_the_same():
    image = photograph()
    assert torch.equal(sparsity.expand(image, "pixels").keep(99), sparsity.expand(image, Pixel()).keep(99))


@pytest.mark.parametrize("image", [torch.zeros(16, 16), torch.zeros(1, 16, 16), np.zeros((3, 16, 16)), None])
@pytest.mark.parametrize("basis", ["pixels", "fourier", "cosine", Pixel()])
def test_what_is_no_image(image, basis):
    with pytest.raises(ImageError, match=r"allowed is a float tensor \(3, H, W\)"):
        sparsity.expand(image, basis)


def test_a_basis_that_is_unknown():
    with pytest.raises(ValueError, match=r"basis='wavelets' is unknown; choose 'pixels', 'fourier', 'cosine', or"):
        sparsity.expand(photograph(), "wavelets")
    with pytest.raises(TypeError, match=r"basis=3 is no representation"):
        sparsity.expand(photograph(), 3)


def test_an_image_of_another_size_than_the_transform():
    with pytest.raises(ImageError, match="allowed are those of the transform"):
        sparsity.Frame(photograph(), Pixel().transform((32, 32)))
