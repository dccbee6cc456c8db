"""Two engines are asked for things in thousands of orders, from outside and by their own listeners."""

import threading
import time

import hypothesis.strategies as st
import toys
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from watching import PATIENCE, BreaksOnce, Listener, heat_map, workers

import cartoonx_widgets as cx
from cartoonx_widgets.live import Engine, MaskTask, Pacer

METHOD = toys.method(representation=cx.representations.Wavelet("haar", levels=1), steps=3, samples=1)
CLASSIFIER = toys.classifier()
SHAPE = toys.noise_shape(cx.Optimization(toys.image(), CLASSIFIER, [toys.target()], METHOD))
MADE = cx.explain(toys.image(), classifier=CLASSIFIER, method=METHOD, progress=False)
SOUND = ("mask", "heat map")
FAILING = ("raises", "nan", "no heat map")
KINDS = st.lists(st.sampled_from([*SOUND, "mask", *FAILING]), min_size=1, max_size=3)
WHICH = st.integers(0, 1)
SOME = st.sampled_from([None, None, {0}, {1}, {0, 1}, {1, 2}, set()])


def no_heat_map():
    raise LookupError("no heat map")


def make_task(kind):
    """A real task; that of a failing classifier fails in its second step, and one that `raises` not again."""
    if kind == "heat map":
        return heat_map(lambda: MADE)
    if kind == "no heat map":
        return heat_map(no_heat_map)
    classifier, noise = CLASSIFIER, None
    if kind != "mask":
        switch = toys.Switch()
        error = LookupError("no such layer") if kind == "raises" else None
        classifier = toys.classifier(toys.Breaking(switch, error=error))
        noise = BreaksOnce(switch, 1, lambda step: toys.gaussian(SHAPE, step))
    return MaskTask(cx.Optimization(toys.image(), classifier, [toys.target()], METHOD, noise=noise), 0)


class EachFrame(Pacer):
    """Wants a frame after every step."""

    def due(self, *, ready=True):
        return True


class Caller(Listener):
    """A listener that notes who calls it, and does what it is asked to when the engine's thread calls next."""

    def __init__(self):
        super().__init__()
        self.calls, self.threads, self.todo, self.closed_by, self.faults = 0, set(), [], None, []

    def note(self, name):
        self.calls += 1
        thread, outside = threading.current_thread(), threading.main_thread()
        if outside is thread and name != "status":
            self.faults.append(f"{name} in the thread that asks")
        if self.closed_by is not None and not (thread is outside is not self.closed_by):
            self.faults.append(f"{name} after close")
        if thread is not outside:
            time.sleep(0.001)  # slower than whoever asks
            self.threads = {one for one in self.threads if one.is_alive()} | {thread}
            todo, self.todo = self.todo, []  # none of them within another
            for action in todo:
                action()

    def on_frames(self, snapshots, serial):
        super().on_frames(snapshots, serial)
        self.note("frames")

    def on_status(self):
        super().on_status()
        self.note("status")

    def on_result(self, index, explanation):
        super().on_result(index, explanation)
        self.note("result")

    def on_error(self, index, error):
        super().on_error(index, error)
        self.note("error")


class Expected:
    """With how many steps a task comes to rest, as far as that is certain."""

    def __init__(self, kind):
        self.sound, self.is_mask, self.task = kind in SOUND, "heat" not in kind, make_task(kind)
        self.rest()

    def rest(self):
        self.before = self.least = self.most = self.task.steps_done
        self.playing, self.certain = False, True

    def ask(self, action):
        if action == "play":
            self.playing, self.most = True, max(self.most, self.task.steps)
        elif action == "pause":
            self.playing, self.least = False, self.before
        else:
            self.playing, self.least, self.most = False, self.least + 1, self.most + 1

    def check(self, state):
        assert state.settled
        assert state.status in ("ready", "paused", "done", *([] if self.sound else ["failed"]))
        if state.released:
            return
        least = max(self.least, state.steps) if self.playing else self.least
        if self.certain and self.is_mask:
            assert (least if self.sound else self.before) <= state.steps_done <= self.most
        elif self.certain and self.sound:
            assert state.steps_done >= min(least, 1)
        if state.error is None and state.steps_done and self.is_mask:
            assert state.result.steps_done == state.task.frames[-1].step == state.steps_done
        self.rest()


class Watched:
    """An engine, its listener, and what is expected of its tasks."""

    def __init__(self, kinds):
        self.listener, self.resting = Caller(), None
        self.closing, self.asking = False, threading.RLock()  # indices and tasks belong together
        self.expected = [Expected(kind) for kind in kinds]
        self.engine = self.listener.engine = Engine([one.task for one in self.expected], self.listener)
        self.engine.pacer = EachFrame()

    def ask(self, action, some):
        with self.asking:
            self.ask_now(action, some)

    def ask_now(self, action, some):
        chosen = None if some is None else {index for index in some if index < len(self.expected)}
        try:
            getattr(self.engine, action)(chosen)
        except RuntimeError:
            assert self.closing or (action == "step" and any(state.released for state in self.engine.states))
        else:
            for one in self.expected if chosen is None else [self.expected[index] for index in chosen]:
                one.ask(action)

    def load(self, expected):
        with self.asking:
            before, self.expected = self.expected, expected  # the listener may ask for more before `load` returns
            try:
                self.engine.load([one.task for one in expected])
            except RuntimeError:
                assert self.closing
                self.expected = before

    def close(self):
        self.closing = True
        self.engine.close()
        self.listener.closed_by = threading.current_thread()

    def moved(self):
        return self.listener.calls, [(state.steps_done, state.status) for state in self.engine.states]

    def check(self):
        assert self.listener.faults == []
        assert len(self.listener.threads) <= 1
        assert self.resting is None or self.resting == self.moved()


class Orders(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.engines, self.past, self.steps, self.frames = [], [], {}, {}

    @initialize(first=KINDS, second=KINDS)
    def begin(self, first, second):
        self.engines = [Watched(first), Watched(second)]

    def move(self, which):
        """The engine, at the moment before something is asked of it."""
        one = self.engines[which]
        one.check()
        one.resting = None
        return one

    @rule(which=WHICH, some=SOME)
    def play(self, which, some):
        self.move(which).ask("play", some)

    @rule(which=WHICH, some=SOME)
    def pause(self, which, some):
        self.move(which).ask("pause", some)

    @rule(which=WHICH, some=SOME, times=st.integers(1, 3))
    def step(self, which, some, times):
        for _ in range(times):
            self.move(which).ask("step", some)

    @rule(which=WHICH, kinds=KINDS)
    def load(self, which, kinds):
        self.move(which).load([Expected(kind) for kind in kinds])

    @rule(which=WHICH, action=st.sampled_from(["play", "pause", "step", "load", "close"]), kinds=KINDS)
    def listener_asks(self, which, action, kinds):
        one = self.move(which)
        for expected in one.expected:
            expected.certain = False
        new = [Expected(kind) for kind in kinds] if action == "load" else []
        for expected in new:
            expected.certain = False
        actions = {"close": one.close, "load": lambda: one.load(new)}
        one.listener.todo.append(actions.get(action, lambda: one.ask(action, None)))

    @rule(which=WHICH, actions=st.lists(st.sampled_from(["play", "step", "pause"]), max_size=4), some=SOME)
    def ask_and_wait(self, which, actions, some):
        for action in actions:
            self.move(which).ask(action, some)
        self.wait_for(self.move(which))

    @rule(which=st.sampled_from([[0], [1], [0, 1], [1, 0]]))
    def wait(self, which):
        for one in which:
            self.wait_for(self.move(one))

    def wait_for(self, one):
        raised = None
        try:
            assert one.engine.wait(PATIENCE)
        except (LookupError, cx.ClassifierError) as error:
            raised = error
        assert raised is next((state.error for state in one.engine.states if state.error is not None), None)
        if not one.closing:
            for state, expected in zip(one.engine.states, one.expected, strict=True):
                expected.check(state)
                expected.certain = not one.listener.todo
            if one.listener.statuses:
                assert one.listener.statuses[-1] == one.listener.status()
        one.resting = one.moved()

    @rule(which=WHICH)
    def look(self, which):
        engine = self.engines[which].engine
        assert engine.seconds_left is None or engine.seconds_left >= 0
        for state, expected in zip(engine.states, self.engines[which].expected, strict=False):
            if state.steps_done and expected.is_mask and not state.error:
                try:
                    assert state.explanation().steps_done <= state.steps_done
                except (LookupError, cx.ClassifierError):
                    assert not expected.sound

    @rule(which=WHICH, index=st.integers(0, 2))
    def release(self, which, index):
        """What is done goes on in the other engine."""
        one, other = self.move(which), self.move(1 - which)
        if index < len(one.expected):
            state, expected = one.engine.states[index], one.expected[index]
            try:
                one.engine.release(index)
            except RuntimeError:
                assert state.released or not (state.status == "done" and state.settled)
            else:
                assert state.released
                assert state.steps_done >= expected.task.steps
                gone_on = Expected.__new__(Expected)
                gone_on.sound, gone_on.is_mask, gone_on.task = expected.sound, expected.is_mask, expected.task
                gone_on.rest()
                other.load([gone_on])

    @rule(which=WHICH, kinds=KINDS)
    def close(self, which, kinds):
        """A closed engine stays closed; the orders go on with another."""
        one = self.move(which)
        one.close()
        one.close()
        one.resting = one.moved()
        for action in ("play", "step", "pause"):
            one.ask(action, None)
        one.load([])
        self.past.append(one)
        self.engines[which] = Watched(kinds)

    @invariant()
    def no_thread_too_many(self):
        assert len(workers()) <= len(self.engines)

    @invariant()
    def nothing_runs_backwards(self):
        for one in (*self.engines, *self.past):
            one.check()
        for expected in [expected for one in self.engines for expected in one.expected]:
            task = expected.task
            assert task.steps_done >= self.steps.get(task, 0)
            self.steps[task] = task.steps_done
            steps = [frame.step for frame in task.frames]
            assert steps == sorted(set(steps))

    def teardown(self):
        try:
            for one in self.engines:
                self.wait_for(one)
        finally:
            for one in self.engines:
                one.close()
                one.resting = None
        for one in (*self.engines, *self.past):
            one.check()
        assert workers() == []


# Threads make no order come twice the same way, so there is nothing to shrink.
Orders.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TestOrders = Orders.TestCase
