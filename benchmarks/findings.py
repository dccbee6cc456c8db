"""Do the papers' findings show on a folder of photographs? `python benchmarks/findings.py FOLDER [--limit 30]`.

CVPR 2023, section 6 and figure 4: the hallucination score against CP scores, of ShearletX, WaveletX, a pixel mask
without and with a penalty on its variation, and a smooth mask. ECCV 2022, section 4 and figure 5: the distortion as
coefficients are randomised, the least relevant first, of CartoonX at two weights and Pixel RDE.

All but the smooth mask descend in the same way, with 480 evaluations of the classifier: so they differ in what the mask
is on and in their penalties, not in how far they were optimised. What was done is kept in build/findings, and what was
interrupted goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from network import network
from report import BUILD, RESULTS, SMALL, machine

import cartoonx_widgets as cx
from cartoonx_widgets import masking
from cartoonx_widgets.studies.sources import photographs

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = (RESULTS if SMALL else BUILD) / "findings"
SEED = 0
SHARES = (0, 0.5, 1) if SMALL else (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1)
SAMPLES = 2 if SMALL else 16
SCORES = ("hallucination", "cp_entropy", "cp_l1", "cp_l1_pixel", "retained_probability", "share_kept")


SCATTERED = {
    "ShearletX": cx.methods.shearletx_interactive(),
    "WaveletX": cx.methods.waveletx_interactive(),
    "Pixel mask": cx.methods.pixel_mask(lambda_tv=0.0).accelerated(),
    "Pixel mask, smoothed": cx.methods.pixel_mask().accelerated(),
    "Smooth mask": cx.methods.smooth_mask(),
}
CURVED = {
    "CartoonX": cx.methods.cartoonx_interactive(steps=240),
    "CartoonX, a tenth of the weight": cx.methods.cartoonx_interactive(steps=240, lambda_l1=2.0),
    "Pixel RDE": cx.methods.pixel_rde(reference="one").accelerated(),
}
if SMALL:
    SCATTERED = {name: method.replace(steps=2, samples=2) for name, method in SCATTERED.items()}
    CURVED = {name: method.replace(steps=2, samples=2) for name, method in CURVED.items()}


def main() -> None:
    """Run what is missing, then write the tables and the page of results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="with photographs; without one the sample photographs are taken")
    parser.add_argument("--limit", type=int, default=30, help="so many of them, chosen by chance")
    parser.add_argument("--small", action="store_true", help="few steps of two photographs: whether it runs")
    options = parser.parse_args()
    if SMALL:
        shutil.rmtree(KEPT, ignore_errors=True)
    found = photographs(options.folder or cx.images.sample_names()[: 2 if SMALL else None])
    picked = random.Random(SEED).sample(found, min(options.limit, len(found)))  # noqa: S311 - not for secrets
    results = cx.study(picked, SCATTERED, out=KEPT / "study", classifier=network())
    with ProcessPoolExecutor(1 if SMALL else os.cpu_count(), get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        jobs = [(Path(options.folder or "") / photograph.key, name) for photograph in picked for name in CURVED]
        curves = list(pool.map(curve_of, *zip(*jobs, strict=True)))
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["# findings", "", machine(), "", *scattered(results.rows()), "", *curved(curves), ""])
    (RESULTS / "findings.md").write_text(text, "utf-8")
    print(text)


def scattered(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The scores of each method, and against the method that each claim names how often it is better."""
    sound = [row for row in rows if not row["error"]]
    count = len({row["photograph"] for row in sound})
    yield f"{count} photographs, one seed. Medians, quartiles in brackets."
    yield ""
    yield f"| method | class kept | {' | '.join(SCORES)} |".replace("_", " ")
    yield "| --- | --- |" + " --- |" * len(SCORES)
    for name in SCATTERED:
        of_method = [row for row in sound if row["method"] == name]
        kept = sum(row["class_kept"] for row in of_method)
        cells = [spread([row[score] for row in of_method]) for score in SCORES]
        yield f"| {name} | {kept} of {len(of_method)} | {' | '.join(cells)} |"
    yield ""
    yield "On how many photographs the first is better than the second:"
    yield ""
    yield "| | than | hallucination | CP-entropy | CP-l1 | CP-l1 pixel |"
    yield "| --- | --- | --- | --- | --- | --- |"
    by_name = {name: {row["photograph"]: row for row in sound if row["method"] == name} for name in SCATTERED}
    for one in ("ShearletX", "WaveletX"):
        for other in ("Pixel mask", "Pixel mask, smoothed", "Smooth mask"):
            counts = [better(by_name[one], by_name[other], score) for score in SCORES[:4]]
            yield f"| {one} | {other} | {' | '.join(counts)} |"


def better(ones: dict[str, dict[str, Any]], others: dict[str, dict[str, Any]], score: str) -> str:
    """On how many photographs one is better by a score."""
    sign = -1 if score == "hallucination" else 1
    pairs = [(ones[key][score], others[key][score]) for key in ones if key in others]
    usable = [(sign * one, sign * other) for one, other in pairs if math.isfinite(one) and math.isfinite(other)]
    return f"{sum(one > other for one, other in usable)} of {len(usable)}"


def spread(values: list[float]) -> str:
    """Median and quartiles."""
    finite = [value for value in values if math.isfinite(value)]
    low, middle, high = statistics.quantiles(finite, n=4, method="inclusive")
    return f"{middle:.3g} ({low:.3g}, {high:.3g})"


def curve_of(path: Path, name: str) -> dict[str, Any]:
    """Rate and distortion of one photograph and method, in both orders."""
    kept = KEPT / "curves" / f"{path.stem}-{name.replace(', ', '-').replace(' ', '_')}.json"
    if not kept.exists():
        classifier, method = network(), CURVED[name]
        explanation = cx.explain(str(path), classifier=classifier, method=method, seed=SEED, progress=False)
        measured = {
            order: cx.scores.rate_distortion(
                explanation,
                classifier=classifier,
                order=order,
                shares=SHARES,
                samples=SAMPLES,
                distortion=masking.SquaredDifference("original"),
            ).values.tolist()
            for order in ("relevance", "random")
        }
        kept.parent.mkdir(parents=True, exist_ok=True)
        deleted = float((explanation.mask == 0).float().mean())
        kept.write_text(json.dumps({"photograph": path.name, "method": name, "deleted": deleted, **measured}), "utf-8")
    found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return found


def curved(curves: list[dict[str, Any]]) -> Iterator[str]:
    """The mean distortion by the share that is randomised, and how often CartoonX has the lower one."""
    by_name = {name: [curve for curve in curves if curve["method"] == name] for name in CURVED}
    *ours, theirs = CURVED
    count = len(by_name[theirs])
    yield (
        f"The mean of (p(x) - p(z))² over {count} photographs with {SAMPLES} noisy images each, by the share of the "
        f"coefficients that is randomised, the least relevant first, and on how many photographs it is lower than with "
        f"{theirs}; and in random order."
    )
    yield ""
    heads = [*CURVED, *(f"{name}: lower" for name in ours), *(f"{name}, random" for name in (ours[0], theirs))]
    yield f"| randomised | {' | '.join(heads)} |"
    yield "| --- |" + " --- |" * len(heads)
    for index, share in enumerate(SHARES):
        values = {
            (name, order): [curve[order][index] for curve in by_name[name]]
            for name in CURVED
            for order in ("relevance", "random")
        }
        cells = [f"{statistics.fmean(values[name, 'relevance']):.3f}" for name in CURVED]
        for name in ours:
            pairs = zip(values[name, "relevance"], values[theirs, "relevance"], strict=True)
            cells.append(f"{sum(one < other for one, other in pairs)} of {count}")
        cells += [f"{statistics.fmean(values[name, 'random']):.3f}" for name in (ours[0], theirs)]
        yield f"| {100 * share:g} % | {' | '.join(cells)} |"
    yield ""
    yield "The share of the coefficients whose mask is 0, so that they have no order by relevance among each other:"
    yield ""
    for name in CURVED:
        yield f"- {name}: {spread([curve['deleted'] for curve in by_name[name]])}"


if __name__ == "__main__":
    main()
