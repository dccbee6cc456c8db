import warnings

import numpy as np
import pytest
import pywt
import torch

from cartoonx_widgets.representations import Wavelet
from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets

# Also more levels than the size bears have to be exact.
pytestmark = pytest.mark.filterwarnings("ignore:levels=")
WAVELETS = ["haar", "db3", "sym4", "coif1", "bior2.2", "rbio3.1", "bior6.8", "dmey"]
MODES = ["zero", "symmetric", "reflect", "periodization"]
SIZES = [(16, 16), (17, 31), (50, 64)]
ORIENTATIONS = ["horizontal", "vertical", "diagonal"]


def random(*shape, seed=0, dtype=torch.float64):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def oracle(image, wavelet, mode, levels):
    """PyWavelets' coefficients of images (B, C, H, W) by the names of our bands."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Level value of", UserWarning)  # it prefers fewer levels
        lowpass, *details = pywt.wavedec2(image.numpy(), wavelet, mode, levels)
    named = {"lowpass": lowpass}
    for scale, bands in zip(range(levels, 0, -1), details, strict=True):
        named |= {f"{name}{scale}": band for name, band in zip("hvd", bands, strict=True)}
    return named


def shortest(wavelet, mode, levels, size):
    """The shortest side that is split on the way to the lowpass."""
    side = min(size)
    for _ in range(levels - 1):
        side = pywt.dwt_coeff_len(side, pywt.Wavelet(wavelet).dec_len, mode)
    return side


def fits(wavelet, mode, levels, size):
    """Whether each lowpass is as long as the filter, so that no mode has to continue it more than once."""
    return mode in ("zero", "symmetric") or shortest(wavelet, mode, levels, size) >= pywt.Wavelet(wavelet).dec_len


GRID = [
    (wavelet, mode, levels, size)
    for wavelet in WAVELETS
    for mode in MODES
    for levels in (1, 2, 4)
    for size in SIZES
    if fits(wavelet, mode, levels, size)
]
GRID += [(wavelet, mode, 5, (225, 224)) for wavelet in ("haar", "db3", "bior2.2") for mode in MODES]
SHORT = [
    (wavelet, mode, levels, size)
    for wavelet in ("db3", "bior2.2", "bior6.8", "db10")
    for mode in ("reflect", "periodization")
    for levels in (1, 3, 4)
    for size in SIZES[:2]
    if not fits(wavelet, mode, levels, size)
]


@pytest.mark.parametrize(("wavelet", "mode", "levels", "size"), GRID)
def test_analysis_is_that_of_pywavelets_and_synthesis_undoes_it(wavelet, mode, levels, size):
    image = random(2, 3, *size) if max(size) < 100 else random(1, 1, *size)
    transform = Wavelet(wavelet, levels=levels, mode=mode).transform(size, dtype=torch.float64)
    coefficients = transform.analyse(image)
    assert coefficients.shape == (*image.shape[:2], transform.n_coefficients)
    assert coefficients.dtype == torch.float64
    bands = transform.split(coefficients)
    expected = oracle(image, wavelet, mode, levels)
    assert set(bands) == set(expected)
    for name, band in bands.items():
        assert band.shape == expected[name].shape
        assert np.abs(band.numpy() - expected[name]).max() < 1e-9
    # dmey's published filters reconstruct to two digits only.
    assert (transform.synthesise(coefficients) - image).abs().max() < (0.03 if wavelet == "dmey" else 1e-9)


@pytest.mark.parametrize(("wavelet", "mode", "levels", "size"), SHORT)
def test_a_lowpass_shorter_than_the_filter_is_exact_or_refused(wavelet, mode, levels, size):
    try:
        transform = Wavelet(wavelet, levels=levels, mode=mode).transform(size, dtype=torch.float64)
    except ValueError as error:
        fewer = f"fewer levels than {levels}, " if levels > 1 else ""
        assert f"use {fewer}a shorter wavelet" in str(error)  # noqa: PT017 - refusing is the other right answer
        return
    image = random(1, 1, *size)
    coefficients = transform.analyse(image)
    expected = oracle(image, wavelet, mode, levels)
    for name, band in transform.split(coefficients).items():
        assert np.abs(band.numpy() - expected[name]).max() < 1e-9
    assert (transform.synthesise(coefficients) - image).abs().max() < 1e-9


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wavelet", ["haar", "db3", "bior2.2"])
def test_float32_is_exact_to_its_rounding(wavelet, mode):
    image = random(1, 3, 50, 64, dtype=torch.float32)
    transform = Wavelet(wavelet, levels=3, mode=mode).transform((50, 64))
    coefficients = transform.analyse(image)
    assert coefficients.dtype == torch.float32
    expected = oracle(image.double(), wavelet, mode, 3)
    for name, band in transform.split(coefficients).items():
        assert np.abs(band.numpy() - expected[name]).max() < 1e-5
    assert (transform.synthesise(coefficients) - image).abs().max() < 1e-5


@pytest.mark.parametrize(("wavelet", "size"), [("db3", (32, 32)), ("haar", (17, 31)), ("bior2.2", (50, 64))])
def test_synthesis_is_that_of_pytorch_wavelets(wavelet, size):
    transform = Wavelet(wavelet, levels=2).transform(size)
    coefficients = torch.randn(2, 3, transform.n_coefficients, generator=torch.Generator().manual_seed(0))
    bands = transform.split(coefficients)
    details = [torch.stack([bands[f"{name}{scale}"] for name in "hvd"], dim=2) for scale in (1, 2)]
    theirs = import_pytorch_wavelets().DWTInverse(wave=wavelet, mode="zero")((bands["lowpass"], details))
    height, width = size  # odd sizes come back one longer from theirs
    assert torch.allclose(transform.synthesise(coefficients), theirs[..., :height, :width], atol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_both_directions_are_linear(mode):
    transform = Wavelet("db2", levels=2, mode=mode).transform((17, 20), dtype=torch.float64)
    for function, shape in (
        (transform.analyse, (1, 3, 17, 20)),
        (transform.synthesise, (1, 3, transform.n_coefficients)),
        (transform.adjoint, (1, 3, 17, 20)),
    ):
        x, y = random(*shape, seed=1), random(*shape, seed=2)
        assert torch.allclose(function(2.5 * x - y), 2.5 * function(x) - function(y), atol=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("wavelet", "size"), [("haar", (16, 16)), ("db3", (17, 31)), ("bior2.2", (50, 64))])
def test_the_gradient_of_synthesis_is_its_adjoint(wavelet, size, mode):
    transform = Wavelet(wavelet, levels=2, mode=mode).transform(size, dtype=torch.float64)
    coefficients = random(2, 3, transform.n_coefficients, seed=1).requires_grad_()
    image = random(2, 3, *size, seed=2)
    forward = (transform.synthesise(coefficients) * image).sum()
    adjoint = transform.adjoint(image)
    assert forward.item() == pytest.approx((coefficients * adjoint).sum().item(), rel=1e-12)
    (gradient,) = torch.autograd.grad(forward, coefficients)
    assert torch.equal(gradient, adjoint)


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_of_synthesis_by_finite_differences(mode):
    transform = Wavelet("haar", levels=2, mode=mode).transform((5, 6), dtype=torch.float64)
    coefficients = random(1, 2, transform.n_coefficients).requires_grad_()
    assert torch.autograd.gradcheck(transform.synthesise, (coefficients,))


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (224, 224)])
def test_bands_tile_the_coefficients_coarse_to_fine(size):
    transform = Wavelet("db3", levels=3).transform(size)
    assert [band.name for band in transform.bands] == [
        "lowpass", "h3", "v3", "d3", "h2", "v2", "d2", "h1", "v1", "d1",
    ]  # fmt: skip
    position = 0
    for band in transform.bands:
        assert (band.start, band.slice) == (position, slice(position, position + band.shape[0] * band.shape[1]))
        position = band.stop
        assert transform.band(band.scale, band.orientation) is band
    assert transform.n_coefficients == position
    assert transform.bands[0].scale == 3
    assert transform.size == size


def test_bands_that_share_their_noise():
    transform = Wavelet("haar", levels=2).transform((16, 16))
    bands = {band.name: band for band in transform.bands}
    assert list(transform.scales()) == [
        bands["lowpass"].slice,
        slice(bands["h2"].start, bands["d2"].stop),
        slice(bands["h1"].start, bands["d1"].stop),
    ]


def test_split_and_join_undo_each_other():
    transform = Wavelet("db3", levels=2).transform((17, 31))
    flat = random(2, 3, transform.n_coefficients)
    bands = transform.split(flat)
    assert [bands[band.name].shape for band in transform.bands] == [(2, 3, *band.shape) for band in transform.bands]
    assert torch.equal(transform.join(bands), flat)
    assert torch.equal(transform.join(transform.split(flat[0, 0])), flat[0, 0])
    for band in bands.values():  # views, not copies
        assert band.untyped_storage().data_ptr() == flat.untyped_storage().data_ptr()


def test_a_batch_is_its_images():
    transform = Wavelet("db3", levels=2).transform((20, 24), dtype=torch.float64)
    batch = random(4, 3, 20, 24)
    coefficients = transform.analyse(batch)
    images = transform.synthesise(coefficients)
    for i in range(len(batch)):
        assert torch.allclose(transform.analyse(batch[i : i + 1])[0], coefficients[i], atol=1e-14)
        assert torch.allclose(transform.synthesise(coefficients[i : i + 1])[0], images[i], atol=1e-14)


def energies(image, **settings):
    """Detail energy by orientation of one picture (H, W)."""
    transform = Wavelet(**settings).transform(tuple(image.shape), dtype=torch.float64)
    coefficients = transform.analyse(image.double().expand(1, 3, *image.shape))
    return {
        orientation: sum(
            float((coefficients[..., band.slice] ** 2).sum())
            for band in transform.bands
            if band.orientation == orientation
        )
        for orientation in ORIENTATIONS
    }


@pytest.mark.parametrize("wavelet", ["haar", "db3", "bior2.2"])
def test_an_edge_stands_in_the_bands_of_its_direction(wavelet):
    """Horizontal is PyWavelets' cH: the response to a horizontal edge."""
    edge = torch.zeros(32, 32)
    edge[13:] = 1  # the lower part is bright: the edge runs from left to right
    for picture, direction in ((edge, "horizontal"), (edge.T, "vertical")):
        energy = energies(picture, wavelet=wavelet, levels=3, mode="symmetric")
        assert energy[direction] > 0.1
        assert all(energy[other] < 1e-20 for other in ORIENTATIONS if other != direction)


def test_a_checkerboard_is_diagonal():
    rows, columns = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    energy = energies((rows + columns) % 2, wavelet="db3", levels=1, mode="periodization")
    assert energy["diagonal"] > 1
    assert energy["horizontal"] + energy["vertical"] < 1e-12


def test_the_default_is_that_of_the_paper():
    assert Wavelet() == Wavelet("db3", levels=None, mode="zero")
    assert Wavelet().transform((224, 224)).settings == Wavelet("db3", levels=5, mode="zero")


@pytest.mark.parametrize(("name", "hint"), [("dbb3", "'db3'"), ("Haar", "'haar'"), ("symm4", "'sym4'")])
def test_an_unknown_wavelet_names_the_close_ones(name, hint):
    with pytest.raises(ValueError, match=f"wavelet='{name}' is not .*; did you mean .*{hint}"):
        Wavelet(name)


@pytest.mark.parametrize("name", ["mexh", "zzzzzz", None])
def test_a_wavelet_that_resembles_nothing_or_is_not_discrete(name):
    with pytest.raises(ValueError, match=r"is not a discrete wavelet of PyWavelets; (see pywt|did you mean)"):
        Wavelet(name)


@pytest.mark.parametrize("levels", [0, -1, True, 2.0, "3"])
def test_levels_that_are_none(levels):
    with pytest.raises(ValueError, match=r"levels=.* must be a whole number of at least 1"):
        Wavelet(levels=levels)


@pytest.mark.parametrize("size", [(32, 200), (200, 32), (63, 63)])
def test_too_many_levels(size):
    most = 6
    Wavelet("haar", levels=most).transform(size)
    with pytest.raises(ValueError, match=rf"levels={most + 1} is too many .*{size[0]} x {size[1]} .*at most {most}"):
        Wavelet("haar", levels=most + 1).transform(size)


@pytest.mark.parametrize("mode", ["per", "wrap", "", None])
def test_an_unknown_mode(mode):
    with pytest.raises(ValueError, match=r"mode=.* must be one of 'zero', 'symmetric', 'reflect', 'periodization'"):
        Wavelet(mode=mode)


def test_a_band_that_is_not_there():
    transform = Wavelet("haar", levels=2).transform((16, 16))
    with pytest.raises(ValueError, match=r"scale=3 and orientation='diagonal'; choose one of .*lowpass.*d1"):
        transform.band(3, "diagonal")
    with pytest.raises(ValueError, match=r"scale=1 and orientation='lowpass'"):
        transform.band(1, "lowpass")


def test_settings_are_frozen():
    with pytest.raises(AttributeError):
        Wavelet().levels = 3
