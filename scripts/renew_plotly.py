"""Renew the copy of plotly.js that the widgets draw with: `python scripts/renew_plotly.py 4.1.1`.

It takes plotly.js and esbuild from npm (which has to be there), bundles the core with the kinds of trace that are
drawn and nothing else, and writes that compressed, with the licences of what is in it beside it. The name in
`shared/assets.py` has to be changed with it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "cartoonx_widgets" / "widgets" / "shared" / "plotly"
ESBUILD = "0.28.1"
ENTRY = """\
const Plotly = require("plotly.js/lib/core"); // it has scatter
Plotly.register([require("plotly.js/lib/bar"), require("plotly.js/lib/box")]);
module.exports = Plotly;
"""
OPTIONS = (  # as plotly.js has them for its own builds; its only style sheet is that of maps
    "--bundle",
    "--minify",
    "--format=iife",
    "--global-name=Plotly",
    "--target=es2016",
    "--legal-comments=none",
    "--loader:.css=empty",
    "--define:global=window",
    "--define:define.amd=false",
    "--define:process.env.NODE_DEBUG=false",
)


def expression(bundle: str, version: str) -> str:
    """Return the library as an expression.

    In parentheses a browser compiles a function at once, which it would otherwise read twice.
    """
    about = f"/**\n* plotly.js v{version} (scatter, bar and box), MIT; licences of all parts: see LICENSE\n*/"
    return f"{about}\n(function () {{\n{bundle}\nreturn Plotly;\n}})()\n"


def packages(inputs: list[str], modules: Path) -> list[str]:
    """Return the names of the packages that files come from, plotly.js first."""
    parts = [Path(path).parts for path in inputs if path.startswith(f"{modules.name}/")]
    names = {"/".join(part[1:3] if part[1].startswith("@") else part[1:2]) for part in parts}
    return sorted(names, key=lambda name: (name != "plotly.js", name))


def licence(package: Path) -> str:
    """Return name, version and licence of a package."""
    about = json.loads((package / "package.json").read_text("utf-8"))
    text = "\n".join(path.read_text("utf-8") for path in package.glob("[Ll][Ii][Cc][Ee][Nn][Ss][Ee]*"))
    author = about.get("author", "")
    name = author["name"] if isinstance(author, dict) else author.partition(" <")[0]
    return f"{about['name']} {about['version']}: {about['license']}\n\n{text.strip() or f'By {name}'}\n"


def main() -> None:
    """Fetch, bundle, compress."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("version", help="of plotly.js, such as 4.1.1")
    version = parser.parse_args().version
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        modules = folder / "node_modules"
        (folder / "package.json").write_text("{}", "utf-8")
        (folder / "entry.js").write_text(ENTRY, "utf-8")
        wanted = [f"plotly.js@{version}", f"esbuild@{ESBUILD}"]
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", *wanted], cwd=folder, check=True)  # noqa: S603, S607
        esbuild = [
            str(modules / ".bin" / "esbuild"),
            "entry.js",
            *OPTIONS,
            "--outfile=bundle.js",
            "--metafile=meta.json",
        ]
        subprocess.run(esbuild, cwd=folder, check=True)  # noqa: S603
        text = expression((folder / "bundle.js").read_text("utf-8"), version)
        inputs = json.loads((folder / "meta.json").read_text("utf-8"))["outputs"]["bundle.js"]["inputs"]
        used = [path for path, part in inputs.items() if part["bytesInOutput"] and not path.endswith(".css")]
        licences = [licence(modules / package) for package in packages(used, modules)]
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.js.gz"):
        old.unlink()
    path = FOLDER / f"plotly-{version}.js.gz"
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    (FOLDER / "LICENSE").write_text(f"\n{'-' * 80}\n\n".join(licences), "utf-8")
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, of {len(licences)} packages")


if __name__ == "__main__":
    main()
