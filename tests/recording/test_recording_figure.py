"""The Plotly figure of a recording: curves over the steps, and a slider over frames."""

import base64
import io

import numpy as np
import plotly.io
import pytest
import toys
from PIL import Image

import cartoonx_widgets as cx


@pytest.fixture(scope="module")
def recording():
    return cx.record(toys.image(), classifier=toys.classifier(), method=toys.method(steps=12), progress=False)


def test_the_curves_are_those_of_the_run(recording):
    figure = recording.figure()
    lines = {trace.name: trace for trace in figure.data if trace.type == "scatter"}
    assert set(lines) == {*recording.curves, "cartoon", "rest"} - {"loss"}
    for name, values in recording.curves.items():
        if name != "loss":
            assert np.array_equal(lines[name].y, values)
            assert np.array_equal(lines[name].x, np.arange(1, 13))
    last = recording.frames[-1]
    for name, probabilities in (("cartoon", last.probabilities), ("rest", last.probabilities_rest)):
        assert list(lines[name].x) == [frame.step for frame in recording.frames]
        assert lines[name].y[-1] == pytest.approx(float(probabilities[recording.target]))
    assert {axis.title.text for axis in figure.select_xaxes() if axis.title.text} == {"step"}
    assert {"distortion", "penalties", "probability of the class"} <= {note.text for note in figure.layout.annotations}


def moved(figure, place):
    """What the figure's data are after its slider is moved, as Plotly does it."""
    step = figure.layout.sliders[0].steps[place]
    assert step.method == "update"
    changed, layout, indices = step.args
    for index, visible in zip(indices, changed["visible"], strict=True):
        figure.data[index].visible = visible
    return [trace for trace in figure.data if trace.type == "image" and trace.visible is not False], layout


def test_the_slider_shows_cartoon_rest_and_mask_of_its_frame(recording):
    figure = recording.figure()
    assert len(figure.layout.sliders[0].steps) == len(recording.frames) == 13
    for place in (0, 7, 12):
        (photograph, cartoon, rest, mask), layout = moved(figure, place)
        step = recording.frames[place].step
        assert [trace.name for trace in (photograph, cartoon, rest, mask)] == [
            "photograph",
            f"cartoon, step {step}",
            f"rest, step {step}",
            f"mask, step {step}",
        ]
        for trace, picture in ((cartoon, recording.cartoon(place)), (rest, recording.rest(place))):
            data = base64.b64decode(trace.source.partition(",")[2])
            shown = np.asarray(Image.open(io.BytesIO(data))).astype(float)
            assert np.abs(shown - 255 * picture.permute(1, 2, 0).numpy()).mean() < 10
        assert layout["title.text"] == recording.summary(place)
        assert {value for key, value in layout.items() if key.startswith("shapes")} == {step}
    assert len(figure.layout.shapes) == 3


def test_it_opens_with_the_last_frame_and_has_no_more_than_asked_for(recording):
    figure = recording.figure(frames=4)
    labels = [step.label for step in figure.layout.sliders[0].steps]
    assert labels == ["0", "4", "8", "12"]
    assert figure.layout.sliders[0].active == 3
    visible = [trace.name for trace in figure.data if trace.type == "image" and trace.visible is not False]
    assert visible == ["photograph", "cartoon, step 12", "rest, step 12", "mask, step 12"]
    assert [step.label for step in recording.figure(frames=1).layout.sliders[0].steps] == ["12"]


def test_a_read_recording_has_the_same_figure_and_it_survives_json(recording, tmp_path):
    recording.save(tmp_path / "run.cxr")
    read = cx.Recording.load(tmp_path / "run.cxr").figure()
    figure = recording.figure()
    assert [trace.name for trace in read.data] == [trace.name for trace in figure.data]
    again = plotly.io.from_json(figure.to_json())
    assert len(again.layout.sliders[0].steps) == 13


@pytest.mark.parametrize("frames", [0, -1, 2.0, True, "all"])
def test_a_number_of_frames_that_is_none(recording, frames):
    with pytest.raises(ValueError, match=r"frames=.* must be a whole number of at least 1"):
        recording.figure(frames=frames)
