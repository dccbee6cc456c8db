"""One contract over all representations."""

import copy
import math
import pickle

import pytest
import torch
import toys

from cartoonx_widgets.representations import Band, Pixel, Wavelet

# Also more levels than the size bears have to be exact.
pytestmark = pytest.mark.filterwarnings("ignore:levels=")


def later(name, **settings):
    """A representation whose module may still be missing, with settings for small images."""

    def make():
        module = pytest.importorskip(
            f"cartoonx_widgets.representations.{name.lower()}", reason=f"representations.{name} is not there yet"
        )
        return getattr(module, name)(**settings)

    return make


REPRESENTATIONS = {
    "db3": lambda: Wavelet("db3", levels=2),
    "haar, symmetric": lambda: Wavelet("haar", levels=4, mode="symmetric"),
    "bior2.2, reflect": lambda: Wavelet("bior2.2", levels=2, mode="reflect"),
    "rbio3.1, zero": lambda: Wavelet("rbio3.1", levels=3),
    "db2, periodization": lambda: Wavelet("db2", levels=3, mode="periodization"),
    "pixels": Pixel,
    "a stand-in for complex ones": toys.Rotated,
    "shearlets": later("Shearlet", scales=2),
    "shearlets, 9-7": later("Shearlet", scales=1, shear_levels=(1,), fan="9-7"),
    "dual tree": later("DualTree", levels=3),
    "dual tree, one level": later("DualTree", levels=1),
}
SIZES = [(32, 32), (33, 47), (47, 33), (28, 64)]
TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-9}


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.fixture(params=REPRESENTATIONS)
def representation(request):
    return REPRESENTATIONS[request.param]()


@pytest.fixture(params=SIZES, ids=str)
def transform(request, representation):
    return representation.transform(request.param, dtype=torch.float64)


@pytest.fixture
def odd(representation):
    """The transform for one odd size."""
    return representation.transform((33, 47), dtype=torch.float64)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_synthesis_undoes_analysis(representation, size, dtype):
    transform = representation.transform(size, dtype=dtype)
    image = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0), dtype=dtype)
    coefficients = transform.analyse(image)
    again = transform.synthesise(coefficients)
    assert coefficients.shape == (2, 3, transform.n_coefficients)
    assert again.shape == image.shape
    assert coefficients.dtype == again.dtype == dtype
    assert (again - image).abs().max() < TOLERANCES[dtype]


def test_what_a_transform_knows_of_itself(transform, representation):
    assert transform.dtype == torch.float64
    assert transform.device == torch.device("cpu")
    assert type(transform) is type(representation.transform((32, 32)))
    assert representation.transform((32, 32)).dtype == torch.float32
    image = torch.zeros(1, 3, *transform.size)
    assert transform.analyse(image).shape == (1, 3, transform.n_coefficients)
    pixels = math.prod(transform.size)
    # Wavelets have up to as many more as their filters reach beyond the border.
    assert transform.n_coefficients >= pixels
    assert (transform.n_coefficients >= 2.9 * pixels) == representation.redundant


def test_bands_tile_the_coefficients(transform):
    position = 0
    for band in transform.bands:
        assert (band.start, band.stop) == (position, position + band.parts * math.prod(band.shape))
        assert band.slice == slice(band.start, band.stop)
        assert min(band.shape) >= 1
        assert transform.band(band.scale, band.orientation) is band
        assert band.angle is None or -90 < band.angle <= 90
        position = band.stop
    assert position == transform.n_coefficients


def test_bands_go_from_coarse_to_fine_and_have_names_of_their_own(transform):
    names = [band.name for band in transform.bands]
    assert len(set(names)) == len(names)
    orientations = [band.orientation for band in transform.bands]
    if len(names) == 1:
        assert names == ["pixels"]
        return
    assert names[0] == "lowpass"
    assert orientations.count("lowpass") == 1
    assert "pixels" not in orientations
    scales = [band.scale for band in transform.bands]
    assert scales[0] == max(scales)
    assert scales == sorted(scales, reverse=True)
    assert set(scales) == set(range(1, max(scales) + 1))


@pytest.mark.parametrize("name", ["db3", "bior2.2, reflect", "shearlets", "dual tree"])
def test_the_angle_of_a_band_is_that_of_the_edges_it_responds_to(name):
    """Counter-clockwise from the horizontal, with rows counted downwards: stripes at each band's own angle."""
    transform = REPRESENTATIONS[name]().transform((64, 64), dtype=torch.float64)
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    for scale in (1, 2):
        bands = [band for band in transform.bands if band.scale == scale and band.angle is not None]
        assert len(bands) >= 2
        for band in bands:
            turn = math.radians(band.angle)
            # Within the square ring of frequencies that a scale covers.
            frequency = 0.36 / scale / max(abs(math.sin(turn)), abs(math.cos(turn)))
            stripes = torch.cos(2 * math.pi * frequency * (math.sin(turn) * columns + math.cos(turn) * rows))
            coefficients = transform.analyse(stripes.double()[None, None])
            energies = [float(other.magnitude(coefficients).square().sum()) for other in bands]
            found = bands[energies.index(max(energies))].angle
            difference = abs((found - band.angle + 90) % 180 - 90)
            assert difference <= (20 if len(bands) > 6 else 0)  # the finest shearlets overlap


def test_the_scales_are_the_lowpass_and_what_has_one_scale(transform):
    expected = {}
    for band in transform.bands:
        expected.setdefault((band.orientation == "lowpass", band.scale), []).append(band)
    assert [(group.start, group.stop) for group in transform.scales()] == [
        (bands[0].start, bands[-1].stop) for bands in expected.values()
    ]
    assert [group.start for group in transform.scales()][1:] == [group.stop for group in transform.scales()][:-1]


def test_both_directions_are_linear(transform):
    shapes = {
        transform.synthesise: (1, 2, transform.n_coefficients),
        transform.analyse: (1, 2, *transform.size),
        transform.adjoint: (1, 2, *transform.size),
    }
    for function, shape in shapes.items():
        x, y = random(*shape, seed=1), random(*shape, seed=2)
        expected = 2.5 * function(x) - function(y)
        assert (function(2.5 * x - y) - expected).abs().max() < 1e-12 * expected.abs().max()


def test_the_adjoint(transform):
    """<A c, x> = <c, A* x>."""
    for seed in range(3):
        coefficients = random(2, 3, transform.n_coefficients, seed=seed)
        image = random(2, 3, *transform.size, seed=10 + seed)
        forward, backward = transform.synthesise(coefficients) * image, coefficients * transform.adjoint(image)
        assert abs(forward.sum() - backward.sum()) < 1e-10 * forward.abs().sum()


def test_the_gradient_of_synthesis_is_its_adjoint(transform):
    coefficients = random(2, 3, transform.n_coefficients).requires_grad_()
    image = random(2, 3, *transform.size, seed=1)
    (gradient,) = torch.autograd.grad((transform.synthesise(coefficients) * image).sum(), coefficients)
    assert torch.equal(gradient, transform.adjoint(image))


def test_the_gradient_of_synthesis_by_finite_differences(odd):
    """Along random directions, as there are too many coefficients for all of them."""
    coefficients, image = random(1, 1, odd.n_coefficients), random(1, 1, *odd.size, seed=1)
    gradient = odd.adjoint(image)
    for seed in range(3):
        direction = random(1, 1, odd.n_coefficients, seed=20 + seed)
        after, before = (odd.synthesise(coefficients + step * direction) for step in (1e-3, -1e-3))
        slope = float(((after - before) * image).sum()) / 2e-3
        assert slope == pytest.approx(float((gradient * direction).sum()), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("colours", [1, 3])
def test_each_image_and_each_colour_is_on_its_own(odd, count, colours):
    images = random(count, colours, *odd.size)
    coefficients, adjoint = odd.analyse(images), odd.adjoint(images)
    again = odd.synthesise(coefficients)
    assert coefficients.shape == adjoint.shape == (count, colours, odd.n_coefficients)
    for i in range(count):
        for colour in range(colours):
            one = images[i : i + 1, colour : colour + 1]
            assert torch.allclose(odd.analyse(one)[0, 0], coefficients[i, colour], atol=1e-12)
            assert torch.allclose(odd.adjoint(one)[0, 0], adjoint[i, colour], atol=1e-12)
            assert torch.allclose(
                odd.synthesise(coefficients[i : i + 1, colour : colour + 1])[0, 0], again[i, colour], atol=1e-12
            )


def test_inputs_need_not_lie_in_one_piece(odd):
    """One grey set of coefficients or one grey image, shown to three colours without a copy."""
    image, coefficients = random(2, 1, *odd.size), random(2, 1, odd.n_coefficients)
    for function, values in ((odd.analyse, image), (odd.adjoint, image), (odd.synthesise, coefficients)):
        spread = values.expand(-1, 3, *values.shape[2:])
        assert torch.allclose(function(spread), function(values).expand(-1, 3, *function(values).shape[2:]), atol=1e-12)
    turned = random(2, 3, odd.size[1], odd.size[0]).transpose(2, 3)
    assert torch.allclose(odd.analyse(turned), odd.analyse(turned.contiguous()), atol=1e-12)
    assert torch.allclose(odd.adjoint(turned), odd.adjoint(turned.contiguous()), atol=1e-12)


def test_nothing_that_is_given_is_changed(odd):
    image, coefficients = random(1, 3, *odd.size), random(1, 3, odd.n_coefficients)
    for function, values in ((odd.analyse, image), (odd.adjoint, image), (odd.synthesise, coefficients)):
        before = values.clone()
        first, second = function(values), function(values)
        assert torch.equal(values, before)
        assert torch.equal(first, second)


@pytest.mark.parametrize("dtype", TOLERANCES)
def test_analysis_takes_images_of_another_dtype(representation, dtype):
    transform = representation.transform((33, 47), dtype=dtype)
    image = torch.rand(1, 3, 33, 47, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = transform.analyse(image.to(dtype))
    for other in (torch.float64, torch.float32, torch.float16):
        coefficients = transform.analyse(image.to(other))
        assert coefficients.dtype == dtype
        assert (coefficients - expected).abs().max() < (1e-5 if other != torch.float16 else 1e-2)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu_as_on_the_cpu(representation):
    image = torch.rand(2, 3, 33, 47, generator=torch.Generator().manual_seed(0))
    here, there = (representation.transform((33, 47), device=device) for device in ("cpu", "cuda"))
    coefficients = there.analyse(image)  # which moves it
    assert coefficients.device.type == "cuda"
    assert (coefficients.cpu() - here.analyse(image)).abs().max() < 1e-5
    assert (there.synthesise(coefficients).cpu() - image).abs().max() < 1e-5
    assert (there.adjoint(image.cuda()).cpu() - here.adjoint(image)).abs().max() < 1e-5


def test_single_precision_is_double_precision_to_rounding(representation):
    single, double = (representation.transform((33, 47), dtype=dtype) for dtype in TOLERANCES)
    assert single.bands == double.bands
    image, coefficients = random(1, 3, 33, 47), random(1, 3, single.n_coefficients)
    for name, values in (("analyse", image), ("adjoint", image), ("synthesise", coefficients)):
        ours, exact = getattr(single, name)(values.float()), getattr(double, name)(values)
        assert (ours - exact).abs().max() < 1e-5 * max(1, exact.abs().max())


def test_split_and_join_undo_each_other(odd):
    flat = random(2, 3, odd.n_coefficients)
    bands = odd.split(flat)
    assert list(bands) == [band.name for band in odd.bands]
    for band in odd.bands:
        parts = () if band.parts == 1 else (band.parts,)
        assert bands[band.name].shape == (2, 3, *parts, *band.shape)
        assert torch.equal(bands[band.name].flatten(2), flat[..., band.slice])
        assert bands[band.name].untyped_storage().data_ptr() == flat.untyped_storage().data_ptr()  # a view
    assert torch.equal(odd.join(bands), flat)
    assert torch.equal(odd.join(odd.split(flat[0, 0])), flat[0, 0])


def test_the_parts_of_all_bands_add_up(odd):
    coefficients = random(2, 3, odd.n_coefficients)
    before = coefficients.clone()
    parts = [odd.part(coefficients, band) for band in odd.bands]
    assert all(part.shape == (2, 3, *odd.size) for part in parts)
    assert (sum(parts) - odd.synthesise(coefficients)).abs().max() < 1e-10
    assert torch.equal(coefficients, before)
    for band, part in zip(odd.bands, parts, strict=True):
        assert part.abs().max() > 1e-3
        others = coefficients.clone()
        others[..., band.slice] = 0
        assert odd.part(others, band).abs().max() == 0


def test_parts_of_a_coefficient_are_tied(odd):
    gradient = random(2, 1, odd.n_coefficients)
    before = gradient.clone()
    tied = odd.tie(gradient)
    assert torch.equal(gradient, before)
    for band in odd.bands:
        ours, free = band.of(tied), band.of(before)
        expected = free if band.parts == 1 else free.sum(2, keepdim=True).expand_as(free)
        assert torch.allclose(ours, expected, atol=1e-14)
        assert torch.equal(band.of_mask(tied), ours if band.parts == 1 else ours[:, :, 1])
        assert band.of_mask(tied).shape == (2, 1, *band.shape)


def test_the_magnitude_of_coefficients(odd):
    coefficients = random(2, 3, odd.n_coefficients)
    for band in odd.bands:
        magnitude = band.magnitude(coefficients)
        assert magnitude.shape == (2, 3, *band.shape)
        values = band.of(coefficients).numpy()
        expected = abs(values) if band.parts == 1 else abs(values[:, :, 0] + 1j * values[:, :, 1])
        assert torch.allclose(magnitude, torch.from_numpy(expected), atol=1e-14)


def test_a_band_that_is_not_there(odd):
    with pytest.raises(ValueError, match=r"no band has scale=99 and orientation='diagonal'; choose one of .*scale 1"):
        odd.band(99, "diagonal")


def test_settings_are_values(representation):
    assert copy.copy(representation) == representation
    assert hash(pickle.loads(pickle.dumps(representation))) == hash(representation)
    with pytest.raises(AttributeError):
        representation.redundant = None


def test_a_band_of_real_and_one_of_complex_coefficients():
    real = Band(scale=2, orientation="vertical", angle=90.0, shape=(2, 3), start=4)
    both = Band(scale=1, orientation="+45°", angle=45.0, shape=(2, 2), parts=2, start=10)
    assert (real.stop, real.slice, real.name) == (10, slice(4, 10), "v2")
    assert (both.stop, both.slice, both.name) == (18, slice(10, 18), "1 +45°")
    assert Band(scale=5, orientation="lowpass", shape=(1, 1), start=0).name == "lowpass"
    assert Band(scale=1, orientation="pixels", shape=(1, 1), start=0).name == "pixels"
    assert Band(scale=3, orientation="-15°", shape=(1, 1), start=0).name == "3 -15°"
    flat = torch.arange(18.0)
    assert real.of(flat).tolist() == [[4, 5, 6], [7, 8, 9]]
    assert both.of(flat).tolist() == [[[10, 11], [12, 13]], [[14, 15], [16, 17]]]
    assert both.of_mask(flat).tolist() == [[10, 11], [12, 13]]
    assert real.magnitude(-flat).tolist() == [[4, 5, 6], [7, 8, 9]]
    assert both.magnitude(flat)[0, 0].item() == pytest.approx(math.hypot(10, 14))
    with pytest.raises(AttributeError):
        real.start = 0
    with pytest.raises(TypeError):
        Band(1, "diagonal", None, (1, 1), 1, 0)
