import dataclasses

import numpy as np
import pytest
import torch

from cartoonx_widgets.masking import (
    AreaConstraint,
    CrossEntropy,
    KLDivergence,
    MaskL1,
    SpatialL1,
    SpatialL2,
    SquaredDifference,
    SquaredL2,
    TotalVariation,
)
from cartoonx_widgets.representations import Pixel, Shearlet, Wavelet

B, S, K = 2, 3, 5
TARGETS = torch.tensor([4, 1])
DISTORTIONS = [SquaredDifference("original"), SquaredDifference("one"), SquaredL2(), KLDivergence(), CrossEntropy()]
PENALTIES = [MaskL1(), SpatialL1(), SpatialL2(), TotalVariation(), AreaConstraint(0.3)]
SIZE = (7, 9)


def named(value):
    return repr(value).partition("(")[0] + (getattr(value, "reference", ""))


def logits(scale=2.0, seed=0):
    """Of photographs (B, K) and of obfuscated images (B, S, K), in float64."""
    generator = torch.Generator().manual_seed(seed)
    original = scale * torch.randn(B, K, generator=generator, dtype=torch.float64)
    return original, scale * torch.randn(B, S, K, generator=generator, dtype=torch.float64)


def softmax(values):
    powers = np.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def log_softmax(values):
    shifted = values - values.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def formula(distortion, original, obfuscated, c):
    """The distortion of one image's logits (K,) from the photograph's, in numpy."""
    p, q = softmax(original), softmax(obfuscated)
    if isinstance(distortion, SquaredDifference):
        return ((p[c] if distortion.reference == "original" else 1) - q[c]) ** 2
    if isinstance(distortion, SquaredL2):
        return sum((p[k] - q[k]) ** 2 for k in range(K))
    if isinstance(distortion, KLDivergence):
        return sum(p[k] * np.log(p[k] / q[k]) for k in range(K))
    return -np.log(q[c])


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=named)
def test_a_distortion_is_its_formula(distortion):
    original, obfuscated = logits()
    values = distortion(original, obfuscated, TARGETS)
    assert values.shape == (B, S)
    for i, c in enumerate(TARGETS.tolist()):
        for k in range(S):
            expected = formula(distortion, original[i].numpy(), obfuscated[i, k].numpy(), c)
            assert values[i, k].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=named)
def test_the_gradient_of_a_distortion(distortion):
    original, obfuscated = logits()
    obfuscated.requires_grad_()
    assert torch.autograd.gradcheck(lambda seen: distortion(original, seen, TARGETS), (obfuscated,))


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=named)
def test_a_distortion_does_not_see_what_is_added_to_all_logits(distortion):
    original, obfuscated = logits()
    moved = distortion(original + 50, obfuscated - 70, TARGETS)
    assert torch.allclose(moved, distortion(original, obfuscated, TARGETS), rtol=1e-10)


@pytest.mark.parametrize("distortion", [SquaredDifference("original"), SquaredL2(), KLDivergence()], ids=named)
def test_what_looks_the_same_has_no_distortion(distortion):
    for scale in (0.0, 2.0, 200.0):
        original, _ = logits(scale)
        assert (distortion(original, original[:, None].repeat(1, S, 1), TARGETS) == 0).all()


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=named)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_distortion_and_its_gradient_are_finite_for_certain_classes(distortion, dtype):
    """Logits of 200 and -200: probabilities of exactly 0 and 1 in float32, whose logarithm is not taken."""
    original = torch.tensor([[200.0, -200, 0, -200, -200], [-200, 200, 199, 0, 0]], dtype=dtype)
    obfuscated = torch.stack([original.roll(shift, -1) for shift in range(S)], 1).requires_grad_()
    values = distortion(original, obfuscated, torch.tensor([0, 1]))
    (gradient,) = torch.autograd.grad(values.sum(), obfuscated)
    assert torch.isfinite(values).all()
    assert torch.isfinite(gradient).all()
    assert (values >= 0).all()
    if isinstance(distortion, KLDivergence):
        p, logs = softmax(original.double().numpy()), log_softmax(original.double().numpy())
        other = log_softmax(obfuscated.detach().double().numpy())
        expected = (p[:, None] * (logs[:, None] - other)).sum(-1)
        assert expected.max() > 300
        assert values.detach().numpy() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_gradient_of_the_cross_entropy_is_the_true_one():
    """p - 1 to the logit of the class, and p to another: at p = 0.01, and where p vanishes in float32."""
    for logit, p in ((-np.log(99), 0.01), (-200.0, 0.0)):
        seen = torch.tensor([[[logit, 0.0]]], requires_grad=True)
        value = CrossEntropy()(torch.zeros(1, 2), seen, torch.tensor([0]))
        (gradient,) = torch.autograd.grad(value.sum(), seen)
        assert value.item() == pytest.approx(np.log1p(np.exp(-logit)), rel=1e-6)
        assert gradient.flatten().tolist() == pytest.approx([p - 1, 1 - p], abs=1e-6)


def test_each_image_has_a_class_of_its_own():
    original, obfuscated = logits()
    for distortion in (SquaredDifference("original"), SquaredDifference("one"), CrossEntropy()):
        both = distortion(original, obfuscated, TARGETS)
        swapped = distortion(original, obfuscated, TARGETS.flip(0))
        alone = distortion(original[1:], obfuscated[1:], TARGETS[1:])
        assert torch.equal(both[1:], alone)
        assert not torch.allclose(both, swapped)


@pytest.mark.parametrize("reference", ["two", "", None, 1])
def test_an_unknown_reference(reference):
    with pytest.raises(ValueError, match=r"reference=.* must be 'original' or 'one'"):
        SquaredDifference(reference)


def drawn(seed=0):
    """Masks (B, 1, N) inside (0, 1), and cartoons (B, 3, H, W) of which some grey values leave [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    n = SIZE[0] * SIZE[1]
    mask = 0.05 + 0.9 * torch.rand(B, 1, n, generator=generator, dtype=torch.float64)
    cartoon = 0.5 + 0.6 * torch.randn(B, 3, *SIZE, generator=generator, dtype=torch.float64)
    return mask, cartoon


def penalty_formula(penalty, mask, cartoon):
    """The penalty of one mask (N,) and cartoon (3, H, W), in numpy."""
    height, width = SIZE
    n = len(mask)
    grey = np.clip(cartoon.sum(0) / 3, 0, 1)
    if isinstance(penalty, MaskL1):
        return np.abs(mask).sum() / n
    if isinstance(penalty, SpatialL1):
        return np.abs(grey).sum() / (height * width)
    if isinstance(penalty, SpatialL2):
        return np.sqrt((grey**2).sum() / (height * width))
    if isinstance(penalty, TotalVariation):
        pixels = mask.reshape(SIZE)
        down = sum((pixels[i + 1, j] - pixels[i, j]) ** 2 for i in range(height - 1) for j in range(width))
        right = sum((pixels[i, j + 1] - pixels[i, j]) ** 2 for i in range(height) for j in range(width - 1))
        return (down + right) / n
    zeros = n - max(1, round(penalty.area * n))
    return ((np.sort(mask) - np.r_[np.zeros(zeros), np.ones(n - zeros)]) ** 2).sum() / n


@pytest.mark.parametrize("penalty", PENALTIES, ids=named)
def test_a_penalty_is_its_formula(penalty):
    mask, cartoon = drawn()
    transform = Pixel().transform(SIZE, dtype=torch.float64)
    assert penalty.misfit(transform) == ""
    values = penalty(mask, cartoon, transform)
    assert values.shape == (B,)
    for i in range(B):
        expected = penalty_formula(penalty, mask[i, 0].numpy(), cartoon[i].numpy())
        assert expected > 0.1
        assert values[i].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("penalty", PENALTIES, ids=named)
def test_the_gradient_of_a_penalty(penalty):
    mask, cartoon = drawn()
    transform = Pixel().transform(SIZE, dtype=torch.float64)
    inputs = (mask.requires_grad_(), cartoon.requires_grad_())
    assert torch.autograd.gradcheck(lambda s, image: penalty(s, image, transform), inputs)
    priced = torch.autograd.grad(penalty(*inputs, transform).sum(), inputs, allow_unused=True)
    on_cartoon = isinstance(penalty, SpatialL1 | SpatialL2)
    assert [gradient is not None for gradient in priced] == [not on_cartoon, on_cartoon]


def test_what_a_penalty_is_called_by_its_price():
    assert [penalty.name for penalty in PENALTIES] == ["l1", "spatial_l1", "spatial_l2", "tv", "area"]


@pytest.mark.parametrize("brightness", [0.0, -0.3, 1e-30])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_gradient_at_a_black_cartoon_is_finite(brightness, dtype):
    """The root's slope is infinite at 0, where a mask of zeros and every mask that is about to collapse lie."""
    mask = torch.zeros(B, 1, 63, dtype=dtype)
    cartoon = torch.full((B, 3, *SIZE), brightness, dtype=dtype, requires_grad=True)
    transform = Pixel().transform(SIZE, dtype=dtype)
    for penalty in (SpatialL2(), SpatialL1()):
        (gradient,) = torch.autograd.grad(penalty(mask, cartoon, transform).sum(), cartoon)
        assert torch.isfinite(gradient).all()
        if brightness < 0 or (brightness == 0 and isinstance(penalty, SpatialL2)):
            assert (gradient == 0).all()


def test_what_is_brighter_than_white_or_darker_than_black_counts_as_it_is_seen():
    transform = Pixel().transform((1, 2))
    cartoon = torch.tensor([[[[9.0, -4.0]], [[0.0, -1.0]], [[3.0, 2.0]]]])  # grey 4 and -1
    assert SpatialL1()(torch.ones(1, 1, 2), cartoon, transform).tolist() == [0.5]
    assert SpatialL2()(torch.ones(1, 1, 2), cartoon, transform).tolist() == pytest.approx([0.5**0.5])


def test_total_variation_of_patterns():
    height, width = SIZE
    transform = Pixel().transform(SIZE)
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    patterns = {
        "plain": (torch.ones(SIZE), 0),
        "one edge": ((columns >= 4).float(), height),
        "a half edge": (0.5 * (rows >= 3).float(), width / 4),
        "a checkerboard": (((rows + columns) % 2).float(), 2 * height * width - height - width),
    }
    for pattern, expected in patterns.values():
        value = TotalVariation()(pattern.reshape(1, 1, -1), torch.zeros(1, 3, *SIZE), transform)
        assert value.item() == pytest.approx(expected / (height * width))


@pytest.mark.parametrize("representation", [Wavelet("haar", levels=1), Shearlet(scales=1)], ids=repr)
def test_what_fits_pixels_alone(representation):
    transform = representation.transform((32, 33))
    misfits = {penalty.name: penalty.misfit(transform) for penalty in PENALTIES}
    assert "not on pixels" in misfits.pop("tv")
    assert set(misfits.values()) == {""}


@pytest.mark.parametrize("area", [0.05, 0.25, 0.5, 0.75])
def test_a_mask_of_the_area_asked_for_costs_nothing(area):
    n = 400
    kept = round(area * n)
    mask = torch.zeros(2, 1, n)
    for i in range(2):  # wherever it lies
        mask[i, 0, torch.randperm(n, generator=torch.Generator().manual_seed(i))[:kept]] = 1
    transform, cartoon = Pixel().transform((20, 20)), torch.zeros(2, 3, 20, 20)
    constraint = AreaConstraint(area)
    assert constraint(mask, cartoon, transform).tolist() == [0, 0]
    assert constraint(torch.ones(1, 1, n), cartoon, transform).item() == pytest.approx(1 - area)
    assert constraint(torch.zeros(1, 1, n), cartoon, transform).item() == pytest.approx(area)
    assert constraint(0.5 * torch.ones(1, 1, n), cartoon, transform).item() == pytest.approx(0.25)


@pytest.mark.parametrize(("area", "n"), [(0.9, 10), (0.8, 100), (0.9, 1000)])
def test_the_area_is_not_a_pixel_more_by_rounding(area, n):
    mask = (torch.arange(n) < round(area * n)).float()[None, None]
    assert AreaConstraint(area)(mask, torch.zeros(1), Pixel().transform((1, n))).item() == 0


@pytest.mark.parametrize("area", [0, 1, -0.1, 1.5, float("nan")])
def test_an_area_that_is_no_share(area):
    with pytest.raises(ValueError, match=r"area=.* must be a finite number above 0 and below 1"):
        AreaConstraint(area)


@pytest.mark.parametrize("value", [*DISTORTIONS, *PENALTIES], ids=named)
def test_values_are_frozen_and_compare_by_their_settings(value):
    assert value == dataclasses.replace(value)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.anything = 1
