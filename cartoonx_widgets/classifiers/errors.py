"""What goes wrong with a classifier."""

from __future__ import annotations


class ClassifierError(RuntimeError):
    """The classifier cannot be used, or returned something that cannot be explained."""
