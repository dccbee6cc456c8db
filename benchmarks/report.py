"""What a benchmark prints: the machine, the versions, and one table of figures against their bounds.

With `--small` every benchmark takes a few seconds, on small pictures and few of them, to show that it still runs: its
figures say nothing, and go into build/small.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch

SMALL = "--small" in sys.argv[1:]
BUILD = Path(__file__).parents[1] / "build"
RESULTS = BUILD / "small" if SMALL else Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        what: what was measured, and in which unit.
        value: the measurement, a median where it was repeated; None where there was nothing to measure it on.
        bound: what it should reach.
        at_least: whether more is better.
        detail: what else should be known, such as the spread.
    """

    what: str
    value: float | None
    bound: float
    at_least: bool = False
    detail: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the bound is kept; None where that was not measured."""
        if self.value is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def report(name: str, figures: list[Figure]) -> None:
    """Print a table and write it to `RESULTS`, named by the benchmark."""
    words = {True: "yes", False: "**no**", None: ""}
    rows = [
        f"| {figure.what} | {'not measured' if figure.value is None else f'{figure.value:.3g}'} "
        f"| {'≥' if figure.at_least else '≤'} {figure.bound:g} | {words[figure.reached]} | {figure.detail} |"
        for figure in figures
    ]
    table = "\n".join(["| figure | measured | bound | reached | |", "| --- | --- | --- | --- | --- |", *rows])
    text = f"# {name}\n\n{machine()}\n\n{table}\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, "utf-8")
    print(text)


def machine() -> str:
    """The date, the processor, and the versions that matter for speed."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":")[1].strip() for line in cpuinfo.read_text("utf-8").splitlines() if "model name" in line]
        processor = names[0] if names else processor
    accelerator = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    packages = ", ".join(f"{package} {version(package)}" for package in ("torch", "plotly", "ipykernel", "jupyterlab"))
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return (
        f"{today}, {processor}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, {accelerator}; "
        f"{platform.system()}, Python {platform.python_version()}, {packages}"
    )
