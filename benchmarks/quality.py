"""How good a mask a given number of evaluations buys: `python benchmarks/quality.py FOLDER`.

For each photograph the published settings of WaveletX give J_ref: the objective of their final mask,
E[(1 - p(z))^2] + 2 l1 + 10 spatial l1, estimated with 256 fresh samples of noise. Our preset is measured on the same
objective, with the same seeds on both sides, and so is the same descent in few large steps, which is what a GPU likes.
An evaluation is one image forward and backward through the classifier. Photographs that settings were tuned on are
kept apart from those that they were not.

Runs are kept in build/quality, so that what was interrupted goes on; a run whose settings changed is made anew. Each is
made on one core, several side by side, and its seconds are those of its own core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import shutil
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from network import network
from report import BUILD, RESULTS, SMALL, machine

import cartoonx_widgets as cx
from cartoonx_widgets.explanations.explain import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cartoonx_widgets.masking import Method, Optimization

SEEDS = (0, 1) if SMALL else (0, 1, 2)
FRESH, ON_THE_WAY = (8, 8) if SMALL else (256, 64)
PUBLISHED = "published"
PRESET, MORE_STEPS, LARGE_STEPS = "preset, 150 steps of 2", "240 steps of 2", "60 steps of 16"
WAYS = {
    PUBLISHED: cx.methods.waveletx(),
    PRESET: cx.methods.waveletx_interactive(),
    MORE_STEPS: cx.methods.waveletx_interactive(steps=240),
    LARGE_STEPS: cx.methods.waveletx_interactive(steps=60, samples=16),
}
if SMALL:
    WAYS = {name: method.replace(steps=4, samples=2) for name, method in WAYS.items()}
# The settings of the descent were chosen on these, by name of the sample or of the file.
TUNED = ("coffee", "chelsea", "camera", "rocket", "n02127052_lynx", "n03710193_mailbox")
KEPT = (RESULTS if SMALL else BUILD) / "quality"


@dataclass(frozen=True)
class Job:
    """One run: a photograph (a sample's name or a path), a way, a seed."""

    photograph: str
    way: str
    seed: int

    @property
    def name(self) -> str:
        """What the photograph is called in the tables."""
        return Path(self.photograph).stem

    @property
    def file(self) -> Path:
        """Where its figures are kept; named by all that they depend on."""
        key = f"{self.name} {WAYS[self.way]!r} {self.seed} {FRESH}"
        return KEPT / f"{self.name}-{self.seed}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


Figures = dict[Job, dict[str, Any]]


def main() -> None:
    """Run what is missing, then write the tables and the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photographs", nargs="*", help="folders, files, or names of sample photographs")
    parser.add_argument("--workers", type=int, default=1 if SMALL else os.cpu_count(), help="runs side by side")
    parser.add_argument("--small", action="store_true", help="few steps of one photograph: whether it runs")
    options = parser.parse_args()
    if SMALL:
        shutil.rmtree(KEPT, ignore_errors=True)
    photographs = list(found(options.photographs or cx.images.sample_names()[: 1 if SMALL else None]))
    jobs = [Job(photograph, way, seed) for way in WAYS for photograph in photographs for seed in SEEDS]
    KEPT.mkdir(parents=True, exist_ok=True)
    missing = [job for job in jobs if not job.file.exists()]
    with ProcessPoolExecutor(options.workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        for done, job in enumerate(pool.map(run, missing), start=1):
            print(f"{done}/{len(missing)} {job.name}, {job.way}, seed {job.seed}", flush=True)
    figures = {job: json.loads(job.file.read_text("utf-8")) for job in jobs}
    names = [Path(photograph).stem for photograph in photographs]
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = written(figures, names)
    (RESULTS / "quality.md").write_text(text, "utf-8")
    print(text)
    draw(figures, names)


def found(arguments: Iterable[str]) -> Iterable[str]:
    """The photographs of folders, in the order of their names, and whatever else was named."""
    for argument in arguments:
        if Path(argument).is_dir():
            yield from sorted(str(path) for path in Path(argument).iterdir() if path.is_file())
        else:
            yield argument


def run(job: Job) -> Job:
    """Make one run, and keep its figures."""
    method = WAYS[job.way]
    optimization = prepare(job.photograph, classifier=network(), method=method, seed=job.seed)
    measured_at = [method.steps * part // 4 for part in (1, 2, 3, 4)]
    curve, seconds = [], 0.0
    for step in range(1, method.steps + 1):
        started = time.process_time()
        optimization.step()
        seconds += time.process_time() - started
        if step in measured_at:
            fresh = FRESH if step == method.steps else ON_THE_WAY
            curve.append((step * method.samples, seconds, objective(optimization, fresh)))
    target = int(optimization.targets[0])
    before, after = optimization.probabilities[0], optimization.moment().probabilities[0]
    figures = {
        "curve": curve,
        "objective": curve[-1][2],
        "seconds": seconds,
        "share_kept": float(optimization.mask.mean()),
        "before": float(before[target]),
        "after": float(after[target]),
        "class_kept": int(after.argmax()) == target,
    }
    unfinished = job.file.with_suffix(".part")
    unfinished.write_text(json.dumps(figures), "utf-8")
    unfinished.replace(job.file)
    return job


@torch.no_grad()
def objective(optimization: Optimization, fresh: int) -> float:
    """WaveletX' objective of the present mask, with fresh samples: the same ones for every way and photograph."""
    judge: Method = WAYS[PUBLISHED]
    transform, h, mask = optimization.transform, optimization.coefficients, optimization.mask
    location, scale = judge.obfuscation.adapt(optimization.image, h, transform)
    generator = torch.Generator(h.device).manual_seed(2**32 + 1)
    cartoon = transform.synthesise(mask * h)
    distortion = 0.0
    for _ in range(fresh // 8):
        noise = judge.obfuscation.draw((8, 3, transform.n_coefficients), generator) * scale + location
        images = (cartoon + transform.synthesise((1 - mask) * noise)).clamp(0, 1)
        p = optimization.classifier(images).softmax(-1)[:, int(optimization.targets[0])]
        distortion += float((1 - p).square().sum()) / fresh
    spatial = float(cartoon.mean(1).clamp(0, 1).mean())
    return distortion + judge.lambda_l1 * float(mask.mean()) + judge.lambda_spatial_l1 * spatial


def written(figures: Figures, names: list[str]) -> str:
    """The page of results."""
    groups = {
        "Photographs that nothing was tuned on": [name for name in names if name not in TUNED],
        "Photographs that the settings were tuned on": [name for name in names if name in TUNED],
    }
    parts = [f"# quality\n\n{machine()}\n", (__doc__ or "").partition("\n\n")[2]]
    for title, group in groups.items():
        if group:
            parts += [f"## {title}\n", table(figures, group)]
    return "\n".join(parts) + "\n![Objective over evaluations and seconds](quality.png)\n"


def table(figures: Figures, names: list[str]) -> str:
    """Objectives of each photograph, means and spreads of the seeds, and the means over the photographs."""

    def of(name: str, way: str, figure: str) -> list[Any]:
        return [value[figure] for job, value in figures.items() if (job.name, job.way) == (name, way)]

    ours = [way for way in WAYS if way != PUBLISHED]
    rows = ["| photograph | J_ref | " + " | ".join(f"{way}: J / J_ref | cartoon keeps" for way in ours) + " |"]
    rows.append("| --- " * (2 + 2 * len(ours)) + "|")
    ratios: dict[str, list[float]] = {way: [] for way in ours}
    kept: dict[str, list[bool]] = {way: [] for way in ours}
    for name in names:
        reference = of(name, PUBLISHED, "objective")
        mean = statistics.mean(reference)
        row = f"| {name} | {mean:.3f} ± {statistics.stdev(reference):.3f} "
        for way in ours:
            values = [value / mean for value in of(name, way, "objective")]
            shares = [a / b for a, b in zip(of(name, way, "after"), of(name, way, "before"), strict=True)]
            ratios[way].append(statistics.mean(values))
            kept[way] += [
                share >= 0.9 and bool(stays) for share, stays in zip(shares, of(name, way, "class_kept"), strict=True)
            ]
            row += f"| {statistics.mean(values):.2f} ± {statistics.stdev(values):.2f} | {min(shares):.2f} "
        rows.append(row + "|")
    lines = ["\n".join(rows), ""]
    for way, values in ratios.items():
        method = WAYS[way]
        lines.append(
            f"- **{way}** ({method.steps * method.samples} evaluations, where the published settings take "
            f"{WAYS[PUBLISHED].steps * WAYS[PUBLISHED].samples}): J / J_ref {geometric_mean(values):.3f} in the "
            f"geometric mean, {max(values):.2f} at worst; the bare cartoon keeps the class with at least 0.9 of its "
            f"probability in {sum(kept[way])} of {len(kept[way])} runs; share kept "
            f"{mean_of(figures, names, way, 'share_kept'):.2%}, published "
            f"{mean_of(figures, names, PUBLISHED, 'share_kept'):.2%}; {mean_of(figures, names, way, 'seconds'):.0f} s "
            f"of one core, published {mean_of(figures, names, PUBLISHED, 'seconds'):.0f} s by our implementation."
        )
    return "\n".join(lines) + "\n"


def geometric_mean(values: list[float]) -> float:
    """The geometric mean."""
    return math.exp(statistics.mean(map(math.log, values)))


def mean_of(figures: Figures, names: list[str], way: str, figure: str) -> float:
    """The mean of a figure over photographs and seeds."""
    return float(
        statistics.mean(value[figure] for job, value in figures.items() if job.way == way and job.name in names)
    )


def draw(figures: Figures, names: list[str]) -> None:
    """J / J_ref over evaluations and over seconds, in the geometric mean over the photographs."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - slow to import

    picture, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
    for way, marker in zip(WAYS, "svox", strict=True):
        points = []
        for quarter in range(4):
            runs = [(job, value["curve"][quarter]) for job, value in figures.items() if job.way == way]
            ratios = [
                statistics.mean(point[2] for job, point in runs if job.name == name)
                / statistics.mean(
                    value["objective"] for job, value in figures.items() if (job.name, job.way) == (name, PUBLISHED)
                )
                for name in names
            ]
            seconds = statistics.mean(point[1] for _, point in runs)
            points.append((runs[0][1][0], seconds, geometric_mean(ratios)))
        for axis, axis_index in zip(axes, (0, 1), strict=True):
            axis.plot([point[axis_index] for point in points], [point[2] for point in points], marker=marker, label=way)
    for axis, label in zip(axes, ("evaluations of the classifier", "seconds of one core"), strict=True):
        axis.axhline(1, color="grey", linewidth=0.8)
        axis.set(xscale="log", yscale="log", xlabel=label)
    axes[0].set_ylabel("objective over J_ref")
    axes[0].legend()
    picture.savefig(RESULTS / "quality.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
