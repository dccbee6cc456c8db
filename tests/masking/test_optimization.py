import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
import toys
from torch.utils._python_dispatch import TorchDispatchMode

import cartoonx_widgets as cx
from cartoonx_widgets.masking import (
    Acceleration,
    BlurredImage,
    CrossEntropy,
    FreeMask,
    GaussianNoise,
    GivenMask,
    KLDivergence,
    SmoothMask,
    SquaredDifference,
    SquaredL2,
    UniformNoise,
    Zeros,
    sampling,
)
from cartoonx_widgets.masking.method import STEERABLE
from cartoonx_widgets.masking.methods import PRESETS


def run(optimization, steps=None):
    for _ in range(steps or optimization.method.steps):
        optimization.step()
    return optimization


def test_the_same_seed_is_the_same_run():
    first, second, other = (run(toys.optimization(seed=seed)) for seed in (7, 7, 8))
    assert torch.equal(first.mask, second.mask)
    assert all(np.array_equal(first.curves()[name], second.curves()[name]) for name in first.curves())
    assert not torch.equal(first.mask, other.mask)
    assert not np.array_equal(first.curves()["distortion"], other.curves()["distortion"])


def test_a_run_does_not_depend_on_what_else_draws_random_numbers():
    first, second = toys.optimization(), toys.optimization()
    for _ in range(4):
        first.step()
    for _ in range(4):
        torch.rand(3)
        run(toys.optimization(seed=3), 1)
        second.step()
    assert torch.equal(first.mask, second.mask)


@pytest.mark.parametrize(("learning_rate", "lambda_l1"), [(0.05, 1.0), (1.0, 0.0), (5.0, 20.0), (100.0, 0.5)])
def test_the_mask_stays_between_0_and_1(learning_rate, lambda_l1):
    optimization = toys.optimization(learning_rate=learning_rate, lambda_l1=lambda_l1, reference="one")
    assert (optimization.mask == 1).all()
    for _ in range(8):
        optimization.step()
        assert optimization.mask.shape == (1, 1, optimization.transform.n_coefficients)
        assert 0 <= optimization.mask.min() <= optimization.mask.max() <= 1
        assert 0 <= optimization.cartoon().min() <= optimization.cartoon().max() <= 1


def test_a_mask_of_ones_has_no_distortion():
    optimization = run(toys.optimization(), 1)
    assert optimization.curves()["distortion"][0, 0] < 1e-12


@pytest.mark.parametrize("clean_fraction", [0.0, 0.25])
def test_a_batch_is_its_images_alone(clean_fraction):
    pictures, targets = torch.cat([toys.image(), toys.image(5)]), [toys.target(), 1]

    def optimize(picture, targets, noise):
        return toys.optimization(
            picture=picture, targets=targets, noise=noise, clean_fraction=clean_fraction, reference="one"
        )

    shape = (2, 4 - bool(clean_fraction), 3, toys.optimization().transform.n_coefficients)
    together = run(optimize(pictures, targets, lambda step: toys.gaussian(shape, step)))
    for i in range(2):
        alone = run(
            optimize(pictures[i : i + 1], targets[i : i + 1], lambda step, i=i: toys.gaussian(shape, step)[[i]])
        )
        assert (together.mask[i] - alone.mask[0]).abs().max() < 1e-6
        for name, values in alone.curves().items():
            assert np.abs(together.curves()[name][:, i] - values[:, 0]).max() < 1e-6
    assert (together.mask[0] - together.mask[1]).abs().max() > 0.1


@pytest.mark.parametrize("clean_fraction", [0.0, 0.3])
@pytest.mark.parametrize("reference", ["original", "one"])
def test_the_objective_written_out(reference, clean_fraction):
    """ECCV 2022, equation 5: E[(r - p(clamp(A(s h + (1 - s) v))))^2] + lambda mean|s|."""
    method = toys.method(reference=reference, lambda_l1=0.7, clean_fraction=clean_fraction)
    picture = toys.image().double()
    optimization = cx.Optimization(
        picture,
        toys.classifier(dtype=torch.float64),
        [toys.target()],
        method,
        noise=lambda step: toys.draws(optimization, step),
    )
    run(optimization, 3)
    s, h, synthesise = optimization.mask, optimization.coefficients, optimization.transform.synthesise
    location, scale = GaussianNoise().adapt(picture, h, optimization.transform)
    noise = location + scale * toys.draws(optimization, 3)[0]
    noisy = synthesise(s * h + (1 - s) * noise).clamp(0, 1)

    def probability(images):
        return optimization.classifier.probabilities(images)[:, toys.target()]

    r = probability(picture) if reference == "original" else 1
    distortion = ((r - probability(noisy)) ** 2).mean()
    if clean_fraction:
        assert len(noisy) == method.samples - 1
        distortion = clean_fraction * (r - probability(optimization.cartoon())) ** 2 + (1 - clean_fraction) * distortion
    optimization.step()
    curves = {name: values[3, 0] for name, values in optimization.curves().items()}
    assert curves["distortion"] == pytest.approx(float(distortion), rel=1e-9)
    assert curves["l1"] == pytest.approx(float(s.mean()), rel=1e-9)
    assert curves["loss"] == pytest.approx(float(distortion + 0.7 * s.mean()), rel=1e-9)


def test_a_step_is_one_of_adam_on_that_objective():
    """The mask's gradient by finite differences, and Adam's first step: the learning rate against its sign."""
    optimization = toys.optimization(
        dtype=torch.float64, reference="one", learning_rate=1e-3, noise=lambda step: toys.draws(optimization, 0)
    )
    run(optimization, 1)
    moved = optimization.mask - 1
    assert -1e-3 - 1e-9 < moved.min() < -0.9e-3
    for place in (0, 50, 400):
        values = []
        for change in (-1e-5, 1e-5):
            other = toys.optimization(
                dtype=torch.float64, reference="one", noise=lambda step: toys.draws(optimization, 0), learning_rate=1e-3
            )
            other.descent.parameters.data[0, 0, place] += change
            values.append(run(other, 1).curves()["loss"][0, 0])
        slope = (values[1] - values[0]) / 2e-5
        assert abs(slope) > 1e-6
        # Upwards it is clamped: the mask begins at its largest.
        assert moved[0, 0, place] == pytest.approx(-1e-3 if slope > 0 else 0, rel=0.01)


@pytest.mark.parametrize("seed", [3, 5])
def test_without_a_price_nearly_everything_stays(seed):
    """Nearly: Adam makes a step of any gradient, such as that of rounding at a mask of ones."""
    settings = {"picture": toys.image(seed), "steps": 60, "learning_rate": 0.02}
    free = run(toys.optimization(lambda_l1=0.0, **settings))
    assert free.mask.mean() > 0.9
    assert (free.cartoon() - free.image).abs().mean() < 0.02
    assert run(toys.optimization(lambda_l1=0.5, **settings)).mask.mean() < 0.2


def test_a_higher_price_keeps_less():
    kept = [
        float(run(toys.optimization(lambda_l1=value, reference="one", steps=40)).mask.mean())
        for value in (0.0, 0.5, 5.0)
    ]
    assert kept[0] > kept[1] + 0.05 > kept[2] + 0.1


@pytest.mark.parametrize(
    "shape", [(4, 3, 10), (1, 5, 3, None), (1, 4, 1, None), (2, 4, 3, None), (1, 4, 3, 10), (), (1, 4, 3, None, 1)]
)
def test_noise_of_a_wrong_shape(shape):
    n = toys.optimization().transform.n_coefficients
    wrong = torch.zeros([n if size is None else size for size in shape])
    optimization = toys.optimization(noise=lambda step: wrong)
    with pytest.raises(ValueError, match=rf"noise\(0\) has shape .*\(B, S, C, N\) = \(1, 4, 3, {n}\) is needed"):
        optimization.step()


def test_noise_may_be_an_array_of_another_dtype():
    arrays = toys.optimization(noise=lambda step: toys.draws(arrays, step).double().numpy())
    tensors = toys.optimization(noise=lambda step: toys.draws(tensors, step))
    assert torch.equal(run(arrays).mask, run(tensors).mask)


@pytest.mark.parametrize("targets", [[], [0, 1]])
def test_a_target_for_each_image(targets):
    with pytest.raises(ValueError, match=r"targets=\[.*\] must name one class for each of the 1 images"):
        toys.optimization(targets=targets)


def test_the_cosine_schedule_ends_near_nothing():
    steps = 20
    optimization = toys.optimization(lambda_l1=1e6, learning_rate=0.01, steps=steps, schedule="cosine")
    moves, before = [], optimization.mask
    for _ in range(steps):
        after = run(optimization, 1).mask
        moves.append(float((before - after).mean()))
        before = after
    expected = [0.01 * (1 + math.cos(math.pi * step / steps)) / 2 for step in range(steps)]
    assert moves == pytest.approx(expected, rel=0.01, abs=1e-7)
    assert moves[-1] < 0.01 * moves[0]


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_more_steps_than_the_method_has(schedule):
    optimization = toys.optimization(steps=3, schedule=schedule)
    run(optimization)
    assert optimization.finished
    first, mask = optimization.curves(), optimization.mask
    run(optimization, 7)
    assert optimization.steps_done == 10
    assert optimization.finished
    for name, values in optimization.curves().items():
        assert values.shape == (10, 1)
        assert np.isfinite(values).all()
        assert np.array_equal(values[:3], first[name])
    assert len(set(optimization.curves()["l1"][:, 0])) == 10  # each step is recorded at its own place
    assert not torch.equal(optimization.mask, mask)


def test_curves_and_mask_are_copies():
    optimization = run(toys.optimization(), 2)
    mask, curves = optimization.mask, optimization.curves()
    optimization.mask.zero_()
    optimization.curves()["loss"][:] = 0
    run(optimization, 1)
    assert mask.min() > 0.5
    assert optimization.curves()["loss"][0] > 0.5
    assert curves["loss"].shape == (2, 1)
    assert not optimization.mask.requires_grad


def test_nan_from_the_third_step_on_names_that_step():
    switch = toys.Switch()

    def noise(step):
        switch.on = step >= 2
        return toys.draws(optimization, step)

    optimization = toys.optimization(toys.Breaking(switch), noise=noise)
    run(optimization, 2)
    optimization.check()
    run(optimization, 3)
    for _ in range(2):
        with pytest.raises(cx.ClassifierError, match=r"^Breaking returned NaN or infinite logits in step 3: .*reset"):
            optimization.check()


def test_explain_does_not_hand_out_what_nan_has_spoilt():
    switch = toys.Switch()

    def noise(step):
        switch.on = step == 2
        return torch.zeros(1, 4, 3, toys.optimization().transform.n_coefficients)

    with pytest.raises(cx.ClassifierError, match="in step 3"):
        cx.explain(
            toys.image(),
            classifier=toys.classifier(toys.Breaking(switch)),
            method=toys.method(),
            noise=noise,
            progress=False,
        )


def test_nan_for_the_photograph_is_noticed_at_once():
    switch = toys.Switch()
    classifier = toys.classifier(toys.Breaking(switch))
    switch.on = True
    with pytest.raises(cx.ClassifierError, match="Breaking returned NaN or infinite logits for this image"):
        cx.Optimization(toys.image(), classifier, [0], toys.method())


def test_an_error_of_the_classifier_comes_through_and_the_run_goes_on():
    switch = toys.Switch()
    optimization = toys.optimization(toys.Breaking(switch, error=LookupError("no such layer")))
    run(optimization, 2)
    mask, curves = optimization.mask, optimization.curves()
    switch.on = True
    with pytest.raises(LookupError, match="no such layer"):
        optimization.step()
    assert optimization.steps_done == 2
    assert torch.equal(optimization.mask, mask)
    assert np.array_equal(optimization.curves()["loss"], curves["loss"])
    switch.on = False
    run(optimization, 1)
    assert optimization.steps_done == 3


def explain_brightness(*, lambda_l1, reference):
    """Class 0 of `Brightness` has probability 0.012, and one coefficient of 1024, the mean, carries it."""
    method = cx.methods.cartoonx_interactive(
        representation=cx.representations.Wavelet("haar", levels=5),
        lambda_l1=lambda_l1,
        reference=reference,
        steps=60,
        samples=4,
        clean_fraction=0.75,  # noise has the mean of what it replaces: only the cartoon itself gets darker
    )
    classifier = toys.classifier(toys.Brightness(), labels=["bright", "dark"])
    return cx.explain(toys.image(3), classifier=classifier, target="bright", method=method, progress=False)


def test_a_collapse_is_noticed_and_its_remedy_named():
    explanation = explain_brightness(lambda_l1=20.0, reference="original")
    assert explanation.target.probability < 0.02
    assert explanation.share_kept < 0.01
    assert explanation.probability < 0.001
    assert explanation.collapsed
    assert "collapsed" in explanation.warning
    assert "reference='one'" in explanation.warning
    assert "Lower lambda_l1 (now 20)" in explanation.warning


def test_the_remedies_help():
    for remedy in ({"reference": "one", "lambda_l1": 20.0}, {"reference": "original", "lambda_l1": 1e-4}):
        explanation = explain_brightness(**remedy)
        assert not explanation.collapsed
        assert explanation.warning == ""
        assert explanation.probability > 0.5 * explanation.target.probability


def test_a_collapse_against_probability_1_only_asks_for_a_lower_lambda():
    explanation = explain_brightness(lambda_l1=5000.0, reference="one")
    assert explanation.collapsed
    assert "Lower lambda_l1 (now 5000)" in explanation.warning
    assert "reference" not in explanation.warning


def test_parts_of_the_cartoon_add_up():
    optimization = run(toys.optimization(picture=toys.image(4)))
    kept, transform = optimization.mask * optimization.coefficients, optimization.transform
    whole = sum(transform.part(kept, band) for band in transform.bands)
    assert torch.allclose(whole.clamp(0, 1), optimization.cartoon(), atol=1e-6)


def test_the_present_moment():
    optimization = run(toys.optimization(), 3)
    for measured in (False, True):  # without a clean sample no step measures the cartoon
        moment = optimization.moment(measured=measured)
        assert moment.step == 3
        assert torch.equal(moment.mask, optimization.mask)
        expected = optimization.classifier.probabilities(optimization.cartoon())
        assert torch.allclose(moment.probabilities, expected, atol=1e-6)


def test_the_moment_that_the_last_step_measured():
    optimization = run(toys.optimization(clean_fraction=0.25), 3)
    mask, cartoon = optimization.mask, optimization.cartoon()
    run(optimization, 1)
    moment = optimization.moment(measured=True)
    assert moment.step == 3
    assert torch.equal(moment.mask, mask)
    assert torch.allclose(moment.probabilities, optimization.classifier.probabilities(cartoon), atol=1e-6)
    assert optimization.moment().step == 4
    assert torch.equal(optimization.moment().mask, optimization.mask)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", PRESETS)
def test_a_step_reads_nothing_back_from_the_gpu(name):
    classifier = cx.Classifier(toys.Toy(), size=toys.SIDE, device="cuda")
    optimization = cx.Optimization(toys.image().cuda(), classifier, [toys.target()], toys.small(name, steps=20))
    run(optimization, 3)  # the first steps load kernels and make Adam's state
    torch.cuda.set_sync_debug_mode("error")
    try:
        run(optimization, 5)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    optimization.check()
    assert optimization.curves()["loss"].shape == (8, 1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", PRESETS)
def test_steps_replayed_as_graphs_are_the_steps(name):
    """The same run with graphs and without; the noise is that of the same generator."""
    classifier = cx.Classifier(toys.Toy(), size=toys.SIDE, device="cuda")

    def begin():
        return cx.Optimization(toys.image().cuda(), classifier, [toys.target()], toys.small(name, steps=20))

    graphed, eager = begin(), begin()
    eager._graphs = None
    run(graphed, 12)
    run(eager, 12)
    assert graphed.execution.endswith("CUDA graphs")
    assert eager.execution.endswith("eager")
    assert (graphed.mask - eager.mask).abs().max() < 1e-4
    graphed.steer(learning_rate=0.2)
    run(graphed, 12)  # beyond the method's number of steps, where the curves grow
    assert len(graphed.curves()["loss"]) == 24


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_what_cannot_be_captured_runs_as_it_is():
    class Reading(toys.Toy):
        def forward(self, image):
            return super().forward(image) * (1.0 if float(image.mean()) > -9 else 2.0)

    classifier = cx.Classifier(Reading(), size=toys.SIDE, device="cuda")
    optimization = cx.Optimization(toys.image().cuda(), classifier, [toys.target()], toys.small("waveletx"))
    run(optimization, 8)
    optimization.check()
    assert "eager, since a capture failed: " in optimization.execution


def test_without_a_gpu_steps_are_eager_and_precise():
    assert run(toys.optimization()).execution == "float32, eager"
    assert run(toys.optimization(dtype=torch.float64)).execution == "float64, eager"


def in_bfloat16(module):
    """Whether bfloat16 is taken for a photograph, tried on the CPU; and the optimisation."""
    optimization = cx.Optimization(toys.image(), toys.classifier(module), [toys.target()], toys.small("waveletx"))
    taken = optimization.sampler.use_bfloat16(optimization.objective.distortion)
    return taken, optimization


def test_bfloat16_is_taken_where_it_hardly_moves_the_distortion():
    precise = run(cx.Optimization(toys.image(), toys.classifier(), [toys.target()], toys.small("waveletx")))
    taken, optimization = in_bfloat16(toys.Toy())
    assert taken
    run(optimization)
    assert optimization.execution == "bfloat16, eager"
    assert optimization.mask.dtype == torch.float32
    ours, theirs = (each.curves()["loss"][-1, 0] for each in (optimization, precise))
    assert ours == pytest.approx(theirs, rel=0.01)
    assert (optimization.mask - precise.mask).abs().mean() < 0.05


class Steep(toys.Toy):
    """Logits so steep that bfloat16 decides otherwise."""

    def forward(self, image):
        return 400 * (super().forward(image) - super().forward(image).mean(1, keepdim=True))


class Stubborn(toys.Toy):
    """Refuses anything but float32."""

    def forward(self, image):
        if image.dtype != torch.float32:
            raise TypeError("float32 is needed")
        return super().forward(image)


@pytest.mark.parametrize("module", [Steep(), Stubborn()], ids=["steep", "stubborn"])
def test_bfloat16_is_not_taken_where_it_does(module):
    taken, optimization = in_bfloat16(module)
    assert not taken
    assert run(optimization).execution == "float32, eager"


class Hungry(toys.Toy):
    """Memory is out for more images than `most` at once."""

    def __init__(self, most):
        super().__init__()
        self.most, self.seen = most, []

    def forward(self, image):
        if not image.requires_grad:
            return super().forward(image)
        if len(image) > self.most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.seen.append(len(image))
        return super().forward(image)

    def __deepcopy__(self, memo):
        return self


@pytest.mark.parametrize("acceleration", [None, Acceleration()])
def test_where_memory_runs_out_fewer_are_shown_at_once(acceleration):
    hungry, plain = Hungry(most=3), toys.Toy()
    found = []
    for module in (hungry, plain):
        method = toys.small("waveletx", samples=12, acceleration=acceleration, obfuscation=UniformNoise())
        optimization = toys.replaying(toys.image(), [toys.target()], method, module=module)
        if module is hungry:
            hungry.seen.clear()  # what it saw when the classifier was made
        found.append(run(optimization, 3))
    assert hungry.seen == [3] * 12
    assert (found[0].mask - found[1].mask).abs().max() < 1e-9
    assert len(found[0].notes) == 1
    assert "the classifier now sees 3 images at once" in found[0].notes[0]
    assert found[1].notes == ()


def test_the_noise_is_the_same_after_memory_ran_out():
    masks = []
    for most in (4, 100):
        optimization = cx.Optimization(
            toys.image(), toys.classifier(Hungry(most)), [toys.target()], toys.small("waveletx", samples=8)
        )
        masks.append(run(optimization, 3).mask)
    assert (masks[0] - masks[1]).abs().max() < 1e-5


def test_where_one_image_is_too_much_it_is_said():
    optimization = cx.Optimization(
        toys.image(), toys.classifier(Hungry(0)), [toys.target()], toys.small("waveletx", samples=8)
    )
    with pytest.raises(RuntimeError, match="out of memory"):
        optimization.step()
    assert optimization.steps_done == 0


# One step, against the whole objective written out and differentiated by autograd.


@dataclass(frozen=True)
class Scattered:
    """A start inside (0, 1) that differs from entry to entry, and is the same for the parts of a coefficient."""

    mask_model: object

    def start(self, transform, count):
        start = self.mask_model.start(transform, count)
        values = 0.15 + 0.7 * torch.rand(start.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        return values.to(start)[..., partners(transform, start.shape[-1])]

    def mask(self, parameters, transform):
        return self.mask_model.mask(parameters, transform)


def partners(transform, n):
    """For each of n mask entries the index of the first part of its coefficient."""
    first = torch.arange(n)
    for band in transform.bands:
        if band.parts > 1:
            first[band.slice] = torch.arange(band.start, band.start + math.prod(band.shape)).repeat(band.parts)
    return first


DISTORTIONS = {
    SquaredDifference("original"): lambda p, q, c: (p[c] - q[:, c]) ** 2,
    SquaredDifference("one"): lambda p, q, c: (1 - q[:, c]) ** 2,
    SquaredL2(): lambda p, q, c: ((p - q) ** 2).sum(1),
    KLDivergence(): lambda p, q, c: (p * (p / q).log()).sum(1),
    CrossEntropy(): lambda p, q, c: -q[:, c].log(),
}


def clamped(images):
    """A clamp to [0, 1] whose gradient does not depend on how a synthesis rounds black and white."""
    inside = (images > -1e-6) & (images < 1 + 1e-6)
    return torch.where(inside, images, images.detach()) + (images.clamp(0, 1) - images).detach()


def penalties(mask, cartoon, transform, area):
    """Each penalty of one mask (N,) and cartoon (3, H, W) by its formula."""
    grey = clamped(cartoon.mean(0))
    values = {"l1": mask.abs().sum() / len(mask), "spatial_l1": grey.mean(), "spatial_l2": (grey**2).mean().sqrt()}
    if transform.bands[0].orientation == "pixels":
        square = mask.view(transform.size)
        values["tv"] = ((square[1:] - square[:-1]) ** 2).sum() + ((square[:, 1:] - square[:, :-1]) ** 2).sum()
        values["tv"] = values["tv"] / len(mask)
    if area is not None:
        zeros = len(mask) - max(1, round(area * len(mask)))
        values["area"] = ((mask.sort().values - (torch.arange(len(mask)) >= zeros).double()) ** 2).mean()
    return values


def objective(mask, optimization, step):
    """All curves (B,) of masks (B, 1, N) in a step, image by image; differentiable in the masks."""
    method, transform, h = optimization.method, optimization.transform, optimization.coefficients
    location, scale = method.obfuscation.adapt(optimization.image, h, transform)
    draws = optimization.sampler._noise(step)
    curves = []
    for i, c in enumerate(optimization.targets.tolist()):
        v = location[i] + scale[i] * draws[i]
        cartoon = transform.synthesise((mask[i] * h[i])[None])
        images = transform.synthesise(mask[i] * h[i] + (1 - mask[i]) * v)
        if method.clamp:
            images = clamped(images)
        p, q = (optimization.classifier(seen).softmax(-1) for seen in (optimization.image[i : i + 1], images))
        distortion = DISTORTIONS[method.distortion](p[0], q, c).mean()
        if method.clean_fraction:
            q = optimization.classifier(clamped(cartoon) if method.clamp else cartoon).softmax(-1)
            clean = DISTORTIONS[method.distortion](p[0], q, c)[0]
            distortion = method.clean_fraction * clean + (1 - method.clean_fraction) * distortion
        values = {"distortion": distortion, **penalties(mask[i, 0], cartoon[0], transform, method.area)}
        values["loss"] = distortion + sum(
            getattr(method, f"lambda_{name}") * (method.area_growth**step if name == "area" else 1) * value
            for name, value in values.items()
            if name != "distortion"
        )
        curves.append(values)
    return {name: torch.stack([values[name] for values in curves]) for name in curves[0]}


def written_out(optimization, steps):
    """Masks, curves and gradients to the parameters of each step, by autograd and torch's Adam."""
    method, transform = optimization.method, optimization.transform
    parameters = method.mask.start(transform, len(optimization.image)).requires_grad_()
    tied = partners(transform, parameters.shape[-1])
    adam = torch.optim.Adam([parameters], lr=method.learning_rate)
    for step in range(steps):
        curves = objective(method.mask.mask(parameters[..., tied], transform), optimization, step)
        adam.zero_grad()
        curves["loss"].sum().backward()
        gradient = parameters.grad[..., tied].clone()
        if method.schedule == "cosine":
            adam.param_groups[0]["lr"] = method.learning_rate * (1 + math.cos(math.pi * step / method.steps)) / 2
        adam.step()
        with torch.no_grad():
            parameters.clamp_(0, 1)
            yield method.mask.mask(parameters[..., tied], transform), curves, gradient


WAVELET = cx.representations.Wavelet("db2", levels=2)
PRICES = {"lambda_l1": 0.3, "lambda_spatial_l1": 0.5, "lambda_spatial_l2": 0.7}
PIXEL_PRICES = PRICES | {"lambda_tv": 0.4, "lambda_area": 0.6, "area": 0.37, "area_growth": 1.5}
VARIANTS = {
    **{
        name: lambda name=name: toys.small(name, acceleration=None, clean_fraction=0.5 * ("interactive" in name))
        for name in cx.methods.PRESETS
    },
    "every price, on wavelets": lambda: toys.small("waveletx", **PRICES, lambda_area=0.2, area=0.6, clean_fraction=0.4),
    "every price, on pixels": lambda: toys.small("pixel_mask", **PIXEL_PRICES, clean_fraction=0.25, samples=4),
    "no price": lambda: toys.small("cartoonx", lambda_l1=0.0, distortion=SquaredDifference("one")),
    "shared colours": lambda: toys.small("cartoonx", obfuscation=GaussianNoise(per="band", colours="shared")),
    "shared colours, uniform, noise-free": lambda: toys.small(
        "cartoonx", obfuscation=UniformNoise(per="scale", colours="shared"), clean_fraction=0.4
    ),
    "complex coefficients": lambda: toys.small("waveletx", representation=toys.Rotated(), **PRICES),
    "complex coefficients, shared colours, noise-free": lambda: toys.small(
        "cartoonx", representation=toys.Rotated(), obfuscation=GaussianNoise(colours="shared"), clean_fraction=0.5
    ),
    "more samples than go at once": lambda: toys.small("cartoonx", samples=20, lambda_l1=1.0),
    "more samples than go at once, noise-free": lambda: toys.small("cartoonx", clean_fraction=0.25, samples=20),
    "zeros": lambda: toys.small("waveletx", obfuscation=Zeros(), samples=7),
    "zeros, noise-free": lambda: toys.small("cartoonx", obfuscation=Zeros(), clean_fraction=0.25, samples=7),
    "blurred, on wavelets": lambda: toys.small("cartoonx", obfuscation=BlurredImage(sigma=3.0), samples=7),
    "squared l2": lambda: toys.small("cartoonx", distortion=SquaredL2(), lambda_l1=0.1),
    "KL": lambda: toys.small("cartoonx", distortion=KLDivergence(), lambda_l1=0.1),
    "cross-entropy, not clamped": lambda: toys.small("waveletx", distortion=CrossEntropy(), clamp=False),
    "cosine": lambda: toys.small("pixel_rde", schedule="cosine", lambda_l1=0.1),
    "a smooth mask with noise": lambda: toys.small("smooth_mask", obfuscation=UniformNoise(), samples=3, **PRICES),
}

# What holds for these too, though their steps are not the published ones.
ACCELERATED = {
    **{f"accelerated {name}": lambda name=name: toys.small(name) for name in cx.methods.PRESETS if "_" in name},
    "accelerated, two samples": lambda: toys.small("waveletx_interactive", samples=2),
    "accelerated, squared l2": lambda: toys.small("cartoonx_interactive", distortion=SquaredL2()),
    "accelerated, complex coefficients": lambda: toys.small("waveletx_interactive", representation=toys.Rotated()),
    "accelerated, smooth": lambda: toys.small("smooth_mask", acceleration=Acceleration(), samples=3),
}


def pictures():
    """Three pictures (3, 3, 32, 32): that of the traces, and two random ones with black and white pixels."""
    return torch.cat([toys.image(), toys.image(1), toys.image(2)])


TARGETS = [toys.target(), 1, 4]


def assert_steps_are_written_out(optimization, steps):
    previous = optimization.mask
    for step, (mask, curves, gradient) in enumerate(written_out(optimization, steps)):
        optimization.step()
        ours = optimization.curves()
        assert set(ours) == set(curves)
        for name, values in curves.items():
            assert ours[name][step] == pytest.approx(values.detach().numpy(), rel=1e-9, abs=1e-13), name
        largest = gradient.abs().max()
        assert largest > 1e-6
        assert (optimization.descent.parameters.grad - gradient).abs().max() < 1e-10 * largest
        assert (optimization.mask - mask).abs().max() < 1e-9
        assert (mask - previous).abs().max() > 1e-3
        previous = mask


@pytest.mark.parametrize(
    ("variant", "count"), [*((name, 3) for name in VARIANTS), *((name, 1) for name in VARIANTS if "samples" in name)]
)
def test_a_step_is_the_whole_objective_and_its_gradient(variant, count):
    method = VARIANTS[variant]()
    optimization = toys.replaying(pictures()[:count], TARGETS[:count], method.replace(mask=Scattered(method.mask)))
    assert_steps_are_written_out(optimization, 3)


def test_coefficients_in_portions(monkeypatch):
    """Noise is transformed in portions of a bounded size; here of one or two samples."""
    for portion in (1, 2):
        method = toys.small("cartoonx", samples=5)
        optimization = toys.replaying(pictures()[:2], TARGETS[:2], method.replace(mask=Scattered(FreeMask())))
        numbers = portion * optimization.coefficients.numel()
        monkeypatch.setattr(sampling, "_MOST_COEFFICIENTS", {True: numbers + 1, False: 0})
        noise = torch.zeros(2, 5, *optimization.coefficients.shape[1:])
        assert [len(chunk[0]) for chunk in optimization.sampler._portions(noise)] == {1: [1] * 5, 2: [2, 2, 1]}[portion]
        assert_steps_are_written_out(optimization, 2)


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_classifier_never_sees_more_than_a_portion_at_once(monkeypatch, count):
    seen = []

    class Counting(toys.Toy):
        def forward(self, image):
            if image.requires_grad:
                seen.append(len(image))
            return super().forward(image)

    monkeypatch.setattr(sampling, "_MOST_PIXELS", {True: 6 * toys.SIDE**2})
    picture = toys.image().repeat(count, 1, 1, 1)
    optimization = toys.optimization(Counting(), picture=picture, samples=20, clean_fraction=0.25)
    seen.clear()
    run(optimization, 1)
    assert sum(seen) == 20 * count
    assert max(seen) <= max(6 + count, 2 * count)


@pytest.mark.parametrize("variant", VARIANTS | ACCELERATED)
def test_a_batch_of_three_is_its_images_alone(variant):
    method = (VARIANTS | ACCELERATED)[variant]()
    together = run(toys.replaying(pictures(), TARGETS, method), 4)
    for i in range(3):
        alone = run(toys.replaying(pictures(), TARGETS, method, only=i), 4)
        assert (together.mask[i] - alone.mask[0]).abs().max() < 1e-9
        assert list(together.curves()) == list(alone.curves())
        for name, values in alone.curves().items():
            assert np.abs(together.curves()[name][:, i] - values[:, 0]).max() < 1e-6
    assert (together.mask[0] - together.mask[1]).abs().max() > 0.005


@pytest.mark.parametrize("variant", VARIANTS | ACCELERATED)
def test_every_method_keeps_its_mask_between_0_and_1_and_its_run_by_the_seed(variant):
    method = (VARIANTS | ACCELERATED)[variant]().replace(learning_rate=0.1)

    def begin(seed):
        return cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method, seed=seed)

    first, second, other = (run(begin(seed), 3) for seed in (7, 7, 8))
    assert 0 <= first.mask.min() < first.mask.max() <= 1
    assert torch.equal(first.mask, second.mask)
    assert torch.equal(first.mask, other.mask) == (not method.obfuscation.random)
    assert torch.equal(first.mask, first.mask[..., partners(first.transform, first.mask.shape[-1])])
    first.check()


@pytest.mark.parametrize(
    "variant", [*cx.methods.PRESETS, "every price, on pixels", "complex coefficients", *ACCELERATED]
)
def test_nothing_is_read_back_within_a_step(variant):
    optimization = run(
        cx.Optimization(toys.image(), toys.classifier(), [toys.target()], (VARIANTS | ACCELERATED)[variant]()), 2
    )
    read = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            reads = any(word in str(function) for word in ("_local_scalar_dense", "nonzero", "masked_select", "equal."))
            if reads:
                read.append(str(function))
            return function(*args, **(kwargs or {}))

    with Watch():
        optimization.step()
    assert read == []


@pytest.mark.parametrize("obfuscation", [Zeros(), BlurredImage(sigma=3.0)])
def test_without_randomness_one_sample_says_everything(obfuscation):
    seen = []

    class Counting(toys.Toy):
        def forward(self, image):
            seen.append(len(image))
            return super().forward(image)

    classifier = toys.classifier(Counting())
    for clean_fraction, images in ((0.0, 1), (0.25, 1)):
        method = toys.small("cartoonx", obfuscation=obfuscation, samples=8, clean_fraction=clean_fraction)
        optimization = cx.Optimization(toys.image(), classifier, [toys.target()], method)
        seen.clear()
        optimization.step()
        assert sum(seen) == images


def test_the_clean_fraction_share_weighs_the_cartoon_against_the_noisy_samples():
    """One noisy sample or ten: the cartoon's share stays."""
    for samples in (2, 11):
        method = toys.small("cartoonx", lambda_l1=0.0, clean_fraction=0.75, samples=samples, mask=FreeMask(0.0))
        optimization = toys.replaying(
            toys.image(), [toys.target()], method.replace(distortion=SquaredDifference("one"))
        )
        optimization.sampler._noise = lambda step, samples=samples, n=optimization.coefficients.shape[-1]: torch.zeros(
            1, samples - 1, 3, n
        )
        optimization.sampler._location = optimization.coefficients  # the noisy samples show the photograph
        run(optimization, 1)
        black = optimization.classifier.probabilities(torch.zeros(1, 3, 32, 32, dtype=torch.float64))
        whole = optimization.probabilities
        expected = [float((1 - p[0, toys.target()]) ** 2) for p in (black, whole)]
        loss = optimization.curves()["distortion"][0, 0]
        assert loss == pytest.approx(0.75 * expected[0] + 0.25 * expected[1], rel=1e-9)


def test_the_curves_of_each_method():
    names = ("distortion", "l1", "spatial_l1", "spatial_l2")
    for name in cx.methods.PRESETS:
        optimization = cx.Optimization(toys.image(), toys.classifier(), [0], toys.small(name))
        more = {"pixel_rde": ("tv",), "pixel_mask": ("tv",), "smooth_mask": ("tv", "area")}.get(name, ())
        assert optimization.curve_names == (*names, *more, "loss")
        run(optimization, 2)
        assert list(optimization.curves()) == list(optimization.curve_names)
        assert all(values.shape == (2, 1) for values in optimization.curves().values())


def test_the_price_of_the_area_grows():
    method = toys.small("smooth_mask", lambda_area=2.0, area_growth=1.5)
    optimization = run(cx.Optimization(toys.image(), toys.classifier(), [0], method))
    curves = {name: values[:, 0] for name, values in optimization.curves().items()}
    assert (curves["loss"] - curves["distortion"]) / curves["area"] == pytest.approx(
        [2.0 * 1.5**step for step in range(5)], rel=1e-4
    )


def test_the_price_of_the_area_stays_finite():
    method = toys.small("smooth_mask", area_growth=2.0, steps=140)
    optimization = run(cx.Optimization(toys.image(), toys.classifier(), [0], method))
    optimization.check()


def test_a_method_of_fixed_area_keeps_about_that_area():
    for area in (0.2, 0.5):
        method = toys.small("smooth_mask", area=area, lambda_area=300.0, steps=80)
        optimization = run(cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method))
        assert float(optimization.mask.mean()) == pytest.approx(area, abs=0.1)
        assert optimization.curves()["area"][-1, 0] < 0.5 * optimization.curves()["area"][0, 0]


def test_a_run_goes_on_from_the_mask_of_an_earlier_one():
    first = run(toys.optimization(reference="one"))
    method = toys.method(reference="one").replace(mask=GivenMask(first.mask[0, 0]))
    second = cx.Optimization(toys.image(), toys.classifier(), [toys.target()], method)
    assert torch.equal(second.mask, first.mask)
    run(second, 1)
    assert second.curves()["l1"][0, 0] == pytest.approx(float(first.mask.mean()), abs=1e-6)
    assert not torch.equal(second.mask, first.mask)


# Steering.


@pytest.mark.parametrize("name", [name for name in STEERABLE if name.startswith("lambda")])
def test_a_price_holds_from_the_next_step(name):
    method = toys.small("pixel_mask", lambda_l1=0.0, lambda_tv=0.0, area=0.4, mask=Scattered(FreeMask()))
    optimization = run(toys.replaying(toys.image(), [toys.target()], method), 2)
    before = optimization.settings
    optimization.steer(**{name: 3})
    assert (getattr(optimization.settings, name), getattr(before, name), getattr(optimization.method, name)) == (
        3,
        0,
        0,
    )
    run(optimization, 1)
    optimization.steer(**{name: 0})
    run(optimization, 1)
    curves = optimization.curves()
    prices = (curves["loss"] - curves["distortion"])[:, 0] / curves[name.removeprefix("lambda_")][:, 0]
    assert prices == pytest.approx([0, 0, 3, 0], abs=1e-9)


def test_the_learning_rate_holds_from_the_next_step():
    optimization = toys.optimization(lambda_l1=1e6, learning_rate=0.01)  # the price alone sets the gradient
    before = run(optimization, 1).mask
    assert (1 - before).numpy() == pytest.approx(0.01, rel=1e-3)
    optimization.steer(learning_rate=0.1)
    after = run(optimization, 1).mask
    assert (before - after).numpy() == pytest.approx(0.1, rel=1e-3)


def test_several_settings_are_steered_at_once_and_stay():
    optimization = toys.optimization()
    optimization.steer(lambda_l1=3, learning_rate=0.2)
    optimization.steer(lambda_spatial_l1=5)
    optimization.steer()
    assert optimization.settings == optimization.method.replace(lambda_l1=3, learning_rate=0.2, lambda_spatial_l1=5)
    run(optimization, 1)
    curves = {name: values[0, 0] for name, values in optimization.curves().items()}
    assert curves["loss"] == pytest.approx(curves["distortion"] + 3 * curves["l1"] + 5 * curves["spatial_l1"], rel=1e-6)


def test_a_schedule_goes_on_with_a_steered_learning_rate():
    optimization = toys.optimization(lambda_l1=1e6, learning_rate=0.01, steps=4, schedule="cosine")
    before = run(optimization, 2).mask
    optimization.steer(learning_rate=0.2)
    after = run(optimization, 1).mask
    assert (before - after).numpy() == pytest.approx(0.2 * 0.5, rel=1e-3)  # half of it after half of the steps


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        *[({name: value}, rf"{name}=") for name in STEERABLE for value in (-1, float("nan"), "1", None, True)],
        ({"learning_rate": 0}, "learning_rate=0 must be"),
        ({"lambda_l3": 1}, "lambda_l3 is no setting; lambda_l1, .*, learning_rate can be steered"),
        *[
            ({name: 1}, rf"{name} holds for a whole run: begin another; lambda_l1, .*, learning_rate can be steered")
            for name in ("steps", "samples", "area", "area_growth", "clean_fraction", "mask", "clamp")
        ],
        ({"lambda_tv": 0.5}, r"lambda_tv=0.5 does not fit the representation: .*pixels.* Set lambda_tv=0"),
        ({"lambda_area": 2.0}, r"lambda_area=2.0 weighs the distance from an area: set area too"),
        ({"lambda_l1": 9.0, "lambda_tv": 1.0}, "lambda_tv=1.0 does not fit"),  # all or nothing
        ({"lambda_l1": 9.0, "steps": 3}, "steps holds for a whole run"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(settings, reason):
    touched, untouched = (run(toys.optimization(reference="one"), 1) for _ in range(2))
    before = touched.settings
    with pytest.raises(ValueError, match=reason):
        touched.steer(**settings)
    assert touched.settings is before
    for optimization in (touched, untouched):
        run(optimization, 2)
    assert torch.equal(touched.mask, untouched.mask)
    assert np.array_equal(touched.curves()["loss"], untouched.curves()["loss"])


# What does not fit is refused before the first step.


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"representation": lambda: cx.representations.Wavelet("haar", levels=7)},
            "levels=7 is too many for an image of 32 x 32 pixels: use at most 6, or a larger image",
        ),
        (
            {"representation": lambda: cx.representations.Wavelet("dbb3")},
            "wavelet='dbb3' is not .*did you mean .*'db3'",
        ),
        ({"mask": lambda: GivenMask(torch.ones(7))}, r"values has shape \(7,\); this representation needs .*\(1267,\)"),
        ({"mask": lambda: GivenMask(torch.full((1267,), 1.5))}, r"values lie between 1.5 and 1.5; .*in \[0, 1\]"),
        ({"mask": SmoothMask}, r"a smooth mask lies on pixels: use representations.Pixel\(\), or a FreeMask"),
        ({"mask": lambda: FreeMask(1.5)}, r"initial=1.5 must be a number in \[0, 1\]"),
        ({"lambda_tv": lambda: 0.5}, r"lambda_tv=0.5 does not fit the representation: .* Set lambda_tv=0"),
        *[
            ({"area": lambda area=area: area}, rf"area={area} must be a finite number above 0 and below 1")
            for area in (0, 1, -0.1, 1.5)
        ],
        ({"lambda_area": lambda: 10.0}, "lambda_area=10.0 weighs the distance from an area: set area too"),
        ({"lambda_l1": lambda: -1.0}, "lambda_l1=-1.0 must be a finite number of at least 0"),
    ],
)
def test_settings_that_do_not_fit(settings, reason):
    with pytest.raises(ValueError, match=reason):
        cx.Optimization(
            toys.image(),
            toys.classifier(),
            [0],
            toys.small("cartoonx").replace(**{name: make() for name, make in settings.items()}),
        )


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, "1", None, True])
def test_a_seed_out_of_range(seed):
    with pytest.raises(ValueError, match=r"seed=.* must be a whole number from 0 to 9223372036854775807"):
        toys.optimization(seed=seed)


@pytest.mark.parametrize("target", [-1, 5, 1.5])
def test_a_target_that_is_no_class(target):
    with pytest.raises(ValueError, match=r"targets="):
        toys.optimization(targets=[target])


@pytest.mark.parametrize("name", ["cartoonx", "cartoonx_interactive", "waveletx", "shearletx", "smooth_mask"])
def test_an_image_gets_the_mask_that_it_gets_alone(name):
    """Also where the classifier sees the samples in other parts, since the batch has more images."""
    pictures = torch.cat([toys.image(seed) for seed in range(3)]).double()
    classifier, method = toys.classifier(dtype=torch.float64), toys.small(name)
    together = cx.Optimization(pictures, classifier, [0, 1, 2], method, seed=5)
    together.sampler.chunk_size = 1
    alone = [cx.Optimization(pictures[i : i + 1], classifier, [i], method, seed=5) for i in range(3)]
    for optimization in (together, *alone):
        while not optimization.finished:
            optimization.step()
    torch.testing.assert_close(together.mask, torch.cat([optimization.mask for optimization in alone]))


@pytest.mark.parametrize("variant", [*cx.methods.PRESETS, *ACCELERATED])
def test_a_copy_goes_on_as_the_original_would_and_by_itself(variant):
    optimization = run(
        cx.Optimization(toys.image(), toys.classifier(), [toys.target()], (VARIANTS | ACCELERATED)[variant]()), 2
    )
    copied = optimization.copy()
    before = optimization.mask
    run(copied, 3)
    assert torch.equal(optimization.mask, before)
    assert (optimization.steps_done, copied.steps_done) == (2, 5)
    run(optimization, 3)
    assert torch.equal(optimization.mask, copied.mask)
    assert optimization.curves().keys() == copied.curves().keys()
    copied.steer(learning_rate=0.5)
    assert optimization.settings.learning_rate != copied.settings.learning_rate
