"""One thread for each process, which tests run beside which, and what begins first."""

import os

# Two workers share the machine, and on tensors as small as the tests' a second thread costs more than it brings.
# Kernels and commands inherit it.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest

collect_ignore = ["masking/absent_device.py", "masking/apple_device.py"]  # run by test_absent_device.py
BROWSER = "tests/browser/"
SLOW = ("benchmark", "browser", "docs", "notebook", "packaging", "ray")
# Their tests share nothing, and each takes long.
APART = ("tests/test_benchmarks.py", "tests/test_lessons.py", "tests/test_notebooks.py")


def pytest_collection_modifyitems(items):
    """Files with slow tests begin, those in a browser first: what is quick evens out when the workers end."""
    slow = {item.path for item in items if any(map(item.get_closest_marker, SLOW))}
    items.sort(key=lambda item: (not item.nodeid.startswith(BROWSER), item.path not in slow))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The tests of a file stay together; one worker has all tests in a browser, one after the other."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where xdist is installed

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if nodeid.startswith(BROWSER):
                return BROWSER
            file = nodeid.partition("::")[0]
            return nodeid if file in APART else file

    return Scheduling(config, log)
