import math

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.masking import GaussianNoise


def run(optimization, steps=None):
    for _ in range(steps or optimization.method.steps):
        optimization.step()
    return optimization


def draws(optimization, step=0):
    """Noise of the shape that the optimisation asks for, the same for the same step."""
    method, coefficients = optimization.method, optimization.coefficients
    shape = (len(coefficients), method.samples - bool(method.noise_free), *coefficients.shape[1:])
    return toys.gaussian(shape, step).to(coefficients)


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


@pytest.mark.parametrize("noise_free", [0.0, 0.25])
def test_a_batch_is_its_images_alone(noise_free):
    pictures, targets = torch.cat([toys.image(), toys.image(5)]), [toys.target(), 1]

    def optimize(picture, targets, noise):
        return toys.optimization(picture=picture, targets=targets, noise=noise, noise_free=noise_free, reference="one")

    shape = (2, 4 - bool(noise_free), 3, toys.optimization().transform.n_coefficients)
    together = run(optimize(pictures, targets, lambda step: toys.gaussian(shape, step)))
    for i in range(2):
        alone = run(
            optimize(pictures[i : i + 1], targets[i : i + 1], lambda step, i=i: toys.gaussian(shape, step)[[i]])
        )
        assert (together.mask[i] - alone.mask[0]).abs().max() < 1e-6
        for name, values in alone.curves().items():
            assert np.abs(together.curves()[name][:, i] - values[:, 0]).max() < 1e-6
    assert (together.mask[0] - together.mask[1]).abs().max() > 0.1


@pytest.mark.parametrize("noise_free", [0.0, 0.3])
@pytest.mark.parametrize("reference", ["original", "one"])
def test_the_objective_written_out(reference, noise_free):
    """ECCV 2022, equation 5: E[(r - p(clamp(A(s h + (1 - s) v))))^2] + lambda mean|s|."""
    method = toys.method(reference=reference, lambda_l1=0.7, noise_free=noise_free)
    picture = toys.image().double()
    optimization = cx.Optimization(
        picture,
        toys.classifier(dtype=torch.float64),
        [toys.target()],
        method,
        noise=lambda step: draws(optimization, step),
    )
    run(optimization, 3)
    s, h, synthesise = optimization.mask, optimization.coefficients, optimization.transform.synthesise
    location, scale = GaussianNoise().adapt(h, optimization.transform)
    noise = location + scale * draws(optimization, 3)[0]
    noisy = synthesise(s * h + (1 - s) * noise).clamp(0, 1)

    def probability(images):
        return optimization.classifier.probabilities(images)[:, toys.target()]

    r = probability(picture) if reference == "original" else 1
    distortion = ((r - probability(noisy)) ** 2).mean()
    if noise_free:
        assert len(noisy) == method.samples - 1
        distortion = noise_free * (r - probability(optimization.cartoon())) ** 2 + (1 - noise_free) * distortion
    optimization.step()
    curves = {name: values[3, 0] for name, values in optimization.curves().items()}
    assert curves["distortion"] == pytest.approx(float(distortion), rel=1e-9)
    assert curves["l1"] == pytest.approx(float(s.mean()), rel=1e-9)
    assert curves["loss"] == pytest.approx(float(distortion + 0.7 * s.mean()), rel=1e-9)


def test_a_step_is_one_of_adam_on_that_objective():
    """The mask's gradient by finite differences, and Adam's first step: the learning rate against its sign."""
    optimization = toys.optimization(
        dtype=torch.float64, reference="one", learning_rate=1e-3, noise=lambda step: draws(optimization, 0)
    )
    run(optimization, 1)
    moved = optimization.mask - 1
    assert -1e-3 - 1e-9 < moved.min() < -0.9e-3
    for place in (0, 50, 400):
        values = []
        for change in (-1e-5, 1e-5):
            other = toys.optimization(
                dtype=torch.float64, reference="one", noise=lambda step: draws(optimization, 0), learning_rate=1e-3
            )
            other._mask.data[0, 0, place] += change
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


def test_lambda_holds_from_the_next_step():
    optimization = toys.optimization(lambda_l1=1.0)
    run(optimization, 2)
    optimization.lambda_l1 = 3
    run(optimization, 1)
    optimization.lambda_l1 = 0
    run(optimization, 1)
    curves = optimization.curves()
    prices = (curves["loss"] - curves["distortion"])[:, 0] / curves["l1"][:, 0]
    assert prices == pytest.approx([1, 1, 3, 0], abs=1e-5)
    assert optimization.lambda_l1 == 0


def test_the_learning_rate_holds_from_the_next_step():
    optimization = toys.optimization(lambda_l1=1e6, learning_rate=0.01)  # the price alone sets the gradient
    before = run(optimization, 1).mask
    assert (1 - before).numpy() == pytest.approx(0.01, rel=1e-3)
    optimization.learning_rate = 0.1
    after = run(optimization, 1).mask
    assert (before - after).numpy() == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("setting", ["lambda_l1", "learning_rate"])
@pytest.mark.parametrize("value", [-1, float("nan"), "1", None])
def test_a_change_out_of_range_is_refused_and_changes_nothing(setting, value):
    optimization = toys.optimization()
    before = getattr(optimization, setting)
    with pytest.raises(ValueError, match=f"{setting}="):
        setattr(optimization, setting, value)
    assert getattr(optimization, setting) == before


@pytest.mark.parametrize(
    "shape", [(4, 3, 10), (1, 5, 3, None), (1, 4, 1, None), (2, 4, 3, None), (1, 4, 3, 10), (), (1, 4, 3, None, 1)]
)
def test_noise_of_a_wrong_shape(shape):
    n = toys.optimization().transform.n_coefficients
    wrong = torch.zeros([n if size is None else size for size in shape])
    optimization = toys.optimization(noise=lambda step: wrong)
    with pytest.raises(ValueError, match=rf"noise\(0\) has shape .*\(B, S, 3, N\) = \(1, 4, 3, {n}\) is needed"):
        optimization.step()


def test_noise_may_be_an_array_of_another_dtype():
    arrays = toys.optimization(noise=lambda step: draws(arrays, step).double().numpy())
    tensors = toys.optimization(noise=lambda step: draws(tensors, step))
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
        return draws(optimization, step)

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
        noise_free=0.75,  # noise has the mean of what it replaces: only the cartoon itself gets darker
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
    assert "Lower lambda (now 20)" in explanation.warning


def test_the_remedies_help():
    for remedy in ({"reference": "one", "lambda_l1": 20.0}, {"reference": "original", "lambda_l1": 1e-4}):
        explanation = explain_brightness(**remedy)
        assert not explanation.collapsed
        assert explanation.warning == ""
        assert explanation.probability > 0.5 * explanation.target.probability


def test_a_collapse_against_probability_1_only_asks_for_a_lower_lambda():
    explanation = explain_brightness(lambda_l1=5000.0, reference="one")
    assert explanation.collapsed
    assert "Lower lambda (now 5000)" in explanation.warning
    assert "reference" not in explanation.warning


def test_gaussian_noise_has_the_mean_and_deviation_of_its_bands():
    pictures = torch.cat([toys.image(), 0.3 * toys.image(5)]).double()
    transform = cx.representations.Wavelet("db2", levels=2).transform((32, 32), dtype=torch.float64)
    coefficients = transform.analyse(pictures)
    location, scale = GaussianNoise().adapt(coefficients, transform)
    assert location.shape == scale.shape == (2, 1, transform.n_coefficients)
    raw = GaussianNoise().draw((2000, 3, transform.n_coefficients), torch.Generator().manual_seed(0))
    assert raw.dtype == torch.float32
    for i in range(2):
        for group in transform.groups():
            band = coefficients[i, :, group].numpy()
            noise = (location[i, :, group] + scale[i, :, group] * raw[..., group]).double().numpy()
            error = band.std(ddof=1) / math.sqrt(noise.size)  # of the mean of that many draws
            assert np.ptp(location[i, :, group].numpy()) == np.ptp(scale[i, :, group].numpy()) == 0
            assert abs(noise.mean() - band.mean()) < 5 * error
            assert noise.std() == pytest.approx(band.std(ddof=1), rel=5 / math.sqrt(2 * noise.size))


def test_the_draws_of_a_seed():
    draw = GaussianNoise().draw
    first, again, other = (draw((50,), torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_parts_of_the_cartoon_add_up():
    optimization = run(toys.optimization(picture=toys.image(4)))
    whole = sum(optimization.cartoon(band) for band in optimization.transform.bands)
    assert torch.allclose(whole.clamp(0, 1), optimization.cartoon(), atol=1e-6)


def test_the_present_moment():
    optimization = run(toys.optimization(), 3)
    for measured in (False, True):  # without a noise-free sample no step measures the cartoon
        moment = optimization.moment(measured=measured)
        assert moment.step == 3
        assert torch.equal(moment.mask, optimization.mask)
        assert torch.equal(moment.probabilities, optimization.classifier.probabilities(optimization.cartoon()))


def test_the_moment_that_the_last_step_measured():
    optimization = run(toys.optimization(noise_free=0.25), 3)
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
def test_a_step_reads_nothing_back_from_the_gpu():
    classifier = cx.Classifier(toys.Toy(), size=toys.SIDE, device="cuda")
    optimization = cx.Optimization(toys.image().cuda(), classifier, [toys.target()], toys.method(steps=20))
    run(optimization, 3)  # the first steps load kernels and make Adam's state
    torch.cuda.set_sync_debug_mode("error")
    try:
        run(optimization, 5)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    optimization.check()
    assert optimization.curves()["loss"].shape == (8, 1)
