"""One run, or several, in one thread: what is asked for, what is told, what goes wrong."""

import gc
import threading
import time
import traceback
import weakref
from typing import ClassVar

import numpy as np
import pytest
import torch
import toys
from watching import PATIENCE, BreaksOnce, Clock, EachStep, Listener, Stopping, heat_map, noise, task, workers

import cartoonx_widgets as cx
from cartoonx_widgets.live import Engine, Pacer, step_cost
from cartoonx_widgets.live import engine as engine_module
from cartoonx_widgets.live.tasks import MaskTask
from cartoonx_widgets.live.turns import Turns


@pytest.fixture
def start(monkeypatch):
    """Make engines that are closed in the end, whatever happens: `start(task, ...)` gives engine and listener."""
    monkeypatch.setattr(engine_module, "TURNS", Turns())  # runs of other tests count as running for a second
    engines = []

    def start(*tasks, clock=None, answer=False, listener=None, **settings):
        listener = listener or Listener(answer=answer)
        engine = Engine(tasks or [task(**settings)], listener)
        listener.engine = engine
        if clock is not None:
            engine.pacer = Pacer(clock)
        engines.append(engine)
        return engine, listener

    yield start
    for engine in engines:
        engine.close()
    assert workers() == []


def run_of(engine):
    """The optimisation of an engine's first task."""
    return engine.states[0].task.optimization


def frames_of(engine):
    return engine.states[0].task.frames


@pytest.mark.parametrize("clean_fraction", [0.0, 0.25])
def test_play_to_the_end(start, clean_fraction):
    engine, listener = start(steps=30, answer=True, clean_fraction=clean_fraction)
    [state] = engine.states
    assert (state.steps_done, state.steps, state.status) == (0, 30, "ready")
    engine.play()
    assert engine.wait(PATIENCE)
    assert (state.steps_done, state.steps, state.status, engine.playing) == (30, 30, "done", False)
    steps = [frame.step for frame in frames_of(engine)]
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, 30)
    assert listener.frames == frames_of(engine)[1:]
    assert listener.statuses[-1] == [("done", True)]
    assert ("done", False) not in [status for [status] in listener.statuses]
    assert listener.results == [(0, state.result)]
    assert listener.errors == []
    assert state.seconds > 0
    assert state.rate > 0
    assert state.seconds_left == 0
    assert run_of(engine).curves()["loss"].shape == (30, 1)


def test_a_run_of_the_engine_is_that_of_explain(start):
    engine, _ = start(seed=5)
    engine.play()
    assert engine.wait(PATIENCE)
    explanation = cx.explain(
        toys.image(),
        classifier=toys.classifier(),
        target=toys.target(),
        method=toys.method(),
        seed=5,
        progress=False,
    )
    assert torch.equal(run_of(engine).mask[0, 0], explanation.mask)
    assert torch.equal(engine.states[0].result.mask, explanation.mask)


def test_a_pause_rests_and_shows_the_newest_step(start):
    hold = Stopping(step=7)
    engine, listener = start(steps=50, noise=hold, clock=Clock())
    engine.play()
    assert hold.reached.wait(PATIENCE)  # inside the eighth step
    assert engine.playing
    assert not engine.wait(0)
    engine.pause()
    assert not engine.playing
    assert not engine.wait(0)  # a step is under way
    hold.go_on.set()
    assert engine.wait(PATIENCE)
    assert engine.states[0].steps_done == 8
    assert listener.frames[-1].step == 8
    assert listener.statuses[-1] == [("paused", True)]
    assert not engine.states[0].finished
    mask = run_of(engine).mask
    engine.play()
    assert engine.wait(PATIENCE)
    assert engine.states[0].steps_done == 50
    assert not torch.equal(mask, run_of(engine).mask)


def test_single_steps(start):
    engine, listener = start()
    for done in range(1, 4):
        engine.step()
        assert engine.wait(PATIENCE)
        assert engine.states[0].steps_done == done
        assert listener.frames[-1].step == done
        assert not engine.playing
    for _ in range(2):  # asked for at once, taken one after the other
        engine.step()
    assert engine.wait(PATIENCE)
    assert engine.states[0].steps_done == 5
    assert listener.frames[-1].step == 5


def test_a_step_pauses(start):
    hold = Stopping(step=3)
    engine, _ = start(steps=50, noise=hold)
    engine.play()
    assert hold.reached.wait(PATIENCE)
    engine.step()
    hold.go_on.set()
    assert engine.wait(PATIENCE)
    assert not engine.playing
    assert engine.states[0].steps_done in (4, 5)  # the one under way, and perhaps one more


def test_a_pause_takes_back_single_steps(start):
    hold = Stopping(step=0)
    engine, _ = start(steps=50, noise=hold)
    for _ in range(3):
        engine.step()
    assert hold.reached.wait(PATIENCE)
    engine.pause()
    hold.go_on.set()
    assert engine.wait(PATIENCE)
    assert engine.states[0].steps_done == 1


def test_a_step_beyond_the_end(start):
    engine, listener = start(steps=2)
    engine.play()
    assert engine.wait(PATIENCE)
    engine.step()
    assert engine.wait(PATIENCE)
    assert (engine.states[0].steps_done, engine.states[0].finished) == (3, True)
    assert listener.frames[-1].step == 3
    engine.play()
    assert engine.wait(PATIENCE)
    assert (engine.states[0].steps_done, engine.playing) == (3, False)


def test_before_anything_is_asked_for_nothing_runs(start):
    engine, listener = start()
    assert workers() == []
    assert engine.wait(0)
    assert [frame.step for frame in frames_of(engine)] == [0]
    engine.pause()
    assert engine.wait(0)
    assert workers() == []
    assert listener.frames == ()


@pytest.mark.parametrize("steps_of_the_old", [6, 40])  # the first is in its last step
def test_loading_another_run_while_one_plays(start, steps_of_the_old):
    """No frame of the old run is among the new one's, and none is told after it."""
    hold = Stopping(step=5)
    old, replacement = task(steps=steps_of_the_old, noise=hold), task(steps=9, picture=toys.image(3))
    new = replacement.optimization
    engine, listener = start(old, clock=Clock())
    engine.play()
    assert hold.reached.wait(PATIENCE)
    engine.load([replacement])  # the old run is inside a step
    engine.play()
    assert run_of(engine) is new
    hold.go_on.set()
    assert engine.wait(PATIENCE)
    assert engine.states[0].steps_done == 9
    assert old.steps_done == 6
    steps = [frame.step for frame in frames_of(engine)]
    assert (steps[0], steps[-1]) == (0, 9)
    assert steps == sorted(set(steps))
    assert listener.frames_of(new) == frames_of(engine)[1:]
    assert listener.frames[1 - len(steps) :] == frames_of(engine)[1:]  # and none of the old run after the first
    assert [index for index, _ in listener.results] == [0]
    for frame, mask in ((frames_of(engine)[0], torch.ones_like(new.mask)), (frames_of(engine)[-1], new.mask)):
        assert np.abs(frame.levels() / 255 - mask[0, 0].numpy()).max() <= 0.5 / 255 + 1e-6
        expected = new.classifier.probabilities(frame.cartoon(new.coefficients[0], new.transform)[None])[0]
        assert np.abs(frame.probabilities - expected.numpy()).max() < 0.01


def test_a_frame_on_its_way_to_a_slow_listener_says_whose_it_is(start):
    """Loading does not wait for a listener that is still busy with a frame of the old run."""
    hold, reached = threading.Event(), threading.Event()

    class Slow(Listener):
        def on_frames(self, snapshots, serial):
            if snapshots[0].optimization is old.optimization:
                reached.set()
                assert hold.wait(PATIENCE)
            super().on_frames(snapshots, serial)

    old, new = task(steps=1000), task()
    engine, listener = start(old, listener=Slow())
    engine.play()
    assert reached.wait(PATIENCE)
    engine.load([new])
    hold.set()
    assert engine.wait(PATIENCE)
    assert engine.states[0].task is new
    assert listener.frames_of(new.optimization) == ()
    assert [frame.step for frame in listener.frames_of(old.optimization)] == [1]
    assert listener.results == []


def test_loading_many_runs_in_the_midst_of_playing(start):
    engine, listener = start(steps=200, answer=True)
    engine.play()
    for seed in range(10):
        engine.load([task(steps=200, seed=seed)])
        engine.play()
    last = task(steps=5, seed=99)
    engine.load([last])
    engine.play()
    assert engine.wait(PATIENCE)
    assert engine.states[0].task is last
    assert engine.states[0].steps_done == last.steps_done == 5
    steps = [frame.step for frame in last.frames]
    assert (steps[0], steps[-1]) == (0, 5)
    assert listener.frames_of(last.optimization) == last.frames[1:]
    assert listener.errors == []


def test_loading_does_not_play(start):
    engine, listener = start()
    engine.play()
    assert engine.wait(PATIENCE)
    engine.load([task()])
    assert engine.wait(PATIENCE)
    assert (engine.states[0].status, engine.playing) == ("ready", False)
    assert [frame.step for frame in frames_of(engine)] == [0]
    assert listener.statuses[-1] == [("ready", False)]


def test_an_error_in_step_57(start):
    switch = toys.Switch()
    error = LookupError("no such layer")
    broken = toys.Breaking(switch, error=error)
    engine, listener = start(task(broken, steps=70, noise=BreaksOnce(switch, 56)), clock=Clock())
    engine.play()
    with pytest.raises(LookupError, match="no such layer"):
        engine.wait(PATIENCE)
    with pytest.raises(LookupError, match="no such layer"):  # until something new is asked for
        engine.wait(PATIENCE)
    assert len(listener.errors) == 1
    assert listener.errors == [(0, engine.states[0].error)]
    assert listener.statuses[-1] == [("failed", False)]
    assert engine.states[0].error.__traceback__ is not None
    assert (engine.states[0].steps_done, engine.playing) == (56, False)
    assert frames_of(engine)[0].step == 0
    kept = frames_of(engine)
    switch.on = False
    engine.play()
    assert engine.wait(PATIENCE)
    assert engine.states[0].error is None
    assert engine.states[0].steps_done == 70
    assert frames_of(engine)[: len(kept)] == kept
    assert frames_of(engine)[-1].step == 70
    assert len(listener.errors) == 1


def test_nan_is_an_error_that_names_its_step(start):
    switch = toys.Switch()
    engine, listener = start(task(toys.Breaking(switch), steps=20, noise=BreaksOnce(switch, 4)))
    engine.play()
    with pytest.raises(cx.ClassifierError, match="in step 5"):
        engine.wait(PATIENCE)
    assert len(listener.errors) == 1
    assert not engine.playing


def test_an_error_of_the_listener_does_not_end_the_thread(start):
    engine, listener = start(steps=10, clock=Clock())

    def fail():
        raise OSError("the browser is gone")

    listener.when[10] = fail
    engine.play()
    with pytest.raises(OSError, match="the browser is gone"):
        engine.wait(PATIENCE)
    assert [str(error) for _, error in listener.errors] == ["the browser is gone"]
    listener.when.clear()
    engine.step()
    assert engine.wait(PATIENCE)
    assert engine.states[0].steps_done == 11


def test_a_new_run_forgets_the_error_of_the_old_one(start):
    switch = toys.Switch()
    broken = toys.Breaking(switch, error=LookupError("no such layer"))
    engine, _ = start(task(broken, noise=BreaksOnce(switch, 1)))
    engine.play()
    with pytest.raises(LookupError):
        engine.wait(PATIENCE)
    engine.load([task()])
    engine.play()
    assert engine.wait(PATIENCE)
    assert engine.states[0].error is None
    assert engine.states[0].finished


def test_two_engines_at_once(start):
    first, second = start(steps=25, seed=1)[0], start(steps=25, seed=2)[0]
    first.play()
    second.play()
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    for engine, seed in ((first, 1), (second, 2)):
        alone = toys.optimization(steps=25, seed=seed)
        for _ in range(25):
            alone.step()
        assert torch.equal(run_of(engine).mask, alone.mask)


def test_closing_twice_and_what_is_asked_of_a_closed_run(start):
    engine, _ = start()
    engine.play()
    assert engine.wait(PATIENCE)
    engine.close()
    engine.close()
    assert workers() == []
    assert engine.wait(0)
    for action in (engine.play, engine.step, lambda: engine.load([task()])):
        with pytest.raises(RuntimeError, match="this run is closed: make a new one"):
            action()
        assert not engine.playing
        assert engine.wait(0)
    assert len(frames_of(engine)) > 0


def test_closing_before_the_first_step(start):
    engine, _ = start()
    engine.close()
    assert workers() == []


def test_closing_while_playing_leaves_no_thread_and_nobody_waiting(start):
    hold = Stopping(step=3)
    engine, _ = start(steps=1000, noise=hold)
    waited = []
    engine.play()
    assert hold.reached.wait(PATIENCE)
    waiting = threading.Thread(target=lambda: waited.append(engine.wait(10)))
    closing = threading.Thread(target=engine.close)
    waiting.start()
    closing.start()
    hold.go_on.set()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert workers() == []
    assert engine.states[0].steps_done < 1000
    assert not engine.playing
    waiting.join(PATIENCE)
    assert waited == [True]
    assert engine.wait(0)  # it rests


def test_a_listener_may_close_the_run(start):
    engine, listener = start(steps=1000, clock=Clock())
    closed = threading.Event()

    def close():
        engine.close()
        closed.set()

    listener.when[1] = close
    engine.play()
    assert closed.wait(PATIENCE)
    engine.close()
    assert workers() == []
    assert engine.states[0].steps_done == 1


def test_thirty_runs_leave_nothing_behind():
    gc.collect()
    threads = threading.active_count()
    traces = []
    for seed in range(30):
        one = task(steps=2, seed=seed)
        engine = Engine([one], listener := Listener())
        listener.engine = engine
        engine.play()
        if seed % 2:
            assert engine.wait(PATIENCE)
        engine.close()
        traces += [weakref.ref(part) for part in (one.optimization, engine, one.optimization.classifier)]
    del one, engine, listener
    gc.collect()
    assert threading.active_count() == threads
    assert [trace() for trace in traces if trace() is not None] == []


@pytest.mark.parametrize("play", [True, False])
def test_an_old_run_is_let_go_when_another_is_loaded(start, play):
    old = task()
    trace = weakref.ref(old.optimization)
    engine, listener = start(old)
    engine.play()
    assert engine.wait(PATIENCE)
    del old
    listener.told.clear()
    engine.load([task()])
    if play:
        engine.play()
    assert engine.wait(PATIENCE)
    gc.collect()
    assert trace() is None


# Pace


class Ticking:
    """Noise that turns the clock by an eighth of a second a step."""

    def __init__(self, clock):
        self.clock = clock

    def __call__(self, step):
        self.clock.now = (step + 1) / 8
        return noise(step)


def test_a_viewer_that_never_answers_gets_frames_all_the_same(start):
    clock = Clock()
    engine, listener = start(steps=80, noise=Ticking(clock), clock=clock)
    engine.play()
    assert engine.wait(PATIENCE)
    # After silences of 1, 2 and 4 seconds, eight steps a second; the last is that of the end.
    assert [frame.step for frame in listener.frames] == [1, 9, 25, 57, 80]
    assert listener.frames == frames_of(engine)[1:]


@pytest.mark.parametrize("seconds", [0.75, 1.5])
def test_no_queue_builds_up_for_a_slow_viewer(start, seconds):
    """One that takes so long to draw a frame, one after the other, never falls behind by more than one."""
    clock = Clock()
    ticking = Ticking(clock)
    drawn = []  # when each frame so far was, or will be, drawn

    def draws(step):
        ticking(step)
        while len(drawn) < len(listener.frames):
            drawn.append(max([clock.now, *drawn[-1:]]) + seconds)
        for index, at in enumerate(drawn):
            if clock.now - 1 / 8 < at <= clock.now:
                engine.pacer.answered(index + 1)
        waiting.append(sum(at > clock.now for at in drawn))
        return noise(step)

    waiting = []
    engine, listener = start(steps=200, noise=draws, clock=clock)
    engine.play()
    assert engine.wait(PATIENCE)
    assert max(waiting) <= 2
    assert len(listener.frames) >= 200 / 8 / seconds / 2
    assert listener.frames[-1].step == 200


class Swift(Pacer):
    """Paces as on a machine that makes a frame in a millisecond."""

    def sent(self, index, cost, **frame):
        super().sent(index, 0.001)


def test_an_answer_is_not_lost_however_quick(start):
    """A viewer that answers while it is told of a frame gets the next one when that is due: each step's here."""
    clock = Clock()
    engine, listener = start(steps=20, noise=Ticking(clock), answer=True)
    engine.pacer = Swift(clock)
    engine.play()
    assert engine.wait(PATIENCE)
    assert [frame.step for frame in listener.frames] == list(range(1, 21))


@pytest.mark.parametrize("clean_fraction", [0.0, 0.25])
def test_no_moment_is_recorded_twice(start, clean_fraction):
    """A frame may be of the mask that the last step began with; a pause has shown that one already."""
    engine, listener = start(steps=20, clean_fraction=clean_fraction, clock=EachStep())
    engine.step()
    assert engine.wait(PATIENCE)
    engine.play()
    assert engine.wait(PATIENCE)
    steps = [frame.step for frame in frames_of(engine)]
    assert steps == sorted(set(steps))
    assert (steps[:2], steps[-1]) == ([0, 1], 20)
    assert len(steps) > 15
    assert listener.frames == frames_of(engine)[1:]


# Several


def test_a_step_of_each_in_turn(start):
    """So all grow side by side, each as it does alone."""
    engine, listener = start(task(steps=40, seed=1), task(steps=40, seed=2), clock=EachStep())
    engine.play()
    assert engine.wait(PATIENCE)
    assert [state.status for state in engine.states] == ["done", "done"]
    assert sorted(index for index, _ in listener.results) == [0, 1]
    of_each = [[frame.step for frame in listener.frames_of(state.task.optimization)] for state in engine.states]
    assert all(abs(first - second) <= 1 for first, second in zip(*of_each, strict=False))
    for state, seed in zip(engine.states, (1, 2), strict=True):
        alone = toys.optimization(steps=40, seed=seed)
        for _ in range(40):
            alone.step()
        assert torch.equal(state.result.mask, alone.mask[0, 0])


def test_some_play_while_others_rest(start):
    hold = Stopping(step=3)
    engine, _ = start(task(steps=3), task(steps=1000, noise=hold), task())
    engine.play([0])
    assert engine.wait(PATIENCE)
    assert [state.steps_done for state in engine.states] == [3, 0, 0]
    engine.play([1])
    assert hold.reached.wait(PATIENCE)
    assert engine.playing
    assert engine.seconds_left > 0
    assert not engine.wait(0)
    engine.pause([1])
    hold.go_on.set()
    assert engine.wait(PATIENCE)
    assert [state.status for state in engine.states] == ["done", "paused", "ready"]
    assert engine.states[1].result.steps_done == engine.states[1].steps_done == 4


def test_a_heat_map_is_made_in_one_step(start):
    engine, listener = start(task(steps=5), heat_map())
    engine.play()
    assert engine.wait(PATIENCE)
    assert [(state.steps_done, state.status) for state in engine.states] == [(5, "done"), (1, "done")]
    assert {snapshot.optimization for snapshot in listener.told} == {run_of(engine)}
    assert sorted(index for index, _ in listener.results) == [0, 1]


def test_one_that_fails_rests_and_the_others_go_on(start):
    def fail():
        raise LookupError("no heat")

    engine, listener = start(heat_map(fail), task(steps=20), heat_map(lambda: 5))
    engine.play()
    with pytest.raises(LookupError, match="no heat"):
        engine.wait(PATIENCE)
    assert [state.status for state in engine.states] == ["failed", "done", "done"]
    assert [index for index, _ in listener.errors] == [0]
    engine.play([0])
    with pytest.raises(LookupError, match="no heat"):
        engine.wait(PATIENCE)
    assert len(listener.errors) == 2


def test_an_explanation_waits_for_the_step_under_way(start):
    hold = Stopping(step=2)
    engine, _ = start(steps=50, noise=hold)
    engine.play()
    assert hold.reached.wait(PATIENCE)
    found = []
    asking = threading.Thread(target=lambda: found.append(engine.states[0].explanation()))
    asking.start()
    engine.pause()
    hold.go_on.set()
    asking.join(PATIENCE)
    assert engine.wait(PATIENCE)
    assert [explanation.steps_done for explanation in found] == [3]


# Release


def test_another_engine_goes_on_with_a_released_run(start):
    first, _ = start(task(steps=4, seed=7), task())
    first.play()
    assert first.wait(PATIENCE)
    result = first.states[0].result
    released = first.release(0)
    second, listener = start(released)
    assert second.wait(0)
    assert second.states[0].status == "done"
    assert torch.equal(second.states[0].result.mask, result.mask)
    second.step()
    assert second.wait(PATIENCE)
    assert (second.states[0].steps_done, listener.frames[-1].step) == (5, 5)
    steps = [frame.step for frame in released.frames]
    assert (steps[0], steps[-1]) == (0, 5)
    assert steps == sorted(set(steps))
    assert (first.states[0].status, first.states[0].steps_done, first.states[0].steps) == ("done", 4, 4)
    assert first.states[0].explanation() is result
    first.play()  # there is nothing to play
    assert first.wait(PATIENCE)
    for action in (lambda: first.release(0), first.step):
        with pytest.raises(RuntimeError, match="was released"):
            action()


def test_what_is_not_done_is_not_released(start):
    hold = Stopping(step=2)
    engine, _ = start(task(steps=3, noise=hold), task())
    engine.play([0])
    assert hold.reached.wait(PATIENCE)
    for index in (0, 1):
        with pytest.raises(RuntimeError, match="is not done"):
            engine.release(index)
    hold.go_on.set()
    assert engine.wait(PATIENCE)
    assert engine.release(0).steps_done == 3


def test_a_run_that_has_taken_steps_is_gone_on_with(start):
    engine, _ = start()
    moved = task(steps=5)
    moved.step()
    engine.load([moved])
    assert engine.wait(0)
    assert (engine.states[0].status, engine.states[0].result.steps_done) == ("paused", 1)
    engine.play()
    assert engine.wait(PATIENCE)
    assert [engine.states[0].steps_done, moved.frames[-1].step] == [5, 5]


def chunked(steps=3, **settings):
    """A run of which the classifier sees two samples at once, and what was seen."""
    module = Counting()
    classifier = cx.Classifier(module, size=toys.SIDE, device="cpu")
    method = toys.method(steps=steps, samples=6).replace(**settings)
    run = cx.masking.Optimization(toys.image(), classifier, [0], method)
    run.sampler.chunk_size = 2
    module.seen.clear()
    return run, module.seen


class Counting(toys.Toy):
    """Notes how many pictures it was shown, also as a copy."""

    seen: ClassVar[list[int]] = []

    def forward(self, image):
        self.seen.append(len(image))
        return super().forward(image)


@pytest.mark.parametrize("settings", [{}, {"clean_fraction": 0.2}, {"acceleration": cx.masking.Acceleration(memory=2)}])
def test_a_step_that_was_left_is_taken_later_as_if_it_had_not_begun(settings):
    whole, _ = chunked(**settings)
    left, seen = chunked(**settings)
    for _ in range(3):
        mask = left.mask
        for asked in (1, 2):
            answers = iter([False] * (asked - 1) + [True])
            seen.clear()
            assert not left.step(lambda answers=answers: next(answers))
            assert len(seen) == asked
            assert torch.equal(left.mask, mask)
            assert torch.equal(left.moment(measured=True).mask, mask) or not settings.get("clean_fraction")
        assert left.step(lambda: False)
        assert whole.step()
        assert torch.equal(left.mask, whole.mask)
    assert left.steps_done == 3
    assert np.array_equal(left.curves()["loss"], whole.curves()["loss"])


def test_a_pause_another_run_and_close_take_hold_within_a_step(start):
    for ask in ("pause", "load", "close"):
        run, seen = chunked(steps=50)
        reached, go_on = threading.Event(), threading.Event()
        module = run.sampler._classifier

        def slow(image, module=module, reached=reached, go_on=go_on):
            reached.set()
            assert go_on.wait(PATIENCE)
            return module(image)

        run.sampler._classifier = slow
        engine, _ = start(MaskTask(run, 0))
        engine.play()
        assert reached.wait(PATIENCE)
        seen.clear()
        if ask == "close":
            asking = threading.Thread(target=engine.close)
            asking.start()
            while not engine._closed:
                time.sleep(0.001)
        else:
            getattr(engine, ask)(*([[task()]] if ask == "load" else []))
        go_on.set()
        assert engine.wait(PATIENCE)
        assert run.steps_done == 0
        assert sum(seen[:1]) == 2


def test_waiting_for_a_failure_again_and_again_does_not_lengthen_its_traceback(start):
    def fail():
        raise LookupError("no heat")

    engine, _ = start(heat_map(fail))
    engine.play()
    lengths = set()
    for _ in range(50):
        with pytest.raises(LookupError) as caught:
            engine.wait(PATIENCE)
        lengths.add(len(traceback.extract_tb(caught.value.__traceback__)))
    assert len(lengths) == 1


def test_an_engine_at_rest_has_no_thread_and_is_collected(start):
    listener = Listener()
    engine = listener.engine = Engine([task(steps=3)], listener)
    for _ in range(3):
        engine.step()
        assert engine.wait(PATIENCE)
    while workers():
        time.sleep(0.001)
    dropped = weakref.ref(engine)
    del engine, listener
    gc.collect()
    assert dropped() is None


@pytest.mark.parametrize("acceleration", [None, cx.masking.Acceleration()])
def test_samples_that_no_step_can_have_are_refused_with_what_they_would_take(acceleration, monkeypatch):
    run = task().optimization
    method = toys.method(samples=1_000_000).replace(acceleration=acceleration)
    monkeypatch.setattr(step_cost, "_MOST_SECONDS", 1e-3)
    with pytest.raises(ValueError, match=r"samples=1,000,000 would take .* (for one step|GiB).* use at most [\d,]+"):
        step_cost.check_step(run, method)
    step_cost.check_step(run, method.replace(samples=64))
