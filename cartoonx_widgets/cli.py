"""The command line: `cartoonx-widgets explain photo.jpg --class espresso --out cartoon.png`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cartoonx_widgets as cx
from cartoonx_widgets.figure import check_ending
from cartoonx_widgets.masking import SquaredDifference
from cartoonx_widgets.masking.methods import PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAILED, _NOT_KEPT = 1, 3  # 2 is argparse's own, for a wrong command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 failed, 2 wrong usage, 3 the cartoon lost the class."""
    options = _parser().parse_args(arguments)
    try:
        return _explain(options)
    except (ValueError, TypeError, OSError, MemoryError, cx.ClassifierError) as error:
        print(f"cartoonx-widgets: {error}", file=sys.stderr)  # noqa: T201
        return _FAILED
    except KeyboardInterrupt:
        print("cartoonx-widgets: interrupted", file=sys.stderr)  # noqa: T201
        return 130


def _explain(options: argparse.Namespace) -> int:
    out = Path(options.out)
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out {out}: the folder {out.parent} does not exist; make it first")
    check_ending(out)
    settings = {
        name: value
        for name in ("lambda_l1", "learning_rate", "steps", "samples")
        if (value := getattr(options, name)) is not None
    }
    method, target = PRESETS[options.method](), options.target
    if options.reference is not None:
        if not isinstance(method.distortion, SquaredDifference):
            raise ValueError(
                f"--reference {options.reference}: {options.method} measures no difference from a reference"
            )
        settings["distortion"] = SquaredDifference(options.reference)
    explanation = cx.explain(
        options.image,
        target=int(target) if target is not None and target.isdigit() else target,
        method=method.replace(**settings),
        seed=options.seed,
        progress=not options.quiet,
    )
    if options.figure:
        explanation.figure().save(out)
    else:
        explanation.save(out)
    if not options.quiet:
        print(explanation.summary)  # noqa: T201
    if explanation.warning:
        print(explanation.warning, file=sys.stderr)  # noqa: T201
    return 0 if explanation.class_kept else _NOT_KEPT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cartoonx-widgets", description="Explain decisions of image classifiers by what suffices for them."
    )
    parser.add_argument("--version", action="version", version=cx.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    explain = commands.add_parser(
        "explain",
        help="write the cartoon of one photograph",
        description="Explain one decision of EfficientNet-Lite0 (ImageNet) and write the cartoon.",
        epilog="Exit codes: 0 the cartoon keeps the class, 1 failed, 2 wrong usage, 3 the cartoon lost the class.",
    )
    samples = ", ".join(cx.images.sample_names())
    explain.add_argument("image", help=f"a picture file, or a sample photograph ({samples})")
    explain.add_argument("--class", dest="target", help="label or index to explain; the most probable one by default")
    explain.add_argument("--out", required=True, help="file to write; its ending decides the format")
    explain.add_argument("--figure", action="store_true", help="write photograph, cartoon and mask side by side")
    explain.add_argument("--method", choices=tuple(PRESETS), default=next(iter(PRESETS)), help="default: %(default)s")
    explain.add_argument("--lambda", dest="lambda_l1", type=float, help="price of a coefficient")
    explain.add_argument("--learning-rate", type=float, help="of Adam")
    explain.add_argument("--steps", type=int, help="steps of the run")
    explain.add_argument("--samples", type=int, help="noise samples a step")
    explain.add_argument(
        "--reference",
        choices=("original", "one"),
        help="measure the probability against the photograph's own, or against 1",
    )
    explain.add_argument("--seed", type=int, default=0, help="of the noise")
    explain.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    return parser
