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
        (0.007, 1, 0.1),
        (0.014, 1, 0.2),
        (0.035, 1, 0.5),
        (0.5, 1, 1.0),
        (9, 1, 1.0),
        (0.0, 5, 0.1),
        (0.014, 5, 1.0),
        (0.014, 1.5, 0.3),
        (9, 1.5, 1.5),
        (9, 15, 2.5),
    ],
)
def test_frames_that_take_long_are_made_less_often(cost, runs_a_core, interval):
    """Making them takes at most 7 % of the time that a run has; one is due in a second, or 2.5 where many run."""
    clock = Clock()
    pacer = Pacer(clock)
    pacer.sent(0, cost, runs_a_core=runs_a_core)
    pacer.answered(0)
    clock.now = interval * 0.99
    assert not pacer.due()
    clock.now = interval * 1.01
    assert pacer.due()


def shown(pacer, clock, seconds, *, every, costs):
    """When frames of these costs come, by whether they are ready, as with every so many steps of 0.11 s."""
    found = {True: [], False: []}
    for step in range(1, round(seconds / 0.11) + 1):
        clock.now = step * 0.11
        ready = step % every == 0
        if pacer.due(ready=ready):
            pacer.sent(step, costs[ready], ready=ready)
            pacer.answered(step)
            found[ready].append(clock.now)
    return found


def test_a_frame_that_costs_a_pass_comes_between_ready_ones_when_they_leave_time_for_it():
    clock = Clock()
    cheap = shown(Pacer(clock), clock, 30, every=3, costs={True: 0.006, False: 0.03})
    assert len(cheap[True]) >= 85  # of 90
    assert 10 <= len(cheap[False]) <= (0.07 * 30 - 0.006 * len(cheap[True])) / 0.03 + 1
    dear = shown(Pacer(clock := Clock()), clock, 30, every=3, costs={True: 0.02, False: 0.1})
    assert len(dear[True]) >= 85
    assert len(dear[False]) <= 2
    slow = shown(Pacer(clock := Clock()), clock, 30, every=50, costs={True: 0.006, False: 0.2})
    assert len(slow[False]) >= 20  # one a second all the same


def test_rests_are_classified_so_rarely_that_they_take_little():
    clock = Clock()
    pacer = Pacer(clock)
    assert pacer.rests_due()
    pacer.sent(0, cost=0.02, with_rest=True)
    clock.now = 0.99
    assert not pacer.rests_due()
    pacer.sent(1, cost=0.02)
    clock.now = 1.01
    assert pacer.rests_due()


def test_a_pause_saves_no_time_for_frames():
    clock = Clock()
    pacer = Pacer(clock)
    for index, clock.now in enumerate((0.0, 60.0)):
        pacer.sent(index, cost=0.035)
        pacer.answered(index)
    clock.now = 60.4
    assert not pacer.due()
