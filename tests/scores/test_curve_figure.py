"""Curves and scores as figures and data frames."""

import numpy as np
import plotly.io
import toys

import cartoonx_widgets as cx
from cartoonx_widgets import scores


def curves():
    classifier = toys.classifier()
    explanation = cx.explain(toys.image(), classifier=classifier, method=toys.method(), progress=False)
    orders = ("relevance", "random")
    return explanation, [
        scores.rate_distortion(explanation, classifier=classifier, order=order, shares=5, samples=2) for order in orders
    ]


def test_curves_are_drawn_and_tabled():
    _, (curve, random) = curves()
    figure = curve.figure("by <relevance>", y_title="distortion", others={"by chance": random})
    assert [line.name for line in figure.data] == ["by &lt;relevance&gt;", "by chance"]
    for line, drawn in zip(figure.data, (curve, random), strict=True):
        assert np.array_equal(line.x, drawn.shares)
        assert np.array_equal(line.y, drawn.values)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == (
        "share of the coefficients",
        "distortion",
    )
    assert figure.layout.showlegend is True
    assert curve.figure().layout.showlegend is False
    assert len(plotly.io.from_json(figure.to_json()).data) == 2
    frame = curve.to_dataframe()
    assert list(frame.columns) == ["share", "value"]
    assert np.array_equal(frame["value"], curve.values)


def test_scores_as_a_data_frame():
    explanation, _ = curves()
    frame = scores.to_dataframe({"mine": explanation, "again": explanation})
    assert list(frame.columns) == ["label", *scores.NAMES]
    assert list(frame["label"]) == ["mine", "again"]
    assert frame.iloc[0][list(scores.NAMES)].to_dict() == scores.compute(explanation)
    assert list(scores.to_dataframe({}).columns) == ["label", *scores.NAMES]
