"""The command line: `cartoonx-widgets explain photo.jpg --class espresso --out cartoon.png`, and other commands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cartoonx_widgets as cx
from cartoonx_widgets._terminal import flush, print_line
from cartoonx_widgets.classifiers.by_name import classifier_by_name
from cartoonx_widgets.explanations.baselines import BASELINES
from cartoonx_widgets.figures import saving
from cartoonx_widgets.languages import languages
from cartoonx_widgets.masking import SquaredDifference
from cartoonx_widgets.masking.methods import PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.explanations.outcome import Outcome
    from cartoonx_widgets.studies import Results

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no public name

_FAILED, _NOT_KEPT = 1, 3  # 2 is argparse's own, for a wrong command line
_EXIT_CODES = "Exit codes: 0 the cartoon keeps the class, 1 failed, 2 wrong usage, 3 the cartoon lost the class."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 failed, 2 wrong usage, 3 the cartoon lost the class."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.run(options))
    except (ValueError, TypeError, OSError, MemoryError, ModuleNotFoundError, cx.ClassifierError) as error:
        print_line(f"cartoonx-widgets: {error}", error=True)
        return _FAILED
    except KeyboardInterrupt:
        print_line("cartoonx-widgets: interrupted", error=True)
        return 130
    finally:
        flush()


def _explain(options: argparse.Namespace) -> int:
    out = _out(options)
    saving.check(out)
    explanation = cx.explain(options.image, **_run_settings(options))
    if options.figure and out.suffix not in (".pdf", ".svg"):
        explanation.to_image().save(out)
    else:
        explanation.save(out)
    return _report(options, explanation.outcome, explanation.warning)


def _record(options: argparse.Namespace) -> int:
    out = _out(options)
    recording = cx.record(options.image, every=options.every, **_run_settings(options))
    recording.save(out)
    return _report(options, recording.outcome(), recording.warning)


def _replay(options: argparse.Namespace) -> int:
    out = _out(options)
    recording = cx.Recording.load(options.recording)
    if out.suffix in (".html", ".htm"):
        recording.to_html(out, language=options.language, progress=not options.quiet)
    elif out.suffix == ".gif":
        recording.to_gif(out, progress=not options.quiet)
    elif out.suffix == ".png":
        recording.to_png(out)
    else:
        raise ValueError(f"--out {out}: the ending must be .html for a page, .gif for an animation, .png for a picture")
    return 0


def _out(options: argparse.Namespace) -> Path:
    """Return the file to write, in a folder that exists: a run of minutes should not end without a place for it."""
    out = Path(options.out)
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out {out}: the folder {out.parent} does not exist; make it first")
    return out


def _run_settings(options: argparse.Namespace) -> dict[str, Any]:
    settings = _given(options, ("lambda_l1", "learning_rate", "steps", "samples"))
    method, target = PRESETS[options.method](), options.target
    if options.reference is not None:
        if not isinstance(method.distortion, SquaredDifference):
            raise ValueError(
                f"--reference {options.reference}: {options.method} measures no difference from a reference"
            )
        settings["distortion"] = SquaredDifference(options.reference)
    return {
        "classifier": _classifier(options),
        "target": int(target) if target is not None and target.isdigit() else target,
        "method": method.replace(**settings),
        "seed": options.seed,
        "progress": not options.quiet,
    }


def _classifier(options: argparse.Namespace) -> cx.Classifier | None:
    return None if options.classifier is None else classifier_by_name(options.classifier)


def _given(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _report(options: argparse.Namespace, outcome: Outcome, warning: str) -> int:
    if not options.quiet:
        print_line(outcome.sentence)
    if warning:
        print_line(warning, error=True)
    return 0 if outcome.kept else _NOT_KEPT


def _study(options: argparse.Namespace) -> int:
    from cartoonx_widgets.studies.sources import photographs  # noqa: PLC0415 - no other command needs it

    settings = _given(options, ("lambda_l1", "steps", "samples"))
    if options.limit is not None and options.limit < 1:
        raise ValueError(f"--limit {options.limit}: at least 1 photograph is needed")
    results = cx.study(
        photographs(options.photographs, use_labels=options.use_labels)[: options.limit],
        [PRESETS[name]().replace(**settings) if name in PRESETS else name for name in options.methods],
        out=options.out,
        classifier=_classifier(options),
        seeds=options.seeds,
        use_labels=options.use_labels,
        save_masks=options.save_masks,
        batch_size=options.batch_size,
        num_workers=options.num_workers,
        ray=options.ray,
        progress=not options.quiet,
    )
    if not options.quiet:
        print_line(repr(results))
        print_line(f"{results.folder / 'results.html'}")
    return _exit_code(results)


def _exit_code(results: Results) -> int:
    """Return an error's exit code, and print why, where nothing at all could be explained; else 0."""
    rows = results.rows()
    if not all(row["error"] for row in rows):
        return 0
    first = rows[0]
    print_line(
        f"cartoonx-widgets: no explanation, {len(rows)} error{'s' * (len(rows) != 1)}; the first, of "
        f"{first['photograph']!r} by {first['method']}: {first['error']}",
        error=True,
    )
    return _FAILED


def _serve(options: argparse.Namespace) -> int:
    from cartoonx_widgets import serving  # noqa: PLC0415 - no other command needs it

    serving.serve(
        options.host,
        options.port,
        visitors=options.visitors,
        upload_megabytes=options.upload_limit,
        classifier=options.classifier,
        language=options.language,
        open_browser=not options.no_browser,
    )
    return 0


def _check(_: argparse.Namespace) -> int:
    from cartoonx_widgets.checking.check import check  # noqa: PLC0415 - no other command needs it

    return check()


def _versions(_: argparse.Namespace) -> int:
    cx.show_versions()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cartoonx-widgets", description="Explain decisions of image classifiers by what suffices for them."
    )
    parser.add_argument("--version", action="version", version=cx.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_explain(commands)
    _add_record(commands)
    _add_replay(commands)
    _add_study(commands)
    _add_serve(commands)
    _add_check(commands)
    _add_versions(commands)
    return parser


def _add_explain(commands: _Commands) -> None:
    explain = commands.add_parser(
        "explain",
        help="write the cartoon of one photograph",
        description="Explain one decision of a classifier and write the cartoon.",
        epilog=_EXIT_CODES,
    )
    explain.add_argument("--out", required=True, help="file to write; its ending decides the format")
    explain.add_argument("--figure", action="store_true", help="write photograph, cartoon and mask side by side")
    _add_run_options(explain)
    explain.set_defaults(run=_explain)


def _add_record(commands: _Commands) -> None:
    record = commands.add_parser(
        "record",
        help="write the recording of a run, to be played later",
        description="Explain one decision of a classifier and write the whole way there.",
        epilog=_EXIT_CODES,
    )
    record.add_argument("--out", required=True, help="file to write, such as run.cxr")
    record.add_argument("--every", type=int, default=1, metavar="STEPS", help="steps from frame to frame, default: 1")
    _add_run_options(record)
    record.set_defaults(run=_record)


def _add_replay(commands: _Commands) -> None:
    replay = commands.add_parser(
        "replay",
        help="make a page, an animation or a picture of a recording",
        description="Make a page that plays a recording in any browser, an animation, or a picture.",
    )
    replay.add_argument("recording", help="a recording, such as run.cxr")
    replay.add_argument("--out", required=True, help="file to write: .html, .gif or .png")
    replay.add_argument("--language", choices=languages(), default=languages()[0], help="default: %(default)s")
    replay.add_argument("--quiet", action="store_true", help="no progress bar")
    replay.set_defaults(run=_replay)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    samples = ", ".join(cx.images.sample_names())
    parser.add_argument("image", help=f"a picture file, or a sample photograph ({samples})")
    parser.add_argument("--class", dest="target", help="label or index to explain; the most probable one by default")
    parser.add_argument("--method", choices=tuple(PRESETS), default=next(iter(PRESETS)), help="default: %(default)s")
    _add_classifier(parser)
    parser.add_argument("--lambda", dest="lambda_l1", type=float, help="weight of the l1 penalty")
    parser.add_argument("--learning-rate", type=float, help="of Adam")
    parser.add_argument("--steps", type=int, help="steps of the run")
    parser.add_argument("--samples", type=int, help="noise samples a step")
    parser.add_argument(
        "--reference",
        choices=("original", "one"),
        help="measure the probability against the photograph's own, or against 1",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")


def _add_classifier(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--classifier",
        metavar="MODULE:FUNCTION",
        help="function that returns a Classifier, or a Classifier, in a module of the current folder or one that is "
        "installed; by default the embedded EfficientNet-Lite0 (ImageNet)",
    )


def _add_study(commands: _Commands) -> None:
    study = commands.add_parser(
        "study",
        help="explain and score many photographs by several methods",
        description="Explain and score many photographs by several methods. A study that was stopped goes on "
        "where it was when the same command is given again.",
    )
    study.add_argument("photographs", help="a folder with pictures, or a .tar archive")
    study.add_argument("--out", required=True, help="folder of the results, which is made")
    study.add_argument(
        "--methods",
        nargs="+",
        choices=(*PRESETS, *BASELINES),
        default=["cartoonx_interactive"],
        metavar="METHOD",
        help=f"one or more of {', '.join([*PRESETS, *BASELINES])} (grad_cam by captum); default: cartoonx_interactive",
    )
    _add_classifier(study)
    study.add_argument("--seeds", nargs="+", type=int, default=[0], metavar="SEED", help="of the noise, default: 0")
    study.add_argument("--lambda", dest="lambda_l1", type=float, help="weight of the l1 penalty, of all methods")
    study.add_argument("--steps", type=int, help="steps of a run, of all methods")
    study.add_argument("--samples", type=int, help="noise samples a step, of all methods")
    study.add_argument(
        "--use-labels", "--labelled", action="store_true", help="explain the classes that are in the archive"
    )
    study.add_argument("--save-masks", "--masks", action="store_true", help="keep the masks too")
    study.add_argument("--limit", type=int, metavar="N", help="take the first N photographs alone")
    study.add_argument(
        "--batch-size", "--batch", type=int, help="photographs explained at once; by default 2 on a CPU, else 16"
    )
    study.add_argument(
        "--num-workers", "--workers", type=int, help="batches explained at once; by default as many as there are cores"
    )
    study.add_argument(
        "--ray", nargs="?", const=True, default=False, metavar="ADDRESS", help="let Ray do it, here or on a cluster"
    )
    study.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    study.set_defaults(run=_study)


def _add_serve(commands: _Commands) -> None:
    serve = commands.add_parser(
        "serve",
        help="serve the explorer and the sparsity lab to a class",
        description="Serve the explorer, the sparsity lab and a page that follows the teacher, until Ctrl-C.",
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on; by default only this machine")
    serve.add_argument("--port", type=int, default=8866, help="default: %(default)s")
    _add_classifier(serve)
    serve.add_argument("--visitors", type=int, default=30, help="pages open at once, default: %(default)s")
    serve.add_argument(
        "--upload-limit", type=float, default=16, metavar="MB", help="largest upload, default: %(default)s MB"
    )
    serve.add_argument("--language", choices=languages(), default=languages()[0], help="default: %(default)s")
    serve.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    serve.set_defaults(run=_serve)


def _add_check(commands: _Commands) -> None:
    check = commands.add_parser(
        "check",
        help="look whether all works on this machine, and how fast",
        description="Print versions, devices and memory; look whether everything can be imported, whether published "
        "figures are repeated on this device, and how fast it is; say what to do about each finding. Takes up to a "
        "minute, writes and sends nothing.",
        epilog="Exit codes: 0 all works, 1 something fails or is wrong.",
    )
    check.set_defaults(run=_check)


def _add_versions(commands: _Commands) -> None:
    versions = commands.add_parser(
        "versions",
        help="print the versions that a bug report needs",
        description="Print the versions of Python, PyTorch, this package and what it uses, to paste in a bug report.",
    )
    versions.set_defaults(run=_versions)
