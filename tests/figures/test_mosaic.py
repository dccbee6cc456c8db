import numpy as np
import pytest
import pywt

from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet

# Many levels are taken on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:levels=:UserWarning")

SETTINGS = [
    ("haar", 1, (16, 16)),
    ("db3", 2, (17, 31)),
    ("db3", 5, (224, 224)),
    ("bior2.2", 3, (100, 40)),
    ("db10", 3, (33, 64)),
]


def places(bands):
    """Row and column ranges of each band."""
    laid_out = mosaic.layout(bands)
    return laid_out, [
        (tile.row, tile.row + band.shape[0], tile.column, tile.column + band.shape[1])
        for band, tile in zip(bands, laid_out.tiles, strict=True)
    ]


@pytest.fixture(params=SETTINGS, ids=str)
def bands(request):
    wavelet, levels, size = request.param
    return Wavelet(wavelet, levels=levels).transform(size).bands


def test_every_coefficient_has_one_place_of_its_own_inside(bands):
    laid_out, rectangles = places(bands)
    uses = np.zeros(laid_out.shape, int)
    for top, bottom, left, right in rectangles:
        assert 0 <= top < bottom <= laid_out.shape[0]
        assert 0 <= left < right <= laid_out.shape[1]
        uses[top:bottom, left:right] += 1
    assert uses.max() == 1
    assert uses.sum() == bands[-1].stop
    assert uses[-1].any()
    assert uses[:, -1].any()


def test_bands_stand_where_pywavelets_puts_them(bands):
    """Lowpass top left; horizontal to the right, vertical below, diagonal across, as in `coeffs_to_array`."""
    laid_out = dict(zip((band.name for band in bands), mosaic.layout(bands).tiles, strict=True))
    levels = bands[0].scale
    details = [tuple(np.zeros((4 * 2**j, 4 * 2**j)) for _ in "hvd") for j in range(levels)]
    _, slices = pywt.coeffs_to_array([np.zeros((4, 4)), *details])
    names = {"ad": "h", "da": "v", "dd": "d"}
    assert laid_out["lowpass"][:2] == (0, 0)
    for scale, piece in zip(range(levels, 0, -1), slices[1:], strict=True):
        for theirs, (rows, columns) in piece.items():
            ours = laid_out[f"{names[theirs]}{scale}"]
            assert (ours.row > 0, ours.column > 0) == (bool(rows.start), bool(columns.start))


def test_finer_scales_stand_further_out(bands):
    diagonals = [tile for band, tile in zip(bands, mosaic.layout(bands).tiles, strict=True) if band.name[0] == "d"]
    assert [tile.row for tile in diagonals] == sorted({tile.row for tile in diagonals})
    assert [tile.column for tile in diagonals] == sorted({tile.column for tile in diagonals})


def test_a_picture_shows_each_value_in_its_colour(bands):
    n = bands[-1].stop
    values = np.random.default_rng(0).random(n)
    picture = mosaic.draw(bands, values)
    laid_out, rectangles = places(bands)
    assert picture.shape == (*laid_out.shape, 3)
    assert picture.dtype == np.uint8
    scale = mosaic.draw(bands, np.zeros(n))[0, 0], mosaic.draw(bands, np.ones(n))[0, 0]
    assert scale[0].tolist() == [0, 0, 4]  # inferno's ends
    assert scale[1].tolist() == [252, 255, 164]
    for band, (top, bottom, left, right) in zip(bands, rectangles, strict=True):
        brightness = lightness(picture[top:bottom, left:right].reshape(-1, 3))
        order = np.argsort(values[band.slice])
        assert (np.diff(brightness[order]) > -1).all()
    gaps = np.ones(laid_out.shape, bool)
    for top, bottom, left, right in rectangles:
        gaps[top:bottom, left:right] = False
    assert gaps.any()
    assert len(np.unique(picture[gaps], axis=0)) == 1


def lightness(colours):
    """CIE L* (0 to 100) of sRGB colours (..., 3) in 0 to 255."""
    srgb = np.asarray(colours) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def test_a_higher_value_is_lighter():
    bands = Wavelet("haar", levels=1).transform((32, 32)).bands
    values = np.zeros(bands[-1].stop)
    values[:256] = np.arange(256) / 255  # the lowpass, 16 x 16
    colours = mosaic.draw(bands, values)[:16, :16].reshape(256, 3)
    steps = np.diff(lightness(colours))
    assert len(np.unique(colours, axis=0)) == 256
    assert (steps > 0).all()
    assert steps.max() < 3 * steps.mean()  # perceptually uniform, and no jump where two anchors meet


@pytest.mark.parametrize(("value", "same_as"), [(-3, 0), (2, 1), (np.inf, 1)])
def test_values_outside_are_shown_as_the_nearest(value, same_as):
    bands = Wavelet("haar", levels=1).transform((16, 16)).bands
    shape = bands[-1].stop
    assert np.array_equal(mosaic.draw(bands, np.full(shape, value)), mosaic.draw(bands, np.full(shape, same_as)))


@pytest.mark.parametrize(
    ("representation", "size"),
    [
        (DualTree(levels=3), (64, 48)),
        (Shearlet(scales=2), (40, 33)),
        (Shearlet(scales=3), (224, 224)),
        (Pixel(), (20, 30)),
    ],
    ids=str,
)
def test_each_scale_of_a_directional_transform_has_rows_of_its_own(representation, size):
    bands = representation.transform(size).bands
    placed = mosaic.layout(bands)
    uses = np.zeros(placed.shape, int)
    for tile in placed.tiles:
        uses[tile.row : tile.row + tile.rows, tile.column : tile.column + tile.columns] += 1
    assert uses.max() == 1
    assert uses.sum() == placed.tiles[-1].stop
    assert 0.4 < placed.shape[0] / placed.shape[1] < 2.5
    scales = [
        {tile.row for band, tile in zip(bands, placed.tiles, strict=True) if (band.scale, band.angle is None) == key}
        for key in dict.fromkeys((band.scale, band.angle is None) for band in bands)
    ]
    assert sum(map(len, scales)) == len(set().union(*scales))
    angled = sorted({band.scale for band in bands if band.angle is not None}, reverse=True)
    assert [tick.text for tick in placed.row_ticks] == [str(scale) for scale in angled]


def test_a_huge_mask_is_shown_by_means():
    bands = Shearlet(scales=3).transform((224, 224)).bands
    placed = mosaic.layout(bands)
    assert placed.factor > 1
    values = np.random.default_rng(0).random(bands[-1].stop)
    cells = mosaic.cells(bands, values)
    assert len(cells) == placed.tiles[-1].stop < 700_000
    band, tile = bands[3], placed.tiles[3]
    entries = values[band.slice].reshape(band.shape)
    means = cells[tile.start : tile.stop].reshape(tile.rows, tile.columns)
    f = placed.factor
    for row, column in ((0, 0), (5, 7), (tile.rows - 1, tile.columns - 1)):
        block = entries[row * f : (row + 1) * f, column * f : (column + 1) * f]
        assert means[row, column] == pytest.approx(block.mean(), abs=1e-6)
    levels = mosaic.cells(bands, np.full(bands[-1].stop, 255, np.uint8))
    assert levels.dtype == np.uint8
    assert levels.min() == 255


def test_a_complex_coefficient_has_one_cell():
    bands = DualTree(levels=2).transform((32, 32)).bands
    placed = mosaic.layout(bands)
    values = np.zeros(bands[-1].stop)
    for number, band in enumerate(bands):
        values[band.slice] = number
    cells = mosaic.cells(bands, values)
    assert placed.factor == 1
    for number, (band, tile) in enumerate(zip(bands, placed.tiles, strict=True)):
        assert tile.rows * tile.columns * band.parts == band.stop - band.start
        assert (cells[tile.start : tile.stop] == number).all()


def test_a_mask_on_pixels_is_one_plain_picture():
    bands = Pixel().transform((20, 30)).bands
    values = np.random.default_rng(0).random(600)
    assert mosaic.layout(bands).shape == (20, 30)
    assert mosaic.cells(bands, values) is values
    assert not mosaic.is_directional(bands)
