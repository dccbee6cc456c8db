"""The lab's mode that adds noise to its picture and takes it out again, by thresholds in four bases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cartoonx_widgets import images, sparsity
from cartoonx_widgets._checks import number, share
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.widgets.shared.base import Widget
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.shared.traits import Settable
from cartoonx_widgets.widgets.sparsity_lab.background import Background
from cartoonx_widgets.widgets.sparsity_lab.build_messages import below_each_other
from cartoonx_widgets.widgets.sparsity_lab.decomposition import COMPARED, OWN, Decomposition, finite, quality

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from torch import Tensor

    from cartoonx_widgets.sparsity.thresholds import Kind
    from cartoonx_widgets.widgets.sparsity_lab.background import Job
    from cartoonx_widgets.widgets.sparsity_lab.decomposition import Quality
    from cartoonx_widgets.widgets.sparsity_lab.denoising_messages import Denoised, DenoisedFigures, DenoisingStopped

NOISY = "noisy"
_SETTINGS: dict[str, Any] = {"sigma": 0.1, "kind": "soft", "threshold": None, "by_scale": {}}


class NoisyPicture:
    """A picture with noise, in the representation and in the bases that it is compared with; it never changes.

    Attributes:
        shown: the clean picture and its coefficients.
        sigma: standard deviation of the noise.
        image: (3, H, W), with noise.
        expansions: of it, with the keys of those of the clean picture.
    """

    def __init__(self, shown: Decomposition, sigma: float, other: NoisyPicture | None = None) -> None:
        self.shown: Decomposition = shown
        self.sigma = sigma
        if other is not None and other.shown.image is shown.image and other.sigma == sigma:
            self.image: Tensor = other.image
            compared: Mapping[str, sparsity.Expansion] = {name: other.expansions[name] for name in COMPARED}
        else:
            self.image = sparsity.add_noise(shown.image, sigma)
            compared = {name: sparsity.expand(self.image, name) for name in COMPARED}
        frame = sparsity.Frame(self.image, shown.frame.transform, shown.frame.name)
        self.expansions: dict[str, sparsity.Expansion] = {OWN: frame, **compared}

    @property
    def scales(self) -> list[int]:
        """Return the scales that have a threshold, from the finest on."""
        bands = self.shown.frame.transform.bands
        return sorted({band.scale for band in bands if band.orientation not in ("lowpass", "pixels")})

    def denoised(self, kind: Kind, threshold: float | None, by_scale: Mapping[int, float]) -> dict[str, Tensor]:
        """Return the noisy picture, by "noisy", and what a threshold leaves of it in each basis.

        Raises:
            ValueError: a threshold below 0, another kind, or a scale that there is not.
        """
        own = {OWN: by_scale}
        return {NOISY: self.image} | {
            key: sparsity.denoise(expansion, self.sigma, kind=kind, threshold=threshold, by_scale=own.get(key))
            for key, expansion in self.expansions.items()
        }


class DenoisingLab(Widget):
    """What a lab has for denoising."""

    denoising = Settable(
        help="Arguments `sigma`, `kind`, `threshold`, `by_scale` of `sparsity.denoise`; None while the mode is off. "
        "Set a dictionary with some of them; the others take their defaults, `sigma` 0.1.",
    )

    _shown: Decomposition
    _lock: threading.RLock
    _run: int

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._denoising: dict[str, Any] | None = None
        self._noisy: NoisyPicture | None = None
        self._ssim = Background(self._send_error, name="sparsity-lab-denoising")
        super().__init__(texts)

    @property
    def denoised(self) -> dict[str, Tensor]:
        """Return the noisy picture, by "noisy", and the denoised ones, by the keys of `expansions`.

        They are (3, H, W), not clamped to [0, 1].

        Raises:
            ValueError: the mode is off.
        """
        with self._lock:
            noisy, settings = self._now()
            return noisy.denoised(settings["kind"], settings["threshold"], settings["by_scale"])

    @property
    def denoised_quality(self) -> dict[str, Quality]:
        """Return PSNR in dB and SSIM of each picture of `denoised`, against the picture without noise.

        Raises:
            ValueError: the mode is off.
        """
        with self._lock:
            return {key: quality(self._shown.image, picture) for key, picture in self.denoised.items()}

    def _set_denoising(self, value: Mapping[str, Any] | None) -> None:
        self._denoise(value)

    def _denoise_from_page(
        self,
        sigma: float,
        kind: Kind,
        threshold: float | None,
        by_scale: Sequence[float | None],
        answers: int | None = None,
    ) -> None:
        given = {scale: size for scale, size in enumerate(by_scale, start=1) if size is not None}
        self._denoise({"sigma": sigma, "kind": kind, "threshold": threshold, "by_scale": given}, answers)

    @neutral()
    def _denoise(self, settings: Mapping[str, Any] | None, answers: int | None = None) -> None:
        """Take these settings; where they are refused, those of before stay."""
        with self._lock:
            if settings is None:
                self._denoising = self._noisy = None
                self._show(denoising=None)
                content: DenoisingStopped = {"type": "denoising_stopped"}
                self._send_message(Message(content, []))
                return
            checked = _checked(settings)
            noisy = self._noisy_picture(checked["sigma"])
            pictures = noisy.denoised(checked["kind"], checked["threshold"], checked["by_scale"])
            self._denoising, self._noisy = checked, noisy
            self._show(denoising=dict(checked))
            self._send_denoised(pictures, answers)

    def _denoise_again(self) -> None:
        """Denoise another picture, or in another representation, with the thresholds of the scales that it has."""
        if self._denoising is not None:
            scales = self._noisy_picture(self._denoising["sigma"]).scales
            kept = {scale: size for scale, size in self._denoising["by_scale"].items() if scale in scales}
            self._denoise(self._denoising | {"by_scale": kept})

    def _now(self) -> tuple[NoisyPicture, dict[str, Any]]:
        if self._noisy is None or self._denoising is None:
            raise ValueError("denoising is None, so nothing is denoised; set it, as in lab.denoising = {'sigma': 0.1}")
        return self._noisy, self._denoising

    def _noisy_picture(self, sigma: float) -> NoisyPicture:
        before = self._noisy
        if before is not None and before.shown is self._shown and before.sigma == sigma:
            return before
        return NoisyPicture(self._shown, sigma, before)

    def _send_denoised(self, pictures: Mapping[str, Tensor], answers: int | None) -> None:
        noisy, settings = self._now()
        sheet, rows = below_each_other(list(pictures.values()))
        clean, by_scale = noisy.shown.image, settings["by_scale"]
        content: Denoised = {
            "type": "denoised",
            "run": self._run,
            "sigma": settings["sigma"],
            "kind": settings["kind"],
            "threshold": settings["threshold"],
            "by_scale": [by_scale.get(scale) for scale in noisy.scales],
            "universal": sparsity.universal_threshold(noisy.shown.frame.n),
            "psnr": {key: finite(sparsity.psnr(clean, picture)) for key, picture in pictures.items()},
            "strip": rows,
            "answers": answers,
        }
        self._send_message(Message(content, [images.to_jpeg(sheet)]))
        self._ssim.do(self._find_ssim(clean, pictures, self._run, settings))

    def _find_ssim(self, clean: Tensor, pictures: Mapping[str, Tensor], run: int, settings: dict[str, Any]) -> Job:
        """Yield what takes longer, one picture after the other."""
        found = {}
        for key, picture in pictures.items():
            found[key] = sparsity.ssim(clean, picture)
            yield None

        def send() -> None:
            if self._denoising is settings and self._run == run:
                content: DenoisedFigures = {"type": "denoised_figures", "run": run, "ssim": found}
                self._send_message(Message(content, []))

        yield send


def _checked(settings: object) -> dict[str, Any]:
    """Return all settings, with those that are left out; `sparsity.denoise` checks the rest.

    Raises:
        TypeError: they are no dictionary.
        ValueError: an unknown one, or one out of range.
    """
    names = ", ".join(map(repr, _SETTINGS))
    if not isinstance(settings, Mapping):
        raise TypeError(f"denoising={settings!r} must be a dictionary with some of {names}, or None")
    if unknown := sorted(map(str, settings.keys() - _SETTINGS.keys())):
        raise ValueError(f"denoising has {unknown[0]!r}; its keys are {names}")
    found = _SETTINGS | dict(settings)
    if not isinstance(found["by_scale"], Mapping):
        raise TypeError(f"by_scale={found['by_scale']!r} must be a dictionary from scales to thresholds")
    by_scale = {scale: number(f"by_scale[{scale!r}]", size, least=0) for scale, size in found["by_scale"].items()}
    threshold = found["threshold"]
    return found | {
        "sigma": share("sigma", found["sigma"]),
        "threshold": None if threshold is None else number("threshold", threshold, least=0),
        "by_scale": by_scale,
    }
