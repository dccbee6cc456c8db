import math

import numpy as np
import pytest
import torch

from cartoonx_widgets.representations import Wavelet
from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets
from cartoonx_widgets.representations.dualtree import DualTree

pytorch_wavelets = import_pytorch_wavelets()
coeffs = pytorch_wavelets.dtcwt.coeffs

# Also more levels than the size bears have to be exact.
pytestmark = pytest.mark.filterwarnings("ignore:levels=")
BIORTS = ["antonini", "legall", "near_sym_a", "near_sym_b"]
QSHIFTS = ["qshift_06", "qshift_a", "qshift_b", "qshift_c", "qshift_d"]
ANGLES = ["-75°", "-45°", "-15°", "+15°", "+45°", "+75°"]
THEIR_ANGLES = ["+15°", "+45°", "+75°", "-75°", "-45°", "-15°"]
SIZES = [(16, 16), (17, 31), (50, 64), (30, 37), (33, 18)]
GRID = [(biort, qshift, 3, (30, 37)) for biort in BIORTS for qshift in QSHIFTS]
GRID += [("near_sym_a", "qshift_a", levels, size) for levels in (1, 2, 4) for size in SIZES]
GRID += [("near_sym_b", "qshift_d", 5, size) for size in [(32, 17), (64, 50), (35, 225)]]
GRID += [("near_sym_b", "qshift_d", 1, size) for size in [(1, 1), (1, 6), (3, 2)]]
GRID += [("near_sym_b", "qshift_d", 3, size) for size in [(5, 5), (6, 9), (7, 8)]]


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def theirs(module, biort, qshift):
    """A module of pytorch_wavelets in float64, with the filters of their files: it rounds them to float32."""
    names = ("h0o", "g0o", "h1o", "g1o", "h0a", "h0b", "g0a", "g0b", "h1a", "h1b", "g1a", "g1b")
    taps = dict(zip(names, coeffs.biort(biort) + coeffs.qshift(qshift), strict=True))
    module.double()
    for name, filters in module.named_buffers():
        filters.copy_(torch.from_numpy(np.ascontiguousarray(taps[name].ravel()[::-1])).view(filters.shape))
    return module


def their_analysis(image, biort, qshift, levels):
    """The coefficients of pytorch_wavelets by the names of our bands."""
    lowpass, details = theirs(pytorch_wavelets.DTCWTForward(biort, qshift, levels), biort, qshift)(image)
    named = {"lowpass": lowpass}
    for scale, detail in enumerate(details, start=1):
        for angle, band in zip(THEIR_ANGLES, detail.unbind(2), strict=True):
            named[f"{scale} {angle}"] = band.movedim(-1, 2)  # the parts stand last there
    return named


def their_synthesis(bands, biort, qshift, levels, size):
    details = [
        torch.stack([bands[f"{scale} {angle}"].movedim(2, -1) for angle in THEIR_ANGLES], dim=2)
        for scale in range(1, levels + 1)
    ]
    image = theirs(pytorch_wavelets.DTCWTInverse(biort, qshift), biort, qshift)((bands["lowpass"], details))
    return image[..., : size[0], : size[1]]  # odd sizes come back one longer


@pytest.mark.parametrize(("biort", "qshift", "levels", "size"), GRID)
def test_both_directions_are_those_of_pytorch_wavelets_and_undo_each_other(biort, qshift, levels, size):
    image = random(2, 3, *size)
    transform = DualTree(levels=levels, biort=biort, qshift=qshift).transform(size, dtype=torch.float64)
    coefficients = transform.analyse(image)
    assert coefficients.shape == (2, 3, transform.n_coefficients)
    assert coefficients.dtype == torch.float64
    bands = transform.split(coefficients)
    expected = their_analysis(image, biort, qshift, levels)
    assert set(bands) == set(expected)
    for name, band in bands.items():
        assert torch.allclose(band, expected[name], rtol=0, atol=1e-12)
    assert (transform.synthesise(coefficients) - image).abs().max() < 1e-12
    other = random(2, 3, transform.n_coefficients, seed=1)
    synthesised = their_synthesis(transform.split(other), biort, qshift, levels, size)
    assert (transform.synthesise(other) - synthesised).abs().max() < 1e-12


@pytest.mark.parametrize(("biort", "qshift", "levels", "size"), GRID)
def test_the_gradient_of_synthesis_is_its_exact_adjoint(biort, qshift, levels, size):
    transform = DualTree(levels=levels, biort=biort, qshift=qshift).transform(size, dtype=torch.float64)
    coefficients = random(2, 3, transform.n_coefficients, seed=1).requires_grad_()
    image = random(2, 3, *size, seed=2)
    forward = (transform.synthesise(coefficients) * image).sum()
    adjoint = transform.adjoint(image)
    scale = float(coefficients.detach().norm() * image.norm())
    assert abs(forward.item() - (coefficients * adjoint).sum().item()) < 1e-13 * scale
    (gradient,) = torch.autograd.grad(forward, coefficients)
    assert torch.equal(gradient, adjoint)


def test_the_gradient_of_synthesis_by_finite_differences():
    transform = DualTree(levels=2).transform((5, 6), dtype=torch.float64)
    coefficients = random(1, 2, transform.n_coefficients).requires_grad_()
    assert torch.autograd.gradcheck(transform.synthesise, (coefficients,))


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5])
def test_float32_is_exact_to_its_rounding(levels):
    image = torch.rand(2, 3, 50, 37, generator=torch.Generator().manual_seed(0))
    transform = DualTree(levels=levels).transform((50, 37))
    precise = DualTree(levels=levels).transform((50, 37), dtype=torch.float64)
    coefficients = transform.analyse(image)
    assert coefficients.dtype == torch.float32
    assert torch.allclose(coefficients.double(), precise.analyse(image.double()), rtol=0, atol=2e-5)
    again = transform.synthesise(coefficients)
    assert again.dtype == transform.adjoint(image).dtype == torch.float32
    assert (again - image).abs().max() < 2e-6
    assert torch.allclose(transform.adjoint(image).double(), precise.adjoint(image.double()), rtol=0, atol=2e-5)


def test_the_type_of_an_image_does_not_matter():
    transform = DualTree(levels=2).transform((16, 16))
    image = random(1, 1, 16, 16)
    assert torch.equal(transform.analyse(image), transform.analyse(image.float()))


def test_the_default_type_does_not_matter():
    try:
        torch.set_default_dtype(torch.float64)
        transform = DualTree(levels=2).transform((16, 16))
        assert transform.analyse(random(1, 1, 16, 16)).dtype == torch.float32
        assert transform.synthesise(random(1, 1, transform.n_coefficients, dtype=torch.float32)).dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu():
    image = random(2, 3, 50, 37)
    here = DualTree(levels=3).transform((50, 37), dtype=torch.float64)
    there = DualTree(levels=3).transform((50, 37), device="cuda", dtype=torch.float64)
    coefficients = there.analyse(image)
    assert torch.allclose(coefficients.cpu(), here.analyse(image), atol=1e-10)
    assert torch.allclose(there.synthesise(coefficients).cpu(), image, atol=1e-10)
    assert torch.allclose(there.adjoint(image.cuda()).cpu(), here.adjoint(image), atol=1e-10)


def test_both_directions_are_linear():
    transform = DualTree(levels=2).transform((17, 20), dtype=torch.float64)
    for function, shape in (
        (transform.analyse, (1, 3, 17, 20)),
        (transform.synthesise, (1, 3, transform.n_coefficients)),
        (transform.adjoint, (1, 3, 17, 20)),
    ):
        x, y = random(*shape, seed=1), random(*shape, seed=2)
        assert torch.allclose(function(2.5 * x - y), 2.5 * function(x) - function(y), atol=1e-12)


def test_a_batch_is_its_images():
    """More images than are treated at a time: three parts of 5, 5 and 2."""
    transform = DualTree(levels=2).transform((224, 225), dtype=torch.float64)
    batch = random(4, 3, 224, 225)
    coefficients = transform.analyse(batch)
    images, adjoint = transform.synthesise(coefficients), transform.adjoint(batch)
    assert images.shape == batch.shape
    for i, j in ((0, 0), (1, 2), (2, 0), (3, 2)):
        one = batch[i : i + 1, j : j + 1]
        assert torch.allclose(transform.analyse(one)[0, 0], coefficients[i, j], atol=1e-13)
        assert torch.allclose(transform.synthesise(coefficients[i, j][None, None])[0, 0], images[i, j], atol=1e-13)
        assert torch.allclose(transform.adjoint(one)[0, 0], adjoint[i, j], atol=1e-13)


def test_arguments_that_are_views_stay_as_they_are():
    """As the optimiser passes a mask for all colours, and a gradient that is expanded."""
    transform = DualTree(levels=3).transform((30, 20), dtype=torch.float64)
    coefficients = random(2, 1, transform.n_coefficients).expand(2, 3, -1)
    before = coefficients.clone()
    assert torch.equal(transform.synthesise(coefficients), transform.synthesise(before))
    assert torch.equal(coefficients, before)
    image = random(1, 1, 30, 40)[..., ::2].expand(2, 3, 30, 20)
    before = image.clone()
    assert torch.allclose(transform.adjoint(image), transform.adjoint(before), atol=1e-14)
    assert torch.equal(image, before)
    assert transform.synthesise(coefficients[:0]).shape == (0, 3, 30, 20)


def test_bands_tile_the_coefficients_coarse_to_fine():
    transform = DualTree(levels=3).transform((50, 33))
    assert [band.name for band in transform.bands] == [
        "lowpass", *(f"{scale} {angle}" for scale in (3, 2, 1) for angle in ANGLES),
    ]  # fmt: skip
    position = 0
    for band in transform.bands:
        assert band.start == position
        position = band.stop
        assert transform.band(band.scale, band.orientation) is band
        if band.orientation == "lowpass":
            assert (band.parts, band.angle, band.scale) == (1, None, 3)
        else:
            assert (band.parts, band.orientation) == (2, f"{band.angle:+.0f}°")
    assert transform.n_coefficients == position
    assert [band.shape for band in transform.bands[::6]] == [(14, 10), (7, 5), (13, 9), (25, 17)]
    assert transform.size == (50, 33)
    assert list(transform.scales()) == [
        slice(0, 140),
        *(slice(transform.bands[i].start, transform.bands[i + 5].stop) for i in (1, 7, 13)),
    ]


def test_the_default_at_the_usual_size():
    transform = DualTree().transform((224, 224))
    assert transform.bands[0].shape == (14, 14)
    assert [band.shape[0] for band in transform.bands[1::6]] == [7, 14, 28, 56, 112]
    assert transform.n_coefficients == 4 * 224**2
    assert DualTree.redundant


def test_split_and_join_undo_each_other():
    transform = DualTree(levels=2).transform((17, 31))
    flat = random(2, 3, transform.n_coefficients)
    assert torch.equal(transform.join(transform.split(flat)), flat)


def test_the_parts_of_an_image_add_up():
    transform = DualTree(levels=2).transform((18, 31), dtype=torch.float64)
    image = random(1, 2, 18, 31)
    coefficients = transform.analyse(image)
    assert torch.allclose(sum(transform.part(coefficients, band) for band in transform.bands), image, atol=1e-12)


def test_a_coefficient_has_one_mask_entry():
    transform = DualTree(levels=2).transform((20, 24), dtype=torch.float64)
    gradient = random(2, 1, transform.n_coefficients)
    tied = transform.tie(gradient)
    coefficients = transform.analyse(random(2, 1, 20, 24))
    for band in transform.bands:
        values, numbers = band.of(tied), band.of(coefficients)
        if band.parts == 1:
            assert torch.equal(values, band.of(gradient))
            assert torch.equal(band.magnitude(coefficients), numbers.abs())
            continue
        real, imaginary = numbers.unbind(-3)
        assert torch.allclose(band.magnitude(coefficients), torch.complex(real, imaginary).abs())
        total = band.of(gradient).sum(-3)
        assert torch.equal(values[..., 0, :, :], total)
        assert torch.equal(values[..., 1, :, :], total)
        assert torch.equal(band.of_mask(tied), total)


def edge(angle, *, side=64, shift=0.0):
    """A step at an angle counter-clockwise from the horizontal, through the middle or moved; it fades out outwards."""
    across = torch.arange(side, dtype=torch.float64) - (side - 1) / 2
    turn = math.radians(angle)
    up, right = -across[:, None] - shift * math.cos(turn), across[None] + shift * math.sin(turn)
    step = torch.tanh(2 * (up * math.cos(turn) - right * math.sin(turn)))
    return (step * torch.exp(-(up**2 + right**2) / (side / 6) ** 2))[None, None]


def energies(transform, image, scale):
    coefficients = transform.analyse(image)
    return {
        band.angle: float(band.of(coefficients).square().sum())
        for band in transform.bands
        if band.scale == scale and band.orientation != "lowpass"
    }


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("angle", [-82, -75, -65, -48, -45, -42, -25, -15, -8, 8, 15, 25, 42, 45, 48, 65, 75, 82])
def test_an_edge_stands_in_the_band_nearest_to_its_direction(angle, scale):
    transform = DualTree(levels=3).transform((64, 64), dtype=torch.float64)
    energy = energies(transform, edge(angle), scale)
    assert max(energy, key=energy.get) == min(energy, key=lambda band: abs(band - angle))


@pytest.mark.parametrize(("rising", "angle"), [(True, 45), (False, -45)])
def test_a_slash_is_plus_45(rising, angle):
    image = torch.ones(32, 32).tril()  # a backslash
    image = image.flip(1) if rising else image
    transform = DualTree(levels=2).transform((32, 32))
    energy = energies(transform, image[None, None], 2)
    assert max(energy, key=energy.get) == angle
    assert energy[-angle] < 0.05 * energy[angle]


@pytest.mark.parametrize(("angle", "pair"), [(0, (-15, 15)), (90, (-75, 75))])
def test_an_edge_along_an_axis_stands_in_both_bands_beside_it_alike(angle, pair):
    energy = energies(DualTree(levels=2).transform((64, 64), dtype=torch.float64), edge(angle), 2)
    assert energy[pair[0]] == pytest.approx(energy[pair[1]])
    assert energy[pair[0]] > 10 * max(energy[other] for other in energy if other not in pair)


def test_energies_hardly_change_when_an_edge_moves():
    """The reason for two trees: a DWT's energies depend on where the edge falls between its samples."""
    dualtree = DualTree(levels=3).transform((64, 64), dtype=torch.float64)
    wavelet = Wavelet("db3", levels=3).transform((64, 64), dtype=torch.float64)
    vertical = wavelet.band(3, "vertical")
    ours, plain = [], []
    for shift in range(8):
        image = edge(90, shift=shift)
        ours.append(energies(dualtree, image, 3)[75])
        plain.append(float(vertical.of(wavelet.analyse(image)).square().sum()))
    assert max(ours) < 1.03 * min(ours)
    assert max(plain) > 10 * min(plain)


def test_magnitudes_hardly_change_when_an_edge_moves_though_parts_do():
    transform = DualTree(levels=2).transform((64, 64), dtype=torch.float64)
    band = transform.band(2, "+75°")
    still, moved = (transform.analyse(edge(90, shift=shift)) for shift in (0, 1))
    parts = (band.of(still) - band.of(moved)).norm() / band.of(still).norm()
    magnitudes = (band.magnitude(still) - band.magnitude(moved)).norm() / band.magnitude(still).norm()
    assert parts > 0.6
    assert magnitudes < 0.5 * parts


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"biort": "near_sym_c"},
            r"biort='near_sym_c' must be one of 'antonini', 'legall', 'near_sym_a', 'near_sym_b'",
        ),
        ({"biort": "near_sym_b_bp"}, r"biort='near_sym_b_bp' must be one of"),
        ({"biort": None}, r"biort=None must be one of"),
        ({"qshift": "qshift_32"}, r"qshift='qshift_32' must be one of 'qshift_06', 'qshift_a', .*'qshift_d'"),
        ({"qshift": ""}, r"qshift='' must be one of"),
        *(
            ({"levels": levels}, r"levels=.* must be a whole number of at least 1")
            for levels in (0, -1, True, 2.0, "3")
        ),
    ],
)
def test_settings_that_are_none(settings, message):
    with pytest.raises(ValueError, match=message):
        DualTree(**settings)


@pytest.mark.parametrize(
    ("size", "most"), [((1, 1), 1), ((2, 50), 1), ((3, 3), 2), ((32, 200), 5), ((200, 33), 6), ((224, 224), 8)]
)
def test_too_many_levels(size, most):
    transform = DualTree(levels=most).transform(size, dtype=torch.float64)
    image = random(1, 1, *size)
    assert (transform.synthesise(transform.analyse(image)) - image).abs().max() < 1e-12
    with pytest.raises(ValueError, match=rf"levels={most + 1} is too many .*{size[0]} x {size[1]} .*at most {most}"):
        DualTree(levels=most + 1).transform(size)


def test_settings_are_frozen_and_have_names():
    with pytest.raises(AttributeError):
        DualTree().levels = 3
    with pytest.raises(TypeError):
        DualTree(5)
