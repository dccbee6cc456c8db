"""The signal lab: a line that is drawn, its wavelet coefficients, and what the k largest of them give, live."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import traitlets

from cartoonx_widgets._checks import one_of, whole
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.sparsity import SIGNALS, SignalExpansion, expand_signal, sample_signal
from cartoonx_widgets.sparsity import signals as checks
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.shared.python_code import WritesPython
from cartoonx_widgets.widgets.shared.traits import Settable, shown
from cartoonx_widgets.widgets.signal_lab import messages, still
from cartoonx_widgets.widgets.signal_lab.python_code import code
from cartoonx_widgets.widgets.sparsity_lab.background import Background
from cartoonx_widgets.widgets.sparsity_lab.choices import ORTHOGONAL
from cartoonx_widgets.widgets.sparsity_lab.decomposition import finite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from cartoonx_widgets.sparsity import SignalQuality
    from cartoonx_widgets.sparsity.signals import Booleans, Floats
    from cartoonx_widgets.widgets.sparsity_lab.background import Job

_FIRST_SIGNAL = "steps"
_FIRST_SHARE = 16  # one of so many coefficients is kept at first
_MOST_SAMPLES = 4096


def signal_lab(
    signal: npt.ArrayLike | str | None = None, *, representation: str = "db3", size: int = 256, language: str = ENGLISH
) -> SignalLab:
    """Return a live widget in which a signal is drawn, with its wavelet coefficients and the k largest of them.

    Signal and coefficients can both be dragged, and each follows the other. It needs neither a classifier nor an image.

    Args:
        signal: 1 to 4096 finite numbers in one row, or the name of a computed signal: "steps", "ramp", "bumps",
            "sine", "chirp", "noise" or "flat"; "steps" by default. A signal with an odd number of samples cannot be
            split: its coefficients are its samples.
        representation: the name of an orthogonal wavelet of PyWavelets: "haar", "db2" to "db38", "sym4" to "sym20" and
            so on. Signals are continued periodically.
        size: number of samples of signals that are chosen by name, from 1 to 4096; a power of 2 can be split most
            often.
        language: of the labels, "en" or "de".

    Raises:
        TypeError: a signal that is neither a name nor numbers.
        ValueError: a signal that is not a row of 1 to 4096 finite numbers, a size out of range, or a name, wavelet or
            language that does not exist.
    """
    return SignalLab(signal, representation=representation, size=size, language=language)


class SignalLab(WritesPython):
    """The teaching widget, which `signal_lab` makes; every control is a trait too."""

    _esm = assets.script("signal_lab")
    _css = assets.style("signal_lab")
    _from_page = messages.FromPage

    # The page gets both rows of numbers as bytes, in messages.
    signal = Settable(help="The samples, (n,), float64; set others, or the name of a computed signal.").tag(sync=False)
    coefficients = Settable(
        help="The coefficients, (n,), float64, coarse to fine; set n others, and the signal follows."
    ).tag(sync=False)
    representation = Settable(help="The name of the wavelet; set another.")
    levels = Settable(help="How often the signal is split, from 0, which is the signal itself, to `most_levels`.")
    kept = Settable(help="k, how many coefficients are kept, from 0 to `n`; set it, and the approximation follows.")
    n = shown(traitlets.Int, help="How many samples there are, and as many coefficients.")
    most_levels = shown(traitlets.Int, help="How often the signal can be split; each level halves an even number.")
    energy_kept = shown(
        traitlets.Float, None, allow_none=True, help="Share of the sum of squares that is kept; None for a signal of 0."
    )
    relative_error = shown(
        traitlets.Float,
        None,
        allow_none=True,
        help="Norm of what is lost over that of the signal, from 0 to 1; None for a signal of 0.",
    )
    snr = shown(
        traitlets.Float,
        None,
        allow_none=True,
        help="Signal-to-noise ratio of the approximation in dB; None where nothing is lost, and for a signal of 0.",
    )

    def __init__(
        self,
        signal: npt.ArrayLike | str | None = None,
        *,
        representation: str = "db3",
        size: int = 256,
        language: str = ENGLISH,
    ) -> None:
        translations = texts(language)
        self._size = whole("size", size, most=_MOST_SAMPLES, unit="samples", more="; take 256")
        self._lock = threading.RLock()
        self._background = Background(self._send_error, name="signal-lab")
        wavelet = checks.orthogonal("representation", representation)
        row, self._name = self._read(_FIRST_SIGNAL if signal is None else signal)
        self._expansion = expand_signal(row, wavelet)
        self._k = _first_k(row.size)
        self._serial = 1
        super().__init__(translations)
        self._show_state(self._expansion.quality(self._k))

    @property
    def expansion(self) -> SignalExpansion:
        """Return the signal with its coefficients, as `sparsity.expand_signal` gives it."""
        return self._expansion

    @property
    def approximation(self) -> Floats:
        """Return the approximation (n,) by the k largest coefficients."""
        with self._lock:
            return self._expansion.keep(self._k)

    def to_python(self) -> str:
        """Return Python code that makes what is shown: the signal, its coefficients, and the approximation."""
        with self._lock:
            return code(self._expansion, self._name, self._k)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the picture for a saved notebook is made; return False if it is not within `timeout` seconds."""
        return self._background.wait(timeout)

    def close(self) -> None:
        """End the widget and its thread; a second call does nothing."""
        # ipywidgets closes what is deleted, also where __init__ raised before there was a thread.
        if background := getattr(self, "_background", None):
            background.close()
        super().close()

    def _in_words(self) -> str:
        return f"The signal lab of {self._title}: run this cell to see it."

    @property
    def _title(self) -> str:
        return f"the signal {self._name!r}" if self._name else "a signal"

    def _read(self, signal: npt.ArrayLike | str) -> tuple[Floats, str]:
        """Return a signal, and its name where it was given by one."""
        if isinstance(signal, str):
            name = one_of("signal", signal, SIGNALS)
            return sample_signal(name, self._size), name
        return checks.checked_row("signal", signal, most=_MOST_SAMPLES), ""

    def _set_signal(self, value: npt.ArrayLike | str) -> None:
        with self._lock:
            row, name = self._read(value)
            self._serial += 1
            self._take(expand_signal(row, self._expansion.wavelet, self._levels_for(row.size)), name)

    def _set_coefficients(self, value: npt.ArrayLike) -> None:
        with self._lock:
            expansion = self._expansion.with_coefficients(value)
            self._serial += 1
            self._take(expansion)

    def _set_representation(self, value: str) -> None:
        with self._lock:
            wavelet = checks.orthogonal("representation", value)
            self._take(expand_signal(self._expansion.signal, wavelet, self._expansion.levels), self._name)

    def _set_levels(self, value: int) -> None:
        with self._lock:
            levels = checks.checked_levels(value, self._expansion.n)
            self._take(expand_signal(self._expansion.signal, self._expansion.wavelet, levels), self._name)

    def _set_kept(self, value: int) -> None:
        self._keep(value)

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "ready": self._send_everything,
            "draw": self._draw,
            "coefficient": self._move_coefficient,
            "keep": self._keep,
            "signal": lambda name: setattr(self, "signal", name),
            "representation": lambda name: setattr(self, "representation", name),
            "levels": lambda levels: setattr(self, "levels", levels),
            "atom": self._send_atom,
        }

    def _levels_for(self, n: int) -> int:
        """Return how often another signal is split: as often as the present one, if it can be."""
        own = self._expansion
        return own.levels if n == own.n else checks.first_levels(n, own.wavelet)

    def _draw(self, first: int, samples: Sequence[float], answers: int | None = None) -> None:
        with self._lock:
            own = self._expansion
            last = own.n - len(samples)
            if not samples or not 0 <= first <= last:
                raise ValueError(
                    f"first={first} with {len(samples)} samples is not within the signal; allowed are 1 to {own.n} "
                    f"samples, the first from 0 to {max(0, last)}"
                )
            signal = own.signal.copy()
            signal[first : first + len(samples)] = checks.checked_row("samples", samples)
            self._take(expand_signal(signal, own.wavelet, own.levels), answers=answers)

    def _move_coefficient(self, index: int, value: float, answers: int | None = None) -> None:
        with self._lock:
            coefficients = self._expansion.coefficients.copy()
            coefficients[self._checked_index(index)] = value
            self._take(self._expansion.with_coefficients(coefficients), answers=answers)

    def _keep(self, k: int, answers: int | None = None) -> None:
        with self._lock:
            self._k = checks.checked_count(k, self._expansion.n)
            self._send_analysis(answers)

    def _checked_index(self, index: object) -> int:
        return whole("index", index, least=0, most=self._expansion.n - 1)

    def _send_atom(self, index: int) -> None:
        with self._lock:
            content: messages.Atom = {"type": "atom", "index": self._checked_index(index)}
            self._send_message(Message(content, [self._expansion.atom(index).tobytes()]))

    def _take(self, expansion: SignalExpansion, name: str = "", answers: int | None = None) -> None:
        """Show another signal, or the same one taken apart in another way."""
        if expansion.n != self._expansion.n:
            self._k = _first_k(expansion.n)
        self._expansion, self._name = expansion, name
        self._send_analysis(answers)

    def _send_everything(self) -> None:
        signals: list[messages.SignalChoice] = [
            {"name": one.name, "title": one.title, "about": one.about} for one in SIGNALS.values()
        ]
        content: messages.Setup = {"type": "setup", "signals": signals, "names": ORTHOGONAL}
        with self._lock:
            self._send_message(Message(content, []))
            self._send_analysis()

    def _send_controls(self) -> None:
        # What was refused may have been drawn already, so all is shown again as it is.
        with self._lock:
            self._send_analysis()

    def _send_analysis(self, answers: int | None = None) -> None:
        expansion, k = self._expansion, self._k
        kept, approximation, quality = expansion.kept(k), expansion.keep(k), expansion.quality(k)
        content: messages.Analysis = {
            "type": "analysis",
            "serial": self._serial,
            "name": self._name,
            "n": expansion.n,
            "representation": expansion.wavelet,
            "levels": expansion.levels,
            "most": checks.most_levels(expansion.n),
            "k": k,
            "nonzero": expansion.nonzero,
            "energy_kept": finite(quality.energy_kept),
            "relative_error": finite(quality.relative_error),
            "snr": finite(quality.snr),
            "answers": answers,
        }
        rows = [expansion.signal, expansion.coefficients, approximation, kept]
        self._send_message(Message(content, [row.tobytes() for row in rows]))
        self._show_state(quality)
        self._background.do(self._when_it_rests(expansion, kept, approximation, quality))

    def _show_state(self, quality: SignalQuality) -> None:
        expansion = self._expansion
        # Arrays have no one answer to whether they are equal, so an observer would hear of the same ones.
        same = self.signal is expansion.signal and self.coefficients is expansion.coefficients
        self._show(
            **({} if same else {"signal": expansion.signal, "coefficients": expansion.coefficients}),
            representation=expansion.wavelet,
            levels=expansion.levels,
            kept=self._k,
            n=expansion.n,
            most_levels=checks.most_levels(expansion.n),
            energy_kept=finite(quality.energy_kept),
            relative_error=finite(quality.relative_error),
            snr=finite(quality.snr),
        )

    def _when_it_rests(
        self, expansion: SignalExpansion, kept: Booleans, approximation: Floats, quality: SignalQuality
    ) -> Job:
        """Yield what a saved notebook shows."""
        count = f"{int(kept.sum())} of {expansion.n} coefficients ({expansion.wavelet})"
        energy = finite(quality.energy_kept)
        summary = f"{self._title} from {count}" + ("" if energy is None else f": {energy:.1%} of the energy")
        summary = summary[0].upper() + summary[1:]
        picture = still.picture(expansion, kept, approximation)
        yield partial(self._show, snapshot={"picture": picture, "summary": summary})


def _first_k(n: int) -> int:
    """Return how many of n coefficients are kept at first."""
    return max(1, n // _FIRST_SHARE)
