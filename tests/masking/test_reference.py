"""Runs of the authors' own code repeated step by step, and the traps of what they published."""

import numpy as np
import pytest
import torch
import toys
from torch import nn

import cartoonx_widgets as cx
from cartoonx_widgets.masking import (
    CrossEntropy,
    FreeMask,
    GaussianNoise,
    KLDivergence,
    SquaredDifference,
    SquaredL2,
    UniformNoise,
    Zeros,
)

CARTOONX = {"cartoonx_eccv2022_label": "original", "cartoonx_eccv2022_maximize-target": "one"}
WAVELETX = {"waveletx_cvpr2023_maximize": "one", "waveletx_cvpr2023_preserve": "original"}
PIXEL_RDE, PIXEL_MASK = "pixel_rde_eccv2022", "pixelmask_cvpr2023"
TRACES = [*CARTOONX, *WAVELETX, PIXEL_RDE, PIXEL_MASK]
ORIENTATIONS = ("h", "v", "d")
# The recordings are in float32, and so is their rounding. In float64, which hardly depends on the processor, curves and
# masks lie within 1e-6 of them, and two masks on pixels within 1.5e-6. In float32 how a processor sums decides where an
# entry of a mask lies after six steps: up to 1.0e-6 away on an AMD EPYC, 1.9e-6 on an Intel Xeon.
CURVES = 1e-6
MASKS = {torch.float32: 3e-6, (PIXEL_RDE, torch.float64): 1.5e-6, (PIXEL_MASK, torch.float64): 1.5e-6}


def mask_bound(name, dtype):
    return MASKS.get(dtype) or MASKS.get((name, dtype), 1e-6)


def load(name):
    with np.load(toys.DATA / f"{name}.npz") as trace:
        return {key: trace[key] for key in trace}


def packed(transform, trace, prefix):
    """Recorded bands as one flat tensor: (B, C, N), or (1, N) of a mask. `yh0` is the finest scale."""
    bands = {"lowpass": torch.from_numpy(trace[f"{prefix}yl"])}
    for j in range(int(trace["levels"])):
        details = torch.from_numpy(trace[f"{prefix}yh{j}"]).unbind(-3)
        bands |= {f"{name}{j + 1}": band for name, band in zip(ORIENTATIONS, details, strict=True)}
    return transform.join(bands)


def published(name, trace):
    """The method of a trace."""
    settings = {
        "lambda_l1": float(trace["lambda_l1"]),
        "learning_rate": float(trace["lr"]),
        "steps": int(trace["steps"]),
        "samples": int(trace["samples"]),
    }
    if name == PIXEL_RDE:
        return cx.methods.pixel_rde(**settings)
    if name == PIXEL_MASK:
        return cx.methods.pixel_mask(lambda_tv=float(trace["lambda_tv"]), **settings)
    settings["representation"] = cx.representations.Wavelet(
        str(trace["wave"]), levels=int(trace["levels"]), mode=str(trace["mode"])
    )
    if name in CARTOONX:
        return cx.methods.cartoonx(reference=CARTOONX[name], **settings)
    return cx.methods.waveletx(
        reference=WAVELETX[name], lambda_spatial_l1=float(trace["lambda_spatial_l1"]), **settings
    )


def recorded(name, trace, transform, step):
    """The noise (B, S, C, N) of a step; that of ECCV 2022 has no batch."""
    if name in (PIXEL_RDE, PIXEL_MASK):
        noise = torch.from_numpy(trace["noise"][step]).flatten(-2)
    else:
        noise = packed(transform, trace, f"noise_step{step}_")
    return noise if "images" in trace else noise[None]


def final_mask(name, trace, transform):
    """(B, N)."""
    if name in (PIXEL_RDE, PIXEL_MASK):
        return torch.from_numpy(trace["final_mask"]).reshape(-1, transform.n_coefficients)
    return packed(transform, trace, "final_mask_").reshape(-1, transform.n_coefficients)


@pytest.fixture(scope="module", params=TRACES)
def name(request):
    return request.param


@pytest.fixture(scope="module", params=[torch.float32, torch.float64], ids=["float32", "float64"])
def replayed(request, name):
    """Our run with the authors' noise after their number of steps, and their figures."""
    trace = load(name)
    optimization = cx.Optimization(
        torch.from_numpy(trace["images"]).to(request.param) if "images" in trace else toys.image().to(request.param),
        cx.Classifier(toys.Toy(), size=toys.SIDE, device="cpu", dtype=request.param),
        trace["targets"].tolist() if "targets" in trace else [toys.target()],
        published(name, trace),
        noise=lambda step: recorded(name, trace, optimization.transform, step),
    )
    while not optimization.finished:
        optimization.step()
    return name, optimization, trace


def test_the_published_curves_are_repeated(replayed):
    """Those of CVPR 2023 are added up over the batch: the l1 terms as they are, the l2 term under its root."""
    name, optimization, trace = replayed
    ours = optimization.curves()
    if name in CARTOONX or name == PIXEL_RDE:
        ours = {key: values[:, 0] for key, values in ours.items()}
        pairs = [(ours["distortion"], "distortion"), (ours["l1"], "mask_l1"), (ours["loss"], "loss")]
    else:
        kind = "pixel" if name == PIXEL_MASK else "wavelet"
        pairs = [(ours["distortion"], "history_distortion"), (ours["l1"].sum(1), f"history_l1{kind}")]
        if name == PIXEL_MASK:
            pairs.append((ours["tv"].sum(1), "history_tv"))
        else:
            pairs.append((ours["spatial_l1"].sum(1), "history_l1spatial"))
            pairs.append((np.sqrt((ours["spatial_l2"] ** 2).sum(1)), "history_l2spatial"))
    for values, theirs in pairs:
        assert values.shape == trace[theirs].shape
        assert len(values) == 6
        assert np.abs(values - trace[theirs]).max() < CURVES


def test_the_published_mask_is_repeated(replayed):
    name, optimization, trace = replayed
    theirs = final_mask(name, trace, optimization.transform)
    assert theirs.max() - theirs.min() > 0.05  # six steps have moved it apart
    assert optimization.mask[:, 0].shape == theirs.shape
    assert (optimization.mask[:, 0] - theirs).abs().max() < mask_bound(name, optimization.image.dtype)


def test_the_published_coefficients_and_cartoon_are_ours(replayed):
    """Of ECCV 2022 the grey cartoon before any clamp is recorded, of CVPR 2023 the one in colours, clamped."""
    name, optimization, trace = replayed
    kept = optimization.mask * optimization.coefficients
    if "yl" in trace:
        theirs = packed(optimization.transform, trace, "")
        assert (optimization.coefficients - theirs).abs().max() < 1e-5
        grey = optimization.transform.synthesise(kept).mean(1)
        assert (grey - torch.from_numpy(trace["cartoon_grey"])).abs().max() < mask_bound(name, optimization.image.dtype)
    if "explanation" in trace:
        assert (optimization.cartoon() - torch.from_numpy(trace["explanation"])).abs().max() < 2e-6
    if name == PIXEL_RDE:
        assert torch.equal(optimization.coefficients, optimization.image.flatten(2))


@pytest.mark.parametrize("name", [*CARTOONX, PIXEL_RDE])
def test_a_whole_run_from_photograph_to_explanation_repeats_it_too(name):
    trace = load(name)
    method = published(name, trace)
    transform = method.representation.transform((toys.SIDE, toys.SIDE))
    explanation = cx.explain(
        toys.image(),
        classifier=toys.classifier(),
        target=toys.target(),
        method=method,
        noise=lambda step: recorded(name, trace, transform, step),
        progress=False,
    )
    assert np.abs(explanation.curves["loss"] - trace["loss"]).max() < CURVES
    theirs = final_mask(name, trace, transform)[0]
    assert (explanation.mask - theirs).abs().max() < mask_bound(name, torch.float32)


@pytest.mark.parametrize("name", [*WAVELETX, PIXEL_MASK])
def test_an_image_of_a_recorded_batch_alone(name):
    """Their two images share a loss, and no pixel, coefficient or statistic."""
    trace = load(name)
    method = published(name, trace)
    transform = method.representation.transform((toys.SIDE, toys.SIDE))
    for i in range(2):
        alone = cx.Optimization(
            torch.from_numpy(trace["images"][i : i + 1]),
            toys.classifier(),
            trace["targets"][i : i + 1].tolist(),
            method,
            noise=lambda step, i=i: recorded(name, trace, transform, step)[i : i + 1],
        )
        while not alone.finished:
            alone.step()
        assert np.abs(alone.curves()["distortion"][:, 0] - trace["history_distortion"][:, i]).max() < CURVES
        theirs = final_mask(name, trace, transform)[i]
        assert (alone.mask[0, 0] - theirs).abs().max() < mask_bound(name, alone.image.dtype)


def test_the_toy_is_that_of_the_traces():
    with np.load(toys.DATA / "common.npz") as common:
        probabilities = toys.classifier().probabilities(toys.image())[0].numpy()
        assert np.abs(probabilities - common["probabilities"]).max() < 1e-6
        assert probabilities.argmax() == common["target"]


# What the published code does, and ours does not.


class Confident(nn.Module):
    """Class 0 with probability 0.01 for the picture of the traces, by its brightness."""

    def forward(self, image):
        logit = image.mean((1, 2, 3)) - toys.image().mean().item() - np.log(99)
        return torch.stack([logit, torch.zeros_like(logit)], 1)


def test_the_softmax_is_taken_once():
    """A softmax of the softmax would make 0.27 of a probability of 0.01."""
    optimization = toys.optimization(Confident(), targets=[0], reference="one", lambda_l1=0.0)
    optimization.step()
    assert optimization.curves()["distortion"][0, 0] == pytest.approx(0.99**2, abs=1e-5)


def test_the_cross_entropy_takes_the_softmax_once():
    """-log 0.01, and its gradient p - 1 to the logit; after a second softmax 1.3 and a hundredth of that gradient."""
    method = toys.small("pixel_rde", distortion=CrossEntropy(), obfuscation=Zeros(), lambda_l1=0.0)
    optimization = cx.Optimization(
        toys.image().double(), toys.classifier(Confident(), dtype=torch.float64), [0], method
    )
    optimization.step()
    assert optimization.curves()["distortion"][0, 0] == pytest.approx(-np.log(0.01), abs=1e-6)
    # The logit is the picture's mean, so that each mask entry moves it by the mean of its pixel over 1024.
    expected = -0.99 * toys.image().double().mean(1).flatten() / 1024
    assert torch.allclose(optimization.descent.parameters.grad[0, 0], expected, rtol=1e-5, atol=0)


def test_noise_has_the_statistics_of_its_band():
    """Not N(0, 1) everywhere: mean and deviation over the colours and orientations of a scale."""
    optimization = toys.optimization(picture=0.2 * toys.image(), dtype=torch.float64)
    bands = {name: band.numpy() for name, band in optimization.transform.split(optimization.coefficients).items()}
    location, scale = (
        optimization.transform.split(values)
        for values in optimization.method.obfuscation.adapt(
            optimization.image, optimization.coefficients, optimization.transform
        )
    )
    for group in (["lowpass"], ["h2", "v2", "d2"], ["h1", "v1", "d1"]):
        values = np.concatenate([bands[name].ravel() for name in group])
        for name in group:
            assert location[name].shape == (1, 1, *bands[name].shape[2:])
            assert torch.allclose(location[name], torch.tensor(values.mean()))
            assert torch.allclose(scale[name], torch.tensor(values.std(ddof=1)))
    assert scale["d1"].max() < 0.1 < scale["lowpass"].min() < 1


@pytest.mark.parametrize("mode", ["zero", "symmetric", "reflect", "periodization"])
def test_the_padding_mode_reaches_both_directions(mode):
    representation = cx.representations.Wavelet("db3", levels=2, mode=mode)
    optimization = toys.optimization(representation=representation)
    assert (optimization.cartoon() - toys.image()).abs().max() < 1e-5


def test_prices_are_averages_and_not_added_up_over_a_batch():
    prices = {"lambda_l1": 7.0, "lambda_spatial_l1": 5.0, "lambda_spatial_l2": 3.0, "lambda_tv": 2.0}
    method = toys.small("pixel_mask", lambda_area=11.0, area=0.25, **prices)
    for picture in (toys.image(), toys.image().repeat(3, 1, 1, 1)):
        optimization = cx.Optimization(picture, toys.classifier(), [toys.target()] * len(picture), method)
        optimization.step()
        curves = {name: values[0] for name, values in optimization.curves().items()}
        grey = toys.image().mean(1)
        assert curves["l1"].tolist() == [1.0] * len(picture)
        assert curves["tv"].tolist() == [0.0] * len(picture)
        assert np.allclose(curves["area"], 0.75, atol=1e-6)
        assert np.allclose(curves["spatial_l1"], grey.mean(), atol=1e-6)
        assert np.allclose(curves["spatial_l2"], grey.square().mean().sqrt(), atol=1e-6)
        priced = 7 + 5 * curves["spatial_l1"] + 3 * curves["spatial_l2"] + 11 * 0.75
        assert np.allclose(curves["loss"] - curves["distortion"], priced, atol=1e-5)


@pytest.mark.parametrize("spatial", [{}, {"lambda_spatial_l1": 2.0}, {"lambda_spatial_l2": 2.0}])
def test_any_spatial_penalty_or_none(spatial):
    """Without one, the published code ends in an AttributeError; ours measures what it does not price."""
    method = toys.small("waveletx", **{"lambda_spatial_l1": 0.0, "lambda_l1": 0.0, **spatial})
    optimization = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method)
    optimization.step()
    curves = {name: values[0, 0] for name, values in optimization.curves().items()}
    priced = sum(price * curves[name.removeprefix("lambda_")] for name, price in spatial.items())
    assert curves["loss"] == pytest.approx(curves["distortion"] + priced, abs=1e-6)
    assert curves["spatial_l1"] > 0.1
    assert curves["spatial_l2"] > 0.1


class Watching(toys.Toy):
    """Keeps the least and the largest value that it is shown."""

    least, largest = np.inf, -np.inf

    def forward(self, image):
        values = image.detach()
        self.least, self.largest = min(self.least, float(values.min())), max(self.largest, float(values.max()))
        return super().forward(image)


def test_what_the_classifier_sees_and_the_cartoon_are_clamped():
    harsh = (toys.image() > 0.5).float()  # black and white: a masked wavelet series overshoots
    optimization = toys.optimization(Watching(), picture=harsh, learning_rate=0.2)
    for _ in range(4):
        optimization.step()
    kept = optimization.mask * optimization.coefficients
    unclamped = optimization.transform.synthesise(kept)
    assert unclamped.min() < -0.01
    assert unclamped.max() > 1.01
    assert torch.equal(optimization.cartoon(), unclamped.clamp(0, 1))
    watching = optimization.classifier._module
    assert (watching.least, watching.largest) == (0, 1)


@pytest.mark.parametrize("obfuscation", [Zeros(), UniformNoise(per="band", colours="shared"), GaussianNoise()])
def test_coefficients_are_not_clamped(obfuscation):
    """A mask of ones shows the photograph, which most of its coefficients below 0 make; clamped, they were lost."""
    seen = []

    class Keeping(toys.Toy):
        def forward(self, image):
            seen.append(image.detach())
            return super().forward(image)

    optimization = toys.optimization(Keeping(), picture=toys.image(3))
    assert (optimization.coefficients < -0.01).float().mean() > 0.1
    method = toys.method().replace(obfuscation=obfuscation)
    optimization = cx.Optimization(toys.image(3), toys.classifier(Keeping()), [0], method)
    seen.clear()
    optimization.step()
    assert (torch.cat(seen) - toys.image(3)).abs().max() < 1e-5


def test_pixel_rde_shows_the_classifier_what_is_not_clamped():
    watching = Watching()
    method = toys.small("pixel_rde", mask=FreeMask(0.0), samples=20)
    optimization = cx.Optimization((toys.image() > 0.5).float(), toys.classifier(watching), [0], method)
    optimization.step()
    assert optimization.classifier._module.least < -0.1
    assert optimization.classifier._module.largest > 1.1
    assert 0 <= optimization.cartoon().min() <= optimization.cartoon().max() <= 1


def test_a_mask_that_starts_at_zeros_has_all_its_bands():
    """Zeros everywhere at first, and the gradient reaches every band."""
    optimization = toys.optimization(reference="one", lambda_l1=0.0, steps=1)
    method = optimization.method.replace(mask=FreeMask(0.0))
    optimization = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method)
    assert optimization.mask.shape == (1, 1, optimization.transform.n_coefficients)
    assert (optimization.mask == 0).all()
    assert (optimization.cartoon() == 0).all()
    optimization.step()
    moved = optimization.transform.split(optimization.mask)
    assert len(moved) == 7
    assert all((values > 0.01).float().mean() > 0.1 for values in moved.values())


def test_a_kl_divergence_of_certain_classes_is_finite():
    class Certain(nn.Module):
        """Logits of -200 and 200 that change sides at medium brightness: probabilities of 0 and 1 in float32."""

        def forward(self, image):
            logit = 400 * (image.mean((1, 2, 3)) - 0.45).clamp(-0.5, 0.5)
            return torch.stack([logit, -logit], 1)

    for brightness in (0.1, 0.9):
        method = toys.small("cartoonx", distortion=KLDivergence(), obfuscation=Zeros(), mask=FreeMask(0.3))
        picture = torch.full((1, 3, 32, 32), brightness)
        optimization = cx.Optimization(picture, toys.classifier(Certain()), [0], method)
        assert set(optimization.probabilities[0].tolist()) == {0.0, 1.0}
        for _ in range(3):
            optimization.step()
        optimization.check()
        assert torch.isfinite(optimization.mask).all()
    assert optimization.curves()["distortion"][0, 0] > 50  # it has changed sides


@pytest.mark.parametrize("classes", [2, 3, 1000, 1001])
@pytest.mark.parametrize("distortion", [SquaredDifference(), SquaredL2(), KLDivergence(), CrossEntropy()])
def test_any_number_of_classes(classes, distortion):
    class Many(toys.Toy):
        def forward(self, image):
            return super().forward(image).repeat(1, 1 + classes // 5)[:, :classes]

    method = toys.small("cartoonx", distortion=distortion, steps=2)
    explanation = cx.explain(
        toys.image(), classifier=toys.classifier(Many()), target=classes - 1, method=method, progress=False
    )
    assert explanation.target.index == classes - 1
    assert np.isfinite(explanation.curves["loss"]).all()


def test_images_are_given_as_they_are_and_normalised_inside():
    """Clamping to [0, 1] and a README that asks for normalised input do not go together."""
    normalised = (toys.image() - 0.5) / 0.2
    with pytest.raises(cx.ImageError, match=r"allowed are floats in \[0, 1\]; undo its normalisation"):
        cx.explain(normalised, classifier=toys.classifier(), method=toys.method(), progress=False)


def test_no_gradient_for_a_weight_is_computed():
    class Frozen(nn.Module):
        """A linear classifier that refuses to compute a gradient for its weight."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(3 * 64, 2, generator=torch.Generator().manual_seed(0)))

        def forward(self, image):
            assert not self.weight.requires_grad
            return nn.functional.adaptive_avg_pool2d(image, 8).flatten(1) @ self.weight

    module = Frozen()
    for name in cx.methods.PRESETS:
        optimization = cx.Optimization(toys.image(), toys.classifier(module), [0], toys.small(name))
        optimization.step()
        assert optimization.mask.requires_grad is False
        assert optimization.classifier._module.weight.grad is None
    assert module.weight.requires_grad
    assert module.weight.grad is None
