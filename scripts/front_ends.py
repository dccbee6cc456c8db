"""Write the table of docs/front-ends.md from what tests/browser/test_front_ends.py has left in build/front-ends."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "front-ends.md"
_BEGIN, _END = "<!-- begin: written by scripts/front_ends.py -->\n", "<!-- end -->"


def table(folder: Path) -> str:
    """Return a table in Markdown: a row for each front end in each browser, a column for each step.

    Raises:
        FileNotFoundError: no test has left anything.
    """
    found = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    if not found:
        raise FileNotFoundError(f"{folder}: run `python -m pytest -n 0 tests/browser/test_front_ends.py` first")
    found.sort(key=lambda one: (-len(one["steps"]), one["place"], one["browser"]))
    steps = max((one["all"] for one in found), key=len)
    lines = [f"| front end | browser | {' | '.join(steps)} |", "| --- | --- |" + " --- |" * len(steps)]
    for one in found:
        marks = ["✓" if step in one["steps"] else "" for step in steps]
        names = f"{one['place']} {one['version']} | {one['browser']} {one['browser_version']}"
        lines.append(f"| {names} | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Replace the table in the page."""
    text = PAGE.read_text("utf-8")
    head, rest = text.split(_BEGIN)
    tail = rest[rest.index(_END) :]
    PAGE.write_text(f"{head}{_BEGIN}{table(ROOT / 'build' / 'front-ends')}{tail}", "utf-8")


if __name__ == "__main__":
    main()
