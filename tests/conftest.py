"""One thread for each process, and which tests run beside which."""

import os

# Two workers share the machine, and on tensors as small as the tests' a second thread costs more than it brings.
# Kernels and commands inherit it.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The tests of a file stay together; one worker has all tests in a browser, one after the other."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where xdist is installed

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]

    return Scheduling(config, log)
