"""The sparsity lab: what the k largest coefficients of a picture give, live."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import traitlets

from cartoonx_widgets import drawings, images, sparsity
from cartoonx_widgets._checks import whole
from cartoonx_widgets._neutral import neutral
from cartoonx_widgets.figures import strip
from cartoonx_widgets.images import DEFAULT_SAMPLE
from cartoonx_widgets.languages import ENGLISH, texts
from cartoonx_widgets.recording.recording import name_of as name_of_photograph
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.snapshots import snapshot
from cartoonx_widgets.widgets.shared.traits import Settable, shown
from cartoonx_widgets.widgets.shared.uploads import Upload
from cartoonx_widgets.widgets.sparsity_lab import build_messages, choices, messages
from cartoonx_widgets.widgets.sparsity_lab.background import Background
from cartoonx_widgets.widgets.sparsity_lab.beside import LabBeside
from cartoonx_widgets.widgets.sparsity_lab.decomposition import OWN, Decomposition, Quality, finite, quality
from cartoonx_widgets.widgets.sparsity_lab.page import write_page
from cartoonx_widgets.widgets.sparsity_lab.splitting import Splitting

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Mapping

    from torch import Tensor

    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.representations import Representation
    from cartoonx_widgets.sparsity import Expansion
    from cartoonx_widgets.sparsity.expansion import Booleans
    from cartoonx_widgets.widgets.sparsity_lab.background import Job

_LEAST_SIZE, _MOST_SIZE = 32, 1024
_FIRST_REPRESENTATION = "db3"
_FIRST_SHARE = 20  # one of so many pixels is kept at first
_PREPARED = 512  # pixels a side, up to which slow transforms are made ready while nothing else is to be done
_BETWEEN_CURVES = 0.4  # seconds, at least, for a page takes a while to draw them


def sparsity_lab(
    image: ImageSource = DEFAULT_SAMPLE,
    *,
    representation: Representation | str | None = None,
    size: int = 256,
    language: str = ENGLISH,
) -> SparsityLab:
    """Return a live widget that approximates a picture by the k largest of its wavelet or other coefficients.

    It needs no classifier and no GPU.

    Args:
        image: a path, the name of a sample photograph or of a drawing ("figures", "edge", "texture", "noise"), encoded
            bytes, PIL image, array or tensor; a sample by default.
        representation: any of the package's, or a name: "haar", "db2" to "db8", "sym4" to "sym8" or another discrete
            wavelet of PyWavelets, "dual-tree", "shearlets"; "db3" by default. Wavelets given by name are continued
            periodically, so that there are as many coefficients as pixels.
        size: side in pixels, from 32 to 1024, of the square to which the picture's centre is resized.
        language: of the labels, "en" or "de".

    Raises:
        ImageError: the image cannot be read, or is too small or too large.
        ValueError: a representation, size or language that does not exist or does not fit.
        TypeError: a representation that is neither a name nor a representation.
    """
    return SparsityLab(image, representation=representation, size=size, language=language)


class SparsityLab(LabBeside):
    """The teaching widget, which `sparsity_lab` makes; every control is a trait or a method too."""

    _esm = assets.script("sparsity_lab")
    _css = assets.style("sparsity_lab")
    _from_page = messages.FromPage

    kept = Settable(help="k, how many coefficients are kept, from 0 to `n`; set it, and the pictures follow.")
    representation = Settable(
        help="The representation of the picture, with its levels; set another, or a name.",
        to_json=lambda representation: representation and choices.name_of(representation),
    )
    levels = Settable(help="How often the picture is split, from 0, which is the picture itself, to `most_levels`.")
    bands_off = Settable(
        frozenset(),
        help="The names of the bands that are switched off, whose coefficients are dropped; set others.",
        to_json=sorted,
    )
    photograph = shown(traitlets.Unicode, help="Name of the picture.")
    n = shown(traitlets.Int, help="How many coefficients there are, as real numbers for each colour.")
    most_levels = shown(traitlets.Int, help="How often the representation can split the picture.")
    bands = shown(
        traitlets.Tuple, help='The names of the bands, coarse to fine, such as "lowpass", "h5", "v5" and "d5".'
    )
    psnr = shown(
        traitlets.Float,
        None,
        allow_none=True,
        help="Of what is kept, in dB, for the current representation; None where nothing is lost.",
    )
    ssim = shown(
        traitlets.Float,
        None,
        allow_none=True,
        help="Of what is kept, for the current representation; None until it has been computed.",
    )

    def __init__(
        self,
        image: ImageSource = DEFAULT_SAMPLE,
        *,
        representation: Representation | str | None = None,
        size: int = 256,
        language: str = ENGLISH,
        name: str | None = None,
    ) -> None:
        translations = texts(language)
        self._language = language
        self._size = whole("size", size, least=_LEAST_SIZE, most=_MOST_SIZE, unit="pixels", more="; take 256")
        self._lock = threading.RLock()
        self._background = Background(self._send_error, name="sparsity-lab")
        self._upload = Upload()
        self._run = 1
        self._bands_off: frozenset[str] = frozenset()
        tensor, own_name = self._read(image)
        self._first = Splitting.first(_FIRST_REPRESENTATION if representation is None else representation, self._size)
        self._splitting = self._first
        self._shown = Decomposition(tensor, name or own_name, self._first.representation)
        self._k = tensor[0].numel() // _FIRST_SHARE
        super().__init__(translations)
        own = self._shown.frame.synthesise(self._shown.frame.kept(self._k, self._allowed))
        self._show_state(psnr=finite(sparsity.psnr(self.image, own)))

    def split(self) -> None:
        """Split the lowpass once more.

        Raises:
            ValueError: it cannot be split any further.
        """
        self.levels = self._splitting.levels + 1

    def merge(self) -> None:
        """Undo the coarsest split.

        Raises:
            ValueError: there are no levels.
        """
        self.levels = self._splitting.levels - 1

    @property
    def image(self) -> Tensor:
        """Return the picture, (3, H, W) in [0, 1]."""
        return self._shown.image

    @property
    def expansions(self) -> dict[str, Expansion]:
        """Return the coefficients of the picture, by "representation", and of "pixels", "fourier" and "cosine"."""
        return dict(self._shown.expansions)

    @property
    def approximation(self) -> Tensor:
        """Return the picture (3, H, W) from the coefficients that are kept, not clamped to [0, 1]."""
        return self.approximations[OWN]

    @property
    def approximations(self) -> dict[str, Tensor]:
        """Return the approximations by the same number of coefficients, with the keys of `expansions`."""
        with self._lock:
            return self._shown.approximations(self._k, self._shown.frame.kept(self._k, self._allowed))

    @property
    def quality(self) -> dict[str, Quality]:
        """Return PSNR in dB and SSIM of each approximation, with the keys of `expansions`."""
        return {key: quality(self.image, picture) for key, picture in self.approximations.items()}

    @neutral()
    def show(self, image: ImageSource, *, name: str | None = None) -> None:
        """Show another picture.

        Raises:
            ImageError: the image cannot be read, or is too small or too large; the present one stays.
        """
        with self._lock:
            tensor, own_name = self._read(image)
            self._begin(image=tensor, photograph=name or own_name)

    def reset(self) -> None:
        """Set everything but the picture back to its initial state."""
        with self._lock:
            self._k = self.image[0].numel() // _FIRST_SHARE
            self._bands_off = frozenset()
            if self._denoising is not None:
                self._denoise(None)
            self._begin(splitting=self._first)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until all figures have been computed; return False if they are not within `timeout` seconds."""
        return self._background.wait(timeout) and self._ssim.wait(timeout)

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the lab as a page that needs neither kernel nor network: its transforms are computed in the browser.

        It starts in the lab's current state, and has the orthogonal wavelets of the list, the sample photographs, all
        drawings except "noise", and uploads. Its pictures have 8 bits a colour. It lacks the Fourier and cosine
        transforms. At 256 pixels a side it takes less than 1.5 MB.

        Raises:
            ValueError: the representation is no orthogonal wavelet, or its mode is neither "periodization" nor "zero".
            OSError: it cannot be written.
        """
        with self._lock:
            write_page(self._shown, self._splitting, self._state(), path, language=self._language)

    def close(self) -> None:
        """End the widget with its threads, and the lab beside it; a second call does nothing."""
        # ipywidgets closes what is deleted, also where __init__ raised before there was a thread.
        for name in ("_background", "_ssim"):
            if background := getattr(self, name, None):
                background.close()
        super().close()

    def _in_words(self) -> str:
        return f"The sparsity lab of {self.photograph!r}: run this cell to see it."

    def _set_kept(self, value: int) -> None:
        self._keep(value)

    def _set_representation(self, value: Representation | str) -> None:
        with self._lock:
            self._begin(splitting=self._splitting.by(value))

    def _set_levels(self, value: int) -> None:
        with self._lock:
            self._begin(splitting=self._splitting.times(value))

    def _set_bands_off(self, value: Collection[str]) -> None:
        with self._lock:
            names = {value} if isinstance(value, str) else set(value)
            if unknown := sorted(map(str, names - set(self._names))):
                raise ValueError(f"bands_off={unknown} are no bands; choose among {', '.join(self._names)}")
            self._bands_off = frozenset(names)
            self._shown.switch(self._allowed)
            self._send_kept()

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "ready": self._send_everything,
            "keep": self._keep,
            "photograph": self._show_known,
            "upload": partial(self._upload.receive, self.show),
            "representation": lambda name: setattr(self, "representation", name),
            "levels": lambda levels: setattr(self, "levels", levels),
            "bands": lambda off: setattr(self, "bands_off", off),
            "coefficient": self._pick_coefficient,
            "pixel": self._pick_pixel,
            "denoise": self._denoise_from_page,
            "stop_denoising": lambda: self._denoise(None),
            "reset": self.reset,
        }

    def _keep(self, k: int, answers: int | None = None) -> None:
        with self._lock:
            self._k = self._shown.frame.checked(k)
            self._send_kept(answers)

    def _show_known(self, name: str) -> None:
        # By name alone: a page must not choose files of the kernel's machine.
        self.show(drawings.draw(name, self._size) if name in drawings.DRAWINGS else images.sample(name), name=name)

    def _pick_coefficient(self, band: int, row: int, column: int) -> None:
        with self._lock:
            whole("band", band, least=0, most=len(self._names) - 1)
            self._send_message(build_messages.coefficient(self._shown, run=self._run, band=band, cell=(row, column)))

    def _pick_pixel(self, row: int, column: int) -> None:
        with self._lock:
            self._send_message(build_messages.pixel(self._shown, run=self._run, row=row, column=column))

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(band.name for band in self._shown.frame.transform.bands)

    @property
    def _allowed(self) -> Booleans | None:
        return self._shown.frame.allowed(self._bands_off)

    @neutral()
    def _begin(self, *, image: Tensor | None = None, photograph: str = "", splitting: Splitting | None = None) -> None:
        """Take apart anew what is not given as it was; where that fails, all stays as it was."""
        if image is None:
            image, photograph = self.image, self._shown.photograph
        splitting = splitting or self._splitting
        self._shown = Decomposition(image, photograph, splitting.representation, self._shown)
        self._splitting = splitting
        self._run += 1
        self._k = min(self._k, self._shown.frame.n)
        self._bands_off = self._bands_off & set(self._names)
        self._shown.switch(self._allowed)
        self._send_everything()

    def _read(self, image: ImageSource) -> tuple[Tensor, str]:
        """Return the picture, fitted, and its name."""
        if isinstance(image, str) and image in drawings.DRAWINGS and not Path(image).is_file():
            return drawings.draw(image, self._size), image
        name = name_of_photograph(image)
        return images.fit(images.read(image), self._size), name

    def _show_quality(self, shown: Decomposition, k: int, own: Tensor, ssim: float) -> None:
        """Show what takes longer to find, and the picture that a saved notebook keeps."""
        name = choices.name_of(shown.representation)
        psnr = sparsity.psnr(shown.image, own)
        summary = f"{shown.photograph} from {k} of {shown.frame.n} coefficients ({name}): {psnr:.1f} dB"
        picture = strip.in_a_row(
            [images.to_uint8(shown.image), images.to_uint8(own.clamp(0, 1))],
            [shown.photograph, name],
            title=summary,
            details=f"SSIM {ssim:.3f}",
        )
        self._show(ssim=ssim, snapshot=snapshot(picture, summary))

    def _send_controls(self) -> None:
        self._send_message(build_messages.state(self._state()))

    def _send_everything(self) -> None:
        with self._lock:
            self._send_message(build_messages.setup(self._shown, run=self._run, controls=self._state()))
            self._send_kept()
            self._denoise_again()
            self._send_beside()

    def _state(self) -> messages.Controls:
        """Return where the controls stand."""
        return {
            "photograph": self._shown.photograph,
            "representation": self._splitting.name,
            "levels": self._splitting.levels,
            "most": self._splitting.most,
            "k": self._k,
            "off": sorted(self._bands_off),
        }

    def _show_state(self, **figures: float | None) -> None:
        self._show(
            kept=self._k,
            representation=self._shown.representation,
            levels=self._splitting.levels,
            bands_off=self._bands_off,
            photograph=self._shown.photograph,
            n=self._shown.frame.n,
            most_levels=self._splitting.most,
            bands=self._names,
            **figures,
        )

    def _send_kept(self, answers: int | None = None) -> None:
        shown, k, off, run = self._shown, self._k, self._bands_off, self._run
        mask = shown.frame.kept(k, self._allowed)
        pictures = shown.approximations(k, mask)
        message = build_messages.kept(shown, pictures, run=run, k=k, mask=mask, bands_off=off, answers=answers)
        self._send_message(message)
        self._show_state(psnr=finite(sparsity.psnr(shown.image, pictures[OWN])), ssim=None)
        self._background.do(self._later(pictures, mask))
        self._lead()

    def _later(self, pictures: dict[str, Tensor], mask: Booleans) -> Job:
        """Yield what takes longer, in small parts: SSIM and energies of what is kept, then the curves over k."""
        shown, k, off, run = self._shown, self._k, self._bands_off, self._run
        ssim = {}
        for key, picture in pictures.items():
            ssim[key] = sparsity.ssim(shown.image, picture)
            yield None
        yield partial(self._send_message, build_messages.figures(shown, ssim, run=run, k=k, mask=mask, bands_off=off))
        yield partial(self._show_quality, shown, k, pictures[OWN], ssim[OWN])
        sent = time.monotonic()
        for complete in shown.grow_curves():
            due = complete or time.monotonic() > sent + _BETWEEN_CURVES
            yield partial(self._send_message, build_messages.curves(shown, run=run, complete=complete)) if due else None
            sent = time.monotonic() if due else sent
        if self._size <= _PREPARED:
            for name in ("dual-tree", "shearlets"):
                choices.prepare(name, self._splitting.levels, self._size)
                yield None
