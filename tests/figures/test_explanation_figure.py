"""The Plotly figure of an explanation says what the explanation holds."""

import base64
import io
import json

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest
import toys
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets import images

LABELS = ["zero", "<b>one</b> & only", "two", "three", "four"]
METHODS = {"wavelets": "cartoonx", "pixels": "pixel_mask", "shearlets": "shearletx"}


@pytest.fixture(scope="module", params=METHODS.values(), ids=METHODS)
def explanation(request):
    return explained(toys.small(request.param))


def explained(method, *, target=1, picture=None, size=toys.SIDE):
    classifier = toys.classifier(labels=LABELS, size=size)
    picture = toys.image() if picture is None else picture
    return cx.explain(picture, classifier=classifier, target=target, method=method, progress=False)


def pixels(trace):
    kind, _, data = trace.source.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data, validate=True))))


def test_it_has_pictures_mask_shares_and_probabilities(explanation):
    figure = explanation.figure()
    assert isinstance(figure, go.Figure)
    photograph, cartoon, rest = figure.select_traces({"type": "image"})
    assert np.array_equal(pixels(photograph), images.to_uint8(explanation.image))
    assert np.array_equal(pixels(cartoon), images.to_uint8(explanation.cartoon))
    assert np.array_equal(pixels(rest), images.to_uint8(explanation.rest))
    assert [trace.name for trace in figure.select_traces({"type": "heatmap"})] == [
        band.name for band in explanation.transform.bands
    ]
    bars = [trace.name for trace in figure.select_traces({"type": "bar"})]
    assert bars == ["share kept", "photograph", "cartoon", "rest"]
    titles = [note.text for note in figure.layout.annotations]
    assert "share kept" in titles
    assert any(title.startswith("photograph: ") for title in titles)
    assert figure.layout.title.text == explanation.summary.replace("&", "&amp;").replace("<b>", "&lt;b&gt;").replace(
        "</b>", "&lt;/b&gt;"
    )


def test_every_cell_of_the_mask_says_where_it_is_and_what_it_is(explanation):
    """What the pointer shows, filled in by hand, agrees with the mask."""
    for band, trace in zip(
        explanation.transform.bands, explanation.figure().select_traces({"type": "heatmap"}), strict=True
    ):
        mask = explanation.band(band.scale, band.orientation).numpy()
        rows, columns = np.moveaxis(np.asarray(trace.customdata), 2, 0)
        assert np.array_equal(mask[rows, columns], np.asarray(trace.z))
        assert rows.shape == band.shape
        assert f"{band.name}: scale {band.scale}, {band.orientation}" in trace.hovertemplate
        assert "%{customdata[0]}" in trace.hovertemplate
        assert trace.coloraxis == "coloraxis"


def test_bands_do_not_overlap(explanation):
    seen = set()
    for trace in explanation.figure().select_traces({"type": "heatmap"}):
        rows, columns = np.asarray(trace.z).shape
        own = {(trace.y0 + i, trace.x0 + j) for i in range(rows) for j in range(columns)}
        assert not own & seen
        seen |= own


def test_a_large_mask_is_shown_in_means():
    method = toys.small("shearletx", representation=cx.representations.Shearlet(scales=2), steps=1)
    explanation = explained(method, picture="coffee", target=0, size=160)
    assert explanation.mask.numel() > 400_000
    figure = explanation.figure()
    assert len(figure.to_json()) < 2_000_000
    for band, trace in zip(explanation.transform.bands, figure.select_traces({"type": "heatmap"}), strict=True):
        mask = explanation.band(band.scale, band.orientation).numpy()
        z, side = np.asarray(trace.z), int(np.asarray(trace.customdata)[1, 1, 0])
        assert side > 1
        assert f"mean of {side} x {side} entries" in trace.hovertemplate
        assert z[1, 2] == pytest.approx(mask[side : 2 * side, 2 * side : 3 * side].mean(), abs=1e-6)


def test_the_bars_are_the_shares_and_the_probabilities(explanation):
    shares, before, after, rest = explanation.figure().select_traces({"type": "bar"})
    by_band = dict(zip(shares.x, shares.y, strict=True))
    if "pixels" in by_band:
        assert by_band["pixels"] == pytest.approx(explanation.share_kept, abs=1e-6)
    else:
        assert by_band["lowpass"] == pytest.approx(float(explanation.mask[explanation.transform.bands[0].slice].mean()))
    assert before.y == after.y == rest.y
    assert before.y[0] == "&lt;b&gt;one&lt;/b&gt; &amp; only"
    own = (explanation.target.probability, explanation.probability, explanation.probability_rest)
    assert (before.x[0], after.x[0], rest.x[0]) == own
    assert sorted(before.x, reverse=True) == pytest.approx([one.probability for one in explanation.photograph_top])


def test_axes_are_named_and_the_figure_can_be_composed(explanation):
    figure = explanation.figure()
    named = {axis.title.text for axis in (*figure.select_xaxes(), *figure.select_yaxes()) if axis.title.text}
    assert named == {"band", "mean of the mask", "probability"}
    figure.update_layout(title="mine", height=300)
    assert (figure.layout.title.text, figure.layout.height) == ("mine", 300)
    again = go.Figure(figure.data[:1])
    assert again.data[0].name == "share kept"


def test_it_takes_the_current_template(explanation, monkeypatch):
    monkeypatch.setattr(plotly.io.templates, "default", "plotly_dark")
    dark = plotly.io.templates["plotly_dark"].layout.paper_bgcolor
    figure = explanation.figure()
    assert figure.layout.template.layout.paper_bgcolor == dark
    assert figure.layout.paper_bgcolor is None


def test_it_survives_json_and_is_small(explanation):
    figure = explanation.figure()
    text = figure.to_json()
    assert len(text) < 2_000_000
    again = plotly.io.from_json(text)
    assert [(trace.type, trace.name) for trace in again.data] == [(trace.type, trace.name) for trace in figure.data]
    assert json.loads(again.to_json()) == json.loads(text)
