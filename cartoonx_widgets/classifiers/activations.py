"""What a classifier's logits mean: how they become probabilities.

Logits are (..., K); the classes in question (B,).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

ActivationName = Literal["softmax", "sigmoid"]


class Activation(Protocol):
    """From logits to probabilities."""

    def probabilities(self, logits: Tensor) -> Tensor:
        """Compute the probabilities (..., K) of logits (..., K)."""
        ...

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Compute the logarithms (..., K) of the probabilities of logits (..., K)."""
        ...

    def log_odds(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Compute log p_c - log(1 - p_c), (B, S), of the classes c (B,) by logits (B, S, K)."""
        ...

    def divergence(self, original: Tensor, logits: Tensor) -> Tensor:
        """Compute the Kullback-Leibler divergence (B, S) from the answers of logits (B, S, K) to those of (B, K)."""
        ...


class Softmax:
    """One of K classes: probabilities add up to 1."""

    def probabilities(self, logits: Tensor) -> Tensor:
        """Compute the probabilities (..., K) of logits (..., K)."""
        return logits.softmax(-1)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Compute the logarithms (..., K) of the probabilities of logits (..., K)."""
        return logits.log_softmax(-1)

    def log_odds(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Compute log p_c - log(1 - p_c), (B, S), of the classes c (B,) by logits (B, S, K)."""
        index = targets[:, None, None].expand(*logits.shape[:2], 1)
        others = logits.scatter(2, index, -math.inf).logsumexp(-1)
        return of_class(logits, targets) - others

    def divergence(self, original: Tensor, logits: Tensor) -> Tensor:
        """Compute sum_k p_k (log p_k - log q_k), (B, S), of logits (B, K) and (B, S, K)."""
        logs = self.log_probabilities(original)[:, None]
        return (logs.exp() * (logs - self.log_probabilities(logits))).sum(-1)


class Sigmoid:
    """K labels, each true or not by itself, as of multi-label networks and of those with a single logit."""

    def probabilities(self, logits: Tensor) -> Tensor:
        """Compute the probabilities (..., K) of logits (..., K)."""
        return logits.sigmoid()

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Compute the logarithms (..., K) of the probabilities of logits (..., K)."""
        return functional.logsigmoid(logits)

    def log_odds(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the classes' own logits, (B, S), of (B, S, K)."""
        return of_class(logits, targets)

    def divergence(self, original: Tensor, logits: Tensor) -> Tensor:
        """Compute the sum over the labels of their own divergences, (B, S), of logits (B, K) and (B, S, K)."""
        x, z = original[:, None], logits
        true = x.sigmoid() * (functional.logsigmoid(x) - functional.logsigmoid(z))
        false = (-x).sigmoid() * (functional.logsigmoid(-x) - functional.logsigmoid(-z))
        return (true + false).sum(-1)


SOFTMAX = Softmax()
ACTIVATIONS: dict[str, Activation] = {"softmax": SOFTMAX, "sigmoid": Sigmoid()}
"""By the names that `Classifier` takes."""


def of_class(values: Tensor, targets: Tensor) -> Tensor:
    """Select the entries (B, S) of values (B, S, K) that belong to the classes (B,)."""
    return values.gather(2, targets[:, None, None].expand(*values.shape[:2], 1))[..., 0]


def checked_activation(activation: object) -> ActivationName:
    """Check the name of an activation.

    Raises:
        ValueError: there is none of this name.
    """
    for name in get_args(ActivationName):
        if activation == name:
            return name  # type: ignore[no-any-return]
    raise ValueError(
        f"activation={activation!r} must be 'softmax', for one of K classes, or 'sigmoid', for labels that are each "
        "true or not"
    )
