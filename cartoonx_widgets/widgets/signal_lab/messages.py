"""What the signal lab and its page send each other."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from cartoonx_widgets.widgets.shared.messages import (
    ChooseLevels,
    CodeMessage,
    CodeRequest,
    ErrorMessage,
    Keep,
    Library,
    LibraryRequest,
    Ready,
)

# To the page.


class SignalChoice(TypedDict):
    """A signal that can be chosen: its name, what a person calls it, and what is to be seen in it."""

    name: str
    title: str
    about: str


class Setup(TypedDict):
    """What can be chosen.

    Attributes:
        signals: that are computed.
        names: of the wavelets.
    """

    type: Literal["setup"]
    signals: list[SignalChoice]
    names: tuple[str, ...]


class Analysis(TypedDict):
    """The signal, its coefficients, what is kept of them, and where the controls stand.

    Buffers: the n samples, the n coefficients, coarse to fine, and the n samples of the approximation, float64 each;
    and whether each coefficient is kept, uint8.

    Attributes:
        serial: counts the signals that were set as a whole, not those that were drawn or dragged.
        name: of the signal; "" where it is none that can be chosen.
        n: samples, and coefficients.
        representation: the wavelet's name.
        levels: how often the signal is split.
        most: how often it can be.
        k: how many coefficients are kept.
        nonzero: how many are not 0.
        energy_kept: share of the sum of squares; null where the signal is 0.
        relative_error: of the approximation; likewise.
        snr: in dB; null where nothing is lost as well.
        answers: number of the page's request; null where Python asked.
    """

    type: Literal["analysis"]
    serial: int
    name: str
    n: int
    representation: str
    levels: int
    most: int
    k: int
    nonzero: int
    energy_kept: float | None
    relative_error: float | None
    snr: float | None
    answers: int | None


class Atom(TypedDict):
    """The wavelet that a coefficient multiplies. Buffer: its n samples, float64."""

    type: Literal["atom"]
    index: int


ToPage = Setup | Analysis | Atom | ErrorMessage | CodeMessage | Library


# From the page.


class Draw(TypedDict):
    """Replace samples, from the one with the index `first` on; `answers` is the request's number."""

    type: Literal["draw"]
    first: int
    samples: list[float]
    answers: NotRequired[int | None]


class MoveCoefficient(TypedDict):
    """Give a coefficient another value, and the signal what follows; `answers` is the request's number."""

    type: Literal["coefficient"]
    index: int
    value: float
    answers: NotRequired[int | None]


class ChooseSignal(TypedDict):
    """Take a signal that is computed, by its name."""

    type: Literal["signal"]
    name: str


class ChooseRepresentation(TypedDict):
    """Take another wavelet, by its name."""

    type: Literal["representation"]
    name: str


class PickCoefficient(TypedDict):
    """Show the wavelet of a coefficient."""

    type: Literal["atom"]
    index: int


FromPage = (
    Ready
    | Draw
    | MoveCoefficient
    | Keep
    | ChooseSignal
    | ChooseRepresentation
    | ChooseLevels
    | PickCoefficient
    | CodeRequest
    | LibraryRequest
)
