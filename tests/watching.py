"""A listener, clocks and noise with which tests watch an engine."""

import threading

import toys

from cartoonx_widgets.live import HeatMapTask, MaskTask

PATIENCE = 60  # seconds after which a test gives up


class Clock:
    """A clock that the tests turn."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class EachStep(Clock):
    """A clock on which five seconds pass whenever it is looked at: a frame is always due."""

    def __call__(self):
        self.now += 5
        return self.now


class Listener:
    """Keeps what it is told; `when` runs a function at a frame of some step, in the engine's thread."""

    def __init__(self, *, answer=False):
        self.told, self.statuses, self.results, self.errors = [], [], [], []
        self.answer, self.engine = answer, None
        self.when = {}

    @property
    def frames(self):
        return tuple(snapshot.frame for snapshot in self.told)

    def frames_of(self, optimization):
        """The frames of one optimisation, in the order in which they came, which is that of the recording."""
        told = [snapshot for snapshot in self.told if snapshot.optimization is optimization]
        assert [snapshot.frame_index for snapshot in told] == list(range(1, len(told) + 1))  # the first is not told
        return tuple(snapshot.frame for snapshot in told)

    def on_frames(self, snapshots, serial):
        self.told += snapshots.values()
        for snapshot in snapshots.values():
            if snapshot.frame.step in self.when:
                self.when[snapshot.frame.step]()
        if self.answer:
            self.engine.pacer.answered(serial)

    def on_status(self):
        self.statuses.append(self.status())

    def status(self):
        """What is to be known of each task: its status, and whether there is a result."""
        return [(state.status, state.result is not None) for state in self.engine.states]

    def on_result(self, index, explanation):
        self.results.append((index, explanation))

    def on_error(self, index, error):
        self.errors.append((index, error))


class Stopping:
    """Noise that lets a test hold the run inside a step: `reached` is set there, `go_on` lets it go."""

    def __init__(self, step):
        self.step, self.reached, self.go_on = step, threading.Event(), threading.Event()

    def __call__(self, step):
        if step == self.step:
            self.reached.set()
            assert self.go_on.wait(PATIENCE)
        return noise(step)


class BreaksOnce:
    """Noise that switches a classifier's fault on in one step, and off again for the next time."""

    def __init__(self, switch, step, draws=None):
        self.switch, self.step, self.draws = switch, step, draws or noise

    def __call__(self, step):
        self.switch.on = step == self.step
        self.step = None if self.switch.on else self.step
        return self.draws(step)


def noise(step):
    """The draws of a step of `toys.optimization`."""
    return toys.gaussian((1, 4, 3, 1267), step)


def task(*args, seed=0, **settings):
    """A mask's optimisation of the toy as a task."""
    return MaskTask(toys.optimization(*args, seed=seed, **settings), seed)


def heat_map(make=None):
    """A heat map as a task: that of one step of an optimisation, or what `make` returns."""

    def explanation():
        one = task()
        one.step()
        return one.explanation()

    return HeatMapTask(make or explanation)


def workers():
    """The threads of all engines."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("cartoonx")]
