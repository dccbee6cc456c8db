"""Assertions that wait: a page follows what was done to it, and what is read at once may be what was there before.

Playwright's `expect(locator)` waits for what a locator says, `Panels.shows` for the data of a widget, `eventually` for
all else. `tests/test_browser_tests.py` refuses an `assert` on anything that is read from a page, a kernel or a process,
but for what stands in `now`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from playwright.sync_api import Error, expect

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["eventually", "expect", "now"]

T = TypeVar("T")

PATIENCE = 60.0  # seconds, for a machine that is busy with something else; what holds is seen at once
expect.set_options(timeout=1000 * PATIENCE)


def eventually(read: Callable[[], object], expected: object = True, *, timeout: float = PATIENCE) -> None:
    """Read again and again until what is read equals `expected`; `timeout` in seconds.

    `read` changes nothing. A page that cannot be read yet, for want of a curve for instance, is read again.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            found = read()
        except Error as error:
            found = error
        if found == expected:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{expected!r} was waited for {timeout:g} s, the last was {found!r}")
        time.sleep(0.05)


def now(value: T) -> T:
    """Take what stands there at this moment, on purpose: for what has been waited for, or has to be as it was."""
    return value
