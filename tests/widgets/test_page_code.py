"""The unit tests of the page code, in tests/page."""

import deno


def test_unit_tests():
    printed = deno.run("test", "--no-remote", "--no-npm", "--no-check", "tests/page")
    assert " 0 failed" in printed
    assert " passed" in printed
