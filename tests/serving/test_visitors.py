"""Visitors: who has a place, who waits, and what becomes of the widgets of those who leave."""

import asyncio
import threading

import pytest
import toys
from pages import happens

from cartoonx_widgets.serving import teacher
from cartoonx_widgets.serving import visitors as module
from cartoonx_widgets.serving.frames import unpack
from cartoonx_widgets.serving.teacher import Broadcast
from cartoonx_widgets.serving.visitors import Visitors
from cartoonx_widgets.widgets.explorer.widget import Explorer


class Told:
    """A connection that remembers what it was sent."""

    def __init__(self):
        self.frames, self.closed = [], None

    def send(self, frame, kind=""):
        self.frames.append(unpack(frame)[0])

    def end(self, code, reason):
        self.closed = code

    async def room_to_send(self):
        pass

    @property
    def newest(self):
        return self.frames[-1]["method"] if self.frames else None

    async def opened(self):
        await until(lambda: any(frame["method"] == "open" for frame in self.frames))


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def explorer():
    return Explorer(toys.image(), classifier=toys.classifier())


class Class:
    """Two places."""

    def __init__(self, make=explorer):
        self.visitors, self.make = Visitors(2), make
        self.visits = {}

    def come(self, visit, page="explorer", sent=lambda _visitor, _data, _frame: None):
        connection = Told()

        def entered(visitor):
            self.visits[connection] = visitor

        self.visitors.come(visit, page, connection, self._make, entered, sent=sent)
        return connection

    def _make(self):
        return self.make()

    def leave(self, connection, *, left=True):
        if connection in self.visits:
            self.visits.pop(connection).disconnect(connection, left=left)
        self.visitors.leave(connection)


@pytest.fixture
def times(monkeypatch):
    monkeypatch.setattr(module, "_RELOADING", 0.0)
    monkeypatch.setattr(module, "_LOST", 3600.0)


def test_one_more_than_there_are_places_waits_and_comes_in_when_one_is_free(times):
    async def story():
        ours = Class()
        first, second, third, fourth = (ours.come(name) for name in ("a", "b", "c", "d"))
        await asyncio.gather(first.opened(), second.opened())
        assert third.frames[-1] == {"method": "waiting", "place": 1, "of": 2}
        assert fourth.frames[-1] == {"method": "waiting", "place": 2, "of": 2}
        third_again = ours.come("c")  # before the first connection has been noticed to be lost
        assert third_again.frames[-1] == {"method": "waiting", "place": 1, "of": 2}
        ours.leave(third)
        ours.leave(third_again)  # who waits may leave as well
        assert fourth.frames[-1] == {"method": "waiting", "place": 1, "of": 1}
        widget = ours.visits[first].widget
        ours.leave(first)
        ours.visitors.look_after()
        await fourth.opened()
        await until(lambda: widget.comm is None)
        assert "waiting" not in {frame["method"] for frame in second.frames}
        await ours.visitors.close()

    happens(story())


def test_who_reloads_finds_the_same_widget_and_who_goes_on_keeps_the_place(times):
    async def story():
        ours = Class()
        first = ours.come("a")
        ours.come("b")
        await first.opened()
        widget = ours.visits[first].widget
        again = ours.come("a")  # before the first has been noticed to be gone
        assert first.closed == 4001
        ours.leave(first)
        ours.visitors.look_after()
        await again.opened()
        assert ours.visits[again].widget is widget
        lab = ours.come("a", "lab")
        await lab.opened()
        assert ours.visits[lab].widget is not widget
        await until(lambda: widget.comm is None)
        await ours.visitors.close()

    happens(story())


def test_a_lost_connection_keeps_its_place_for_a_while(times):
    async def story():
        ours = Class()
        first = ours.come("a")
        await first.opened()
        ours.leave(first, left=False)
        ours.visitors.look_after()
        assert "a" in ours.visitors._here
        await ours.visitors.close()

    happens(story())


def test_messages_are_answered_in_turn_and_failures_are_told(times):
    async def story():
        ours = Class()
        page = ours.come("a")
        await page.opened()
        visitor = ours.visits[page]
        for content in ({"type": "ready"}, {"type": "nothing of ours"}, {"type": "step"}):
            visitor.hear({"method": "custom", "content": content}, [])
        visitor.hear({"method": "update", "state": {"steps": 5}}, [])
        await until(lambda: sum(frame.get("content", {}).get("type") == "error" for frame in page.frames) == 2)
        await until(lambda: any(frame.get("content", {}).get("index") == 1 for frame in page.frames))
        ready = {"method": "custom", "content": {"type": "ready"}}
        with pytest.raises(OverflowError, match="too many messages"):
            [visitor.hear(ready, []) for _ in range(1000)]
        await ours.visitors.close()

    happens(story())


def test_whose_messages_cost_much_waits_while_others_compute(times, monkeypatch):
    """A second of a core is free; what is beyond it is paid with the share of a core that each run has."""
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async def story():
        ours = Class()
        page = ours.come("a")
        await page.opened()
        monkeypatch.setattr(type(module.TURNS), "others", property(lambda _turns: 9))
        with monkeypatch.context() as patched:
            patched.setattr(module, "_answer", lambda *_: 0.6)
            patched.setattr(module.asyncio, "sleep", sleep)
            for _ in range(3):
                ours.visits[page].hear({"method": "custom", "content": {"type": "ready"}}, [])
            while len(waits) < 3:
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
            await ours.visitors.may_come("a")
            await ours.visitors.may_come("nobody's")
        assert waits[0] == 0
        assert waits[1:] == [pytest.approx(expected, abs=1) for expected in (2, 8, 8.5)]
        await ours.visitors.close()

    happens(story())


def test_a_widget_that_cannot_be_made_is_told(times):
    async def story():
        def fail():
            raise ValueError("no such thing")

        ours = Class(fail)
        page = ours.come("a")
        await until(lambda: page.newest == "failed")
        assert page.frames[-1]["reason"] == "no such thing"
        ours.make = explorer
        again = ours.come("a")  # who reloads tries again
        await again.opened()
        await ours.visitors.close()

    happens(story())


def test_who_leaves_while_the_widget_is_made_leaves_nothing_behind(times):
    async def story():
        made, may_be_made = [], threading.Event()

        def slowly():
            may_be_made.wait(30)
            made.append(explorer())
            return made[-1]

        ours = Class(slowly)
        page = ours.come("a")
        ours.leave(page)
        ours.visitors.look_after()
        may_be_made.set()
        await ours.visitors.close()
        assert made[0].comm is None

    happens(story())


def test_followers_see_the_teacher_and_who_comes_later_sees_all_of_it(times):
    async def story():
        ours, broadcast = Class(), Broadcast()
        early = Told()
        broadcast.join(early)
        assert early.frames == [{"method": "nothing"}]
        page = ours.come("a", sent=broadcast.take)
        teacher = broadcast.teacher = ours.visits[page]
        await page.opened()
        teacher.hear({"method": "custom", "content": {"type": "ready"}}, [])
        for step in (1, 2):
            teacher.hear({"method": "custom", "content": {"type": "step"}}, [])
            await until(lambda step=step: shown(early)[-1:] == [step])
        late = Told()
        broadcast.join(late)
        assert [frame["method"] for frame in late.frames[:1]] == ["open"]
        assert {"setup", "settings", "status"} <= {frame["content"]["type"] for frame in late.frames[1:]}
        assert shown(late) == [0, 1, 2]
        teacher.hear({"method": "custom", "content": {"type": "frame", "index": 0}}, [])  # it looks back by itself
        teacher.hear({"method": "custom", "content": {"type": "reset"}}, [])
        await until(lambda: shown(late)[-1] == 0)
        assert shown(late) == [0, 1, 2, 0]
        assert len(broadcast._frames) == 1
        await ours.visitors.close()

    happens(story())


def test_one_holder_of_the_token_fills_neither_the_queue_nor_the_followers_without_end(times, monkeypatch):
    monkeypatch.setattr(module, "MOST_IN_QUEUE", 3)
    monkeypatch.setattr(teacher, "MOST_FOLLOWERS", 3)

    async def story():
        ours, broadcast = Class(), Broadcast()
        here = [ours.come(f"visit {number}") for number in range(2)]
        waiting = [ours.come(f"visit {number}") for number in range(2, 9)]
        assert [page.closed for page in waiting] == [None] * 3 + [module.CROWDED] * 4
        assert ours.come("visit 4").newest == "waiting"  # who waits already may reload
        await asyncio.gather(*(page.opened() for page in here))
        teaches = Told()
        ours.visitors.come("teacher", "explorer", teaches, explorer, lambda _: None, sent=broadcast.take, waits=False)
        await teaches.opened()  # the teacher always gets in
        followers = [Told() for _ in range(5)]
        for follower in followers:
            broadcast.join(follower)
        assert [page.closed for page in followers] == [None] * 3 + [module.CROWDED] * 2
        broadcast.leave(followers[0])
        late = Told()
        broadcast.join(late)
        assert late.newest == "nothing"
        await ours.visitors.close()

    happens(story())


def shown(told):
    """The indices of the frames that were sent."""
    contents = (frame.get("content", {}) for frame in told.frames)
    return [content["index"] for content in contents if content.get("type") == "frame"]
