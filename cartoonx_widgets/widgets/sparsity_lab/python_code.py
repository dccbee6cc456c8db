"""The code that makes what the lab shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch

from cartoonx_widgets import drawings, images
from cartoonx_widgets.drawings import DRAWINGS
from cartoonx_widgets.widgets.shared.python_code import Script, WritesPython, photograph
from cartoonx_widgets.widgets.sparsity_lab.denoising import DenoisingLab

if TYPE_CHECKING:
    from cartoonx_widgets.widgets.sparsity_lab.decomposition import Decomposition


class LabWithCode(DenoisingLab, WritesPython):
    """A lab that can tell the code that makes what it shows."""

    _k: int
    _bands_off: frozenset[str]

    def to_python(self) -> str:
        """Return Python code that makes what is shown: the approximation, its PSNR and SSIM, and what is denoised.

        A photograph of your own is "photo.jpg".
        """
        with self._lock:
            script = Script()
            shown = self._shown
            basis = script.value(shown.representation, "representation")
            off = script.value(tuple(sorted(self._bands_off)), "bands_off")
            allowed = f", coefficients.allowed({off})" if self._bands_off else ""
            lines = [
                f"image = {_picture(script, shown)}",
                f"coefficients = sparsity.expand(image, {basis})",
                f"approximation = coefficients.keep({self._k}{allowed})",
                "print(sparsity.psnr(image, approximation), sparsity.ssim(image, approximation))",
            ]
            script.imported("cartoonx_widgets", "sparsity")
            if self._denoising is not None:
                lines += ["", *_denoised(script, basis, self._denoising)]
            return script.text(*lines)


def _picture(script: Script, shown: Decomposition) -> str:
    name, side = shown.photograph, shown.image.shape[1]
    if name in DRAWINGS and torch.equal(drawings.draw(name, side), shown.image):
        return f'{script.imported("cartoonx_widgets", "drawings")}.draw("{name}", {side})'
    script.imported("cartoonx_widgets", "images")
    source = photograph(name, shown.image, partial(images.fit, size=side))
    own = "  # your photograph" if source.startswith('"photo.') else ""
    return f"images.fit(images.{'read' if own else 'sample'}({source}), {side}){own}"


def _denoised(script: Script, basis: str, settings: dict[str, object]) -> list[str]:
    defaults: dict[str, object] = {"kind": "soft", "threshold": None, "by_scale": {}}
    changed = [
        f", {name}={script.value(settings[name], name)}" for name, usual in defaults.items() if settings[name] != usual
    ]
    sigma = script.value(settings["sigma"], "sigma")
    return [
        f"noisy = sparsity.add_noise(image, {sigma})",
        f"denoised = sparsity.denoise(sparsity.expand(noisy, {basis}), {sigma}{''.join(changed)})",
        "print(sparsity.psnr(image, denoised), sparsity.ssim(image, denoised))",
    ]
