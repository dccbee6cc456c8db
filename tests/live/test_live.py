import gc
import threading
import weakref
import zlib

import numpy as np
import pytest
import torch
import toys

import cartoonx_widgets as cx
from cartoonx_widgets.live import Pacer, Runner
from cartoonx_widgets.recording.frame import Frame, frame_of

PATIENCE = 60  # seconds after which a test gives up


class Clock:
    """A clock that the tests turn."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class EachStep:
    """A clock on which five seconds pass whenever it is looked at: a frame is always due."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 5
        return self.now


class Listener:
    """Keeps what it is told; `when` runs a function at a frame of some step, in the worker's thread."""

    def __init__(self, *, answer=False):
        self.told, self.statuses, self.errors = [], [], []
        self.answer, self.runner = answer, None
        self.when = {}

    @property
    def frames(self):
        return tuple(frame for _, _, frame in self.told)

    def told_of(self, optimization):
        """The frames of one optimisation, in the order in which they came, which is that of the recording."""
        told = [(index, frame) for one, index, frame in self.told if one is optimization]
        assert [index for index, _ in told] == list(range(len(told)))
        return tuple(frame for _, frame in told)

    def on_frame(self, optimization, index, frame):
        self.told.append((optimization, index, frame))
        if frame.step in self.when:
            self.when[frame.step]()
        if self.answer:
            self.runner.pacer.answered(index)

    def on_status(self, *, still):
        self.statuses.append(still)

    def on_error(self, error):
        self.errors.append(error)


class Stopping:
    """Noise that lets a test hold the run inside a step: `reached` is set there, `go_on` lets it go."""

    def __init__(self, step):
        self.step, self.reached, self.go_on = step, threading.Event(), threading.Event()

    def __call__(self, step):
        if step == self.step:
            self.reached.set()
            assert self.go_on.wait(PATIENCE)
        return toys.gaussian((1, 4, 3, n_coefficients()), step)


def n_coefficients():
    return toys.optimization().transform.n_coefficients


def workers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("cartoonx")]


@pytest.fixture
def start():
    """Make runners that are closed in the end, whatever happens: `start(optimization)` gives runner and listener."""
    runners = []

    def start(optimization=None, *, clock=None, answer=False, listener=None, **settings):
        listener = listener or Listener(answer=answer)
        runner = Runner(optimization or toys.optimization(**settings), listener)
        listener.runner = runner
        if clock is not None:
            runner.pacer = Pacer(clock)
        runners.append(runner)
        return runner, listener

    yield start
    for runner in runners:
        runner.close()
    assert workers() == []


@pytest.mark.parametrize("clean_fraction", [0.0, 0.25])
def test_play_to_the_end(start, clean_fraction):
    runner, listener = start(steps=30, answer=True, clean_fraction=clean_fraction)
    assert (runner.status.step, runner.status.steps, runner.status.playing) == (0, 30, False)
    runner.play()
    assert runner.wait(PATIENCE)
    status = runner.status
    assert (status.step, status.steps, status.playing, status.finished) == (30, 30, False, True)
    steps = [frame.step for frame in runner.frames]
    assert steps == sorted(set(steps))
    assert steps[-1] == 30
    assert listener.frames == runner.frames
    assert listener.statuses[-1] is True
    assert listener.errors == []
    assert runner.optimization.curves()["loss"].shape == (30, 1)


def test_a_run_of_the_runner_is_that_of_explain(start):
    runner, _ = start(seed=5)
    runner.play()
    assert runner.wait(PATIENCE)
    explanation = cx.explain(
        toys.image(),
        classifier=toys.classifier(),
        target=toys.target(),
        method=toys.method(),
        seed=5,
        progress=False,
    )
    assert torch.equal(runner.optimization.mask[0, 0], explanation.mask)


def test_a_pause_stands_still_and_shows_the_present_step(start):
    hold = Stopping(step=7)
    runner, listener = start(steps=50, noise=hold, clock=Clock())
    runner.play()
    assert hold.reached.wait(PATIENCE)  # inside the eighth step
    assert runner.status.playing
    assert not runner.wait(0)
    runner.pause()
    assert not runner.status.playing
    assert not runner.wait(0)  # a step is under way
    hold.go_on.set()
    assert runner.wait(PATIENCE)
    assert runner.status.step == 8
    assert listener.frames[-1].step == 8
    assert listener.statuses[-1] is True
    assert not runner.status.finished
    mask = runner.optimization.mask
    runner.play()
    assert runner.wait(PATIENCE)
    assert runner.status.step == 50
    assert not torch.equal(mask, runner.optimization.mask)


def test_single_steps(start):
    runner, listener = start()
    for done in range(1, 4):
        runner.step()
        assert runner.wait(PATIENCE)
        assert runner.status.step == done
        assert listener.frames[-1].step == done
        assert not runner.status.playing
    for _ in range(2):  # asked for at once, taken one after the other
        runner.step()
    assert runner.wait(PATIENCE)
    assert runner.status.step == 5
    assert listener.frames[-1].step == 5


def test_a_step_pauses(start):
    hold = Stopping(step=3)
    runner, _ = start(steps=50, noise=hold)
    runner.play()
    assert hold.reached.wait(PATIENCE)
    runner.step()
    hold.go_on.set()
    assert runner.wait(PATIENCE)
    assert not runner.status.playing
    assert runner.status.step in (4, 5)  # the one under way, and perhaps one more


def test_a_step_beyond_the_end(start):
    runner, listener = start(steps=2)
    runner.play()
    assert runner.wait(PATIENCE)
    runner.step()
    assert runner.wait(PATIENCE)
    assert (runner.status.step, runner.status.finished) == (3, True)
    assert listener.frames[-1].step == 3
    runner.play()
    assert runner.wait(PATIENCE)
    assert (runner.status.step, runner.status.playing) == (3, False)


def test_before_anything_is_asked_for_nothing_runs(start):
    runner, listener = start()
    assert workers() == []
    assert runner.wait(0)
    assert runner.frames == ()
    runner.record()
    assert [frame.step for frame in runner.frames] == [0]
    assert listener.frames == runner.frames
    runner.pause()
    assert runner.wait(0)
    assert workers() == []


@pytest.mark.parametrize("steps_of_the_old", [6, 40])  # the first is in its last step
def test_loading_another_run_while_one_plays(start, steps_of_the_old):
    """No frame of the old run stands among the new one's, and none is told after it."""
    hold = Stopping(step=5)
    old = toys.optimization(steps=steps_of_the_old, noise=hold)
    new = toys.optimization(steps=9, picture=toys.image(3))
    runner, listener = start(old, clock=Clock())
    runner.play()
    assert hold.reached.wait(PATIENCE)
    runner.load(new, play=True)  # the old run is inside a step
    assert runner.optimization is new
    hold.go_on.set()
    assert runner.wait(PATIENCE)
    assert runner.status.step == 9
    assert old.steps_done == 6
    steps = [frame.step for frame in runner.frames]
    assert (steps[0], steps[-1]) == (0, 9)
    assert steps == sorted(set(steps))
    assert listener.told_of(new) == runner.frames
    assert listener.frames[-len(steps) :] == runner.frames  # and none of the old run after the first
    for frame, mask in ((runner.frames[0], torch.ones_like(new.mask)), (runner.frames[-1], new.mask)):
        assert np.abs(frame.levels() / 255 - mask[0, 0].numpy()).max() <= 0.5 / 255 + 1e-6
        expected = new.classifier.probabilities(frame.cartoon(new.coefficients[0], new.transform)[None])[0]
        assert np.abs(frame.probabilities - expected.numpy()).max() < 0.01


def test_a_frame_on_its_way_to_a_slow_listener_says_whose_it_is(start):
    """Loading does not wait for a listener that is still busy with a frame of the old run."""
    hold, reached = threading.Event(), threading.Event()

    class Slow(Listener):
        def on_frame(self, optimization, index, frame):
            if optimization is old:
                reached.set()
                assert hold.wait(PATIENCE)
            super().on_frame(optimization, index, frame)

    old, new = toys.optimization(steps=1000), toys.optimization()
    runner, listener = start(old, listener=Slow())
    runner.play()
    assert reached.wait(PATIENCE)
    runner.load(new)
    hold.set()
    assert runner.wait(PATIENCE)
    assert runner.recording == (new, runner.frames)
    assert listener.told_of(new) == runner.frames
    assert [frame.step for frame in listener.told_of(new)] == [0]
    assert [frame.step for frame in listener.told_of(old)] == [1]


def test_loading_many_runs_in_the_midst_of_playing(start):
    runner, listener = start(steps=200, answer=True)
    runner.play()
    for seed in range(10):
        runner.load(toys.optimization(steps=200, seed=seed), play=True)
    last = toys.optimization(steps=5, seed=99)
    runner.load(last, play=True)
    assert runner.wait(PATIENCE)
    assert runner.optimization is last
    assert runner.status.step == last.steps_done == 5
    steps = [frame.step for frame in runner.frames]
    assert (steps[0], steps[-1]) == (0, 5)
    assert listener.told_of(last) == runner.frames
    assert listener.errors == []


def test_loading_without_playing_stands_still(start):
    runner, listener = start()
    runner.play()
    assert runner.wait(PATIENCE)
    runner.load(toys.optimization())
    assert runner.wait(PATIENCE)
    assert (runner.status.step, runner.status.playing) == (0, False)
    assert [frame.step for frame in runner.frames] == [0]
    assert listener.statuses[-1] is True


class BreaksOnce:
    """Noise that switches a classifier's fault on in one step, and off again for the next time."""

    def __init__(self, switch, step):
        self.switch, self.step = switch, step

    def __call__(self, step):
        self.switch.on = step == self.step
        self.step = None if self.switch.on else self.step
        return toys.gaussian((1, 4, 3, n_coefficients()), step)


def test_an_error_in_step_57(start):
    switch = toys.Switch()
    error = LookupError("no such layer")
    broken = toys.Breaking(switch, error=error)
    runner, listener = start(toys.optimization(broken, steps=70, noise=BreaksOnce(switch, 56)), clock=Clock())
    runner.record()
    runner.play()
    with pytest.raises(LookupError, match="no such layer"):
        runner.wait(PATIENCE)
    with pytest.raises(LookupError, match="no such layer"):  # until something new is asked for
        runner.wait(PATIENCE)
    assert len(listener.errors) == 1
    assert runner.error is listener.errors[0]
    assert runner.error.__traceback__ is not None
    assert (runner.status.step, runner.status.playing) == (56, False)
    assert runner.frames[0].step == 0
    kept = runner.frames
    switch.on = False
    runner.play()
    assert runner.wait(PATIENCE)
    assert runner.error is None
    assert runner.status.step == 70
    assert runner.frames[: len(kept)] == kept
    assert runner.frames[-1].step == 70
    assert len(listener.errors) == 1


def test_nan_is_an_error_that_names_its_step(start):
    switch = toys.Switch()
    runner, listener = start(toys.optimization(toys.Breaking(switch), steps=20, noise=BreaksOnce(switch, 4)))
    runner.play()
    with pytest.raises(cx.ClassifierError, match="in step 5"):
        runner.wait(PATIENCE)
    assert len(listener.errors) == 1
    assert not runner.status.playing


def test_an_error_of_the_listener_does_not_end_the_thread(start):
    runner, listener = start(steps=10, clock=Clock())

    def fail():
        raise OSError("the browser is gone")

    listener.when[10] = fail
    runner.play()
    with pytest.raises(OSError, match="the browser is gone"):
        runner.wait(PATIENCE)
    assert [str(error) for error in listener.errors] == ["the browser is gone"]
    listener.when.clear()
    runner.step()
    assert runner.wait(PATIENCE)
    assert runner.status.step == 11


def test_a_new_run_forgets_the_error_of_the_old_one(start):
    switch = toys.Switch()
    broken = toys.Breaking(switch, error=LookupError("no such layer"))
    runner, _ = start(toys.optimization(broken, noise=BreaksOnce(switch, 1)))
    runner.play()
    with pytest.raises(LookupError):
        runner.wait(PATIENCE)
    runner.load(toys.optimization(), play=True)
    assert runner.wait(PATIENCE)
    assert runner.error is None
    assert runner.status.finished


def test_two_runners_at_once(start):
    first, second = start(steps=25, seed=1)[0], start(steps=25, seed=2)[0]
    first.play()
    second.play()
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    for runner, seed in ((first, 1), (second, 2)):
        alone = toys.optimization(steps=25, seed=seed)
        for _ in range(25):
            alone.step()
        assert torch.equal(runner.optimization.mask, alone.mask)


def test_closing_twice_and_what_is_asked_of_a_closed_run(start):
    runner, _ = start()
    runner.play()
    assert runner.wait(PATIENCE)
    runner.close()
    runner.close()
    assert workers() == []
    assert runner.wait(0)
    for action in (runner.play, runner.step):
        with pytest.raises(RuntimeError, match="this run is closed: make a new one"):
            action()
        assert not runner.status.playing
        assert runner.wait(0)
    assert len(runner.frames) > 0


def test_closing_before_the_first_step(start):
    runner, _ = start()
    runner.close()
    assert workers() == []


def test_closing_while_playing_leaves_no_thread_and_nobody_waiting(start):
    hold = Stopping(step=3)
    runner, _ = start(steps=1000, noise=hold)
    waited = []
    runner.play()
    assert hold.reached.wait(PATIENCE)
    waiting = threading.Thread(target=lambda: waited.append(runner.wait(10)))
    closing = threading.Thread(target=runner.close)
    waiting.start()
    closing.start()
    hold.go_on.set()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert workers() == []
    assert runner.status.step < 1000
    assert not runner.status.playing
    waiting.join(PATIENCE)
    assert waited == [True]
    assert runner.wait(0)  # it stands still


def test_a_listener_may_close_the_run(start):
    runner, listener = start(steps=1000, clock=Clock())
    closed = threading.Event()

    def close():
        runner.close()
        closed.set()

    listener.when[1] = close
    runner.play()
    assert closed.wait(PATIENCE)
    runner.close()
    assert workers() == []
    assert runner.status.step == 1


def test_thirty_runs_leave_nothing_behind():
    gc.collect()
    threads = threading.active_count()
    traces = []
    for seed in range(30):
        optimization = toys.optimization(steps=2, seed=seed)
        runner = Runner(optimization, Listener())
        runner.play()
        if seed % 2:
            assert runner.wait(PATIENCE)
        runner.close()
        traces += [weakref.ref(optimization), weakref.ref(runner), weakref.ref(optimization.classifier)]
    del optimization, runner
    gc.collect()
    assert threading.active_count() == threads
    assert [trace() for trace in traces if trace() is not None] == []


def test_an_old_run_is_let_go_when_another_is_loaded(start):
    old = toys.optimization()
    trace = weakref.ref(old)
    runner, listener = start(old)
    runner.play()
    assert runner.wait(PATIENCE)
    del old
    listener.told.clear()
    runner.load(toys.optimization(), play=True)
    assert runner.wait(PATIENCE)
    gc.collect()
    assert trace() is None


# Pace


def test_a_frame_is_not_due_before_the_last_is_answered():
    clock = Clock()
    pacer = Pacer(clock)
    assert pacer.due()
    pacer.sent(7, cost=0.001)
    for clock.now in (0.0, 0.1, 0.5, 0.99):
        assert not pacer.due()
    pacer.answered(6)  # an old one
    assert not pacer.due()
    pacer.answered(7)
    assert pacer.due()


def test_a_silent_viewer_gets_a_frame_ever_more_rarely_until_it_answers():
    clock = Clock()
    pacer = Pacer(clock)
    for index, silence in enumerate((1, 2, 4, 4)):
        pacer.sent(index, cost=0.001)
        clock.now += 0.999 * silence
        assert not pacer.due()
        clock.now += 0.001 * silence
        assert pacer.due()
    pacer.sent(4, cost=0.001)
    clock.now += 0.2
    pacer.answered(4)
    assert pacer.due()
    pacer.sent(5, cost=0.001)
    clock.now += 1
    assert pacer.due()


def test_frames_come_at_most_ten_times_a_second():
    clock = Clock()
    pacer = Pacer(clock)
    pacer.sent(0, cost=0.001)
    pacer.answered(0)
    clock.now = 0.09
    assert not pacer.due()
    clock.now = 0.101
    assert pacer.due()


@pytest.mark.parametrize(
    ("cost", "interval"), [(0.0, 0.1), (0.005, 0.1), (0.01, 0.2), (0.025, 0.5), (0.5, 1.0), (9, 1.0)]
)
def test_frames_that_take_long_are_made_less_often(cost, interval):
    """Making them takes at most 5 % of the time, but one a second is always due."""
    clock = Clock()
    pacer = Pacer(clock)
    pacer.sent(0, cost)
    pacer.answered(0)
    clock.now = interval * 0.99
    assert not pacer.due()
    clock.now = interval * 1.01
    assert pacer.due()


class Ticking:
    """Noise that turns the clock by an eighth of a second a step."""

    def __init__(self, clock, n):
        self.clock, self.n = clock, n

    def __call__(self, step):
        self.clock.now = (step + 1) / 8
        return toys.gaussian((1, 4, 3, self.n), step)


def test_a_viewer_that_never_answers_gets_frames_all_the_same(start):
    clock = Clock()
    runner, listener = start(steps=80, noise=Ticking(clock, n_coefficients()), clock=clock)
    runner.play()
    assert runner.wait(PATIENCE)
    # After silences of 1, 2 and 4 seconds, eight steps a second; the last is that of the end.
    assert [frame.step for frame in listener.frames] == [1, 9, 25, 57, 80]
    assert listener.frames == runner.frames


@pytest.mark.parametrize("seconds", [0.75, 1.5])
def test_no_queue_builds_up_for_a_slow_viewer(start, seconds):
    """One that takes so long to draw a frame, one after the other, never falls behind by more than one."""
    clock = Clock()
    ticking = Ticking(clock, n_coefficients())
    drawn = []  # when each frame so far was, or will be, drawn

    def noise(step):
        draws = ticking(step)
        while len(drawn) < len(listener.frames):
            drawn.append(max([clock.now, *drawn[-1:]]) + seconds)
        for index, at in enumerate(drawn):
            if clock.now - 1 / 8 < at <= clock.now:
                runner.pacer.answered(index)
        waiting.append(sum(at > clock.now for at in drawn))
        return draws

    waiting = []
    runner, listener = start(steps=200, noise=noise, clock=clock)
    runner.play()
    assert runner.wait(PATIENCE)
    assert max(waiting) <= 2
    assert len(listener.frames) >= 200 / 8 / seconds / 2
    assert listener.frames[-1].step == 200


class Swift(Pacer):
    """Paces as on a machine that makes a frame in a millisecond."""

    def sent(self, index, cost):
        super().sent(index, 0.001)


def test_an_answer_is_not_lost_however_quick(start):
    """A viewer that answers while it is told of a frame gets the next one when that is due: each step's here."""
    clock = Clock()
    runner, listener = start(steps=20, noise=Ticking(clock, n_coefficients()), answer=True)
    runner.pacer = Swift(clock)
    runner.play()
    assert runner.wait(PATIENCE)
    assert [frame.step for frame in listener.frames] == list(range(1, 21))


@pytest.mark.parametrize("clean_fraction", [0.0, 0.25])
def test_no_moment_is_recorded_twice(start, clean_fraction):
    """A frame may be of the mask that the last step began with; a pause has shown that one already."""
    runner, listener = start(steps=20, clean_fraction=clean_fraction, clock=EachStep())
    runner.record()
    runner.step()
    assert runner.wait(PATIENCE)
    runner.play()
    assert runner.wait(PATIENCE)
    steps = [frame.step for frame in runner.frames]
    assert steps == sorted(set(steps))
    assert (steps[:2], steps[-1]) == ([0, 1], 20)
    assert len(steps) > 15
    assert listener.frames == runner.frames


# Frames


def test_a_frame_keeps_its_levels():
    levels = np.random.default_rng(0).integers(0, 256, 1000, dtype=np.uint8)
    frame = Frame(step=3, packed_mask=zlib.compress(levels.tobytes()), probabilities=np.array([0.25, 0.75]))
    assert np.array_equal(frame.levels(), levels)
    assert frame.levels().dtype == np.uint8
    assert frame.share_kept == pytest.approx(levels.mean() / 255)


@pytest.fixture
def moved():
    optimization = toys.optimization(learning_rate=0.2, reference="one", steps=8)
    for _ in range(8):
        optimization.step()
    return optimization


def test_a_frame_is_the_optimisation_to_a_level(moved):
    frame = frame_of(moved)
    mask = moved.mask[0, 0].numpy()
    assert frame.step == 8
    assert mask.std() > 0.1
    assert np.abs(frame.levels() / 255 - mask).max() <= 0.5 / 255 + 1e-6
    assert frame.share_kept == pytest.approx(mask.mean(), abs=0.5 / 255)
    cartoon = frame.cartoon(moved.coefficients[0], moved.transform)
    assert cartoon.shape == (3, 32, 32)
    assert 0 <= cartoon.min() <= cartoon.max() <= 1
    assert (cartoon - moved.cartoon()[0]).abs().max() < 1 / 255
    expected = moved.classifier.probabilities(moved.cartoon())[0].numpy()
    assert frame.probabilities.dtype == np.float32
    assert np.abs(frame.probabilities - expected).max() < 1e-6


def test_the_parts_of_a_frame_add_up_to_its_cartoon(moved):
    frame = frame_of(moved)
    parts = [frame.part(moved.coefficients[0], moved.transform, band) for band in moved.transform.bands]
    whole = frame.cartoon(moved.coefficients[0], moved.transform)
    assert torch.allclose(sum(parts).clamp(0, 1), whole, atol=1e-5)
    for part, band in zip(parts, moved.transform.bands, strict=True):
        kept = moved.transform.part(moved.mask * moved.coefficients, band)
        assert (part - kept[0]).abs().max() < 1 / 255


def test_a_frame_does_not_change_with_the_run(moved):
    frame = frame_of(moved)
    levels = frame.levels().copy()
    moved.step()
    assert np.array_equal(frame.levels(), levels)
    assert not np.array_equal(frame_of(moved).levels(), levels)


def test_a_sparse_frame_is_small():
    optimization = toys.optimization(
        picture=torch.nn.functional.interpolate(toys.image(), 128), steps=30, learning_rate=0.2, lambda_l1=20.0
    )
    frames = [frame_of(optimization)]
    for _ in range(30):
        optimization.step()
    frames.append(frame_of(optimization))
    assert frames[-1].share_kept < 0.1
    for frame in frames:
        assert len(frame.packed_mask) * 5 < frame.levels().nbytes == optimization.transform.n_coefficients


def test_a_frame_of_nan_is_refused():
    switch = toys.Switch()
    optimization = toys.optimization(toys.Breaking(switch), noise=BreaksOnce(switch, 1))
    for _ in range(3):
        optimization.step()
    with pytest.raises(cx.ClassifierError, match="in step 2"):
        frame_of(optimization)
