"""Checks of arguments: what is taken for one of several values, and what is not."""

import numpy as np
import pytest

from cartoonx_widgets._checks import one_of


def test_a_string_of_numpy_is_a_string():
    assert one_of("order", np.array(["random"])[0], ("relevance", "random")) == "random"


@pytest.mark.parametrize("value", [1, 1.0, "True", None])
def test_only_a_boolean_is_one(value):
    with pytest.raises(ValueError, match="must be True or False"):
        one_of("clamp", value, (True, False))
