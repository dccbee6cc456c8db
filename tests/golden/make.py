"""Write the golden files of a version: `PYTHONPATH=CHECKOUT_OF_THAT_VERSION python tests/golden/make.py`.

They go into a folder named after the version, beside this script, with what that version reads back from them as
`figures.json`. `tests/test_golden.py` holds every later version to it. A folder that is there is left as it is.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import cartoonx_widgets as cx
from cartoonx_widgets.representations import DualTree, Pixel, Shearlet, Wavelet

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = Path(__file__).parent
SIDE = 64  # of the recorded photographs, so that their files are small
RECORDED = {
    "pixel": Pixel(),
    "wavelet": Wavelet("db3", levels=3),
    "dual-tree": DualTree(levels=3),
    "shearlet": Shearlet(scales=2),
}
PHOTOGRAPHS = ["coffee", "camera"]
METHODS = {
    "WaveletX": cx.methods.waveletx_interactive(steps=5),
    "Pixel mask": cx.methods.pixel_mask(steps=4, samples=2),
}
PRESETS = (
    "cartoonx",
    "cartoonx_interactive",
    "waveletx_interactive",
    "shearletx_interactive",
    "pixel_rde",
    "waveletx",
    "shearletx",
    "pixel_mask",
    "smooth_mask",
)
MASKS = [(preset, photograph) for preset in PRESETS for photograph in ("coffee", "chelsea")]


def main() -> None:
    """Write recordings, a study and their figures."""
    folder = HOME / cx.__version__
    if folder.exists():
        sys.exit(f"{folder} is there already: golden files are never written anew")
    folder.mkdir()
    figures: dict[str, Any] = {"recordings": {}}
    for name, representation in RECORDED.items():
        path = folder / f"{name}.cxr"
        record(representation).save(path)
        figures["recordings"][name] = recording_figures(cx.Recording.load(path))
    cx.study(PHOTOGRAPHS, METHODS, out=folder / "study", save_masks=True, seeds=[3], progress=False)
    for name in ("results.html", "lock"):  # which any version makes anew; the page has 5 MB
        (folder / "study" / name).unlink(missing_ok=True)
    figures["study"] = study_figures(cx.Results(folder / "study"))
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    np.savez_compressed(folder / "masks.npz", **{" ".join(run): mask_of(*run) for run in MASKS})


def mask_of(preset: str, photograph: str, adapt: Callable[[Any], Any] = lambda method: method) -> np.ndarray:
    """The mask of a short run of the default network, at some places; `adapt` changes the method's settings."""
    method = adapt(getattr(cx.methods, preset)(steps=4))
    if preset != "smooth_mask":  # which draws nothing
        method = method.replace(samples=2)
    mask = cx.explain(photograph, method=method, seed=3, progress=False).mask.numpy()
    return mask[np.random.default_rng(0).choice(len(mask), 500, replace=False)]


def record(representation: cx.representations.Representation) -> cx.Recording:
    """A short run of the default network on a small picture of the coffee cup."""
    network = cx.efficientnet_lite0()
    settings: dict[str, Any] = {"mean": 127 / 255, "std": 128 / 255, "size": SIDE, "device": "cpu"}
    name = f"EfficientNet-Lite0 at {SIDE} pixels"
    classifier = cx.Classifier(network._module, network.labels, name=name, **settings)
    method = cx.methods.cartoonx_interactive(representation=representation, steps=12)
    return cx.record("coffee", classifier=classifier, method=method, every=4, seed=7, progress=False)


def recording_figures(recording: cx.Recording) -> dict[str, Any]:
    """What is read back from a recording, as JSON knows it."""
    return {
        "summary": recording.summary(),
        "target": recording.labels[recording.target],
        "probability": float(recording.probabilities[recording.target]),
        "photograph": recording.photograph,
        "method": recording.method,
        "steps": recording.steps,
        "seed": recording.seed,
        "classifier": recording.classifier,
        "warning": recording.warning,
        "lambda_l1": recording.settings["lambda_l1"],
        "n_bands": len(recording.transform.bands),
        "image": digest(recording.image.numpy().tobytes()),
        "curves": {name: [len(values), float(values[-1])] for name, values in recording.curves.items()},
        "frames": [
            {
                "step": frame.step,
                "mask": digest(frame.levels().tobytes()),
                "share_kept": frame.share_kept,
                "probability": float(frame.probabilities[recording.target]),
                "cartoon_mean": float(recording.cartoon(place).mean()),
            }
            for place, frame in enumerate(recording.frames)
        ],
    }


def study_figures(results: cx.Results) -> dict[str, Any]:
    """What is read back from a study, as JSON knows it."""
    rows = sorted(results.table(pictures=True).to_pylist(), key=lambda row: (row["photograph"], row["method"]))
    for row in rows:
        row |= {name: digest(value) for name, value in row.items() if isinstance(value, bytes)}
        levels = (255 * results.mask(row["photograph"], row["method"], row["seed"])).round().astype("uint8")
        row["mask"] = digest(levels.tobytes())
    return {"rows": rows}


def digest(data: bytes) -> str:
    """SHA-256, its first 16 digits."""
    return hashlib.sha256(data).hexdigest()[:16]


if __name__ == "__main__":
    main()
