"""A picture that was not read, which OpenCV hands over as None, is never answered with a sample photograph."""

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.explanations.attribution import explain_func

MESSAGE = r"(image|inputs) is None, .*cv2\.imread returns None"


def heat_map(image, **settings):
    return cx.baselines.from_heat_map(torch.ones(toys.SIDE, toys.SIDE), "all", image, **settings)


CALLS = [cx.explain, cx.record, heat_map, *cx.baselines.BASELINES.values()]


@pytest.mark.parametrize("call", CALLS)
def test_explanations(call):
    with pytest.raises(cx.ImageError, match=MESSAGE):
        call(None, classifier=toys.classifier())


@pytest.mark.parametrize("call", [call for call in CALLS if call is not heat_map])
def test_explanations_have_no_sample_by_default(call):
    with pytest.raises(TypeError, match="image"):
        call(classifier=toys.classifier())


def test_a_heat_map_needs_its_picture():
    with pytest.raises(TypeError, match="image"):
        cx.baselines.from_heat_map(torch.ones(toys.SIDE, toys.SIDE), "all", classifier=toys.classifier())


def test_calls_of_other_packages():
    with pytest.raises(cx.ImageError, match=MESSAGE):
        cx.MaskAttribution(toys.classifier()).attribute(None, target=0)
    with pytest.raises(cx.ImageError, match=MESSAGE):
        explain_func(toys.Toy(), None, np.array([0]))
    with pytest.raises(cx.ImageError, match=MESSAGE):
        toys.classifier().prepare(None)


def test_widgets_have_a_sample_only_where_nothing_is_given():
    pytest.importorskip("ipywidgets", reason="widgets need Jupyter")
    for make in (cx.explore, cx.compare):
        with pytest.raises(cx.ImageError, match=MESSAGE):
            make(None, classifier=toys.classifier())
    with pytest.raises(cx.ImageError, match=MESSAGE):
        cx.sparsity_lab(None)
    lab = cx.sparsity_lab(size=32)
    assert lab.photograph == cx.images.sample_names()[0]
    lab.close()
