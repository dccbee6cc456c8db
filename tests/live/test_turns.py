"""Runs that take turns: one at a time, or as many as there are cores, with the same share of time for each."""

import threading
import time

import pytest
import torch

from cartoonx_widgets.live.turns import Turns


class Run:
    """Takes turns that last so many seconds, until it is told to stop."""

    def __init__(self, turns, seconds, inside):
        self.turns, self.seconds, self.inside = turns, seconds, inside
        self.taken, self.stopped = 0, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stopped.is_set():
            with self.turns.turn(self):
                self.inside.append(self)
                self.turns.at_once = max(getattr(self.turns, "at_once", 0), len(self.inside))
                time.sleep(self.seconds)
                self.inside.remove(self)
            self.taken += 1


def play(turns, *seconds, until=30):
    """Let runs of these steps go on until the first of them has taken so many; how many each has taken."""
    inside = []
    runs = [Run(turns, each, inside) for each in seconds]
    for run in runs:
        run.thread.start()
    while runs[0].taken < until:
        time.sleep(0.001)
    for run in runs:
        run.stopped.set()
    for run in runs:
        run.thread.join()
    return [run.taken for run in runs]


def test_one_computes_at_a_time_and_all_as_often():
    turns = Turns()
    taken = play(turns, 0.002, 0.002, 0.002)
    assert turns.at_once == 1
    assert max(taken) < 4 * min(taken)


def test_long_steps_take_no_larger_share_of_time():
    turns = Turns()
    short, long = play(turns, 0.002, 0.02)
    assert 0.5 < short * 0.002 / (long * 0.02) < 2.5


def test_who_begins_later_does_not_make_up_for_it():
    turns = Turns()
    play(turns, 0.002, until=50)
    first, second = play(turns, 0.002, 0.002)
    assert second < 2 * first  # and not 50 more


@pytest.fixture
def two_cores(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    yield
    torch.set_num_threads(before)


def test_cores_are_shared_while_there_are_several(two_cores):
    turns = Turns()
    turns.share_cores()
    play(turns, 0.002, 0.002, 0.002, 0.002)
    assert turns.at_once == 2


def test_one_alone_has_all_cores(two_cores, monkeypatch):
    set_to = []
    monkeypatch.setattr(torch, "set_num_threads", set_to.append)
    turns = Turns()
    turns.share_cores()
    play(turns, 0.001, until=3)
    assert set(set_to) == {2}
    assert turns.others == 0
    assert turns.runs_a_core == 1


def test_runs_that_have_just_computed_share_the_cores(two_cores):
    turns = Turns()
    turns.share_cores()
    runs = [Run(turns, 0, []) for _ in range(5)]
    for run in runs:
        with turns.turn(run):
            pass
    assert turns.runs_a_core == len(runs) / 2


def test_a_failure_gives_the_turn_back():
    turns = Turns()
    run = Run(turns, 0, [])
    with pytest.raises(ValueError, match="no"), turns.turn(run):
        raise ValueError("no")
    with turns.turn(run):
        pass
