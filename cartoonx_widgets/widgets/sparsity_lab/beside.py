"""Two labs beside each other: what they share, the one takes from the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch

from cartoonx_widgets._checks import true_or_false
from cartoonx_widgets.widgets.shared.cells import as_in_this_cell
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.shared.traits import Settable
from cartoonx_widgets.widgets.sparsity_lab.python_code import LabWithCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from cartoonx_widgets.images import ImageSource
    from cartoonx_widgets.widgets.sparsity_lab.beside_messages import Beside
    from cartoonx_widgets.widgets.sparsity_lab.splitting import Splitting


class LabBeside(LabWithCode):
    """A lab that can have another one beside it."""

    beside = Settable(
        help="The lab that is shown to the right of this one, or None; set another, such as `lab.copy()`. The one that "
        "was there is closed.",
        to_json=lambda lab: lab and lab.model_id,
    )
    same_picture = Settable(
        True, help="Whether both labs have the same picture, and the same noise where both denoise; set it."
    )
    same_k = Settable(True, help="Whether both labs keep the same number of coefficients; set it.")

    _size: int
    _language: str
    _splitting: Splitting
    _beside: LabBeside | None = None
    _left: LabBeside | None = None  # the lab that this one is beside

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._shared = (True, True)  # picture and k, with the lab beside this one
        self._follows = False  # while it takes what the other lab shows
        self._in_its_cell = as_in_this_cell()
        super().__init__(texts)

    def copy(self) -> Self:
        """Return an independent lab with the same picture and settings."""
        with self._lock, self._in_its_cell():
            make = cast("Callable[..., Self]", type(self))
            other = make(
                self._shown.image,
                representation=self._splitting.given,
                size=self._size,
                language=self._language,
                name=self._shown.photograph,
            )
            if other.levels != self._splitting.levels:
                other.levels = self._splitting.levels
            other.bands_off = self._bands_off
            other.kept = self._k
            if self._denoising is not None:
                other.denoising = self._denoising
            return other

    def show(self, image: ImageSource, *, name: str | None = None) -> None:
        """Show another picture."""
        raise NotImplementedError

    def close(self) -> None:
        """End the widget, and the lab beside it; a second call does nothing."""
        if self._left is not None:
            self._left.beside = None
            return
        if self._beside is not None:
            self._beside.close()
        super().close()

    def _shared_handlers(self) -> dict[str, Callable[..., object]]:
        return super()._shared_handlers() | {
            "open_beside": self._open_beside,
            "close_beside": lambda: setattr(self, "beside", None),
            "share": self._share,
        }

    def _open_beside(self) -> None:
        with self._lock:
            if self._beside is None:
                self._put_beside(self.copy())

    def _set_beside(self, value: LabBeside | None) -> None:
        with self._lock:
            before = self._beside
            if value is not before:
                if value is not None:
                    self._check_beside(value)
                self._take_away()
                if value is not None:
                    self._put_beside(value)
            self._send_beside()
        if before is not None and value is not before:
            before.close()  # without the lock, since it waits for a thread

    def _check_beside(self, value: LabBeside) -> None:
        if not isinstance(value, LabBeside):
            raise TypeError(f"beside={value!r} must be a SparsityLab, such as lab.copy(), or None")
        if value is self:
            raise ValueError("beside: a lab cannot stand beside itself; take lab.copy()")
        if self.comm is None or value.comm is None:
            raise ValueError("beside: this lab is closed; make another with cx.sparsity_lab()")
        if self._left is not None or value._left is not None or value._beside is not None:
            raise ValueError("beside: two labs stand beside each other, and one of these has another beside it already")
        if value._size != self._size:
            raise ValueError(
                f"beside: its pictures have {value._size} pixels a side, those of this lab {self._size}; make it with "
                f"size={self._size}"
            )

    def _put_beside(self, other: LabBeside) -> None:
        """Show another lab beside this one; what is alike in them stays alike."""
        with other._lock:
            other._lock = self._lock  # one for both, since each sets the other
            self._beside, other._left = other, self
        self._share(picture=torch.equal(self._shown.image, other._shown.image), k=self._k == other._k)
        other._send_beside()

    def _take_away(self) -> None:
        if self._beside is not None:
            self._beside._left = None  # noqa: SLF001 - our own
        self._beside = None

    def _set_same_picture(self, value: bool) -> None:
        self._share(picture=true_or_false("same_picture", value), k=self.same_k)

    def _set_same_k(self, value: bool) -> None:
        self._share(picture=self.same_picture, k=true_or_false("same_k", value))

    def _share(self, picture: bool, k: bool) -> None:
        with self._lock:
            self._shared = picture, k
            self._lead()
            self._send_beside()

    def _lead(self) -> None:
        """Let the other lab take what both share, after this one has changed."""
        other = self._beside or self._left
        if other is not None and not self._follows:
            LabBeside._follow(other, self)

    def _follow(self, leader: LabBeside) -> None:
        picture, k = leader._shared if leader._beside is self else self._shared
        self._follows = True
        try:
            if picture and not torch.equal(self._shown.image, leader._shown.image):
                self.show(leader._shown.image, name=leader._shown.photograph)
            if k and self._k != (wanted := min(leader._k, self._shown.frame.n)):
                self.kept = wanted
            if picture and self._denoising and leader._denoising:
                sigma = leader._denoising["sigma"]
                if self._denoising["sigma"] != sigma:
                    self.denoising = self._denoising | {"sigma": sigma}
        except Exception as error:  # noqa: BLE001 - shown in this lab, which stays usable
            self._send_error(error)
        finally:
            self._follows = False

    def _denoise(self, settings: Mapping[str, Any] | None, answers: int | None = None) -> None:
        with self._lock:
            super()._denoise(settings, answers)
            self._lead()

    def _send_beside(self) -> None:
        """Tell the page, and who observes, what stands beside this lab."""
        picture, k = self._shared
        self._show(beside=self._beside, same_picture=picture, same_k=k)
        content: Beside = {
            "type": "beside",
            "model": None if self._beside is None else self._beside.model_id,
            "is_second": self._left is not None,
            "picture": picture,
            "k": k,
        }
        self._send_message(Message(content, []))
