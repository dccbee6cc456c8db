"""The Plotly figures of a study's results, and its data frame."""

import numpy as np
import plotly.io
import pytest
import toys

import cartoonx_widgets as cx

pytest.importorskip("pyarrow", reason="studies need the [study] extra")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    methods = {"wavelets": toys.method(), "<b>pixels</b>": toys.small("pixel_mask")}
    photographs = toys.photographs(folder / "photographs", 4)
    return cx.study(
        photographs, methods, out=folder / "out", classifier=toys.classifier(), num_workers=1, progress=False
    )


def finite(results, method, *names):
    rows = [[row[name] for name in names] for row in results.rows() if row["method"] == method]
    values = np.array(rows, dtype=float)
    return values[np.isfinite(values).all(1)]


@pytest.mark.parametrize(("x", "y"), [("hallucination", "cp_l1_pixel"), ("sparsity", "share_kept")])
def test_one_score_against_another(results, x, y):
    figure = results.figure(x, y)
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [trace.name for trace in marks] == ["wavelets", "&lt;b&gt;pixels&lt;/b&gt;"]
    for trace, method in zip(marks, results.plan.methods, strict=True):
        assert np.array_equal(np.column_stack([trace.x, trace.y]), finite(results, method, x, y))
        assert all("seed 0" in text for text in trace.text)
    named = {axis.title.text for axis in (*figure.select_xaxes(), *figure.select_yaxes()) if axis.title.text}
    assert named == {x, y, "density"}
    assert len(plotly.io.from_json(figure.to_json()).data) == len(figure.data)


def test_densities_have_an_area_of_one(results):
    figure = results.figure("distortion", "share_kept")
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(lines) == 4
    above = [trace for trace in lines if trace.fill == "tozeroy"]
    for trace in above:
        values = finite(results, trace.legendgroup, "distortion", "share_kept")[:, 0]
        middle = np.average(trace.x, weights=trace.y)
        assert values.min() <= middle <= values.max()


def test_the_distribution_of_one_score(results):
    figure = results.figure("sparsity", None)
    assert [trace.type for trace in figure.data] == ["violin", "violin"]
    for trace, method in zip(figure.data, results.plan.methods, strict=True):
        assert np.array_equal(trace.x, finite(results, method, "sparsity")[:, 0])
    assert figure.layout.xaxis.title.text == "sparsity"


def test_a_score_that_is_none(results):
    with pytest.raises(ValueError, match=r"x='photograph' must be one of 'distortion', "):
        results.figure("photograph")
    with pytest.raises(ValueError, match=r"y='cp' must be one of"):
        results.figure(y="cp")
    with pytest.raises(ValueError, match=r"x=None must be one of"):
        results.figure(None)


def test_the_records_as_a_data_frame(results):
    frame = results.to_dataframe()
    assert len(frame) == len(results) == 8
    assert "thumbnail" not in frame.columns
    assert list(frame["predicted"]) == list(frame["target"])  # without labels the most probable class is explained
    assert all(sum(shares) == pytest.approx(1) for name in ("mask", "energy") for shares in frame[f"profile_{name}"])
    assert list(frame["photograph"]) == [row["photograph"] for row in results.rows()]
    assert set(frame["method"]) == set(results.plan.methods)
