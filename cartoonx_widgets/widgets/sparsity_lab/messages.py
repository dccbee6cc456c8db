"""What the sparsity lab and its page send each other."""

from __future__ import annotations

from typing import Literal, TypedDict

from cartoonx_widgets.widgets.run_view import messages as run_messages  # noqa: TC001 - read when a TypedDict is
from cartoonx_widgets.widgets.shared.messages import (
    ChooseLevels,
    CodeMessage,
    CodeRequest,
    ErrorMessage,
    Keep,
    Library,
    LibraryRequest,
    Photograph,
    Ready,
    Upload,
)
from cartoonx_widgets.widgets.sparsity_lab.beside_messages import Beside, CloseBeside, OpenBeside, Share
from cartoonx_widgets.widgets.sparsity_lab.denoising_messages import (
    Denoise,
    Denoised,
    DenoisedFigures,
    DenoisingStopped,
    StopDenoising,
)

# To the page.


class Controls(TypedDict):
    """Where the controls stand.

    Attributes:
        photograph: what the picture is called.
        representation: its name.
        levels: how often the picture is split.
        most: how often it can be.
        k: how many coefficients are kept.
        off: the names of the bands that are switched off.
    """

    photograph: str
    representation: str
    levels: int
    most: int
    k: int
    off: list[str]


class Line(TypedDict):
    """Sorted magnitudes at some ranks; null where one is 0."""

    rank: list[int]
    magnitude: list[float | None]


class Decay(TypedDict):
    """A power law fitted to sorted magnitudes: that of rank m is about scale * m^(-rate).

    Attributes:
        rate: null where there is too little to fit.
        scale: null where there is too little to fit.
        first: rank that was fitted, counted from 1.
        last: rank that was fitted.
    """

    rate: float | None
    scale: float | None
    first: int
    last: int


class Setup(Controls):
    """All that stays as it is until another picture or representation is chosen.

    Buffers: the photograph (JPEG), and the mosaic's cells, uint8.

    Attributes:
        run: counts the decompositions.
        photographs: that can be chosen.
        drawings: that can be chosen.
        names: of the representations that can be chosen.
        size: rows and columns of the picture.
        n: how many coefficients there are, for each colour.
        bands: of the representation, in their order.
        directional: whether their directions are angles.
        mosaic: where their tiles stand.
        colours: of the mosaic, from 0 to 1.
        energies: of each band.
        lines: sorted magnitudes, by "representation", "pixels", "fourier", "cosine".
        decays: of the same.
    """

    type: Literal["setup"]
    run: int
    photographs: list[Photograph]
    drawings: list[Photograph]
    names: tuple[str, ...]
    size: tuple[int, int]
    n: int
    bands: list[run_messages.Band]
    directional: bool
    mosaic: run_messages.Mosaic
    colours: tuple[str, ...]
    energies: list[float]
    lines: dict[str, Line]
    decays: dict[str, Decay]


class State(Controls):
    """Where the controls stand, after something was refused."""

    type: Literal["state"]


class Kept(TypedDict):
    """What the k largest coefficients give.

    Buffers: which cells of the mosaic are kept, eight to a byte; and the approximations below each other in one picture
    (JPEG).

    Attributes:
        run: which setup it belongs to.
        k: how many were asked for.
        count: how many are kept, without those of bands that are off.
        off: the names of these bands.
        psnr: of each approximation, in dB, in the order of the pictures; null where it is infinite.
        strip: rows of each approximation in the picture.
        answers: number of the page's request; null where Python asked.
    """

    type: Literal["kept"]
    run: int
    k: int
    count: int
    off: list[str]
    psnr: dict[str, float | None]
    strip: int
    answers: int | None


class FiguresMessage(TypedDict):
    """What takes longer about the k largest.

    Attributes:
        run: which setup they belong to.
        k: how many are kept.
        off: the names of the bands that are switched off.
        ssim: of each approximation.
        energies: of each band, what is kept of it.
    """

    type: Literal["figures"]
    run: int
    k: int
    off: list[str]
    ssim: dict[str, float]
    energies: list[float]


class Curve(TypedDict):
    """PSNR in dB, null where it is infinite, and SSIM over k."""

    k: list[int]
    psnr: list[float | None]
    ssim: list[float]


class CurvesMessage(TypedDict):
    """PSNR and SSIM over k of the representation and the bases, as far as they are known."""

    type: Literal["curves"]
    run: int
    curves: dict[str, Curve]
    complete: bool


class PickedCoefficient(TypedDict):
    """One coefficient, the largest of its cell.

    Buffer: the picture that it stands for, around middle grey, over the faint photograph (JPEG).

    Attributes:
        run: which setup it belongs to.
        band: its index.
        cell: row and column in the band's tile.
        row: in the band.
        column: in the band.
        magnitude: its size, over the colours.
        rank: by that, counted from 1.
        support: first row and column, last row and column of what is seen of its picture.
        values: of the three colours.
    """

    type: Literal["picked"]
    kind: Literal["coefficient"]
    run: int
    band: int
    cell: tuple[int, int]
    row: int
    column: int
    magnitude: float
    rank: int
    support: tuple[int, int, int, int]
    values: list[float]


class PickedPixel(TypedDict):
    """Which coefficients cover a pixel.

    Buffer: for each cell of the mosaic how strongly the strongest of its coefficients does, uint8; 0 where none does.

    Attributes:
        run: which setup it belongs to.
        row: of the pixel.
        column: of the pixel.
        count: of the coefficients.
        counts: of each scale, and of the "lowpass".
    """

    type: Literal["picked"]
    kind: Literal["pixel"]
    run: int
    row: int
    column: int
    count: int
    counts: dict[str, int]


ToPage = (
    Setup
    | State
    | Kept
    | FiguresMessage
    | CurvesMessage
    | PickedCoefficient
    | PickedPixel
    | Denoised
    | DenoisedFigures
    | DenoisingStopped
    | Beside
    | ErrorMessage
    | CodeMessage
    | Library
)


# From the page.


class ChoosePhotograph(TypedDict):
    """Take another photograph or drawing apart, by its name."""

    type: Literal["photograph"]
    name: str


class ChooseRepresentation(TypedDict):
    """Take the picture apart in another way, by its name."""

    type: Literal["representation"]
    name: str


class SwitchBands(TypedDict):
    """Switch these bands off, by their names, and all others on."""

    type: Literal["bands"]
    off: list[str]


class PickCoefficient(TypedDict):
    """Show the largest coefficient of a cell, by the index of its band, and row and column in the band's tile."""

    type: Literal["coefficient"]
    band: int
    row: int
    column: int


class PickPixel(TypedDict):
    """Show which coefficients cover a pixel."""

    type: Literal["pixel"]
    row: int
    column: int


class Reset(TypedDict):
    """Set everything but the picture back to what it was at first."""

    type: Literal["reset"]


FromPage = (
    Ready
    | Keep
    | ChoosePhotograph
    | Upload
    | ChooseRepresentation
    | ChooseLevels
    | SwitchBands
    | PickCoefficient
    | PickPixel
    | Denoise
    | StopDenoising
    | OpenBeside
    | CloseBeside
    | Share
    | Reset
    | CodeRequest
    | LibraryRequest
)


# What a page without a kernel holds.


class WrittenWavelet(TypedDict):
    """An orthogonal wavelet.

    Attributes:
        low: its filter `dec_lo`.
        high: its filter `dec_hi`.
        mode: how the picture goes on beyond its border.
        levels: how often it splits the picture at first.
        most: how often it can.
        layouts: the key of its layouts.
    """

    low: list[float]
    high: list[float]
    mode: Literal["zero", "periodization"]
    levels: int
    most: int
    layouts: str


class WrittenLayout(TypedDict):
    """The bands of a split picture, and where their tiles stand."""

    bands: list[run_messages.Band]
    mosaic: run_messages.Mosaic


class Limits(TypedDict):
    """What a picture may have.

    Attributes:
        side: pixels, at least.
        pixels: in all, at most.
    """

    side: int
    pixels: int


class WrittenLab(TypedDict):
    """A lab as it stands, and all that it can be asked for.

    Attributes:
        controls: where they stand.
        side: of the picture, in pixels.
        photographs: that can be chosen.
        drawings: that can be chosen.
        pictures: these and the present one, each as a file in base64, by their names.
        wavelets: by their names.
        layouts: after 0, 1, 2, ... splits.
        colours: of the mosaic, from 0 to 1.
        limits: of pictures that are uploaded.
    """

    controls: Controls
    side: int
    photographs: list[Photograph]
    drawings: list[Photograph]
    pictures: dict[str, str]
    wavelets: dict[str, WrittenWavelet]
    layouts: dict[str, list[WrittenLayout]]
    colours: tuple[str, ...]
    limits: Limits
