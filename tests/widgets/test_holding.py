"""Widgets that are dropped without `close()` give back what they have, unless they are shown somewhere."""

import gc
import time
import weakref

import ipywidgets
import pytest
import toys
from watching import workers

import cartoonx_widgets as cx


def explorer():
    return cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method(steps=2))


def comparison():
    return cx.compare(
        toys.image(), {"a": toys.method(steps=2), "b": toys.method(steps=2)}, classifier=toys.classifier()
    )


@pytest.mark.parametrize("make", [explorer, comparison], ids=["explorer", "comparison"])
def test_what_is_dropped_is_gone_and_what_is_shown_is_not(make):
    for shown in (False, True):
        widget = make()
        widget.play()
        assert widget.wait(30)
        while workers():
            time.sleep(0.001)
        if shown:
            widget._repr_mimebundle_()
        dropped = weakref.ref(widget)
        del widget
        gc.collect()
        assert (dropped() is not None) == shown
        if shown:
            dropped().close()
    gc.collect()
    assert dropped() is None
    assert workers() == []


def test_a_widget_within_another_lives_as_long_as_that():
    inner = explorer()
    box = ipywidgets.VBox([inner])
    dropped = weakref.ref(inner)
    del inner
    gc.collect()
    assert box.children == (dropped(),)
    said = []
    dropped().send = lambda content, buffers=None: said.append(content["type"])
    dropped().comm.handle_msg({"content": {"data": {"method": "custom", "content": {"type": "ready"}}}, "buffers": []})
    assert "status" in said
    dropped().close()
    box.close()
