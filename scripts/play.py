"""Write the pages that one can play with in the site of `make docs`: `python scripts/play.py`.

The site shows such a page wherever the documentation has the picture of the same name (see `docs/conf.py`). They are
made from the package by real runs, which takes some minutes, and kept in `build/play`: remove that to make them anew.
"""

from __future__ import annotations

import argparse
import html
import json
import sys
import tempfile
from pathlib import Path

import cartoonx_widgets as cx
from cartoonx_widgets._files import replacing

FOLDER = Path(__file__).parents[1] / "build" / "play"
MEGABYTES = 2.0  # of a page: the first one is to move within a second on a school's network
FRAMES = 30
PHOTOGRAPHS = {"coffee": "espresso", "camera": "tripod", "chelsea": "tiger cat", "rocket": "missile"}
METHODS = {"CartoonX": cx.methods.cartoonx_interactive(), "WaveletX": cx.methods.waveletx_interactive()}
QUICK = {"CartoonX": cx.methods.cartoonx_interactive(steps=3)}

CHOOSER = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Runs to play</title>
<style>
  body {{ margin: 0; font: 15px system-ui, sans-serif; color-scheme: light dark; }}
  form {{ display: flex; flex-wrap: wrap; gap: 6px 16px; padding: 8px; }}
  iframe {{ display: block; width: 100%; height: calc(100vh - 44px); border: 0; }}
</style>
<form aria-label="Choose a run">
  <label>photograph <select name="photograph">{photographs}</select></label>
  <label>method <select name="method">{methods}</select></label>
</form>
<iframe title="A run to play" src="{first}"></iframe>
<script>
  const pages = {pages};
  const form = document.querySelector("form");
  form.addEventListener("change", () => {{
    document.querySelector("iframe").src = pages[`${{form.photograph.value}} ${{form.method.value}}`];
  }});
</script>
"""


def main() -> None:
    """Write those that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to")
    parser.add_argument("--small", action="store_true", help="few short runs, to try it")
    arguments = parser.parse_args()
    write(arguments.out, small=arguments.small)


def write(folder: Path, *, small: bool) -> None:
    """Write all pages to a folder; those that are there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    photographs = dict(list(PHOTOGRAPHS.items())[: 1 if small else None])
    methods = QUICK if small else METHODS
    pages = {}
    for photograph, target in photographs.items():
        for name, method in methods.items():
            path = folder / f"run-{photograph}-{name}.html".lower()
            pages[f"{photograph} {name}"] = path.name
            if not path.exists():
                say(path)
                record(photograph, target, method).to_html(path, megabytes=MEGABYTES, progress=False)
    with replacing(folder / "run.html") as file:
        file.write(chooser(photographs, methods, pages).encode())
    write_figures(folder, next(iter(methods.values())))
    for name, make in (("sparsity-lab", lab), ("compare", comparison), ("results", results)):
        path = folder / f"{name}.html"
        if not path.exists():
            say(path)
            make(path, methods)


def lab(path: Path, _methods: dict[str, cx.Method]) -> None:
    """Write the sparsity lab."""
    cx.sparsity_lab().to_html(path)


def comparison(path: Path, methods: dict[str, cx.Method]) -> None:
    """Compare the methods with a mask on pixels."""
    beside = cx.methods.pixel_mask().accelerated(steps=next(iter(methods.values())).steps)
    compared = cx.compare("coffee", {**methods, "Pixel mask": beside}, target="espresso")
    compared.play()
    compared.wait()
    compared.to_html(path)
    compared.close()


def results(path: Path, methods: dict[str, cx.Method]) -> None:
    """Study the sample photographs."""
    with tempfile.TemporaryDirectory() as folder:
        cx.study(list(PHOTOGRAPHS), methods, out=folder, progress=False)
        path.write_bytes((Path(folder) / "results.html").read_bytes())


def record(photograph: str, target: str, method: cx.Method) -> cx.Recording:
    """Run a method on a photograph, and keep some frames."""
    return cx.record(photograph, target=target, method=method, every=max(1, method.steps // FRAMES), progress=False)


def write_figures(folder: Path, method: cx.Method) -> None:
    """Write the figures of Plotly that the documentation tells of, which share one plotly.js."""
    wanted = [folder / f"figure-{name}.html" for name in ("explanation", "recording")]
    if all(path.exists() for path in wanted):
        return
    say(wanted[0])
    recording = record("coffee", "espresso", method)
    explanation = cx.explain("coffee", target="espresso", method=method, progress=False)
    for path, figure in zip(wanted, (explanation.figure(), recording.figure(frames=12)), strict=True):
        figure.write_html(path, include_plotlyjs="directory", config={"responsive": True, "displaylogo": False})


def chooser(photographs: dict[str, str], methods: dict[str, cx.Method], pages: dict[str, str]) -> str:
    """Return the page on which a photograph and a method are chosen."""

    def options(names: list[str]) -> str:
        return "".join(f"<option>{html.escape(name)}</option>" for name in names)

    return CHOOSER.format(
        photographs=options(list(photographs)),
        methods=options(list(methods)),
        first=next(iter(pages.values())),
        pages=json.dumps(pages),
    )


def say(path: Path) -> None:
    """Say what takes its time."""
    print(f"{path.name} ...", file=sys.stderr)


if __name__ == "__main__":
    main()
