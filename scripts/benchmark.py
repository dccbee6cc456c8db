"""Run all benchmarks one after the other, and go on where that was stopped: `make benchmark`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import cartoonx_widgets as cx

ROOT = Path(__file__).parents[1]
DONE = ROOT / "build" / f"benchmarks-{cx.__version__}.txt"  # the names of those that have been run
# Minutes that each takes on two cores, about.
MINUTES = {
    "imports": 1,
    "operations": 1,
    "start": 5,
    "memory": 3,
    "page": 3,
    "lab": 3,
    "lab_page": 2,
    "results_page": 2,
    "hostile": 5,
    "live": 8,
    "speed": 10,
    "methods": 10,
    "visitors": 15,
    "classifiers": 15,
    "attributions": 20,
    "study": 30,
    "quality": 60,
}


def main() -> None:
    """Run what is missing, and say what failed."""
    DONE.parent.mkdir(exist_ok=True)
    done = DONE.read_text("utf-8").split() if DONE.exists() else []
    left = [name for name in MINUTES if name not in done]
    print(
        f"{len(left)} of {len(MINUTES)} benchmarks, about {sum(MINUTES[name] for name in left)} minutes on two cores, "
        "on which nothing else should run. Stop with Ctrl-C; the same command goes on.",
        flush=True,
    )
    failed = []
    for name in left:
        print(f"\n{time.strftime('%H:%M')} {name}, about {MINUTES[name]} min", flush=True)
        if subprocess.run([sys.executable, ROOT / "benchmarks" / f"{name}.py"], check=False).returncode:  # noqa: S603
            failed.append(name)
        else:
            with DONE.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
    if failed:
        sys.exit(f"These failed, and the same command tries them again: {', '.join(failed)}")
    DONE.unlink()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped: the same command goes on.")
