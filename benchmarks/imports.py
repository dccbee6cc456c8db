"""What `import cartoonx_widgets` costs beside `import torch`: `python benchmarks/imports.py`."""

from __future__ import annotations

import statistics
import subprocess
import sys

from report import SMALL, Figure, report

ROUNDS = 1 if SMALL else 7
CODE = "import time, torch; t = time.perf_counter(); import cartoonx_widgets{more}; print(time.perf_counter() - t)"


def main() -> None:
    """Measure the package alone, and with its widget."""
    report(
        "imports",
        [
            Figure("import cartoonx_widgets after torch (s)", seconds(""), 0.3),
            Figure("the same and cartoonx_widgets.explore (s)", seconds("; cartoonx_widgets.explore"), 3.0),
        ],
    )


def seconds(more: str) -> float:
    """Median over fresh interpreters."""
    command = [sys.executable, "-c", CODE.format(more=more)]
    times = [float(subprocess.check_output(command)) for _ in range(ROUNDS)]  # noqa: S603 - our own code
    return statistics.median(times)


if __name__ == "__main__":
    main()
