"""What every explanation says of the same photographs, and what it costs: `python benchmarks/attributions.py [FOLDER]`.

Masks that are optimised, and baselines of `cartoonx_widgets.baselines`, on wavelets and on pixels, with four sample
photographs or the first `--limit` of a folder. Their masks differ in how much they keep, so each is also asked at one
share: the class's probability for its most relevant 5 % of the coefficients alone, and for the photograph without
them. How alike masks are is the correlation with the optimised mask on the same representation. The sanity check is
that of Adebayo et al. (NeurIPS 2018): the correlation of the mask with that of the same network with random weights in
all layers, where 0 is best.
"""

from __future__ import annotations

import argparse
import functools
import math
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from network import network
from report import RESULTS, SMALL, machine

import cartoonx_widgets as cx
from cartoonx_widgets import baselines, scores
from cartoonx_widgets.representations import Pixel, Wavelet

if TYPE_CHECKING:
    from collections.abc import Callable

    from cartoonx_widgets.explanations.explanation import Explanation

SHARE = 0.05
FINE = 2  # scales that count as fine


def optimised(method: cx.Method) -> Callable[..., Explanation]:
    """Make the function that explains by a method."""
    if SMALL:
        method = method.replace(steps=2, samples=2)
    return functools.partial(cx.explain, method=method, progress=False)


def few(make: Callable[..., Explanation], **settings: object) -> Callable[..., Explanation]:
    """Take a baseline with these settings, and as few evaluations as it can do with where the run is small."""
    least = {"rise": {"samples": 4}, "sobol_indices": {"samples": 2, "grid": 1}, "occlusion": {"window": 64}}
    return functools.partial(make, **{**settings, **(least.get(make.__name__, {}) if SMALL else {})})


METHODS: dict[str, Callable[..., Explanation]] = {
    "CartoonX, 60 steps": optimised(cx.methods.cartoonx_interactive(steps=60)),
    "WAM": few(baselines.wam),
    "WAM, smooth": few(baselines.wam, form="smooth", samples=2 if SMALL else 25),
    "WAM, integrated": few(baselines.wam, form="integrated", samples=2 if SMALL else 25),
    "Integrated gradients": few(baselines.integrated_gradients, representation=Wavelet(), steps=2 if SMALL else 64),
    "Occlusion": few(baselines.occlusion, representation=Wavelet(), window=56),
    "RISE": few(baselines.rise, representation=Wavelet(), samples=200),
    "Total Sobol indices": few(baselines.sobol_indices, samples=2, grid=3),
    "Pixel mask, 60 steps": optimised(cx.methods.pixel_mask().accelerated(steps=60)),
    "Integrated gradients, pixels": few(baselines.integrated_gradients, steps=2 if SMALL else 32),
    "Occlusion, pixels": few(baselines.occlusion),
    "RISE, pixels": few(baselines.rise, samples=200),
    "Total Sobol indices, pixels": few(baselines.sobol_indices, representation=Pixel(), samples=4),
}
if baselines.installed():
    METHODS["Grad-CAM"] = few(baselines.grad_cam)


def main() -> None:
    """Explain, measure, and write the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    if given.folder is None:
        photographs = list(cx.images.sample_names())[: 1 if SMALL else 4]
    else:
        kept = sorted(path for path in Path(given.folder).iterdir() if path.is_file())
        photographs = [str(path) for path in kept[: given.limit]]
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in METHODS}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        for photograph, found in zip(photographs, workers.map(of_photograph, photographs), strict=True):
            for name, row in found.items():
                rows[name].append(row)
            print(photograph, flush=True)
    write(rows, len(photographs))


def of_photograph(photograph: str) -> dict[str, dict[str, float]]:
    """Measure every method on one photograph, with one core."""
    torch.set_num_threads(1)
    classifier = network()
    randomised = classifier.with_random_weights(len(classifier.layers))
    found: dict[str, dict[str, float]] = {}
    optimised_masks: dict[bool, Explanation] = {}
    for name, make in METHODS.items():
        began = time.perf_counter()
        explanation = make(photograph, classifier=classifier)
        seconds = time.perf_counter() - began
        again = make(photograph, classifier=randomised, target=explanation.target.index)
        found[name] = {**of_explanation(explanation, classifier), "seconds": seconds}
        first = optimised_masks.setdefault(explanation.transform.on_pixels, explanation)
        found[name]["alike"] = scores.similarity(first, explanation).mask if first is not explanation else math.nan
        found[name]["random"] = scores.similarity(explanation, again).mask
    return found


def of_explanation(explanation: Explanation, classifier: cx.Classifier) -> dict[str, float]:
    """Measure one explanation."""
    mask, coefficients, index = explanation.mask, explanation.coefficients, explanation.target.index
    most = torch.zeros_like(mask)
    most[mask.topk(max(1, round(SHARE * len(mask)))).indices] = 1
    pictures = explanation.transform.synthesise(torch.stack([most * coefficients, (1 - most) * coefficients]))
    alone, without = classifier.probabilities(pictures.clamp(0, 1).to(classifier.device))[:, index].tolist()
    bands = explanation.transform.bands
    lowpass = [mask[one.slice] for one in bands if one.orientation == "lowpass"]
    fine = [mask[one.slice] for one in bands if one.orientation not in ("lowpass", "pixels") and one.scale <= FINE]
    complete = getattr(explanation, "completeness", None)
    return {
        "lowpass": float(torch.cat(lowpass).mean()) if lowpass else math.nan,
        "fine": float(torch.cat(fine).mean()) if fine else math.nan,
        **scores.compute(explanation),
        "kept": float(explanation.class_kept),
        "before": explanation.probability_before,
        "alone": alone / explanation.probability_before,
        "without": without / explanation.probability_before,
        "evaluations": float(evaluations(explanation)),
        "completeness": complete.error if complete else math.nan,
    }


def evaluations(explanation: Explanation) -> int:
    """Count the images that the classifier saw."""
    if isinstance(explanation, baselines.Attribution):
        return explanation.evaluations
    return explanation.steps_done * explanation.method.samples or 1


def write(rows: dict[str, list[dict[str, float]]], count: int) -> None:
    """Write the tables."""
    heads = {
        "evaluations": ("evaluations", "{:.0f}"),
        "seconds": ("seconds", "{:.1f}"),
        "share_kept": ("share kept", "{:.3f}"),
        "retained_probability": ("retained probability", "{:.2f}"),
        "alone": (f"{SHARE:.0%} alone".replace("%", " %"), "{:.2f}"),
        "without": (f"without {SHARE:.0%}".replace("%", " %"), "{:.2f}"),
        "cp_l1_pixel": ("cp l1 pixel", "{:.3g}"),
        "hallucination": ("hallucination", "{:.3f}"),
        "random": ("random weights", "{:.2f}"),
        "alike": ("like the optimised mask", "{:.2f}"),
        "lowpass": ("kept of the lowpass", "{:.2f}"),
        "fine": (f"kept of scales 1 to {FINE}", "{:.3f}"),
        "completeness": ("completeness error", "{:.2%}"),
    }
    lines = [
        "# attributions",
        "",
        machine(),
        "",
        f"Medians over {count} photograph{'s' * (count > 1)}, one core, other programs running. Probabilities are "
        "those of the explained class, in parts of the photograph's.",
        "",
        f"| method | class kept | {' | '.join(head for head, _ in heads.values())} |",
        f"| --- | --- |{' --- |' * len(heads)}",
    ]
    for name, measured in rows.items():
        cells = []
        for key, (_, form) in heads.items():
            values = [row[key] for row in measured if math.isfinite(row[key])]
            cells.append(form.format(statistics.median(values)) if values else "\u2013")
        kept = sum(row["kept"] for row in measured)
        lines.append(f"| {name} | {kept:.0f} of {count} | {' | '.join(cells)} |")
    completeness = [f"{row['completeness']:.2%}" for row in rows["Integrated gradients"]]
    lines += ["", f"Completeness error of integrated gradients, each photograph: {', '.join(completeness)}.", ""]
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines)
    (RESULTS / "attributions.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
