"""What runs elsewhere, by GitHub and before a commit, is what the Makefile says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
HOOKS = ROOT / ".pre-commit-config.yaml"
TESTS = ROOT / ".github" / "workflows" / "tests.yml"
pytestmark = pytest.mark.skipif(not TESTS.exists(), reason="needs the clone: an sdist has no workflows")


def test_hooks_check_what_make_lint_checks():
    parts = re.search(r"^lint: (.+?)  ##", MAKEFILE, re.MULTILINE)[1].split()
    assert re.findall(r"entry: make (\S+)", HOOKS.read_text("utf-8")) == parts
    assert all(re.search(rf"^{part}:", MAKEFILE, re.MULTILINE) for part in parts)


def test_commands_of_the_workflows_exist():
    for workflow in TESTS.parent.glob("*.yml"):
        for target in re.findall(r"run: make (\S+)", workflow.read_text("utf-8")):
            assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"{workflow.name}: make {target}"


def test_the_fast_tests_without_make_are_those_with_it():
    pytest_options = re.search(r"^PYTEST := \$\(PY\) (-m pytest .+)$", MAKEFILE, re.MULTILINE)[1]
    fast = re.search(r"^test-fast:.*\n\t@\$\(PYTEST\) (-m .+) \$\(ARGS\)$", MAKEFILE, re.MULTILINE)[1]
    assert f"python {pytest_options} {fast}\n" in TESTS.read_text("utf-8")
