"""Classifiers of small, oblong and large images: every method, baseline, score and widget runs on them."""

from __future__ import annotations

import dataclasses
import json
import math
import warnings
import zipfile

import numpy as np
import pytest
import pywt
import torch
import toys
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets import scores, sparsity
from cartoonx_widgets.explanations import baselines
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.masking import SmoothMask
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet
from cartoonx_widgets.studies import StudyError
from cartoonx_widgets.widgets.explorer import settings

# Levels of "db3" and scales of shearlets that each size bears, at most the 5 and 4 of a large image.
BORNE = {
    (16, 16): (1, 1),
    (28, 28): (2, 2),
    (32, 32): (2, 2),
    (64, 64): (3, 3),
    (96, 96): (4, 3),
    (40, 64): (3, 2),
    (224, 224): (5, 4),
    (256, 256): (5, 4),
    (384, 384): (5, 4),
}
SMALL = [size for size in BORNE if max(size) < 100]
# No warning, of ours or of NumPy's, belongs to a size.
pytestmark = pytest.mark.filterwarnings("error:levels=", "error::RuntimeWarning")


def classifier(size, **settings):
    return toys.classifier(size=size, **settings)


def picture(size, seed=0):
    coarse = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, size=size, mode="bicubic").clamp(0, 1)[0]


def quick(name, **changes):
    method = PRESETS[name](steps=2)
    return method.replace(samples=2 if method.obfuscation.random else 1, **changes)


def explain(size, method):
    return cx.explain(picture(size), classifier=classifier(size), method=method, progress=False)


@pytest.fixture
def explore():
    def make(size, method, model=None):
        return cx.explore(picture(size), classifier=model or classifier(size), method=method)

    with with_pages(make) as explore:
        yield explore


@pytest.mark.parametrize(("size", "borne"), BORNE.items())
def test_what_is_left_open_is_what_the_size_bears(size, borne):
    levels, scales = borne
    assert levels == min(5, pywt.dwt_max_level(min(size), "db3"))
    for left_open, resolved in [
        (Wavelet(), Wavelet(levels=levels)),
        (DualTree(), DualTree(levels=levels)),
        (Shearlet(), Shearlet(scales=scales)),
    ]:
        assert left_open.resolved(size) == resolved.resolved(size) == resolved
    if max(size) <= 256:
        assert Wavelet().transform(size).bands == Wavelet(levels=levels).transform(size).bands


@pytest.mark.parametrize("name", ["haar", "sym4", "sym8", "coif2", "bior4.4", "db20", "dmey"])
@pytest.mark.parametrize("mode", ["zero", "symmetric"])
def test_long_filters_take_fewer_levels_and_always_one(name, mode):
    for size in BORNE:
        found = Wavelet(name, mode=mode).resolved(size).levels
        assert found == max(1, min(5, pywt.dwt_max_level(min(size), pywt.Wavelet(name).dec_len)))


def test_shear_levels_say_how_many_scales_there_are():
    assert Shearlet(shear_levels=(1, 2)) == Shearlet(scales=2, shear_levels=(1, 2))
    assert Shearlet().n_bands == Shearlet(scales=4).n_bands == 49
    assert Shearlet().resolved((28, 28)).n_bands == 17


@pytest.mark.parametrize("size", SMALL, ids=str)
@pytest.mark.parametrize("name", PRESETS)
def test_every_method_explains_on_every_size(name, size):
    model = classifier(size)
    explanation = cx.explain(picture(size), classifier=model, method=quick(name), progress=False)
    levels, scales = BORNE[size]
    there = {band.scale for band in explanation.transform.bands}
    expected = {Wavelet: levels, Shearlet: scales, Pixel: 1}[type(explanation.method.representation)]
    assert there == set(range(1, expected + 1))
    assert explanation.cartoon.shape == (3, *size)
    assert torch.isfinite(explanation.cartoon).all()
    assert 0 < explanation.share_kept < 1
    assert all(map(math.isfinite, scores.compute(explanation).values()))
    for curve in (
        scores.insertion(explanation, classifier=model, shares=3),
        scores.deletion(explanation, classifier=model, shares=3),
        scores.rate_distortion(explanation, classifier=model, shares=3, samples=2),
    ):
        assert np.isfinite(curve.values).all()
    figure = explanation.to_image()
    assert figure.height < 500
    assert figure.width > figure.height


@pytest.mark.parametrize("make", [DualTree, Wavelet, Shearlet])
@pytest.mark.parametrize("size", [*SMALL, (17, 23)], ids=str)
def test_every_representation_undoes_itself_at_every_size(make, size):
    transform = make().transform(size, dtype=torch.float64)
    image = picture(size)[None].double()
    assert (transform.synthesise(transform.analyse(image)) - image).abs().max() < 1e-9
    explanation = explain(size, quick("waveletx_interactive", representation=make()))
    assert torch.isfinite(explanation.mask).all()


@pytest.mark.parametrize("name", ["cartoonx_interactive", "pixel_mask", "smooth_mask", "waveletx"])
def test_a_large_size(name):
    explanation = explain((384, 384), quick(name))
    assert torch.isfinite(explanation.cartoon).all()
    assert all(map(math.isfinite, scores.compute(explanation).values()))


def test_shearlets_at_a_large_size():
    explanation = explain((384, 384), cx.methods.shearletx(steps=1, samples=1))
    assert len(explanation.transform.bands) == 49
    assert torch.isfinite(explanation.cartoon).all()


@pytest.mark.parametrize("size", SMALL, ids=str)
@pytest.mark.parametrize("name", baselines.BASELINES)
def test_every_baseline_explains_on_every_size(name, size):
    pytest.importorskip("captum")
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(4),
        torch.nn.Flatten(),
        torch.nn.Linear(64, 3),
    )
    few = {"integrated_gradients": {"steps": 8}, "rise": {"samples": 40}, "sobol_indices": {"samples": 2, "grid": 2}}
    model = classifier(size, module=net)
    explanations = [
        baselines.BASELINES[name](picture(size), classifier=model, target=target, **few.get(name, {}))
        for target in range(3)
    ]
    assert all(one.mask.shape == (one.transform.n_coefficients,) for one in explanations)
    # Where nothing speaks for a class, its map is zero.
    speaking = [one for one in explanations if one.mask.any()]
    assert speaking
    assert all(math.isfinite(value) for one in speaking for value in scores.compute(one).values())


def test_scores_that_need_other_runs():
    size = (16, 16)
    method = quick("waveletx_interactive")
    one, other = (
        cx.explain(picture(size), classifier=classifier(size), method=method, seed=seed, progress=False)
        for seed in (0, 1)
    )
    assert -1 <= scores.stability([one, other]).cartoon <= 1
    points = scores.distortion_over_lambda(
        picture(size), classifier=classifier(size), method=method, lambdas=[1, 2], samples=2, progress=False
    )
    assert all(math.isfinite(value) for point in points for value in point)
    expansion = sparsity.expand(picture(size), Wavelet(mode="periodization"))
    assert sparsity.psnr(expansion.image, expansion.keep(expansion.n)) > 80


@pytest.mark.parametrize("size", SMALL, ids=str)
def test_bumps_of_a_smooth_mask_are_as_large_beside_the_image_as_on_a_large_one(size):
    transform = Pixel().transform(size)
    smooth = SmoothMask()
    parameters = torch.zeros_like(smooth.start(transform, 1))
    parameters[..., parameters.shape[-1] // 2] = 1
    one = smooth.mask(parameters, transform)
    assert one.max() > 0.9
    assert one.mean() < 0.1
    assert SmoothMask().resolved((300, 224)) == SmoothMask(step=7, sigma=21.0) == SmoothMask().resolved((384, 999))


@pytest.mark.parametrize("size", SMALL, ids=str)
@pytest.mark.parametrize("make", [Wavelet, Shearlet, DualTree])
def test_the_mosaic_is_mostly_mask(make, size):
    bands = make().transform(size).bands
    laid_out = mosaic.layout(bands)
    cells = sum(tile.rows * tile.columns for tile in laid_out.tiles)
    assert cells > 0.6 * math.prod(laid_out.shape)
    scales = {str(band.scale) for band in bands[1:]}
    assert {tick.text for tick in laid_out.row_ticks} == scales


@pytest.mark.parametrize(
    ("representation", "message"),
    [
        (Wavelet(levels=6), "levels=6 is too many for an image of 28 x 28 pixels: use at most 5, or a larger image"),
        (Wavelet("db20", mode="reflect"), "cannot continue a lowpass of 28 pixels .*: use a shorter wavelet, or mode="),
        (DualTree(levels=6), "levels=6 is too many for an image of 28 x 28 pixels: use at most 5"),
        (Shearlet(scales=3), "scales=3 is too many for an image of 28 x 28 pixels: use at most 2"),
        (Shearlet(shear_levels=(1, 1, 1)), "scales=3 is too many for an image of 28 x 28 pixels: use at most 2"),
    ],
    ids=repr,
)
def test_a_number_by_hand_that_cannot_be_is_refused(representation, message):
    with pytest.raises(ValueError, match=message):
        explain((28, 28), quick("cartoonx", representation=representation))


def test_a_size_too_small_for_shearlets_is_refused():
    with pytest.raises(ValueError, match="scales=1 is too many for an image of 8 x 30 pixels: use one of at least 9"):
        Shearlet().transform((8, 30))


@pytest.mark.parametrize(
    ("representation", "message"),
    [
        (Wavelet(levels=3), r"levels=3 is more than .* 28 x 28 .* 'db3': PyWavelets' dwt_max_level says 2.*at most 2"),
        (Wavelet("sym8", levels=2), "dwt_max_level says 0, .* Use at most 1"),
        (DualTree(levels=3), "levels=3 is more than .* 28 x 28 .* Use at most 2"),
    ],
    ids=repr,
)
def test_more_than_the_size_bears_is_warned_of_once(representation, message):
    method = quick("cartoonx", representation=representation)
    for call in (
        lambda: representation.transform((28, 28)),
        lambda: explain((28, 28), method),
        lambda: cx.record(picture((28, 28)), classifier=classifier(28), method=method, progress=False),
        lambda: cx.MaskAttribution(classifier(28), method).attribute(picture((28, 28))[None]),
        lambda: sparsity.expand(picture((28, 28)), representation),
    ):
        with pytest.warns(UserWarning, match=message) as caught:
            call()
        ours = [warning for warning in caught if str(warning.message).startswith("levels=")]
        assert [warning.filename for warning in ours] == [__file__]


def test_what_there_is_already_is_not_warned_of_again(tmp_path):
    method = quick("waveletx", representation=Wavelet(levels=4))
    with pytest.warns(UserWarning, match="levels=4"):
        explanation = explain((28, 28), method)
    scores.expected_distortion(explanation, classifier=classifier(28), samples=2)
    with pytest.warns(UserWarning, match="levels=4"):
        recording = cx.record(picture((28, 28)), classifier=classifier(28), method=method, progress=False)
    recording.save(tmp_path / "run.cxr")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cx.Recording.load(tmp_path / "run.cxr").representation == Wavelet(levels=4)


@pytest.mark.parametrize("name", ["cartoonx_interactive", "shearletx", "smooth_mask"])
@pytest.mark.parametrize("size", [(16, 16), (40, 64)], ids=str)
def test_a_recording_says_what_there_was(name, size, tmp_path):
    recording = cx.record(picture(size), classifier=classifier(size), method=quick(name), progress=False)
    recording.save(tmp_path / "run.cxr")
    again = cx.Recording.load(tmp_path / "run.cxr")
    assert again.representation == recording.representation == quick(name).resolved(size).representation
    with zipfile.ZipFile(tmp_path / "run.cxr") as archive:
        described = json.loads(archive.read("recording.json"))
    assert None not in {described["representation"].get(name, 0) for name in ("levels", "scales")}
    assert None not in {described["settings"]["mask"].get(name, 0) for name in ("step", "sigma")}
    assert np.array_equal(again.frame(-1).levels(), recording.frame(-1).levels())
    again.to_html(tmp_path / "run.html", progress=False)
    again.to_gif(tmp_path / "run.gif", progress=False)
    again.to_png(tmp_path / "run.png")


def test_the_settings_panel_tells_what_there_is(explore):
    preset = cx.methods.cartoonx_interactive()
    explorer = explore((28, 28), preset)

    def levels():
        answers = explorer.page.ask(type="ready")["settings"]["settings"]
        return next((one["value"], one["preset"], one["high"]) for one in answers if one["path"].endswith(".levels"))

    assert levels() == (2, 2, 5)
    assert explorer.page.ask(type="ready")["status"]["status"]["notes"] == ()
    with pytest.warns(UserWarning, match="levels=3"):
        answers = explorer.page.ask(type="setting", path="representation.levels", value=3)
    assert any("dwt_max_level" in note for note in answers["status"]["status"]["notes"])
    assert levels() == (3, 2, 5)
    assert explorer.method.representation == Wavelet(levels=3)
    # Set back, it is left open again, and is the preset.
    explorer.page.ask(type="setting", path="representation.levels", value=2)
    assert explorer.method == preset
    # Another wavelet takes what it bears, which is no change by hand.
    explorer.page.ask(type="setting", path="representation.wavelet", value="haar")
    assert levels() == (4, 4, 5)
    explorer.page.ask(type="setting", path="representation.wavelet", value="db3")
    assert explorer.method == preset
    refused = explorer.page.ask(type="setting", path="representation.levels", value=6)
    assert "use at most 5" in refused["error"]["message"]
    assert explorer.method == preset


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("representation", ["wavelets", "dual-tree wavelets", "shearlets", "pixels"])
def test_every_setting_shown_can_be_set_to_what_it_is(name, representation):
    size, preset = (28, 28), PRESETS[name]()
    method = settings.change(preset, "representation", representation, preset, size)
    for shown in settings.describe(method, preset, size):
        assert shown["value"] is not None
        assert settings.change(method, shown["path"], shown["value"], preset, size).resolved(size) == method.resolved(
            size
        )


def test_photographs_of_other_sizes_have_as_many_scales_as_they_bear(explore):
    explorer = explore((28, 28), cx.methods.cartoonx_interactive(), classifier(None))
    assert len(explorer.explanation.transform.bands) == 7
    explorer.show(picture((96, 40)))
    assert len(explorer.explanation.transform.bands) == 10
    answers = explorer.page.ask(type="ready")
    assert len(answers["setup"]["bands"]) == 10
    assert answers["setup"]["size"] == (96, 40)
    assert not [one for one in answers["settings"]["settings"] if one["value"] != one["preset"]]


def test_every_preset_can_be_chosen_in_the_explorer(explore):
    explorer = explore((16, 16), None)
    for index, name in enumerate(PRESETS):
        answers = explorer.page.ask(type="method", index=index)
        assert "error" not in answers, name
        explorer.step()
        assert explorer.wait(60)
    assert explorer.recording.frames[-1].step == 1


def test_comparison_and_lab(tmp_path):
    size = (28, 28)
    for names in (list(PRESETS)[:5], list(PRESETS)[4:]):
        compared = cx.compare(picture(size), {name: quick(name) for name in names}, classifier=classifier(size))
        try:
            compared.play()
            assert compared.wait(60)
            compared.save(tmp_path / "compared.svg")
            compared.to_csv(tmp_path / "compared.csv")
            compared.to_html(tmp_path / "compared.html")
        finally:
            compared.close()
    lab = cx.sparsity_lab(picture((32, 32)), size=32)
    try:
        assert lab.wait(60)
        assert lab.levels == 2
        for name in ("sym8", "dual-tree", "shearlets", "haar"):
            lab.representation = name
            assert lab.wait(60)
        lab.levels = lab.most_levels
        lab.representation = Wavelet(mode="periodization")
        assert lab.levels == 2
    finally:
        lab.close()


GIVEN = {
    "wavelets": (Wavelet(), Wavelet(levels=2)),
    "shearlets": (Shearlet(), Shearlet(scales=2)),
    "dual tree": (DualTree(), DualTree(levels=2)),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_study_begun_with_numbers_goes_on_where_they_are_left_open(name, tmp_path):
    """As version 0.5.0 wrote them down."""
    left_open, given = GIVEN[name]
    for representation in (given, left_open):
        cx.study(
            [picture((28, 28))],
            {"method": quick("waveletx", representation=representation)},
            out=tmp_path / "study",
            classifier=classifier(28),
            progress=False,
        )
    plan = json.loads((tmp_path / "study" / "study.json").read_text("utf-8"))
    assert plan["methods"]["method"]["representation"] == {"kind": type(given).__name__, **dataclasses.asdict(given)}


def test_a_study_begun_with_other_numbers_is_not_mixed_with_them(tmp_path):
    given = {"out": tmp_path / "study", "classifier": classifier(64), "progress": False}
    cx.study([picture((64, 64))], {"method": quick("waveletx", representation=Wavelet(levels=2))}, **given)
    with pytest.raises(StudyError, match="other settings of 'method'"):
        cx.study([picture((64, 64))], {"method": quick("waveletx")}, **given)
