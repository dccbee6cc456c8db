"""Write the figures of the authors' runs that the package brings: `python scripts/published_traces.py`.

The recordings in tests/data hold the noise of each step too, a megabyte of it. Its seeds are known, so that the package
draws it again and brings the classifier, the pictures and the curves alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cartoonx_widgets.checking.published import FILE  # noqa: E402 - after the path

DATA = ROOT / "tests" / "data"


def main() -> None:
    """Read the recordings, and write what is needed of them."""
    common, waveletx = read("common"), read("waveletx_cvpr2023_maximize")
    pictures = waveletx["images"]
    levels = np.round(255 * pictures).astype(np.uint8)
    assert np.abs(levels / np.float32(255) - pictures).max() < 1e-7
    assert np.array_equal(pictures[:1], common["image"])
    kept: dict[str, Any] = {"levels": levels, "w1": common["W1"], "w2": common["W2"], "targets": waveletx["targets"]}
    for name, recording in (("CartoonX", "cartoonx_eccv2022_label"), ("Pixel RDE", "pixel_rde_eccv2022")):
        trace = read(recording)
        kept |= {f"{name}/{ours}": trace[theirs] for ours, theirs in (("distortion",) * 2, ("l1", "mask_l1"))}
    kept["WaveletX/distortion"] = waveletx["history_distortion"].sum(1)
    kept["WaveletX/l1"], kept["WaveletX/spatial_l1"] = waveletx["history_l1wavelet"], waveletx["history_l1spatial"]
    np.savez_compressed(str(FILE), **kept)


def read(name: str) -> dict[str, Any]:
    """Read the arrays of a recording."""
    with np.load(DATA / f"{name}.npz") as arrays:
        return dict(arrays)


if __name__ == "__main__":
    main()
