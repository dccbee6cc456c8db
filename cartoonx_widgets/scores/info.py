"""The scores that an explanation has by itself: names."""

from __future__ import annotations

NAMES = (
    "retained_probability",
    "cp_entropy",
    "cp_l1",
    "cp_l1_pixel",
    "hallucination",
    "sparsity",
    "share_kept",
)
"""What `compute` gives."""
