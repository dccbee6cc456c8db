"""Functions that return a `Method`, each with the settings of its paper, or of our preset, as defaults.

Their arguments have the names and ranges of the attributes of `Method`, and these meanings:

- `representation`: the method's own by default.
- `lambda_l1`: the paper's by default, and 0 where `keep` is given.
- `keep`: a budget in place of `lambda_l1`: the largest share of the coefficients to keep, above 0 and below 1.
- `reference`: "original" measures the distortion against the photograph's probability, "one" against 1 (see
  `SquaredDifference`).
- `steps` and `samples`: where both are left out, an interactive method takes other numbers on a GPU than on a CPU.

A value out of range is a ValueError.
"""

from __future__ import annotations

from cartoonx_widgets._deprecated import renamed_arguments
from cartoonx_widgets.masking.distortions import CrossEntropy, Reference, SquaredDifference
from cartoonx_widgets.masking.masks import SmoothMask
from cartoonx_widgets.masking.method import Method
from cartoonx_widgets.masking.obfuscation import BlurredImage, GaussianNoise, UniformNoise
from cartoonx_widgets.representations import Pixel, Representation, Shearlet, Wavelet


def cartoonx(
    *,
    representation: Representation | None = None,
    lambda_l1: float | None = None,
    keep: float | None = None,
    learning_rate: float = 1e-3,
    steps: int = 2000,
    samples: int = 64,
    reference: Reference = "original",
) -> Method:
    """Return CartoonX as published (Kolek et al., ECCV 2022, sections 4 and 5).

    A mask on the wavelet coefficients starts from ones and is optimised by Adam, with 64 samples of Gaussian noise a
    step, adapted to each scale. `reference="one"` is "maximize target" in the authors' code. On a redundant
    representation (dual-tree, shearlets) the noise is Gaussian too, but, as in ShearletX, adapted to each band and
    shared by the colours; that is ours.

    >>> cartoonx().lambda_l1, cartoonx().steps, cartoonx().samples
    (20.0, 2000, 64)
    """
    representation = representation or Wavelet()
    return Method(
        name="CartoonX",
        representation=representation,
        obfuscation=_gaussian_for(representation),
        distortion=SquaredDifference(reference),
        lambda_l1=_l1_weight(lambda_l1, 20.0, keep),
        keep=keep,
        learning_rate=learning_rate,
        steps=steps,
        samples=samples,
    )


@renamed_arguments(noise_free="clean_fraction")
def cartoonx_interactive(
    *,
    representation: Representation | None = None,
    lambda_l1: float | None = None,
    keep: float | None = None,
    learning_rate: float = 0.2,
    steps: int | None = None,
    samples: int | None = None,
    clean_fraction: float = 0.15,
    reference: Reference = "one",
) -> Method:
    """Return CartoonX for watching: our preset, with 270 evaluations of the classifier in place of 128,000.

    Its objective is that of `cartoonx` with two changes: the distortion is measured against probability 1, so that the
    mask does not collapse where the class has a small probability; and 0.15 of it is measured on the cartoon itself,
    so that the cartoon keeps the class, and not only its noisy versions. The descent is accelerated (see
    `Acceleration`).

    By default it takes 135 steps of 2 samples on a CPU, and 60 of 16 on a GPU. Where one of the two is given, it holds
    on every device, and the other is that of a CPU.

    >>> preset = cartoonx_interactive()
    >>> preset.steps * preset.samples
    270
    """
    published = cartoonx(representation=representation, lambda_l1=lambda_l1, keep=keep, reference=reference)
    made = _interactive(published, learning_rate, steps, samples, clean_fraction)
    return made if steps is not None else made.replace(steps=135, on_gpu=made.on_gpu)


@renamed_arguments(noise_free="clean_fraction")
def waveletx_interactive(
    *,
    representation: Representation | None = None,
    lambda_l1: float | None = None,
    keep: float | None = None,
    lambda_spatial_l1: float = 10.0,
    learning_rate: float = 0.2,
    steps: int | None = None,
    samples: int | None = None,
    clean_fraction: float = 0.15,
    reference: Reference = "one",
) -> Method:
    """Return WaveletX for watching: our preset, with 300 evaluations of the classifier in place of 4,800.

    Its objective is that of `waveletx`, except that 0.15 of the distortion is measured on the cartoon itself. The
    descent is accelerated (see `Acceleration`). By default it takes 150 steps of 2 samples on a CPU, and 60 of 16 on a
    GPU.
    """
    published = waveletx(
        representation=representation,
        lambda_l1=lambda_l1,
        keep=keep,
        lambda_spatial_l1=lambda_spatial_l1,
        reference=reference,
    )
    return _interactive(published, learning_rate, steps, samples, clean_fraction)


@renamed_arguments(noise_free="clean_fraction")
def shearletx_interactive(
    *,
    representation: Representation | None = None,
    lambda_l1: float | None = None,
    keep: float | None = None,
    lambda_spatial_l1: float = 2.0,
    learning_rate: float = 0.2,
    steps: int | None = None,
    samples: int | None = None,
    clean_fraction: float = 0.15,
    reference: Reference = "one",
) -> Method:
    """Return ShearletX for watching: our preset, with 300 evaluations of the classifier in place of 4,800.

    Its objective is that of `shearletx`, except that 0.15 of the distortion is measured on the cartoon itself. The
    descent is accelerated (see `Acceleration`). By default it takes 150 steps of 2 samples on a CPU, and 60 of 16 on a
    GPU.
    """
    published = shearletx(
        representation=representation,
        lambda_l1=lambda_l1,
        keep=keep,
        lambda_spatial_l1=lambda_spatial_l1,
        reference=reference,
    )
    return _interactive(published, learning_rate, steps, samples, clean_fraction)


def pixel_rde(
    *,
    lambda_l1: float | None = None,
    keep: float | None = None,
    learning_rate: float = 1e-3,
    steps: int = 2000,
    samples: int = 64,
    reference: Reference = "original",
) -> Method:
    """Return Pixel RDE, CartoonX's predecessor with a mask on pixels (Kolek et al., ECCV 2022, sections 3 and 5).

    The noise is Gaussian, with the mean and standard deviation of the whole image; as published, the obfuscated image
    is not clamped to [0, 1].
    """
    return Method(
        name="Pixel RDE",
        representation=Pixel(),
        distortion=SquaredDifference(reference),
        lambda_l1=_l1_weight(lambda_l1, 4.0, keep),
        keep=keep,
        learning_rate=learning_rate,
        steps=steps,
        samples=samples,
        clamp=False,
    )


def waveletx(
    *,
    representation: Representation | None = None,
    lambda_l1: float | None = None,
    keep: float | None = None,
    lambda_spatial_l1: float = 10.0,
    learning_rate: float = 0.1,
    steps: int = 300,
    samples: int = 16,
    reference: Reference = "one",
) -> Method:
    """Return WaveletX (Kolek et al., CVPR 2023, sections 4 and 6): a wavelet mask with a penalty on bright pixels.

    The noise is uniform, adapted to each scale, with 16 samples a step; the distortion is measured against probability
    1. The penalty weights are those of the authors' code for the paper's figures.
    """
    return Method(
        name="WaveletX",
        representation=representation or Wavelet(),
        obfuscation=UniformNoise(),
        distortion=SquaredDifference(reference),
        lambda_l1=_l1_weight(lambda_l1, 2.0, keep),
        keep=keep,
        lambda_spatial_l1=lambda_spatial_l1,
        learning_rate=learning_rate,
        steps=steps,
        samples=samples,
    )


def shearletx(
    *,
    representation: Representation | None = None,
    lambda_l1: float | None = None,
    keep: float | None = None,
    lambda_spatial_l1: float = 2.0,
    learning_rate: float = 0.1,
    steps: int = 300,
    samples: int = 16,
    reference: Reference = "one",
) -> Method:
    """Return ShearletX (Kolek et al., CVPR 2023, sections 4 and 6): a shearlet mask with a penalty on bright pixels.

    The noise is uniform, adapted to each shearlet's coefficients of the grey image, and shared by the colours. The
    obfuscated image is clamped to [0, 1], as in the paper; the authors' code clamps the coefficients instead, which
    deletes all negative ones.
    """
    return Method(
        name="ShearletX",
        representation=representation or Shearlet(),
        obfuscation=UniformNoise(per="band", colours="shared"),
        distortion=SquaredDifference(reference),
        lambda_l1=_l1_weight(lambda_l1, 1.0, keep),
        keep=keep,
        lambda_spatial_l1=lambda_spatial_l1,
        learning_rate=learning_rate,
        steps=steps,
        samples=samples,
    )


def pixel_mask(
    *,
    lambda_l1: float | None = None,
    keep: float | None = None,
    lambda_tv: float = 0.5,
    learning_rate: float = 0.1,
    steps: int = 300,
    samples: int = 16,
    reference: Reference = "one",
) -> Method:
    """Return the mask on pixels that CVPR 2023 compares with (section 6), with a penalty on its total variation.

    `lambda_tv=0` is the paper's "pixel mask without smoothness"; 0.5 is the default of the authors' code.
    """
    return Method(
        name="Pixel mask",
        representation=Pixel(),
        obfuscation=UniformNoise(),
        distortion=SquaredDifference(reference),
        lambda_l1=_l1_weight(lambda_l1, 1.0, keep),
        keep=keep,
        lambda_tv=lambda_tv,
        learning_rate=learning_rate,
        steps=steps,
        samples=samples,
    )


def smooth_mask(
    *,
    area: float = 0.1,
    lambda_area: float = 1.0,
    learning_rate: float = 0.01,
    steps: int = 300,
) -> Method:
    """Return the smooth mask of fixed area (Fong, Patrick and Vedaldi, ICCV 2019: extremal perturbations).

    It keeps a share `area` of the pixels, and the blurred photograph elsewhere. The weight of the area penalty grows by
    2 % a step, from `lambda_area` to 380 times that in 300 steps. It departs from the paper so that all methods share
    one optimiser: it blends the blurred and the sharp photograph, where the paper varies the blur's width; it minimises
    the cross-entropy, where the paper maximises the class's response; it takes Adam with fewer steps, where the paper
    takes gradient descent with momentum. Adam moves all parameters by equal amounts at first, so the mask starts at
    one half, and the weight of the area low.
    """
    return Method(
        name="Smooth mask",
        representation=Pixel(),
        mask=SmoothMask(initial=0.5),
        obfuscation=BlurredImage(),
        distortion=CrossEntropy(),
        lambda_area=lambda_area,
        area=area,
        area_growth=1.02,
        learning_rate=learning_rate,
        steps=steps,
        samples=1,
    )


PRESETS = {
    make.__name__: make
    for make in (
        cartoonx_interactive,
        waveletx_interactive,
        shearletx_interactive,
        cartoonx,
        waveletx,
        shearletx,
        pixel_rde,
        pixel_mask,
        smooth_mask,
    )
}
"""The functions that make a method, by name; the first is the default."""


def _interactive(
    published: Method, learning_rate: float, steps: int | None, samples: int | None, clean_fraction: float
) -> Method:
    return published.replace(name=f"{published.name}, interactive").accelerated(
        learning_rate=learning_rate, steps=steps, samples=samples, clean_fraction=clean_fraction
    )


def _l1_weight(lambda_l1: float | None, default: float, keep: float | None) -> float:
    """Return the weight of the l1 penalty: what is given, else the default, or 0 beside a budget."""
    return (default if keep is None else 0.0) if lambda_l1 is None else lambda_l1


def _gaussian_for(representation: Representation) -> GaussianNoise:
    # A redundant transform costs several times more, and noise of its own for each colour three times that.
    return GaussianNoise(per="band", colours="shared") if representation.redundant else GaussianNoise()
