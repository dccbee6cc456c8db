"""The Plotly figure of a comparison."""

import base64
import io

import numpy as np
import plotly.io
import pytest
import toys
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets import images
from cartoonx_widgets.figures.styles import STYLES


@pytest.fixture(scope="module")
def comparison():
    methods = {"wavelets": toys.method(), "<b>pixels</b>": toys.small("pixel_mask"), "later": toys.method()}
    one = cx.compare(toys.image(), methods, classifier=toys.classifier())
    one.play("wavelets")
    one.play("<b>pixels</b>")
    assert one.wait(60)
    yield one
    one.close()


def test_before_the_first_step_there_is_the_photograph():
    one = cx.compare(toys.image(), [toys.method(), toys.method()], classifier=toys.classifier())
    assert [trace.type for trace in one.figure().data] == ["image"]
    one.close()


def test_it_has_the_cartoons_and_the_curves(comparison):
    figure = comparison.figure()
    found = comparison.explanations
    pictures = [trace for trace in figure.data if trace.type == "image"]
    assert len(pictures) == 1 + len(found)
    for trace, explanation in zip(pictures[1:], found.values(), strict=True):
        data = base64.b64decode(trace.source.partition(",")[2])
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), images.to_uint8(explanation.cartoon))
    lines = [trace for trace in figure.data if trace.type == "scatter"]
    assert [line.name for line in lines] == ["wavelets", "&lt;b&gt;pixels&lt;/b&gt;"]
    assert [line.line.color for line in lines] == [style.color for style in STYLES[:2]]
    for line, explanation in zip(lines, found.values(), strict=True):
        assert np.allclose(line.y, explanation.curves["distortion"])
        assert line.x[-1] == 1
    assert figure.layout.xaxis4.title.text == "share of the run"
    assert figure.layout.yaxis4.title.text == "distortion"


def test_it_survives_json(comparison):
    figure = comparison.figure()
    again = plotly.io.from_json(figure.to_json())
    assert [trace.name for trace in again.data] == [trace.name for trace in figure.data]
    assert "<b>" not in figure.to_json()
