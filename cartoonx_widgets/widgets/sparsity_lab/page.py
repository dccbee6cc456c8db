"""The lab as a page that needs neither kernel nor network: its transforms are computed in the browser."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, TypeGuard

import pywt

from cartoonx_widgets import images
from cartoonx_widgets._files import write_whole
from cartoonx_widgets.drawings import DRAWINGS, draw
from cartoonx_widgets.figures import mosaic
from cartoonx_widgets.images.encoding import data_url, in_base64, smaller
from cartoonx_widgets.languages import texts
from cartoonx_widgets.representations import Wavelet
from cartoonx_widgets.representations.sizes import silent_transform
from cartoonx_widgets.widgets.run_view import messages as run_messages
from cartoonx_widgets.widgets.shared import assets
from cartoonx_widgets.widgets.shared.html import page
from cartoonx_widgets.widgets.sparsity_lab import choices

if TYPE_CHECKING:
    import os

    from cartoonx_widgets.representations import Representation
    from cartoonx_widgets.widgets.sparsity_lab.decomposition import Decomposition
    from cartoonx_widgets.widgets.sparsity_lab.messages import Controls, WrittenLab, WrittenLayout, WrittenWavelet
    from cartoonx_widgets.widgets.sparsity_lab.splitting import Splitting

_MODES = ("periodization", "zero")
_TOO_LARGE = ("noise",)  # no file holds it in less than its pixels take


def write_page(
    shown: Decomposition, splitting: Splitting, controls: Controls, path: str | os.PathLike[str], *, language: str
) -> None:
    """Write the page that `SparsityLab.to_html` promises."""
    content, translations = written(shown, splitting, controls), texts(language)
    name = html.escape(shown.photograph)
    still = data_url(images.to_jpeg(shown.image), "jpeg")
    data = page(
        "sparsity_lab",
        title=translations.get("Sparsity lab", "Sparsity lab"),
        language=language,
        still=f'<section class="cx-panel"><img class="cx-still" alt="{name}" src="{still}"></section>',
        values={
            "texts": translations,
            "content": content,
            "worker": assets.script("sparsity_lab", "worker"),
        },
    )
    write_whole(path, data)


def written(shown: Decomposition, splitting: Splitting, controls: Controls) -> WrittenLab:
    """Return what the page holds.

    Raises:
        ValueError: the representation is none that the page can compute.
    """
    side, given = splitting.side, splitting.given
    if not _is_computed(given):
        raise ValueError(
            f"representation={splitting.name!r} has no page: a browser computes orthogonal wavelets, continued by "
            f"'periodization' or 'zero'; set lab.representation to one of {', '.join(map(repr, _names()))} first"
        )
    wavelets = {name: choices.named(name, side) for name in _names()} | {splitting.name: given}
    deepest = sorted(wavelets.values(), key=lambda one: choices.most_levels(one, side))
    drawings = {name: drawing for name, drawing in DRAWINGS.items() if name not in _TOO_LARGE}
    pictures = {name: images.fit(images.sample(name), side) for name in images.SAMPLES}
    pictures |= {name: draw(name, side) for name in drawings}
    return {
        "controls": controls,
        "side": side,
        "photographs": [{"name": sample.name, "title": sample.title} for sample in images.SAMPLES.values()],
        "drawings": [{"name": drawing.name, "title": drawing.title} for drawing in drawings.values()],
        "pictures": {
            name: in_base64(smaller(images.to_png(image)))
            for name, image in (pictures | {shown.photograph: shown.image}).items()
        },
        "wavelets": {name: _wavelet(one, side) for name, one in wavelets.items()},
        "layouts": {_bands_of(one): _layouts(one, side) for one in {_bands_of(one): one for one in deepest}.values()},
        "colours": mosaic.COLOURS,
        "limits": {"side": images.MIN_SIDE, "pixels": images.MAX_PIXELS},
    }


def _names() -> list[str]:
    """Return the names in the lab's list of what the page can compute."""
    return [name for name in choices.NAMES if name in pywt.wavelist(kind="discrete")]


def _is_computed(representation: Representation) -> TypeGuard[Wavelet]:
    if not isinstance(representation, Wavelet) or representation.mode not in _MODES:
        return False
    return bool(pywt.Wavelet(representation.wavelet).orthogonal)


def _wavelet(representation: Representation, side: int) -> WrittenWavelet:
    assert _is_computed(representation)
    filters = pywt.Wavelet(representation.wavelet)
    return {
        "low": filters.dec_lo,
        "high": filters.dec_hi,
        "mode": "zero" if representation.mode == "zero" else "periodization",
        "levels": choices.first_levels(representation, side),
        "most": choices.most_levels(representation, side),
        "layouts": _bands_of(representation),
    }


def _bands_of(representation: Representation) -> str:
    """Return the same for wavelets whose bands are alike, but for how many there are."""
    assert _is_computed(representation)
    if representation.mode == "periodization":
        return "periodization"
    return f"zero, {pywt.Wavelet(representation.wavelet).dec_len} taps"


def _layouts(representation: Representation, side: int) -> list[WrittenLayout]:
    found: list[WrittenLayout] = []
    for times in range(choices.most_levels(representation, side) + 1):
        bands = silent_transform(choices.split(representation, times), (side, side)).bands
        found.append({"bands": run_messages.tiles(bands), "mosaic": run_messages.layout(bands)})
    return found
