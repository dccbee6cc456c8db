import numpy as np
import pytest
import pywt

from cartoonx_widgets import mosaic
from cartoonx_widgets.representations import Wavelet

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
    assert laid_out["lowpass"] == (0, 0)
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
