"""When a frame is due."""

import pytest
from watching import Clock

from cartoonx_widgets.live import Pacer


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
    ("cost", "runs_a_core", "interval"),
    [
        (0.0, 1, 0.1),
        (0.005, 1, 0.1),
        (0.01, 1, 0.2),
        (0.025, 1, 0.5),
        (0.5, 1, 1.0),
        (9, 1, 1.0),
        (0.0, 5, 0.1),
        (0.01, 5, 1.0),
        (0.01, 1.5, 0.3),
        (9, 1.5, 1.5),
        (9, 15, 2.5),
    ],
)
def test_frames_that_take_long_are_made_less_often(cost, runs_a_core, interval):
    """Making them takes at most 5 % of the time that a run has; one is due in a second, or 2.5 where many run."""
    clock = Clock()
    pacer = Pacer(clock)
    pacer.sent(0, cost, runs_a_core=runs_a_core)
    pacer.answered(0)
    clock.now = interval * 0.99
    assert not pacer.due()
    clock.now = interval * 1.01
    assert pacer.due()
