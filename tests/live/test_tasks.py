"""What a task records of its steps."""

import numpy as np
import pytest
import toys

from cartoonx_widgets.live import Engine, MaskTask


class Counting(toys.Toy):
    """Counts the images that it is given without a gradient, as those of frames are."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def forward(self, image):
        self.seen += 0 if image.requires_grad else len(image)
        return super().forward(image)


@pytest.fixture
def run():
    """A task, every fourth step of which classifies the clean cartoon, and how many images its frames have cost."""
    optimization = toys.optimization(Counting(), clean_fraction=0.125, samples=2)
    made = MaskTask(optimization, 0)
    counted = next(part for part in optimization.classifier.module.modules() if isinstance(part, Counting))

    def cost(record):
        before = counted.seen
        return record(), counted.seen - before

    return made, cost


def steps(run, count):
    for _ in range(count):
        run.step()


def test_a_frame_is_of_the_mask_that_a_step_has_classified(run):
    task, cost = run
    steps(task, 5)
    assert task.frame_ready
    snapshot, images = cost(lambda: task.record(final=False, rest=False))
    assert (snapshot.frame.step, images) == (4, 0)
    assert snapshot.frame.probabilities_rest is None
    assert snapshot.classified is task.frames[0]
    steps(task, 4)
    snapshot, images = cost(lambda: task.record(final=False, rest=True))
    assert (snapshot.frame.step, images) == (8, 1)
    assert snapshot.classified is snapshot.frame


def test_where_no_step_has_classified_a_newer_mask_a_frame_is_of_the_newest(run):
    task, cost = run
    steps(task, 1)
    assert not task.frame_ready
    snapshot, images = cost(lambda: task.record(final=False, rest=False))
    assert (snapshot.frame.step, images) == (1, 1)
    steps(task, 1)
    snapshot, images = cost(lambda: task.record(final=False, rest=True))
    assert (snapshot.frame.step, images) == (2, 2)
    assert task.record(final=False) is None


def test_the_last_frame_has_its_rest(run):
    task, cost = run
    steps(task, 2)
    before = task.record(final=False, rest=False).frame
    assert before.probabilities_rest is None
    snapshot, _ = cost(lambda: task.record(final=True))
    assert (snapshot.frame_index, snapshot.frame.step) == (1, 2)
    assert task.frames[1:] == (snapshot.frame,)
    assert np.allclose(snapshot.frame.probabilities, before.probabilities, atol=1e-6)
    explanation = task.explanation()
    assert snapshot.probability_rest == pytest.approx(explanation.probability_rest, abs=1e-6)
    assert task.record(final=True) is None


def test_frames_of_a_watched_run_count_only_what_is_new(run):
    """The last frame is sent again with its rest, under the number that it had."""
    task, _ = run
    serials = []

    class Listener:
        def on_frames(self, snapshots, serial):
            serials.append((serial, snapshots[0].frame_index))

        def on_status(self):
            pass

        on_result = on_error = lambda *_: None

    engine = Engine([task], Listener())
    engine.play()
    assert engine.wait(60)
    engine.close()
    assert serials
    assert all(serial == index for serial, index in serials)
    assert task.frames[-1].probabilities_rest is not None
