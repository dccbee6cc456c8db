import base64
import dataclasses
import io
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
import toys
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets.explanations.explanation import explanation_of, explanations_of
from cartoonx_widgets.masking import FreeMask

HOSTILE = '<script>alert("1")</script>'
LABELS = ["zero", "one", "two", HOSTILE, "four"]


def explain(target=HOSTILE, *, progress=False, **settings):
    return cx.explain(
        toys.image(),
        classifier=toys.classifier(labels=LABELS, name="Toy & <b>friends</b>"),
        target=target,
        method=toys.method(**{"learning_rate": 0.1, "steps": 8, **settings}),
        seed=3,
        progress=progress,
    )


@pytest.fixture(scope="module")
def explanation():
    return explain()


def test_what_it_holds(explanation):
    n = explanation.transform.n_coefficients
    assert explanation.image.shape == explanation.cartoon.shape == (3, 32, 32)
    assert explanation.mask.shape == (n,)
    assert explanation.coefficients.shape == (3, n)
    assert torch.equal(explanation.image, toys.image()[0])
    assert 0 <= explanation.mask.min() < explanation.mask.max() <= 1
    assert 0 <= explanation.cartoon.min() < explanation.cartoon.max() <= 1
    assert explanation.steps_done == 8
    assert list(explanation.curves) == ["distortion", "l1", "spatial_l1", "spatial_l2", "loss"]
    assert all(values.shape == (8,) for values in explanation.curves.values())
    assert (explanation.seed, explanation.method.lambda_l1, explanation.classifier) == (3, 1.0, "Toy & <b>friends</b>")
    assert (explanation.target.index, explanation.target.label) == (3, HOSTILE)
    for tensor in (explanation.image, explanation.cartoon, explanation.mask, explanation.coefficients):
        assert not tensor.requires_grad


def test_what_it_says_of_the_classes_is_what_the_classifier_says(explanation):
    classifier = toys.classifier()
    before = classifier.probabilities(explanation.image[None])[0]
    after = classifier.probabilities(explanation.cartoon[None])[0]
    assert explanation.target.probability == pytest.approx(float(before[3]), abs=1e-6)
    assert explanation.probability == pytest.approx(float(after[3]), abs=1e-6)
    assert [one.index for one in explanation.photograph_top] == before.argsort(descending=True).tolist()
    assert [one.index for one in explanation.cartoon_top] == after.argsort(descending=True).tolist()
    assert explanation.class_kept == (int(after.argmax()) == 3)


def test_the_most_probable_class_is_explained_by_default():
    assert explain(target=None).target.index == toys.target()


def test_a_class_may_be_given_by_its_label():
    assert explain(target="TWO", steps=1).target.index == 2


def test_the_cartoon_is_the_masked_photograph(explanation):
    kept = (explanation.mask * explanation.coefficients)[None]
    assert torch.equal(explanation.cartoon, explanation.transform.synthesise(kept)[0].clamp(0, 1))


def test_parts_of_all_bands_add_up_to_the_cartoon_before_its_clamp(explanation):
    parts = [explanation.part(band.scale, band.orientation) for band in explanation.transform.bands]
    kept = (explanation.mask * explanation.coefficients)[None]
    assert (sum(parts) - explanation.transform.synthesise(kept)[0]).abs().max() < 1e-5
    assert parts[-1].min() < 0 < parts[-1].max()  # details are around 0


def test_a_band_is_its_piece_of_the_mask(explanation):
    pieces = explanation.transform.split(explanation.mask)
    for band in explanation.transform.bands:
        assert torch.equal(explanation.band(band.scale, band.orientation), pieces[band.name])
    assert explanation.band(1, "diagonal").shape == explanation.transform.bands[-1].shape


@pytest.mark.parametrize("name", [*cx.methods.PRESETS, "complex"])
def test_the_explanation_of_each_method(name):
    method = toys.small("cartoonx", representation=toys.Rotated()) if name == "complex" else toys.small(name)
    picture, classifier = torch.cat([toys.image(5), toys.image()]), toys.classifier()
    optimization = cx.Optimization(picture, classifier, [1, toys.target()], method, seed=4)
    for _ in range(3):
        optimization.step()
    explanation = explanations_of(optimization, seed=4)[1]
    transform = explanation.transform
    assert explanation.mask.shape == (transform.n_coefficients,)
    assert torch.equal(explanation.mask, optimization.mask[1, 0])
    assert torch.equal(explanation.cartoon, optimization.cartoon()[1])
    assert torch.equal(explanation.image, toys.image()[0])
    left = transform.synthesise(((1 - explanation.mask) * explanation.coefficients)[None])
    assert torch.equal(explanation.rest, left[0].clamp(0, 1))
    assert explanation.probability_rest == pytest.approx(
        float(classifier.probabilities(left.clamp(0, 1))[0, toys.target()]), abs=1e-6
    )
    assert explanation.target.index == toys.target()
    assert explanation.share_kept == pytest.approx(float(optimization.mask[1].mean()), abs=1e-6)
    assert tuple(explanation.curves) == optimization.curve_names
    for key, values in optimization.curves().items():
        assert np.array_equal(explanation.curves[key], values[:, 1])
    assert explanation.method == method
    parts = [explanation.part(band.scale, band.orientation) for band in transform.bands]
    kept = (explanation.mask * explanation.coefficients)[None]
    assert (sum(parts) - transform.synthesise(kept)[0]).abs().max() < 1e-5
    for band in transform.bands:
        piece = explanation.band(band.scale, band.orientation)
        assert piece.shape == band.shape
        assert 0 <= piece.min() <= piece.max() <= 1


def test_it_holds_the_settings_of_the_last_step():
    optimization = toys.optimization(reference="one")
    optimization.step()
    optimization.steer(lambda_l1=4.0, learning_rate=0.01)
    optimization.step()
    explanation = explanation_of(optimization, seed=0)
    assert explanation.method == optimization.method.replace(lambda_l1=4.0, learning_rate=0.01)
    assert (optimization.method.lambda_l1, explanation.steps_done) == (1.0, 2)


@pytest.mark.parametrize("method", ["band", "part"])
def test_a_band_that_is_not_there(explanation, method):
    with pytest.raises(ValueError, match=r"no band has scale=9 .*choose one of .*d1"):
        getattr(explanation, method)(9, "horizontal")


def test_the_share_kept_is_the_mean_mask_entry(explanation):
    assert explanation.share_kept == pytest.approx(float(explanation.mask.double().mean()), abs=1e-6)
    assert 0 < explanation.share_kept < 1


def test_the_summary_says_whether_the_class_is_kept():
    kept = explain(reference="one", lambda_l1=0.5)
    assert kept.class_kept
    assert kept.summary.startswith(f"{HOSTILE} is kept: 0.45 → ")
    assert f"{kept.share_kept:.1%} of the coefficients" in kept.summary
    lost = explain(target="zero")
    assert not lost.class_kept
    assert lost.summary.startswith("zero is not kept: 0.06 → ")
    first = lost.cartoon_top[0]
    assert f"; the cartoon is {first.label} ({first.probability:.2f}); without them: " in lost.summary
    assert lost.summary in repr(lost)


def test_the_figure_is_a_picture_of_three_panels(explanation):
    figure = explanation.to_image()
    assert isinstance(figure, Image.Image)
    assert figure.mode == "RGB"
    assert 900 < figure.width < 2000
    assert 320 < figure.height < 600
    pixels = np.asarray(figure).astype(float)
    third = figure.width // 3
    for i in range(3):  # no panel is plain
        panel = pixels[80:380, i * third + 40 : (i + 1) * third - 40]
        assert panel.std() > 10
    assert pixels[: 16 + 2 * 18].min() < 100  # the summary is written above them


class Page(HTMLParser):
    """Elements of a page with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def test_the_notebook_shows_four_pictures_with_alt_texts(explanation):
    bundle = explanation._repr_mimebundle_()
    page = Page(bundle["text/html"])
    pictures = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(pictures) == 4
    decoded = []
    for attributes in pictures:
        kind, _, data = attributes["src"].partition(",")
        assert kind == "data:image/png;base64"
        decoded.append(np.asarray(Image.open(io.BytesIO(base64.b64decode(data, validate=True)))))
    assert np.abs(decoded[0] - 255 * explanation.image.permute(1, 2, 0).numpy()).max() < 0.51
    assert np.abs(decoded[1] - 255 * explanation.cartoon.permute(1, 2, 0).numpy()).max() < 0.51
    assert "photograph" in pictures[0]["alt"]
    assert f"{explanation.target.probability:.2f}" in pictures[0]["alt"]
    assert f"{explanation.probability:.2f}" in pictures[1]["alt"]
    assert np.abs(decoded[2] - 255 * explanation.rest.permute(1, 2, 0).numpy()).max() < 0.51
    assert f"{explanation.probability_rest:.2f}" in pictures[2]["alt"]
    assert all(band.name in pictures[3]["alt"] for band in explanation.transform.bands)
    assert explanation.summary in page.text
    assert bundle["text/plain"] == repr(explanation)


def test_the_notebook_escapes_labels_and_names(explanation):
    page = Page(explanation._repr_mimebundle_()["text/html"])
    tags = {tag for tag, _ in page.elements}
    assert tags <= {"div", "p", "strong", "br", "img", "svg", "polyline"}
    assert sum(tag == "strong" for tag, _ in page.elements) == 1
    pictures = [attributes for tag, attributes in page.elements if tag == "img"]
    assert all(set(attributes) == {"alt", "title", "style", "src"} for attributes in pictures)
    assert HOSTILE in pictures[0]["alt"]
    assert "Toy & <b>friends</b>" in page.text


def test_the_notebook_shows_the_curves(explanation):
    page = Page(explanation._repr_mimebundle_()["text/html"])
    (svg,) = [attributes for tag, attributes in page.elements if tag == "svg"]
    lines = [attributes["points"].split() for tag, attributes in page.elements if tag == "polyline"]
    assert [len(line) for line in lines] == [8, 8]
    for line in lines:
        xs, ys = np.array([point.split(",") for point in line], dtype=float).T
        assert (np.diff(xs) > 0).all()
        assert (xs.min(), xs.max()) == (4, 396)
        assert 0 <= ys.min() < ys.max() <= 80
    assert svg["aria-label"] in page.text


def test_one_step_has_no_curve_to_show():
    html = explain(steps=1)._repr_mimebundle_()["text/html"]
    assert "<svg" not in html
    assert html.count("<img ") == 4


def test_the_notebook_shows_the_warning_of_a_collapse():
    explanation = explain(lambda_l1=1000.0, steps=30)
    assert explanation.collapsed
    assert explanation.warning in Page(explanation._repr_mimebundle_()["text/html"]).text


def test_the_warning_of_a_collapse_names_the_prices_that_are_paid():
    explanation = explain(lambda_l1=1000.0, steps=30)
    assert "Lower lambda_l1 (now 1000), or measure against probability 1" in explanation.warning
    free = float(explanation.target.probability) ** 2
    assert f"at most {free:.2g}, less than" in explanation.warning
    method = toys.small("waveletx", lambda_l1=500.0, lambda_spatial_l1=700.0, steps=40, learning_rate=0.1)
    both = cx.explain(toys.image(), classifier=toys.classifier(), method=method, target=toys.target(), progress=False)
    assert both.collapsed
    assert both.warning.endswith("Lower lambda_l1 (now 500) or lambda_spatial_l1 (now 700)")


def test_the_warning_of_a_collapse_without_a_price():
    method = toys.small("cartoonx", lambda_l1=0.0, learning_rate=1e-6, mask=FreeMask(0.0))
    explanation = cx.explain(
        toys.image(), classifier=toys.classifier(), method=method, target=toys.target(), progress=False
    )
    assert not explanation.collapsed  # it began there
    explanation = dataclasses.replace(explanation, curves=explanation.curves | {"l1": np.ones(3)})
    assert explanation.collapsed
    assert "Lower ," not in explanation.warning


def test_the_png_of_the_notebook_is_the_figure(explanation):
    bundle = explanation._repr_mimebundle_(include=None, exclude=None)  # as IPython calls it
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"], validate=True))) as picture:
        assert picture.format == "PNG"
        assert np.array_equal(np.asarray(picture), np.asarray(explanation.to_image()))


@pytest.mark.parametrize(("name", "kind", "error"), [("c.png", "PNG", 0.51), ("c.jpg", "JPEG", 100)])
def test_the_cartoon_is_saved(explanation, tmp_path, name, kind, error):
    for path in (tmp_path / name, str(tmp_path / f"again-{name}")):
        explanation.save(path)
        with Image.open(path) as picture:
            assert (picture.format, picture.size, picture.mode) == (kind, (32, 32), "RGB")
            difference = np.abs(np.asarray(picture) - 255 * explanation.cartoon.permute(1, 2, 0).numpy())
        assert difference.max() < error
        assert difference.mean() < 10


@pytest.mark.parametrize("name", ["cartoon", "cartoon.nonsense", "cartoon.psd"])
def test_an_unknown_ending(explanation, tmp_path, name):
    with pytest.raises(ValueError, match="ending"):
        explanation.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(explanation, tmp_path):
    with pytest.raises(FileNotFoundError):
        explanation.save(tmp_path / "missing" / "cartoon.png")


def test_a_progress_bar_is_shown_on_request(capfd):
    explain(progress=True, steps=3)
    out, err = capfd.readouterr()
    assert out == ""
    assert HOSTILE in err
    assert "3/3" in err


def test_nothing_is_printed_otherwise(capfd):
    explain(progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"classifier": toys.Toy()}, "classifier=.* must be a cartoonx_widgets.Classifier: wrap your module in one"),
        ({"method": "cartoonx"}, r"method='cartoonx' must be a Method, such as cartoonx_widgets.methods.cartoonx\(\)"),
        ({"method": cx.methods.cartoonx}, "method=.* must be a Method"),
        ({"target": 1.0}, "target=1.0 must be a class index or a label"),
    ],
)
def test_arguments_of_a_wrong_type(settings, reason):
    with pytest.raises(TypeError, match=reason):
        cx.explain(toys.image(), **{"classifier": toys.classifier(), "method": toys.method(), **settings})


def test_settings_that_do_not_fit_the_image():
    method = toys.method(representation=cx.representations.Wavelet("haar", levels=7))
    with pytest.raises(ValueError, match="levels=7 is too many for an image of 32 x 32 pixels"):
        cx.explain(toys.image(), classifier=toys.classifier(), method=method)


def test_the_embedded_classifier_explains_a_photograph():
    """The whole way with the defaults, but for the length of the run."""
    explanation = cx.explain("coffee", method=cx.methods.cartoonx_interactive(steps=3, samples=2), progress=False)
    assert explanation.target.label == "espresso"
    assert explanation.cartoon.shape == (3, 224, 224)
    assert explanation.class_kept  # three steps do not take all away
    assert 0.2 < explanation.share_kept < 1


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), MemoryError()])
def test_where_memory_runs_out_before_the_first_step_too_the_error_says_what_to_lower(error):
    switch = toys.Switch()
    classifier = toys.classifier(toys.Breaking(switch, error=error))
    switch.on = True
    with pytest.raises(MemoryError, match="use fewer samples, a smaller image or a smaller classifier"):
        cx.explain(toys.image(), classifier=classifier, method=toys.method(), progress=False)
