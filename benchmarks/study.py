"""Studies: photographs an hour over a plain loop, two workers of Ray over one, the price of records and scores, kills.

`python benchmarks/study.py FOLDER` takes the photographs of a folder; without one, the sample photographs and crops of
them. Half an hour on two cores. What two cores can gain at most is measured beside: two processes that run nothing but
the classifier, forward and backward, over one.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from report import SMALL, Figure, report

import cartoonx_widgets as cx
from cartoonx_widgets.explanations.method_specs import MethodSpec
from cartoonx_widgets.studies import Results, records, study
from cartoonx_widgets.studies.batch import explain_batch
from cartoonx_widgets.studies.jobs import Loaded
from cartoonx_widgets.studies.plan import Batch
from cartoonx_widgets.studies.sources import Photograph, photographs

if TYPE_CHECKING:
    from threading import Barrier

METHOD = "cartoonx_interactive"
OWN_STEPS = 2 if SMALL else cx.methods.PRESETS[METHOD]().steps
COUNT = 2 if SMALL else 8  # photographs of a study that is timed against a loop
WORKERS = (2,) if SMALL else (1, 2)  # of Ray, one after the other
RAY_COUNT = 2 if SMALL else 12  # of one that is timed with Ray, whose workers take seconds to start
KILLED, KILLS = (4, 1) if SMALL else (40, 20)  # photographs of the study that is killed, and how often
PAIRS = 1 if SMALL else 3
STEPS_OF_KILLED = 2 if SMALL else 12
ALONE = ((2, 1), (1, 2), (1, 1))  # processes of the classifier alone, and the threads of each
SECONDS = 0.2 if SMALL else 20  # in which it is run
LATEST = 2 if SMALL else 9  # seconds after its start in which a study is killed


def main() -> None:
    """Measure, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        given = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("--")]
        source = given[0] if given else crops(Path(folder) / "photographs", KILLED)
        found = photographs(source)
        alone = {(processes, threads): passes_a_second(processes, threads) for processes, threads in ALONE}
        figures = loop_and_study(found[:COUNT], Path(folder), gain=alone[2, 1] / alone[1, 2])
        figures += price(found[:2], Path(folder))
        try:
            import ray  # noqa: F401, PLC0415
        except ModuleNotFoundError:
            print("Ray is not installed: its figure is left out")
        else:
            figures += two_over_one(found[:RAY_COUNT], Path(folder), gain=alone[2, 1] / alone[1, 1])
        figures += kills(found[:KILLED], source, Path(folder))
        report("study", figures)


def crops(folder: Path, count: int) -> Path:
    """Different photographs from the samples: their crops."""
    folder.mkdir()
    chance = np.random.default_rng(0)
    names = cx.images.sample_names()
    for index in range(count):
        picture = cx.images.sample(names[index % len(names)])
        height, width = picture.shape[1:]
        side = int(min(height, width) * chance.uniform(0.6, 1))
        top, left = chance.integers(0, height - side + 1), chance.integers(0, width - side + 1)
        crop = picture[:, top : top + side, left : left + side]
        (folder / f"{index:02d}.png").write_bytes(cx.images.to_png(crop))
    return folder


def loop_and_study(found: list[Photograph], folder: Path, *, gain: float) -> list[Figure]:
    """A plain loop that calls `explain`, and a study, in turn; `gain` is that of the classifier alone."""
    classifier, method = cx.efficientnet_lite0(), cx.methods.PRESETS[METHOD](steps=OWN_STEPS)
    cx.explain("coffee", method=method.replace(steps=2), progress=False)  # what loads once
    ratios, hours = [], []
    for pair in range(PAIRS):
        started = time.perf_counter()
        for photograph in found:
            cx.explain(photograph.load()[0], classifier=classifier, method=method, progress=False)
        loop = time.perf_counter() - started
        started = time.perf_counter()
        study(found, method, out=folder / f"study {pair}", classifier=classifier, progress=False)
        taken = time.perf_counter() - started
        ratios.append(loop / taken)
        hours.append(3600 * len(found) / taken)
    return [
        Figure(
            "photographs an hour, a study over a plain loop that calls explain",
            float(np.median(ratios)),
            4 if torch.cuda.is_available() else 1.5,
            at_least=True,
            detail=f"{min(ratios):.2f} to {max(ratios):.2f} in {PAIRS} pairs; {np.median(hours):.0f} an hour, {METHOD}",
        ),
        over_classifier_alone("the same, over what two processes of the classifier alone gain", ratios, gain, 0.9),
    ]


def over_classifier_alone(what: str, ratios: list[float], gain: float, bound: float) -> Figure:
    """What was gained, as a part of what the classifier alone gains."""
    return Figure(
        what, float(np.median(ratios)) / gain, bound, at_least=True, detail=f"the classifier alone: {gain:.2f}"
    )


def passes_a_second(processes: int, threads: int) -> float:
    """Passes of the classifier, forward and backward, of two pictures, in processes of so many threads side by side."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["torch", "cartoonx_widgets.studies"])
    with context.Manager() as manager, ProcessPoolExecutor(processes, context) as pool:
        return sum(pool.map(partial(_passes_a_second, threads, manager.Barrier(processes)), range(processes)))


def _passes_a_second(threads: int, together: Barrier, _process: int) -> float:
    torch.set_num_threads(threads)
    classifier = cx.efficientnet_lite0()
    pictures = torch.cat([classifier.prepare("coffee"), classifier.prepare("camera")])

    def one() -> None:
        shown = pictures.clone().requires_grad_()
        torch.autograd.grad(classifier(shown).sum(), shown)

    one()
    together.wait()
    started, count = time.perf_counter(), 0
    while time.perf_counter() < started + SECONDS:
        one()
        count += 1
    return count / (time.perf_counter() - started)


def price(found: list[Photograph], folder: Path) -> list[Figure]:
    """A batch with its scores and records over its optimisation alone, of one worker."""
    classifier, method = cx.efficientnet_lite0(), cx.methods.PRESETS[METHOD](steps=OWN_STEPS)
    batch = Batch(0, METHOD, 0, tuple(photograph.key for photograph in found))
    for kind in ("records", "masks"):
        (folder / "price" / kind).mkdir(parents=True)
    torch.set_num_threads(1)
    loaded = [Loaded(photograph.key, photograph.load()[0]) for photograph in found]
    image = torch.cat([classifier.prepare(photograph.image) for photograph in loaded])
    targets = classifier.probabilities(image).argmax(-1).tolist()
    shares = []
    for _ in range(PAIRS):
        started = time.perf_counter()
        optimization = cx.Optimization(image, classifier, targets, method)
        while not optimization.finished:
            optimization.step()
        alone = time.perf_counter() - started
        started = time.perf_counter()
        finished = explain_batch(classifier, MethodSpec(METHOD, method, None), loaded, seed=0, save_masks=True)
        assert finished is not None
        records.write(folder / "price", batch, finished)
        shares.append((time.perf_counter() - started) / alone - 1)
    torch.set_num_threads(os.cpu_count() or 1)
    share = float(np.median(shares))
    return [
        Figure(
            "scores and records, over the optimisation alone",
            share,
            0.1,
            detail="masks too; the page at most 0.05 more",
        )
    ]


def two_over_one(found: list[Photograph], folder: Path, *, gain: float) -> list[Figure]:
    """Two workers of Ray with a core each, over one; `gain` is that of the classifier alone."""
    import ray  # noqa: PLC0415

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    ratios = []
    for pair in range(PAIRS):
        taken = {}
        for count in WORKERS:
            out = folder / f"ray {pair} {count}"
            started = time.perf_counter()
            study(
                found, cx.methods.PRESETS[METHOD](steps=OWN_STEPS), out=out, num_workers=count, ray=True, progress=False
            )
            taken[count] = time.perf_counter() - started
        ratios.append(taken[WORKERS[0]] / taken[2])
    ray.shutdown()
    return [
        Figure(
            "two workers of Ray over one",
            float(np.median(ratios)),
            1.8,
            at_least=True,
            detail=f"{min(ratios):.2f} to {max(ratios):.2f} in {PAIRS} pairs, the start of the workers included",
        ),
        over_classifier_alone("the same, over what the classifier alone gains", ratios, gain, 0.95),
    ]


def kills(found: list[Photograph], source: Path, folder: Path) -> list[Figure]:
    """A study that is killed at random moments, against one that is not."""
    method = cx.methods.PRESETS[METHOD](steps=STEPS_OF_KILLED)
    whole = study(found, method, out=folder / "whole", progress=False)
    command = [shutil.which("cartoonx-widgets", path=str(Path(sys.executable).parent)) or "cartoonx-widgets"]
    command += ["study", str(source), "--methods", METHOD, "--steps", str(STEPS_OF_KILLED), "--quiet"]
    command += ["--limit", str(len(found)), "--out", str(folder / "killed")]
    chance = random.Random(0)  # noqa: S311
    done = 0
    while done < KILLS:
        process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
        time.sleep(chance.uniform(1, LATEST))
        if process.poll() is not None:
            # It ended too soon: half of what is there is done again.
            for path in list((folder / "killed" / "records").iterdir())[::2]:
                path.unlink()
            continue
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        done += 1
    subprocess.run(command, check=True)  # noqa: S603
    one, other = rows(whole), rows(Results(folder / "killed"))
    return [
        Figure(f"records lost by {KILLS} kills of a study of {len(found)}", len(set(one) - set(other)), 0),
        Figure("records there twice", len(other) - len(set(other)) + len(Results(folder / "killed")) - len(other), 0),
        Figure("records that differ", sum(one[key] != other.get(key) for key in one), 0),
    ]


def rows(results: Results) -> dict[tuple[str, str, int], str]:
    """What each record says, but for the time it took."""
    return {
        (row["photograph"], row["method"], row["seed"]): repr({**row, "seconds": 0})
        for row in results.table(pictures=True).to_pylist()
    }


if __name__ == "__main__":
    main()
