"""Torch on one thread, and which tests run beside which."""

import pytest
import torch

# On tensors as small as the tests' a second thread costs more than it brings.
torch.set_num_threads(1)


@pytest.hookimpl(tryfirst=True)  # before xdist looks
def pytest_collection_modifyitems(items):
    """One worker has all tests in a browser, one after the other; the tests of a file stay together."""
    for item in items:
        group = "browser" if item.get_closest_marker("browser") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
