"""Torch on one thread, and which tests run beside which."""

import pytest
import torch

# On tensors as small as the tests' a second thread costs more than it brings.
torch.set_num_threads(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The tests of a file stay together; one worker has all tests in a browser, one after the other."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where xdist is installed

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]

    return Scheduling(config, log)
