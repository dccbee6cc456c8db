"""What the mask is optimised for: a distortion of the classifier's output, and the price of a coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from torch import Tensor

Reference = Literal["original", "one"]


@dataclass(frozen=True)
class SquaredDifference:
    """Squared difference in the explained class's softmax probability, (r - p(z))^2.

    z is the obfuscated image (CartoonX, ECCV 2022, section 4.1, "d_1"). With `reference` "original", r is the
    probability p(x) that the classifier gives to the photograph: the published default. With "one", r = 1
    ("maximize target" in the authors' code): the mask may raise the probability, and it does not collapse where
    p(x) is small, since an empty mask is then not nearly free.

    Raises:
        ValueError: `reference` is neither "original" nor "one".
    """

    reference: Reference = "original"

    def __post_init__(self) -> None:
        if self.reference not in get_args(Reference):
            raise ValueError(f"reference={self.reference!r} must be 'original' or 'one'")

    def __call__(self, original: Tensor, obfuscated: Tensor) -> Tensor:
        """Distortions (B, S) of probabilities (B, S), the photographs' own being (B,); each in [0, 1]."""
        reference = original[:, None] if self.reference == "original" else 1.0
        return (reference - obfuscated) ** 2


def mask_l1(mask: Tensor) -> Tensor:
    """Mean absolute mask entry (B,) of masks (B, 1, N): the share of the coefficients that is kept, in [0, 1].

    The l1 norm of ECCV 2022, equation 5, divided by the number of entries of the mask, as published code and
    lambda_l1 count it.
    """
    return mask.abs().mean((1, 2))
