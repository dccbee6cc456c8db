"""Renew the copy of plotly.js that the widgets draw with: `python scripts/renew_plotly.py 4.1.1`.

It takes the "cartesian" build from its npm package (npm has to be there), strips the wrapper that other module systems
need, and writes it compressed, with its licence beside it. The name in `shared/assets.py` has to be changed with it.
"""

from __future__ import annotations

import argparse
import gzip
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "cartoonx_widgets" / "widgets" / "shared" / "plotly"
PACKAGE = "plotly.js-cartesian-dist-min"
WRAPPED = re.compile(
    r"(?P<licence>/\*\*.*?\*/)\n\(\n function\(root, factory\).*?\(\) => \{\n"
    r"(?P<library>.*)\nwindow\.Plotly = Plotly;\nreturn Plotly;\n\}\)\);\s*",
    re.DOTALL,
)


def expression(shipped: str) -> str:
    """Return the library as an expression.

    In parentheses a browser compiles a function at once, which it would otherwise read twice.

    Raises:
        ValueError: the file is wrapped in another way than those known.
    """
    found = WRAPPED.fullmatch(shipped)
    if found is None:
        raise ValueError("plotly.js is wrapped in another way than before: look at its first and last lines")
    return f"{found['licence']}\n(function () {{\n{found['library']}\nreturn Plotly;\n}})()\n"


def main() -> None:
    """Fetch, strip, compress."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("version", help="of plotly.js, such as 4.1.1")
    version = parser.parse_args().version
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{version}"], cwd=folder, check=True)  # noqa: S603, S607
        [archive] = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        shipped = Path(folder, "package", "plotly-cartesian.min.js").read_text("utf-8")
        licence = Path(folder, "package", "LICENSE").read_text("utf-8")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.js.gz"):
        old.unlink()
    path = FOLDER / f"plotly-cartesian-{version}.js.gz"
    path.write_bytes(gzip.compress(expression(shipped).encode(), mtime=0))
    (FOLDER / "LICENSE").write_text(licence, "utf-8")
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
