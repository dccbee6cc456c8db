"""The sample photographs, which come with scikit-image."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, cast

from cartoonx_widgets.images.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Sample:
    """A photograph that scikit-image carries in its wheel.

    Attributes:
        name: The name by which `sample` and `read` find it.
        title: The name that widgets show.
        file: Its file in scikit-image's data folder.
        credit: Who took it, and on which terms, as the docstrings of `skimage.data` state them.
    """

    name: str
    title: str
    file: str
    credit: str


_SAMPLES = (
    Sample("coffee", "Coffee cup", "coffee.png", "Rachel Michetti, courtesy of Pikolo Espresso Bar; CC0"),
    Sample("chelsea", "Chelsea the cat", "chelsea.png", "Stefan van der Walt; CC0"),
    Sample("camera", "Man with a camera", "camera.png", "Lav Varshney; CC0"),
    Sample("rocket", "Rocket launch", "rocket.jpg", "SpaceX; public domain"),
    Sample("astronaut", "Astronaut Eileen Collins", "astronaut.png", "NASA; public domain"),
    Sample("clock", "Motion-blurred clock", "clock_motion.png", "Stefan van der Walt; public domain"),
)
SAMPLES: Mapping[str, Sample] = MappingProxyType({item.name: item for item in _SAMPLES})
"""The sample photographs by name; the first is the default."""

DEFAULT_SAMPLE = _SAMPLES[0].name
"""The name of the sample that a widget shows by default."""


def sample_names() -> tuple[str, ...]:
    """Return the names of the sample photographs; the first is the default.

    >>> sample_names()[0]
    'coffee'
    """
    return tuple(SAMPLES)


def open_sample(name: str) -> BinaryIO:
    """Open the file of a sample photograph.

    Raises:
        ImageError: If there is no such sample, or the installed scikit-image lacks it.
    """
    if name not in SAMPLES:
        raise ImageError(f"name {name!r} is no sample photograph; allowed are {', '.join(SAMPLES)}")
    try:
        # The folder itself, for the functions of skimage.data may download.
        spec = find_spec("skimage")  # which finds the folder and loads nothing
        package = Path(spec.origin if spec and spec.origin else "").parent
        return cast("BinaryIO", (package / "data" / SAMPLES[name].file).open("rb"))
    except FileNotFoundError as error:
        raise ImageError(f"sample {name!r} is not in the installed scikit-image; reinstall that") from error
