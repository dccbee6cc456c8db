"""What a worker of a study is given, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartoonx_widgets.explanations.method_specs import MethodSpec
    from cartoonx_widgets.studies.plan import Batch


@dataclass(frozen=True)
class Loaded:
    """A photograph as it reaches a worker.

    Attributes:
        key: what it is called.
        image: whatever the source holds for it, which `explain` may not take; None where it could not be loaded.
        target: the class to explain; the most probable one where it is None.
        error: why it could not be loaded.
        sha256: of its file, or of its numbers (see `photographs.digest`).
    """

    key: str
    image: Any
    target: int | str | None = None
    error: str = ""
    sha256: str = ""


class Job(NamedTuple):
    """A batch with all that its work needs."""

    batch: Batch
    method: MethodSpec
    photographs: Sequence[Loaded]
    save_masks: bool

    def singles(self) -> list[Job]:
        """Return each photograph alone."""
        batches = self.batch.singles()
        return [
            self._replace(batch=batch, photographs=[photograph])
            for batch, photograph in zip(batches, self.photographs, strict=True)
        ]


@dataclass(frozen=True)
class Finished:
    """What has become of a batch.

    Attributes:
        records: one for each photograph, in their order.
        masks: the masks in levels of 0 to 255 by the photographs' keys, as a compressed archive of NumPy's; empty where
            they are not kept.
    """

    records: list[dict[str, Any]]
    masks: bytes = b""
